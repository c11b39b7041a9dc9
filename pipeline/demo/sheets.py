"""A sheet before it is written: title, headings, data cells, blank, total and signature rows, and each record's row.

Also here the planted rejects: rows without any identity, and cells that cannot be read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.contract import DATASETS, ROSTERS, Column, heading_key, heading_map
from pipeline.demo.assemble import PERSON
from pipeline.demo.cells import NUMBER, TEXT, Cells, write_column
from pipeline.demo.layout import PERSON_COLUMNS, REJECT_COLUMNS, Plan, Sheet, columns_of

_BAD_DATES = ("2022-02-30", "二〇二二年", "2021年13月5日", "见附件", "2022.15.40")
_BAD_SUMS = ("五百左右", "约3千", "见附件", "#REF!", "12-00")
# What a row without name and number may still hold.
_HELD = (
    "town",
    "village",
    "address",
    "sex",
    "employer",
    "institution",
    "plate",
    "period",
    "use",
    "year",
    "role",
    "event",
)
# Who a row is about, as written: columns the file lacks are null.
WRITTEN = (
    "name",
    "id_number",
    "sex",
    "birth_date",
    "town",
    "village",
    "address",
    "phone",
    "bank_account",
    "household_no",
)
_BAD_COUNTS = ("若干", "三至四", "见附件")


@dataclass
class Written:
    """One laid-out sheet: `columns` hold records and orphans in order, a blank row stands before each of `blanks`."""

    name: str
    preface: list[list[str]]
    header: list[list[str]]
    columns: list[Cells]
    blanks: list[int]
    tail: list[list[str]]
    merges: list[tuple[int, int, int, int]] = field(
        default_factory=list
    )  # first row, first column, last row, last column; from 0
    hidden: bool = False


@dataclass(frozen=True)
class Account:
    """A sheet's truth: the dataset's rows with `record_id`, the row counts, the rejects (row, column or '').

    `written`: the identity of the rows that are not clean, and of all roster rows, as the file shows it (`WRITTEN`).
    """

    frame: pl.DataFrame
    written: pl.DataFrame
    kept: int
    rejected: int
    skipped: int
    rejects: list[tuple[int, str]]


def lay_out(
    plan: Plan, sheet: Sheet, frame: pl.DataFrame, rng: np.random.Generator, *, clean: bool = False
) -> tuple[Written, Account]:
    """Dress a dataset's rows as one sheet of a file, and say what ingest must make of it.

    clean: no row without identity and no unreadable cell is planted.
    """
    spec = DATASETS[plan.dataset]
    columns = [spec.by_id[c] for c in columns_of(plan)]
    frame = _with_orphans(frame[sheet.rows], 0 if clean else sheet.orphans, plan.dataset, rng)
    header, merges = _header(plan, sheet, columns, rng)
    tabular = plan.kind in ("parquet", "sqlite")
    preface = [] if tabular else _preface(sheet, len(columns))
    n = frame.height
    wanted = 0 if tabular or n < 12 else sheet.blanks
    blanks = sorted(int(i) for i in rng.choice(np.arange(2, n), wanted, replace=False)) if wanted else []
    top = 0 if tabular else len(preface) + len(header)
    row = top + 1 + np.arange(n) + np.searchsorted(np.array(blanks, dtype=int), np.arange(n), side="right")
    raw: dict[str, dict[int, str]] = {}
    if not clean:
        frame, raw = _spoil(frame, plan, rng)
    cells = [_column(c, frame, raw.get(c.id), rng, as_stored=tabular) for c in columns]
    tail = [] if tabular else _tail(sheet, columns, frame)
    merges = [(r + len(preface), c, r2 + len(preface), c2) for r, c, r2, c2 in merges]
    if sheet.title and plan.kind == "xlsx":
        merges.append((0, 0, 0, len(columns) - 1))
    orphan = frame["orphan"].to_numpy()
    rejects = [(int(row[i]), "") for i in np.flatnonzero(orphan)]
    for name, values in raw.items():
        rejects += [(int(row[i]), name) for i in values]
    if "id_lost" in frame.columns:
        rejects += [(int(row[i]), "id_number") for i in np.flatnonzero(frame["id_lost"].fill_null(False).to_numpy())]
    place = f"{plan.file}#{sheet.name}#"
    known = frame.with_columns((pl.lit(place) + pl.Series(row).cast(pl.String)).alias("record_id")).filter(
        ~pl.col("orphan")
    )
    skipped = top + len(blanks) + len(tail)
    written = _identity_as_written(known, plan.dataset, [c.id for c in columns])
    # what the truth never reads is dropped at once: a large county is held twice otherwise
    known = known.drop("orphan", "village", "address", "phone", "id_written", "id_as_number", "id_lost", strict=False)
    account = Account(known, written, n - int(orphan.sum()), int(orphan.sum()), skipped, rejects)
    return Written(sheet.name, preface, header, cells, blanks, tail, merges), account


def _identity_as_written(frame: pl.DataFrame, dataset: str, columns: list[str]) -> pl.DataFrame:
    """record_id, pid, noise, error and `WRITTEN` of the rows that `Account.written` is to hold."""
    if "noise" not in frame.columns:
        return pl.DataFrame()
    frame = frame.filter((pl.col("noise") != "exact") | (dataset in ROSTERS))
    number = pl.when(~pl.col("id_lost")).then("id_written")
    shown = {"name": pl.col("name_written"), "id_number": number} | {
        k: pl.col(k) if k in columns else pl.lit(None, pl.Date if k == "birth_date" else pl.String) for k in WRITTEN[2:]
    }
    return frame.select("record_id", "pid", "noise", "error", *[e.alias(k) for k, e in shown.items()])


def _with_orphans(frame: pl.DataFrame, count: int, dataset: str, rng: np.random.Generator) -> pl.DataFrame:
    """Rows without name and number set among the records; they hold a town, an address or a code of the department."""
    frame = frame.with_columns(pl.lit(False).alias("orphan"))
    if not count or not frame.height:
        return frame
    donors = frame[rng.integers(0, frame.height, count)]
    own = {c.id for c in DATASETS[dataset].columns} - (set(PERSON) - set(PERSON_COLUMNS[dataset]))
    held = [c for c in _HELD if c in own][:3]
    empty = donors.with_columns(pl.lit(None, dtype=t).alias(c) for c, t in donors.schema.items() if c not in held)
    empty = empty.with_columns(pl.lit(True).alias("orphan"))
    at = np.sort(rng.integers(1, frame.height + 1, count))
    order = np.argsort(np.concatenate([np.arange(frame.height) + 0.0, at - 0.5]), kind="stable")
    return pl.concat([frame, empty])[order]


def _spoil(frame: pl.DataFrame, plan: Plan, rng: np.random.Generator) -> tuple[pl.DataFrame, dict[str, dict[int, str]]]:
    """Unreadable cells in a few rows: null in the frame, their raw text by row position."""
    raw: dict[str, dict[int, str]] = {}
    if plan.kind in ("parquet", "sqlite"):
        return frame, raw
    for name in REJECT_COLUMNS.get(plan.dataset, ()):
        options = np.flatnonzero((frame[name].is_not_null() & ~frame["orphan"]).to_numpy())
        if len(options) < 5:
            continue
        chosen = rng.choice(options, min(1 + len(options) // 3000, 40), replace=False)
        kind = DATASETS[plan.dataset].by_id[name].type
        texts = _BAD_DATES if kind == "date" else _BAD_COUNTS if kind == "integer" else _BAD_SUMS
        raw[name] = {int(i): texts[int(rng.integers(0, len(texts)))] for i in chosen}
        mask = np.zeros(frame.height, dtype=bool)
        mask[chosen] = True
        frame = frame.with_columns(pl.when(pl.Series(mask)).then(None).otherwise(pl.col(name)).alias(name))
    return frame, raw


def _column(
    column: Column, frame: pl.DataFrame, raw: dict[int, str] | None, rng: np.random.Generator, *, as_stored: bool
) -> Cells:
    if column.id == "name":
        return Cells(frame["name_written"])
    if column.id == "id_number":
        text = frame["id_written"]
        # a number typed as a number: 15 digits survive, 18 do not
        kind = np.where(frame["id_as_number"].fill_null(False).to_numpy() & ~_has_letter(text), NUMBER, TEXT).astype(
            np.uint8
        )
        digits = pl.select(pl.when(pl.Series(kind == NUMBER)).then(_digits(frame)).otherwise(0.0)).to_series()
        return Cells(text, digits.to_numpy(), kind)
    cells = Cells(frame[column.id]) if as_stored else write_column(column, frame[column.id], rng)
    if raw:
        shown = cells.text.to_list()
        for i, text_ in raw.items():
            shown[i] = text_
            if cells.kind is not None:
                cells.kind[i] = TEXT
        cells.text = pl.Series(shown, dtype=pl.String)
    return cells


def _has_letter(text: pl.Series) -> npt.NDArray[np.bool_]:
    return text.str.contains(r"[^0-9.E+]").fill_null(True).to_numpy()


def _digits(frame: pl.DataFrame) -> pl.Series:
    """The whole number behind the cell: a spreadsheet turns an 18-digit one into scientific notation."""
    short = frame["id_written"].str.len_chars() == 15
    return pl.select(
        pl.when(short)
        .then(frame["id_written"].cast(pl.Float64, strict=False))
        .otherwise(frame["id_number"].cast(pl.Float64, strict=False))
    ).to_series()


def _headings(dataset: str, columns: list[Column], rng: np.random.Generator, breaks: bool) -> list[str]:
    """A heading for each column: Chinese name or synonym, some with a remark, a space or a line break."""
    known = heading_map(dataset)
    out: list[str] = []
    for column in columns:
        options = [h for h in (column.zh, column.zh, *column.also) if known.get(heading_key(h)) == column.id]
        text = str(options[int(rng.integers(0, len(options)))]) if options else column.zh
        form = int(rng.integers(0, 12))
        if form == 0:
            text += "（必填）"
        elif form == 1 and column.unit:
            text += f"({column.unit})"
        elif form == 2 and breaks and len(text) > 3:
            text = text[:2] + "\n" + text[2:]
        elif form == 3 and len(text) == 2:
            text = text[0] + "  " + text[1]
        out.append(text)
    return out


def _header(
    plan: Plan, sheet: Sheet, columns: list[Column], rng: np.random.Generator
) -> tuple[list[list[str]], list[tuple[int, int, int, int]]]:
    """Heading rows and their merged cells, rows counted from the first heading row."""
    if plan.kind in ("parquet", "sqlite"):
        return [[c.zh for c in columns]], []
    headings = _headings(plan.dataset, columns, rng, breaks=plan.kind == "xlsx")
    if not sheet.two_row_header:
        return [headings], []
    person = [i for i, c in enumerate(columns) if c.id in PERSON_COLUMNS[plan.dataset]]
    first, last = person[0], person[-1]
    top = [""] * len(columns)
    top[first], top[last + 1] = "人员基本情况", "登记情况"
    bottom = list(headings)
    merges = [(0, first, 0, last)]
    if last + 1 < len(columns) - 1:
        merges.append((0, last + 1, 0, len(columns) - 1))
    for i in range(first):
        top[i], bottom[i] = headings[i], ""
        merges.append((0, i, 1, i))
    return [top, bottom], merges


def _preface(sheet: Sheet, width: int) -> list[list[str]]:
    out = []
    if sheet.title:
        out.append([sheet.title] + [""] * (width - 1))
    if sheet.unit:
        out.append(["填报单位：乐昌市民政局"] + [""] * (width - 2) + ["单位：元"])
    return out


def _tail(sheet: Sheet, columns: list[Column], frame: pl.DataFrame) -> list[list[str]]:
    out: list[list[str]] = []
    width = len(columns)
    if sheet.total:
        total = ["合计"] + [""] * (width - 1)
        sums = [i for i, c in enumerate(columns) if c.type == "money" and i]
        if sums:
            total[sums[0]] = f"{float(frame[columns[sums[0]].id].sum() or 0):.0f}"
        out.append(total)
    if sheet.signature:
        out += [
            [""] * width,
            ["填表人：          审核人：          单位负责人：          （盖章）"] + [""] * (width - 1),
        ]
    return out
