"""The sheet of a visit ledger, blank or sent back: known cells locked, answers with drop-downs and rules.

Two pages wide on A4 landscape: what is known on the left page, what is filled in on the right one, each with the
household's name and number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from pipeline.draw.results import KEPT, UNVERIFIED
from pipeline.fieldwork.columns import (
    ANSWERS,
    BY_PROXY,
    DIFFERS,
    IDLE_UNVERIFIED,
    MOST_AT_HOME,
    NO,
    NOT_CHECKED,
    PREFILLED,
    SIX_CHECKS,
    UNSIGNED,
    Answer,
)
from pipeline.publish.sheets import BODY_FONT, HEAD_FILL, HEAD_FONT, INK, RULE_LINE, Formats, lines_of, printed
from pipeline.publish.words import formula_like

SHEET = "台账"
UNIT, NUMBER, NAME = "单元编号", "家庭编号", "户主（对象）"
REASON = "退回原因"
_SIGN, _SIGN_WIDTH = "本人签名或按手印（纸质台账）", 11  # for the pen only
# what is known beforehand: heading → width
KNOWN: tuple[tuple[str, float], ...] = (
    ("序号", 4),
    (NAME, 7),
    (NUMBER, 9.5),
    (UNIT, 10),
    ("救助类别（抽查类别）", 9.5),
    ("住址、电话", 15),
    ("系统登记", 35),
    ("档案情况", 13),
    ("疑点线索", 40),
    ("安排", 7.5),
)
HEADER_ROW = 2  # title, remark, then the headings; from 0
_ON_BOTH_PAGES = 3  # columns repeated on the right page
_SCALE = 60  # per cent at which both pages fit
_SCALE_BACK = 54  # … with the reasons of rows that go back
_REASON_WIDTH = 24
_ANSWER_FILL, _ANSWER_HEAD, _LACKING_FILL, _IDLE_FILL, BAD_FILL = (
    "#FFF8DC", "#F6E7B4", "#F8D0C8", "#ECEFF2", "#F1948A",
)  # fmt: skip
REMARK = "只填写浅黄色各列（第二页），每户一行；怎样填写、六查一访看什么，见“说明”。"


def _places(sent_back: bool) -> Iterator[tuple[int, Answer]]:
    """The answers with their columns, from 0; the reasons of rows that go back stand before them."""
    return enumerate(ANSWERS, len(KNOWN) + sent_back)


@dataclass(frozen=True)
class Line:
    """A row: the cells of `KNOWN`; answers by column id; `care`: whether self-care is asked.

    Of a row that goes back, `bad`: column id or known heading → why its cell was not taken; `told`: all reasons.
    """

    known: Sequence[Any]
    answers: Mapping[str, Any]
    care: bool
    bad: Mapping[str, str] = field(default_factory=dict)
    told: str = ""


class LedgerSheet:
    """The sheet's formats in one workbook, and its laying out. `month` 'YYYY-MM': no visit lies before it."""

    def __init__(self, book: xlsxwriter.Workbook, formats: Formats, month: str) -> None:
        self.book, self.formats = book, formats
        self.first_day = dt.date.fromisoformat(f"{month}-01")
        cell = {"font_name": BODY_FONT, "font_size": 10.5, "font_color": INK, "valign": "vcenter", "text_wrap": True,
                "border": 1, "border_color": RULE_LINE}  # fmt: skip
        heading = cell | {"font_name": HEAD_FONT, "bg_color": HEAD_FILL, "align": "center"}
        self.remark = book.add_format({"font_name": BODY_FONT, "font_size": 10, "font_color": "#5A6573"})
        self.lacking = book.add_format({"bg_color": _LACKING_FILL})
        self.head, self.answer_head = self._made(heading), self._made(heading | {"bg_color": _ANSWER_HEAD})
        self.text, self.centre = self._made(cell), self._made(cell | {"align": "center"})
        self.quoted = self._made(cell | {"quote_prefix": True})
        self.idle = self._made(cell | {"bg_color": _IDLE_FILL})
        self.bad_known = self._made(cell | {"bg_color": BAD_FILL})
        self.answers: dict[tuple[str, bool], Format] = {}
        for bad in (False, True):
            base = cell | {"locked": False, "bg_color": BAD_FILL if bad else _ANSWER_FILL}
            for kind, more in (
                ("date", {"num_format": "yyyy-mm-dd", "align": "center"}),
                ("choice", {"align": "center"}),
                ("count", {"align": "center"}),
                ("people", {"num_format": "@", "align": "center"}),
                ("photos", {"num_format": "@"}),
                ("text", {"num_format": "@"}),
            ):
                self.answers[kind, bad] = self._made(base | more)

    def _made(self, properties: dict[str, Any]) -> Format:
        return self.book.add_format(properties)

    def lay(
        self, title: str, lines: Sequence[Line], footer: str, *, remark: str = REMARK, sent_back: bool = False
    ) -> Worksheet:
        """Add the sheet; `sent_back` adds a column of reasons before the answers."""
        page = self.book.add_worksheet(SHEET)
        width = len(KNOWN) + len(ANSWERS) + 1  # the reasons before the answers, or the place to sign after them
        # what stands in the columns that both pages show would be cut off on the right one
        page.write_string(0, _ON_BOTH_PAGES, title, self.formats.get("title"))
        page.write_string(0, len(KNOWN), f"{title}　填写页", self.formats.get("title"))
        page.set_row(0, 28)
        page.write_string(1, _ON_BOTH_PAGES, remark, self.remark)
        page.write_string(1, len(KNOWN), remark, self.remark)
        page.set_row(1, 20)
        for c, (heading, wide) in enumerate(KNOWN):
            page.set_column(c, c, wide)
            page.write_string(HEADER_ROW, c, heading, self.head)
        c, heading, wide = (len(KNOWN), REASON, _REASON_WIDTH) if sent_back else (width - 1, _SIGN, _SIGN_WIDTH)
        page.set_column(c, c, wide)
        page.write_string(HEADER_ROW, c, heading, self.head)
        for c, a in _places(sent_back):
            page.set_column(c, c, a.width)
            page.write_string(HEADER_ROW, c, a.zh, self.answer_head)
        page.set_row(HEADER_ROW, 48)
        for r, line in enumerate(lines, HEADER_ROW + 1):
            self._row(page, r, line, sent_back)
        last = HEADER_ROW + max(len(lines), 1)
        self._rules(page, HEADER_ROW + 1, last, sent_back)
        page.freeze_panes(HEADER_ROW + 1, _ON_BOTH_PAGES)
        page.repeat_rows(0, HEADER_ROW)
        page.repeat_columns(0, _ON_BOTH_PAGES - 1)
        printed(page, footer)
        page.fit_page = False  # or programs take no notice of the break between the two pages
        page.set_print_scale(_SCALE_BACK if sent_back else _SCALE)
        page.set_v_pagebreaks([len(KNOWN)])
        page.print_area(0, 0, last, width - 1)
        page.protect("", {"format_columns": True, "format_rows": True, "format_cells": True})
        return page

    def _row(self, page: Worksheet, r: int, line: Line, sent_back: bool) -> None:
        tall = 1
        for c, ((heading, wide), value) in enumerate(zip(KNOWN, line.known, strict=True)):
            if isinstance(value, int):
                page.write_number(r, c, value, self.centre)
                continue
            text = "" if value is None else str(value)
            shape = self.bad_known if heading in line.bad else self.quoted if formula_like(text) else self.text
            page.write_string(r, c, text, shape)
            tall = max(tall, lines_of(text, wide * 0.94))
            if heading in line.bad:
                page.write_comment(r, c, line.bad[heading])
        for c, a in _places(sent_back):
            value, bad = line.answers.get(a.id), a.id in line.bad
            if a.id == "self_care" and not line.care and value is None and not bad:
                page.write_blank(r, c, None, self.idle)
                continue
            self._answer(page, r, c, value, a.kind, self.answers[a.kind, bad])
            if isinstance(value, str):
                tall = max(tall, lines_of(value, a.width * 0.94))
            if bad:
                page.write_comment(r, c, line.bad[a.id])
        if sent_back:
            page.write_string(r, len(KNOWN), line.told, self.text)
            tall = max(tall, lines_of(line.told, _REASON_WIDTH * 0.94))
        else:
            page.write_blank(r, len(KNOWN) + len(ANSWERS), None, self.text)
        page.set_row(r, float(min(max(60, 14.5 * tall + 6), 409)))

    @staticmethod
    def _answer(page: Worksheet, r: int, c: int, value: Any, kind: str, shape: Format) -> None:
        if value is None or value == "":
            page.write_blank(r, c, None, shape)
        elif isinstance(value, dt.datetime | dt.date) and kind == "date":
            page.write_datetime(r, c, value, shape)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            page.write_number(r, c, value, shape)
        else:
            page.write_string(r, c, str(value), shape)

    def _rules(self, page: Worksheet, first: int, last: int, sent_back: bool) -> None:
        """What each answer cell takes, with its message; and pink for what is still lacking in a row once begun."""
        at = {a.id: xl_col_to_name(c, col_abs=True) for c, a in _places(sent_back)}
        row = first + 1
        own = [i for i in at if i not in PREFILLED]
        begun = f"COUNTA({at[own[0]]}{row},{at[own[1]]}{row}:{at[own[-1]]}{row})>0"
        verified = f'{begun},{at["conclusion"]}{row}<>"{UNVERIFIED}"'
        six = f"{at[SIX_CHECKS[0]]}{row}:{at[SIX_CHECKS[-1]]}{row}"
        explained = (
            f'OR(COUNTIF({six},"{DIFFERS}")+COUNTIF({six},"{NOT_CHECKED}")>0,{at["met"]}{row}="{NO}",'
            f'AND({at["conclusion"]}{row}<>"",{at["conclusion"]}{row}<>"{KEPT}"))'
        )
        signed = f'AND({at["signature"]}{row}<>"",{at["signature"]}{row}<>"{UNSIGNED}")'
        unusual = f'OR({at["signed_by"]}{row}="{BY_PROXY}",{at["signature"]}{row}="{UNSIGNED}")'
        wanted = {"note": explained, "signed_by": signed, "proxy_reason": unusual}
        for c, a in _places(sent_back):
            page.data_validation(first, c, last, c, self._rule(a))
            lacking = (verified if a.id in IDLE_UNVERIFIED else begun) if a.required else wanted.get(a.id)
            if lacking:
                formula = f'=AND({at[a.id]}{row}="",{lacking})'
                page.conditional_format(first, c, last, c, {"type": "formula", "criteria": formula,
                                                            "format": self.lacking})  # fmt: skip

    def _rule(self, a: Answer) -> dict[str, Any]:
        told = {"input_title": a.zh, "input_message": a.told, "error_title": "填写有误", "error_message": a.told}
        if a.choices:
            return told | {"validate": "list", "source": list(a.choices),
                           "error_message": f"只能填写：{'、'.join(a.choices)}"}  # fmt: skip
        if a.kind == "date":
            between = {"minimum": self.first_day, "maximum": dt.date(self.first_day.year + 2, 12, 31)}
            return told | {"validate": "date", "criteria": "between", **between}
        if a.kind == "count":
            return told | {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": MOST_AT_HOME}
        return told | {"validate": "any"}
