"""Households → day routes, pure: one town a route, villages kept together, none longer than the capacity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Home:
    """A household to be visited, with the drawn units in it; `barred`: numbers of the staff who may not visit it."""

    town: str
    village: str
    address: str
    units: tuple[str, ...]
    barred: frozenset[int] = frozenset()

    @property
    def place(self) -> tuple[bool, str, str, str]:
        """The order within a town: by village (none written: at the end), address, number."""
        return not self.village, self.village, self.address, self.units[0]


@dataclass(frozen=True)
class Route:
    """A day's way of one pair: households of one town, in their order."""

    town: str
    homes: tuple[Home, ...]

    @property
    def barred(self) -> frozenset[int]:
        return frozenset().union(*(h.barred for h in self.homes))


def cut(homes: Sequence[Home], capacity: int) -> list[Route]:
    """One town's households as routes of at most `capacity`: as few as can be, then as few villages as can be parted
    between two, then as even as can be. Exact, by dynamic programming over the households in their order.
    """
    line = sorted(homes, key=lambda h: h.place)
    best: list[tuple[int, int, int, int]] = [(0, 0, 0, 0)]  # routes, parted villages, sum of squares, begin of the last
    for end in range(1, len(line) + 1):
        ways = []
        for begin in range(max(0, end - capacity), end):
            routes, parted, squares, _ = best[begin]
            split = begin > 0 and line[begin].village != "" and line[begin].village == line[begin - 1].village
            ways.append((routes + 1, parted + split, squares + (end - begin) ** 2, begin))
        best.append(min(ways))
    found: list[Route] = []
    end = len(line)
    while end:
        begin = best[end][3]
        found.append(Route(line[begin].town, tuple(line[begin:end])))
        end = begin
    return found[::-1]


def routes_of(homes: Sequence[Home], capacity: int, staff: int, *, apart: bool) -> list[Route]:
    """All households of one group as routes, town by town in the order they come in.

    Households that bar somebody go with the others unless `apart`, or unless fewer than two of the `staff` people of
    the group would be left for the route: then those that bar the same people have routes of their own.
    """
    by_town: dict[str, list[Home]] = {}
    for home in homes:
        by_town.setdefault(home.town, []).append(home)
    found: list[Route] = []
    for of_town in by_town.values():
        whole = cut(of_town, capacity)
        if apart or any(staff - len(r.barred) < 2 for r in whole):
            parts: dict[frozenset[int], list[Home]] = {}
            for home in of_town:
                parts.setdefault(home.barred, []).append(home)
            whole = [r for _, part in sorted(parts.items(), key=lambda p: sorted(p[0])) for r in cut(part, capacity)]
        found += whole
    return found
