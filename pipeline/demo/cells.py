"""Typed columns as people write them: dates, months, sums, booleans and codes in the forms met in real files.

`Cells` holds what a text file shows and, where a spreadsheet would hold a number or a date cell, that number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.contract import CARE_INDICATORS, CODES, COUNTY, Column, scheme_zh
from pipeline.demo.people import town_full

TEXT, NUMBER, DATE = 0, 1, 2
Rng = np.random.Generator
_WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")
_BOOLEANS = (("是", "否"), ("√", "×"), ("1", "0"), ("Y", "N"), ("有", "无"))
_ABLE = ("能", "不能")
_EPOCH = 25569  # the spreadsheet's serial of 1970-01-01


@dataclass
class Cells:
    """One column of a sheet: `text` (null = empty), and by `kind` the rows whose spreadsheet cell is `number`."""

    text: pl.Series
    number: npt.NDArray[np.float64] | None = None
    kind: npt.NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.text)


def _mix(rng: Rng, n: int, weights: tuple[float, ...]) -> npt.NDArray[np.int64]:
    """A form for each row: one main form in most rows, the others by weight in the rest."""
    p = np.array(weights) / sum(weights)
    main = int(rng.choice(len(p), p=p))
    return np.where(rng.random(n) < 0.8, main, rng.choice(len(p), n, p=p)).astype(np.int64)


def _choose(form: npt.NDArray[np.int64], values: pl.Series, forms: list[Callable[[pl.Series], pl.Series]]) -> pl.Series:
    """Each row in its form; the forms are computed over distinct values only."""
    distinct = values.drop_nulls().unique().sort()
    if distinct.is_empty():
        return pl.Series([None] * len(values), dtype=pl.String)
    table = np.stack([make(distinct).cast(pl.String).to_numpy().astype(object) for make in forms])
    empty = values.is_null().to_numpy()
    filled = values.fill_null(distinct[0])
    at = distinct.search_sorted(filled).to_numpy()
    out = table[form, at]
    out[empty] = None
    return pl.Series(out.tolist(), dtype=pl.String)


def dates(values: pl.Series, rng: Rng, *, months_too: bool = False) -> Cells:
    """ISO, 2022/10/3, 20221003, 2022年10月3日, Excel serials (text in text files) and date cells."""
    n = len(values)
    form = _mix(rng, n, (40, 20, 9, 9, 6, 16, 0.5))
    month_end = (values == values.dt.month_end()).fill_null(False).to_numpy() if months_too else np.zeros(n, dtype=bool)
    form[month_end & (rng.random(n) < 0.5)] = 7
    serial = values.to_physical() + _EPOCH
    text = _choose(
        form,
        values,
        [
            lambda s: s.dt.strftime("%Y-%m-%d"),
            lambda s: s.dt.strftime("%Y/%-m/%-d"),
            lambda s: s.dt.strftime("%Y%m%d"),
            lambda s: s.dt.strftime("%Y年%-m月%-d日"),
            lambda s: (s.to_physical() + _EPOCH).cast(pl.String),
            lambda s: s.dt.strftime("%Y-%m-%d"),
            lambda s: pl.Series([t.translate(_WIDE) for t in s.dt.strftime("%Y-%m-%d").to_list()]),
            lambda s: s.dt.strftime("%Y-%m"),
        ],
    )
    kind = np.select([form == 4, form == 5], [NUMBER, DATE], default=TEXT).astype(np.uint8)
    kind[values.is_null().to_numpy()] = TEXT
    return Cells(text, serial.fill_null(0).to_numpy().astype(float), kind)


def months(values: pl.Series, rng: Rng) -> Cells:
    """2022-10, 202210, 2022.10, 2022年10月; 202210 may be a spreadsheet number."""
    form = _mix(rng, len(values), (40, 25, 15, 20))
    text = _choose(
        form,
        values,
        [
            lambda s: s,
            lambda s: s.str.replace("-", ""),
            lambda s: s.str.replace("-", "."),
            lambda s: s.str.replace("-", "年") + "月",
        ],
    )
    whole = values.str.replace("-", "").cast(pl.Int64).fill_null(0).to_numpy().astype(float)
    kind = np.where((form == 1) & (rng.random(len(values)) < 0.5) & values.is_not_null().to_numpy(), NUMBER, TEXT)
    return Cells(text, whole, kind.astype(np.uint8))


def plain(values: pl.Series) -> pl.Series:
    """Numbers with at most two decimals, none where whole."""
    cents = (values * 100).round().cast(pl.Int64)
    yuan, rest = (cents // 100).cast(pl.String), cents % 100
    two = yuan + "." + rest.cast(pl.String).str.zfill(2)
    return pl.select(pl.when(rest == 0).then(yuan).otherwise(two)).to_series()


def money(values: pl.Series, rng: Rng) -> Cells:
    """Numbers, and some texts: 1,234.50  ￥500  500元  1.2万."""
    n = len(values)
    text = plain(values)
    u = rng.random(n)
    odd = np.flatnonzero((u < 0.035) & values.is_not_null().to_numpy() & (values.fill_null(-1) >= 0).to_numpy())
    kind = np.where(values.is_not_null().to_numpy() & (u < 0.9), NUMBER, TEXT).astype(np.uint8)
    if len(odd):
        shown = text.to_list()
        amounts = values.to_list()
        for i in odd.tolist():
            shown[i] = _sum(amounts[i], shown[i], int(rng.integers(0, 4)))
            kind[i] = TEXT
        text = pl.Series(shown, dtype=pl.String)
    return Cells(text, values.fill_null(0).to_numpy().astype(float), kind)


def _sum(value: float, text: str, form: int) -> str:
    if form == 3 and value >= 10_000 and round(value * 100) % 10_000 == 0:
        return f"{value / 10_000:.2f}".rstrip("0").rstrip(".") + "万"
    return (f"{value:,.2f}", f"￥{text}", f"{text}元", f"{value:,.2f}")[form]


def numbers(values: pl.Series) -> Cells:
    """Plain numbers: number cells in spreadsheets."""
    shown = values.cast(pl.String) if values.dtype == pl.Int64 else plain(values)
    kind = np.where(values.is_not_null().to_numpy(), NUMBER, TEXT).astype(np.uint8)
    return Cells(shown, values.fill_null(0).to_numpy().astype(float), kind)


def booleans(values: pl.Series, rng: Rng, pairs: tuple[tuple[str, str], ...] = _BOOLEANS) -> Cells:
    yes, no = np.array([p[0] for p in pairs], dtype=object), np.array([p[1] for p in pairs], dtype=object)
    form = _mix(rng, len(values), tuple(50.0 if i == 0 else 12.0 for i in range(len(pairs))))
    out = np.where(values.fill_null(False).to_numpy(), yes[form], no[form])
    out[values.is_null().to_numpy()] = None
    return Cells(pl.Series(out.tolist(), dtype=pl.String))


def codes(values: pl.Series, rng: Rng, spellings: dict[str, list[str]], odd: float = 0.12) -> Cells:
    """Codes as their canonical text; a share `odd` in another spelling that means the same."""
    shown = values.to_numpy().astype(object)
    distinct = [v for v in values.unique().drop_nulls().sort().to_list() if spellings.get(v)]
    for value in distinct:
        at = np.flatnonzero((shown == value) & (rng.random(len(values)) < odd))
        shown[at] = rng.choice(np.array(spellings[value], dtype=object), len(at))
    return Cells(pl.Series(shown.tolist(), dtype=pl.String))


def towns(values: pl.Series, rng: Rng) -> Cells:
    """The short form, the full form, or with the county's name before it."""
    form = _mix(rng, len(values), (45, 45, 10))
    county = str(COUNTY["county"])

    def full(s: pl.Series) -> pl.Series:
        return pl.Series([town_full(t) for t in s.to_list()])

    return Cells(_choose(form, values, [lambda s: s, full, lambda s: county + full(s)]))


def write_column(column: Column, values: pl.Series, rng: Rng) -> Cells:
    """A typed column (not a name or an ID number) as cells, by the contract's type."""
    kind = column.type
    if kind in ("date", "date_or_month"):
        return dates(values, rng, months_too=kind == "date_or_month")
    if kind == "month":
        return months(values, rng)
    if kind == "money":
        return money(values, rng)
    if kind in ("number", "integer", "year"):
        return numbers(values)
    if kind == "boolean":
        return booleans(values, rng, (_ABLE,) if column.id in CARE_INDICATORS else _BOOLEANS[:4])
    if kind == "town":
        return towns(values, rng)
    if kind == "scheme":
        return codes(
            scheme_names(values), rng, {"低保": ["城乡低保", "最低生活保障"], "特困": ["特困人员", "特困供养"]}, 0.1
        )
    if column.codes in CODES:
        skip = {"1", "2", "x", "m", "male", "f", "female", "妻子配偶"}
        table = {
            code: [s for s in also if s not in skip and not s.isascii()] for code, also in CODES[column.codes].items()
        }
        if kind == "level":
            return codes(values, rng, {code: list(also[:2]) for code, also in CODES["level"].items()}, 0.9)
        return codes(values, rng, table)
    return Cells(values)


def scheme_names(values: pl.Series) -> pl.Series:
    """Scheme ids as their Chinese names."""
    return values.replace({s: scheme_zh(s) for s in ("dibao", "tekun", "borderline", "expenditure", "temporary")})
