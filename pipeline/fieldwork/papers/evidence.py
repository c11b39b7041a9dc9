"""A visit in words, for reports and notices: only what the visitors wrote down, nothing inferred from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from pipeline.draw.results import ADJUSTED, STOPPED
from pipeline.fieldwork.columns import (
    BY_ID,
    BY_NAME,
    BY_PRINT,
    BY_PROXY,
    DIFFERS,
    IN_PERSON,
    NEIGHBOURS,
    NO,
    NOT_CHECKED,
    SIX_CHECKS,
    YES,
)
from pipeline.fieldwork.papers.cases import Case, Flag, Visit

_CHECKS = {column: BY_ID[column].zh[2:] for column in SIX_CHECKS}  # '一查家境' → '家境'
_DENIED = {"lives_here": "该户不在此常住", "members_true": "家庭成员与登记的不符", "work_true": "就业情况与登记的不符"}
# Findings whose sentence names people of another household: in a paper that a household gets, this is said instead.
_OF_OTHERS: Mapping[str, str] = {"household_split": "户籍登记在同一户号下的人员，分在两个低保家庭中登记。"}


def day_zh(day: dt.date | None) -> str:
    """'2022年10月18日'; blanks to fill in by hand where there is no date."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "　　年　月　日"


def met_words(visit: Visit) -> str:
    """Whether the person was met."""
    return {YES: "见到本人", NO: "未见到本人"}.get(visit.said("met"), "是否见到本人未填")


def signature_words(visit: Visit) -> str:
    """Who signed how, and why not in person: what follows on 核查记录."""
    how, reason = visit.said("signature"), visit.said("proxy_reason")
    if how not in (BY_NAME, BY_PRINT):
        return f"未签字（{reason}）" if reason else "未签字"
    if visit.said("signed_by") == IN_PERSON:
        return f"由本人{how}"
    if visit.said("signed_by") == BY_PROXY:
        return f"由他人代{how}（{reason or '未写明原因'}）"
    return f"已{how}，未注明签字人"


def differing(visit: Visit) -> list[str]:
    """The checks that found a difference: '家境', '收入' …"""
    return [zh for column, zh in _CHECKS.items() if visit.said(column) == DIFFERS]


def denied(visit: Visit) -> list[str]:
    """What neighbours denied, as said in a sentence; those who did not know are left out."""
    return [_DENIED[column] for column in NEIGHBOURS if visit.said(column) == NO]


def found_words(visit: Visit) -> list[str]:
    """What the visit found amiss, a sentence each: differing checks, neighbours, the visitors' own note."""
    out = []
    if differs := differing(visit):
        out.append(f"经查，{'、'.join(differs)}与系统、档案不符。")
    if says := denied(visit):
        out.append(f"走访邻居，邻居反映{'，'.join(says)}。")
    if note := visit.said("note"):
        out.append(f"核查人员记录：{ended(note)}")
    return out


def unchecked(visit: Visit) -> list[str]:
    """The checks that were not made, or whose cell is empty."""
    return [zh for column, zh in _CHECKS.items() if visit.said(column) in ("", NOT_CHECKED)]


def flag_words(flag: Flag, *, for_household: bool) -> tuple[str, str]:
    """A finding's sentence and its clause. `for_household`: in a paper that goes to the household itself."""
    summary = _OF_OTHERS.get(flag.rule_id, flag.summary) if for_household else flag.summary
    return ended(summary), flag.basis


def case_words(case: Case) -> str:
    """One cell of a report about a visited household."""
    visit = case.visit
    if visit is None:
        return "尚无核查结果"
    words = [met_words(visit), f"核查记录{signature_words(visit)}"]
    if lacking := unchecked(visit):
        words.append(f"未查{'、'.join(lacking)}")
    text = "；".join(words) + "。" + "".join(found_words(visit))
    if visit.conclusion in (STOPPED, ADJUSTED) and not found_words(visit):
        text += "核查记录没有写明事实。"
    return text


def visitors_words(visit: Visit) -> str:
    """Who visited: the names as the ledger came back with them."""
    names = visit.answers.get("visitors", [])
    every = names if isinstance(names, list) else str(names).replace("，", "、").replace("\n", "、").split("、")
    return "、".join(str(n).strip() for n in every if str(n).strip())


def ended(text: str) -> str:
    """The text as a sentence: with a full stop at its end."""
    text = " ".join(text.split())
    return text if text.endswith(("。", "！", "？", "；")) else f"{text}。"
