"""Planted for rules 24-29: payments. A case without `payments` is paid as usual."""

from __future__ import annotations

from pipeline.demo.model import Case, County, Row
from pipeline.demo.planting.ineligible import alone, die, with_others
from pipeline.demo.planting.registry import Subject, near_miss, positive
from pipeline.demo.rosters import account, grant, stop_case

MONTHS_PAID = 6  # M and the five months before it stand in the drop


def due(case: Case) -> float:
    """What the household is due a month: dibao's amount once, tekun's both sums of each row."""
    if case.scheme == "dibao":
        return float(case.head["monthly_amount"])
    return sum(float(r["monthly_amount"]) + float(r["care_amount"]) for r in case.rows)


def pay(
    c: County,
    case: Case,
    months_ago: int,
    amount: float | None = None,
    *,
    number: str | None = None,
    scheme: str | None = None,
) -> Row:
    """One payment to a household's head, of its due unless an amount is given."""
    month = c.month.back(months_ago)
    row: Row = {
        "month": month, "scheme": scheme or case.scheme, "household_no": number or case.no, "payee_pid": case.pids[0],
        "bank_account": case.head["bank_account"], "amount": round(due(case) if amount is None else amount, 2),
        "paid_on": c.month.day(months_ago, 10),
    }  # fmt: skip
    case.payments.append(row)
    return row


def pay_usual(c: County, case: Case, *, but: tuple[int, ...] = ()) -> None:
    """Its due in each month that it is active in, except `but` (months ago)."""
    start, stop = str(case.head["start_month"]), case.head["stop_month"]
    for ago in range(MONTHS_PAID - 1, -1, -1):
        month = c.month.back(ago)
        if start <= month and (stop is None or month < str(stop)) and ago not in but:
            pay(c, case, ago)


def settled(c: County, *schemes: str) -> Case:
    """A household paid in every month of the drop so far."""
    before = c.month.back(MONTHS_PAID)
    return c.take(*schemes, need=lambda k: str(k.head["start_month"]) <= before)


# ------------------------------------------------------------------------------------------------ 24, 25
@positive("paid_after_death", "the payee died three months ago", months=3, paid_to=0)
@near_miss("paid_after_death", "the payee died in M, paid in M", months=0, paid_to=0)
@near_miss("paid_after_death", "the last payment was in the month of death", months=3, paid_to=3)
def payee_dies(c: County, months: int, paid_to: int) -> Case:
    case = c.take("dibao", need=lambda k: with_others(k) and str(k.head["start_month"]) <= c.month.back(MONTHS_PAID))
    die(c, case.pids[0], months)
    if paid_to:
        stop_case(c, case, paid_to - 1, "死亡")
    pay_usual(c, case)
    return case


@positive("paid_after_death", "the only member died two months ago", months=2, paid_to=0)
@near_miss("paid_after_death", "stopped after the only member's death", months=2, paid_to=2)
def only_member_dies(c: County, months: int, paid_to: int) -> Case:
    case = c.take("tekun", need=lambda k: str(k.head["start_month"]) <= c.month.back(MONTHS_PAID))
    die(c, case.pids[0], months)
    if paid_to:
        stop_case(c, case, paid_to - 1, "死亡")
    pay_usual(c, case)
    return case


@near_miss("paid_after_death", "alive, a namesake died")
def namesake_dies(c: County) -> Case:
    case = c.take("dibao", need=alone)
    other = c.take_home("H")[0]
    c.people.name[other] = c.people.name[case.pids[0]]
    die(c, other, 6)
    return case


@positive("paid_after_stop", "paid on after the stop month", paid_to=0)
@positive("paid_after_stop", "paid in the stop month itself", paid_to=2)
@near_miss("paid_after_stop", "the last payment is the month before", paid_to=3)
def stopped_and_paid(c: County, paid_to: int) -> Case:
    case = c.take("dibao", need=lambda k: str(k.head["start_month"]) <= c.month.back(MONTHS_PAID))
    for ago in range(MONTHS_PAID - 1, paid_to - 1, -1):
        pay(c, case, ago)
    stop_case(c, case, 2)
    return case


@near_miss("paid_after_stop", "one member is stopped, the others are paid")
def one_stopped(c: County) -> Case:
    case = c.take("dibao", need=with_others)
    case.rows[1].update(stop_month=c.month.back(2), stop_reason="就业后收入增加")
    case.rows[1]["start_month"] = min(str(case.head["start_month"]), c.month.back(14))
    return case


@near_miss("paid_after_stop", "stops next month")
def stops_next_month(c: County) -> Case:
    case = c.take("dibao")
    case.set(stop_month=c.month.back(-1), stop_reason="主动申请退出")
    return case


# ------------------------------------------------------------------------------------------------ 26, 27
@positive("paid_without_enrolment", "a number on no roster", scheme="dibao")
@positive("paid_without_enrolment", "a dibao number paid as tekun", scheme="tekun")
def unknown_number(c: County, scheme: str) -> Case:
    case = c.take("dibao")
    pay_usual(c, case)
    number = case.no if scheme == "tekun" else f"DB440281{900_000 + c.next_serial():06d}"
    for ago in (1, 0):
        row = pay(c, case, ago, 412.0, number=number, scheme=scheme)
        row["bank_account"] = account(c)
    return Case(scheme, number, case.home, case.rows[:1])


@positive("paid_without_enrolment", "a temporary grant that nobody was given", known=False)
@near_miss("paid_without_enrolment", "a temporary grant, paid under its own number", known=True)
def grant_paid(c: County, known: bool) -> Case:
    case = c.take("dibao")
    row = grant(c, case.pids[0], granted_on=c.month.day(1, 9))
    number = str(row["grant_no"]) if known else f"LS{9_000_000 + c.next_serial():07d}"
    if not known:
        pay_usual(c, case)
        pay(c, case, 1, 1500.0, number=number, scheme="temporary")
    return Case("temporary", number, case.home, case.rows[:1])


@near_miss("paid_without_enrolment", "a stopped household, paid before its stop")
def paid_before_stop(c: County) -> Case:
    case = c.take("dibao", need=lambda k: str(k.head["start_month"]) <= c.month.back(MONTHS_PAID))
    stop_case(c, case, 2)
    return case


@near_miss("paid_without_enrolment", "every member uncovered but one")
def paid_for_one(c: County) -> Case:
    case = c.take("dibao", need=with_others)
    for row in case.rows[1:]:
        row["covered"] = False
    return case


@near_miss("paid_without_enrolment", "a household of two rows, one stopped")
def paid_with_stopped_row(c: County) -> Subject:
    return one_stopped(c)


@positive("enrolled_without_payment", "nothing in M", scheme="dibao")
@positive("enrolled_without_payment", "tekun, nothing in M", scheme="tekun")
def unpaid(c: County, scheme: str) -> Case:
    case = settled(c, scheme)
    pay_usual(c, case, but=(0,))
    return case


@near_miss("enrolled_without_payment", "enrolled in M itself", start=0)
@near_miss("enrolled_without_payment", "enrolled from next month on", start=-1)
def just_enrolled(c: County, start: int) -> Case:
    case = c.take("dibao")
    case.set(start_month=c.month.back(start))
    case.months_unpaid.add(c.month.text)
    return case


@near_miss("enrolled_without_payment", "stopped in M")
def stopped_in_month(c: County) -> Case:
    case = c.take("dibao")
    stop_case(c, case, 0)
    return case


# ------------------------------------------------------------------------------------------------ 28, 29
@positive("amount_mismatch", "paid less than due", scheme="dibao", more=-60.0)
@positive("amount_mismatch", "paid more than due", scheme="dibao", more=100.0)
@positive("amount_mismatch", "tekun paid without the care sum", scheme="tekun", more=None)
def pays_other_sum(c: County, scheme: str, more: float | None) -> Case:
    case = settled(c, scheme)
    pay_usual(c, case, but=(0,))
    pay(c, case, 0, float(case.head["monthly_amount"]) if more is None else due(case) + more)
    return case


@near_miss("amount_mismatch", "two unequal parts make up the due", scheme="dibao")
@near_miss("amount_mismatch", "tekun's two sums are paid apart", scheme="tekun")
def paid_in_parts(c: County, scheme: str) -> Case:
    case = settled(c, scheme)
    pay_usual(c, case, but=(0,))
    first = 100.0 if scheme == "dibao" else float(case.head["monthly_amount"])
    pay(c, case, 0, first)
    pay(c, case, 0, due(case) - first)
    return case


@near_miss("amount_mismatch", "a past month differs, M agrees")
def past_month_differs(c: County) -> Case:
    case = settled(c, "dibao")
    pay_usual(c, case, but=(3,))
    pay(c, case, 3, due(case) - 35)
    return case


@positive("paid_twice", "the same sum twice in one month")
def paid_twice(c: County) -> Case:
    case = settled(c, "dibao", "tekun")
    pay_usual(c, case)
    row = dict(case.payments[1])
    row["paid_on"] = c.month.day(MONTHS_PAID - 2, 21)
    case.payments.append(row)
    return case


@near_miss("paid_twice", "two unequal sums in one month")
def paid_unequal(c: County) -> Subject:
    return paid_in_parts(c, "dibao")


@near_miss("paid_twice", "the same sum in two months, paid on one day")
def paid_late(c: County) -> Case:
    case = settled(c, "dibao")
    pay_usual(c, case)
    case.payments[1]["paid_on"] = case.payments[2]["paid_on"]
    return case


@near_miss("paid_twice", "one sum to two households")
def same_sum_elsewhere(c: County) -> Case:
    first, second = settled(c, "dibao"), settled(c, "dibao")
    pay_usual(c, first)
    for row in (pay(c, second, ago) for ago in range(MONTHS_PAID)):
        row["amount"] = due(first)
    second.set(monthly_amount=due(first))
    return first
