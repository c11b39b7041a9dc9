"""Who visits whom, over random staff lists: the cross-check is never broken, no list refused that could be planned."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import pytest

from pipeline.errors import BadInput
from pipeline.fieldwork.routing.assign import Trip, day_by_day
from pipeline.fieldwork.routing.exact import homes_exactly, routes_exactly
from pipeline.fieldwork.routing.groups import Groups, read_groups
from pipeline.fieldwork.routing.make import Limits, plan_trips
from pipeline.fieldwork.routing.routes import Home, Route
from pipeline.fieldwork.routing.staff import Member

GROUPS = read_groups()
MONDAY = dt.date(2022, 10, 10)
LISTS = 1000


def random_staff(rng: random.Random) -> list[Member]:
    """Nobody to a few people a group, of random towns, some free on some days only."""
    staff: list[Member] = []
    for party in (1, 2):
        for _ in range(rng.choice((1, 2, 3, 3, 4, 5, 6, 7, 9, 12))):
            town = rng.choice(GROUPS.towns[party]) if rng.random() < 0.95 else ""
            days: tuple[tuple[dt.date, dt.date], ...] = ()
            if rng.random() < 0.3:
                first = MONDAY + dt.timedelta(days=rng.randrange(7))
                days = ((first, first + dt.timedelta(days=rng.randrange(5))),)
            staff.append(Member(len(staff) + 1, f"甲{len(staff)}", town, party, days=days))
    return staff


def random_homes(rng: random.Random, staff: Sequence[Member], towns: int, most: int) -> dict[int, list[Home]]:
    """Households of a few towns of each group; some bar some of those who would visit them."""
    homes: dict[int, list[Home]] = {1: [], 2: []}
    for party, other in ((1, 2), (2, 1)):
        numbers = [m.number for m in staff if m.party == party]
        for town in GROUPS.towns[other][:towns]:
            for i in range(rng.randrange(most + 1)):
                barred = frozenset(n for n in numbers if rng.random() < 0.3) if rng.random() < 0.08 else frozenset()
                homes[party].append(Home(town, f"{rng.randrange(4)}村", f"{i}号", (f"dibao:{town}{i}",), barred))
    return homes


def assert_kept(trips: Sequence[Trip], homes: dict[int, list[Home]], staff: Sequence[Member], limits: Limits) -> None:
    """The rules of the issue, told anew: nothing of the program's own checks is used."""
    people = {m.number: m for m in staff}
    seen: Counter[str] = Counter()
    out: Counter[tuple[int, dt.date]] = Counter()
    teams: Counter[tuple[int, dt.date]] = Counter()
    for trip in trips:
        a, b = trip.pair
        assert a != b
        assert 1 <= len(trip.route.homes) <= limits.capacity
        assert trip.day >= limits.first and (limits.last is None or trip.day <= limits.last)
        assert trip.day.weekday() < 5
        teams[people[a].party, trip.day] += 1
        for number in trip.pair:
            visitor = people[number]
            out[number, trip.day] += 1
            assert not visitor.days or any(f <= trip.day <= u for f, u in visitor.days)
            for home in trip.route.homes:
                assert home.town == trip.route.town
                assert home.town != visitor.town
                assert home.town in GROUPS.towns[3 - visitor.party]
                assert number not in home.barred
        seen.update(u for home in trip.route.homes for u in home.units)
    assert seen == Counter(u for some in homes.values() for h in some for u in h.units)
    assert max(out.values(), default=0) <= 1
    assert limits.teams is None or max(teams.values(), default=0) <= limits.teams


def test_a_thousand_random_staff_lists_never_break_the_cross_check() -> None:
    planned, refused = 0, Counter[str]()
    for seed in range(LISTS):
        rng = random.Random(seed)
        staff = random_staff(rng)
        homes = random_homes(rng, staff, 4, 9)
        last = MONDAY + dt.timedelta(days=rng.randrange(3, 18)) if rng.random() < 0.5 else None
        limits = Limits(MONDAY, last, rng.randrange(1, 9), rng.choice((None, None, 1, 2)))
        try:
            trips = plan_trips(homes, staff, GROUPS, limits)
        except BadInput as e:
            # one sentence, which says whose and what is lacking
            assert re.search(r"group [12]|no working day", str(e)), str(e)
            assert "\n" not in str(e) and " — " in str(e)
            kinds = ("staff list has", "declared relatives", "two of them free", "people free", "too few", "no plan")
            refused[next((k for k in kinds if k in str(e)), "no working day")] += 1
            continue
        planned += 1
        assert_kept(trips, homes, staff, limits)
    assert planned > 300
    assert len(refused) >= 4, refused


def possible(homes: Sequence[Home], staff: Sequence[Member], days: Sequence[dt.date], capacity: int) -> bool:
    """Whether every household can have a day and two people, by trying everything."""

    def place(
        i: int, trips: list[tuple[dt.date, tuple[int, int], str, int]], out: frozenset[tuple[int, dt.date]]
    ) -> bool:
        if i == len(homes):
            return True
        home = homes[i]
        for k, (day, pair, town, n) in enumerate(trips):
            more = [*trips[:k], (day, pair, town, n + 1), *trips[k + 1 :]]
            if town == home.town and n < capacity and not set(pair) & home.barred and place(i + 1, more, out):
                return True
        for day in days:
            fit = [m.number for m in staff if m.free_on(day) and (m.number, day) not in out]
            for pair in combinations([n for n in fit if n not in home.barred], 2):
                if place(i + 1, [*trips, (day, pair, home.town, 1)], out | {(n, day) for n in pair}):
                    return True
        return False

    return place(0, [], frozenset())


@pytest.mark.parametrize("capacity", [1, 2])
def test_a_list_is_refused_exactly_when_no_plan_exists(capacity: int) -> None:
    """On short lists every plan there is can be tried: both answers must come, and be right."""
    answers: Counter[bool] = Counter()
    for seed in range(400):
        rng = random.Random(10_000 + seed)
        days = [MONDAY + dt.timedelta(days=i) for i in range(rng.randrange(1, 4))]
        staff = [
            Member(i + 1, f"甲{i}", GROUPS.towns[1][i], 1, days=tuple((d, d) for d in days if rng.random() < 0.75))
            for i in range(rng.randrange(2, 6))
        ]
        homes = [
            Home(rng.choice(("长来", "北乡")), "", str(i), (f"u{i}",),
                 frozenset(m.number for m in staff if rng.random() < 0.25))
            for i in range(rng.randrange(1, 6))
        ]  # fmt: skip
        limits = Limits(days[0], days[-1], capacity)
        wanted = possible(homes, staff, days, capacity)
        try:
            trips = plan_trips({1: homes, 2: []}, staff, GROUPS, limits)
            assert_kept(trips, {1: homes, 2: []}, staff, limits)
        except BadInput:
            trips = []
        assert bool(trips) == wanted, seed
        answers[wanted] += 1
    assert min(answers[True], answers[False]) > 50, answers


def test_the_exact_ways_alone_keep_the_rules_too() -> None:
    planned = 0
    for seed in range(60):
        rng = random.Random(seed)
        staff = [m for m in random_staff(rng) if m.party == 1]
        homes = random_homes(rng, staff, 3, 4)[1]
        days = [MONDAY + dt.timedelta(days=i) for i in range(5)]
        routes = [Route(h.town, (h,)) for h in homes]
        if not routes or len(staff) < 2:
            continue
        for trips in (routes_exactly(routes, staff, days, 2), homes_exactly(homes, staff, days, 1, 2)):
            quick = day_by_day(routes, staff, days, 2)
            assert trips is not None or quick is None
            if trips is not None:
                planned += 1
                assert_kept(trips, {1: homes, 2: []}, staff, Limits(days[0], days[-1], 1, 2))
    assert planned > 20


def test_everybody_has_about_the_same_share() -> None:
    staff = [Member(i + 1, f"甲{i}", GROUPS.towns[1][i % 10], 1) for i in range(9)]
    homes = [Home(t, f"{i % 3}村", str(i), (f"{t}{i}",)) for t in GROUPS.towns[2] for i in range(16)]
    trips = plan_trips({1: homes, 2: []}, staff, GROUPS, Limits(MONDAY, None, 8))
    share = Counter(n for t in trips for n in t.pair for _ in t.route.homes)
    assert max(share.values()) - min(share.values()) <= 8
    assert len(trips) == 18
    assert all({staff[n - 1].town for n in t.pair} != {staff[t.pair[0] - 1].town} for t in trips)


def test_the_same_list_gives_the_same_plan() -> None:
    rng = random.Random(5)
    staff = [Member(i + 1, f"甲{i}", GROUPS.towns[i % 2 + 1][i % 9], i % 2 + 1) for i in range(11)]
    homes = random_homes(rng, staff, 4, 9)
    limits = Limits(MONDAY)
    assert plan_trips(homes, staff, GROUPS, limits) == plan_trips(homes, staff, GROUPS, limits)


@pytest.mark.parametrize(("town", "visited_by"), [("长来", 1), ("坪石", 2), ("别处", None)])
def test_a_town_is_visited_by_the_other_group(town: str, visited_by: int | None) -> None:
    assert isinstance(GROUPS, Groups)
    assert GROUPS.visitors_of(town) == visited_by
