"""A whole workbook: a cover, its sheets, written privately and read back."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastexcel
import xlsxwriter

from pipeline.errors import AuditError
from pipeline.passwords import protected
from pipeline.private import owner_only, private
from pipeline.publish.sheets import Formats, Sheet, lay, lines_of, printed

_COVER_WIDTHS = (26, 62, 14, 44)
COVER = "说明"


@dataclass(frozen=True)
class Block:
    """A part of the cover: a heading, then a small table (with `head`) of up to four columns, or paragraphs."""

    heading: str
    rows: list[tuple[Any, ...]]
    head: tuple[str, ...] = ()


@dataclass(frozen=True)
class Book:
    """A workbook to be written. `month` 'YYYY-MM' dates the file's properties: the same audit gives the same bytes."""

    title: str
    month: str
    blocks: list[Block]
    sheets: list[Sheet]
    footer: str
    cover_on_one_page: bool = False  # printed smaller where it is longer than a page
    cover_widths: tuple[float, ...] = _COVER_WIDTHS


Job = tuple[Book, Path, str | None]  # what `write_book` is given, in whatever process


def write_book(book: Book, path: Path, password: str | None = None) -> Path:
    """Write the workbook (0600), read it back and count each sheet's rows. AuditError when the counts differ.

    With a password it is encrypted before it reaches the disk.
    """
    with in_memory(book.title, book.month) as (file, content):
        formats = Formats(file)
        height = lay_cover(file, formats, book)
        for sheet in book.sheets:
            lay(file, formats, sheet, book.footer)
    clear = content.getvalue()
    written = clear if password is None else protected(clear, password)
    with private():
        path.write_bytes(written)
        owner_only(path)
    if path.read_bytes() != written:
        raise AuditError(f"file {path.name}: read back, it is not what was written; run again, and see to the disk")
    _read_back(clear, path.name, {COVER: height} | {sheet.name: sheet.height for sheet in book.sheets}, book)
    return path


@contextmanager
def in_memory(title: str, month: str) -> Iterator[tuple[xlsxwriter.Workbook, io.BytesIO]]:
    """A workbook that is written into memory, its content there once it is closed; nothing in it is guessed, and no
    copy of personal data passes through the system's temporary folder.

    `month` 'YYYY-MM' dates its properties, so that the same content has the same bytes.
    """
    content = io.BytesIO()
    year, number = (int(part) for part in month.split("-"))
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    book = xlsxwriter.Workbook(content, options)
    book.set_properties({"title": title, "created": dt.datetime(year, number, 1)})
    yield book, content
    book.close()


def lay_cover(file: xlsxwriter.Workbook, formats: Formats, book: Book) -> int:
    """The cover sheet; returns its height in rows."""
    page = file.add_worksheet(COVER)
    for c, width in enumerate(book.cover_widths):
        page.set_column(c, c, width)
    page.write_string(0, 0, book.title, formats.get("title"))
    page.set_row(0, 30)
    r = 1
    last = len(book.cover_widths) - 1
    for block in book.blocks:
        r += 1
        for c in range(last + 1):
            page.write_blank(r, c, None, formats.get("section"))
        page.write_string(r, 0, block.heading, formats.get("section"))
        page.set_row(r, 22)
        r += 1
        if block.head:
            for c, text in enumerate(block.head):
                page.write_string(r, c, text, formats.get("head"))
            r += 1
        for row in block.rows:
            if block.head:
                lines = max(lines_of(str(v), w) for v, w in zip(row, book.cover_widths, strict=False))
                page.set_row(r, 15 * lines + 4)
                for c, value in enumerate(row):
                    if isinstance(value, int):
                        page.write_number(r, c, value, formats.get("count"))
                    else:
                        page.write_string(r, c, value or "", formats.get("text"))
            else:
                text = str(row[0])
                page.merge_range(r, 0, r, last, "", formats.get("prose"))
                page.write_string(r, 0, text, formats.get("prose"))
                page.set_row(r, 16 * lines_of(text, sum(book.cover_widths)))
            r += 1
    printed(page, book.footer, portrait=True)
    if book.cover_on_one_page:
        page.fit_to_pages(1, 1)
    return r


def _read_back(content: bytes, name: str, heights: dict[str, int], book: Book) -> None:
    reader = fastexcel.read_excel(content)
    if reader.sheet_names != list(heights):
        raise AuditError(f"file {name}: read back, its sheets are {len(reader.sheet_names)}, not {len(heights)}")
    numbered = {s.name: len(s.rows) for s in book.sheets}
    for sheet, expected in heights.items():
        # the first column of a table sheet has a value in every row, so its length is the sheet's
        found = reader.load_sheet(
            sheet, header_row=None, use_columns=[0], dtypes="string", skip_whitespace_tail_rows=True
        )
        if found.total_height != expected:
            raise AuditError(
                f"file {name}, sheet {sheet}: read back, it has {found.total_height} rows instead of {expected} "
                f"({numbered.get(sheet, 0)} of them data); run again, and report it if it stays"
            )
