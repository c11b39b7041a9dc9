"""Planted for rules 16-23: people who seem to be left out. Subjects come from households with nothing else on record."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from pipeline.demo.model import Case, County
from pipeline.demo.planting.assets import owns, plate
from pipeline.demo.planting.ineligible import alone, die, join, register, with_others
from pipeline.demo.planting.registry import near_miss, positive
from pipeline.demo.rosters import grant, stop_case, tekun_case

_FAMILY = ("HSC", "HSCC", "HSCM", "HSA")
_THREE = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户")


def grown(c: County) -> int:
    """The head of a family that is on no roster."""
    return c.take_home(*_FAMILY, need=lambda m: len(m) > 1)[0]


def car(c: County, pid: int) -> None:
    c.add("vehicle", pid, plate=plate(c), kind="小型轿车", use="非营运", registered_on=c.month.day(30), status="正常")


def certify(c: County, pid: int, kind: str, level: str, status: str | None = "正常") -> None:
    number = (
        f"{c.people.id_number[pid]}{('视力', '听力', '言语', '肢体', '智力', '精神', '多重').index(kind) + 1}{level}"
    )
    c.add(
        "disability",
        pid,
        certificate_no=number,
        kind=kind,
        level=level,
        issued_on=c.month.day(c.between(3, 90)),
        status=status,
    )


# ------------------------------------------------------------------------------------------------ 16
@positive("severe_disability_uncovered", "level 1", kind="肢体", level="1")
@positive("severe_disability_uncovered", "level 3, mental", kind="精神", level="3")
@positive("severe_disability_uncovered", "level 2, but the family has a car", kind="视力", level="2", rich=True)
@near_miss("severe_disability_uncovered", "level 3, limb", kind="肢体", level="3")
@near_miss("severe_disability_uncovered", "certificate expired", kind="智力", level="1", status="过期")
@near_miss("severe_disability_uncovered", "certificate cancelled", kind="肢体", level="2", status="注销")
@near_miss("severe_disability_uncovered", "certificate frozen", kind="精神", level="2", status="冻结")
def disabled(c: County, kind: str, level: str, status: str | None = "正常", rich: bool = False) -> int:
    pid = grown(c)
    certify(c, pid, kind, level, status)
    if rich:
        car(c, pid)
    return pid


@positive("severe_disability_uncovered", "an uncovered member of a dibao household")
def uncovered_disabled(c: County) -> int:
    row = c.take("dibao", need=with_others).rows[1]
    row.update(covered=False, disability_type="肢体", disability_level="2")
    certify(c, int(row["pid"]), "肢体", "2", None)
    return int(row["pid"])


@near_miss("severe_disability_uncovered", "dead", state="dead")
@near_miss("severe_disability_uncovered", "moved out", state="gone")
@near_miss("severe_disability_uncovered", "in prison", state="prison")
def disabled_but(c: County, state: str) -> int:
    pid = grown(c)
    certify(c, pid, "肢体", "1")
    if state == "dead":
        die(c, pid, 6)
    elif state == "gone":
        register(c, pid, "迁出", status_on=c.month.day(7))
    else:
        c.add("prison", pid, from_on=c.month.day(12), until_on=None)
    return pid


@near_miss("severe_disability_uncovered", "enrolled, the roster holds the old 15-digit number")
def enrolled_by_old_number(c: County) -> int:
    row = c.take("dibao", need=lambda k: bool(c.people.birth[k.pids[0]] < np.datetime64("1980-01-01"))).head
    row.update(disability_type="听力", disability_level="1", force_id="old15")
    certify(c, int(row["pid"]), "听力", "1")
    return int(row["pid"])


# ------------------------------------------------------------------------------------------------ 17
def monitor(c: County, pids: list[int], kind: str, *, cleared: bool = False) -> None:
    number = f"JC{c.next_serial():06d}"
    for pid in pids:
        c.add(
            "monitored", pid, household_no=number, kind=kind, registered_month=c.month.back(c.between(2, 30)),
            cleared=cleared, per_capita_income=float(c.between(350, 900)),
        )  # fmt: skip


@positive("monitored_uncovered", "unstable", kind=_THREE[0])
@positive("monitored_uncovered", "on the edge", kind=_THREE[1])
@positive("monitored_uncovered", "sudden hardship", kind=_THREE[2])
@near_miss("monitored_uncovered", "risk cleared", kind=_THREE[0], cleared=True)
@near_miss("monitored_uncovered", "out of poverty for good", kind="脱贫户")
def monitored_home(c: County, kind: str, cleared: bool = False) -> int:
    members = list(c.take_home(*_FAMILY))
    monitor(c, members, kind, cleared=cleared)
    return members[0]


@positive("monitored_uncovered", "one member enrolled, the others named", everyone=False)
@near_miss("monitored_uncovered", "every member enrolled", everyone=True)
def monitored_and_enrolled(c: County, everyone: bool) -> int:
    case = c.take("dibao", need=lambda k: len(k.rows) > 1 and all(r["covered"] for r in k.rows))
    if not everyone:
        case.rows[1]["covered"] = False
    monitor(c, case.pids, _THREE[1])
    return case.pids[1]


# ------------------------------------------------------------------------------------------------ 18, 19
def pays(c: County, pid: int, amount: float, *, years_ago: int = 0) -> None:
    c.add(
        "medical",
        pid,
        period=str(c.month.year - years_ago),
        total_cost=round(amount * 2.1, 2),
        self_paid=round(amount, 2),
    )


@positive("medical_burden_uncovered", "exactly the policy amount", more=0.0)
@positive("medical_burden_uncovered", "far above", more=31_250.5)
@positive("medical_burden_uncovered", "the last grant fifteen months ago", more=2_000.0, granted=15)
@near_miss("medical_burden_uncovered", "a cent below", more=-0.01)
@near_miss("medical_burden_uncovered", "a grant three months ago", more=9_000.0, granted=3)
def ill(c: County, more: float, granted: int | None = None) -> int:
    pid = grown(c)
    pays(c, pid, c.figures.limits["medical_self_paid"] + more)
    if granted is not None:
        grant(c, pid, granted_on=c.month.day(granted, 8), reason="突发重大疾病")
    return pid


@near_miss("medical_burden_uncovered", "only the year before was dear")
def was_ill(c: County) -> int:
    pid = grown(c)
    pays(c, pid, c.figures.limits["medical_self_paid"] * 2, years_ago=1)
    pays(c, pid, 350.0)
    return pid


@near_miss("medical_burden_uncovered", "covered in expenditure")
def ill_and_enrolled(c: County) -> int:
    pid = c.take("expenditure").pids[0]
    pays(c, pid, c.figures.limits["medical_self_paid"] + 7_000)
    return pid


@positive("disaster_hit_uncovered", "hit two months ago", months=2)
@positive("disaster_hit_uncovered", "hit, the grant was before", months=2, granted=4)
@near_miss("disaster_hit_uncovered", "hit eight months ago", months=8)
@near_miss("disaster_hit_uncovered", "granted since", months=3, granted=1)
def hit(c: County, months: int, granted: int | None = None) -> int:
    pid = grown(c)
    c.add(
        "disaster",
        pid,
        event=c.pick(("洪涝", "火灾", "滑坡")),
        loss=float(c.between(8, 90) * 1000),
        happened_on=c.month.day(months, 10),
    )
    if granted is not None:
        grant(c, pid, granted_on=c.month.day(granted, 20), reason="火灾")
    return pid


@near_miss("disaster_hit_uncovered", "six months ago to the day", exact=True)
@positive("disaster_hit_uncovered", "six months ago less a day", exact=False)
def hit_at_window(c: County, exact: bool) -> int:
    pid = grown(c)
    c.add("disaster", pid, event="洪涝", loss=26000.0, happened_on=c.month.ago(6) + timedelta(days=0 if exact else 1))
    return pid


# ------------------------------------------------------------------------------------------------ 20, 21
def _with_child(c: County, *shapes: str) -> range:
    return c.take_home(*shapes, need=lambda m: len(m) > 1 and c.people.age[m[-1]] < 16 and c.people.age[m[0]] >= 18)


@positive("child_alone_uncovered", "the only adult is dead", fate="dead")
@positive("child_alone_uncovered", "the only adult is in prison", fate="prison")
@positive("child_alone_uncovered", "the only adult's registration is cancelled", fate="cancelled")
@near_miss("child_alone_uncovered", "the adult moved out", fate="gone")
@near_miss("child_alone_uncovered", "paid as a child in need", fate="dead", welfare=True)
def child_without_adult(c: County, fate: str, welfare: bool = False) -> int:
    members = _with_child(c, "HC", "HG")
    adult, child = members[0], members[-1]
    if fate == "dead":
        die(c, adult, 5)
    elif fate == "prison":
        c.add("prison", adult, from_on=c.month.day(16), until_on=c.month.day(-40))
    else:
        register(c, adult, "注销" if fate == "cancelled" else "迁出", status_on=c.month.day(6))
    if welfare:
        c.add("child_welfare", child, kind="孤儿", monthly_amount=1313.0, start_month=c.month.back(4), stop_month=None)
    return child


@positive("child_alone_uncovered", "one parent dead, one in prison", both=True)
@near_miss("child_alone_uncovered", "one parent dead, one at home", both=False)
def child_of_two(c: County, both: bool) -> int:
    members = _with_child(c, "HSC", "HSCC")
    die(c, members[0], 9)
    if both:
        c.add("prison", members[1], from_on=c.month.day(30), until_on=None)
    c.quiet.update(members)
    return members[-1]


@positive("elder_alone_uncovered", "single, no pension", kind=None)
@positive("elder_alone_uncovered", "single, residents' pension only", kind="城乡居民")
@near_miss("elder_alone_uncovered", "an employee's pension", kind="城镇职工")
def elder(c: County, kind: str | None) -> int:
    pid = c.take_home("elder")[0]
    c.without("pension", [pid])
    if kind:
        c.add("pension", pid, kind=kind, monthly_amount=186.0 if kind == "城乡居民" else 2340.5)
    return pid


@positive("elder_alone_uncovered", "widowed", dead=True)
@near_miss("elder_alone_uncovered", "the spouse lives in the same household", dead=False)
def elder_couple(c: County, dead: bool) -> int:
    first, second = c.take_home("HS", need=lambda m: min(c.people.age[m[0]], c.people.age[m[1]]) >= 60)
    c.add("marriage", first, spouse_pid=second, event="结婚", registered_on=c.month.day(400))
    c.own.add(("marriage", second))
    if dead:
        die(c, second, 14)
    c.without("pension", [first, second])
    c.quiet.add(second)
    return first


@near_miss("elder_alone_uncovered", "the spouse lives elsewhere")
def elder_with_absent_spouse(c: County) -> int:
    pid = c.take_home("elder")[0]
    spouse = c.take_home("H")[0]
    c.add("marriage", pid, spouse_pid=spouse, event="结婚", registered_on=c.month.day(200))
    c.own.add(("marriage", spouse))
    c.quiet.add(spouse)
    return pid


@near_miss("elder_alone_uncovered", "covered in tekun")
def elder_enrolled(c: County) -> int:
    pid = c.take_home("elder")[0]
    case = tekun_case(c, int(c.people.home[pid]), [pid])
    case.taken = True
    c.cases["tekun"].append(case)
    return pid


# ------------------------------------------------------------------------------------------------ 22, 23
@positive("single_enrolment_due", "borderline, level 2", kind="肢体", level="2")
@positive("single_enrolment_due", "borderline, level 3 intellectual", kind="智力", level="3")
@near_miss("single_enrolment_due", "borderline, level 3 limb", kind="肢体", level="3")
@near_miss("single_enrolment_due", "borderline, certificate expired", kind="肢体", level="1", status="过期")
@near_miss("single_enrolment_due", "enrolled in dibao, not in borderline", kind="听力", level="1", scheme="dibao")
def borderline_disabled(
    c: County, kind: str, level: str, status: str | None = "正常", scheme: str = "borderline"
) -> int:
    row = c.take(scheme, need=with_others).rows[-1]
    row.update(disability_type=kind, disability_level=level)
    certify(c, int(row["pid"]), kind, level, status)
    return int(row["pid"])


@near_miss("single_enrolment_due", "in dibao as well")
def in_both(c: County) -> int:
    row = c.take("borderline", need=with_others).rows[-1]
    row.update(disability_type="精神", disability_level="2")
    certify(c, int(row["pid"]), "精神", "2")
    join(c, int(row["pid"]), c.take("dibao", need=with_others))
    return int(row["pid"])


@positive("wrongly_stopped", "now monitored", kind=_THREE[0])
@positive("wrongly_stopped", "now monitored, risk cleared", kind=_THREE[2], cleared=True)
@positive("wrongly_stopped", "now out of poverty, still followed", kind="脱贫户")
@near_miss("wrongly_stopped", "stopped for a death", kind=_THREE[1], reason="死亡")
@near_miss("wrongly_stopped", "stopped thirty months ago", kind=_THREE[1], months=30)
@near_miss("wrongly_stopped", "a member has a car", kind=_THREE[1], rich="car")
@near_miss("wrongly_stopped", "the household has a shop", kind=_THREE[1], rich="shop")
def stopped_and_monitored(
    c: County, kind: str, cleared: bool = False, reason: str = "家庭收入超过标准", months: int = 9, rich: str = ""
) -> Case:
    case = c.take("stopped")
    case.set(stop_month=None)
    stop_case(c, case, months, reason)
    monitor(c, case.pids, kind, cleared=cleared)
    if rich == "car":
        car(c, case.pids[0])
    elif rich:
        owns(c, case.pids[0], f"粤(2019)乐昌市不动产权第9{c.next_serial():06d}号", use="商业")
    return case


@near_miss("wrongly_stopped", "a member is enrolled again")
def enrolled_again(c: County) -> Case:
    case = c.take("stopped")
    monitor(c, case.pids, _THREE[0])
    join(c, case.pids[0], c.take("borderline", need=lambda k: not alone(k)))
    return case


@near_miss("wrongly_stopped", "not monitored")
def only_stopped(c: County) -> Case:
    return c.take("stopped")
