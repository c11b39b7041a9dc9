"""A table from a file, every cell as text: csv, tsv, txt in any encoding, Parquet, xlsx and xls."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import fastexcel
import polars as pl
import pyarrow as pa

from pipeline.errors import BadInput
from pipeline.ingest.encoding import blocks, detect
from pipeline.ingest.safety import check_workbook
from pipeline.linkage.tables.spec import InputSpec

_DELIMITERS = ",\t;|"
_TEXT, _BOOKS = (".csv", ".tsv", ".txt"), (".xlsx", ".xls", ".xlsm")
_HEAD = 1 << 16
ROW = "_row"


def read_table(path: Path, how: InputSpec) -> pl.DataFrame:
    """The table in a file: text columns under their (renamed) headings, and `_row`, the record's row in the file.

    Text is stripped; an empty cell is null, and a row of empty cells is left out. BadInput when the file cannot be
    read, has no headings, two alike, or a row with more cells than headings.
    """
    name, suffix = path.name, path.suffix.lower()
    if not path.is_file():
        raise BadInput("there is no such file", file=name, remedy="check the path")
    if suffix in _TEXT:
        cells, header = _text(path, how), how.header_row or 1
    elif suffix in _BOOKS:
        cells, header = _book(path, how)
    elif suffix == ".parquet":
        return _named(_parquet(path), how, name)
    else:
        raise BadInput(
            f"files that end in '{suffix}' cannot be read", file=name, remedy="give .csv, .txt, .xlsx or .parquet"
        )
    if cells.height < header:
        raise BadInput("it has no row of headings", file=name, row=header, remedy="check 'header_row'")
    headings = ["" if h is None else " ".join(str(h).split()) for h in cells.row(header - 1)]
    body = cells.slice(header).with_columns(pl.int_range(header + 1, cells.height + 1, dtype=pl.Int64).alias(ROW))
    return _named(_under(body, headings, header, name), how, name)


def _under(body: pl.DataFrame, headings: list[str], header: int, name: str) -> pl.DataFrame:
    """The body's columns under their headings; a column without one must be empty."""
    for i, heading in enumerate(headings):
        if (
            not heading
            and (filled := body.filter(pl.col(body.columns[i]).str.strip_chars().fill_null("") != "")).height
        ):
            raise BadInput(
                f"column {i + 1} has cells but no heading",
                file=name,
                row=int(filled[ROW][0]),
                remedy="check 'header_row', 'delimiter', and for separators inside cells",
            )
    kept = {body.columns[i]: heading for i, heading in enumerate(headings) if heading}
    if len({*kept.values(), ROW}) <= len(kept):  # ours, the record's row, stands beside them
        twice = next(h for h in kept.values() if h == ROW or list(kept.values()).count(h) > 1)
        raise BadInput("two columns have this heading", file=name, row=header, column=twice, remedy="rename one")
    return body.select(*kept, ROW).rename(kept)


def _named(frame: pl.DataFrame, how: InputSpec, name: str) -> pl.DataFrame:
    """Headings renamed, cells stripped, empty ones null, empty rows gone."""
    for heading in how.renames:
        if heading not in frame.columns:
            raise BadInput("'renames' names a heading that is not there", file=name, column=heading, remedy="check it")
    columns = [how.renames.get(c, c) for c in frame.columns if c != ROW]
    folded = [c.casefold() for c in columns]
    # looked at before anything is renamed: Polars refuses two alike, and does not say whose table they stand in
    if len({*folded, ROW}) <= len(folded):
        twice = next(c for c in columns if folded.count(c.casefold()) > 1 or c.casefold() == ROW)
        raise BadInput("two columns have one name", file=name, column=twice, remedy="rename one in 'renames'")
    frame = frame.rename(dict(how.renames), strict=False)
    frame = frame.with_columns(pl.col(columns).str.strip_chars()).with_columns(
        pl.when(pl.col(c) != "").then(pl.col(c)).alias(c) for c in columns
    )
    return frame.filter(pl.any_horizontal(pl.col(columns).is_not_null())) if columns else frame


def _text(path: Path, how: InputSpec) -> pl.DataFrame:
    name = path.name
    # plain ASCII, the common case of foreign data, needs no search for an encoding
    known = "utf-8" if how.encoding is None and path.read_bytes().isascii() else how.encoding
    encoding = detect(path, name, known)
    data = b"".join(blocks(path, encoding, name))
    head = data[:_HEAD].decode("utf-8", "ignore").splitlines()[(how.header_row or 1) - 1 :]
    line = head[0] if head else ""
    delimiter = how.delimiter or max(_DELIMITERS, key=line.count)
    width = len(next(csv.reader([line], delimiter=delimiter), [])) + 1  # one more, to see cells beyond the headings
    try:
        return pl.read_csv(
            io.BytesIO(delimiter.encode() * (width - 1) + b"\n" + data),
            has_header=False,
            separator=delimiter,
            schema={f"c{i}": pl.String for i in range(width)},
            truncate_ragged_lines=True,
        ).slice(1)
    except pl.exceptions.PolarsError as error:
        raise BadInput(
            "the table cannot be read: a quotation mark that is never closed, or a file cut off",
            file=name,
            remedy="export it again",
        ) from error


def _book(path: Path, how: InputSpec) -> tuple[pl.DataFrame, int]:
    """A workbook's sheet as text cells, and which row holds the headings (the first that is not empty)."""
    name = path.name
    check_workbook(path, name)
    try:
        reader = fastexcel.read_excel(path.read_bytes())
        names = list(reader.sheet_names)
        sheet = how.sheet or names[0]
        if sheet not in names:
            raise BadInput(f"there is no sheet '{sheet}'", file=name, remedy=f"it has: {', '.join(names)}")
        cells = reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        raise BadInput("the workbook cannot be read", file=name, remedy="save it again as .xlsx") from error
    cells.columns = [f"c{i}" for i in range(cells.width)]
    cells = cells.with_columns(pl.lit(None, dtype=pl.String).alias(f"c{cells.width}"))
    filled = cells.select(pl.any_horizontal(pl.all().is_not_null()).arg_true()).to_series()
    return cells, how.header_row or (int(filled[0]) + 1 if len(filled) else 1)


def _parquet(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, pa.ArrowException, OSError) as error:
        raise BadInput("the Parquet file is damaged", file=path.name, remedy="copy or export it again") from error
    if ROW in frame.columns:  # ours stands beside them
        raise BadInput("a heading begins with '_'", file=path.name, column=ROW, remedy="rename it in the file")
    columns = []
    for column, kind in frame.schema.items():
        if kind.is_nested() or kind == pl.Binary:
            continue  # nothing that a field could compare
        of = pl.col(column)
        if kind.is_float() and bool((frame[column].drop_nulls() % 1 == 0).all()):
            of = of.cast(pl.Int64)  # 13800000000.0 is a phone number that some program kept as a float
        columns.append(of.cast(pl.String))
    return frame.select(columns).with_row_index(ROW, 1).with_columns(pl.col(ROW).cast(pl.Int64))
