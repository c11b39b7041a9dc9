"""What a run says of its own linkage: the model, the drift of its candidates from the model's, how far it reached."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import polars as pl
import pytest

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.context import Context
from pipeline.linkage.county import county_spec
from pipeline.linkage.model import default_model
from pipeline.linkage.settle import DECISION
from pipeline.linkage.told import reach, tell

SPEC = county_spec()
MODEL = default_model()
NUMBER = next(1 << n for n, b in enumerate(SPEC.blocks) if b.family == "number")
OTHER = next(1 << n for n, b in enumerate(SPEC.blocks) if b.family == "contact")


def decisions(engine: DuckEngine, *told: tuple[int, int | None, str, str]) -> None:
    """`pair_decision` of so many pairs each: (how many, the keys that found them, decision, what the numbers say)."""
    rows = [
        (f"l{i}-{n}", f"r{i}-{n}", decision, f"name=equal id={number} birth=equal", blocks)
        for i, (count, blocks, decision, number) in enumerate(told)
        for n in range(count)
    ]
    names = ["left_person", "right_person", "decision", "pattern", "blocks"]
    engine.drop("pair_decision")
    engine.load("pair_decision", pl.DataFrame(rows, orient="row", schema=dict.fromkeys(names[:4], pl.String)
                                              | {"blocks": pl.Int64}), DECISION)  # fmt: skip


def reached(engine: DuckEngine) -> float | None:
    return reach(engine, Context({}, SPEC, MODEL, ()))


def test_reach_is_the_share_of_the_people_that_two_catches_estimate(engine: DuckEngine) -> None:
    decisions(
        engine,
        (150, NUMBER | OTHER, "link", "one_off"),
        (50, NUMBER, "link", "one_off"),
        (100, OTHER, "link", "swap"),
    )
    estimate = 201 * 251 / 151 - 1  # Chapman: (caught first + 1)(caught second + 1) / (caught twice + 1) − 1
    assert reached(engine) == pytest.approx(300 / estimate, abs=1e-6)


def test_reach_counts_links_between_two_numbers_only(engine: DuckEngine) -> None:
    sound = (300, NUMBER | OTHER, "link", "one_off")
    decisions(engine, sound)
    alone = reached(engine)
    decisions(
        engine, sound, (90, OTHER, "link", "unknown"), (90, OTHER, "review", "one_off"), (90, None, "link", "two_valid")
    )
    assert reached(engine) == alone == 1.0


def test_few_links_say_nothing_of_reach(engine: DuckEngine) -> None:
    decisions(engine, (199, NUMBER | OTHER, "link", "one_off"))
    assert reached(engine) is None
    decisions(engine, (200, NUMBER | OTHER, "link", "one_off"))
    assert reached(engine) == 1.0


def patterns(engine: DuckEngine, skew: float) -> None:
    """`first_pattern` with the model's own shares; of `name`, `skew` of the pairs stand at the weakest level instead.

    The fields' runs of levels are laid side by side and cut at every edge: each field keeps its shares.
    """
    total, runs, edges = 1_000_000, {}, {0, 1_000_000}
    for field in SPEC.fields:
        shares = list(MODEL.shares[field.id])
        if field.id == "name":
            shares = [s * (1 - skew) for s in shares]
            shares[0] += skew
        at, run = 0.0, []
        for level, share in zip([*range(len(field.levels)), None], shares, strict=True):
            run.append((round(at * total), round((at + share) * total), level))
            at += share
        run[-1] = (run[-1][0], total, None)
        runs[field.id] = run
        edges |= {edge for begin, end, _ in run for edge in (begin, end)}
    rows = [
        {name: next(level for begin, end, level in run if begin <= a < end) for name, run in runs.items()}
        | {"n": b - a}
        for a, b in pairwise(sorted(edges))
    ]
    engine.drop("first_pattern")
    engine.load("first_pattern", pl.DataFrame(rows, schema=dict.fromkeys(runs, pl.Int8) | {"n": pl.Int64}))
    engine.run("SELECT 65536 AS n", into="sound_count")
    engine.run(
        "SELECT * FROM (VALUES ('a', 16.0), ('b', 16.0), ('c', 10.0), ('d', 20.0)) v(person, bits)", into="nobody"
    )


def told(engine: DuckEngine) -> dict[str, tuple[float, str]]:
    """Field → its index and reading."""
    decisions(engine, (1, OTHER, "link", "one_off"))
    tell(engine, Context({}, SPEC, MODEL, ()))
    return {f: (psi, word) for f, psi, word in engine.rows("SELECT field, psi, word FROM model_drift").iter_rows()}


def test_a_run_like_the_model_s_own_has_not_drifted(engine: DuckEngine) -> None:
    patterns(engine, skew=0.0)
    found = told(engine)
    assert set(found) == {f.id for f in SPEC.fields}
    assert all(word == "stable" and psi < 0.001 for psi, word in found.values())


def test_what_moved_is_told_by_field(engine: DuckEngine) -> None:
    patterns(engine, skew=0.6)
    found = told(engine)
    assert found.pop("name")[1] == "drifted"
    assert {word for _, word in found.values()} == {"stable"}


def test_few_pairs_say_nothing_of_drift(engine: DuckEngine) -> None:
    engine.drop("first_pattern")
    engine.load("first_pattern", pl.DataFrame([dict.fromkeys([f.id for f in SPEC.fields], 0) | {"n": 199}]))
    assert told(engine) == {}


def test_the_model_of_the_run_is_told(engine: DuckEngine) -> None:
    patterns(engine, skew=0.0)
    decisions(engine, (250, NUMBER | OTHER, "link", "one_off"))
    tell(engine, Context({}, SPEC, replace(MODEL, version="of a bureau"), ()))
    row = engine.rows("SELECT * FROM link_model").row(0, named=True)
    assert row["version"] == "of a bureau" and row["sha256"] != MODEL.sha256
    assert (row["link_at"], row["review_at"]) == (MODEL.link_at, MODEL.review_at)
    # of the four loose persons two are as likely somebody as nobody, one is 2 ** 6 times as likely, one 2 ** -4 times
    assert row["matched_share"] == pytest.approx((0.5 + 0.5 + 64 / 65 + 1 / 17) / 4, abs=1e-6)
    assert row["reach"] == 1.0
