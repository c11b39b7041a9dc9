"""Planted for rules 1-5 and 13-15: death, register, prison, double enrolment, validity, split household, spouse."""

from __future__ import annotations

from pipeline.demo.model import Case, County, Row
from pipeline.demo.planting.registry import near_miss, positive
from pipeline.demo.rosters import STOP_REASONS, account, family_case, grant, household_no, stop_case, tekun_case


def with_others(case: Case) -> bool:
    """The household has a covered member besides its head."""
    return len(case.rows) > 1 and all(r.get("covered", True) for r in case.rows[:2])


def alone(case: Case) -> bool:
    return len(case.rows) == 1


def register(c: County, pid: int, status: str = "正常", **values: object) -> Row:
    """A register row of a person in the own register household."""
    return c.add("household_register", pid, hukou_no=hukou_no(c, pid), status=status, **values)


def hukou_no(c: County, pid: int) -> str:
    return f"440281{int(c.people.home[pid]):07d}"


def die(c: County, pid: int, months_ago: int, *, day: int = 12, origin: str = "公安", cancelled: bool = True) -> None:
    """A death in the month `months_ago` before M (after it when negative); the register follows four days later."""
    c.add("death", pid, died_on=c.month.day(months_ago, day), origin=origin)
    if cancelled and ("household_register", pid) not in c.own:
        register(c, pid, "注销", status_on=c.month.day(months_ago, day + 4))


# ------------------------------------------------------------------------------------------------ 1, 2, 3
@positive("deceased_on_roster", "died last month", months=1)
@positive("deceased_on_roster", "died eight months ago, register unchanged", months=8, cancelled=False)
@positive("deceased_on_roster", "member of a borderline household", months=4, scheme="borderline")
@near_miss("deceased_on_roster", "died in M itself", months=0)
@near_miss("deceased_on_roster", "died after as_of", months=-1, cancelled=False)
def dies(c: County, months: int, cancelled: bool = True, scheme: str = "dibao") -> int:
    pid = int(c.take(scheme, need=with_others).rows[1]["pid"])
    die(c, pid, months, cancelled=cancelled)
    return pid


@positive("deceased_on_roster", "two sources disagree, the earlier one counts", first=1, second=0)
@near_miss("deceased_on_roster", "two sources disagree, none before M", first=0, second=-1)
def dies_by_two_sources(c: County, first: int, second: int) -> int:
    pid = int(c.take("dibao", need=with_others).rows[1]["pid"])
    die(c, pid, second, day=2, origin="殡葬", cancelled=False)
    die(c, pid, first, day=28, origin="卫健")
    return pid


@near_miss("deceased_on_roster", "an uncovered member")
def uncovered_dies(c: County) -> int:
    row = c.take("dibao", need=with_others).rows[1]
    row["covered"] = False
    die(c, int(row["pid"]), 5)
    return int(row["pid"])


@near_miss("deceased_on_roster", "household stopped for it")
def dies_and_is_stopped(c: County) -> int:
    case = c.take("dibao", need=alone)
    die(c, case.pids[0], 4)
    stop_case(c, case, 3, "死亡")
    return case.pids[0]


@positive("register_cancelled", "moved out", status="迁出", months=3)
@positive("register_cancelled", "cancelled without a death", status="注销", months=2)
@positive("register_cancelled", "moved out on as_of", status="迁出", months=0, day=31)
@near_miss("register_cancelled", "moves out after as_of", status="迁出", months=-1)
def leaves_register(c: County, status: str, months: int, day: int = 9) -> int:
    pid = int(c.take("dibao", "expenditure", need=with_others).rows[1]["pid"])
    register(c, pid, status, status_on=c.month.day(months, day))
    return pid


@near_miss("register_cancelled", "moved within the county")
def moves_within(c: County) -> int:
    pid = int(c.take("dibao", need=with_others).rows[1]["pid"])
    register(c, pid, "迁出", status_on=c.month.day(5))
    c.add(
        "household_register", pid, hukou_no=f"440281{9_000_000 + c.next_serial():07d}", status="正常", relation="户主"
    )
    return pid


@near_miss("register_cancelled", "cancelled for a death in M")
def cancelled_for_death(c: County) -> int:
    pid = int(c.take("dibao", need=with_others).rows[1]["pid"])
    die(c, pid, 0, day=3)
    return pid


@near_miss("register_cancelled", "an uncovered member")
def uncovered_leaves(c: County) -> int:
    row = c.take("dibao", need=with_others).rows[1]
    row["covered"] = False
    register(c, int(row["pid"]), "迁出", status_on=c.month.day(3))
    return int(row["pid"])


@positive("in_prison", "a fixed term", begin=14, end=-20)
@positive("in_prison", "an open term", begin=5, end=None)
@positive("in_prison", "the term ends on as_of", begin=20, end=0, day=31)
@near_miss("in_prison", "released last month", begin=20, end=1)
@near_miss("in_prison", "the term begins after as_of", begin=-1, end=-30)
def is_in_prison(c: County, begin: int, end: int | None, day: int = 15) -> int:
    pid = int(c.take("dibao", need=with_others).rows[1]["pid"])
    c.add("prison", pid, from_on=c.month.day(begin, 4), until_on=None if end is None else c.month.day(end, day))
    return pid


@near_miss("in_prison", "an uncovered member")
def uncovered_in_prison(c: County) -> int:
    row = c.take("dibao", need=with_others).rows[1]
    row["covered"] = False
    c.add("prison", int(row["pid"]), from_on=c.month.day(9), until_on=None)
    return int(row["pid"])


# ------------------------------------------------------------------------------------------------ 4, 5
def join(c: County, pid: int, case: Case, **values: object) -> Row:
    """A further row of `case` for a person who does not live there."""
    row = dict(case.head) | {"pid": pid, "relation": "其他", "disability_type": None, "disability_level": None}
    case.rows.append(row | values)
    return case.rows[-1]


@positive("enrolled_twice", "covered in two households")
@near_miss("enrolled_twice", "uncovered in the second household", covered=False)
@near_miss("enrolled_twice", "stopped in the second household", stopped=True)
def joins_second_household(c: County, covered: bool = True, stopped: bool = False) -> int:
    pid = c.take("dibao", need=alone).pids[0]
    other = c.take("dibao", need=with_others)
    row = join(c, pid, other, covered=covered)
    if stopped:
        row.update(start_month=c.month.back(30), stop_month=c.month.back(4), stop_reason=STOP_REASONS[2])
    return pid


@near_miss("enrolled_twice", "twice in one household")
def twice_in_one_household(c: County) -> int:
    case = c.take("dibao", need=with_others)
    join(c, case.pids[1], case, relation=case.rows[1]["relation"])
    return case.pids[1]


@positive("exclusive_schemes", "tekun and dibao", scheme="dibao")
@positive("exclusive_schemes", "tekun and borderline", scheme="borderline")
@near_miss("exclusive_schemes", "tekun, and uncovered in dibao", scheme="dibao", covered=False)
def tekun_joins(c: County, scheme: str, covered: bool = True) -> int:
    pid = c.take("tekun").pids[0]
    row = join(c, pid, c.take(scheme, need=with_others))
    if scheme == "dibao":
        row["covered"] = covered
    return pid


@positive("exclusive_schemes", "a tekun child paid as a child in need", stopped=False)
@near_miss("exclusive_schemes", "a tekun child no longer paid as a child in need", stopped=True)
def tekun_child(c: County, stopped: bool) -> int:
    members = c.take_home("HC", "HG", need=lambda m: c.people.age[m[-1]] < 16)
    pid = members[-1]
    case = tekun_case(c, int(c.people.home[pid]), [pid])
    case.taken = True
    c.cases["tekun"].append(case)
    c.add(
        "child_welfare", pid, kind="事实无人抚养儿童", monthly_amount=1313.0,
        start_month=c.month.back(30), stop_month=c.month.back(0) if stopped else None,
    )  # fmt: skip
    return pid


@near_miss("exclusive_schemes", "tekun and a temporary grant")
def tekun_with_grant(c: County) -> int:
    pid = c.take("tekun").pids[0]
    grant(c, pid)
    return pid


# ------------------------------------------------------------------------------------------------ 13, 14, 15
@positive("validity_expired", "expired two months ago", scheme="borderline", months=2)
@positive("validity_expired", "expired on the last day before M", scheme="expenditure", months=1)
@near_miss("validity_expired", "valid to the first day of M", scheme="borderline", months=0, day=1)
@near_miss("validity_expired", "valid to the end of M", scheme="expenditure", months=0)
def expires(c: County, scheme: str, months: int, day: int = 31) -> Case:
    case = c.take(scheme)
    case.set(valid_until=c.month.day(months, day), start_month=c.month.back(11 + months))
    return case


@positive("validity_expired", "no end, begun fifteen months ago", start=15)
@near_miss("validity_expired", "no end, begun eight months ago", start=8)
def open_ended(c: County, start: int) -> Case:
    case = c.take("expenditure")
    case.set(valid_until=None, start_month=c.month.back(start))
    return case


@near_miss("validity_expired", "expired and stopped")
def expired_and_stopped(c: County) -> Case:
    case = c.take("borderline")
    stop_case(c, case, 2)
    return case


@positive("household_split", "two dibao households", scheme="dibao")
@near_miss("household_split", "the second household is stopped", scheme="dibao", stopped=True)
@near_miss("household_split", "the second household is borderline", scheme="borderline")
def splits(c: County, scheme: str, stopped: bool = False) -> Case:
    case = c.take("dibao", need=lambda k: with_others(k) and c.people.age[k.pids[-1]] >= 18)
    row = case.rows.pop()
    second = family_case(c, scheme, case.home, [int(row["pid"])])
    second.taken = True
    c.cases[scheme].append(second)
    if stopped:
        stop_case(c, second, 4)
    return case


@near_miss("household_split", "one person in both")
def one_person_in_both(c: County) -> Case:
    case = c.take("dibao", need=alone)
    pid = case.pids[0]
    second = Case("dibao", household_no(c, "dibao"), case.home, [dict(case.head)], taken=True)
    second.set(household_no=second.no, bank_account=account(c))
    c.cases["dibao"].append(second)
    c.quiet.add(pid)
    return case


@positive("spouse_omitted", "married, the spouse is in no row")
@positive("spouse_omitted", "the couple's row stands under the spouse", reverse=True)
@near_miss("spouse_omitted", "divorced since", divorced=True)
@near_miss("spouse_omitted", "the spouse is dead", dead=True)
@near_miss("spouse_omitted", "the spouse is an uncovered row", enrolled=True)
def spouse_elsewhere(
    c: County, reverse: bool = False, divorced: bool = False, dead: bool = False, enrolled: bool = False
) -> int:
    case = c.take("dibao", need=lambda k: alone(k) and c.people.age[k.pids[0]] < 60)
    pid = case.pids[0]
    spouse = c.take_home("H", need=lambda m: bool(c.people.male[m[0]] != c.people.male[pid]))[0]
    first, second = (spouse, pid) if reverse else (pid, spouse)
    c.add("marriage", first, spouse_pid=second, event="结婚", registered_on=c.month.day(40))
    c.own.add(("marriage", second))
    if divorced:
        c.add("marriage", pid, spouse_pid=spouse, event="离婚", registered_on=c.month.day(3))
    if dead:
        die(c, spouse, 7)
    if enrolled:
        join(c, spouse, case, covered=False, relation="配偶")
    c.quiet.add(spouse)
    return pid
