"""Filled workbooks as they come back: which sheet is what, told by its headings, and every row with its cells.

A sheet may be renamed, its columns moved or deleted, lines put above its headings: it is known by what stands there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.contract import heading_key
from pipeline.draw import files
from pipeline.errors import BadInput
from pipeline.fieldwork.columns import ANSWERS
from pipeline.fieldwork.ledgers.ledgersheet import KNOWN
from pipeline.ingest.safety import check_workbook
from pipeline.publish import leads, review

VISITS, LEADS, PAIRS = "visits", "leads", "pairs"  # what a sheet holds: a visit ledger, replies to findings, to pairs
VERDICT, EXPLAINED, WHO = "镇核实结果", "核实说明", "核实人/日期"
SHORT, OURS, THEIRS = "疑点编号", "名册来源", "对方来源"
_KNOWN: dict[str, frozenset[str]] = {
    VISITS: frozenset({*(heading for heading, _ in KNOWN), *(a.zh for a in ANSWERS)}),
    LEADS: frozenset(c.heading for c in leads.COLUMNS),
    PAIRS: frozenset(c.heading for c in review.COLUMNS),
}
_SEARCHED = 12  # rows in which the headings are looked for
_LEAST = 5  # headings of a kind that tell it
_MONTH = re.compile(r"([0-9]{4})年\s*([0-9]{1,2})月")


class NoAnswers(BadInput):
    """A workbook that can be read, and in which no sheet can hold answers."""


@dataclass(frozen=True)
class ReturnedRow:
    """A row as it was sent in: `row` in the sheet, heading → value of the cell (a date, a number, a text)."""

    row: int
    cells: Mapping[str, Any]

    def text(self, heading: str) -> str:
        """The cell as text without white space at its ends; '' where there is none."""
        value = self.cells.get(heading)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else unicodedata.normalize("NFKC", str(value)).strip()


@dataclass(frozen=True)
class ReturnedSheet:
    """A sheet that is one of the kinds: its headings as ours are written, its letters, its rows.

    `month`: YYYY-MM as its title says, '' where it does not. `letters`: heading → the column's letter.
    """

    file: str
    sha256: str
    sheet: str
    kind: str
    month: str
    letters: Mapping[str, str]
    rows: tuple[ReturnedRow, ...] = field(repr=False)

    def source(self, row: int) -> str:
        """What the ledger keeps of where an answer came from; another content of the file is another source."""
        return f"{self.file}#{self.sheet}#{row}@{self.sha256[:12]}"

    def lacks(self, heading: str) -> bool:
        return heading not in self.letters


def read_returned(path: Path) -> list[ReturnedSheet]:
    """The sheets of a workbook that hold answers. BadInput when it cannot be read, or none of them does."""
    if not path.is_file():
        raise BadInput("there is no such file", file=path.name, remedy="check the path")
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        raise BadInput("only .xlsx is taken back", file=path.name, remedy="open it in Excel or WPS, save it as .xlsx")
    check_workbook(path, path.name)
    digest = files.sha256(path)
    try:
        book = openpyxl.load_workbook(path)
        values = openpyxl.load_workbook(path, data_only=True) if _calculates(book) else book
    except Exception as e:  # openpyxl raises whatever its parsers raise
        raise BadInput("the workbook cannot be read", file=path.name, remedy="save it again as .xlsx") from e
    found = []
    for page in book.worksheets:
        if page.sheet_state == "visible" and (sheet := _sheet(_valued(page, values), path.name, digest)) is not None:
            found.append(sheet)
    if not found:
        raise NoAnswers(
            "no sheet of it is a visit ledger or has a column for the town's reply",
            file=path.name,
            remedy="give a filled 入户核查台账 or towns/<town>.xlsx with its headings",
        )
    return found


def _calculates(book: openpyxl.Workbook) -> bool:
    return any(cell.data_type == "f" for page in book.worksheets for row in page.iter_rows() for cell in row)


def _valued(page: Worksheet, values: openpyxl.Workbook) -> Worksheet:
    """The sheet with every formula's value in its place; a formula that was never calculated is an error."""
    counted = values[page.title]
    if counted is not page:
        for row in page.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    value = counted.cell(cell.row, cell.column).value
                    page.cell(cell.row, cell.column).value = "#VALUE!" if value is None else value
    return page


def _sheet(page: Worksheet, file: str, digest: str) -> ReturnedSheet | None:
    best: tuple[int, str, int, dict[str, int]] | None = None
    for number, cells in enumerate(page.iter_rows(max_row=_SEARCHED, values_only=True), 1):
        headings = {heading_key(str(v)): c for c, v in reversed(list(enumerate(cells))) if v is not None}
        for kind, known in _KNOWN.items():
            at = {zh: headings[key] for zh in known if (key := heading_key(zh)) in headings}
            if best is None or len(at) > best[0]:
                best = (len(at), kind, number, at)
    if best is None or best[0] < _LEAST or not _answered(best[1], best[3]):
        return None
    _, kind, header, at = best
    everything = _headings(page, header, at)
    filled = _merged(page, header)
    rows = []
    for number, cells in enumerate(page.iter_rows(min_row=header + 1, values_only=True), header + 1):
        values = {h: filled.get((number, c), cells[c]) for h, c in everything.items() if c < len(cells)}
        if any(v is not None and str(v).strip() for v in values.values()):
            rows.append(ReturnedRow(number, values))
    letters = {h: get_column_letter(c + 1) for h, c in everything.items()}
    return ReturnedSheet(file, digest, page.title, kind, _month(page, header), letters, tuple(rows))


def _answered(kind: str, at: Mapping[str, int]) -> bool:
    """Whether a sheet with these columns can hold answers at all."""
    if kind == VISITS:
        return sum(a.zh in at for a in ANSWERS) >= _LEAST
    if kind == LEADS:
        return SHORT in at and VERDICT in at
    return OURS in at and THEIRS in at and VERDICT in at


def _headings(page: Worksheet, header: int, at: Mapping[str, int]) -> dict[str, int]:
    """Every heading of the row → its column from 0: ours as they are written, then the others as they stand."""
    found = dict(at)
    taken = set(at.values())
    for c, value in enumerate(next(page.iter_rows(min_row=header, max_row=header, values_only=True))):
        if value is not None and c not in taken:
            found.setdefault(str(value).strip(), c)
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _merged(page: Worksheet, header: int) -> dict[tuple[int, int], Any]:
    """Cells of one column that were merged: each has the first one's value. (row, column from 0) → value."""
    found: dict[tuple[int, int], Any] = {}
    for span in page.merged_cells.ranges:
        if span.min_col == span.max_col and span.min_row > header:
            value = page.cell(span.min_row, span.min_col).value
            found |= {(r, span.min_col - 1): value for r in range(span.min_row, span.max_row + 1)}
    return found


def _month(page: Worksheet, header: int) -> str:
    for cells in page.iter_rows(max_row=header, values_only=True):
        for value in cells:
            if value is not None and (found := _MONTH.search(str(value))):
                return f"{found[1]}-{int(found[2]):02d}"
    return ""
