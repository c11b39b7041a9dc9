"""The page's heat maps: towns × fields a scheme, as tables with a number in every cell, so that colour is no one's only
clue and a screen reader has them too.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.contract import ROSTERS, scheme_zh
from pipeline.publish import scores
from pipeline.publish.publication import Publication

# The share from which a cell has a step's colour, and how the legend says it; the last for all below.
STEPS: tuple[tuple[float, str], ...] = (
    (1.0, "100"),
    (0.98, "98 以上"),
    (0.95, "95 以上"),
    (0.9, "90 以上"),
    (0.8, "80 以上"),
    (0.0, "不到 80"),
)
_UNCHANGED = 0.1  # percentage points that go without saying


@dataclass(frozen=True)
class Shown:
    """One cell: the share in per cent ('' = nothing asked), the step of its colour, the change ('' = none worth it)."""

    share: str
    step: int
    change: str = ""


@dataclass(frozen=True)
class Table:
    """One scheme's fields (or documents) by town: rows of heading, rows asked, the county's cell, the towns' cells."""

    scheme: str
    kind: str
    kind_zh: str
    item: str
    towns: tuple[str, ...]
    rows: tuple[tuple[str, int, Shown, tuple[Shown, ...]], ...]
    foot: tuple[str, int, Shown, tuple[Shown, ...]]


@dataclass(frozen=True)
class Total:
    """A scheme's total over all its fields (or documents): the figure that a bureau may publish."""

    scheme: str
    kind_zh: str
    asked: int
    complete: int
    share: str
    before: str
    change: str


def tables(pub: Publication) -> list[Table]:
    """A table a scheme and kind, the worst field first; only those whose suite ran."""
    found = scores.fields(pub)
    return [
        _table(scheme, kind, mine)
        for scheme in ROSTERS
        for kind in scores.KINDS
        if (mine := [f for f in found if (f.scheme, f.kind) == (scheme, kind)])
    ]


def totals(pub: Publication) -> list[Total]:
    """The county's totals, a line a scheme and kind."""
    return [
        Total(
            scheme_zh(scheme), scores.KINDS[kind], cell.asked, cell.complete, scores.shown(cell.share),
            scores.shown(cell.share_before), change(cell, always=True),
        )
        for (scheme, kind), cell in scores.totals(pub).items()
    ]  # fmt: skip


def _table(scheme: str, kind: str, found: list[scores.Field]) -> Table:
    sums = scores.by_town(found)
    towns = tuple(sums)
    rows = tuple((f.zh, f.county.asked, cell(f.county), tuple(cell(f.towns.get(t)) for t in towns)) for f in found)
    whole = scores.total(f.county for f in found)
    foot = ("合计", whole.asked, cell(whole), tuple(cell(sums[t]) for t in towns))
    item = "栏目" if kind == "data" else "材料"
    return Table(scheme_zh(scheme), kind, scores.KINDS[kind], item, towns, rows, foot)


def cell(found: scores.Cell | None) -> Shown:
    """A cell as it is shown."""
    if found is None or found.share is None:
        return Shown("", len(STEPS))
    step = next(i for i, (least, _) in enumerate(STEPS) if found.share >= least)
    return Shown(scores.shown(found.share), step, change(found))


def change(found: scores.Cell, *, always: bool = False) -> str:
    """The change in percentage points, signed; '' where it is not known or, unless `always`, too small to tell."""
    points = scores.points(found.change)
    if points is None or (abs(points) < _UNCHANGED and not always):
        return ""
    return f"{points:+.1f}" if points else "0"
