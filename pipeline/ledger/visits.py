"""The visits kept in the ledger: added version by version, read back as they stand now or with their history."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb
import polars as pl

from pipeline.ledger.access import note


@dataclass(frozen=True)
class VisitRow:
    """What was found at a unit. `draw`: SHA-256 of the certificate; `answers`: column id → value, empty ones left out.

    `source`: file, sheet, row and the file's SHA-256, so that one row of one file is known again.
    """

    draw: str
    unit: str
    town: str
    party: int
    visited_on: dt.date | None
    conclusion: str | None
    answers: Mapping[str, Any]
    source: str


class Added(NamedTuple):
    """How many visits were new, changed an earlier answer, or were known already."""

    new: int
    changed: int
    known: int


_COLUMNS = "draw, unit, version, town, party, visited_on, conclusion, answers, source, recorded_at"


def answers_text(answers: Mapping[str, Any]) -> str:
    """The answers as the ledger holds them: one content, one text."""
    return json.dumps(dict(answers), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def add_visits(con: duckdb.DuckDBPyConnection, visits: Iterable[VisitRow]) -> Added:
    """Add visits; a changed answer becomes a further version. The caller holds the transaction, if there is one.

    Nothing is added when the answers are those that stand, or when the same row of the same file was taken before:
    an old file sent again does not undo a correction.
    """
    at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    new = changed = known = 0
    for v in visits:
        text = answers_text(v.answers)
        before = con.execute(
            "SELECT version, town, party, answers, source FROM visit WHERE draw = ? AND unit = ? ORDER BY version",
            [v.draw, v.unit],
        ).fetchall()
        if (before and before[-1][1:4] == (v.town, v.party, text)) or any(b[3:] == (text, v.source) for b in before):
            known += 1
            continue
        con.execute(
            f"INSERT INTO visit ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [v.draw, v.unit, len(before) + 1, v.town, v.party, v.visited_on, v.conclusion, text, v.source, at],
        )
        new, changed = (new, changed + 1) if before else (new + 1, changed)
    if new or changed:
        note(con, "visits", new=new, changed=changed)
    return Added(new, changed, known)


def read_visits(
    con: duckdb.DuckDBPyConnection, draws: Sequence[str] | None = None, *, history: bool = False
) -> pl.DataFrame:
    """Visits as they stand, by draw and unit (`history`: with every earlier version); of these draws, or of all.

    Columns as of the table: draw, unit, version, town, party, visited_on (Date), conclusion, answers (JSON text),
    source, recorded_at (Datetime, UTC).
    """
    chosen, given = "", []
    if draws is not None:
        chosen, given = "WHERE list_contains(?, draw)", [list(draws)]
    latest = "" if history else "QUALIFY version = max(version) OVER (PARTITION BY draw, unit)"
    sql = f"SELECT {_COLUMNS} FROM visit {chosen} {latest} ORDER BY draw, unit, version"
    frame: pl.DataFrame = con.sql(sql, params=given).pl()
    return frame
