"""The plan of the visits: every drawn household with its group, its two visitors, its day and its place in the route.

A JSON file (0600: it holds names and addresses). What is drawn and could not be planned stands in it too, with why.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.errors import BadInput
from pipeline.notation import json_of

FORMAT = 1
KIND = "fieldwork-plan"
EXTRA_DRAW = "extra"  # the draw of a stop that an extra draw by risk added
# why a unit is not planned: its roster names no town; it lives in a town of no group, left out on request
NO_TOWN, LEFT_OUT = "no_town", "left_out"


@dataclass(frozen=True)
class Source:
    """A certificate the plan rests on: `kind` random or extra, `round` of a random one."""

    kind: str
    file: str
    sha256: str
    round: int | None


@dataclass(frozen=True)
class Visitor:
    """One of the staff. `number` counts from 1 in the plan; `town` is '' for staff of no town; `party` their group."""

    number: int
    name: str
    town: str
    party: int
    phone: str


@dataclass(frozen=True)
class Guide:
    """Who leads routes in a town; `village` '' = in all of it."""

    town: str
    village: str
    name: str
    phone: str


@dataclass(frozen=True)
class Stop:
    """One drawn unit on its route.

    `draws`: the draws it is in ('tekun', 'care', 'extra' …); `certificates`: the SHA-256 of those that drew it;
    `record_id` of the head's or the person's row; `party`: the group that visits; `visitors`: two numbers; `route`
    counts the day routes of the whole plan, `order` the stops within one, both from 1; `barred`: staff of the group who
    are declared relatives.
    """

    unit: str
    draws: tuple[str, ...]
    certificates: tuple[str, ...]
    scheme: str
    household_no: str
    record_id: str
    town: str
    village: str
    name: str
    address: str
    phone: str
    party: int
    visitors: tuple[int, int]
    day: dt.date
    route: int
    order: int
    barred: tuple[int, ...] = ()


@dataclass(frozen=True)
class Unplanned:
    """A drawn unit that nobody can be sent to, and why (`NO_TOWN`, `LEFT_OUT`)."""

    unit: str
    draws: tuple[str, ...]
    certificates: tuple[str, ...]
    town: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """`parties`: group → the towns its staff come from; each group visits the other's. `stops` by route and order."""

    month: str
    certificates: tuple[Source, ...]
    parties: tuple[tuple[int, tuple[str, ...]], ...]
    capacity: int
    first_day: dt.date
    last_day: dt.date | None
    staff_sha256: str
    visitors: tuple[Visitor, ...]
    stops: tuple[Stop, ...]
    unplanned: tuple[Unplanned, ...]
    guides: tuple[Guide, ...] = ()
    version: str = __version__

    @cached_property
    def by_unit(self) -> dict[str, Stop]:
        return {s.unit: s for s in self.stops}

    @cached_property
    def by_number(self) -> dict[int, Visitor]:
        return {v.number: v for v in self.visitors}

    def pair(self, stop: Stop) -> tuple[Visitor, Visitor]:
        """The two visitors of a stop."""
        first, second = stop.visitors
        return self.by_number[first], self.by_number[second]

    def ledgers(self) -> dict[tuple[int, str], list[Stop]]:
        """(group, visited town) → its stops by route and order: one visit ledger each."""
        found: dict[tuple[int, str], list[Stop]] = {}
        for stop in self.stops:
            found.setdefault((stop.party, stop.town), []).append(stop)
        return dict(sorted(found.items()))

    def json_text(self) -> str:
        data = {"format": FORMAT, "kind": KIND, "tool": "county-audit"} | asdict(self)
        return json.dumps(data, ensure_ascii=False, indent=1, default=lambda day: day.isoformat()) + "\n"

    @property
    def stem(self) -> str:
        """The name of its file without the ending: another staff list or another start gives another plan."""
        return f"plan-{self.month}-{hashlib.sha256(self.json_text().encode()).hexdigest()[:8]}"


def read_plan(path: Path) -> Plan:
    """Read a plan. BadInput for anything else."""
    try:
        data = json_of(path.read_bytes().decode("utf-8-sig"))
        if data["kind"] != KIND or data["format"] != FORMAT:
            raise KeyError("kind")
        return Plan(
            month=str(data["month"]),
            certificates=tuple(Source(**c) for c in data["certificates"]),
            parties=tuple((int(n), tuple(towns)) for n, towns in data["parties"]),
            capacity=int(data["capacity"]),
            first_day=dt.date.fromisoformat(data["first_day"]),
            last_day=None if data["last_day"] is None else dt.date.fromisoformat(data["last_day"]),
            staff_sha256=str(data["staff_sha256"]),
            visitors=tuple(Visitor(**v) for v in data["visitors"]),
            stops=tuple(_stop(s) for s in data["stops"]),
            unplanned=tuple(Unplanned(**_tuples(u)) for u in data["unplanned"]),
            guides=tuple(Guide(**g) for g in data["guides"]),
            version=str(data["version"]),
        )
    except OSError as e:
        raise BadInput("the plan cannot be read", file=path.name, remedy="give a readable file") from e
    except (KeyError, TypeError, ValueError) as e:
        raise BadInput(
            "it is no plan of visits, or of another version",
            file=path.name,
            remedy="give the plan-….json that `audit field plan` wrote, unchanged",
        ) from e


def _stop(data: dict[str, Any]) -> Stop:
    first, second = data["visitors"]
    more = {"visitors": (first, second), "day": dt.date.fromisoformat(data["day"]), "barred": tuple(data["barred"])}
    return Stop(**_tuples(data) | more)


def _tuples(data: dict[str, Any]) -> dict[str, Any]:
    return data | {name: tuple(data[name]) for name in ("draws", "certificates")}


def check_certificates(plan: Plan, digests: Sequence[str], *, file: str) -> None:
    """BadInput unless the plan was made for exactly the certificates of these SHA-256."""
    if {c.sha256 for c in plan.certificates} != set(digests):
        names = ", ".join(c.file for c in plan.certificates)
        raise BadInput(
            "the plan was made for other certificates than those given",
            file=file,
            remedy=f"give by --draw, unchanged, those it was made for: {names}",
        )
