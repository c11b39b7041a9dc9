"""Laid-out sheets to files: workbooks, text in several encodings, Parquet, SQLite. Same sheets, same bytes."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from pipeline.demo.cells import DATE, NUMBER, Cells
from pipeline.demo.sheets import Written

_CREATED = datetime(2022, 11, 3, 9, 0, 0)  # fixed, so that a workbook's bytes do not depend on the day it was made
_BIG = 8_000


def write_workbook(path: Path, sheets: list[Written]) -> None:
    """An Excel workbook. With more than 8,000 rows its sheets are streamed, and headings over two rows not merged."""
    big = max(len(s.columns[0]) if s.columns else 0 for s in sheets) > _BIG
    book = xlsxwriter.Workbook(str(path), {"constant_memory": big, "in_memory": not big, "strings_to_urls": False})
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
                down, across = merged.get((at, i), (at, i))
                # a row that has been streamed cannot be gone back to
                if (down, across) != (at, i) and not (page.constant_memory and down > at):
                    page.merge_range(at, i, down, across, text, style)
                elif text:
                    page.write_string(at, i, text, style)
            at += 1
    if page.constant_memory and sheet.columns:
        at = _stream(page, sheet, at, formats["date"])
    else:
        at = _cell_by_cell(page, sheet, at, formats["date"])
    for values in sheet.tail:
        for j, text in enumerate(values):
            if text:
                page.write_string(at, j, text)
        at += 1


def _cell_by_cell(page: Any, sheet: Written, at: int, day: Any) -> int:
    """Write the records from row `at` on; the row after them."""
    blanks = set(sheet.blanks)
    columns = [(c.text.to_list(), c.number, c.kind) for c in sheet.columns]
    for i in range(len(sheet.columns[0]) if sheet.columns else 0):
        at += i in blanks
        for j, (texts, numbers, kinds) in enumerate(columns):
            if texts[i] is None:
                continue
            if kinds is not None and numbers is not None and kinds[i]:
                page.write_number(at, j, float(numbers[i]), day if kinds[i] == DATE else None)
            else:
                page.write_string(at, j, texts[i])
        at += 1
    return at


def _stream(page: Any, sheet: Written, at: int, day: Any) -> int:
    """As `_cell_by_cell`, for hundreds of thousands of rows: whole columns are turned into the sheet's XML.

    In constant-memory mode XlsxWriter keeps finished rows as text in a file of its own; the rows are appended there
    (20 times as fast as a call a cell). This leans on three of its internals, so the tests read such a sheet back.
    """
    count = len(sheet.columns[0])
    number = (
        at + 1 + np.arange(count) + np.searchsorted(np.array(sheet.blanks, dtype=int), np.arange(count), side="right")
    )
    rows = pl.DataFrame({"n": pl.Series(number).cast(pl.String)})
    cells = []
    for j, column in enumerate(sheet.columns):
        text = (
            column.text.cast(pl.String)
            .str.replace_all("&", "&amp;", literal=True)
            .str.replace_all("<", "&lt;", literal=True)
        )
        rows = rows.with_columns(text.alias(f"t{j}"))
        place = pl.lit(f'<c r="{xl_col_to_name(j)}') + pl.col("n")
        cell = place + '" t="inlineStr"><is><t xml:space="preserve">' + pl.col(f"t{j}") + "</t></is></c>"
        if column.kind is not None and column.number is not None:
            rows = rows.with_columns(pl.Series(f"v{j}", column.number), pl.Series(f"k{j}", column.kind))
            value = "><v>" + pl.col(f"v{j}").cast(pl.String) + "</v></c>"
            kind = pl.col(f"k{j}")
            cell = (
                pl.when(pl.col(f"t{j}").is_null()).then(None)
                .when(kind == NUMBER).then(place + '"' + value)
                .when(kind == DATE).then(place + f'" s="{day._get_xf_index()}"' + value).otherwise(cell)
            )  # fmt: skip
        cells.append(cell.fill_null(""))
    page._write_single_row(at)
    for chunk in rows.iter_slices(50_000):
        lines = chunk.select(
            pl.concat_str([pl.lit('<row r="'), pl.col("n"), pl.lit('">'), *cells, pl.lit("</row>")])
        ).to_series()
        page.row_data_fh.write("".join(lines.to_list()))
    end = int(number[-1])
    page.dim_rowmin, page.dim_colmin = 0, 0
    page.dim_rowmax, page.dim_colmax = end - 1, len(sheet.columns) - 1
    page.previous_row = end
    return end


def write_text(path: Path, sheet: Written, encoding: str, separator: str) -> None:
    """A delimited text file; preface, total and signature lines are padded with separators, blank lines are empty."""
    frame = pl.DataFrame({f"c{i}": c.text for i, c in enumerate(sheet.columns)})
    out = io.StringIO()
    newline = "\r\n" if encoding.startswith(("gb", "utf-16")) else "\n"

    def lines(rows: list[list[str]]) -> None:
        for row in rows:
            part = pl.DataFrame(
                [[v or None for v in row]], orient="row", schema={f"c{i}": pl.String for i in range(len(row))}
            )
            out.write(
                part.write_csv(
                    include_header=False, separator=separator, line_terminator=newline, quote_style="necessary"
                )
            )

    lines(sheet.preface + sheet.header)
    edges = [0, *sheet.blanks, frame.height]
    for n, (a, b) in enumerate(pairwise(edges)):
        if n:
            out.write(newline)
        out.write(
            frame[a:b].write_csv(
                include_header=False, separator=separator, line_terminator=newline, quote_style="necessary"
            )
        )
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
    few = [
        Cells(
            c.text.head(3), c.number[:3] if c.number is not None else None, c.kind[:3] if c.kind is not None else None
        )
        for c in first.columns
    ]
    return Written(
        "旧数据", [], [first.header[-1] if len(first.header) == 1 else _flat(first.header)], few, [], [], hidden=True
    )


def _flat(header: list[list[str]]) -> list[str]:
    return [b or a for a, b in zip(*header, strict=True)]
