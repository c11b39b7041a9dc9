"""Months as the audit takes them."""

from __future__ import annotations

import datetime

import pytest

from pipeline.errors import BadInput
from pipeline.months import last_day, parse_month


@pytest.mark.parametrize("text", ["2022-10", "1999-01", "2024-12"])
def test_a_month_is_taken_as_it_is(text: str) -> None:
    assert parse_month(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2022",
        "2022-13",
        "2022-00",
        "2022-1",
        "202210",
        "2022-10-01",
        "0000-01",
        " 2022-10",
        "２０２２-10",
        "2022-10\n",
    ],
)
def test_what_is_no_month_is_refused_with_the_form_to_use(text: str) -> None:
    with pytest.raises(BadInput, match="YYYY-MM") as refused:
        parse_month(text)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("month", "day"), [("2022-10", 31), ("2022-11", 30), ("2022-02", 28), ("2024-02", 29), ("2100-02", 28)]
)
def test_as_of_is_the_last_day(month: str, day: int) -> None:
    assert last_day(month) == datetime.date(int(month[:4]), int(month[5:]), day)
