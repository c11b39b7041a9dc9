"""The status as lines for the terminal (English headings) and as a workbook (Chinese)."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence

from pipeline.contract import COUNTY
from pipeline.fieldwork.papers.evidence import day_zh
from pipeline.fieldwork.progress.deadlines import AHEAD, DONE, DONE_LATE, LATE, TODAY
from pipeline.fieldwork.progress.status import Group, Line, Status
from pipeline.fieldwork.words import group_zh
from pipeline.publish.sheets import Col, Sheet
from pipeline.publish.words import month_zh
from pipeline.publish.workbook import Block, Book

_STATES = {
    AHEAD: "not due yet",
    TODAY: "due today",
    LATE: "LATE",
    DONE: "handed in",
    DONE_LATE: "handed in late",
}
_HEAD = (
    "group",
    "town",
    "planned",
    "done",
    "unverified",
    "late",
    "today",
    "ahead",
    "stops",
    "noticed",
    "lacking",
    "last visit",
)


def status_text(s: Status) -> str:
    """The status for the terminal."""
    lines = [f"field work of {s.month}, on {s.today}", ""]
    rows = [_HEAD, *(_row(line) for g in s.groups for line in (*g.towns, g.line))]
    lines += _aligned(rows)
    lines.append("")
    for g in s.groups:
        counted = f"counted from {g.due.counted_from}, {'the last visit' if g.due.final else 'visits are outstanding'}"
        handed = f" on {g.handed_on}" if g.handed_on and g.handed_on <= s.today else ""
        late = f" by {g.late_by} working days" if g.state in (LATE, DONE_LATE) else ""
        lines.append(f"report of group {g.line.party}: due {g.due.due} ({counted}): {_STATES[g.state]}{handed}{late}")
    lines.append("")
    lines += [f"stage {stage.name}: to {stage.until} ({_ago(stage.until, s.today)})" for stage in s.stages]
    if s.unplanned:
        lines.append(f"drawn but not planned: {s.unplanned}")
    lines += [f"note: {text}" for text in s.notes]
    lines += [f"not verified: {text}" for text in s.unverified]
    return "\n".join(lines)


def status_book(s: Status) -> Book:
    """The status as a workbook: visits by group and town, reports, stages."""
    visits = Sheet(
        "入户进度",
        f"入户进度（{month_zh(s.month)}抽查，截至{day_zh(s.today)}）",
        (
            Col("组", 9, "centre"),
            Col("镇街", 10, "centre"),
            Col("应查", 8, "count"),
            Col("已查", 8, "count"),
            Col("其中无法核实", 9, "count"),
            Col("逾期未查", 9, "count"),
            Col("今日应查", 9, "count"),
            Col("未到期", 9, "count"),
            Col("停保", 8, "count"),
            Col("已出通知书", 9, "count"),
            Col("待补正", 8, "count"),
            Col("计划最后一天", 12, "centre"),
            Col("最后入户", 12, "centre"),
        ),
        [_row_zh(line) for g in s.groups for line in (*g.towns, g.line)],
        remark="逾期：计划日期已过、还没有核查结论。待补正：结论为停保，核查记录还不足以出停救通知书。",
    )
    reports = Sheet(
        "小组报告",
        "小组报告报送",
        (
            Col("组", 9, "centre"),
            Col("报送期限", 14, "centre"),
            Col("起算日", 14, "centre"),
            Col("怎样起算", 40),
            Col("报送日期", 14, "centre"),
            Col("状态", 12, "centre"),
            Col("逾期工作日", 10, "count"),
        ),
        [_report_zh(g, s.today) for g in s.groups],
    )
    stages = Sheet(
        "各阶段",
        "通知规定的各阶段",
        (Col("阶段", 16, "centre"), Col("截止日", 14, "centre"), Col("距今", 14, "centre")),
        [(stage.name, stage.until.isoformat(), stage.state(s.today)) for stage in s.stages],
        remark="程序不知道某个阶段是否已经完成，只算日子。",
    )
    told = [*s.notes, *([f"中签而没有排入计划的{s.unplanned}户（人）。"] if s.unplanned else [])]
    blocks = [
        Block("未与原文核对的期限", [(text,) for text in s.unverified] or [("无",)]),
        Block("请注意", [(text,) for text in told] or [("无",)]),
    ]
    return Book(
        f"{COUNTY['county']}入户核查进度", s.month, blocks, [visits, reports, stages], f"{COUNTY['county']}民政局"
    )


def _row(line: Line) -> tuple[str, ...]:
    counts = (line.planned, line.done, line.unverified, line.late, line.today, line.ahead, line.stops, line.noticed)
    texts = [str(n) if n else "-" for n in (*counts, line.lacking)]
    return (str(line.party), line.town or "all", *texts, str(line.last_visit or "-"))


def _row_zh(line: Line) -> tuple[str | int, ...]:
    return (
        group_zh(line.party),
        line.town or "合计",
        line.planned,
        line.done,
        line.unverified,
        line.late,
        line.today,
        line.ahead,
        line.stops,
        line.noticed,
        line.lacking,
        _iso(line.last_planned),
        _iso(line.last_visit),
    )


def _report_zh(g: Group, today: dt.date) -> tuple[str | int, ...]:
    how = "最后一次入户" if g.due.final else "还有未查的户，按计划的最后一天推算"
    handed = g.handed_on if g.handed_on and g.handed_on <= today else None
    late = g.late_by if g.state in (LATE, DONE_LATE) else 0
    return (
        group_zh(g.line.party),
        g.due.due.isoformat(),
        g.due.counted_from.isoformat(),
        how,
        _iso(handed),
        g.state,
        late,
    )


def _iso(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def _ago(until: dt.date, today: dt.date) -> str:
    days = (until - today).days
    return "today" if days == 0 else f"{days} days left" if days > 0 else f"{-days} days ago"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines with columns under each other; a Chinese character takes two places."""
    widths = [max(_width(row[c]) for row in rows) for c in range(len(rows[0]))]
    return [
        "  ".join(text + " " * (w - _width(text)) for text, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)
