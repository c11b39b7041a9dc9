"""Planted for rules 30-32: shared accounts, holders from outside, grants given twice."""

from __future__ import annotations

from pipeline.demo.model import Case, County
from pipeline.demo.planting.care import graded
from pipeline.demo.planting.ineligible import with_others
from pipeline.demo.planting.registry import near_miss, positive
from pipeline.demo.rosters import grant, stop_case


# ------------------------------------------------------------------------------------------------ 30, 31, 32
@positive("account_shared", "two dibao households", scheme="dibao")
@positive("account_shared", "a dibao and a tekun household", scheme="tekun")
@near_miss("account_shared", "the other household is stopped", scheme="dibao", stopped=True)
def shares_account(c: County, scheme: str, stopped: bool = False) -> Case:
    case = c.take("dibao")
    other = c.take(scheme, need=lambda k: k.head.get("support_mode") != "集中")
    other.set(bank_account=case.head["bank_account"])
    if stopped:
        stop_case(c, other, 5)
    return case


@near_miss("account_shared", "an institution's account for its own residents")
def institution_account(c: County) -> Case:
    return c.take("tekun", need=lambda k: k.head["support_mode"] == "集中")


@near_miss("account_shared", "the rows of one household")
def rows_of_one(c: County) -> Case:
    return c.take("dibao", need=with_others)


@positive("account_holder_outside", "nobody of the household", scheme="dibao")
@positive("account_holder_outside", "nobody of a tekun household", scheme="tekun")
def outsider_holds(c: County, scheme: str) -> Case:
    case = c.take(scheme, need=lambda k: k.head.get("support_mode") != "集中")
    members = {str(c.people.name[p])[:1] for p in case.pids}
    while str(name := c.people.name[c.between(0, len(c.people) - 1)])[:1] in members:
        pass
    case.set(account_holder=str(name), holder_pid=None)
    return case


@near_miss("account_holder_outside", "another member", form="plain")
@near_miss("account_holder_outside", "a member in traditional characters", form="traditional")
@near_miss("account_holder_outside", "a member with a lost character", form="wildcard")
def member_holds(c: County, form: str) -> Case:
    case = c.take("dibao", need=with_others)
    case.set(holder_pid=case.pids[1], holder_form=form)
    c.quiet.update(case.pids)  # a second spoilt name would make it a stranger's
    return case


@near_miss("account_holder_outside", "the carer of a tekun person")
def carer_holds(c: County) -> Case:
    case = graded(c, c.take("tekun", need=lambda k: k.head["support_mode"] == "分散"), "半护理")
    case.set(account_holder=str(c.people.name[case.head["carer_pid"]]), holder_pid=None)
    return case


@positive("temporary_repeated", "one reason, five months apart", reasons=("子女就学", "子女就学"), gap=5)
@positive("temporary_repeated", "one reason, eleven months apart", reasons=("短期失业", "短期失业"), gap=11)
@near_miss("temporary_repeated", "two reasons", reasons=("火灾", "交通意外"), gap=4)
@near_miss("temporary_repeated", "fourteen months apart", reasons=("子女就学", "子女就学"), gap=14)
def granted_twice(c: County, reasons: tuple[str, str], gap: int) -> int:
    pid = c.take_home("HSC", "HSCC")[0]
    for reason, ago in zip(reasons, (gap + 1, 1), strict=True):
        grant(c, pid, reason=reason, granted_on=c.month.day(ago, 11))
    return pid


@near_miss("temporary_repeated", "two people of one household")
def granted_to_two(c: County) -> int:
    members = c.take_home("HSC", "HSCC")
    for pid in members[:2]:
        grant(c, pid, reason="意外伤害", granted_on=c.month.day(2, 11))
    return members[0]
