"""Months as 'YYYY-MM'."""

from __future__ import annotations

import calendar
import datetime
import re

from pipeline.errors import BadInput

_FORM = re.compile(r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])")


def parse_month(text: str) -> str:
    """The month as given, if it is one. BadInput otherwise."""
    if not _FORM.fullmatch(text):
        raise BadInput(f"'{text}' is not a month", remedy="write it as YYYY-MM, for example 2022-10")
    return text


def last_day(month: str) -> datetime.date:
    """The month's last day: the audit's `as_of`."""
    year, number = int(month[:4]), int(month[5:])
    return datetime.date(year, number, calendar.monthrange(year, number)[1])


def next_month(month: str) -> str:
    """The month after: '2022-12' → '2023-01'."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def months_before(month: str, n: int) -> str:
    """The month `n` months earlier: ('2022-03', 4) → '2021-11'."""
    count = int(month[:4]) * 12 + int(month[5:]) - 1 - n
    return f"{count // 12:04d}-{count % 12 + 1:02d}"
