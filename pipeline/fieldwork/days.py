"""Working days: the state's calendar with its shifted rest days, and Monday to Friday in years it does not know yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache


def known(day: dt.date) -> bool:
    """Whether the holidays of the day's year are known."""
    return day.year in _years()


@cache
def _years() -> frozenset[int]:
    from chinese_calendar.constants import holidays

    return frozenset(d.year for d in holidays)


def is_workday(day: dt.date) -> bool:
    """Whether the day is a working day; in a year whose holidays are not known, Monday to Friday."""
    from chinese_calendar import is_workday as by_calendar

    return bool(by_calendar(day)) if known(day) else day.weekday() < 5


def workdays(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The working days from `first` to `last`, both included."""
    for n in range((last - first).days + 1):
        if is_workday(day := first + dt.timedelta(days=n)):
            yield day
