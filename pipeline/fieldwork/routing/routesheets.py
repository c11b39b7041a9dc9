"""The route sheets: an overview, a sheet a day with a page a route (the guide's column on each), everybody's share."""

from __future__ import annotations

from collections.abc import Sequence

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from pipeline.contract import COUNTY, scheme_zh
from pipeline.fieldwork.plan import Plan, Stop, Visitor
from pipeline.fieldwork.routing.guides import guides_of
from pipeline.fieldwork.words import date_zh, day_zh, draws_zh, group_zh, reason_zh, town_of_visitor
from pipeline.publish.sheets import BODY_FONT, HEAD_FONT, INK, RULE_LINE, Col, Formats, Sheet, lay, lines_of, printed
from pipeline.publish.words import formula_like, month_zh
from pipeline.publish.workbook import in_memory

_COLUMNS: tuple[Col, ...] = (
    Col("顺序", 4.5, "centre"),
    Col("村居", 9.5),
    Col("户主（对象）", 9),
    Col("救助类别", 8, "centre"),
    Col("抽查类别", 11, "centre"),
    Col("家庭编号", 16.5, "id"),
    Col("地址", 24),
    Col("联系电话", 12.5, "id"),
    Col("到达时间", 8),
    Col("向导", 9),
    Col("备注（未遇、改期等）", 12),
)
_GUIDE = next(i for i, c in enumerate(_COLUMNS) if c.heading == "向导")
_OVERVIEW: tuple[Col, ...] = (
    Col("路线", 6, "centre"),
    Col("日期", 17, "centre"),
    Col("核查组", 8, "centre"),
    Col("被查镇街", 10, "centre"),
    Col("村居", 34),
    Col("核查人（单位）", 24),
    Col("户数", 6, "number"),
    Col("向导", 12),
    Col("向导电话", 14),
)
_SHARES: tuple[Col, ...] = (
    Col("序号", 5, "centre"),
    Col("核查组", 8, "centre"),
    Col("核查人", 10),
    Col("单位", 12),
    Col("联系电话", 15, "id"),
    Col("天数", 7, "number"),
    Col("户数", 7, "number"),
    Col("入户日期和镇街", 62),
)
_LEFT: tuple[Col, ...] = (
    Col("序号", 5, "centre"),
    Col("单元编号", 34, "id"),
    Col("抽查类别", 16),
    Col("镇街", 24),
    Col("未排入的原因", 40),
)


def route_sheets(plan: Plan) -> bytes:
    """The workbook. The same plan gives the same bytes."""
    head = f"{COUNTY['county']}　{month_zh(plan.month)}"
    with in_memory(f"{head}　入户核查路线单", plan.month) as (book, content):
        formats = Formats(book)
        routes = _routes(plan)
        lay(book, formats, _overview(plan, routes, head), head)
        lay(book, formats, _shares(plan, routes, head), head)
        for day in sorted({stops[0].day for stops in routes}):
            _day(book, formats, plan, [stops for stops in routes if stops[0].day == day], head)
        if plan.unplanned:
            lay(book, formats, _left(plan, head), head)
    return content.getvalue()


def _routes(plan: Plan) -> list[list[Stop]]:
    found: dict[int, list[Stop]] = {}
    for stop in plan.stops:
        found.setdefault(stop.route, []).append(stop)
    return [found[n] for n in sorted(found)]


def _overview(plan: Plan, routes: Sequence[Sequence[Stop]], head: str) -> Sheet:
    rows = []
    for stops in routes:
        first = stops[0]
        villages = "、".join(dict.fromkeys(s.village or "（村居未登记）" for s in stops))
        pair = "\n".join(_who(v) for v in plan.pair(first))
        guides = guides_of(stops, plan.guides)
        rows.append(
            (first.route, day_zh(first.day), group_zh(first.party), first.town, villages, pair, len(stops),
             "\n".join(g.name for g in guides), "\n".join(g.phone for g in guides))
        )  # fmt: skip
    remark = (
        f"共{len(routes)}条路线、{sum(len(r) for r in routes)}户（人），每条路线最多{plan.capacity}户，"
        "两人一组交叉核查。"
        "“向导”由被查镇街指定：每条路线一名熟悉情况的工作人员带路。"
    )
    return Sheet("总表", f"{head}　入户核查路线总表", _OVERVIEW, rows, remark, empty="没有要入户的户", row_height=34)


def _shares(plan: Plan, routes: Sequence[Sequence[Stop]], head: str) -> Sheet:
    rows = []
    for v in plan.visitors:
        own = [stops for stops in routes if v.number in stops[0].visitors]
        told = "；".join(f"{s[0].day.month}月{s[0].day.day}日{s[0].town}" for s in own)
        households = sum(len(s) for s in own)
        rows.append(
            (v.number, group_zh(v.party), v.name, town_of_visitor(v), v.phone, len(own), households, told or "未安排")
        )
    return Sheet("核查人安排", f"{head}　核查人安排", _SHARES, rows, "每人入户的天数、户数和去处。", row_height=24)


def _left(plan: Plan, head: str) -> Sheet:
    rows = [(i, u.unit, draws_zh(u.draws), u.town, reason_zh(u.reason)) for i, u in enumerate(plan.unplanned, 1)]
    remark = "以下抽中的户没有排入路线，没有人去核查，须另行安排或说明。"
    return Sheet("未排入", f"{head}　未排入路线的户", _LEFT, rows, remark)


def _day(book: xlsxwriter.Workbook, formats: Formats, plan: Plan, routes: Sequence[Sequence[Stop]], head: str) -> None:
    day = routes[0][0].day
    page = book.add_worksheet(f"{day.month}月{day.day}日")
    for c, column in enumerate(_COLUMNS):
        page.set_column(c, c, column.width)
    # a fixed scale: programs take no notice of page breaks where a sheet is fitted to a page's width
    printed(page, head)
    page.fit_page = False
    page.set_print_scale(81)
    r, breaks = 0, []
    for stops in routes:
        r = _route(page, formats, book, plan, stops, r)
        breaks.append(r)
    page.set_h_pagebreaks(breaks[:-1])
    page.print_area(0, 0, max(r - 1, 0), len(_COLUMNS) - 1)


def _route(
    page: Worksheet, formats: Formats, book: xlsxwriter.Workbook, plan: Plan, stops: Sequence[Stop], r: int
) -> int:
    """One route's page from row `r`; returns the row after it."""
    first, last = stops[0], len(_COLUMNS) - 1
    line = _format(book, 12)
    page.merge_range(r, 0, r, last, "", _format(book, 18, head=True))
    page.write_string(r, 0, f"{COUNTY['county']}社会救助入户核查路线单", _format(book, 18, head=True))
    page.set_row(r, 34)
    blank = "＿＿＿＿＿＿＿＿"
    guides = guides_of(stops, plan.guides)
    names = "、".join(g.name for g in guides)
    phones = "、".join(g.phone for g in guides if g.phone)
    lines = (
        f"日期：{date_zh(first.day)}　　路线：第{first.route}条　　{group_zh(first.party)}核查{first.town}　　"
        f"户（人）数：{len(stops)}",
        "核查人：" + "　　".join(_who(v) + (f" {v.phone}" if v.phone else "") for v in plan.pair(first)),
        f"向导：{names or blank}　　向导电话：{phones or blank}　　会合时间、地点：{blank}{blank}",
    )
    for i, text in enumerate(lines, 1):
        page.merge_range(r + i, 0, r + i, last, "", line)
        page.write_string(r + i, 0, text, line)
        page.set_row(r + i, 24)
    r += len(lines) + 1
    for c, column in enumerate(_COLUMNS):
        page.write_string(r, c, column.heading, formats.get("head"))
    page.set_row(r, 32)
    for stop in stops:
        r += 1
        cells = (
            str(stop.order), stop.village, stop.name, scheme_zh(stop.scheme), draws_zh(stop.draws), stop.household_no,
            stop.address, stop.phone,
        )  # fmt: skip
        for c, (value, column) in enumerate(zip(cells, _COLUMNS, strict=False)):
            marks = ("quoted",) if formula_like(value) else ()
            page.write_string(r, c, value, formats.get(column.kind, *marks))
        for c in range(len(cells), len(_COLUMNS)):
            page.write_blank(r, c, None, formats.get("text"))
        here = guides_of([stop], plan.guides)
        page.write_string(r, _GUIDE, "\n".join(g.name for g in here), formats.get("text"))
        tall = max(lines_of(v, col.width * 0.94) for v, col in zip(cells, _COLUMNS, strict=False))
        page.set_row(r, max(36, 14.5 * tall + 6))
    r += 1
    page.merge_range(r, 0, r, last, "", line)
    page.write_string(r, 0, f"核查人签字：{blank}　{blank}　　向导签字：{blank}　　返回时间：{blank}", line)
    page.set_row(r, 40)
    return r + 1


def _format(book: xlsxwriter.Workbook, size: float, *, head: bool = False) -> xlsxwriter.format.Format:
    return book.add_format(
        {"font_name": HEAD_FONT if head else BODY_FONT, "font_size": size, "font_color": INK, "valign": "vcenter",
         "align": "center" if head else "left", "bottom_color": RULE_LINE}
    )  # fmt: skip


def _who(v: Visitor) -> str:
    return f"{v.name}（{town_of_visitor(v)}）"
