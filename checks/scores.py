"""The scores: of the rows a field or document was asked of, how many are complete; by scheme, town and field.

A field's expectations are taken together: a row counts once, is asked when any of them is about it, and complete when
none of them fails on it. So the rows that are not complete are the rows told of in the findings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from checks.model import Check, Suite
from checks.run_tables import MEASURES
from pipeline.contract import TOWNS
from pipeline.engine.duck import DuckEngine
from pipeline.record_words import UNKNOWN_TOWN

# kind: data (a row a roster row or household) | archive (a row a document asked for); zh: the field's heading, or the
# document; town is one of the contract's, or the unknown one.
SCORES: dict[str, Any] = {
    "kind": pl.String,
    "scheme": pl.String,
    "town": pl.String,
    "field": pl.String,
    "zh": pl.String,
    "asked": pl.Int64,
    "complete": pl.Int64,
}


def scores_of(engine: DuckEngine, suites: Sequence[Suite]) -> pl.DataFrame:
    """The scores (`SCORES`) of suites whose tables stand; fields in the order of their expectations."""
    rows = [row for suite in suites for row in _scores(engine, suite)]
    frame = pl.DataFrame(rows, schema=SCORES, orient="row")
    keys = [c for c in SCORES if c not in ("asked", "complete")]
    return frame.group_by(keys, maintain_order=True).agg(pl.col("asked", "complete").sum())


def measures_of(scores: pl.DataFrame) -> pl.DataFrame | None:
    """The scores as the ledger keeps them (`MEASURES`)."""
    if not scores.height:
        return None
    named = scores.select("kind", subject="scheme", town="town", item="field", rows="asked", good="complete")
    return named.cast(pl.Schema(MEASURES))


def field_of(check: Check) -> str:
    """The field or document that a check is about: the third part of its key."""
    parts = check.key.split("/")
    return parts[2] if len(parts) > 2 else check.identity


def _scores(engine: DuckEngine, suite: Suite) -> list[tuple[Any, ...]]:
    fields: dict[str, list[Check]] = {}
    for check in suite.checks:
        fields.setdefault(field_of(check), []).append(check)
    counts = []
    for checks in fields.values():
        asked = " OR ".join(f"({c.condition.about()})" for c in checks)
        failing = " OR ".join(f"coalesce({c.condition.failing()}, false)" for c in checks)
        counts += [f"count(*) FILTER (({asked}) OR {failing})", f"count(*) FILTER (({asked}) AND NOT ({failing}))"]
    where = "town" if "town" in engine.columns(suite.table) else "NULL"
    found = engine.rows(f"SELECT {where} AS town, {', '.join(counts)} FROM {suite.table} GROUP BY 1").rows()
    sums: dict[str, list[int]] = {}
    for town, *numbers in found:
        cell = sums.setdefault(town if town in TOWNS else UNKNOWN_TOWN, [0] * len(numbers))
        for i, number in enumerate(numbers):
            cell[i] += number
    return [
        (suite.category, suite.scheme, town, field, _heading(checks[0], field), *sums[town][2 * n : 2 * n + 2])
        for n, (field, checks) in enumerate(fields.items())
        for town in (*TOWNS, UNKNOWN_TOWN)
        if town in sums and sums[town][2 * n]
    ]


def _heading(check: Check, field: str) -> str:
    return check.words.get("field", field)
