"""Working days in China: public holidays and shifted workdays, from chinesecalendar or from the bureau's own list.

A year that neither knows is an error, never a guess: the State Council announces a year's days late in the year before.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import chinese_calendar

from pipeline.errors import BadInput
from pipeline.notation import toml

_DAY = dt.timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True)
class OwnYear:
    """A year's days by the bureau's list: days off (weekends apart), and weekend days that are worked."""

    off: frozenset[dt.date]
    on: frozenset[dt.date]


@dataclass(frozen=True)
class Workdays:
    """Which days are worked. A year in `own` goes by the bureau's list alone, any other by chinesecalendar."""

    own: Mapping[int, OwnYear] = field(default_factory=dict)

    def works(self, day: dt.date) -> bool:
        """Whether `day` is a working day. BadInput for a year that is not known."""
        year = self.own.get(day.year)
        if year is not None:
            return day in year.on or (day.weekday() < _SATURDAY and day not in year.off)
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError as e:
            raise BadInput(
                f"the working days of {day.year} are not known to this program",
                remedy="update the package chinesecalendar, or give that year's days off by --holidays FILE",
            ) from e

    def after(self, day: dt.date, count: int) -> dt.date:
        """The `count`-th working day after `day`, which itself is not counted (0: `day`)."""
        while count:
            day += _DAY
            count -= self.works(day)
        return day

    def within(self, first: dt.date, last: dt.date) -> Iterator[dt.date]:
        """The working days from `first` to `last`, both included."""
        for n in range((last - first).days + 1):
            if self.works(day := first + n * _DAY):
                yield day

    def between(self, start: dt.date, end: dt.date) -> int:
        """Working days after `start` up to and with `end`; 0 where `end` is not later."""
        return sum(self.works(start + n * _DAY) for n in range(1, (end - start).days + 1))


def read_workdays(path: Path | None) -> Workdays:
    """The bureau's list, a TOML file; without one, chinesecalendar alone.

    A table a year: ["2027"], off = ["2027-01-01", …] (public holidays; weekends need not stand there), on =
    ["2027-02-06", …] (weekend days that are worked). BadInput names the entry that is not right.
    """
    if path is None:
        return Workdays()
    try:
        data = toml(path.read_text(encoding="utf-8-sig"))
    except OSError as e:
        raise BadInput("the list of holidays cannot be read", file=path.name, remedy="give a readable file") from e
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        raise BadInput(f"not a TOML file: {e}", file=path.name, remedy="correct the line named") from e
    return Workdays({_year(name, path): _own(name, table, path) for name, table in data.items()})


def _year(name: str, path: Path) -> int:
    if not (name.isascii() and name.isdigit() and len(name) == 4):
        raise BadInput(f"'{name}' is not a year", file=path.name, remedy='write a table a year: ["2027"]')
    return int(name)


def _own(name: str, table: Any, path: Path) -> OwnYear:
    if not isinstance(table, dict) or set(table) - {"off", "on"} or not table.get("off"):
        raise BadInput(
            f"the year {name} must have a list 'off' with days in it, and may have 'on'",
            file=path.name,
            remedy='write off = ["…-01-01", …] and on = […] below the year',
        )
    days = {key: _days(name, key, table.get(key, []), path) for key in ("off", "on")}
    for day in sorted(days["on"]):
        if day.weekday() < _SATURDAY or day in days["off"]:
            raise BadInput(
                f"{day} is worked anyway, or stands under 'off' too",
                file=path.name,
                remedy="'on' lists weekend days that are worked in exchange",
            )
    return OwnYear(days["off"], days["on"])


def _days(name: str, key: str, entries: Any, path: Path) -> frozenset[dt.date]:
    found = set()
    for entry in entries if isinstance(entries, list) else [entries]:
        try:
            day = entry if type(entry) is dt.date else dt.date.fromisoformat(str(entry))
        except ValueError:
            day = None
        if day is None or day.year != int(name):
            raise BadInput(
                f"an entry of '{key}' of {name} is no date of that year",
                file=path.name,
                remedy=f"write {name}-MM-DD",
            )
        found.add(day)
    return frozenset(found)
