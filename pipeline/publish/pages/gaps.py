"""The completeness maps' lists: whose field, or whose document, is missing or wrong, by scheme, town and field.

A row a person (data) or household (archive) and field, as the completeness counts them, however many checks fail there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pipeline.contract import ROSTERS, scheme_zh
from pipeline.publish import heat, scores
from pipeline.publish.pages.cases import Case, Cases
from pipeline.publish.pages.lists import Lists
from pipeline.publish.pages.shell import joined
from pipeline.publish.publication import Publication

# What the completeness counts that is no column.
_NAMES = {"person": "名册上有其人"}
Key = tuple[str, str, str, str]  # kind, scheme, town, field


@dataclass(frozen=True)
class Cell:
    """A share as it is shown, how many are missing, and whether their list has as many rows."""

    shown: heat.Shown
    lacking: int
    listed: bool


@dataclass(frozen=True)
class Line:
    """One field of a scheme: rows asked, the county's cell and the towns'."""

    id: str
    name: str
    asked: int
    county: Cell
    towns: tuple[Cell, ...]


@dataclass(frozen=True)
class Map:
    """One scheme's fields (or documents) by town, the worst first, and all of them together."""

    id: str
    scheme: str
    kind: str
    kind_zh: str
    towns: tuple[str, ...]
    lines: tuple[Line, ...]
    whole: Line

    @property
    def title(self) -> str:
        return f"{self.scheme}{self.kind_zh}"


class Gaps:
    """The month's gaps, by kind, scheme, town and field."""

    def __init__(self, pub: Publication, cases: Cases) -> None:
        found: dict[Key, dict[str, Case]] = {}
        for case in cases.all:
            if case.gap:
                for field in case.gap.fields:
                    key = (case.gap.kind, case.gap.scheme, case.town, field)
                    found.setdefault(key, {}).setdefault(case.gap.unit, case)
        self.found: Mapping[Key, list[Case]] = {key: list(units.values()) for key, units in found.items()}
        fields = scores.fields(pub)
        kept = [
            (scheme, kind, mine) for scheme in ROSTERS for kind in scores.KINDS
            if (mine := [f for f in fields if (f.scheme, f.kind) == (scheme, kind)])
        ]  # fmt: skip
        self.maps = [self._map(*group) for group in kept]

    def cases(self, kind: str, scheme: str, town: str, field: str) -> list[Case]:
        return self.found.get((kind, scheme, town, field), [])

    def of_town(self, a_map: Map, town: str) -> list[Case]:
        """All gaps of a scheme and kind in one town, field by field."""
        scheme = a_map.id.rpartition("-")[0]
        return [c for line in a_map.lines for c in self.cases(a_map.kind, scheme, town, line.id)]

    def _map(self, scheme: str, kind: str, fields: Sequence[scores.Field]) -> Map:
        sums = scores.by_town(fields)
        towns = tuple(sums)
        lines = []
        for f in fields:
            cells = tuple(self._cell(f.towns.get(t), self.cases(kind, scheme, t, f.id)) for t in towns)
            mine = [c for t in towns for c in self.cases(kind, scheme, t, f.id)]
            lines.append(Line(f.id, _NAMES.get(f.zh, f.zh), f.county.asked, self._cell(f.county, mine), cells))
        all_of = {t: [c for f in fields for c in self.cases(kind, scheme, t, f.id)] for t in towns}
        total = scores.total(f.county for f in fields)
        whole = Line(
            "all", "合计", total.asked, self._cell(total, [c for some in all_of.values() for c in some]),
            tuple(self._cell(sums[t], all_of[t]) for t in towns),
        )  # fmt: skip
        return Map(f"{scheme}-{kind}", scheme_zh(scheme), kind, scores.KINDS[kind], towns, tuple(lines), whole)

    def _cell(self, cell: scores.Cell | None, listed: Sequence[Case]) -> Cell:
        lacking = cell.asked - cell.complete if cell else 0
        return Cell(heat.cell(cell), lacking, bool(lacking) and len(listed) == lacking)


def write_gaps(lists: Lists, gaps: Gaps) -> None:
    """A page a scheme and kind: its map, and under it who lacks what."""
    for a_map in gaps.maps:
        scheme = a_map.id.rpartition("-")[0]
        parts = []
        for line in a_map.lines:
            towns = [(t, gaps.cases(a_map.kind, scheme, t, line.id)) for t in a_map.towns]
            bodies = [(t, len(some), _rows(lists, some)) for t, some in towns if some]
            if bodies:
                parts.append((line.id, line.name, sum(n for _, n, _ in bodies), bodies))
        lists.site.write(f"pages/gaps/{a_map.id}.html", "gaps.html", map=a_map, parts_of=parts, steps=heat.STEPS)


def _rows(lists: Lists, cases: Sequence[Case]) -> Markup:
    return joined(lists.row(c) for c in cases)
