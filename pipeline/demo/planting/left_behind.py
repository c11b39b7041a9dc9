"""Planted for rules 20-23: children and old people alone, single enrolment due, households wrongly stopped."""

from __future__ import annotations

from pipeline.demo.model import Case, County
from pipeline.demo.planting.assets import owns
from pipeline.demo.planting.ineligible import alone, die, join, register, with_others
from pipeline.demo.planting.missing import THREE, car, certify, monitor
from pipeline.demo.planting.registry import near_miss, positive
from pipeline.demo.rosters import stop_case, tekun_case


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


@positive("wrongly_stopped", "now monitored", kind=THREE[0])
@positive("wrongly_stopped", "now monitored, risk cleared", kind=THREE[2], cleared=True)
@positive("wrongly_stopped", "now out of poverty, still followed", kind="脱贫户")
@near_miss("wrongly_stopped", "stopped for a death", kind=THREE[1], reason="死亡")
@near_miss("wrongly_stopped", "stopped thirty months ago", kind=THREE[1], months=30)
@near_miss("wrongly_stopped", "a member has a car", kind=THREE[1], rich="car")
@near_miss("wrongly_stopped", "the household has a shop", kind=THREE[1], rich="shop")
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
    monitor(c, case.pids, THREE[0])
    join(c, case.pids[0], c.take("borderline", need=lambda k: not alone(k)))
    return case


@near_miss("wrongly_stopped", "not monitored")
def only_stopped(c: County) -> Case:
    return c.take("stopped")
