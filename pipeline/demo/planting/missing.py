"""Planted for rules 16-19: people who seem to be left out, of households with nothing else on record."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from pipeline.demo.model import County
from pipeline.demo.planting.assets import plate
from pipeline.demo.planting.ineligible import die, register, with_others
from pipeline.demo.planting.registry import near_miss, positive
from pipeline.demo.rosters import grant

_FAMILY = ("HSC", "HSCC", "HSCM", "HSA")
THREE = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户")


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
    row.update(disability_type="听力", disability_level="1", force_id="old_form")
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


@positive("monitored_uncovered", "unstable", kind=THREE[0])
@positive("monitored_uncovered", "on the edge", kind=THREE[1])
@positive("monitored_uncovered", "sudden hardship", kind=THREE[2])
@near_miss("monitored_uncovered", "risk cleared", kind=THREE[0], cleared=True)
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
    monitor(c, case.pids, THREE[1])
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
