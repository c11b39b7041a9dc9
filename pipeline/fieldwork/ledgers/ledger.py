"""The visit ledgers (入户核查台账): a workbook a group and town, with a cover that says how to fill it in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.contract import COUNTY, scheme_zh
from pipeline.fieldwork.households import Homes
from pipeline.fieldwork.ledgers.ledgersheet import LedgerSheet, Line
from pipeline.fieldwork.ledgers.prefill import Leads, archive_text, leads_text, system_text
from pipeline.fieldwork.plan import Plan, Stop
from pipeline.fieldwork.words import day_zh, draws_zh, group_zh, town_of_visitor
from pipeline.publish.sheets import Formats
from pipeline.publish.words import month_zh
from pipeline.publish.workbook import Block, Book, in_memory, lay_cover

_COVER_WIDTHS = (24, 84)
_CHECKS: tuple[tuple[str, str], ...] = (
    ("一查家境", "查看住房、家电和家庭成员的穿戴用度，与申报的家境是否相符"),
    ("二查人员", "查验户内人员与档案登记的是否一致"),
    ("三查结构", "查验家庭成员结构：有无漏报、多报、分户、已婚、已故"),
    ("四查病残", "查验残疾证、病历等证明；没有病残成员的选“不涉及”"),
    ("五查就业", "查验就业情况；没有劳动能力成员的选“不涉及”"),
    ("六查收入", "查验家庭收入：工资、经营、养老金、赡养费等"),
    ("一访邻里", "走访邻居三问：是否常住此处、家庭成员是否属实、就业情况是否属实"),
)
_HOW: tuple[str, ...] = (
    "一、只填写浅黄色各列；其他各列是系统、档案和比对结果，请勿改动。每户一行，未入户的整行留空。",
    "二、入户须见到本人，由本人签名或按手印，亲属不得代签；确有代签的必须写明代签人、关系和原因，并将单独上报。",
    "三、“核查人”填实际入户的两人，不得是被查镇街的人，也不得是该户的亲属。",
    "四、六查选“不符”或“未查”，未见到本人，或结论不是“继续保障”的，必须在“核查说明”中写明情况。",
    "五、“护理等级”抽查户还须填写核实的自理能力（全自理、半失能、失能）。",
    "六、日期写成 2022-10-18 的样子；照片编号写成 001-004、007 的样子。粉红色的格子还没有填。",
    "七、填好后把本册交县级汇总（不要删列、改栏目名）。填错的行会连同原因退回，改正后再交即可；已收的不会重复登记。",
)


def ledgers(plan: Plan, homes: Homes, leads: Leads | None) -> dict[str, bytes]:
    """File name → workbook, one a group and town. The same plan, drop and audit give the same bytes."""
    return {
        f"入户核查台账_{plan.month}_{group_zh(party)}_{town}.xlsx": _ledger(plan, homes, leads, stops)
        for (party, town), stops in plan.ledgers().items()
    }


def _ledger(plan: Plan, homes: Homes, leads: Leads | None, stops: Sequence[Stop]) -> bytes:
    head = f"{COUNTY['county']}　{month_zh(plan.month)}　{group_zh(stops[0].party)}核查{stops[0].town}"
    lines = [
        Line(known(stop, i, homes, leads), {"visitors": "\n".join(v.name for v in plan.pair(stop))},
             care="care" in stop.draws)
        for i, stop in enumerate(stops, 1)
    ]  # fmt: skip
    with in_memory(f"{head}　入户核查台账", plan.month) as (book, content):
        formats = Formats(book)
        lay_cover(book, formats, _cover(plan, homes, leads, stops, head))
        LedgerSheet(book, formats, plan.month).lay(f"{head}　入户核查台账（六查一访）", lines, head)
    return content.getvalue()


def known(stop: Stop, place: int, homes: Homes, leads: Leads | None) -> tuple[Any, ...]:
    """What is told of a stop beforehand: a cell a column of `ledgersheet.KNOWN`."""
    home = homes.by_unit[stop.unit]
    return (
        place,
        stop.name,
        stop.household_no,
        stop.unit,
        f"{scheme_zh(stop.scheme)}\n（{draws_zh(stop.draws)}）",
        "\n".join(part for part in (stop.village, stop.address, stop.phone) if part),
        system_text(home),
        archive_text(home, listed=homes.archive),
        leads_text(home, leads),
        f"{stop.day.month}月{stop.day.day}日\n路线{stop.route}",
    )


def _cover(plan: Plan, homes: Homes, leads: Leads | None, stops: Sequence[Stop], head: str) -> Book:
    numbers = sorted({n for s in stops for n in s.visitors})
    people = "、".join(f"{plan.by_number[n].name}（{town_of_visitor(plan.by_number[n])}）" for n in numbers)
    days = "、".join(day_zh(day) for day in sorted({s.day for s in stops}))
    against = "没有对照核查结果，“疑点线索”一栏未核对"
    if leads is not None:
        against = f"{month_zh(plan.month)}核查结果" + (
            f"；其中{leads.not_run}项规则或检查没有运行或只运行了一部分" if leads.not_run else ""
        )
    facts: list[tuple[Any, ...]] = [
        ("核查月份", month_zh(plan.month)),
        ("核查组和镇街", f"{group_zh(stops[0].party)}核查{stops[0].town}"),
        ("户（人）数", f"{len(stops)}"),
        ("安排的核查人", people),
        ("入户日期", days),
        ("抽取凭证", "\n".join(f"{c.file}" for c in plan.certificates)),
        ("疑点来源", against),
        ("档案来源", "本月档案目录" if homes.archive else "本月没有档案目录，“档案情况”一栏未核对"),
    ]
    blocks = [
        Block("基本情况", facts, ("项目", "内容")),
        Block("六查一访", list(_CHECKS), ("项目", "内容")),
        Block("怎样填写", [(text,) for text in _HOW]),
    ]
    return Book(
        f"{head}　入户核查台账", plan.month, blocks, [], head, cover_on_one_page=True, cover_widths=_COVER_WIDTHS
    )
