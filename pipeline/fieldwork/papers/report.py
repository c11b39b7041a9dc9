"""小组核查报告: what a group found, with counts by town and scheme and every case in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pipeline.contract import COUNTY, SCHEMES, scheme_zh
from pipeline.draw.paper import in_order
from pipeline.draw.results import ADJUSTED, CONCLUSIONS, INCLUDED, STOPPED, UNVERIFIED
from pipeline.fieldwork.columns import BY_NAME, BY_PRINT, IN_PERSON, YES
from pipeline.fieldwork.papers.cases import Case
from pipeline.fieldwork.papers.evidence import (
    case_words,
    day_zh,
    ended,
    met_words,
    signature_words,
    unchecked,
    visitors_words,
)
from pipeline.fieldwork.plan import Plan
from pipeline.fieldwork.progress.deadlines import Due
from pipeline.fieldwork.words import group_zh, reason_zh
from pipeline.publish.words import month_zh

_RULE_CATEGORIES = {"ineligible": "", "missing": "疑似漏保：", "payment": "资金发放：", "care": "护理照料："}


def report_values(
    plan: Plan, party: int, cases: Sequence[Case], due: Due, *, looked_up: bool, days: int, today: dt.date
) -> dict[str, Any]:
    """What the template 小组核查报告 may name, for the group `party`; `cases`: every case of the plan.

    `due`: the report's last day, `days` working days after what it is counted from. `looked_up`: whether an audit's
    findings were at hand.
    """
    own = [c for c in cases if c.stop.party == party]
    dates = [c.visit.visited_on for c in own if c.visit and c.visit.visited_on]
    towns = next(towns for number, towns in plan.parties if number == party)
    told = [c for c in own if c.conclusion]
    return {
        "县": COUNTY["county"],
        "组": group_zh(party),
        "月份": month_zh(plan.month),
        "来自": "、".join(towns),
        "受查": "、".join(in_order({c.stop.town for c in own})),
        "凭证": "、".join(c.file for c in plan.certificates),
        "应查": len(own),
        "已查": len(told),
        "未查": len(own) - len(told),
        "起日": day_zh(min(dates)) if dates else "",
        "止日": day_zh(max(dates)) if dates else "",
        "期限": day_zh(due.due),
        "期限说明": _due_words(due, days),
        "按镇": _counts("镇街", in_order({c.stop.town for c in own}), own, lambda c: c.stop.town),
        "按类": _counts(
            "类别", [x for x in SCHEMES if x in {c.stop.scheme for c in own}], own, lambda c: c.stop.scheme
        ),
        STOPPED: _told(own, STOPPED),
        ADJUSTED: _told(own, ADJUSTED),
        INCLUDED: _told(own, INCLUDED),
        UNVERIFIED: _told(own, UNVERIFIED),
        "见面签字": _unmet(own),
        "未核": _unexamined(plan, own, looked_up=looked_up),
        "清册": [_line(n, c) for n, c in enumerate(own, 1)],
        "日期": day_zh(today),
    }


def household_words(case: Case) -> str:
    """'长来上坪村 张三（低保，DB1）'."""
    stop = case.stop
    return f"{stop.town}{stop.village} {stop.name}（{scheme_zh(stop.scheme)}，{stop.household_no}）"


def _due_words(due: Due, days: int) -> str:
    counted = f"{day_zh(due.counted_from)}后{days}个工作日内"
    return f"最后一次入户{counted}" if due.final else f"尚有未完成的户，按计划的最后一天{counted}推算"


def _counts(head: str, keys: Iterable[str], cases: Sequence[Case], of: Callable[[Case], str]) -> list[dict[str, Any]]:
    """A row a town or scheme, and the sum."""
    groups = [(scheme_zh(key), [c for c in cases if of(c) == key]) for key in keys]
    return [
        {head: name, "应查": len(some), "已查": sum(c.conclusion is not None for c in some)}
        | {conclusion: sum(c.conclusion == conclusion for c in some) for conclusion in CONCLUSIONS}
        | {"未查": sum(c.conclusion is None for c in some)}
        for name, some in [*groups, ("合计", list(cases))]
    ]


def _told(cases: Sequence[Case], conclusion: str) -> list[dict[str, Any]]:
    """The cases of a conclusion, each with what the visit and the open findings say."""
    return [
        {
            "序": n,
            "户": household_words(c),
            "情况": f"{day_zh(c.visit.visited_on if c.visit else None)}入户，{case_words(c)}",
            "比对": [f"{_RULE_CATEGORIES[f.category]}{ended(f.summary)}（{f.basis}）" for f in c.flags],
        }
        for n, c in enumerate((c for c in cases if c.conclusion == conclusion), 1)
    ]


def _unmet(cases: Sequence[Case]) -> list[dict[str, str]]:
    """Visits without the person met, or without their own signature, and what was written about it."""
    out = []
    for case in cases:
        visit = case.visit
        if visit is None:
            continue
        words = []
        if visit.said("met") != YES:
            words.append(met_words(visit))
        if visit.said("signature") not in (BY_NAME, BY_PRINT) or visit.said("signed_by") != IN_PERSON:
            words.append(f"核查记录{signature_words(visit)}")
        if words:
            note = visit.said("note")
            out.append({"户": household_words(case), "情况": "；".join([*words, *([f"说明：{note}"] if note else [])])})
    return out


def _unexamined(plan: Plan, cases: Sequence[Case], *, looked_up: bool) -> list[str]:
    """What was not examined: households without an answer, checks left out, findings not looked up."""
    out = []
    if waiting := [c for c in cases if c.conclusion is None]:
        out.append(f"没有核查结论的{len(waiting)}户（人）：{'；'.join(household_words(c) for c in waiting)}。")
    if skipped := [(c, unchecked(c.visit)) for c in cases if c.visit and unchecked(c.visit)]:
        each = "；".join(f"{household_words(c)}未查{'、'.join(some)}" for c, some in skipped)
        out.append(f"六查中有项目未查的{len(skipped)}户（人）：{each}。")
    for reason in sorted({u.reason for u in plan.unplanned}):
        units = "、".join(u.unit.partition(":")[2] for u in plan.unplanned if u.reason == reason)
        out.append(f"中签而没有排入计划的（两组合计）：{reason_zh(reason)}：{units}。")
    if not looked_up:
        out.append("没有给出信息比对结果，本报告未与信息比对的疑点对照。")
    return out


def _line(number: int, case: Case) -> dict[str, Any]:
    """A row of the list of all households."""
    stop, visit = case.stop, case.visit
    return {
        "序": number,
        "镇村": f"{stop.town}{stop.village}",
        "户主": stop.name,
        "类别编号": f"{scheme_zh(stop.scheme)}\n{stop.household_no}",
        "日期": visit.visited_on.isoformat() if visit and visit.visited_on else "",
        "核查人": visitors_words(visit).replace("、", "\n") if visit else "",
        "结论": case.conclusion or "未查",
        "情况": case_words(case),
    }
