"""What the drop knows of the drawn units: the roster rows of each household, where it lives, its archive."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.contract import SCHEMES
from pipeline.draw.population import ALL, opened_drop, population_of
from pipeline.draw.words import household_of, scheme_of
from pipeline.engine.duck import DuckEngine

Row = dict[str, Any]


@dataclass(frozen=True)
class Household:
    """A drawn unit. `rows`: its active roster rows (all of them where none is active), the head's or person's first;
    under a number that several persons of tekun share, that person's own. `people`: every row under the number.
    `papers`: the rows of its archive.
    """

    unit: str
    scheme: str
    household_no: str
    rows: tuple[Row, ...]
    people: tuple[Row, ...]
    papers: tuple[Row, ...]

    @property
    def head(self) -> Row:
        return self.rows[0]

    def where(self, column: str) -> str:
        """Village, address or phone: the head's, else that of the first row that has it."""
        return next((str(r[column]) for r in self.rows if r.get(column)), "")


@dataclass(frozen=True)
class Homes:
    """`by_unit`: the units that the drop knows. `archive`: whether the drop has an archive list at all."""

    by_unit: dict[str, Household]
    archive: bool


def read_homes(
    drop: Path, month: str, units: Collection[str], *, progress: Callable[[str, int, int], None] | None = None
) -> Homes:
    """Read the drop for these units. A unit that no roster row stands for is left out."""
    with opened_drop(drop, progress=progress) as (engine, report):
        found = population_of(engine, report, month, ALL).units
        record = dict(found.select("unit", "record_id").iter_rows())
        rows, papers = _rows(engine, units), _papers(engine, units)
    homes: dict[str, Household] = {}
    for unit in sorted(units):
        key = household_of(unit)
        people = rows.get(key, [])
        if people and (unit in record or unit == key):
            own = _own(people, record.get(unit), month, shared=unit != key)
            scheme, _, number = key.partition(":")
            homes[unit] = Household(unit, scheme, number, own, tuple(people), tuple(papers.get(key, ())))
    return Homes(homes, "archive" in report.present)


def _own(people: list[Row], record_id: str | None, month: str, *, shared: bool) -> tuple[Row, ...]:
    """The unit's own rows, the head's first."""
    active = [r for r in people if _active(r, month)] or people
    head = next((r for r in active if r["record_id"] == record_id), active[0])
    if shared:  # one person of several under a number
        active = [r for r in active if r["id_number"] == head["id_number"] and r["name"] == head["name"]]
    return (head, *(r for r in active if r is not head))


def _active(row: Row, month: str) -> bool:
    return (row["start_month"] or "") <= month and (row["stop_month"] is None or row["stop_month"] > month)


def _rows(engine: DuckEngine, units: Collection[str]) -> dict[str, list[Row]]:
    """Household (as unit id) → its roster rows, in the order of record ids."""
    found: dict[str, list[Row]] = {}
    for scheme in SCHEMES:
        for row in _of(engine, scheme, "TRUE", scheme, units).iter_rows(named=True):
            found.setdefault(f"{scheme}:{row['household_no']}", []).append(row)
    return found


def _papers(engine: DuckEngine, units: Collection[str]) -> dict[str, list[Row]]:
    """Household (as unit id) → the rows of its archive, in their order."""
    found: dict[str, list[Row]] = {}
    for scheme in SCHEMES:
        for row in _of(engine, "archive", f"scheme = '{scheme}'", scheme, units).iter_rows(named=True):
            found.setdefault(f"{scheme}:{row['household_no']}", []).append(row)
    return found


def _of(engine: DuckEngine, table: str, condition: str, scheme: str, units: Collection[str]) -> pl.DataFrame:
    numbers = sorted({household_of(u).partition(":")[2] for u in units if scheme_of(u) == scheme})
    engine.drop("wanted")
    engine.load("wanted", pl.DataFrame({"household_no": numbers}, schema={"household_no": pl.String}))
    return engine.rows(
        f'SELECT * FROM "{table}" WHERE {condition} AND household_no IN (SELECT household_no FROM wanted) '
        "ORDER BY file, sheet, row"
    )
