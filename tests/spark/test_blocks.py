"""Blocking on both engines where a key brings too many pairs: split by its part, or left out."""

from __future__ import annotations

import polars as pl
from support.both import BothEngines

from pipeline.engine.duck import DuckEngine
from pipeline.engine.spark import SparkEngine
from pipeline.linkage.blocks import SOUND, find_candidates
from pipeline.linkage.county import Block

PEOPLE = 60


def _engines(spark: SparkEngine) -> BothEngines:
    """Loose persons and sound ones who share one telephone, in three towns; a few share another."""
    both = BothEngines(DuckEngine(), spark)
    towns = [("a", "b", None)[n % 3] for n in range(PEOPLE)]
    phones = ["1" if n < 50 else str(n) for n in range(PEOPLE)]
    loose = {"person": [f"l{n}" for n in range(PEOPLE)], "town": towns, "phone": phones, "roster_order": [1] * PEOPLE}
    sound = loose | {"person": [f"s{n}" for n in range(PEOPLE)]}
    both.load("loose_record", pl.DataFrame(loose))
    both.load("roster_record", pl.DataFrame(sound))
    both.load("contact_record", pl.DataFrame(sound).clear())
    both.load("loose_person", pl.DataFrame({"person": loose["person"]}))
    return both


def _block(split: str) -> Block:
    return Block("phone", "联系电话", "record", "contact", "phone", cap=100, split=split)


def test_a_key_that_brings_too_many_is_split_by_its_part(split: SparkEngine) -> None:
    both = _engines(split)
    (made,) = find_candidates(both, [_block("town")], SOUND)
    assert both.differ == []
    # 50 beside 50, of which 17 of one town meet 17, 17 of another 17, and who has none nobody; ten by themselves
    assert (made.largest, both.count("candidate"), made.dropped) == (2500, 17 * 17 * 2 + 10, 2500 - 17 * 17 * 2)


def test_a_key_that_brings_too_many_is_left_out_where_it_has_no_part(split: SparkEngine) -> None:
    both = _engines(split)
    (made,) = find_candidates(both, [_block("")], SOUND)
    assert both.differ == []
    assert (both.count("candidate"), made.dropped) == (10, 2500)
