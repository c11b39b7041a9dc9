"""Small real drops for the ingest tests: files are written as a bureau's programs would write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from pipeline.engine.duck import DuckEngine
from pipeline.ingest import IngestReport, ingest

ROSTER_HEADINGS = ["家庭编号", "姓名", "身份证号", "镇街"]
# made numbers whose check digits hold
ID_A, ID_B, ID_C = "440281199003071239", "44028119550101123X", "440281200112319876"
ROSTER = "家庭编号,姓名,身份证号,镇街\nDB1,王小明,440281199003071239,长来镇\n"
DEATHS = "姓名,身份证号,死亡日期\n王小明,440281199003071239,2022-10-03\n李四,44028119550101123X,20221004\n"


@dataclass(frozen=True)
class Ingested:
    """A drop after ingest: the engine's tables and the report."""

    engine: DuckEngine
    report: IngestReport

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        wanted = ", ".join(f'"{c}"' for c in columns) or "*"
        return self.engine.rows(f"SELECT {wanted} FROM {table} ORDER BY file, sheet, row").rows()

    def rejects(self) -> list[tuple[Any, ...]]:
        return self.engine.rows('SELECT file, sheet, row, "column", raw FROM rejects ORDER BY ALL').rows()

    def reasons(self) -> set[str]:
        return set(self.engine.rows("SELECT DISTINCT reason FROM rejects").to_series().to_list())

    def account(self, path: str, sheet: str = "-") -> tuple[int, int, int, int]:
        """(read, kept, rejected, skipped)"""
        (found,) = [a for a in self.report.inputs if (a.path, a.sheet) == (path, sheet)]
        return found.rows_read, found.rows_kept, found.rows_rejected, found.rows_skipped


def run(drop: Path) -> Ingested:
    """Ingest a drop with a scratch folder beside it."""
    scratch = drop.parent / f"{drop.name}-scratch"
    scratch.mkdir(exist_ok=True)
    engine = DuckEngine()
    report = ingest(drop, engine, scratch=scratch)
    assert list(scratch.iterdir()) == [], "ingest leaves nothing in scratch"
    return Ingested(engine, report)


def make_drop(folder: Path, files: Mapping[str, str | bytes], *, roster: bool = True) -> Path:
    """A drop of text or raw files; a small roster is added unless told otherwise."""
    drop = folder / "drop"
    drop.mkdir(exist_ok=True)
    if roster:
        (drop / "dibao.csv").write_text(ROSTER, encoding="utf-8")
    for name, content in files.items():
        path = drop / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return drop


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]], *, hidden: Sequence[str] = ()) -> None:
    """A workbook of rows; strings stay strings, numbers numbers, dates dates; None is no cell at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    if hasattr(value, "year"):
                        sheet.write_datetime(r, c, value, day)
                    elif value is not None:
                        sheet.write(r, c, value)


def read_one(values: Sequence[str | None], column: str, dataset: str) -> tuple[list[Any], list[str | None]]:
    """One column's cells through its reader: (values, reasons)."""
    from pipeline.contract import DATASETS
    from pipeline.ingest.cells import read_column, stripped

    frame = stripped(pl.DataFrame({"c0": pl.Series(list(values), dtype=pl.String)}))
    read, why = read_column(frame["c0"], DATASETS[dataset].by_id[column])
    return read.to_list(), why.to_list() if why is not None else [None] * len(values)
