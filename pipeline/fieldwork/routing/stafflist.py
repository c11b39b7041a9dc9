"""The blank staff list: one sheet to fill in, one of notes."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import xlsxwriter

from pipeline.draw import files
from pipeline.errors import BadInput
from pipeline.fieldwork.routing.groups import read_groups

_ROWS = 500  # rows that carry formats and drop-downs
_COLUMNS: tuple[tuple[str, float, bool, str], ...] = (
    ("姓名", 12, True, "核查人姓名全称"),
    ("单位（镇街）", 16, True, "所在镇街；县级单位人员写单位名称，并填“组别”"),
    ("电话", 16, False, "联系电话，印在路线单上；同名同单位的两人以此区分"),
    ("组别", 8, False, "一般留空，由镇街决定；县级单位人员填 1 或 2"),
    ("在册亲属", 44, False,
     "在救助名册上的亲属：姓名或身份证号，多人用顿号隔开，如 张三、李四（身份证号）；只写姓名的，同名的户都回避"),
    ("可用日期", 34, False, "可入户的日期，如 2022-10-18、2022-10-20至2022-10-25；留空为都可以"),
)  # fmt: skip
_REMARKS = (
    "一、每人一行，从第2行填起，不要改动栏目名；橙色栏目必填。",
    "二、两组镇街交叉核查：每组只到对方的镇街入户，每户两人，不派本镇街的人，不派该户的亲属。",
    "三、每组至少两人；人数、日期不够时程序会说明哪一组、缺多少。",
)


def blank() -> bytes:
    """The workbook's bytes."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    book.set_properties({"title": "核查人员", "created": dt.datetime(2022, 1, 1)})
    page, notes = book.add_worksheet("核查人员"), book.add_worksheet("填写说明")
    base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
    head = base | {"font_name": "黑体", "border": 1, "border_color": "#9AA5B1", "align": "center", "text_wrap": True}
    required = book.add_format(head | {"bg_color": "#F8D9C4", "font_color": "#8A2F1E"})
    free = book.add_format(head | {"bg_color": "#DCE6F0"})
    text = book.add_format(base | {"num_format": "@"})
    cell = book.add_format(base | {"text_wrap": True, "border": 1, "border_color": "#C5CDD6"})
    page.set_row(0, 30)
    towns = [town for of in read_groups().towns.values() for town in of]
    for c, (heading, width, must, told) in enumerate(_COLUMNS):
        page.set_column(c, c, width, text)
        page.write_string(0, c, heading, required if must else free)
        rule: dict[str, object] = {"validate": "any"}
        if heading.startswith("单位"):
            rule = {"validate": "list", "source": towns, "error_type": "warning"}
        elif heading == "组别":
            rule = {"validate": "list", "source": ["1", "2"]}
        page.data_validation(1, c, _ROWS, c, rule | {"input_title": heading, "input_message": told})
    page.freeze_panes(1, 0)
    for c, (title, width) in enumerate((("栏目", 18), ("是否必填", 10), ("填写要求", 90))):
        notes.set_column(c, c, width)
        notes.write_string(0, c, title, free)
    for r, (heading, _, must, told) in enumerate(_COLUMNS, 1):
        notes.write_string(r, 0, heading, required if must else cell)
        notes.write_string(r, 1, "必填" if must else "", cell)
        notes.write_string(r, 2, told, cell)
        notes.set_row(r, 34)
    for r, remark in enumerate(_REMARKS, len(_COLUMNS) + 2):
        notes.write_string(r, 0, remark)
    for sheet in (page, notes):
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
    book.close()
    return content.getvalue()


def write_blank(path: Path) -> Path:
    """Write the blank list (0600). BadInput when the name is no .xlsx, or something else stands there."""
    if path.suffix.lower() != ".xlsx":
        raise BadInput("the staff list is a workbook", file=path.name, remedy="give a name that ends in .xlsx")
    return files.write(path.parent, {path.name: blank()})[0]
