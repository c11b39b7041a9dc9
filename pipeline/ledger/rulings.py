"""What people decided about findings and links, kept in the ledger: added, never changed; the latest one stands."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import polars as pl

from pipeline.ledger.access import note

FINDING, LINK, REJECT = "finding", "link", "reject"
FINDING_VERDICTS = ("confirmed", "dismissed", "in_process", "mended")
LINK_VERDICTS = ("same", "different", "unknown")
REJECT_VERDICTS = ("to_mend", "ignored", "unknown")
LONGEST = 500  # characters of a reason that people write
WITHDRAWN = "withdrawn"  # of any kind: the person's own ruling whose source is `withdraws` no longer counts
# a row of `add_rulings`: `subject` = the finding's fingerprint; of a link, `link_subject`; of a rejected cell or row,
# `reject_subject`; the rest as in the table
SCHEMA: dict[str, Any] = {
    "kind": pl.String, "subject": pl.String, "verdict": pl.String, "reason": pl.String, "decided_by": pl.String,
    "decided_on": pl.Date, "valid_until": pl.Date, "month": pl.String, "evidence": pl.String, "probability": pl.Float64,
    "withdraws": pl.String, "source": pl.String,
}  # fmt: skip
_VERDICTS = {
    FINDING: (*FINDING_VERDICTS, WITHDRAWN),
    LINK: (*LINK_VERDICTS, WITHDRAWN),
    REJECT: (*REJECT_VERDICTS, WITHDRAWN),
}


def link_subject(a: str, b: str, dataset: str) -> str:
    """The subject of a ruling on a link: its two record ids in text order, then the dataset, joined by '|'."""
    return "|".join((*sorted((a, b)), dataset))


def reject_subject(month: str, file: str, sheet: str, row: int | None, column: str | None) -> str:
    """The subject of a ruling on what could not be read: the month, and the place in its drop."""
    return f"{month}|{file}#{sheet}#{row if row is not None else ''}#{column or ''}"


def add_rulings(con: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> int:
    """Add rulings, a row each (`SCHEMA`; columns that are not there are null), in their order; how many were added.

    Nothing is added for a ruling that says what the one that stands says, or that was taken from the same row of the
    same source before: an old file sent again does not undo a later decision. The caller holds the transaction, if
    there is one. ValueError for a kind or verdict that there is not.
    """
    at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    given: list[dict[str, Any]] = [{name: row.get(name) for name in SCHEMA} for row in frame.iter_rows(named=True)]
    for row in given:
        if row["verdict"] not in _VERDICTS.get(str(row["kind"]), ()):
            raise ValueError(f"no such ruling: {row['kind']} {row['verdict']}")
    asked = pl.DataFrame({"subject": sorted({r["subject"] for r in given})}, schema={"subject": pl.String}).to_arrow()
    con.register("asked_subjects", asked)
    known: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    columns, said = ", ".join(SCHEMA), [c for c in SCHEMA if c != "probability"]
    for found in con.execute(
        f"SELECT {', '.join(said)} FROM ruling WHERE subject IN (SELECT subject FROM asked_subjects) ORDER BY ruling_no"
    ).fetchall():
        known.setdefault(found[:2], []).append(found)
    con.unregister("asked_subjects")
    last = int(con.execute("SELECT coalesce(max(ruling_no), 0) FROM ruling").fetchall()[0][0])
    new: list[dict[str, Any]] = []
    for row in given:
        ruling = tuple(row[c] for c in said)  # what the model told is no part of what a person said
        before = known.setdefault(ruling[:2], [])
        if before and (before[-1][:-1] == ruling[:-1] or ruling in before):
            continue
        before.append(ruling)
        new.append({"ruling_no": last + len(new) + 1} | row | {"recorded_at": at})
    if new:
        schema = {"ruling_no": pl.Int64} | SCHEMA | {"recorded_at": pl.Datetime("us")}
        con.register("new_rulings", pl.DataFrame(new, schema=schema).to_arrow())
        con.execute(
            f"INSERT INTO ruling (ruling_no, {columns}, recorded_at) SELECT ruling_no, {columns}, recorded_at "
            "FROM new_rulings"
        )
        con.unregister("new_rulings")
        note(con, "rulings", added=len(new))
    return len(new)


def read_rulings(
    con: duckdb.DuckDBPyConnection, kind: str, *, history: bool = False, as_of: dt.date | None = None
) -> pl.DataFrame:
    """The rulings of a kind that stand, one a subject (`history`: every one, those taken back too), by number:
    ruling_no, `SCHEMA`, recorded_at (Datetime, UTC). `as_of`: without those that stood but expired before that day.
    """
    latest = "" if history else "QUALIFY ruling_no = max(ruling_no) OVER (PARTITION BY subject)"
    table = "ruling" if history else "ruling_in_force"
    sql = f"SELECT ruling_no, {', '.join(SCHEMA)}, recorded_at FROM {table} WHERE kind = ? {latest} ORDER BY ruling_no"
    frame: pl.DataFrame = con.sql(sql, params=[kind]).pl()
    if as_of is not None:
        frame = frame.filter(pl.col("valid_until").is_null() | (pl.col("valid_until") >= as_of))
    return frame
