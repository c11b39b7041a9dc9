"""The access record: who ran, ruled, wrote papers, exported and purged, a row each, chained by hashes."""

from __future__ import annotations

import datetime as dt
import getpass
import hashlib
import json
from typing import Any

import duckdb

_COLUMNS = "no, noted_at, who, did, about, before, hash"


def note(con: duckdb.DuckDBPyConnection, did: str, **about: Any) -> None:
    """Add a row, in the caller's transaction if there is one. `about`: months, counts, folders; nothing of a person."""
    last = con.execute("SELECT no, hash FROM access ORDER BY no DESC LIMIT 1").fetchall()
    number, before = (last[0][0] + 1, last[0][1]) if last else (1, "")
    at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    row = (number, at, _account(), did, json.dumps(about, ensure_ascii=False, sort_keys=True), before)
    con.execute(f"INSERT INTO access ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", [*row, _hash(row)])


def broken(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Where the record is not as it was written, a line each."""
    wrong, number, before = [], 0, ""
    for *row, hash_ in con.execute(f"SELECT {_COLUMNS} FROM access ORDER BY no").fetchall():
        if row[0] != number + 1:
            wrong.append(f"access record: {_rows(number + 1, row[0] - 1)} not there")
        elif row[5] != before:
            wrong.append(f"access record: row {row[0]} does not follow on the row before it")
        if _hash(tuple(row)) != hash_:
            wrong.append(f"access record: row {row[0]} is not as it was written")
        number, before = row[0], hash_
    kept = con.execute(
        "SELECT run_no FROM run WHERE run_no >= (SELECT min(CAST(about ->> 'run' AS INTEGER)) FROM access "
        "WHERE did = 'run') AND run_no NOT IN (SELECT CAST(about ->> 'run' AS INTEGER) FROM access WHERE did = 'run') "
        "ORDER BY run_no"
    ).fetchall()
    return wrong + [f"access record: run {n} is not in it" for (n,) in kept]


def head(con: duckdb.DuckDBPyConnection) -> str:
    """Number and hash of the last row, to be written down elsewhere: only against that can a cut-off end be seen."""
    last = con.execute("SELECT no, hash FROM access ORDER BY no DESC LIMIT 1").fetchall()
    return f"{last[0][0]} {last[0][1]}" if last else "0"


def listed(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The whole record, a line a row."""
    rows = con.execute("SELECT noted_at, who, did, about FROM access ORDER BY no").fetchall()
    return [f"{at:%Y-%m-%d %H:%M} UTC  {who}  {did}  {_words(about)}" for at, who, did, about in rows]


def _words(about: str) -> str:
    return ", ".join(f"{key} {value}" for key, value in json.loads(about).items())


def _rows(first: int, last: int) -> str:
    return f"row {first} is" if first >= last else f"rows {first} to {last} are"


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return "?"


def _hash(row: tuple[Any, ...]) -> str:
    number, at, *rest = row
    return hashlib.sha256(json.dumps([number, at.isoformat(), *rest], ensure_ascii=False).encode()).hexdigest()
