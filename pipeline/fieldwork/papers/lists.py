"""What follows from the visits: 停保注销清单, 纳入办理清单, 护理复评清单 as workbooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.contract import COUNTY, scheme_zh
from pipeline.draw.results import INCLUDED, STOPPED
from pipeline.fieldwork.papers.cases import Case
from pipeline.fieldwork.papers.confirmed import Confirmed
from pipeline.fieldwork.papers.evidence import ended, found_words
from pipeline.fieldwork.papers.notices import Stops
from pipeline.fieldwork.papers.register import Entry
from pipeline.policy import Policy
from pipeline.publish.sheets import Col, Sheet
from pipeline.publish.words import month_zh
from pipeline.publish.workbook import Block, Book

STOP_LIST, INCLUDE_LIST, CARE_LIST = "停保注销清单", "纳入办理清单", "护理复评清单"
# care findings that speak of the level or its assessment, not of pay, carers or patrols
LEVEL_RULES = ("care_level_mismatch", "assessment_missing", "assessment_overdue")
WHO = (
    Col("镇街", 8, "centre"),
    Col("村居", 10, "centre"),
    Col("户主", 9, "centre"),
    Col("证件号", 20, "id"),
    Col("类别", 8, "centre"),
    Col("家庭编号", 17, "id"),
)


@dataclass(frozen=True)
class Facts:
    """What the lists are made from. `entries`: unit → roster entry.

    `omissions`, `levels`: findings of omission and of care levels that towns confirmed, None where no audit was given.
    """

    month: str
    cases: Sequence[Case]
    stops: Stops
    entries: Mapping[str, Entry]
    policy: Policy
    omissions: Sequence[Confirmed] | None
    levels: Sequence[Confirmed] | None


def who(case: Case, entry: Entry) -> tuple[str, ...]:
    stop = case.stop
    return (
        stop.town,
        stop.village,
        entry.name or stop.name,
        entry.id_number,
        scheme_zh(stop.scheme),
        stop.household_no,
    )


def why(case: Case) -> str:
    """What the visit found and what the open findings of eligibility say."""
    visit = case.visit
    lines = [*(found_words(visit) if visit else []), *(ended(f.summary) for f in case.of("ineligible"))]
    return "\n".join(lines)


def visited_on(case: Case) -> str:
    return case.visit.visited_on.isoformat() if case.visit and case.visit.visited_on else ""


def include_book(f: Facts) -> Book:
    """纳入办理清单: confirmed omissions, to be taken in by the ordinary procedure."""
    rows: list[tuple[Any, ...]] = []
    for case in f.cases:
        if case.conclusion == INCLUDED and case.visit:
            entry = f.entries[case.stop.unit]
            flags = "\n".join(ended(x.summary) for x in case.flags if x.category in ("missing", "ineligible"))
            rows.append(
                (
                    len(rows) + 1,
                    *who(case, entry),
                    entry.persons,
                    entry.area,
                    case.stop.phone,
                    visited_on(case),
                    "".join(found_words(case.visit)),
                    flags,
                )
            )
    sheet = Sheet(
        INCLUDE_LIST,
        f"{INCLUDE_LIST}（{month_zh(f.month)}抽查）",
        (
            Col("序", 5, "centre"),
            *WHO,
            Col("名册人数", 7, "centre"),
            Col("城乡", 7, "centre"),
            Col("电话", 13, "id"),
            Col("入户日期", 11, "centre"),
            Col("核查情况", 44),
            Col("信息比对", 44),
            Col("受理日期", 11, "reply"),
            Col("办理结果", 12, "reply"),
        ),
        rows,
        remark="核查结论为“纳入”的户（人），由镇街主动告知，按规定程序受理、调查、审核确认。",
        empty="无",
    )
    told = _replies("镇街核实的漏保", "镇街核实属实的漏保疑点（不限抽查）", f.omissions or (), "受理日期", "办理结果")
    counts = f"入户核查{len(rows)}户（人）；镇街核实属实的漏保疑点{len(told.rows)}条。"
    return book_of(INCLUDE_LIST, f, [Block("概况", [(counts,)]), *gaps(f)], [sheet, told])


def _replies(name: str, title: str, found: Sequence[Confirmed], *replies: str) -> Sheet:
    """A sheet of findings that towns confirmed, with columns to be filled in."""
    return Sheet(
        name,
        title,
        (
            Col("序", 5, "centre"),
            *WHO,
            Col("疑点", 52),
            Col("依据", 30),
            Col("镇街核实", 30),
            *(Col(heading, 11, "reply") for heading in replies),
        ),
        [(n, *c.who, ended(c.summary), c.basis, c.reply) for n, c in enumerate(found, 1)],
        remark="镇街在工作簿“镇核实结果”栏填“属实”并已收回的。",
        empty="无",
    )


def care_book(f: Facts) -> Book:
    """护理复评清单: the ability found differs from the register's, or findings of the level are open or confirmed."""
    rows: list[tuple[Any, ...]] = []
    for case in f.cases:
        if case.stop.scheme != "tekun" or case.conclusion == STOPPED:
            continue
        entry = f.entries[case.stop.unit]
        registered, found = entry.ability, case.visit.said("self_care") if case.visit else ""
        why = [f"入户核实为{found}，名册为{registered}。"] if found and registered and found != registered else []
        if case.visit:
            why += [
                f"{'镇街已核实的' if x.confirmed else '尚未核实的'}疑点：{ended(x.summary)}"
                for x in case.of("care")
                if x.rule_id in LEVEL_RULES
            ]
        if why:
            note = case.visit.said("note") if case.visit else ""
            rows.append((len(rows) + 1, *who(case, entry), registered, found, visited_on(case), "\n".join(why), note))
    sheet = Sheet(
        CARE_LIST,
        f"{CARE_LIST}（{month_zh(f.month)}抽查）",
        (
            Col("序", 5, "centre"),
            *WHO,
            Col("名册自理能力", 9, "centre"),
            Col("核实自理能力", 9, "centre"),
            Col("入户日期", 11, "centre"),
            Col("为什么复评", 56),
            Col("核查说明", 30),
            Col("复评日期", 11, "reply"),
            Col("复评结论", 11, "reply"),
        ),
        rows,
        remark="已入户的特困人员中，核实的自理能力与名册不同的，或者护理等级、评估有未处理疑点的。按六项指标重新评估。",
        empty="无",
    )
    listed = {str(row[6]) for row in rows}  # by number
    others = [c for c in f.levels or () if c.household_no not in listed]
    told = _replies("镇街核实的疑点", "镇街核实属实的护理等级疑点（前表以外）", others, "复评日期", "复评结论")
    counts = f"入户核查{len(rows)}人；此外镇街核实属实的疑点{len(others)}条。"
    return book_of(CARE_LIST, f, [Block("概况", [(counts,)]), *gaps(f)], [sheet, told])


def gaps(f: Facts) -> list[Block]:
    """What was not examined, for the cover."""
    waiting = sum(c.conclusion is None for c in f.cases)
    told = [] if f.omissions is not None else ["没有给出信息比对结果（--run），未与疑点对照。"]
    told += [f"还有{waiting}户（人）没有核查结论，不在清单中。"] if waiting else []
    return [Block("没有核查到的", [(text,) for text in told])] if told else []


def book_of(name: str, f: Facts, blocks: list[Block], sheets: list[Sheet]) -> Book:
    return Book(f"{COUNTY['county']}{name}", f.month, blocks, sheets, f"{COUNTY['county']}民政局　{name}")
