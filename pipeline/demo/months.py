"""Months and windows, as the rules word them: calendar months, clipped to the month's end.

A month is text `YYYY-MM`; a date is `datetime.date`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.months import last_day, parse_month


def add_months(month: str, n: int) -> str:
    """The month `n` months after (before, when negative) `month`."""
    y, m = divmod(int(month[:4]) * 12 + int(month[5:7]) - 1 + n, 12)
    return f"{y:04d}-{m + 1:02d}"


def day_in(month: str, day: int) -> date:
    """That day of the month, clipped to its last."""
    return date(int(month[:4]), int(month[5:7]), min(day, last_day(month).day))


def shift(day: date, months: int) -> date:
    """`day` moved by calendar months, clipped to the month's end."""
    return day_in(add_months(day.isoformat()[:7], months), day.day)


@dataclass(frozen=True)
class AuditMonth:
    """The audit month M and the days the rules count from."""

    text: str

    def __post_init__(self) -> None:
        parse_month(self.text)

    @property
    def as_of(self) -> date:
        return last_day(self.text)

    @property
    def first(self) -> date:
        return day_in(self.text, 1)

    @property
    def year(self) -> int:
        return int(self.text[:4])

    @property
    def number(self) -> int:
        """1 to 12."""
        return int(self.text[5:7])

    def back(self, n: int) -> str:
        """The month `n` months before M (after, when negative)."""
        return add_months(self.text, -n)

    def day(self, months_ago: int, day: int = 15) -> date:
        """A day in the month `months_ago` before M."""
        return day_in(self.back(months_ago), day)

    def ago(self, months: int) -> date:
        """as_of minus calendar months."""
        return shift(self.as_of, -months)

    def days_ago(self, days: int) -> date:
        return self.as_of - timedelta(days=days)
