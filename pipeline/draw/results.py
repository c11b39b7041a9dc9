"""What the visits concluded: a table of units and conclusions, from a workbook, a text file or Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.draw.words import DRAWS
from pipeline.errors import BadInput
from pipeline.linkage.tables.read import ROW, read_table
from pipeline.linkage.tables.spec import InputSpec

KEPT, ADJUSTED, STOPPED, INCLUDED, UNVERIFIED = "继续保障", "调整", "停保", "纳入", "无法核实"
CONCLUSIONS = (KEPT, ADJUSTED, STOPPED, INCLUDED, UNVERIFIED)
_HEADINGS: dict[str, tuple[str, ...]] = {
    "unit": ("unit", "单元编号", "单元", "抽查编号"),
    "conclusion": ("conclusion", "结论", "核查结论"),
    "draw": ("draw", "抽查类别"),
}


@dataclass(frozen=True)
class Results:
    """`by_unit`: (draw, unit) → conclusion, draw '' where the table has no such column or the cell is empty."""

    file: str
    by_unit: Mapping[tuple[str, str], str]

    def of(self, draw: str, unit: str) -> str | None:
        """The conclusion about a drawn unit: that of this draw, else that of the unit; None where there is none."""
        return self.by_unit.get((draw, unit)) or self.by_unit.get(("", unit))

    @property
    def units(self) -> set[str]:
        return {unit for _, unit in self.by_unit}


def read_results(path: Path) -> Results:
    """Read results. BadInput, with the row, for an unknown conclusion or draw, and for a unit with two conclusions.

    An empty conclusion is none: the unit counts as not visited.
    """
    frame = read_table(path, InputSpec())
    at: dict[str, str] = {}
    for role, headings in _HEADINGS.items():
        there = [c for c in frame.columns if c in headings]
        if len(there) > 1 or (not there and role != "draw"):
            raise BadInput(
                f"there must be one column for the {role}, there are {len(there)}",
                file=path.name,
                remedy=f"head it {' or '.join(headings)}",
            )
        if there:
            at[role] = there[0]
    names = {zh: draw for draw, (zh, _) in DRAWS.items()} | {d: d for d in DRAWS}
    found: dict[tuple[str, str], str] = {}
    for row in frame.iter_rows(named=True):
        unit, conclusion = row[at["unit"]], row[at["conclusion"]]
        draw = row[at["draw"]] if "draw" in at else None
        if conclusion is None:
            continue
        if unit is None:
            raise BadInput("a conclusion without a unit", file=path.name, row=row[ROW], column=at["unit"],
                           remedy="give the unit as the certificate writes it")  # fmt: skip
        if conclusion not in CONCLUSIONS:
            raise BadInput("no such conclusion", file=path.name, row=row[ROW], column=at["conclusion"],
                           remedy=f"one of {'、'.join(CONCLUSIONS)}")  # fmt: skip
        if draw is not None and draw not in names:
            raise BadInput("no such draw", file=path.name, row=row[ROW], column=at["draw"],
                           remedy=f"one of {', '.join(DRAWS)}")  # fmt: skip
        key = (names[draw] if draw else "", unit)
        if found.setdefault(key, conclusion) != conclusion:
            raise BadInput("this unit stands in another row with another conclusion", file=path.name, row=row[ROW],
                           column=at["conclusion"], remedy="keep the one that holds")  # fmt: skip
    return Results(path.name, found)
