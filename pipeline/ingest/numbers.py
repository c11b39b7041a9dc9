"""Amounts, numbers and booleans as people write them: `1,234.50 ￥500 500元 1.2万`, full-width digits, 是/否 √/×."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from pipeline.contract import CODES, Column
from pipeline.ingest import reasons
from pipeline.ingest.distinct import Read, read_distinct

MONEY = pl.Decimal(18, 2)
_PLAIN_MONEY = r"^-?[0-9]{1,15}(?:\.[0-9]{1,2})?$"  # \d would take in full-width digits
_ADORNED_MONEY = r"^[¥￥]?(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:\.[0-9]{1,2})?元?$"
_PLAIN_NUMBER = r"^-?[0-9]{1,15}(?:\.[0-9]+)?$"
_PLAIN_INTEGER = r"^-?[0-9]{1,15}$"
_CENT = Decimal("0.01")
LARGEST = Decimal(10) ** 16
_MOST_DIGITS = 25

_FACTORS = {"": Decimal(1), "百": Decimal(100), "千": Decimal(1000), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
_NUMBER = re.compile(
    r"(?:人民币|RMB|CNY|[¥￥$])?(?P<sign>[-+]?)(?:RMB|CNY|[¥￥$])?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)(?P<power>E[-+]?\d{1,2})?"
    r"(?P<factor>[百千万亿]?)(?P<unit>M2|\D{0,8})"
)
# what may follow a number, by the column's own unit
_UNITS = {
    "元": {
        "",
        "元",
        "元整",
        "圆",
        "元/月",
        "元/年",
        "元/人",
        "元/人月",
        "元/户",
        "元/户月",
        "元人民币",
        "块",
        "RMB",
        "CNY",
        "YUAN",
    },
    "平方米": {"", "平方米", "平米", "平方", "M2", "㎡", "M²"},
}
_COUNTS = {"", "人", "页", "份", "张", "户", "次", "个", "口", "本"}


def read_money(values: pl.Series, column: Column, scale: Decimal | None = None) -> Read:
    """Money as DECIMAL(18,2), half a cent rounded up. `scale` turns the heading's unit into the column's."""
    done = values.str.contains(_PLAIN_MONEY)
    money = values.cast(MONEY, strict=False)
    if scale is not None:
        done = done & False
    else:
        done, money = _adorned(values, done, money)

    def read(text: str) -> tuple[Decimal | None, str | None]:
        number, why = _parse(text, column, reasons.MONEY_UNREADABLE)
        if number is None:
            return None, why
        number = number * (scale or 1)
        if abs(number) >= LARGEST:
            return None, reasons.MONEY_UNREADABLE
        return number.quantize(_CENT, ROUND_HALF_UP), None

    return read_distinct(values, done, money, read)


def _adorned(values: pl.Series, done: pl.Series, money: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The common ￥500, 500元 and 1,234.50 read at once, not value by value."""
    indices = (values.is_not_null() & ~done).arg_true()
    if indices.is_empty():
        return done, money
    rest = values.gather(indices)
    fits = rest.str.contains(_ADORNED_MONEY)
    plain = rest.str.replace_all("[¥￥元,]", "").set(~fits, None).cast(MONEY, strict=False)
    return done.scatter(indices, plain.is_not_null()), money.scatter(indices, plain)


def read_number(values: pl.Series, column: Column, scale: Decimal | None = None) -> Read:
    """Numbers as DOUBLE, in the column's unit."""
    done = values.str.contains(_PLAIN_NUMBER) & (values.str.len_bytes() <= _MOST_DIGITS)
    if scale is not None:
        done = done & False

    def read(text: str) -> tuple[float | None, str | None]:
        number, why = _parse(text, column, reasons.NUMBER_UNREADABLE)
        return (float(number * (scale or 1)), None) if number is not None else (None, why)

    return read_distinct(values, done, values.cast(pl.Float64, strict=False), read)


def read_integer(values: pl.Series, column: Column) -> Read:
    """Whole numbers as BIGINT; 3人 and 3.0 are 3."""
    done = values.str.contains(_PLAIN_INTEGER)

    def read(text: str) -> tuple[int | None, str | None]:
        number, why = _parse(text, column, reasons.INTEGER_UNREADABLE)
        if number is None:
            return None, why
        whole = number == number.to_integral_value() and abs(number) < LARGEST
        return (int(number), None) if whole else (None, reasons.INTEGER_UNREADABLE)

    return read_distinct(values, done, values.cast(pl.Int64, strict=False), read)


_BOOLEANS = {
    unicodedata.normalize("NFKC", word).casefold(): value == "true"
    for value, words in CODES["boolean"].items()
    for word in (value, *words)
}


def read_boolean(values: pl.Series) -> Read:
    """Booleans by the contract's spellings; 无 is a 'no' here, not a placeholder."""

    def read(text: str) -> tuple[bool | None, str | None]:
        folded = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()
        if folded in _BOOLEANS:
            return _BOOLEANS[folded], None
        if not folded:
            return None, None
        if reasons.is_placeholder(folded.upper()):
            return None, reasons.PLACEHOLDER
        return None, reasons.BOOLEAN_UNREADABLE

    empty = pl.Series([None], dtype=pl.Boolean).new_from_index(0, len(values))
    return read_distinct(values, empty, empty, read)


def _parse(text: str, column: Column, unreadable: str) -> tuple[Decimal | None, str | None]:
    """One number in the column's own unit, or a reason; (None, None) for a cell with nothing in it."""
    folded = re.sub(r"[\s'’`]", "", unicodedata.normalize("NFKC", text)).upper().replace("−", "-")
    if not folded:
        return None, None
    if reasons.is_placeholder(folded):
        return None, reasons.PLACEHOLDER
    match = _NUMBER.fullmatch(folded)
    if match is None:
        return None, unreadable
    digits, power = match["digits"].replace(",", ""), match["power"] or ""
    if len(digits) > _MOST_DIGITS or len(power) > 4:  # no sum or count; what follows is exact below that only
        return None, unreadable
    number = Decimal(digits + power)
    if abs(number) >= LARGEST:
        return None, unreadable
    if match["sign"] == "-":
        number = -number
    factor, unit = _FACTORS[match["factor"]], match["unit"]
    if column.unit == "万元":  # 97, 97万 and 97万元 are ninety-seven; 970000元 is too
        if unit not in _UNITS["元"]:
            return None, unreadable
        in_yuan = bool(unit) and not match["factor"]
        return (number / 10_000 if in_yuan else number * factor / (10_000 if match["factor"] else 1)), None
    if unit not in _UNITS.get(column.unit or "", _COUNTS):
        return None, unreadable
    return number * factor, None
