"""The Chinese words of field work: groups, draws, days, reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from pipeline.draw.words import DRAWS
from pipeline.fieldwork.plan import EXTRA_DRAW, LEFT_OUT, NO_TOWN, Visitor

_GROUPS = {1: "第一组", 2: "第二组"}
_WEEKDAYS = "一二三四五六日"
_REASONS = {NO_TOWN: "花名册没有写明镇街", LEFT_OUT: "所在镇街不属于任何一组，按要求未排入"}


def group_zh(party: int) -> str:
    return _GROUPS[party]


def draws_zh(draws: Iterable[str]) -> str:
    """The draws of a unit in their usual order, for example '特困、护理等级'."""
    names = {d: zh.replace("（", "(").replace("）", ")") for d, (zh, _) in DRAWS.items()} | {EXTRA_DRAW: "风险抽取"}
    return "、".join(zh for draw, zh in names.items() if draw in set(draws))


def day_zh(day: dt.date) -> str:
    """'10月10日（星期一）'."""
    return f"{day.month}月{day.day}日（星期{_WEEKDAYS[day.weekday()]}）"


def date_zh(day: dt.date) -> str:
    """'2022年10月10日（星期一）'."""
    return f"{day.year}年{day_zh(day)}"


def town_of_visitor(v: Visitor) -> str:
    return v.town or "县级单位"


def reason_zh(reason: str) -> str:
    return _REASONS[reason]
