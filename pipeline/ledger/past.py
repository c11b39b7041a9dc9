"""What the ledger knows of the months before one: read in one go, without keeping the file open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipeline import vault
from pipeline.ledger.causes import Side, Subject
from pipeline.ledger.facts import ROSTER_ROW, Facts, Rosters
from pipeline.ledger.judged import standing_rulings
from pipeline.ledger.states import Past, Seen
from pipeline.ledger.store import opened

# What a finding said, as the ledger keeps it (table `detail`).
DETAIL = (
    "category", "severity", "confidence", "scheme", "village", "household_no", "name", "id_number", "screened",
    "evidence", "summary", "basis", "match_probability", "money",
)  # fmt: skip
_LAST = f"""
SELECT f.fingerprint, f.rule_id, f.town, f.status, f.first_month, coalesce(f.life, f.fingerprint) AS life, f.detail,
       CAST(d.evidence_values AS VARCHAR) AS evidence_values, d.records, {", ".join(f"d.{c}" for c in DETAIL)}
FROM finding f LEFT JOIN detail d ON d.no = f.detail
WHERE f.run_no = $run AND f.status <> 'resolved'
"""
_EVER = """
SELECT f.fingerprint, any_value(coalesce(f.life, f.fingerprint)) AS life, min(f.first_month) AS first_month
FROM finding f JOIN run r USING (run_no)
SEMI JOIN found_now n ON n.fingerprint = f.fingerprint
WHERE r.standing AND r.month < $month
GROUP BY f.fingerprint
"""


@dataclass(frozen=True)
class History:
    """`Past`, and what the month before said of its findings: fingerprint → the columns of `DETAIL`, `detail`."""

    past: Past = field(default_factory=lambda: Past({}, {}, {}, None))
    said: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    run_no: int | None = None
    month: str | None = None


def read_past(path: Path, month: str, found: pl.DataFrame) -> History:
    """What the ledger knows for a run of `month` that found `found` (column fingerprint); empty without a ledger."""
    if not vault.there(path):
        return History()
    with opened(path) as con:
        con.register("found_now", found.to_arrow())
        return _read(con, month)


def _read(con: duckdb.DuckDBPyConnection, month: str) -> History:
    rulings = standing_rulings(con)
    latest = con.execute(
        "SELECT run_no, month, facts FROM run WHERE standing AND month < ? ORDER BY month DESC LIMIT 1", [month]
    ).fetchall()
    if not latest:
        return History(Past({}, {}, rulings, None))
    run_no, before, facts = latest[0]
    said = {r["fingerprint"]: r for r in con.sql(_LAST, params={"run": run_no}).pl().iter_rows(named=True)}
    ever = con.sql(_EVER, params={"month": month}).pl()
    columns = ", ".join(ROSTER_ROW)
    rosters = con.sql(f"SELECT {columns} FROM roster_row WHERE run_no = $run", params={"run": run_no}).pl()
    then = Side(
        Facts.from_json(facts) if facts else None, Rosters(rosters.cast(ROSTER_ROW)) if facts else None
    )  # fmt: skip
    last = {f: Seen(_subject(r), f, r["life"], r["status"], r["first_month"]) for f, r in said.items()}
    known = {f: (life, first) for f, life, first in ever.iter_rows()}
    return History(Past(last, known, rulings, then), said, run_no, before)


def _subject(row: Mapping[str, Any]) -> Subject:
    return Subject(
        row["rule_id"], row["category"], row["scheme"], row["town"], row["household_no"], row["name"],
        row["id_number"], row["evidence_values"] or "",
        frozenset((d, int(h)) for d, h in json.loads(row["records"] or "[]")),
    )  # fmt: skip
