"""A demonstration county's typed tables without its files: what ingest would make of it, in half a second.

Each dataset keeps the columns that its file carries, with names and numbers as they are written there; `pid` says whose
record it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.contract import DATASETS
from pipeline.demo.assemble import assemble
from pipeline.demo.county import build_world
from pipeline.demo.drop_files import plan_drop
from pipeline.demo.layout import columns_of
from pipeline.demo.months import AuditMonth
from pipeline.demo.noise import add_noise
from pipeline.engine.duck import DuckEngine
from pipeline.ingest.cells import POLARS_TYPES
from pipeline.ingest.ids import read_ids
from support.grid import load_tables

# Lists of every kind, without the long ones that add nothing but rows.
SOME = (
    "dibao", "tekun", "borderline", "expenditure", "temporary", "patrol", "care_assessment", "household_register",
    "marriage", "vehicle", "property", "disability", "monitored", "child_welfare", "death",
)  # fmt: skip
_MONTH = AuditMonth("2022-10")


@dataclass(frozen=True)
class Drop:
    """Typed tables by dataset, and the true person of every record."""

    tables: dict[str, pl.DataFrame]
    pid: dict[str, int]

    @property
    def present(self) -> set[str]:
        return set(self.tables)

    def shuffled(self, seed: int) -> Drop:
        """The same records in another order."""
        rng = np.random.default_rng(seed)
        return Drop({d: f[rng.permutation(f.height)] for d, f in self.tables.items()}, self.pid)

    def load(self, engine: DuckEngine) -> None:
        """Put the tables on `engine`, in place of what was there."""
        load_tables(engine, {})
        for dataset, frame in self.tables.items():
            engine.load(dataset, frame)


def demo_drop(seed: int, people: int = 3000, datasets: Sequence[str] = SOME) -> Drop:
    """The demonstration county of this seed, by its own noise."""
    county = build_world(people, seed, _MONTH)
    frames = assemble(county)
    carried = {plan.dataset: columns_of(plan) for plan in plan_drop(frames, _MONTH)}
    tables: dict[str, pl.DataFrame] = {}
    pid: dict[str, int] = {}
    for dataset in datasets:
        frame = add_noise(county, dataset, frames[dataset])
        ids = [f"{dataset}#{n}" for n in range(1, frame.height + 1)]
        pid.update(zip(ids, frame["pid"].to_list(), strict=True))
        tables[dataset] = _typed(dataset, frame, carried[dataset], ids)
    return Drop(tables, pid)


def _typed(dataset: str, frame: pl.DataFrame, carried: Sequence[str], ids: list[str]) -> pl.DataFrame:
    """One dataset as ingest leaves it."""
    number = read_ids(frame["id_written"])[0]
    written = frame.with_columns(
        name=frame["name_written"].str.replace_all(r"\s", ""),
        id_number=pl.when(frame["id_lost"]).then(None).otherwise(number),
        record_id=pl.Series(ids), file=pl.lit(dataset), sheet=pl.lit("-"), row=pl.int_range(1, frame.height + 1),
    )  # fmt: skip
    return written.select(
        pl.col(c).cast(POLARS_TYPES[kind])
        if c in (*carried, "record_id", "file", "sheet", "row")
        else pl.lit(None, POLARS_TYPES[kind]).alias(c)
        for c, kind in DATASETS[dataset].table_schema().items()
    )
