"""The results as files: links, clusters, the model and the report, all of them or none.

Parquet and CSV carry the contract's names and words, a workbook Chinese ones. Same result, same bytes.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from pipeline.errors import BadInput

SUFFIXES = (".csv", ".parquet", ".xlsx")
_BESIDE = ("model", "report")  # what stands beside the result as JSON
_SHEET_ROWS = 1_048_575
_FORMULA_LIKE = r"^[=+\-@\x00-\x1f\x7f]"
_ZH = {
    "left_id": "左表记录",
    "right_id": "右表记录",
    "match_weight": "匹配权重（比特）",
    "match_probability": "匹配概率",
    "runner_up_weight": "次优候选权重",
    "decision": "判定",
    "pattern": "各项比对结果",
    "id": "记录",
    "cluster": "重复组",
    "size": "组内记录数",
}
_DECISIONS = {"link": "匹配", "review": "待核", "reject": "不匹配"}


def check_out(out: Path, given: Sequence[Path] = ()) -> None:
    """BadInput unless the output's suffix is known, its folder is there, and none of the files `given` to be read
    stands where something is written.
    """
    if out.suffix.lower() not in SUFFIXES:
        raise BadInput(f"'{out.name}' does not end in {', '.join(SUFFIXES)}", remedy="name --out so")
    if not out.parent.is_dir():
        raise BadInput("the folder of --out is not there", file=str(out), remedy="make it first")
    written = {p.resolve() for p in (out, beside(out, "clusters"), *(beside(out, w, ".json") for w in _BESIDE))}
    if taken := next((path for path in given if path.resolve() in written), None):
        raise BadInput("--out would write over a file that is read", file=taken.name, remedy="give another --out")


def beside(out: Path, what: str, suffix: str | None = None) -> Path:
    """The path of a companion file: OUT's stem, `.what`, its suffix (or another)."""
    return out.with_name(f"{out.stem}.{what}{suffix or out.suffix}")


def write_table(frame: pl.DataFrame, path: Path, sheet: str, notes: list[tuple[str, str]]) -> None:
    """One table by its path's suffix; a workbook gets a second sheet with `notes`. BadInput when it does not fit."""
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        frame.rechunk().write_parquet(path, compression="zstd", statistics=True)
    elif suffix == ".csv":
        texts = [c for c, kind in frame.schema.items() if kind == pl.String]
        safe = frame.with_columns(
            pl.when(pl.col(c).str.contains(_FORMULA_LIKE)).then("'" + pl.col(c)).otherwise(pl.col(c)).alias(c)
            for c in texts
        )
        safe.write_csv(path, include_bom=True)
    else:
        _workbook(frame, path, sheet, notes)


def _workbook(frame: pl.DataFrame, path: Path, sheet: str, notes: list[tuple[str, str]]) -> None:
    if frame.height > _SHEET_ROWS:
        raise BadInput(
            f"{frame.height} rows do not fit on a sheet", file=path.name, remedy="name --out .csv or .parquet"
        )
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"created": dt.datetime(2020, 1, 1)})  # the same result, the same bytes
    head = book.add_format({"bold": True, "bottom": 1})
    page = book.add_worksheet(sheet)
    if "decision" in frame.columns:
        frame = frame.with_columns(pl.col("decision").replace_strict(_DECISIONS))
    for c, name in enumerate(frame.columns):
        page.write_string(0, c, _ZH.get(name, name), head)
        wide = frame[name].dtype == pl.String and name not in ("decision",)
        page.set_column(c, c, 70 if name == "pattern" else 24 if wide else 14)
        for r, value in enumerate(frame[name].to_list(), 1):
            if isinstance(value, str):
                page.write_string(r, c, value)
            elif value is not None:
                page.write_number(r, c, value)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(frame.height, 1), frame.width - 1)
    told = book.add_worksheet("说明")
    told.set_column(0, 0, 26)
    told.set_column(1, 1, 90, book.add_format({"text_wrap": True}))
    for r, (name, text) in enumerate(notes):
        told.write_string(r, 0, name, head)
        told.write_string(r, 1, text)
    book.close()


def write_json(data: dict[str, Any], path: Path) -> None:
    """Sorted keys, UTF-8, a newline at the end."""
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def move_all(staged: dict[Path, Path]) -> None:
    """Put finished files in their places, readable by their owner only: they hold personal data."""
    for made, target in staged.items():
        made.chmod(0o600)
        made.replace(target)
