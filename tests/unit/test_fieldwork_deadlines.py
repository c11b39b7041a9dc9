"""Working days across public holidays and shifted workdays; what is due, done and late; the notice's stages."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pipeline.errors import BadInput
from pipeline.fieldwork.progress.deadlines import (
    AHEAD,
    DONE,
    DONE_LATE,
    LATE,
    TODAY,
    first_month_unpaid,
    report_due,
    stages_of,
    state_of,
)
from pipeline.fieldwork.workdays import Workdays, read_workdays
from pipeline.policy import pack_for

D = dt.date
POLICY = pack_for("2022-10")


def own_list(folder: Path, text: str) -> Path:
    path = folder / "holidays.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("last", "due"),
    [
        # an ordinary week: Monday's visit, seven working days later
        (D(2022, 10, 17), D(2022, 10, 26)),
        # the National Day week of 2022 is off, 8 and 9 October (a weekend) are worked
        (D(2022, 9, 29), D(2022, 10, 13)),
        # a visit on a Sunday that is off: counting begins on Monday
        (D(2022, 10, 16), D(2022, 10, 25)),
        # over the turn of the year: 31 December to 2 January off
        (D(2022, 12, 26), D(2023, 1, 5)),
    ],
)
def test_the_report_is_due_seven_working_days_after_the_last_visit(last: dt.date, due: dt.date) -> None:
    assert report_due(last, final=True, policy=POLICY, workdays=Workdays()).due == due


def test_working_days_between_are_those_that_after_counts() -> None:
    days = Workdays()
    start = D(2022, 9, 20)
    for count in range(1, 40):
        assert days.between(start, days.after(start, count)) == count
    assert days.between(start, start) == days.between(start, start - dt.timedelta(days=3)) == 0


def test_a_year_that_is_not_known_is_an_error_that_names_it() -> None:
    with pytest.raises(BadInput, match=r"working days of 2097 .*--holidays"):
        Workdays().after(D(2096, 12, 31), 1)


def test_the_error_comes_only_when_the_count_reaches_the_unknown_year() -> None:
    from chinese_calendar.constants import holidays

    last = max(holidays).year
    assert Workdays().after(D(last, 6, 1), 7).year == last
    with pytest.raises(BadInput, match=str(last + 1)):
        Workdays().after(D(last, 12, 30), 7)


def test_a_bureaus_own_list_takes_the_years_place(tmp_path: Path) -> None:
    path = own_list(
        tmp_path, '["2097"]\noff = ["2097-01-01", 2097-01-02]\non = ["2097-01-05"]\n["2022"]\noff = ["2022-10-10"]\n'
    )
    days = read_workdays(path)
    # 1 January 2097 is a Tuesday; the 5th a Saturday that is worked
    assert days.after(D(2097, 1, 1), 3) == D(2097, 1, 5)
    # 2022 by the list alone: 3 October, off by the calendar, is worked; the 10th is not, nor is Saturday the 8th
    assert [days.works(D(2022, 10, d)) for d in (3, 10, 8)] == [True, False, False]
    assert Workdays().works(D(2022, 10, 8))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("off = [", "not a TOML file"),
        ("[zwei]\noff = ['2027-01-01']", "'zwei' is not a year"),
        ('["2027"]\non = ["2027-02-06"]', "2027 must have a list 'off'"),
        ('["2027"]\noff = []', "2027 must have a list 'off'"),
        ('["2027"]\noff = ["2026-01-01"]', "no date of that year"),
        ('["2027"]\noff = ["1 January"]', "no date of that year"),
        ('["2027"]\noff = [2027-01-01T10:00:00]', "no date of that year"),
        ('["2027"]\noff = ["2027-01-01"]\non = ["2027-01-04"]', "2027-01-04 is worked anyway"),
    ],
)
def test_a_list_that_is_not_right_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadInput, match=told) as e:
        read_workdays(own_list(tmp_path, text))
    assert "holidays.toml" in str(e.value)


def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_workdays(tmp_path / "none.toml")


def test_states() -> None:
    due = D(2022, 10, 26)
    assert state_of(due, None, D(2022, 10, 25)) == AHEAD
    assert state_of(due, None, due) == TODAY
    assert state_of(due, None, D(2022, 10, 27)) == LATE
    assert state_of(due, due, D(2022, 11, 1)) == DONE
    assert state_of(due, D(2022, 10, 27), D(2022, 11, 1)) == DONE_LATE
    # handed in on a day that has not come: not done yet
    assert state_of(due, D(2022, 10, 28), D(2022, 10, 27)) == LATE


def test_the_stages_come_from_the_policy_and_are_not_verified(tmp_path: Path) -> None:
    stages = stages_of(POLICY, 2022)
    assert [s.until for s in stages] == sorted(s.until for s in stages)
    visits = next(s for s in stages if s.name == "入户核查")
    assert visits.until == D(2022, 10, 31) and not POLICY.verified("lists.stages")
    assert visits.state(D(2022, 10, 29)) == "还有2天"
    assert visits.state(D(2022, 11, 2)) == "已过2天"
    ours = tmp_path / "ours.toml"
    ours.write_text('[lists]\nstages = [["入户核查", "02-30"]]\n', encoding="utf-8")
    with pytest.raises(BadInput, match=r"ours\.toml.*'入户核查' is no day of 2022"):
        stages_of(pack_for("2022-10", ours), 2022)


def test_payment_stops_with_the_month_after_the_decision() -> None:
    assert first_month_unpaid(D(2022, 10, 31), POLICY) == "2022-11"
    assert first_month_unpaid(D(2022, 12, 1), POLICY) == "2023-01"
