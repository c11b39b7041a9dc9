"""A run put into the ledger, in one transaction: it is there whole, or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from pipeline.ledger.access import note
from pipeline.ledger.compared import Comparison, Row, half_hash
from pipeline.ledger.facts import ROSTER_ROW
from pipeline.ledger.past import DETAIL

_FINDING = {
    "fingerprint": pl.String, "rule_id": pl.String, "town": pl.String, "status": pl.String, "cause": pl.String,
    "first_month": pl.String, "life": pl.String, "replaced": pl.String, "content": pl.String, "detail": pl.Int64,
    "evidence_text": pl.String,
}  # fmt: skip
_KINDS: dict[str, Any] = {"screened": pl.Boolean, "match_probability": pl.Float64, "money": pl.Decimal(18, 2)}
_DETAIL: dict[str, Any] = {
    "content": pl.String, "evidence_values": pl.String, "records": pl.String,
    **{c: _KINDS.get(c, pl.String) for c in DETAIL},
}  # fmt: skip
_ASKED = {"subject": pl.String, "ours": pl.String, "theirs": pl.String}


@dataclass(frozen=True)
class Kept:
    """Where a run's outputs are, and what it asked people. `folder`: OUT as seen from the ledger; `asked`: rows
    subject, ours, theirs (see `pipeline.ledger.links`).
    """

    folder: str | None = None
    manifest: str | None = None
    findings_sha256: str | None = None
    asked: Sequence[tuple[str, str, str]] = ()


def keep(
    con: duckdb.DuckDBPyConnection,
    comparison: Comparison,
    version: str,
    policy: str,
    measures: pl.DataFrame | None,
    kept: Kept,
) -> int:
    """Write one run; returns its number. The month's earlier run, if any, no longer stands."""
    findings, details = _frames(comparison.rows)
    month, facts = comparison.month, comparison.facts
    con.execute("BEGIN")
    number = int(con.execute("SELECT coalesce(max(run_no), 0) + 1 FROM run").fetchall()[0][0])
    con.execute("UPDATE run SET standing = false WHERE month = ? AND standing", [month])
    con.execute(
        "INSERT INTO run SELECT ?, ?, true, ?, ?, ?, ?, ?, ?, ?, ?, now() AT TIME ZONE 'UTC', NULL",
        [number, month, comparison.compared_with, version, policy, comparison.found, kept.folder, kept.manifest,
         kept.findings_sha256, facts.to_json() if facts else None],
    )  # fmt: skip
    con.register("new_detail", details.to_arrow())
    columns = ", ".join(DETAIL)
    con.execute(
        f"INSERT INTO detail (no, content, evidence_values, records, {columns}) "
        "SELECT (SELECT coalesce(max(no), 0) FROM detail) + row_number() OVER (ORDER BY n.content), "
        f"CAST(n.content AS UUID), CAST(n.evidence_values AS UUID), n.records, {columns} "
        "FROM (SELECT DISTINCT ON (content) * FROM new_detail) n "
        "WHERE CAST(n.content AS UUID) NOT IN (SELECT content FROM detail)"
    )
    con.register("new_finding", findings.to_arrow())
    con.execute(
        "INSERT INTO finding SELECT ?, ?, f.fingerprint, f.rule_id, f.town, f.status, f.cause, f.first_month, f.life, "
        "f.replaced, coalesce(f.detail, d.no), CAST(f.evidence_text AS UUID) "
        "FROM new_finding f LEFT JOIN detail d ON d.content = CAST(f.content AS UUID) ORDER BY f.fingerprint",
        [number, month],
    )
    if comparison.rosters is not None:
        con.register("new_roster", comparison.rosters.rows.select(list(ROSTER_ROW)).to_arrow())
        names = ", ".join(ROSTER_ROW)
        con.execute(f"INSERT INTO roster_row (run_no, {names}) SELECT ?, {names} FROM new_roster", [number])
    if kept.asked:
        con.register("new_asked", pl.DataFrame(kept.asked, schema=_ASKED, orient="row").to_arrow())
        con.execute("INSERT INTO link_asked SELECT ?, subject, ours, theirs FROM new_asked", [number])
    if measures is not None and measures.height:
        con.register("measured", measures.to_arrow())
        con.execute(
            "INSERT INTO measure SELECT ?, ?, kind, subject, town, item, rows, good FROM measured", [number, month]
        )
    note(con, "run", run=number, month=month, findings=comparison.found)
    con.execute("COMMIT")
    return number


def _frames(rows: Sequence[Row]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of `finding` (`_FINDING`), and of `detail` (`_DETAIL`) for those found this month."""
    findings, details = [], []
    for row in rows:
        content = None
        if row.said is not None:
            records = json.dumps(sorted([d, str(h)] for d, h in row.about.records))
            said = [row.state.fingerprint, *(str(row.said[c]) for c in DETAIL), records]
            content = half_hash(json.dumps(said, ensure_ascii=False))
            details.append((content, row.about.evidence, records, *(row.said[c] for c in DETAIL)))
        s = row.state
        life = s.life if s.life != s.fingerprint else None
        findings.append(
            (s.fingerprint, row.about.rule, row.about.town, s.status, s.cause, s.first_month, life, s.replaced,
             content, row.detail, row.text)
        )  # fmt: skip
    return (
        pl.DataFrame(findings, schema=_FINDING, orient="row"),
        pl.DataFrame(details, schema=_DETAIL, orient="row"),
    )
