"""What has come in so far (收回汇总-….xlsx), from the bureau's ledger and the plan: by town, what is missing and
overdue, proxies, photos, every result; and what was sent back or refused this time.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.contract import COUNTY
from pipeline.draw.results import CONCLUSIONS
from pipeline.fieldwork.columns import BY_ID, BY_PROXY, DIFFERS, NO, NOT_CHECKED, SIX_CHECKS, UNSIGNED
from pipeline.fieldwork.plan import Plan, Stop
from pipeline.fieldwork.words import day_zh, group_zh
from pipeline.publish.sheets import Col, Sheet
from pipeline.publish.words import month_zh
from pipeline.publish.workbook import Block, Book

_BY_TOWN = ("应入户", "已入户", "未入户", "其中逾期", "未见本人", "代签", "未签", "无照片", *CONCLUSIONS)


@dataclass(frozen=True)
class Result:
    """A stop and what was found there: the ledger's latest answers ({} = no visit yet), how often they were changed."""

    stop: Stop
    answers: dict[str, Any]
    visited_on: dt.date | None
    changes: int

    @property
    def visited(self) -> bool:
        return bool(self.answers)

    def overdue(self, today: dt.date) -> int:
        """Days that have passed since the planned day without a visit."""
        return 0 if self.visited else max((today - self.stop.day).days, 0)

    @property
    def proxy(self) -> bool:
        return self.answers.get("signed_by") == BY_PROXY

    @property
    def unsigned(self) -> bool:
        return self.answers.get("signature") == UNSIGNED


def results_of(plan: Plan, visits: pl.DataFrame) -> list[Result]:
    """Every stop of the plan with its visit. `visits`: as `read_visits` gives them."""
    found = {(v["draw"], v["unit"]): v for v in visits.iter_rows(named=True)}
    out = []
    for stop in plan.stops:
        v = next((found[c, stop.unit] for c in stop.certificates if (c, stop.unit) in found), None)
        if v is None:
            out.append(Result(stop, {}, None, 0))
        else:
            out.append(Result(stop, json.loads(v["answers"]), v["visited_on"], v["version"] - 1))
    return out


def book(plan: Plan, results: Sequence[Result], sent_back: Sequence[tuple[str, ...]], today: dt.date) -> Book:
    """The workbook. `sent_back`: file, sheet, row, column, reason of everything not taken this time."""
    head = f"{COUNTY['county']}　{month_zh(plan.month)}"
    missing = [r for r in results if not r.visited]
    late = sum(r.overdue(today) > 0 for r in missing)
    signs = [r for r in results if r.proxy or r.unsigned]
    facts: list[tuple[Any, ...]] = [
        ("统计日期", f"{today.year}年{today.month}月{today.day}日"),
        ("应入户", f"{len(results)}户（人）"),
        ("已入户", f"{len(results) - len(missing)}户（人）"),
        ("未入户", f"{len(missing)}户（人），其中逾期{late}户（人）"),
        ("代签、未签", f"代签{sum(r.proxy for r in results)}户（人），未签{sum(r.unsigned for r in results)}户（人）"),
        ("没有照片编号", f"{sum(r.visited and 'photos' not in r.answers for r in results)}户（人）"),
        ("未排入计划", f"{len(plan.unplanned)}户（人），没有核查" if plan.unplanned else "无"),
        ("本次退回", f"{len(sent_back)}处，见“本次退回”"),
    ]
    return Book(
        f"{head}　入户核查收回汇总",
        plan.month,
        [Block("收回情况", facts, ("项目", "内容"))],
        [
            _towns(results, today, head),
            _missing(plan, missing, today, head),
            _signatures(signs, head),
            _all(plan, [r for r in results if r.visited], head),
            _back(sent_back, head),
        ],
        head,
        cover_on_one_page=True,
        cover_widths=(24, 84),
    )


def _counts(results: Sequence[Result], today: dt.date) -> tuple[int, ...]:
    visited = [r for r in results if r.visited]
    return (
        len(results), len(visited), len(results) - len(visited), sum(r.overdue(today) > 0 for r in results),
        sum(r.answers.get("met") == NO for r in visited), sum(r.proxy for r in visited),
        sum(r.unsigned for r in visited), sum("photos" not in r.answers for r in visited),
        *(sum(r.answers.get("conclusion") == c for r in visited) for c in CONCLUSIONS),
    )  # fmt: skip


def _towns(results: Sequence[Result], today: dt.date, head: str) -> Sheet:
    columns = (Col("核查组", 8, "centre"), Col("镇街", 10, "centre"), *(Col(h, 8.5, "count") for h in _BY_TOWN))
    by_town: dict[tuple[int, str], list[Result]] = {}
    for r in results:
        by_town.setdefault((r.stop.party, r.stop.town), []).append(r)
    rows: list[tuple[Any, ...]] = [
        (group_zh(party), town, *_counts(of, today)) for (party, town), of in sorted(by_town.items())
    ]
    rows.append(("合计", "", *_counts(results, today)))
    remark = "“逾期”：安排的日期已过而没有收到核查结果。"
    return Sheet("按镇街汇总", f"{head}　按镇街汇总", columns, rows, remark, total_rows=1)


def _missing(plan: Plan, missing: Sequence[Result], today: dt.date, head: str) -> Sheet:
    columns = (
        Col("序号", 5, "centre"), Col("核查组", 8, "centre"), Col("镇街", 8), Col("村居", 12), Col("户主（对象）", 10),
        Col("单元编号", 27, "id"), Col("安排日期", 17, "centre"), Col("逾期天数", 9, "count"), Col("核查人", 16),
        Col("联系电话", 14, "id"),
    )  # fmt: skip
    line = sorted(missing, key=lambda r: (-r.overdue(today), r.stop.route, r.stop.order))
    rows: list[tuple[Any, ...]] = []
    for i, r in enumerate(line, 1):
        s, pair = r.stop, plan.pair(r.stop)
        rows.append((i, group_zh(s.party), s.town, s.village, s.name, s.unit, day_zh(s.day), r.overdue(today),
                     "、".join(v.name for v in pair), "\n".join(v.phone for v in pair if v.phone)))  # fmt: skip
    remark = f"共{len(rows)}户（人）没有收到核查结果，逾期久的在前。"
    return Sheet("未入户", f"{head}　未入户和逾期的户", columns, rows, remark, empty="都已入户")


def _signatures(signs: Sequence[Result], head: str) -> Sheet:
    columns = (
        Col("序号", 5, "centre"), Col("镇街", 8), Col("户主（对象）", 10), Col("单元编号", 27, "id"),
        Col("入户日期", 12, "centre"), Col("核查人", 16), Col("签字方式", 9, "centre"), Col("签字人", 8, "centre"),
        Col("代签或未签的原因", 40),
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (i, r.stop.town, r.stop.name, r.stop.unit, f"{r.visited_on}", r.answers.get("visitors"),
         r.answers.get("signature"), r.answers.get("signed_by"), r.answers.get("proxy_reason"))
        for i, r in enumerate(signs, 1)
    ]  # fmt: skip
    remark = "应由本人签名或按手印；以下各户由他人代签或没有签字。"
    return Sheet("代签和未签", f"{head}　代签和未签的户", columns, rows, remark, empty="没有代签和未签的户")


def _all(plan: Plan, visited: Sequence[Result], head: str) -> Sheet:
    columns = (
        Col("序号", 5, "centre"), Col("核查组", 8, "centre"), Col("镇街", 8), Col("户主（对象）", 9),
        Col("单元编号", 24, "id"), Col("入户日期", 11, "centre"), Col("核查人", 15), Col("见到本人", 6, "centre"),
        Col("六查不符或未查", 16), Col("签字", 10, "centre"), Col("照片编号", 13), Col("核查结论", 9, "centre"),
        Col("核查说明", 30), Col("备注", 14),
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for i, r in enumerate(visited, 1):
        s, a = r.stop, r.answers
        marks = [f"{BY_ID[c].zh[2:]}{a[c]}" for c in SIX_CHECKS if a.get(c) in (DIFFERS, NOT_CHECKED)]
        remarks = [f"改过{r.changes}次"] if r.changes else []
        if set(str(a.get("visitors")).split("、")) != {v.name for v in plan.pair(s)}:
            remarks.append("核查人与安排不同")
        sign = "".join(str(a[c]) for c in ("signed_by", "signature") if c in a)
        rows.append((i, group_zh(s.party), s.town, s.name, s.unit, f"{r.visited_on}", a.get("visitors"), a.get("met"),
                     "、".join(marks), sign, a.get("photos"), a.get("conclusion"), a.get("note"),
                     "、".join(remarks)))  # fmt: skip
    return Sheet("入户结果", f"{head}　入户结果", columns, rows, f"共{len(rows)}户（人）。", empty="还没有收到入户结果")


def _back(sent_back: Sequence[tuple[str, ...]], head: str) -> Sheet:
    columns = (
        Col("序号", 5, "centre"), Col("文件", 36), Col("工作表", 16), Col("行", 6, "centre"), Col("栏目", 18),
        Col("原因", 50),
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = [(i, *row) for i, row in enumerate(sent_back, 1)]
    return Sheet("本次退回", f"{head}　本次退回", columns, rows, "没有收的行和文件，及其原因。", empty="本次没有退回")
