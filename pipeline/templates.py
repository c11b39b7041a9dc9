"""Blank workbooks for those who fill in data: a validated sheet for each dataset, made from the contract alone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.contract import CARE_INDICATORS, CODES, DATASETS, TOWNS, Column, Dataset, scheme_zh
from pipeline.errors import BadInput
from pipeline.private import folder, owner_only, private

NOTES = "填写说明"
_ROWS = 5000  # rows that carry formats and validation
_LONGEST_INLINE = 255  # characters a drop-down may hold; a longer list stands in the notes only
_BOOLEANS = ("是", "否")
_ABILITIES = ("能", "不能")  # the six indicators of the care assessment are asked as 能/不能
_LEVELS = ("一级", "二级", "三级", "四级")
# Digits that a spreadsheet would otherwise round, shorten or turn into a date.
_AS_TEXT = frozenset(
    {"id_number", "month", "period", "scheme", "text", "identifier", "name", "code", "level", "town", "sex"}
)
_WIDTHS: dict[str, float] = {"id_number": 22, "date": 13, "date_or_month": 13, "month": 12, "money": 13, "name": 11}
_WIDE: dict[str, float] = {"address": 34, "bank_account": 24, "uscc": 22, "location": 30, "company": 28, "phone": 14,
                           "household_no": 16, "employer": 24, "certificate_no": 24, "stop_reason": 18}  # fmt: skip
_EXPECTED: dict[str, str] = {
    "text": "文字",
    "identifier": "编号或号码，按文本填写",
    "name": "姓名全称，不加称谓",
    "id_number": "18位公民身份号码，以文本填写，末位X大写；没有的留空，不填0或“无”",
    "sex": "从下拉列表中选择",
    "code": "从下拉列表中选择",
    "level": "从下拉列表中选择",
    "town": "从下拉列表中选择",
    "scheme": "从下拉列表中选择",
    "boolean": "从下拉列表中选择",
    "date": "日期，如 2022-10-03",
    "month": "年月，如 2022-10",
    "date_or_month": "日期，如 2023-10-31；只知年月的填该月最后一日",
    "period": "年度，如 2022",
    "year": "年度，如 2022",
    "money": "金额，只填数字",
    "number": "数字",
    "integer": "整数",
}


def write_templates(out: Path) -> list[Path]:
    """Write `<Chinese name>.xlsx` for each of the contract's datasets into `out`; returns the paths, in its order.

    BadInput when `out` is a file, or a folder with something in it: a filled-in workbook must not be overwritten.
    """
    if out.exists() and not out.is_dir():
        raise BadInput("the output is a file, not a folder", file=str(out), remedy="name a new or empty folder")
    if out.is_dir() and any(out.iterdir()):
        raise BadInput("the output folder is not empty", file=str(out), remedy="name a new or empty folder")
    with private():
        folder(out)
        return [_write(dataset, out / f"{dataset.zh}.xlsx") for dataset in DATASETS.values()]


def choices(column: Column) -> tuple[str, ...]:
    """The values a column's drop-down offers, as a person writes them; () when it is free."""
    if column.type == "boolean":
        return _ABILITIES if column.id in CARE_INDICATORS else _BOOLEANS
    if column.type == "town":
        return tuple(TOWNS)
    if column.type == "level":
        return _LEVELS
    if column.type == "scheme":
        return tuple(scheme_zh(scheme) for scheme in CODES["scheme"])
    return tuple(CODES[column.codes]) if column.codes else ()


def heading(column: Column) -> str:
    """The heading as written: the Chinese name, the unit in brackets, which reading drops again."""
    return f"{column.zh}（{column.unit}）" if column.unit else column.zh


def _write(dataset: Dataset, path: Path) -> Path:
    book = xlsxwriter.Workbook(str(path), {"in_memory": True})
    book.set_properties({"title": dataset.zh, "created": dt.datetime(2022, 1, 1)})
    page = book.add_worksheet(dataset.zh)
    notes = book.add_worksheet(NOTES)
    base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
    head = base | {"font_name": "黑体", "border": 1, "border_color": "#9AA5B1", "align": "center", "text_wrap": True}
    required = book.add_format(head | {"bg_color": "#F8D9C4", "font_color": "#8A2F1E"})
    free = book.add_format(head | {"bg_color": "#DCE6F0"})
    cells = {kind: book.add_format(base | {"num_format": fmt} if fmt else base)
             for kind, fmt in (("text", "@"), ("date", "yyyy-mm-dd"), ("money", "0.00"), ("plain", ""))}  # fmt: skip
    page.set_row(0, 30)
    for c, column in enumerate(dataset.columns):
        page.set_column(c, c, _width(column), cells[_cell(column)])
        page.write_string(0, c, heading(column), required if column.required else free)
        rule = _rule(column)
        if rule:
            page.data_validation(1, c, _ROWS, c, rule)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, _ROWS, len(dataset.columns) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer("&C第 &P 页　共 &N 页")
    _notes(notes, dataset, required, free, book.add_format(base | {"text_wrap": True, "border": 1,
                                                                   "border_color": "#C5CDD6"}))  # fmt: skip
    book.close()
    return owner_only(path)


def _rule(column: Column) -> dict[str, Any] | None:
    """The validation of a column, with the message shown when a cell of it is chosen. Warns of codes, stops dates."""
    told: dict[str, Any] = {
        "input_title": column.zh[:32],
        "input_message": _EXPECTED[column.type][:255],
        "error_title": "填写有误",
        "error_message": _EXPECTED[column.type][:255],
        "ignore_blank": True,
    }
    values = choices(column)
    if values and len(",".join(values)) <= _LONGEST_INLINE:
        # a warning, not a stop: a real value outside the list is better kept and reported than left out
        return told | {"validate": "list", "source": list(values), "error_type": "warning"}
    if column.type in ("date", "date_or_month"):
        between = {"minimum": dt.date(1900, 1, 1), "maximum": dt.date(2100, 12, 31)}
        return told | {"validate": "date", "criteria": "between", **between}
    if column.type == "money":
        return told | {"validate": "decimal", "criteria": ">=", "value": 0}
    if column.type == "number":
        return told | {"validate": "decimal", "criteria": ">=", "value": 0}
    if column.type == "integer":
        return told | {"validate": "integer", "criteria": ">=", "value": 0}
    if column.type == "year":
        return told | {"validate": "integer", "criteria": "between", "minimum": 1990, "maximum": 2100}
    if column.type in ("id_number", "identifier", "month", "period"):
        return told | {"validate": "any"}
    return None


def _cell(column: Column) -> str:
    if column.type in _AS_TEXT:
        return "text"
    if column.type in ("date", "date_or_month"):
        return "date"
    return "money" if column.type == "money" else "plain"


def _width(column: Column) -> float:
    least = 2.2 * len(heading(column)) + 3  # the heading and its filter button
    return max(_WIDE.get(column.id, _WIDTHS.get(column.type, 10)), least)


def _notes(page: Worksheet, dataset: Dataset, required: Format, free: Format, cell: Format) -> None:
    """A line a column: heading, whether required, what is expected, the values allowed, other headings understood."""
    titles = (("栏目", 22), ("是否必填", 10), ("填写要求", 52), ("可填内容", 60), ("其他可识别的栏目名", 46))
    for c, (title, width) in enumerate(titles):
        page.set_column(c, c, width)
        page.write_string(0, c, title, free)
    for r, column in enumerate(dataset.columns, 1):
        unit = f"，单位：{column.unit}" if column.unit else ""
        page.write_string(r, 0, column.zh, required if column.required else cell)
        page.write_string(r, 1, "必填" if column.required else "", cell)
        page.write_string(r, 2, _EXPECTED[column.type] + unit, cell)
        page.write_string(r, 3, "、".join(choices(column)), cell)
        page.write_string(r, 4, "、".join(column.also), cell)
        longest = max(len("、".join(choices(column))) / 28, len("、".join(column.also)) / 21, 1)
        page.set_row(r, 16 * int(longest + 0.99) + 3)
    last = len(dataset.columns) + 2
    remarks = (
        f"一、一行一条记录，从“{dataset.zh}”表第2行填起，不要合并单元格，不要改动栏目名；橙色栏目必填，可删去用不到的其他栏目。",
        "二、证件号、账号、编号、电话以文本填写，不要让表格软件改成科学计数。不填0、“无”、“/”代替空白。",
        f"三、保存时文件名以“{dataset.zh}”或“{dataset.id}”开头，后面可加“_镇街名”，如“{dataset.zh}_长来.xlsx”。",
    )
    for i, text in enumerate(remarks):
        page.write_string(last + i, 0, text)
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
