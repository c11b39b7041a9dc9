"""Gaps planted in the demonstration county: every id of every scheme, and the truth's own reading bears them out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from checks.catalogue import ARCHIVE_RULES, CHECK_RULES, OWN_RULE, Scope, asked
from pipeline.contract import ROSTERS
from pipeline.demo import make_county
from pipeline.demo.gaps import GAPS
from pipeline.demo.truth.gap_numbers import read_numbers
from pipeline.score.gaps import GapScore, score_gaps

pytestmark = pytest.mark.xdist_group("demo")
MONTH = "2022-10"


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    out = tmp_path_factory.mktemp("gaps") / "county"
    make_county(out, people=3000, seed=11)
    return {n: pl.read_parquet(out / "truth" / f"{n}.parquet") for n in ("gaps", "planted_gaps", "findings", "persons")}


def test_every_id_of_every_scheme_is_planted() -> None:
    planted = {(g.rule_id, g.scheme) for g in GAPS if g.kind == "positive"}
    wanted = {(id, roster) for roster in ROSTERS for id in (*asked(Scope(MONTH, frozenset()), roster), *ARCHIVE_RULES)}
    wanted |= {("patrol_unmatched", "tekun"), ("assessment_unmatched", "tekun")}
    assert planted == wanted
    assert {g.rule_id for g in GAPS if g.kind == "near-miss"} >= set(CHECK_RULES) - {
        "code_unknown",
        "town_unknown",
        OWN_RULE,
    }


def test_the_truth_reads_what_was_planted(truth: dict[str, pl.DataFrame]) -> None:
    gaps = truth["gaps"].filter(~pl.col("optional"))
    keys = set(gaps.select("rule_id", "scheme", "household_no", "item").iter_rows())
    whole = {(rule, scheme, no) for rule, scheme, no, _ in keys}
    near = truth["gaps"].filter(~((pl.col("rule_id") == "identity_conflict") & pl.col("optional")))
    looked = set(near.select("rule_id", "scheme", "household_no", "item").iter_rows())
    assert truth["planted_gaps"].height == len(GAPS)
    for row in truth["planted_gaps"].iter_rows(named=True):
        place = (row["rule_id"], row["scheme"], row["household_no"])
        if row["kind"] == "positive":
            assert (*place, row["item"]) in keys if row["item"] else place in whole, row
        else:
            assert (*place, row["item"]) not in looked if row["item"] else place not in {k[:3] for k in looked}, row


def test_what_is_planted_leaves_the_rules_cases_alone(truth: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    """A household with a gap is on no list that a rule's own case was planted for."""
    numbers = {f"{s}|{n}" for s, n in truth["planted_gaps"].select("scheme", "household_no").iter_rows()}
    care = truth["findings"].filter(pl.col("rule_id").is_in(["patrol_missing", "carer_missing", "care_pay_mismatch"]))
    assert not numbers & {h for houses in care["households"].to_list() for h in houses}


def test_numbers_are_read_as_the_standard_says() -> None:
    numbers = pl.Series(
        ["11010219840406970X", "110102840406970", "110102198404069701", "110102198413069709", None, "无"]
    )
    read = read_numbers(numbers)
    assert read["sound"].to_list() == [True, True, False, False, False, False]
    assert read["key"].to_list()[:2] == ["11010219840406970X"] * 2 and read["old"].to_list()[:2] == [False, True]
    assert str(read["born"][0]) == "1984-04-06" and read["male"][0] is False


def _found(**values: Any) -> dict[str, Any]:
    row = {"category": "data", "rule_id": "code_unknown", "scheme": "dibao", "household_no": "H1", "record_id": "a"}
    return row | {"evidence": '[{"values": {"field": "area"}}]'} | values


def _scored(*found: dict[str, Any]) -> GapScore:
    about = {"rule_id": "code_unknown", "scheme": "dibao"}
    gaps = pl.DataFrame(
        [
            about | {"household_no": "H1", "item": "area", "record_ids": ["a", "b"], "optional": False},
            about | {"household_no": "H2", "item": "sex", "record_ids": ["c"], "optional": True},
        ]
    )
    planted = pl.DataFrame([about | {"kind": "near-miss", "household_no": "H3", "item": "area"}])
    schema = dict.fromkeys(_found(), pl.String)
    (score,) = score_gaps(pl.DataFrame(list(found), schema=schema), gaps, planted)
    return score


def test_the_score_counts_by_row_and_field() -> None:
    sex = {"evidence": '[{"values": {"field": "sex"}}]'}
    assert (_scored().missed, _scored().wrong) == (1, 0)
    assert (_scored(_found()).hits, _scored(_found(record_id="b")).hits) == (1, 1)
    wrong_field = _scored(_found(**sex))
    assert (wrong_field.hits, wrong_field.wrong, wrong_field.missed) == (0, 1, 1)
    twice = _scored(_found(), _found(record_id="b"))
    assert (twice.hits, twice.wrong) == (1, 1)
    either = _scored(_found(record_id="c", household_no="H2", **sex))
    assert (either.tolerated, either.wrong) == (1, 0)
    near = _scored(_found(record_id="d", household_no="H3"))
    assert (near.near_misses_hit, near.wrong) == (1, 1)
