"""One column's cells to its contract type: text is read, typed values (Parquet, databases) are taken as they fit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl

from pipeline.contract import Column
from pipeline.ingest import dates, ids, numbers, reasons, words
from pipeline.ingest.distinct import Read, nulls

# DuckDB type of a contract column → Polars type of its cleaned values
POLARS_TYPES: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "DATE": pl.Date(),
    "DECIMAL(18,2)": pl.Decimal(18, 2),
    "DOUBLE": pl.Float64(),
    "BIGINT": pl.Int64(),
    "BOOLEAN": pl.Boolean(),
}


def stripped(raw: pl.DataFrame) -> pl.DataFrame:
    """Text columns without Unicode white space at their ends; empty cells null. Other columns as they are."""
    text = pl.col(pl.String)
    return raw.with_columns(text.str.strip_chars()).with_columns(pl.when(text.str.len_bytes() > 0).then(text))


def read_column(
    values: pl.Series, column: Column, *, scale: Decimal | None = None, numeric: pl.Series | None = None
) -> Read:
    """(values in the column's Polars type, reasons or None) from stripped cells.

    `numeric` marks cells that Excel holds as numbers of more than 15 digits.
    """
    fits = POLARS_TYPES[column.sql_type]
    if values.null_count() == len(values):
        return nulls(len(values), fits), None
    if values.dtype != pl.String:
        taken = _taken(values, column, fits) if scale is None else None
        if taken is not None:
            return taken
        values = _as_text(values)
    read, why = _read_text(values, column, scale, numeric)
    return (read if read.dtype == fits else read.cast(fits)), why


def _read_text(values: pl.Series, column: Column, scale: Decimal | None, numeric: pl.Series | None) -> Read:
    match column.type:
        case "id_number":
            return ids.read_ids(values, numeric)
        case "identifier":
            return ids.read_identifiers(values, numeric)
        case "name":
            return words.read_names(values)
        case "sex" | "code" | "level" | "scheme":
            return words.read_codes(values, column.codes or column.type)
        case "town":
            return words.read_towns(values)
        case "date":
            return dates.read_dates(values)
        case "date_or_month":
            return dates.read_dates_or_months(values)
        case "month":
            return dates.read_months(values)
        case "year":
            return dates.read_years(values)
        case "period":
            return dates.read_periods(values)
        case "money":
            return numbers.read_money(values, column, scale)
        case "number":
            return numbers.read_number(values, column, scale)
        case "integer":
            return numbers.read_integer(values, column)
        case "boolean":
            return numbers.read_boolean(values)
        case _:
            return words.read_text(values)


def _taken(values: pl.Series, column: Column, fits: pl.DataType) -> Read | None:
    """A typed column whose type already fits, as it is; None when it must be read as text."""
    dtype = values.dtype
    if fits == pl.Date and isinstance(dtype, pl.Date | pl.Datetime):
        days = values.cast(pl.Date)
        first, last = dt.date(dates.FIRST_YEAR, 1, 1), dt.date(dates.LAST_YEAR, 12, 31)
        far = values.is_not_null() & ~days.is_between(first, last)
        return days.set(far, None), _reason(far, reasons.DATE_UNREADABLE)
    if column.type == "month" and isinstance(dtype, pl.Date | pl.Datetime):
        return values.dt.strftime("%Y-%m"), None
    if fits == pl.Boolean and dtype == pl.Boolean:
        return values, None
    if column.type == "money" and (dtype.is_decimal() or dtype.is_integer()):
        read = values.cast(numbers.MONEY, strict=False)
        lost = values.is_not_null() & read.is_null()
        return read, _reason(lost, reasons.MONEY_UNREADABLE)
    if column.type == "number" and dtype.is_numeric():
        read = values.cast(pl.Float64)
        far = values.is_not_null() & ~(read.is_finite() & (read.abs() < float(numbers.LARGEST)))
        return read.set(far, None), _reason(far, reasons.NUMBER_UNREADABLE)
    if column.type == "integer" and dtype.is_integer():
        read = values.cast(pl.Int64, strict=False)
        return read, _reason(values.is_not_null() & read.is_null(), reasons.INTEGER_UNREADABLE)
    return None


def _reason(mask: pl.Series, reason: str) -> pl.Series | None:
    return pl.select(pl.when(mask).then(pl.lit(reason))).to_series() if mask.any() else None


def _as_text(values: pl.Series) -> pl.Series:
    """Typed values as the text a person would have written; floats keep all the digits they have."""
    dtype = values.dtype
    if dtype == pl.Boolean:
        return values.replace_strict({True: "是", False: "否"}, return_dtype=pl.String)
    if dtype.is_float():
        whole = (values == values.round(0)) & (values.abs() < 1e15)
        text = values.cast(pl.String)
        return values.cast(pl.Int64, strict=False).cast(pl.String).zip_with(whole.fill_null(False), text)
    if dtype in (pl.Binary, pl.Object) or dtype.is_nested():
        return nulls(len(values))
    return values.cast(pl.String)
