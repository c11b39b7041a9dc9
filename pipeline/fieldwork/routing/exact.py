"""Whether visits can be shared out at all, by mixed-integer programs (HiGHS, in SciPy), where the quick way finds none.

`routes_exactly` keeps the routes as they were cut, and is exact for them, at any size. `homes_exactly` cuts them anew
too: exact altogether, for short lists.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from pipeline.fieldwork.routing.assign import Trip, mixed
from pipeline.fieldwork.routing.routes import Home, Route
from pipeline.fieldwork.routing.staff import Member

_LARGEST = 20_000  # trips thought of (a pair, a day, a town) up to which `homes_exactly` is tried


class _Program:
    """A program of whole numbers from 0: rules over variables, the least sum of costs wanted."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.cost: list[float] = []
        self.most: list[float] = []

    def rule(self, low: float, high: float) -> int:
        self.low.append(low)
        self.high.append(high)
        return len(self.low) - 1

    def variable(self, most: float, cost: float, *uses: tuple[int, float]) -> int:
        """A variable up to `most`; `uses`: (rule, factor)."""
        number = len(self.cost)
        self.cost.append(cost)
        self.most.append(most)
        self.entries += [(rule, number, factor) for rule, factor in uses]
        return number

    def solved(self) -> np.ndarray | None:
        """The variables; None when the rules cannot all be kept."""
        if not self.cost:
            return None
        rows, columns, values = zip(*self.entries, strict=True)
        matrix = coo_array((values, (rows, columns)), shape=(len(self.low), len(self.cost))).tocsr()
        done = milp(self.cost, integrality=np.ones(len(self.cost)), bounds=Bounds(0, self.most),
                    constraints=LinearConstraint(matrix, self.low, self.high))  # fmt: skip
        return None if done.x is None else np.rint(done.x).astype(int)


def routes_exactly(
    routes: Sequence[Route], staff: Sequence[Member], days: Sequence[dt.date], teams: int | None = None
) -> list[Trip] | None:
    """Give every route a day and a pair; None when that cannot be.

    Over kinds of routes (those that bar the same people), people and days: so many of a kind are run on a day, and
    twice as many people go for the kind, each once a day. Any two of them make a pair, so that this is exact.
    """
    kinds: dict[frozenset[int], list[Route]] = {}
    for route in routes:
        kinds.setdefault(route.barred, []).append(route)
    keys = sorted(kinds, key=sorted)
    p = _Program()
    once = {(m.number, d): p.rule(0, 1) for m in staff for d in range(len(days))}
    limit = [p.rule(0, np.inf if teams is None else teams) for _ in days]
    going: dict[tuple[int, int], list[tuple[int, Member]]] = {}
    for k, key in enumerate(keys):
        whole = p.rule(len(kinds[key]), len(kinds[key]))
        for d, day in enumerate(days):
            seats = p.rule(0, 0)
            p.variable(len(kinds[key]), d, (whole, 1), (seats, -2), (limit[d], 1))
            fit = [m for m in staff if m.number not in key and m.free_on(day)]
            going[d, k] = [(p.variable(1, 0, (seats, 1), (once[m.number, d], 1)), m) for m in fit]
    if (answer := p.solved()) is None:
        return None
    waiting = [list(kinds[key]) for key in keys]
    return [
        Trip(waiting[k].pop(0), days[d], (min(a.number, b.number), max(a.number, b.number)))
        for (d, k), some in sorted(going.items(), key=lambda g: g[0])
        for a, b in mixed([m for variable, m in some if answer[variable]])
    ]


def homes_exactly(
    homes: Sequence[Home], staff: Sequence[Member], days: Sequence[dt.date], capacity: int, teams: int | None = None
) -> list[Trip] | None:
    """Give every household a trip, whatever routes that makes; None when that cannot be. ValueError for a long list.

    Over trips (a pair, a day, a town) and kinds of households (a town, whom they bar): how many of a kind go on a trip.
    """
    kinds: dict[tuple[str, frozenset[int]], list[Home]] = {}
    for home in homes:
        kinds.setdefault((home.town, home.barred), []).append(home)
    towns = sorted({town for town, _ in kinds})
    if len(staff) * (len(staff) - 1) // 2 * len(days) * len(towns) > _LARGEST:
        raise ValueError("too long a list to try every way")
    p = _Program()
    once = {(m.number, d): p.rule(0, 1) for m in staff for d in range(len(days))}
    limit = [p.rule(0, np.inf if teams is None else teams) for _ in days]
    whole = {key: p.rule(len(some), len(some)) for key, some in kinds.items()}
    trips: dict[tuple[int, int, int, str], list[tuple[int, tuple[str, frozenset[int]]]]] = {}
    for d, day in enumerate(days):
        for a, b in combinations([m.number for m in staff if m.free_on(day)], 2):
            for town in towns:
                room = p.rule(-np.inf, 0)
                p.variable(1, d, (room, -capacity), (once[a, d], 1), (once[b, d], 1), (limit[d], 1))
                trips[d, a, b, town] = [
                    (p.variable(capacity, 0, (room, 1), (whole[key], 1)), key)
                    for key in kinds
                    if key[0] == town and not key[1] & {a, b}
                ]
    if (answer := p.solved()) is None:
        return None
    waiting = {key: sorted(some, key=lambda h: h.place) for key, some in kinds.items()}
    found = []
    for (d, a, b, town), loads in sorted(trips.items(), key=lambda t: t[0]):
        taken = [waiting[key].pop(0) for variable, key in loads for _ in range(answer[variable])]
        if taken:
            found.append(Trip(Route(town, tuple(sorted(taken, key=lambda h: h.place))), days[d], (a, b)))
    return found
