"""Planted for rules 33-38: care levels, assessments, carers, patrols and care sums of tekun people."""

from __future__ import annotations

from datetime import date, timedelta

from pipeline.contract import CARE_INDICATORS
from pipeline.demo.model import Case, County, Row
from pipeline.demo.planting.registry import near_miss, positive

_SELF_CARE = {"全自理": "全自理", "半护理": "半失能", "全护理": "失能"}
_FAILED = {"全自理": 0, "半护理": 2, "全护理": 5}
_LEVEL = ("全自理", "半护理", "半护理", "半护理", "全护理", "全护理", "全护理")


def assess(c: County, case: Case, on: date, failed: int) -> Row:
    """An assessment that fails `failed` of the six acts."""
    lost = set(c.rng.permutation(6)[:failed].tolist())
    acts = {act: i not in lost for i, act in enumerate(CARE_INDICATORS)}
    return c.add("care_assessment", case.pids[0], household_no=case.no, assessed_on=on, result=_LEVEL[failed], **acts)


def graded(c: County, case: Case, care: str) -> Case:
    """Give the person this care level, all entries agreeing: self-care, care sum, carer where one is due."""
    case.set(care_level=care, self_care=_SELF_CARE[care], care_amount=c.figures.care_pay[care], failed=_FAILED[care])
    if scattered(case) and care != "全自理":
        case.set(carer_pid=c.between(0, len(c.people) - 1), care_agreement_on=c.month.day(c.between(2, 30), 6))
    return case


def scattered(case: Case) -> bool:
    return bool(case.head["support_mode"] == "分散")


def able(case: Case) -> bool:
    return bool(case.head["care_level"] == "全自理")


@positive("care_level_mismatch", "assessed partly unable, on file as able", failed=2)
@positive("care_level_mismatch", "assessed wholly unable, on file as able", failed=4)
@near_miss("care_level_mismatch", "assessed able, on file as able", failed=0)
def assessed_otherwise(c: County, failed: int) -> Case:
    case = c.take("tekun", need=able)
    case.set(assessed_on=c.month.day(2))
    assess(c, case, c.month.day(2), failed)
    return case


@positive("care_level_mismatch", "only the self-care entry disagrees")
def self_care_disagrees(c: County) -> Case:
    case = c.take("tekun", need=able)
    case.set(self_care="半失能", assessed_on=c.month.day(1))
    assess(c, case, c.month.day(1), 0)
    return case


@near_miss("care_level_mismatch", "an older assessment disagrees", months=11)
@near_miss("care_level_mismatch", "an assessment after as_of disagrees", months=-1)
def other_assessment_disagrees(c: County, months: int) -> Case:
    case = c.take("tekun", need=able)
    case.set(assessed_on=c.month.day(1))
    assess(c, case, c.month.day(months, 6), 3)
    assess(c, case, c.month.day(1), 0)
    return case


@positive("assessment_missing", "none anywhere", on_file=False, assessed=False)
@near_miss("assessment_missing", "only the roster has a date", on_file=True, assessed=False)
@near_miss("assessment_missing", "only an assessment record", on_file=False, assessed=True)
def assessed_where(c: County, on_file: bool, assessed: bool) -> Case:
    case = c.take("tekun")
    case.set(assessed_on=c.month.day(0, 12) if on_file else None)
    c.without("care_assessment", case.pids)
    if assessed:
        assess(c, case, c.month.day(0, 12), int(case.head["failed"]))
    return case


@near_miss("assessment_missing", "none, but stopped")
def unassessed_and_stopped(c: County) -> Case:
    case = c.take("tekun")
    case.set(assessed_on=None, stop_month=c.month.back(3), stop_reason="死亡", start_month=c.month.back(40))
    c.without("care_assessment", case.pids)
    return case


@positive("assessment_overdue", "fourteen months ago", days=None, months=14)
@positive("assessment_overdue", "twelve months ago and a day", days=1, months=12)
@near_miss("assessment_overdue", "twelve months old to the day", days=0, months=12)
def assessed_long_ago(c: County, days: int | None, months: int) -> Case:
    case = c.take("tekun", need=able)
    on = c.month.day(months) if days is None else c.month.ago(12) - timedelta(days=days)
    case.set(assessed_on=on)
    c.without("care_assessment", case.pids)
    return case


@positive("assessment_overdue", "half unable, none this calendar year")
def not_this_year(c: County) -> Case:
    case = graded(c, c.take("tekun"), "半护理")
    early = c.month.number < int(c.figures.limits["reassess_from_month"])  # before it the calendar year does not count
    case.set(assessed_on=c.month.ago(13) if early else date(c.month.year - 1, 12, 20))
    c.without("care_assessment", case.pids)
    return case


@near_miss("assessment_overdue", "the roster's date is old, the record is new")
def newer_record(c: County) -> Case:
    case = c.take("tekun", need=able)
    case.set(assessed_on=c.month.day(20))
    assess(c, case, c.month.day(1), 0)
    return case


@near_miss("assessment_overdue", "able, assessed late last year")
def able_last_year(c: County) -> Case:
    case = c.take("tekun", need=able)
    case.set(assessed_on=c.month.ago(11))
    c.without("care_assessment", case.pids)
    return case


@positive("carer_missing", "no carer", carer=False)
@positive("carer_missing", "no agreement date", carer=True)
def lacks_carer(c: County, carer: bool) -> Case:
    case = graded(c, c.take("tekun", need=scattered), "半护理")
    case.set(**({"care_agreement_on": None} if carer else {"carer_pid": None}))
    return case


@near_miss("carer_missing", "able, no carer needed")
def needs_no_carer(c: County) -> Case:
    return c.take("tekun", need=lambda k: able(k) and scattered(k))


@near_miss("carer_missing", "unable, but in an institution")
def in_institution(c: County) -> Case:
    return graded(c, c.take("tekun", need=lambda k: not scattered(k)), "全护理")


@near_miss("carer_missing", "carer and agreement on file")
def has_carer(c: County) -> Case:
    return graded(c, c.take("tekun", need=scattered), "半护理")


def visit(c: County, case: Case, on: date) -> None:
    c.add("patrol", case.pids[0], household_no=case.no, visited_on=on, condition="正常")


@positive("patrol_missing", "last visit the day the window opens", inside=False)
@near_miss("patrol_missing", "last visit the first day of the window", inside=True)
def visited_at_window(c: County, inside: bool) -> Case:
    case = c.take("tekun", need=scattered)
    days = int(c.figures.limits["patrol_days"])
    visit(c, case, c.month.days_ago(days - 1 if inside else days))
    return case


@positive("patrol_missing", "never visited")
def never_visited(c: County) -> Case:
    case = c.take("tekun", need=scattered)
    c.without("patrol", case.pids)
    return case


@near_miss("patrol_missing", "in an institution, never visited")
def unvisited_in_institution(c: County) -> Case:
    case = c.take("tekun", need=lambda k: not scattered(k))
    c.without("patrol", case.pids)
    return case


@near_miss("patrol_missing", "visited on as_of")
def visited_on_as_of(c: County) -> Case:
    case = c.take("tekun", need=scattered)
    visit(c, case, c.month.as_of)
    return case


@positive("care_pay_mismatch", "the sum of another level", care="全护理")
@positive("care_pay_mismatch", "ten yuan more", more=10.0)
@near_miss("care_pay_mismatch", "the standard", more=0.0)
def care_sum(c: County, care: str | None = None, more: float = 0.0) -> Case:
    case = c.take("tekun", need=able)
    case.set(care_amount=c.figures.care_pay[care] if care else c.figures.care_pay["全自理"] + more)
    return case


@near_miss("care_pay_mismatch", "partly unable, the standard of that level", care="半护理")
@near_miss("care_pay_mismatch", "wholly unable, the standard of that level", care="全护理")
def care_sum_of_level(c: County, care: str) -> Case:
    return graded(c, c.take("tekun"), care)
