"""A finished audit so far as collecting reads it, towns' workbooks filled in, and what was kept of them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.fieldwork.answers.collect import Outcome, collect
from pipeline.ledger import opened
from pipeline.ledger.rulings import FINDING, read_rulings
from pipeline.publish.publication import Publication
from pipeline.publish.towns import write_workbooks

TODAY = dt.date(2022, 11, 5)
HEAD = 3
INELIGIBLE, REVIEW = "疑似不符合条件", "待人工比对"


def audited(pub: Publication, folder: Path) -> Path:
    """OUT/<month> so far as collecting reads it, with the towns' real workbooks."""
    out = folder / pub.month
    out.mkdir()
    pub.engine.rows("SELECT * FROM findings").write_parquet(out / "findings.parquet")
    pub.engine.rows("SELECT * FROM links").write_parquet(out / "links.parquet")
    (out / "run.json").write_text(json.dumps({"month": pub.month}))
    write_workbooks(pub, out)
    return out


def columns(page: Worksheet) -> dict[str, int]:
    return {str(c.value): c.column for c in page[HEAD] if c.value is not None}


def reply(run: Path, to: Path, cells: dict[tuple[str, int], tuple[Any, Any, Any]], town: str = "长来") -> Path:
    """Fill a town's workbook: (sheet, row from 0) → verdict, explanation, who and when."""
    book = openpyxl.load_workbook(run / "towns" / f"{town}.xlsx")
    for (sheet, i), values in cells.items():
        at = columns(book[sheet])
        for heading, value in zip(("镇核实结果", "核实说明", "核实人/日期"), values, strict=True):
            book[sheet].cell(HEAD + 1 + i, at[heading]).value = value
    book.save(to)
    return to


def number_of(run: Path, i: int, sheet: str = INELIGIBLE, town: str = "长来") -> str:
    page = openpyxl.load_workbook(run / "towns" / f"{town}.xlsx")[sheet]
    return str(page.cell(HEAD + 1 + i, columns(page)["疑点编号"]).value)


def take(tmp_path: Path, *files: Path, run: Path | None, out: str = "out") -> Outcome:
    return collect(files, tmp_path / "l.duckdb", tmp_path / out, side=None, run_folder=run, today=TODAY)


def kept(tmp_path: Path, kind: str = FINDING, *, history: bool = False) -> pl.DataFrame:
    with opened(tmp_path / "l.duckdb") as con:
        return read_rulings(con, kind, history=history)


def why(done: Outcome) -> dict[tuple[str, int], dict[str, str]]:
    return {(b.sheet.sheet, bad.row.row - HEAD - 1): dict(bad.why()) for b in done.backs for bad in b.rows}
