"""One sheet of a workbook, declared as data and laid out for reading and printing. Towns and county share it.

Every cell that comes from the data is written as a string or a number, never through type guessing, so nothing a
file carries can become a formula or a link.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Literal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from pipeline.publish.words import formula_like

BODY_FONT, HEAD_FONT = "宋体", "黑体"
INK, RULE_LINE, HEAD_FILL, REPLY_FILL = "#1F2A37", "#B8C0CA", "#DCE6F0", "#FFF8DC"
_HEADER_ROW = 2  # title, remark, then the headings
_BODY_ROWS_LIMIT = 1_048_570
_NARROW = re.compile(r"[\x00-\u1fff]+")  # characters that take the width of one

Kind = Literal["text", "id", "centre", "severity", "number", "money", "count", "percent", "share", "points", "reply"]


@dataclass(frozen=True)
class Col:
    """A column: heading, width in characters, kind of cell; `choices` make a drop-down, `heat` colours by value.

    A share is a percentage that reads 100 % only where nothing is missing; its heat is darker the more is missing.
    Points are a difference of percentages, signed.
    """

    heading: str
    width: float
    kind: Kind = "text"
    choices: tuple[str, ...] = ()
    heat: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table under a title and a remark. `rows` hold a value a column (reply columns have none, at the right).

    `empty` is said in place of rows. `total_rows` = rows at the end that are sums (bold, outside filter and colours).
    """

    name: str
    title: str
    columns: tuple[Col, ...]
    rows: list[tuple[Any, ...]]
    remark: str = ""
    empty: str = "本月无"
    total_rows: int = 0
    freeze_columns: int = 0
    row_height: float = 20  # points, at least; rows with more lines grow
    hints: Sequence[str] = ()  # a text a row, shown beside the cell in which the answer is chosen

    @property
    def height(self) -> int:
        """Rows the sheet takes in the file, heading and title included."""
        return _HEADER_ROW + 1 + max(len(self.rows), 1)


@dataclass
class Formats:
    """The cell formats of one workbook, made when first asked for."""

    book: xlsxwriter.Workbook
    made: dict[tuple[str, ...], Format] = field(default_factory=dict)

    def get(self, kind: str, *marks: str) -> Format:
        key = (kind, *marks)
        if key not in self.made:
            self.made[key] = self.book.add_format(_properties(kind, marks))
        return self.made[key]


def _properties(kind: str, marks: tuple[str, ...]) -> dict[str, Any]:
    base: dict[str, Any] = {"font_name": BODY_FONT, "font_size": 10.5, "font_color": INK, "valign": "vcenter"}
    if kind == "title":
        return base | {"font_name": HEAD_FONT, "font_size": 16, "align": "left"}
    if kind == "remark":
        return base | {"font_size": 10, "font_color": "#5A6573", "text_wrap": True, "valign": "vcenter"}
    if kind == "section":
        return base | {"font_name": HEAD_FONT, "font_size": 12, "bottom": 2, "bottom_color": "#4A6A8A"}
    if kind == "prose":
        return base | {"text_wrap": True, "valign": "top"}
    cell = base | {"border": 1, "border_color": RULE_LINE, "text_wrap": True}
    if kind == "head":
        return cell | {"font_name": HEAD_FONT, "bg_color": HEAD_FILL, "align": "center"}
    if kind == "empty":
        return cell | {"align": "center", "font_size": 12, "font_color": "#5A6573"}
    extra: dict[str, dict[str, Any]] = {
        "text": {},
        "id": {"num_format": "@"},
        "centre": {"align": "center"},
        "severity": {"align": "center"},
        "number": {"align": "right", "num_format": "#,##0"},
        "money": {"align": "right", "num_format": "#,##0.00"},
        "count": {"align": "center", "num_format": '#,##0;-#,##0;"–"'},
        "percent": {"align": "right", "num_format": "0.0%"},
        "share": {"align": "right", "num_format": '[=1]0%;[>=0.9995]"99.9%+";0.0%'},
        "points": {"align": "right", "num_format": "+0.0;-0.0;0.0"},
        "reply": {"bg_color": REPLY_FILL},
    }
    cell |= extra[kind]
    if "high" in marks:
        cell |= {"bold": True, "font_color": "#B03A2E"}
    if "total" in marks:
        cell |= {"bold": True, "bg_color": "#F1F4F7"}
    if "quoted" in marks:
        cell |= {"quote_prefix": True}
    return cell


def lay(book: xlsxwriter.Workbook, formats: Formats, sheet: Sheet, footer: str) -> Worksheet:
    """Add the sheet to the workbook: A4 landscape, one page wide, the heading row repeated and frozen, filter on."""
    page = book.add_worksheet(sheet.name)
    last = len(sheet.columns) - 1
    page.write_string(0, 0, sheet.title, formats.get("title"))
    page.set_row(0, 26)
    page.merge_range(1, 0, 1, last, "", formats.get("remark"))
    page.write_string(1, 0, sheet.remark, formats.get("remark"))
    page.set_row(1, 16 * lines_of(sheet.remark, sum(c.width for c in sheet.columns)))
    for c, column in enumerate(sheet.columns):
        page.set_column(c, c, column.width)
        page.write_string(_HEADER_ROW, c, column.heading, formats.get("head"))
    page.set_row(_HEADER_ROW, 32)
    if sheet.rows:
        _body(page, formats, sheet)
    else:
        page.merge_range(3, 0, 3, last, "", formats.get("empty"))
        page.write_string(3, 0, sheet.empty, formats.get("empty"))
        page.set_row(3, 36)
    page.freeze_panes(_HEADER_ROW + 1, sheet.freeze_columns)
    page.repeat_rows(_HEADER_ROW)
    printed(page, footer)
    page.print_area(0, 0, sheet.height - 1, last)
    return page


def printed(page: Worksheet, footer: str, *, portrait: bool = False) -> None:
    """A4, landscape unless told otherwise, one page wide, page numbers and the notice of confidence at the foot."""
    if not portrait:
        page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.35, right=0.35, top=0.5, bottom=0.6)
    page.set_footer(
        f'&L&"{BODY_FONT}"&9{footer}&C&"{BODY_FONT}"&9第 &P 页　共 &N 页&R&"{BODY_FONT}"&9内部资料　注意保密'
    )
    page.hide_gridlines(2)


def _body(page: Worksheet, formats: Formats, sheet: Sheet) -> None:
    first, count = _HEADER_ROW + 1, len(sheet.rows)
    if count > _BODY_ROWS_LIMIT:
        raise ValueError(f"sheet {sheet.name}: {count} rows do not fit in a worksheet")
    plain = [(c, col.kind, formats.get(col.kind)) for c, col in enumerate(sheet.columns)]
    for r, row in enumerate(sheet.rows, first):
        page.set_row(r, _height(row, sheet))
        total = r >= first + count - sheet.total_rows
        for (c, kind, cell), value in zip(plain, row, strict=False):
            if total:
                cell = formats.get(kind, "total")
            if value is None or value == "":
                page.write_blank(r, c, None, cell)
            elif isinstance(value, str):
                if kind == "severity" and value == "高":
                    cell = formats.get(kind, "high")
                elif formula_like(value):
                    cell = formats.get(kind, "quoted")
                page.write_string(r, c, value, cell)
            else:
                page.write_number(r, c, value, cell)
        for c, kind, _ in plain[len(row) :]:
            page.write_blank(r, c, None, formats.get(kind))
    end = first + count - 1 - sheet.total_rows
    if end >= first:
        page.autofilter(_HEADER_ROW, 0, end, len(sheet.columns) - 1)
        for c, column in enumerate(sheet.columns):
            if column.choices:
                for hint, spans in _spans(sheet.hints, end - first + 1):
                    cells = [(first + a, c, first + b, c) for a, b in spans]
                    page.data_validation(*cells[0], _choice(column, hint) | {"other_cells": cells[1:]})
        _heat(page, sheet, first, end)


def _spans(hints: Sequence[str], rows: int) -> list[tuple[str, list[tuple[int, int]]]]:
    """Each text with the spans of rows (first, last) that it belongs to."""
    found: dict[str, list[tuple[int, int]]] = {}
    for i, hint in enumerate(hints or [""] * rows):
        spans = found.setdefault(hint, [])
        if spans and spans[-1][1] == i - 1:
            spans[-1] = (spans[-1][0], i)
        else:
            spans.append((i, i))
    return list(found.items())


def _choice(column: Col, hint: str) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": list(column.choices),
        "input_title": column.heading,
        "input_message": hint or "请从下拉列表中选择",
        "error_title": "填写有误",
        "error_message": f"只能填写：{'、'.join(column.choices)}",
    }


def _heat(page: Worksheet, sheet: Sheet, first: int, end: int) -> None:
    """One colour scale over neighbouring heat columns together, so that their colours compare."""
    hot = [c for c, column in enumerate(sheet.columns) if column.heat]
    if hot:
        area = f"{xl_rowcol_to_cell(first, hot[0])}:{xl_rowcol_to_cell(end, hot[-1])}"
        if sheet.columns[hot[0]].kind == "share":
            page.conditional_format(area, {"type": "blanks", "stop_if_true": True, "format": None})
            page.conditional_format(area, _SHARE_SCALE)
            return
        scale = {
            "type": "2_color_scale",
            "min_type": "num",
            "min_value": 0,
            "min_color": "#FFFFFF",
            "max_color": "#E8A08C",
        }
        page.conditional_format(area, scale)


# From a fifth missing (and worse) to nothing missing: the same colours for the same share in every sheet and month.
_SHARE_SCALE = {
    "type": "3_color_scale",
    "min_type": "num",
    "min_value": 0.8,
    "min_color": "#E08A72",
    "mid_type": "num",
    "mid_value": 0.95,
    "mid_color": "#F6D9C4",
    "max_type": "num",
    "max_value": 1,
    "max_color": "#FFFFFF",
}


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a cell of that width in characters; a Chinese character takes two."""
    count = 0
    for part in text.split("\n"):
        size = len(part) if part.isascii() else len(part) + len(_NARROW.sub("", part))
        count += max(ceil(size / max(width, 1)), 1)
    return count


def _height(row: tuple[Any, ...], sheet: Sheet) -> float:
    """A row's height in points. Set outright: not every program grows rows to their text on opening."""
    lines = 1
    for column, value in zip(sheet.columns, row, strict=False):
        if isinstance(value, str) and (2 * len(value) > column.width or "\n" in value):
            # a little less than the width: words and brackets break before the edge
            lines = max(lines, lines_of(value, column.width * 0.94))
    return float(min(max(sheet.row_height, 14.5 * lines + 5), 409))  # 409 points is the most a row can have
