"""One returned row of a visit ledger → its answers, and for every cell that cannot be taken the reason, in Chinese."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.draw.results import KEPT, UNVERIFIED
from pipeline.fieldwork.columns import (
    ANSWERS,
    BY_PROXY,
    DIFFERS,
    IDLE_UNVERIFIED,
    IN_PERSON,
    MOST_AT_HOME,
    NO,
    NOT_CHECKED,
    SIX_CHECKS,
    UNSIGNED,
    YES,
    Answer,
)
from pipeline.ingest import reasons
from pipeline.ingest.dates import read_dates
from pipeline.ingest.words import tidy

_NOT_FILLED = "没有填写"
_LONGEST = 500  # characters of a text
_YES_NO = {"√": YES, "✓": YES, "对": YES, "Y": YES, "×": NO, "✗": NO, "X": NO, "N": NO, "否(不是)": NO}
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})
_SHORT_DAY = re.compile(r"([0-9]{1,2})[-/.月]([0-9]{1,2})[日号]?")
_PHOTOS = re.compile(r"[A-Z0-9_]*?([0-9]+)(?:-[A-Z0-9_]*?([0-9]+))?")
_COUNT = re.compile(r"([0-9]{1,3})人?")
_FIRST_YEAR = 1950
_EPOCH = dt.date(1899, 12, 30)  # the day from which workbooks count
_SERIALS = range(36_526, 73_051)  # 2000 to 2099: any other number is no day

Read = tuple[Any, str | None]  # the value, or why it is none


@dataclass(frozen=True)
class Known:
    """What a row is judged against: the days a visit may lie on; whether self-care is asked; who may have visited.

    `people` reads a cell of names: the names as they are kept, or why they are not taken.
    """

    first: dt.date
    last: dt.date
    care: bool
    people: Callable[[str], Read]


@dataclass(frozen=True)
class Judged:
    """`answers`: column id → value, as `visit.answers` keeps it; `bad`: column id → why its cell is not taken."""

    answers: dict[str, Any]
    bad: dict[str, str]


def judge(cells: Mapping[str, Any], known: Known) -> Judged:
    """Judge the answers of a row that was filled in. `cells`: column id → the cell's value."""
    answers: dict[str, Any] = {}
    bad: dict[str, str] = {}
    for a in ANSWERS:
        value, why = read_cell(a, cells.get(a.id), known)
        if why is not None:
            bad[a.id] = why
        elif value is not None:
            answers[a.id] = value
    for column, why in _together(answers, bad, known.care).items():
        bad.setdefault(column, why)
    return Judged(answers, bad)


def _together(answers: Mapping[str, Any], bad: Mapping[str, str], care: bool) -> dict[str, str]:
    """What is lacking, or cannot be true together. A cell that was not taken is not asked for again."""
    there = answers.keys() | bad.keys()
    unverified = answers.get("conclusion") == UNVERIFIED
    wrong = {
        a.id: _NOT_FILLED
        for a in ANSWERS
        if a.required and a.id not in there and not (unverified and a.id in IDLE_UNVERIFIED)
    }
    signature, signed_by, met = (answers.get(c) for c in ("signature", "signed_by", "met"))
    if signature not in (None, UNSIGNED) and "signed_by" not in there:
        wrong["signed_by"] = "已签名或按手印，要选“本人”或“代签”"
    if met == NO and signature not in (None, UNSIGNED) and signed_by == IN_PERSON:
        wrong["signed_by"] = "没有见到本人，不能是本人签字"
    if "proxy_reason" not in there and signature == UNSIGNED:
        wrong["proxy_reason"] = "没有签字的要写明原因"
    elif "proxy_reason" not in there and signed_by == BY_PROXY:
        wrong["proxy_reason"] = "代签的要写明代签人、关系和原因"
    if care and met == YES and not unverified and "self_care" not in there:
        wrong["self_care"] = "“护理等级”抽查户要填核实的自理能力"
    if "note" not in there and (told := _to_explain(answers)):
        wrong["note"] = f"{'、'.join(told)}的要写明情况"
    return wrong


def _to_explain(answers: Mapping[str, Any]) -> list[str]:
    marks = [answers.get(c) for c in SIX_CHECKS]
    told = [f"六查有“{m}”" for m in (DIFFERS, NOT_CHECKED) if m in marks]
    if answers.get("met") == NO:
        told.append("未见到本人")
    if (conclusion := answers.get("conclusion")) not in (None, KEPT):
        told.append(f"结论是“{conclusion}”")
    return told


def read_cell(a: Answer, value: Any, known: Known) -> Read:
    """A cell of a column: (value, None), (None, why it is not taken), or (None, None) where nothing stands."""
    if value is None or not str(value).strip():
        return None, None
    text = folded(value)
    if text in _ERRORS:
        return None, "公式出错，没有值"
    if a.kind == "date":
        day, why = read_day(value, known.first, known.last)
        return (day.isoformat() if day else None), why
    if a.kind == "choice":
        return _choice(a, text)
    if a.kind == "count":
        found = _COUNT.fullmatch(text.removesuffix(".0"))
        if not found or int(found[1]) > MOST_AT_HOME:
            return None, f"不是0至{MOST_AT_HOME}的整数"
        return int(found[1]), None
    if isinstance(value, dt.date | dt.time):
        return None, "内容变成了日期或时间，请以文本填写"
    if a.kind == "people":
        return known.people(text)
    if a.kind == "photos":
        return _photos(text)
    written = tidy(str(value))
    return (written, None) if len(written) <= _LONGEST else (None, f"超过{_LONGEST}字，请写简短")


def folded(value: Any) -> str:
    """A cell's text with full-width digits and marks made plain."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFKC", str(value)).strip()


def _choice(a: Answer, text: str) -> Read:
    plain = re.sub(r"\s", "", text)
    if YES in a.choices:
        plain = _YES_NO.get(plain.upper(), plain)
    if plain in a.choices:
        return plain, None
    return None, f"只能填写：{'、'.join(a.choices)}"


def _photos(text: str) -> Read:
    """Photo numbers and spans of them, joined by 、."""
    parts = [p for p in re.split(r"[、,;；\s]+", re.sub(r"\s*[-—–~至到]+\s*", "-", text.upper())) if p]
    for part in parts:
        found = _PHOTOS.fullmatch(part)
        if not found:
            return None, "照片编号要写成 001-004、007 的样子"
        if found[2] is not None and int(found[2]) < int(found[1]):
            return None, "照片编号的起止倒了"
    return "、".join(parts), None


def read_day(
    value: Any, first: dt.date, last: dt.date, *, before: str = "核查月份"
) -> tuple[dt.date | None, str | None]:
    """A day between `first` and `last` from a date cell, a number or a text; else why it is none.

    A text without a year, such as 10月18日, is the only such day there is between the two. `before`: what a day before
    `first` is earlier than.
    """
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, int | float) and not isinstance(value, bool) and value in _SERIALS:
        value = _EPOCH + dt.timedelta(days=int(value))
    if isinstance(value, float) and not value.is_integer():
        return None, reasons.DATE_UNREADABLE  # 10.2 may have been 10.20
    if not isinstance(value, dt.date):
        text = folded(value)
        if found := _SHORT_DAY.fullmatch(text):
            return _without_year(int(found[1]), int(found[2]), first, last)
        days, why = read_dates(pl.Series([text], dtype=pl.String))
        value = days[0]
        if value is None:
            return None, str(why[0]) if why is not None else reasons.DATE_UNREADABLE
    if value.year < _FIRST_YEAR:
        return None, reasons.DATE_UNREADABLE  # 10.20 typed into a date cell is a day of 1900
    if value < first:
        return None, f"{value.isoformat()} 早于{before}"
    if value > last:
        return None, f"{value.isoformat()} 晚于今天"
    return value, None


def _without_year(month: int, day: int, first: dt.date, last: dt.date) -> tuple[dt.date | None, str | None]:
    fits = []
    for year in range(first.year, last.year + 1):
        try:
            if first <= (found := dt.date(year, month, day)) <= last:
                fits.append(found)
        except ValueError:
            continue
    if len(fits) == 1:
        return fits[0], None
    return None, "日期没有年份，无法判断" if fits else "日期不存在，或不在核查期间"
