"""From raw cells under known headings to kept typed rows and rejects, every row counted once."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.contract import SECTORS, Column
from pipeline.errors import BadInput
from pipeline.ingest import reasons
from pipeline.ingest.cells import POLARS_TYPES, read_column, stripped
from pipeline.ingest.ids import left_of
from pipeline.ingest.model import Counts, Layout, Source
from pipeline.ingest.rows import mark_skipped

MAX_CELL_BYTES = 12_000  # 4,000 Chinese characters

REJECTS_SCHEMA: dict[str, str] = {
    "file": "VARCHAR",
    "sheet": "VARCHAR",
    "row": "BIGINT",
    "column": "VARCHAR",
    "raw": "VARCHAR",
    "reason": "VARCHAR",
}


@dataclass(frozen=True)
class Raw:
    """Raw rows: columns `c0`, `c1`, … as read (text, or typed from Parquet), the rows' own numbers, and marks.

    `overflow`: rows with cells beyond the last heading. `numeric`: column name → cells that are long Excel numbers.
    `errors`: (index, position, text) of cells that hold a formula's error.
    """

    cells: pl.DataFrame
    rows: pl.Series
    overflow: pl.Series | None = None
    numeric: dict[str, pl.Series] | None = None
    errors: tuple[tuple[int, int, str], ...] = ()


@dataclass(frozen=True)
class Settled:
    """Kept rows in the typed table's columns, rejects in `REJECTS_SCHEMA`'s, and the count.

    `tail` blank rows at the end are in no count yet: they count once something follows them.
    """

    kept: pl.DataFrame
    rejects: pl.DataFrame
    counts: Counts
    tail: int


def settle(raw: Raw, layout: Layout, source: Source, sheet: str) -> Settled:
    """Classify the rows, read their cells, and part them into kept, rejected and skipped."""
    cells = stripped(raw.cells)
    blank, skipped = mark_skipped(cells, layout)
    if raw.overflow is not None:
        blank = blank & ~raw.overflow
        skipped = skipped & ~raw.overflow
    last = (~blank).arg_true()
    tail = cells.height - (int(last[-1]) + 1 if len(last) else 0)
    header = raw.rows <= layout.last
    skipped = skipped | header
    body = ~skipped
    if raw.overflow is not None:
        wide = raw.overflow & ~header
        body = body & ~wide
    indices = None if body.all() else body.arg_true()
    rows = raw.rows if indices is None else raw.rows.gather(indices)
    rejects: list[pl.DataFrame] = []
    columns, left = _read_cells(raw, cells, rows, indices, layout, source, rejects)
    faceless, reason = _faceless(columns, source, len(rows))
    frame = pl.DataFrame(columns) if columns else pl.DataFrame()
    if left is not None:
        # not before: what is left of a number makes nobody of a row without a name
        frame = frame.with_columns(pl.col(left.name).fill_null(left))
    whole = faceless.arg_true()
    if len(whole):
        at = whole if indices is None else indices.gather(whole)
        rejects.append(_whole_rows(raw, at, reason))
        frame, rows = frame.filter(~faceless), rows.filter(~faceless)
    wide_count = 0
    if raw.overflow is not None:
        at = wide.arg_true()
        wide_count = len(at)
        if wide_count:
            rejects.append(_whole_rows(raw, at, reasons.OVERFLOW))
    return Settled(
        kept=_with_place(frame, rows, source, sheet),
        rejects=_rejects(rejects, source, sheet),
        counts=Counts(
            read=cells.height - tail,
            kept=len(rows),
            rejected=len(whole) + wide_count,
            skipped=int(skipped.sum()) - tail,
        ),
        tail=tail,
    )


def check_constants(source: Source) -> dict[str, pl.Series]:
    """Each constant as a one-cell series of its column's type. BadInput for one that cannot be read."""
    out: dict[str, pl.Series] = {}
    for column_id, text in source.constants.items():
        column = source.dataset.by_id.get(column_id)
        if column is None:
            raise BadInput(
                f"constants name a column '{column_id}' that {source.dataset_id} does not have",
                file=source.name,
                remedy="mend audit.toml",
            )
        values, why = read_column(pl.Series([text], dtype=pl.String), column)
        if why is not None or values[0] is None:
            raise BadInput(
                f"the constant for {column_id} cannot be read as {column.type}",
                file=source.name,
                remedy="mend audit.toml",
            )
        out[column_id] = values
    return out


def _read_cells(
    raw: Raw,
    cells: pl.DataFrame,
    rows: pl.Series,
    indices: pl.Series | None,
    layout: Layout,
    source: Source,
    rejects: list[pl.DataFrame],
) -> tuple[list[pl.Series], pl.Series | None]:
    """The dataset's columns that are present, typed, in the contract's order; refused cells go to `rejects`.

    Beside them what a spreadsheet left of the ID numbers of a department's list, masked: linkage may still compare it.
    On rosters a refused number is a gap to be mended.
    """
    errors = {(p, i): text for i, p, text in raw.errors}
    constants = check_constants(source)
    out: list[pl.Series] = []
    left: pl.Series | None = None
    sizes = cells.select(pl.col(pl.String).str.len_bytes().max())
    long_ones = {name for name in sizes.columns if (sizes[name][0] or 0) > MAX_CELL_BYTES}
    for column in source.dataset.columns:
        position = layout.positions.get(column.id)
        if position is None or position >= cells.width:
            if column.id in constants:
                out.append(constants[column.id].new_from_index(0, len(rows)).alias(column.id))
            continue
        name = cells.columns[position]
        values = cells[name] if indices is None else cells[name].gather(indices)
        numeric = (raw.numeric or {}).get(name)
        if numeric is not None and indices is not None:
            numeric = numeric.gather(indices)
        values, long = _without_long(values) if name in long_ones else (values, None)
        read, why = read_column(values, column, scale=layout.scales.get(column.id), numeric=numeric)
        if long is not None:
            why = pl.select(pl.when(long).then(pl.lit(reasons.TOO_LONG)).otherwise(why)).to_series()
        refused = why.is_not_null().arg_true() if why is not None else None
        if why is not None and refused is not None and len(refused):
            at = refused if indices is None else indices.gather(refused)
            rejects.append(_refusals(rows.gather(refused), column, raw.cells[name].gather(at), why.gather(refused)))
            if column.id == "id_number" and source.dataset_id in SECTORS:
                left = left_of(values, why).alias(column.id)
        if errors:
            at_errors = [(i, text) for (p, i), text in errors.items() if p == position]
            rejects.extend(_formula_errors(at_errors, raw, rows, column))
        if column.id in constants:
            read = read.fill_null(constants[column.id][0])
        out.append(read.alias(column.id))
    return out, left


def _without_long(values: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    """Text cells without those that no form has room for, and which these were (None: none)."""
    long = (values.str.len_bytes() > MAX_CELL_BYTES).fill_null(False)
    return (values.set(long, None), long) if long.any() else (values, None)


def _refusals(rows: pl.Series, column: Column, raw: pl.Series, why: pl.Series) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "row": rows,
            "column": pl.Series([column.id]).new_from_index(0, len(rows)),
            "raw": raw.cast(pl.String).str.slice(0, reasons.RAW_LIMIT),
            "reason": why,
        }
    )


def _formula_errors(at: list[tuple[int, str]], raw: Raw, rows: pl.Series, column: Column) -> list[pl.DataFrame]:
    wanted = pl.Series([raw.rows[i] for i, _ in at], dtype=pl.Int64)
    frame = pl.DataFrame({"row": wanted, "raw": pl.Series([t for _, t in at], dtype=pl.String)})
    frame = frame.filter(pl.col("row").is_in(rows.implode()))
    if frame.is_empty():
        return []
    return [
        frame.select("row", pl.lit(column.id).alias("column"), "raw", pl.lit(reasons.FORMULA_ERROR).alias("reason"))
    ]


def _faceless(columns: list[pl.Series], source: Source, height: int) -> tuple[pl.Series, str]:
    """Rows without any identity, and the words for it."""
    by_id = {series.name: series for series in columns}
    dataset = source.dataset
    if any(column_id in by_id for column_id in ("name", "id_number")):
        wanted, reason = ["name", "id_number"], reasons.NO_PERSON
    elif dataset.has("scheme"):
        wanted, reason = ["scheme", "household_no"], reasons.NO_HOUSEHOLD
    else:  # patrol, where the file names households only
        wanted, reason = ["household_no"], reasons.NO_HOUSEHOLD_NO
    faceless = pl.Series([True]).new_from_index(0, height)
    for column_id in wanted:
        # a constant says nothing of who the row is about
        if column_id in by_id and not (column_id in source.constants and column_id != "scheme"):
            faceless = faceless & by_id[column_id].is_null()
    return faceless, reason


def _whole_rows(raw: Raw, at: pl.Series, reason: str) -> pl.DataFrame:
    text = raw.cells[at].select(
        pl.concat_str(pl.all().cast(pl.String), separator=" | ", ignore_nulls=True).str.slice(0, reasons.RAW_LIMIT)
    )
    return pl.DataFrame(
        {
            "row": raw.rows.gather(at),
            "column": pl.Series([""]).new_from_index(0, len(at)),
            "raw": text.to_series(),
            "reason": pl.Series([reason]).new_from_index(0, len(at)),
        }
    )


def _with_place(frame: pl.DataFrame, rows: pl.Series, source: Source, sheet: str) -> pl.DataFrame:
    place = pl.DataFrame({"row": rows.cast(pl.Int64)}).select(
        pl.concat_str(pl.lit(f"{source.name}#{sheet}#"), pl.col("row").cast(pl.String)).alias("record_id"),
        pl.lit(source.name).alias("file"),
        pl.lit(sheet).alias("sheet"),
        pl.col("row"),
    )
    return place.hstack(frame.get_columns()) if frame.width else place


def _rejects(parts: list[pl.DataFrame], source: Source, sheet: str) -> pl.DataFrame:
    if not parts:
        kinds = {name: POLARS_TYPES[kind] for name, kind in REJECTS_SCHEMA.items()}
        return pl.DataFrame(schema=kinds)
    order = {name: number for number, name in enumerate(["", *(c.id for c in source.dataset.columns)])}
    frame = pl.concat([part.with_columns(pl.col("row").cast(pl.Int64)) for part in parts])
    frame = frame.sort("row", pl.col("column").replace_strict(order, return_dtype=pl.Int64), maintain_order=True)
    return frame.select(
        pl.lit(source.name).alias("file"), pl.lit(sheet).alias("sheet"), "row", "column", "raw", "reason"
    )
