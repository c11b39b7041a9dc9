"""停保注销清单: what is cancelled in the system, what still lacks something, and notices whose facts changed."""

from __future__ import annotations

from typing import Any

from pipeline.draw.results import STOPPED
from pipeline.fieldwork.papers.lists import STOP_LIST, WHO, Facts, book_of, gaps, visited_on, who, why
from pipeline.fieldwork.papers.notices import FIGURES, Stop, month_words, number_zh
from pipeline.fieldwork.progress.deadlines import first_month_unpaid
from pipeline.policy import Policy
from pipeline.publish.sheets import Col, Sheet
from pipeline.publish.words import month_zh
from pipeline.publish.workbook import Block, Book


def stop_book(f: Facts) -> Book:
    """停保注销清单: what is cancelled in the system; beside it what still lacks something, and numbers left over."""
    noticed, died, waiting = f.stops.noticed, f.stops.died, f.stops.waiting
    listed = Sheet(
        STOP_LIST,
        f"{STOP_LIST}（{month_zh(f.month)}抽查）",
        (
            Col("序", 5, "centre"),
            *WHO,
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
        (*WHO, Col("入户日期", 11, "centre"), Col("缺什么", 44), Col("核查情况", 60), Col("已有编号", 15, "centre")),
        [
            (
                *who(s.case, f.entries[s.case.stop.unit]),
                visited_on(s.case),
                "\n".join(s.lacking),
                why(s.case),
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
                    *WHO,
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
        *gaps(f),
    ]
    return book_of(STOP_LIST, f, blocks, sheets)


def _source(policy: Policy, key: str) -> str:
    return "本单位自定" if key in policy.overridden else str(policy.about[key]["source"])


def _stopped(number: int, stop: Stop, f: Facts) -> tuple[Any, ...]:
    entry, given = f.entries[stop.case.stop.unit], stop.number
    if stop.died or given is None:
        until, paper = "死亡次月", "本人已死亡，不发"
    else:
        until, paper = month_words(first_month_unpaid(given.issued_on, f.policy)), number_zh(given)
    return (
        number, *who(stop.case, entry), entry.covered, entry.amount, month_words(entry.since), until, paper,
        visited_on(stop.case), why(stop.case),
    )  # fmt: skip


def _after(f: Facts) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for case, number in f.stops.withdrawn:
        told = "现在的核查结果不支持停保：收回该通知书，未送达的作废，已停发的补发。"
        rows.append(
            (
                *who(case, f.entries[case.stop.unit]),
                number_zh(number),
                number.issued_on.isoformat(),
                case.conclusion or "没有结论",
                told,
            )
        )
    for stop in f.stops.all:
        if stop.number and (stop.changed or stop.lacking or stop.died or stop.again):
            told = "核查记录有更正，结论仍为停保：通知书按更正后的记录重新生成，请重新送达。"
            if stop.again:
                told = f"再次入户后重新决定（原决定日期{stop.number.numbered_on}）：收回原通知书，送达新的。"
            if stop.lacking:
                told = "现有记录还不足以出通知书，见“待补正”：通知书先不送达。"
            elif stop.died:
                told = "本人已死亡：通知书不再送达。"
            rows.append(
                (
                    *who(stop.case, f.entries[stop.case.stop.unit]),
                    number_zh(stop.number),
                    stop.number.issued_on.isoformat(),
                    STOPPED,
                    told,
                )
            )
    return rows
