"""A small draw with its plan and ledgers, and ledgers as visitors send them in, for the tests of field work."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.draw.certificate import make
from pipeline.draw.files import sum_line, write
from pipeline.draw.frame import freeze
from pipeline.fieldwork.households import read_homes
from pipeline.fieldwork.ledgers.ledger import ledgers
from pipeline.fieldwork.plan import Plan
from pipeline.fieldwork.routing.groups import read_groups
from pipeline.fieldwork.routing.make import Limits, make_plan
from tests.unit.draw_sample import MONTH, small_drop

TODAY = dt.date(2022, 10, 25)
HEAD = 3  # the row of a ledger's headings
STAFF = (
    ("赵一", "坪石镇", "13800000001", ""),
    ("钱二", "三溪", "13800000002", ""),
    ("孙三", "梅花", "13800000003", ""),
    ("李四", "长来镇", "13800000004", ""),
    ("周五", "廊田", "13800000005", ""),
    ("吴六", "北乡", "13800000006", ""),
)
# what a visitor fills in when all is well
GOOD: dict[str, Any] = {
    "入户日期": dt.date(2022, 10, 18), "见到本人": "是", "一查家境": "相符", "二查人员": "相符", "三查结构": "相符",
    "四查病残": "不涉及", "五查就业": "不涉及", "六查收入": "相符", "邻里：常住": "是", "邻里：人员属实": "是",
    "邻里：就业属实": "不清楚", "自理能力": "半失能", "在家人数": 1, "签字方式": "按手印", "签字人": "本人",
    "照片编号": "001-003", "核查结论": "继续保障",
}  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    """Everything on disk: drop, certificate, plan, a ledger a group and town."""

    folder: Path
    drop: Path
    certificate: Path
    plan_file: Path
    plan: Plan
    ledgers: dict[str, Path]  # town → its ledger


def write_staff(path: Path, rows: tuple[tuple[str, str, str, str], ...] = STAFF) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("姓名", "单位(镇街)", "电话", "在册亲属"))
        out.writerows(rows)
    return path


def prepare(folder: Path) -> Prepared:
    """Draw round 1 of the small drop, plan it from 10 October 2022 on, write the ledgers."""
    drop = small_drop(folder / "drop")
    frame = freeze(drop, MONTH)
    name = f"frame-{MONTH}.tsv"
    write(folder, {name: frame.text.encode(), f"{name}.sha256": sum_line(name, frame.sha256)})
    c = make(folder / name, "4163325114", "ten dice")
    write(folder, {f"{c.stem}.json": c.json_text().encode()})
    certificate = folder / f"{c.stem}.json"
    staff = write_staff(folder / "staff.csv")
    plan = make_plan([certificate], drop, staff, read_groups(), Limits(dt.date(2022, 10, 10)))
    write(folder, {f"{plan.stem}.json": plan.json_text().encode()})
    written = ledgers(plan, read_homes(drop, MONTH, plan.by_unit), None)
    paths = write(folder / "ledgers", written)
    towns = [town for _, town in plan.ledgers()]
    return Prepared(folder, drop, certificate, folder / f"{plan.stem}.json", plan, dict(zip(towns, paths, strict=True)))


def columns(page: Worksheet, head: int = HEAD) -> dict[str, int]:
    """Heading → column."""
    return {str(cell.value): cell.column for cell in page[head] if cell.value is not None}


def fill(ledger: Path, to: Path, rows: Mapping[int, Mapping[str, Any]], *, head: int = HEAD) -> Path:
    """Fill rows (0 = the first household) of a ledger and save it under another name."""
    book = openpyxl.load_workbook(ledger)
    page = book["台账"]
    at = columns(page, head)
    for i, cells in rows.items():
        for heading, value in cells.items():
            page.cell(head + 1 + i, at[heading]).value = value
    book.save(to)
    return to
