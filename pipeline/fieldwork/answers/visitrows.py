"""The rows of a returned visit ledger → visits for the bureau's ledger, and the rows that go back with why."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import polars as pl

from pipeline.fieldwork.answers.cells import Known, Read, judge
from pipeline.fieldwork.answers.returned import ReturnedRow, ReturnedSheet
from pipeline.fieldwork.columns import ANSWERS, BY_ID, PREFILLED
from pipeline.fieldwork.ledgers.ledgersheet import NAME, NUMBER, UNIT
from pipeline.fieldwork.plan import Plan, Stop
from pipeline.fieldwork.words import group_zh
from pipeline.identity.names import name_keys
from pipeline.ledger.visits import VisitRow, answers_text

Good = tuple[ReturnedRow, Stop, dict[str, Any]]


@dataclass
class Bad:
    """A row that goes back: `cells`: heading → why its cell is not taken; `reasons`: what else is wrong with it."""

    row: ReturnedRow
    cells: dict[str, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    stop: Stop | None = None

    def why(self) -> list[tuple[str, str]]:
        """Headings, joined where one reason holds for several, and the reason; '' and what is wrong with the row."""
        by_reason: dict[str, list[str]] = {}
        for heading, reason in self.cells.items():
            by_reason.setdefault(reason, []).append(heading)
        return [*(("、".join(headings), reason) for reason, headings in by_reason.items()),
                *(("", reason) for reason in self.reasons)]  # fmt: skip

    def told(self) -> str:
        """Every reason, a line each."""
        return "\n".join(f"{headings}：{reason}" if headings else reason for headings, reason in self.why())


@dataclass
class VisitSheet:
    """What a sheet gave: visits (one a certificate that drew the unit), bad rows, how many rows are not filled in."""

    visits: list[VisitRow] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    taken: int = 0
    unfilled: int = 0


class People:
    """Who may be named as having visited: the plan's staff by name."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.keys: dict[str, str] = {}  # making a key is slow, and few names come again and again
        self.by_key: dict[str, list[int]] = {}
        for key, v in zip(self._keys([v.name for v in plan.visitors]), plan.visitors, strict=True):
            self.by_key.setdefault(key, []).append(v.number)

    def _keys(self, names: Sequence[str]) -> list[str]:
        if new := sorted(set(names) - self.keys.keys()):
            self.keys |= dict(zip(new, name_keys(pl.Series(new, dtype=pl.String)).to_list(), strict=True))
        return [self.keys[n] for n in names]

    def of(self, stop: Stop, text: str) -> Read:
        """The two names in a cell, or why they may not have visited this household."""
        names = [n for n in re.split(r"[、,，;；/\s]+", text) if n]
        keys = self._keys(names)
        if len(names) != 2:
            return None, "应填实际入户的两人，用顿号或换行隔开"
        found: list[int] = []
        for name, key in zip(names, keys, strict=True):
            some = [n for n in self.by_key.get(key, []) if n not in found]
            own = [n for n in some if self.plan.by_number[n].party == stop.party]
            free = [n for n in own if n not in stop.barred]
            if not some:
                return None, f"{name}不在核查人名单内"
            if not own:
                return None, f"{name}不是{group_zh(stop.party)}的人，不得核查{stop.town}"
            if not free:
                return None, f"{name}是该户申报的亲属，应当回避"
            found.append(free[0])
        return "、".join(names), None


def read_sheet(sheet: ReturnedSheet, plan: Plan, people: People, today: dt.date) -> VisitSheet:
    """Judge every row of a sheet. Good rows are taken whatever is wrong with the others."""
    out = VisitSheet()
    lacking = [a for a in ANSWERS if sheet.lacks(a.zh)]
    good: list[Good] = []
    for row in sheet.rows:
        cells = {a.id: row.cells.get(a.zh) for a in ANSWERS}
        begun = any(v is not None and str(v).strip() for k, v in cells.items() if k not in PREFILLED)
        stop, bad = _stop_of(row, sheet, plan)
        if not begun:
            out.unfilled += stop is not None
            continue
        if stop is None:
            out.bad.append(bad)
            continue
        first = dt.date.fromisoformat(f"{plan.month}-01")
        judged = judge(cells, Known(first, today, "care" in stop.draws, partial(people.of, stop)))
        for column, why in judged.bad.items():
            zh = BY_ID[column].zh
            if BY_ID[column] in lacking:
                bad.reasons.append(f"缺少“{zh}”一栏，请补上后填写")
            else:
                bad.cells[zh] = why
        if bad.cells or bad.reasons:
            out.bad.append(bad)
        else:
            good.append((row, stop, judged.answers))
    for row, stop, answers in _once(good, out):
        out.taken += 1
        day = dt.date.fromisoformat(answers["visited_on"])
        out.visits += [
            VisitRow(
                c, stop.unit, stop.town, stop.party, day, answers["conclusion"], answers, sheet.source(row.row)
            )
            for c in stop.certificates
        ]  # fmt: skip
    out.bad.sort(key=lambda b: b.row.row)
    return out


def _once(good: Sequence[Good], out: VisitSheet) -> list[Good]:
    """The rows whose unit has one set of answers in the sheet; of two that differ neither can be told to hold."""
    texts: dict[str, set[str]] = {}
    for _, stop, answers in good:
        texts.setdefault(stop.unit, set()).add(answers_text(answers))
    kept: dict[str, Good] = {}
    for row, stop, answers in good:
        if len(texts[stop.unit]) > 1:
            out.bad.append(Bad(row, reasons=["同一户在本表有两行，填写的内容不同，请只留一行"], stop=stop))
        else:
            kept.setdefault(stop.unit, (row, stop, answers))
    return list(kept.values())


def _stop_of(row: ReturnedRow, sheet: ReturnedSheet, plan: Plan) -> tuple[Stop | None, Bad]:
    """The stop that a row is about, by its unit, or by the household's number where the unit is not there."""
    bad = Bad(row)
    unit, number = row.text(UNIT), row.text(NUMBER)
    if unit:
        stop = plan.by_unit.get(unit)
        if stop is None:
            left = any(u.unit == unit for u in plan.unplanned)
            bad.cells[UNIT] = "此户没有排入入户计划" if left else "此户不在抽查名单内"
            return None, bad
    elif number:
        some = [s for s in plan.stops if s.household_no == number]
        if len(some) != 1:
            bad.cells[NUMBER] = "此户不在抽查名单内" if not some else "这个编号对应多个单元，要填“单元编号”"
            return None, bad
        stop = some[0]
    else:
        bad.reasons.append(
            "没有“单元编号”和“家庭编号”两栏，不知是哪一户" if sheet.lacks(UNIT) and sheet.lacks(NUMBER)
            else "没有填单元编号，不知是哪一户"
        )  # fmt: skip
        return None, bad
    bad.stop = stop
    for heading, value in ((NUMBER, stop.household_no), (NAME, stop.name)):
        if not sheet.lacks(heading) and row.text(heading) and _plain(row.text(heading)) != _plain(value):
            bad.cells[heading] = "与单元编号不是同一户，疑为排序或粘贴错位"
    return stop, bad


def _plain(text: str) -> str:
    return re.sub(r"\s", "", text).upper()
