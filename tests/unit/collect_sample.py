"""What was kept of filled ledgers, and why rows went back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import polars as pl

from pipeline.fieldwork.answers.collect import Outcome, collect, read_visit_side
from pipeline.ledger import opened
from pipeline.ledger.visits import read_visits
from tests.unit.fieldwork_sample import HEAD, TODAY, Prepared

Take = Callable[..., Outcome]


def taker(field: Prepared, tmp_path: Path) -> Take:
    """A function that collects files into a ledger and a folder in `tmp_path`."""

    def run(*files: Path, out: str = "out", today: dt.date = TODAY) -> Outcome:
        side = read_visit_side(field.plan_file, [field.certificate])
        return collect(files, tmp_path / "ledger.duckdb", tmp_path / out, side=side, run_folder=None, today=today)

    return run


def kept(tmp_path: Path, *, history: bool = False) -> pl.DataFrame:
    with opened(tmp_path / "ledger.duckdb") as con:
        return read_visits(con, history=history)


def reasons(done: Outcome) -> dict[int, dict[str, str]]:
    """Row of the household (0 = first) → column → why."""
    found: dict[int, dict[str, str]] = {}
    for back in done.backs:
        for bad in back.rows:
            found[bad.row.row - HEAD - 1] = dict(bad.why())
    return found
