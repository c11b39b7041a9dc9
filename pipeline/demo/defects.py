"""Defects of the rosters' own data, for the completeness checks: on households that no rule was planted on.

They touch only columns that no rule and no link depends on; the truth does not list them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from pipeline.demo.model import Case, County, Row

_SHARE = 0.06  # of the unplanted households get one defect each


def plant_defects(c: County) -> None:
    """One defect each on a few households of dibao, tekun, borderline and expenditure, by turns."""
    turn = 0
    for scheme in ("dibao", "tekun", "borderline", "expenditure"):
        for case in c.cases[scheme]:
            if case.taken or c.rng.random() >= _SHARE:
                continue
            options = {"dibao": _FAMILY, "tekun": _SINGLE}.get(scheme, (*_FAMILY, _elsewhere))
            options[turn % len(options)](c, case)
            c.quiet.update(case.pids)
            turn += 1


def _wrong_sex(c: County, case: Case) -> None:
    row = case.rows[-1]
    row["sex"] = "女" if c.people.male[row["pid"]] else "男"


def _wrong_birth(c: County, case: Case) -> None:
    row = case.rows[-1]
    row["birth_date"] = date.fromisoformat(str(c.people.birth[row["pid"]])) + timedelta(days=365)


def _set(row: Callable[[Case], Row], **values: object) -> Callable[[County, Case], None]:
    return lambda c, case: row(case).update(values)


def _elsewhere(c: County, case: Case) -> None:
    case.set(town="乐昌")  # the county itself is no town of it


def _head(case: Case) -> Row:
    return case.head


def _last(case: Case) -> Row:
    return case.rows[-1]


def _old_review(c: County, case: Case) -> None:
    case.set(last_review_on=c.month.day(c.between(13, 30), 9))


_FAMILY: tuple[Callable[[County, Case], None], ...] = (
    _old_review,
    _set(_head, relation="其他"),
    _wrong_birth,
    _set(_last, relation="户主"),
    _set(_head, village=""),
    _set(_last, health="亚健康", employment_status=None),
    _wrong_sex,
    _set(_head, last_review_on=None),
    _set(_last, per_capita_income=88_000.0),
)
_SINGLE: tuple[Callable[[County, Case], None], ...] = (
    _wrong_birth,
    _wrong_sex,
    _set(_head, village=""),
    _set(_head, bank_account=None),
)
