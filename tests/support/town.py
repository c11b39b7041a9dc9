"""A simulated town: visit ledgers filled in as the truth of a demonstration county has it, and as people fill them in.

The truth decides every conclusion: nothing is looked up in what the audit found.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.draw.words import household_of
from pipeline.fieldwork.columns import ABILITIES, BY_ID
from pipeline.fieldwork.plan import Plan, Stop

KEPT, ADJUSTED, STOPPED, INCLUDED, UNVERIFIED = "继续保障", "调整", "停保", "纳入", "无法核实"
# rule of the truth → what visitors conclude; the graver stands first
VERDICTS: dict[str, tuple[str, str]] = {
    "deceased_on_roster": (STOPPED, "在册人员已死亡"),
    "register_cancelled": (STOPPED, "户籍已迁出本县"),
    "in_prison": (STOPPED, "在册人员正在服刑"),
    "enrolled_twice": (STOPPED, "同一人在两户中登记"),
    "exclusive_schemes": (STOPPED, "同时享受不能兼得的救助"),
    "vehicle_owned": (STOPPED, "户内停有机动车，户主承认为其所有"),
    "homes_over_limit": (STOPPED, "另有一处住房出租"),
    "shop_owned": (STOPPED, "自有铺面一间"),
    "business_registered": (STOPPED, "家庭成员在经营商店"),
    "assets_over_limit": (STOPPED, "存款超过限额，户主出示了存单"),
    "income_over_line": (STOPPED, "家庭成员在厂务工，收入超过标准"),
    "on_public_payroll": (STOPPED, "家庭成员在单位领工资"),
    "validity_expired": (STOPPED, "认定有效期已过，未重新申请"),
    "household_split": (ADJUSTED, "同户人员分户登记，应合并"),
    "spouse_omitted": (ADJUSTED, "配偶没有列入家庭成员"),
    "single_enrolment_due": (INCLUDED, "重度残疾成员可单人纳入低保"),
}
LEVEL_RULE = "care_level_mismatch"


@dataclass(frozen=True)
class Truth:
    """`verdict`: household (as unit id) → conclusion and what visitors write; `wrong_level`: those whose care level is
    not what it should be; `dead`: roster rows of the dead."""

    verdict: Mapping[str, tuple[str, str]]
    wrong_level: frozenset[str]
    dead: frozenset[str]

    def of(self, unit: str) -> tuple[str, str]:
        return self.verdict.get(household_of(unit), (KEPT, ""))


def truth_of(folder: Path) -> Truth:
    """The truth of a demonstration county (its folder truth/)."""
    found = pl.read_parquet(folder / "findings.parquet").filter(pl.col("holds"))
    order = list(VERDICTS)
    rules: dict[str, set[str]] = {}
    for rule, households in found.select("rule_id", "households").iter_rows():
        for household in households or []:
            rules.setdefault(household.replace("|", ":", 1), set()).add(rule)
    verdict = {}
    for unit, some in rules.items():
        if known := sorted(some & set(order), key=order.index):
            verdict[unit] = VERDICTS[known[0]]
    dead = found.filter(pl.col("rule_id") == "deceased_on_roster")["record_ids"].explode().drop_nulls()
    return Truth(verdict, frozenset(u for u, some in rules.items() if LEVEL_RULE in some), frozenset(dead))


def answers(stop: Stop, truth: Truth, care: str | None) -> dict[str, Any]:
    """What good visitors write down at a stop; `care`: the class it was drawn in, None where it was not for care."""
    conclusion, note = truth.of(stop.unit)
    differs = conclusion == STOPPED
    found: dict[str, Any] = {
        "visited_on": stop.day, "met": "是", "home": "不符" if differs else "相符", "structure": "相符",
        "persons": "不符" if conclusion == ADJUSTED else "相符", "health": "不涉及", "employment": "相符",
        "income": "不符" if differs else "相符", "lives_here": "是", "members_true": "是", "work_true": "是",
        "present": 2, "signature": "签名", "signed_by": "本人", "photos": "001-003", "conclusion": conclusion,
        "note": note,
    }  # fmt: skip
    if stop.record_id in truth.dead:
        found |= {"met": "否", "signature": "未签", "signed_by": "", "proxy_reason": "户主已死亡", "present": 0}
    elif care is not None:
        wrong = household_of(stop.unit) in truth.wrong_level
        found["self_care"] = next(a for a in ABILITIES if a != care) if wrong or care not in ABILITIES else care
    return {k: v for k, v in found.items() if v != ""}


class Filled:
    """A visit ledger being filled in: the sheet, its headings, a row a household."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = openpyxl.load_workbook(path)
        self.sheet: Worksheet = self.book["台账"]
        self.head = next(r for r in range(1, 10) if any(c.value == "单元编号" for c in self.sheet[r]))
        self.at = {str(c.value): c.column for c in self.sheet[self.head] if c.value}

    def rows(self) -> Iterator[tuple[int, str]]:
        """(row, unit) of every household."""
        for r in range(self.head + 1, self.sheet.max_row + 1):
            if unit := self.sheet.cell(r, self.at["单元编号"]).value:
                yield r, str(unit)

    def put(self, row: int, given: Mapping[str, Any]) -> None:
        for column, value in given.items():
            self.sheet.cell(row, self.at[BY_ID[column].zh]).value = value

    def save(self, path: Path | None = None) -> Path:
        self.book.save(path or self.path)
        return path or self.path


def fill(
    path: Path, plan: Plan, truth: Truth, care: Mapping[str, str], to: Path,
    change: Callable[[int, dict[str, Any]], dict[str, Any]] = lambda n, given: given,
) -> Path:  # fmt: skip
    """Fill in a ledger and save it as `to`; `change(n, answers)` says what the n-th row (from 0) gets instead."""
    ledger = Filled(path)
    for n, (row, unit) in enumerate(ledger.rows()):
        ledger.put(row, change(n, answers(plan.by_unit[unit], truth, care.get(unit))))
    return ledger.save(to)


def as_text(day: dt.date, n: int) -> str:
    """A date as people paste it."""
    return (
        f"{day.year}.{day.month}.{day.day}",
        f"{day.month}月{day.day}日",
        f"{day.year}年{day.month}月{day.day}日",
    )[n % 3]
