"""What follows from the visits: 停保注销清单, 纳入办理清单, 护理复评清单 as workbooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.contract import COUNTY, scheme_zh
from pipeline.draw.results import INCLUDED, STOPPED
from pipeline.fieldwork.cases import Case
from pipeline.fieldwork.deadlines import first_month_unpaid
from pipeline.fieldwork.evidence import ended, found_words
from pipeline.fieldwork.notices import FIGURES, Stop, Stops, month_words, number_zh
from pipeline.fieldwork.register import Entry
from pipeline.policy import Policy
from pipeline.publish.sheets import Col, Sheet
from pipeline.publish.words import month_zh
from pipeline.publish.workbook import Block, Book

STOP_LIST, INCLUDE_LIST, CARE_LIST = "停保注销清单", "纳入办理清单", "护理复评清单"
# care findings that speak of the level or its assessment, not of pay, carers or patrols
_LEVEL_RULES = ("care_level_mismatch", "assessment_missing", "assessment_overdue")
_WHO = (
    Col("镇街", 8, "centre"),
    Col("村居", 10, "centre"),
    Col("户主", 9, "centre"),
    Col("证件号", 20, "id"),
    Col("类别", 8, "centre"),
    Col("家庭编号", 17, "id"),
)


@dataclass(frozen=True)
class Facts:
    """What the lists are made from. `entries`: unit → roster entry; `looked_up`: whether findings were at hand."""

    month: str
    cases: Sequence[Case]
    stops: Stops
    entries: Mapping[str, Entry]
    policy: Policy
    looked_up: bool


def _who(case: Case, entry: Entry) -> tuple[str, ...]:
    stop = case.stop
    return (
        stop.town,
        stop.village,
        entry.name or stop.name,
        entry.id_number,
        scheme_zh(stop.scheme),
        stop.household_no,
    )


def _why(case: Case) -> str:
    """What the visit found and what the open findings of eligibility say."""
    visit = case.visit
    lines = [*(found_words(visit) if visit else []), *(ended(f.summary) for f in case.of("ineligible"))]
    return "\n".join(lines)


def _day(case: Case) -> str:
    return case.visit.visited_on.isoformat() if case.visit and case.visit.visited_on else ""


def stop_book(f: Facts) -> Book:
    """停保注销清单: what is cancelled in the system; beside it what still lacks something, and numbers left over."""
    noticed, died, waiting = f.stops.noticed, f.stops.died, f.stops.waiting
    listed = Sheet(
        STOP_LIST,
        f"{STOP_LIST}（{month_zh(f.month)}抽查）",
        (
            Col("序", 5, "centre"),
            *_WHO,
            Col("保障人数", 7, "centre"),
            Col("月金额（元）", 10, "money"),
            Col("起始月", 10, "centre"),
            Col("停发起", 10, "centre"),
            Col("通知书", 15, "centre"),
            Col("入户日期", 11, "centre"),
            Col("停保原因", 50),
            Col("系统注销日期", 12, "reply"),
            Col("经办人", 9, "reply"),
        ),
        [_stopped(n, s, f) for n, s in enumerate([*noticed, *died], 1)],
        remark="已有停救通知书的户（人），和只有一人而已死亡的。在救助系统中注销后填写右边两列。特困人员终止供养先公示。",
        empty="无",
    )
    lack = Sheet(
        "待补正",
        "结论为停保、还不能出通知书的",
        (*_WHO, Col("入户日期", 11, "centre"), Col("缺什么", 44), Col("核查情况", 60), Col("已有编号", 15, "centre")),
        [
            (
                *_who(s.case, f.entries[s.case.stop.unit]),
                _day(s.case),
                "\n".join(s.lacking),
                _why(s.case),
                number_zh(s.number) if s.number else "",
            )
            for s in waiting
        ],
        remark="由小组补正核查台账后重新收回，再生成通知书。补正之前不停发、不注销。",
        empty="无",
    )
    sheets = [listed, lack]
    after = _after(f)
    if after:
        sheets.append(
            Sheet(
                "编号后有变",
                "已编号的通知书，核查结果后来有变的",
                (
                    *_WHO,
                    Col("通知书", 15, "centre"),
                    Col("决定日期", 11, "centre"),
                    Col("现在的结论", 12, "centre"),
                    Col("怎样处理", 60),
                ),
                after,
                remark="编号不收回、不改给别户。",
                empty="无",
            )
        )
    doubtful = [
        f"{f.policy.about[key]['zh']}：{f.policy.about[key]['clause']}（{_source(f.policy, key)}）"
        for key in FIGURES
        if not f.policy.verified(key)
    ]
    blocks = [
        Block(
            "概况",
            [
                (
                    f"停救通知书{len(noticed)}份；本人已死亡、不发通知书{len(died)}户（人）；待补正{len(waiting)}户（人）。",
                )
            ],
        ),
        Block("通知书中未与原文核对的期限和依据", [(text,) for text in doubtful] or [("无",)]),
        *_gaps(f),
    ]
    return _book(STOP_LIST, f, blocks, sheets)


def _source(policy: Policy, key: str) -> str:
    return "本单位自定" if key in policy.overridden else str(policy.about[key]["source"])


def _stopped(number: int, stop: Stop, f: Facts) -> tuple[Any, ...]:
    entry, given = f.entries[stop.case.stop.unit], stop.number
    if stop.died or given is None:
        until, paper = "死亡次月", "本人已死亡，不发"
    else:
        until, paper = month_words(first_month_unpaid(given.issued_on, f.policy)), number_zh(given)
    return (
        number, *_who(stop.case, entry), entry.covered, entry.amount, month_words(entry.since), until, paper,
        _day(stop.case), _why(stop.case),
    )  # fmt: skip


def _after(f: Facts) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for case, number in f.stops.withdrawn:
        told = "现在的核查结果不支持停保：收回该通知书，未送达的作废，已停发的补发。"
        rows.append(
            (
                *_who(case, f.entries[case.stop.unit]),
                number_zh(number),
                number.issued_on.isoformat(),
                case.conclusion or "没有结论",
                told,
            )
        )
    for stop in f.stops.all:
        if stop.number and (stop.changed or stop.lacking or stop.died):
            told = "核查记录有更正，结论仍为停保：通知书按更正后的记录重新生成，请重新送达。"
            if stop.lacking:
                told = "现有记录还不足以出通知书，见“待补正”：通知书先不送达。"
            elif stop.died:
                told = "本人已死亡：通知书不再送达。"
            rows.append(
                (
                    *_who(stop.case, f.entries[stop.case.stop.unit]),
                    number_zh(stop.number),
                    stop.number.issued_on.isoformat(),
                    STOPPED,
                    told,
                )
            )
    return rows


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
                    *_who(case, entry),
                    entry.persons,
                    entry.area,
                    case.stop.phone,
                    _day(case),
                    "".join(found_words(case.visit)),
                    flags,
                )
            )
    sheet = Sheet(
        INCLUDE_LIST,
        f"{INCLUDE_LIST}（{month_zh(f.month)}抽查）",
        (
            Col("序", 5, "centre"),
            *_WHO,
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
    return _book(INCLUDE_LIST, f, [Block("概况", [(f"{len(rows)}户（人）。",)]), *_gaps(f)], [sheet])


def care_book(f: Facts) -> Book:
    """护理复评清单: the ability found differs from the register's, or findings of the care level are open."""
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
                if x.rule_id in _LEVEL_RULES
            ]
        if why:
            note = case.visit.said("note") if case.visit else ""
            rows.append((len(rows) + 1, *_who(case, entry), registered, found, _day(case), "\n".join(why), note))
    sheet = Sheet(
        CARE_LIST,
        f"{CARE_LIST}（{month_zh(f.month)}抽查）",
        (
            Col("序", 5, "centre"),
            *_WHO,
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
    return _book(CARE_LIST, f, [Block("概况", [(f"{len(rows)}人。",)]), *_gaps(f)], [sheet])


def _gaps(f: Facts) -> list[Block]:
    """What was not examined, for the cover."""
    waiting = sum(c.conclusion is None for c in f.cases)
    told = [] if f.looked_up else ["没有给出信息比对结果（--run），未与疑点对照。"]
    told += [f"还有{waiting}户（人）没有核查结论，不在清单中。"] if waiting else []
    return [Block("没有核查到的", [(text,) for text in told])] if told else []


def _book(name: str, f: Facts, blocks: list[Block], sheets: list[Sheet]) -> Book:
    return Book(f"{COUNTY['county']}{name}", f.month, blocks, sheets, f"{COUNTY['county']}民政局　{name}")
