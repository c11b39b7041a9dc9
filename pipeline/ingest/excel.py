"""Workbooks: every visible sheet with recognised headings, as text, with the sheet's own row numbers.

Cells are read as text by calamine (fastexcel). That a number cell is a number, not text, is lost so; where a sheet
holds long numbers they are found by a second reading of the column as booleans, in which only numbers answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import fastexcel
import polars as pl
import pyarrow as pa

from pipeline.errors import BadInput, panicked
from pipeline.ingest.headings import SEARCH_ROWS, check_required, find_layout, is_data_sheet, missing_columns
from pipeline.ingest.ids import EXACT_DIGITS
from pipeline.ingest.model import Layout, Source, place_zh
from pipeline.ingest.safety import Workbook, check_workbook
from pipeline.ingest.settle import Raw

_LONG = rf"^[0-9]{{{EXACT_DIGITS + 1},}}$"
_ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
}

CellErrors = tuple[tuple[int, int, str], ...]  # row and position from 0, the error's text


@dataclass(frozen=True)
class Sheet:
    """One sheet to be settled."""

    name: str
    raw: Raw
    layout: Layout


def read_sheets(source: Source, told: list[str]) -> Iterator[Sheet]:
    """The sheets of a workbook that belong to its dataset; the others are told of. BadInput when none does."""
    book = check_workbook(source.path, source.name)
    reader = _open(source)
    names = list(reader.sheet_names)
    if source.sheet is not None and source.sheet not in names:
        raise BadInput(
            f"there is no sheet '{source.sheet}'; it has: {', '.join(names)}",
            file=source.name,
            remedy="mend 'sheet' in audit.toml",
        )
    found = 0
    last: tuple[str, Layout | None, list[list[str | None]]] | None = None
    for name in names if source.sheet is None else [source.sheet]:
        loaded = _load(reader, name, source)
        if source.sheet is None and loaded.visible != "visible":
            told.append(f"{place_zh(source, name)}：工作表已隐藏，未读取")
            continue
        batch, errors = _cells(loaded, source)
        del loaded  # calamine's cells, before the same again in Polars' form
        cells = _frame(batch)
        del batch
        if cells.height == 0:
            told.append(f"{place_zh(source, name)}：工作表为空，未读取")
            continue
        top = [list(row) for row in cells.head(SEARCH_ROWS + 1).rows()]
        layout = find_layout(top, source)
        last = last or (name, layout, top)
        if layout is None or (missing_columns(layout, source) and not is_data_sheet(layout, source)):
            told.append(f"{place_zh(source, name)}：没有可识别的表头，未读取")
            continue
        layout = check_required(layout, source, name, top)
        found += 1
        yield Sheet(name, _raw(reader, name, cells, errors, layout, source, book), layout)
    if not found:
        if last is None:
            raise BadInput("no sheet holds anything", file=source.name, remedy="export it again")
        check_required(last[1], source, last[0], last[2])


def _open(source: Source) -> fastexcel.ExcelReader:
    # by content, not by name: files named .xls are often .xlsx
    with source.path.open("rb") as handle:
        zipped = handle.read(2) == b"PK"
    with _reading(source):
        if zipped == (source.path.suffix.lower() == ".xlsx"):
            return fastexcel.read_excel(source.path)
        return fastexcel.read_excel(source.path.read_bytes())


@contextmanager
def _reading(source: Source, sheet: str | None = None) -> Iterator[None]:
    """BadInput where the workbook reader cannot go on, whether it foresaw that or not."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, fastexcel.FastExcelError) or panicked(error):
            raise _unreadable(source, sheet) from error
        raise


def _unreadable(source: Source, sheet: str | None = None) -> BadInput:
    return BadInput(
        "the workbook cannot be read: it is cut off or damaged",
        file=source.name,
        sheet=sheet,
        remedy="open it in Excel or WPS, save it again as .xlsx, or ask for it again",
    )


def _load(reader: fastexcel.ExcelReader, name: str, source: Source) -> fastexcel.ExcelSheet:
    with _reading(source, name):
        # skip_rows=0 keeps the blank rows above the first filled one, so row numbers are the sheet's own
        return reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")


def _cells(sheet: fastexcel.ExcelSheet, source: Source) -> tuple[pa.RecordBatch | None, CellErrors]:
    """All cells as text, and the cells that hold a formula's error."""
    if sheet.width == 0 or sheet.height == 0:
        return None, ()
    with _reading(source, sheet.name):
        batch, errors = sheet.to_arrow_with_errors()
    found = tuple((e.position[0], e.position[1], _error_text(e.detail)) for e in errors.errors) if errors else ()
    return batch, found


def _frame(batch: pa.RecordBatch | None) -> pl.DataFrame:
    if batch is None:
        return pl.DataFrame()
    frame = pl.DataFrame(pl.from_arrow(batch))
    frame.columns = [f"c{i}" for i in range(frame.width)]
    return frame


def _error_text(detail: str) -> str:
    match = re.search(r"Error\((\w+)\)", detail)
    return _ERRORS.get(match[1], f"#{match[1].upper()}!") if match else "#ERROR!"


def _raw(
    reader: fastexcel.ExcelReader,
    name: str,
    cells: pl.DataFrame,
    errors: CellErrors,
    layout: Layout,
    source: Source,
    book: Workbook,
) -> Raw:
    rows = pl.int_range(1, cells.height + 1, eager=True, dtype=pl.Int64)
    numeric: dict[str, pl.Series] = {}
    if book.long_numbers is None or name in book.long_numbers:
        long: dict[int, pl.Series] = {}
        for column_id, position in layout.positions.items():
            if source.dataset.by_id[column_id].type in ("id_number", "identifier"):
                marks = cells[f"c{position}"].str.contains(_LONG).fill_null(False)
                if marks.any():
                    long[position] = marks
        if long:
            numbers = _numbers(reader, name, sorted(long), source)
            numeric = {f"c{n}": both for n, marks in long.items() if (both := marks & numbers[n]).any()}
    return Raw(cells, rows, numeric=numeric or None, errors=errors)


def _numbers(
    reader: fastexcel.ExcelReader, name: str, positions: Sequence[int], source: Source
) -> dict[int, pl.Series]:
    """Which cells of these columns are numbers: read as booleans, a text cell has no answer."""
    with _reading(source, name):
        sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="boolean", use_columns=list(positions))
    return {n: column.is_not_null() for n, column in zip(positions, sheet.to_polars().iter_columns(), strict=True)}
