"""Counts by village, shown so that nobody can be picked out: none under five, and none that the others give away."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.contract import TOWNS
from pipeline.publish.publication import Publication
from pipeline.publish.words import UNKNOWN_TOWN

LEAST = 5  # a smaller count is not shown
FEW, HIDDEN = f"少于{LEAST}", "不显示"
_UNNAMED = "未填村居"


def by_town(pub: Publication) -> dict[str, dict[str, int]]:
    """Town → village → open findings."""
    query = """SELECT town, village, count(*) FROM findings WHERE status IN ('new', 'continuing', 'reopened')
               GROUP BY ALL ORDER BY ALL"""
    out: dict[str, dict[str, int]] = {}
    for town, village, n in pub.engine.rows(query).iter_rows():
        counts = out.setdefault(town if town in TOWNS else UNKNOWN_TOWN, {})
        counts[village or _UNNAMED] = counts.get(village or _UNNAMED, 0) + n
    return out


def shown(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """(village, figure as shown), most first, the small ones by name so that their order tells nothing.

    The town's total stands beside them. Where it would give a small count away (one alone is hidden, or all hidden
    ones must be at the same end of 1 to 4), the next larger one is hidden as well, and of none of them it is said
    whether it is small. Where nothing but small ones would be left, no village is named.
    """
    hidden = {village for village, n in counts.items() if n < LEAST}
    rest = sorted((n, village) for village, n in counts.items() if n >= LEAST)
    total = sum(counts[v] for v in hidden)
    word = FEW
    if hidden and rest and (len(hidden) == 1 or total in (len(hidden), len(hidden) * (LEAST - 1))):
        hidden.add(rest[0][1])
        word = HIDDEN
    if len(hidden) == len(counts):
        return []
    told = [(v, f"{n:,}") for v, n in sorted(counts.items(), key=lambda x: (-x[1], x[0])) if v not in hidden]
    return told + [(v, word) for v in sorted(hidden)]
