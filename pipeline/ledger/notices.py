"""The ledger's numbers of stop notices, and the days on which groups handed in their reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import duckdb

from pipeline.errors import BadInput


class Wanted(NamedTuple):
    """A household that gets a notice. `answers`: SHA-256 of the visit's answers that it rests on."""

    unit: str
    town: str
    answers: str


class Number(NamedTuple):
    """A notice's number within its year; the day on which it was given and that of the decision that stands, later
    where the household was visited again; the answers that the decision rested on.
    """

    year: int
    number: int
    numbered_on: dt.date
    issued_on: dt.date
    answers: str


def numbers(con: duckdb.DuckDBPyConnection, month: str) -> dict[str, Number]:
    """Unit → number, of the draws of `month`."""
    rows = con.execute(
        "SELECT unit, year, number, numbered_on, issued_on, answers FROM notice WHERE month = ? ORDER BY year, number",
        [month],
    ).fetchall()
    return {unit: Number(*rest) for unit, *rest in rows}


def number_notices(
    con: duckdb.DuckDBPyConnection, month: str, issued_on: dt.date, wanted: Iterable[Wanted]
) -> dict[str, Number]:
    """Give every household of `wanted` that has none the next number of `issued_on`'s year, in the order given.

    Returns every number of the month as `numbers` does. The caller holds the transaction. BadInput when a later notice
    of that year has been numbered already: numbers follow the days.
    """
    there = numbers(con, month)
    fresh = [w for w in wanted if w.unit not in there]
    if not fresh:
        return there
    year = issued_on.year
    last, latest = con.execute("SELECT max(number), max(numbered_on) FROM notice WHERE year = ?", [year]).fetchall()[0]
    if latest is not None and latest > issued_on:
        raise BadInput(
            f"notices of {latest} are numbered already, an earlier day cannot follow them",
            remedy=f"give --issued {latest} or a later day",
        )
    at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    con.executemany(
        "INSERT INTO notice VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (year, number, month, w.unit, w.town, issued_on, issued_on, w.answers, at)
            for number, w in enumerate(fresh, (last or 0) + 1)
        ],
    )
    return numbers(con, month)


def decide_again(con: duckdb.DuckDBPyConnection, month: str, unit: str, issued_on: dt.date, answers: str) -> None:
    """Another visit, another decision under the same number."""
    con.execute(
        "UPDATE notice SET issued_on = ?, answers = ? WHERE month = ? AND unit = ?", [issued_on, answers, month, unit]
    )


def hand_in(con: duckdb.DuckDBPyConnection, draws: Sequence[str], party: int, day: dt.date) -> None:
    """Keep that group `party` handed in its report and ledgers of these draws on `day`."""
    at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    con.execute("INSERT INTO handed_in VALUES (?, ?, ?, ?)", [_key(draws), party, day, at])


def handed_in(con: duckdb.DuckDBPyConnection, draws: Sequence[str]) -> dict[int, dt.date]:
    """Group → the day on which it handed in, as it stands now."""
    rows = con.execute(
        "SELECT party, max_by(handed_on, recorded_at) FROM handed_in WHERE draws = ? GROUP BY party", [_key(draws)]
    ).fetchall()
    return {int(party): day for party, day in rows}


def _key(draws: Sequence[str]) -> str:
    return ",".join(sorted(draws))
