"""Laid-out sheets to files: workbooks, text in several encodings, Parquet, SQLite. Same sheets, same bytes."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from pipeline.demo.cells import DATE, Cells
from pipeline.demo.sheets import Written

_CREATED = datetime(2022, 11, 3, 9, 0, 0)  # fixed, so that a workbook's bytes do not depend on the day it was made
_BIG = 20_000


def write_workbook(path: Path, sheets: list[Written]) -> None:
    """An Excel workbook. Sheets of more than 20,000 rows are streamed and must have no merge over two rows."""
    big = max(len(s.columns[0]) if s.columns else 0 for s in sheets) > _BIG
    book = xlsxwriter.Workbook(str(path), {"constant_memory": big, "strings_to_urls": False})
    book.set_properties({"created": _CREATED, "author": "", "comments": "虚构数据"})
    formats = {
        "title": book.add_format({"bold": True, "align": "center", "font_size": 14}),
        "head": book.add_format({"bold": True, "align": "center", "text_wrap": True, "border": 1}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        if sheet.hidden:
            page.hide()
        _write_page(page, sheet, formats)
    book.close()


def _write_page(page: Any, sheet: Written, formats: dict[str, Any]) -> None:
    merged = {(r, c): (r2, c2) for r, c, r2, c2 in sheet.merges}
    at = 0
    for rows, style in ((sheet.preface, formats["title"]), (sheet.header, formats["head"])):
        for values in rows:
            for i, text in enumerate(values):
                if (at, i) in merged and merged[(at, i)] != (at, i):
                    page.merge_range(at, i, *merged[(at, i)], text, style)
                elif text:
                    page.write_string(at, i, text, style)
            at += 1
    blanks = set(sheet.blanks)
    # the documented write() looks at every value's type; these are its own two ends
    text_cell, number_cell, day = page._write_string, page._write_number, formats["date"]
    columns = [_cells(c) for c in sheet.columns]
    count = len(sheet.columns[0]) if sheet.columns else 0
    for i in range(count):
        if i in blanks:
            at += 1
        for j, (values, kinds) in enumerate(columns):
            value = values[i]
            if value is None:
                continue
            kind = kinds[i] if kinds is not None else 0
            if kind:
                number_cell(at, j, value, day if kind == DATE else None)
            else:
                text_cell(at, j, value)
        at += 1
    for values in sheet.tail:
        for j, text in enumerate(values):
            if text:
                page.write_string(at, j, text)
        at += 1


def _cells(column: Cells) -> tuple[list[Any], list[int] | None]:
    """Values and kinds of a column, a number where the spreadsheet holds one."""
    values: list[Any] = column.text.to_list()
    if column.kind is None or column.number is None or not column.kind.any():
        return values, None
    kinds: list[int] = column.kind.tolist()
    numbers: list[float] = column.number.tolist()
    return [n if k and t is not None else t for t, n, k in zip(values, numbers, kinds, strict=True)], kinds


def write_text(path: Path, sheet: Written, encoding: str, separator: str) -> None:
    """A delimited text file; preface, total and signature lines are padded with separators, blank lines are empty."""
    frame = pl.DataFrame({f"c{i}": c.text for i, c in enumerate(sheet.columns)})
    out = io.StringIO()
    newline = "\r\n" if encoding.startswith(("gb", "utf-16")) else "\n"

    def lines(rows: list[list[str]]) -> None:
        for row in rows:
            part = pl.DataFrame([[v or None for v in row]], orient="row", schema={f"c{i}": pl.String for i in range(len(row))})
            out.write(part.write_csv(include_header=False, separator=separator, line_terminator=newline, quote_style="necessary"))

    lines(sheet.preface + sheet.header)
    edges = [0, *sheet.blanks, frame.height]
    for n, (a, b) in enumerate(zip(edges, edges[1:], strict=False)):
        if n:
            out.write(newline)
        out.write(frame[a:b].write_csv(include_header=False, separator=separator, line_terminator=newline, quote_style="necessary"))
    lines(sheet.tail)
    path.write_bytes(out.getvalue().encode(encoding))


def write_parquet(path: Path, sheet: Written) -> None:
    frame = pl.DataFrame({h: c.text for h, c in zip(sheet.header[0], sheet.columns, strict=True)})
    frame.write_parquet(path, compression="zstd", statistics=False)


def write_sqlite(path: Path, table: str, sheet: Written) -> None:
    """One table of a SQLite database, Chinese headings as column names."""
    headings = sheet.header[0]
    rows = zip(*[c.text.to_list() for c in sheet.columns], strict=True)
    with closing(sqlite3.connect(path)) as con:
        names = ", ".join(f'"{h}"' for h in headings)
        con.execute(f'CREATE TABLE "{table}" ({names})')
        con.executemany(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(headings))})', rows)
        con.commit()


def note_sheet(label: str) -> Written:
    """A visible sheet without a recognised heading."""
    text = [["填报说明"], [f"本表数据截至{label}底，由各镇街汇总上报。"], ["有疑问请与社会救助股联系。"]]
    return Written("填报说明", text, [], [], [], [])


def hidden_sheet(first: Written) -> Written:
    """A hidden sheet with last year's headings and a few old rows, which must not be read."""
    few = [Cells(c.text.head(3), c.number[:3] if c.number is not None else None, c.kind[:3] if c.kind is not None else None) for c in first.columns]
    return Written("旧数据", [], [first.header[-1] if len(first.header) == 1 else _flat(first.header)], few, [], [], hidden=True)


def _flat(header: list[list[str]]) -> list[str]:
    return [b or a for a, b in zip(*header, strict=True)]
