"""Routes → two people and a day each, pure. Nobody goes twice a day, nor to a household that bars the person.

Day by day the least burdened go first: each day is an assignment problem, solved exactly. Where that way does not end
in time, `pipeline.fieldwork.routing.exact` decides.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from pipeline.fieldwork.routing.routes import Route
from pipeline.fieldwork.routing.staff import Member

_NEVER = 1e9  # the cost of sending somebody who is barred


@dataclass(frozen=True)
class Trip:
    """A route on its day, with its two visitors (numbers, the smaller first)."""

    route: Route
    day: dt.date
    pair: tuple[int, int]


def day_by_day(
    routes: Sequence[Route], staff: Sequence[Member], days: Sequence[dt.date], teams: int | None = None
) -> list[Trip] | None:
    """Give every route a day and a pair, each day as many routes as there are pairs and `teams` allows.

    None when routes are left over after the last day.
    """
    # whoever bars many is served first, while there is choice
    left = sorted(range(len(routes)), key=lambda i: (-len(routes[i].barred), i))
    load: Counter[int] = Counter()
    known: Counter[tuple[int, str]] = Counter()
    trips: list[Trip] = []
    for day in days:
        free = [m for m in staff if m.free_on(day)]
        todays = _todays(routes, left, free, load, teams)
        for i, (a, b) in _paired(routes, todays, load, known).items():
            left.remove(i)
            pair = (min(a.number, b.number), max(a.number, b.number))
            trips.append(Trip(routes[i], day, pair))
            for number in pair:
                load[number] += len(routes[i].homes)
                known[number, routes[i].town] += 1
        if not left:
            return trips
    return None


def _todays(
    routes: Sequence[Route], left: Sequence[int], free: Sequence[Member], load: Counter[int], teams: int | None
) -> dict[int, list[Member]]:
    """The routes of a day with two people each: the first of `left` for whom there are any, the least burdened."""
    chosen: list[int] = []
    most = len(free) // 2 if teams is None else min(teams, len(free) // 2)
    best: dict[int, list[Member]] = {}
    for i in left:
        if len(chosen) == most:
            break
        if (found := _seats(routes, [*chosen, i], free, load)) is not None:
            chosen.append(i)
            best = found
    return best


def _seats(
    routes: Sequence[Route], chosen: Sequence[int], free: Sequence[Member], load: Counter[int]
) -> dict[int, list[Member]] | None:
    """Two people for each chosen route at the least burden together; None when somebody barred would have to go."""
    if not chosen:
        return {}
    cost = np.array(
        [[_NEVER if m.number in routes[i].barred else load[m.number] + m.number * 1e-4 for m in free]
         for i in chosen for _ in range(2)]
    )  # fmt: skip
    rows, columns = linear_sum_assignment(cost)
    if cost[rows, columns].max() >= _NEVER:
        return None
    found: dict[int, list[Member]] = {i: [] for i in chosen}
    for row, column in zip(rows, columns, strict=True):
        found[chosen[row // 2]].append(free[column])
    return found


def _paired(
    routes: Sequence[Route],
    seats: dict[int, list[Member]],
    load: Counter[int],
    known: Counter[tuple[int, str]],
) -> dict[int, tuple[Member, Member]]:
    """Today's pairs: of two towns where that can be, the longer route for the less burdened, and to towns they know."""
    found = {i: (pair[0], pair[1]) for i, pair in seats.items() if routes[i].barred}
    plain = [i for i in seats if i not in found]
    pairs = mixed([m for i in plain for m in seats[i]])
    if not pairs:
        return found
    cost = np.array(
        [[(load[a.number] + load[b.number]) * len(routes[i].homes)
          - known[a.number, routes[i].town] - known[b.number, routes[i].town] for i in plain] for a, b in pairs],
        dtype=float,
    )  # fmt: skip
    for p, r in zip(*linear_sum_assignment(cost), strict=True):
        found[plain[r]] = pairs[p]
    return found


def mixed(people: Sequence[Member]) -> list[tuple[Member, Member]]:
    """An even number of people as pairs of different towns, so far as no town has more than half of them."""
    size = Counter(m.town for m in people)
    line = sorted(people, key=lambda m: (-size[m.town], m.town, m.number))
    half = len(line) // 2
    return [(line[i], line[i + half]) for i in range(half)]
