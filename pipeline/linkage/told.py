"""What a run says of its own linkage: its model, how far its pairs drifted from the model's, how far it reached.

Leaves `link_model` (one row), `link_level` (what each level weighs in it) and `model_drift` (a row a field).
"""

from __future__ import annotations

import math

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.context import Context
from pipeline.linkage.decide import people
from pipeline.linkage.drift import drift, shares

MODEL = {
    "version": "VARCHAR", "trained_on": "VARCHAR", "sha256": "VARCHAR", "link_at": "DOUBLE", "review_at": "DOUBLE",
    "matched_share": "DOUBLE", "reach": "DOUBLE",
}  # fmt: skip
LEVEL = {"field": "VARCHAR", "level": "VARCHAR", "weight": "DOUBLE"}
DRIFT = {"field": "VARCHAR", "psi": "DOUBLE", "word": "VARCHAR"}
# Fewer pairs than this say nothing about a distribution.
_FEWEST_PAIRS = 200


def tell(engine: DuckEngine, context: Context) -> None:
    """Make the tables from what `settle` left."""
    model, spec = context.model, context.spec
    row = (
        model.version, model.trained_on, model.sha256, model.link_at, model.review_at, matched_share(engine),
        reach(engine, context),
    )  # fmt: skip
    engine.drop("link_model")
    engine.load("link_model", pl.DataFrame([row], orient="row", schema=_frame_schema(MODEL)), MODEL)
    levels = [(f.id, level.label, round(level.weight, 4)) for f in model.fields for level in f.levels]
    engine.drop("link_level")
    engine.load("link_level", pl.DataFrame(levels, orient="row", schema=_frame_schema(LEVEL)), LEVEL)
    patterns = engine.rows("SELECT * FROM first_pattern")
    found = drift(model, shares(spec.labels, patterns)) if int(patterns["n"].sum()) >= _FEWEST_PAIRS else []
    rows = [(d.field, d.psi, d.word) for d in found]
    engine.drop("model_drift")
    engine.load("model_drift", pl.DataFrame(rows, orient="row", schema=_frame_schema(DRIFT)), DRIFT)


def _frame_schema(columns: dict[str, str]) -> dict[str, type[pl.DataType]]:
    return {name: pl.String if kind == "VARCHAR" else pl.Float64 for name, kind in columns.items()}


def matched_share(engine: DuckEngine) -> float | None:
    """How many of this run's loose persons are somebody known, by the lists they stand in; null where there is none."""
    number = people(engine)
    bits = engine.rows("SELECT bits, count(*) AS n FROM nobody GROUP BY bits ORDER BY bits")
    if not bits.height:
        return None
    known = math.fsum(n * number / (number + 2**b) for b, n in bits.iter_rows())
    return round(known / int(bits["n"].sum()), 6)


def reach(engine: DuckEngine, context: Context) -> float | None:
    """The share of true pairs that blocking keys reached, estimated where the truth is not known; null for few links.

    Of the links with a number on both sides, those that keys on the number found and those that the other keys found
    are two catches of one population (Chapman's estimate of its size): keys that find little of what the others found
    miss much that nobody found.
    """
    by_number = sum(1 << n for n, b in enumerate(context.spec.blocks) if b.family == "number")
    others = sum(1 << n for n, b in enumerate(context.spec.blocks) if b.family != "number")
    counted = engine.rows(
        "SELECT count(*) FILTER (blocks & $number > 0) AS number, count(*) FILTER (blocks & $others > 0) AS others, "
        "count(*) FILTER (blocks & $number > 0 AND blocks & $others > 0) AS both, count(*) AS every FROM pair_decision "
        "WHERE decision = 'link' AND blocks IS NOT NULL AND strpos(pattern, 'id=unknown') = 0",
        {"number": by_number, "others": others},
    ).row(0)
    number, other, both, all_ = (int(n) for n in counted)
    if all_ < _FEWEST_PAIRS:
        return None
    size = (number + 1) * (other + 1) / (both + 1) - 1
    return float(round(min(1.0, all_ / max(size, 1.0)), 6))
