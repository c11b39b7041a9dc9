"""Certificates, drop and staff list → the plan, or one sentence that says why there can be none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline.draw import certificate, extra, files
from pipeline.draw.words import household_of, scheme_of
from pipeline.errors import AuditError, BadInput
from pipeline.fieldwork.households import Homes, Household, read_homes
from pipeline.fieldwork.plan import EXTRA_DRAW, LEFT_OUT, NO_TOWN, Plan, Source, Stop, Unplanned, Visitor
from pipeline.fieldwork.routing.assign import Trip, day_by_day
from pipeline.fieldwork.routing.exact import homes_exactly, routes_exactly
from pipeline.fieldwork.routing.groups import Groups
from pipeline.fieldwork.routing.guides import read_guides
from pipeline.fieldwork.routing.routes import Home, routes_of
from pipeline.fieldwork.routing.staff import Member, id_key, read_staff
from pipeline.fieldwork.routing.why import why_not
from pipeline.fieldwork.workdays import Workdays
from pipeline.identity.names import name_keys
from pipeline.record_words import UNKNOWN_TOWN, place

CAPACITY = 8
_LONGEST = 1000  # working days that a plan without a last day may take


@dataclass(frozen=True)
class Limits:
    """The days and the sizes: `last` None = as long as it takes; `teams` = pairs a group sends out a day, at most."""

    first: dt.date
    last: dt.date | None = None
    capacity: int = CAPACITY
    teams: int | None = None
    calendar: Workdays = field(default_factory=Workdays)

    def days(self, routes: int, staff: Sequence[Member]) -> list[dt.date]:
        """The working days that may be used: without a last day, as many as routes, and all on which staff are free."""
        if self.last is not None:
            return list(self.calendar.within(self.first, self.last))
        ends = [last for m in staff for _, last in m.days]
        found: list[dt.date] = []
        for day in self.calendar.within(self.first, self.first + dt.timedelta(days=2 * _LONGEST)):
            if len(found) >= _LONGEST or (len(found) >= routes and all(day > end for end in ends)):
                break
            found.append(day)
        return found


@dataclass(frozen=True)
class Drawn:
    """What certificates drew: `units` unit → (draws, certificates, town), in the order of units."""

    month: str
    sources: tuple[Source, ...]
    units: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]]


def read_drawn(paths: Sequence[Path]) -> Drawn:
    """Read certificates of random and extra draws of one month. BadInput for two of one draw, or of two months."""
    months: set[str] = set()
    sources: list[Source] = []
    found: dict[str, tuple[list[str], list[str], str]] = {}
    for path in paths:
        digest = files.sha256(path)
        if any(s.sha256 == digest for s in sources):
            raise BadInput("this certificate is given twice", file=path.name, remedy="give each once")
        rows: list[tuple[str, str, str]]
        if certificate.load(path)["kind"] == certificate.EXTRA:
            more = extra.read(path)
            months.add(more.month)
            sources.append(Source(certificate.EXTRA, path.name, digest, None))
            rows = [(EXTRA_DRAW, p.town, p.unit) for p in more.drawn]
        else:
            c = certificate.read(path)
            months.add(c.month)
            sources.append(Source(certificate.RANDOM, path.name, digest, c.round))
            rows = [(d.draw, d.town, d.unit) for d in c.drawn]
        for draw, town, unit in rows:
            draws, digests, _ = found.setdefault(unit, ([], [], town))
            draws += [draw] if draw not in draws else []
            digests += [digest] if digest not in digests else []
    if len(months) != 1:
        raise BadInput(f"the certificates are of {len(months)} months", remedy="make a plan for each month")
    units = {u: (tuple(found[u][0]), tuple(found[u][1]), found[u][2]) for u in sorted(found)}
    return Drawn(months.pop(), tuple(sources), units)


def make_plan(
    certificates: Sequence[Path],
    drop: Path,
    staff_file: Path,
    groups: Groups,
    limits: Limits,
    *,
    without: Collection[str] = (),
    guides_file: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Plan:
    """Plan the visits to everything drawn. The same files give the same plan.

    `without`: towns of no group that are left out on request. BadInput, with one sentence that says which town and what
    is lacking, when no plan can keep to the rules.
    """
    drawn = read_drawn(certificates)
    staff, staff_sha256 = read_staff(staff_file, groups)
    guides = read_guides(guides_file, (*groups.towns[1], *groups.towns[2])) if guides_file else ()
    reasons = _left_out(drawn, groups, without)
    homes = read_homes(drop, drawn.month, drawn.units, progress=progress)
    if lost := [u for u in drawn.units if u not in homes.by_unit]:
        raise BadInput(
            f"{len(lost)} of the {len(drawn.units)} drawn units are not in the drop",
            file=drop.name,
            remedy="give the drop that the frame was made from",
        )
    wanted = [u for u in drawn.units if u not in reasons]
    trips = plan_trips(to_visit(wanted, drawn, homes, staff, groups), staff, groups, limits, _places(homes))
    return Plan(
        month=drawn.month,
        certificates=drawn.sources,
        parties=tuple(groups.towns.items()),
        capacity=limits.capacity,
        first_day=limits.first,
        last_day=limits.last,
        staff_sha256=staff_sha256,
        visitors=tuple(Visitor(m.number, m.name, m.town, m.party, m.phone) for m in staff),
        stops=tuple(_stops(trips, drawn, homes, groups)),
        unplanned=tuple(Unplanned(u, *drawn.units[u], reason) for u, reason in reasons.items()),
        guides=guides,
    )


def _left_out(drawn: Drawn, groups: Groups, without: Collection[str]) -> dict[str, str]:
    """Unit → why it is not planned. BadInput for a town of no group that nobody asked to leave out."""
    towns: dict[str, int] = {}
    for _, _, town in drawn.units.values():
        towns[town] = towns.get(town, 0) + 1
    for town in without:
        if groups.home(town) is not None or town not in towns:
            raise BadInput(
                f"{town} stands in a group" if groups.home(town) else f"nothing was drawn in '{town}'",
                remedy="--without leaves out towns of no group, as the certificate writes them",
            )
    for town, count in sorted(towns.items()):
        if town != UNKNOWN_TOWN and groups.home(town) is None and town not in without:
            raise BadInput(
                f"{town}, where {count} units were drawn, stands in neither group of towns",
                remedy=f"correct the roster, name it in a file for --groups, or leave it out by --without {town}",
            )
    return {
        unit: NO_TOWN if town == UNKNOWN_TOWN else LEFT_OUT
        for unit, (_, _, town) in drawn.units.items()
        if town == UNKNOWN_TOWN or town in without
    }


def to_visit(
    units: Sequence[str], drawn: Drawn, homes: Homes, staff: Sequence[Member], groups: Groups
) -> dict[int, list[Home]]:
    """Group → the households it visits, with whom their people bar: units under one number are one household."""
    together: dict[str, list[str]] = {}
    for unit in units:
        together.setdefault(household_of(unit), []).append(unit)
    found: dict[int, list[Home]] = {1: [], 2: []}
    for of_home in together.values():
        first, town = homes.by_unit[of_home[0]], drawn.units[of_home[0]][2]
        party = groups.visitors_of(town)
        assert party is not None, "towns of no group were left out before"
        names, ids = _people(first)
        barred = frozenset(m.number for m in staff if m.party == party and (m.names & names or m.ids & ids))
        found[party].append(Home(town, first.where("village"), first.where("address"), tuple(of_home), barred))
    return {
        party: sorted(of, key=lambda h: (groups.visited_by(party).index(h.town), h.place))
        for party, of in found.items()
    }


def _people(home: Household) -> tuple[set[str], set[str]]:
    """The names and ID numbers, as compared, of everybody on the roster under the household's number, and of carers."""
    names = [r.get(c) for r in home.people for c in ("name", "carer_name")]
    ids = {id_key(r.get(c)) for r in home.people for c in ("id_number", "carer_id_number")}
    keys = name_keys(pl.Series([n for n in names if n], dtype=pl.String)).to_list()
    return set(keys) - {""}, ids - {""}


def plan_trips(
    homes: dict[int, list[Home]],
    staff: Sequence[Member],
    groups: Groups,
    limits: Limits,
    places: Callable[[str], str] = str,
) -> list[Trip]:
    """The trips of both groups by day, town and way. BadInput, saying why, where there can be none.

    `places`: how an error names a unit (its row of the roster).
    """
    found: list[Trip] = []
    for party, to_see in homes.items():
        if not to_see:
            continue
        own = [m for m in staff if m.party == party]
        days = limits.days(len(to_see), own)
        if told := why_not(party, to_see, own, groups, days, limits.capacity, limits.teams, places):
            raise told
        trips = _trips(party, to_see, own, days, limits)
        found += trips
    _check(found, staff, groups, limits.capacity)
    order = {t: i for i, t in enumerate((*groups.towns[1], *groups.towns[2]))}
    return sorted(found, key=lambda t: (t.day, order[t.route.town], t.route.homes[0].place))


def _trips(
    party: int, homes: Sequence[Home], staff: Sequence[Member], days: Sequence[dt.date], limits: Limits
) -> list[Trip]:
    """One group's trips: the quick way first, with relatives' households among the others and then apart; then exactly.

    BadInput where there are none, saying whether that is proven.
    """
    for apart in (False, True):
        routes = routes_of(homes, limits.capacity, len(staff), apart=apart)
        for way in (day_by_day, routes_exactly):
            if (trips := way(routes, staff, days, limits.teams)) is not None:
                return trips
    try:
        if (trips := homes_exactly(homes, staff, days, limits.capacity, limits.teams)) is not None:
            return trips
        told = "can share out"
    except ValueError:
        told = "was found to share out"
    towns = "、".join(dict.fromkeys(h.town for h in homes))
    raise BadInput(
        f"no plan {told} the {len(homes)} households that group {party} visits ({towns}) over {len(days)} days: "
        "on too few of them are two people free who are no relatives of those to be visited",
        remedy="add people who are no relatives, or days on which they are free",
    )


def _check(trips: Sequence[Trip], staff: Sequence[Member], groups: Groups, capacity: int) -> None:
    """The rules once more, over what came out: a plan that broke one must never reach paper."""
    by_number = {m.number: m for m in staff}
    out: set[tuple[int, dt.date]] = set()
    for trip in trips:
        pair = [by_number[n] for n in trip.pair]
        sound = (
            len(set(trip.pair)) == 2
            and len(trip.route.homes) <= capacity
            and not trip.route.barred & set(trip.pair)
            and all(m.party == groups.visitors_of(trip.route.town) and m.town != trip.route.town for m in pair)
            and all(m.free_on(trip.day) and (m.number, trip.day) not in out for m in pair)
        )
        if not sound:
            raise AuditError("a trip of the plan breaks the rules of cross-checking; report it, with the staff list")
        out |= {(m.number, trip.day) for m in pair}


def _stops(trips: Sequence[Trip], drawn: Drawn, homes: Homes, groups: Groups) -> list[Stop]:
    stops: list[Stop] = []
    for number, trip in enumerate(trips, 1):
        party = groups.visitors_of(trip.route.town)
        assert party is not None
        units = [(u, sorted(h.barred)) for h in trip.route.homes for u in h.units]
        for order, (unit, barred) in enumerate(units, 1):
            home, (draws, digests, town) = homes.by_unit[unit], drawn.units[unit]
            stops.append(
                Stop(
                    unit, draws, digests, scheme_of(unit), home.household_no, home.head["record_id"], town,
                    home.where("village"), str(home.head["name"] or ""), home.where("address"), home.where("phone"),
                    party, trip.pair, trip.day, number, order, tuple(barred),
                )
            )  # fmt: skip
    return stops


def _places(homes: Homes) -> Callable[[str], str]:
    return lambda unit: place(homes.by_unit[unit].head["record_id"])
