"""Dates, months and years as people write them, read by Polars expressions; each reader answers values and reasons.

A reader takes stripped text (null = empty) and gives (values, reasons): a reason stands where a value was refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl

from pipeline.ingest import reasons
from pipeline.ingest.distinct import Read, nulls

FIRST_YEAR, LAST_YEAR = 1900, 2100
# Excel counts days from here (its 1900 leap-year fault lies before any date of ours).
_EPOCH = dt.date(1899, 12, 30)
# 1900-2100 as a serial is a day of 1905: such a number is a year, and anything below it no date.
_FIRST_SERIAL, _LAST_SERIAL = 2101, (dt.date(LAST_YEAR, 12, 31) - _EPOCH).days

# tried one after another before the patterns below, which cost more
_COMMON = ("%Y/%m/%d", "%Y-%m-%d 00:00:00", "%Y年%m月%d日", "%Y.%m.%d")
_TIME = r"(?:[T ]*[0-9]{1,2}:[0-9]{1,2}(?::[0-9]{1,2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_DATE = rf"^([0-9]{{4}})\s*[-/.年]\s*([0-9]{{1,2}})\s*[-/.月]\s*([0-9]{{1,2}})\s*[日号]?{_TIME}$"
_COMPACT = r"^([0-9]{4})([0-9]{2})([0-9]{2})(?:[0-9]{6})?(?:\.0)?$"
_SERIAL = r"^([0-9]{4,5})(?:\.[0-9]+)?$"
_MONTH = r"^([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*(?:月份|月)?$"
_COMPACT_MONTH = r"^([0-9]{4})([0-9]{2})(?:\.0)?$"
_AMBIGUOUS_MONTH = r"^[0-9]{4}\.1$"


def fold(values: pl.Series) -> pl.Series:
    """Full-width digits and marks to plain ones; white space, apostrophes and invisible marks gone at the ends."""
    plain = values.str.contains(r"[^\x00-\x7F年月日号]").any()
    folded = values.str.normalize("NFKC") if plain else values
    return folded.str.strip_chars(" \t\r\n'’`\u200b\ufeff")


def read_dates(values: pl.Series) -> Read:
    """Dates (DATE) from text."""
    fast = values.str.to_date("%Y-%m-%d", strict=False)
    return _finish(values, fast, _slow_dates)


def read_dates_or_months(values: pl.Series) -> Read:
    """Dates from text; a month alone means its last day."""
    return _finish(values, values.str.to_date("%Y-%m-%d", strict=False), _slow_dates_or_months)


def read_months(values: pl.Series) -> Read:
    """Months as YYYY-MM from months, dates or serials."""
    plain = values.str.contains(r"^(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])$")
    rest = values.is_not_null() & ~plain
    if not rest.any():
        return values, None
    months, why = _slow_months(values.filter(rest))
    return _scatter(values.set(~plain, None), rest, months, why)


def read_years(values: pl.Series) -> Read:
    """Years (integer) such as 2021, 2021年, 2021年度."""
    years = fold(values).str.extract(r"^([0-9]{4})(?:\.0)?\s*(?:年度|年)?$", 1).cast(pl.Int64)
    years = years.set(~years.is_between(FIRST_YEAR, LAST_YEAR), None)
    return years, _why(values, years, reasons.YEAR_UNREADABLE)


def read_periods(values: pl.Series) -> Read:
    """Periods: the year where it is one, else as written."""
    if values.str.contains(r"^(?:19|20)[0-9]{2}$").all():
        return values, None
    year = fold(values).str.extract(r"^((?:19|20)[0-9]{2})(?:\.0)?\s*(?:年度|年)?$", 1)
    return pl.select(pl.coalesce(year, values)).to_series(), None


def _why(values: pl.Series, read: pl.Series, reason: str) -> pl.Series | None:
    lost = values.is_not_null() & read.is_null()
    return pl.select(pl.when(lost).then(pl.lit(reason))).to_series() if lost.any() else None


def _finish(values: pl.Series, fast: pl.Series, slow: Callable[[pl.Series], Read]) -> Read:
    """Keep the fast reading where it is a plausible date, read the rest slowly over its distinct values."""
    for form in _COMMON:
        rest = values.is_not_null() & fast.is_null()
        indices = rest.arg_true()
        if indices.is_empty():
            break
        fast = fast.scatter(indices, values.gather(indices).str.to_date(form, strict=False))
    fast = fast.set(~fast.is_between(dt.date(FIRST_YEAR, 1, 1), dt.date(LAST_YEAR, 12, 31)), None)
    rest = values.is_not_null() & fast.is_null()
    if not rest.any():
        return fast, None
    read, why = slow(values.filter(rest))
    return _scatter(fast, rest, read, why)


def _scatter(values: pl.Series, mask: pl.Series, read: pl.Series, why: pl.Series | None) -> Read:
    indices = mask.arg_true()
    out = values.scatter(indices, read)
    if why is None:
        return out, None
    return out, nulls(len(values)).scatter(indices, why)


def _parts(values: pl.Series, pattern: str) -> tuple[pl.Expr, pl.Series]:
    """The text's year, month, day as one ISO text expression, and whether the pattern matched."""
    groups = values.str.extract_groups(pattern).struct.unnest()
    frame = groups.select(
        pl.concat_str(
            pl.col("1"),
            pl.col("2").str.zfill(2),
            (pl.col("3").str.zfill(2) if "3" in groups.columns else pl.lit("01")),
            separator="-",
        ).alias("iso")
    )
    iso = frame.to_series()
    return pl.lit(iso), iso.is_not_null()


def _iso(values: pl.Series, pattern: str) -> tuple[pl.Series, pl.Series]:
    """(dates, whether the text has this form at all)."""
    iso, matched = _parts(values, pattern)
    dates = pl.select(iso.str.to_date("%Y-%m-%d", strict=False)).to_series()
    return dates.set(~dates.is_between(dt.date(FIRST_YEAR, 1, 1), dt.date(LAST_YEAR, 12, 31)), None), matched


def _serial(values: pl.Series) -> tuple[pl.Series, pl.Series]:
    days = values.str.extract(_SERIAL, 1).cast(pl.Int64)
    ok = days.is_between(_FIRST_SERIAL, _LAST_SERIAL).fill_null(False)
    dates = pl.select(pl.lit(_EPOCH) + pl.duration(days=pl.lit(days.set(~ok, None)))).to_series().cast(pl.Date)
    return dates, ok


def _slow_dates(raw: pl.Series) -> Read:
    values = fold(raw)
    dates, dated = _iso(values, _DATE)
    compact, compacted = _iso(values, _COMPACT)
    serial, numbered = _serial(values)
    out = pl.select(pl.coalesce(dates, compact, serial)).to_series()
    month_only = values.str.contains(_MONTH)
    why = pl.select(
        pl.when(out.is_not_null())
        .then(None)
        .when(_placeholders(values))
        .then(pl.lit(reasons.PLACEHOLDER))
        .when(dated | (compacted & ~numbered))
        .then(pl.lit(reasons.DATE_ABSENT))
        .when(month_only)
        .then(pl.lit(reasons.DATE_INCOMPLETE))
        .otherwise(pl.lit(reasons.DATE_UNREADABLE))
    ).to_series()
    why = why.set(values.str.len_bytes() == 0, None)  # nothing but marks: empty
    return out, why if why.is_not_null().any() else None


def _slow_months(raw: pl.Series) -> Read:
    values = fold(raw)
    ambiguous = values.str.contains(_AMBIGUOUS_MONTH)
    months, formed = _iso(values, _MONTH)
    compact, compacted = _iso(values, _COMPACT_MONTH)
    whole, why = _slow_dates(values)
    read = pl.select(pl.coalesce(months, compact, whole)).to_series().set(ambiguous, None)
    out = read.dt.strftime("%Y-%m")
    reason = pl.select(
        pl.when(out.is_not_null() | (values.str.len_bytes() == 0))
        .then(None)
        .when(_placeholders(values))
        .then(pl.lit(reasons.PLACEHOLDER))
        .when(ambiguous)
        .then(pl.lit(reasons.MONTH_AMBIGUOUS))
        .when(formed | compacted)
        .then(pl.lit(reasons.MONTH_ABSENT))
        .when((why if why is not None else nulls(len(values))) == reasons.DATE_ABSENT)
        .then(pl.lit(reasons.DATE_ABSENT))
        .otherwise(pl.lit(reasons.MONTH_UNREADABLE))
    ).to_series()
    return out, reason if reason.is_not_null().any() else None


def _slow_dates_or_months(raw: pl.Series) -> Read:
    dates, why = _slow_dates(raw)
    left = dates.is_null()
    if not left.any():
        return dates, why
    months, month_why = _slow_months(raw.filter(left))
    last = (months + "-01").str.to_date("%Y-%m-%d", strict=False).dt.month_end()
    # what is no month either keeps the date's reason, unless the month's says more
    old = (why if why is not None else nulls(len(raw))).filter(left)
    closer = pl.select(
        pl.when(last.is_not_null())
        .then(None)
        .when(old == reasons.DATE_INCOMPLETE)
        .then(month_why if month_why is not None else nulls(len(months)))
        .otherwise(old)
    ).to_series()
    dates, _ = _scatter(dates, left, last, None)
    merged = (why if why is not None else nulls(len(raw))).scatter(left.arg_true(), closer)
    return dates, merged if merged.is_not_null().any() else None


def _placeholders(values: pl.Series) -> pl.Series:
    upper = values.str.to_uppercase().str.replace_all(r"\s", "")
    return (upper.is_in(list(reasons.PLACEHOLDERS)) | upper.str.contains("^0+$")).fill_null(False)
