"""The cells of the page's completeness maps: a number in every cell, so that colour is no one's only clue and a screen
reader has them too.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.contract import scheme_zh
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
class Total:
    """A scheme's total over all its fields (or documents): the figure that a bureau may publish."""

    scheme: str
    kind_zh: str
    asked: int
    complete: int
    share: str
    before: str
    change: str


def totals(pub: Publication) -> list[Total]:
    """The county's totals, a line a scheme and kind."""
    return [
        Total(
            scheme_zh(scheme), scores.KINDS[kind], cell.asked, cell.complete, scores.shown(cell.share),
            scores.shown(cell.share_before), change(cell, always=True),
        )
        for (scheme, kind), cell in scores.totals(pub).items()
    ]  # fmt: skip


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
