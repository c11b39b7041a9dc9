"""Who every record is about, and every pair of records of one person with how hard it is to see."""

from __future__ import annotations

import polars as pl

from pipeline.contract import BUREAU, ROSTERS
from pipeline.demo import names
from pipeline.demo.model import County
from pipeline.demo.truth.enough import enough

_RANK = {"exact": 0, "repaired": 1, "name_noise": 2, "no_id": 3, "wrong_id": 3}
_HARD = {0: "exact_id", 1: "repaired", 2: "name_noise", 3: "no_id"}


def persons(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """A row a record: dataset, record_id, pid, noise, error, broken (number mistyped), id_number (the true one),
    number_pid (whose number it bears, where that is another person's), spouse_pid (marriages)."""
    parts = [
        t.select(
            pl.lit(name).alias("dataset"),
            *("record_id", "pid", "noise", "error", "broken", "id_number", "number_pid"),
            (pl.col("spouse_pid") if name == "marriage" else pl.lit(None, pl.Int64)).alias("spouse_pid"),
        )
        for name, t in tables.items()
        if "noise" in t.columns
    ]
    return pl.concat(parts)


def links(c: County, people: pl.DataFrame, written: pl.DataFrame) -> pl.DataFrame:
    """Every true pair of a roster row with a record of a sector, of a roster, or of the bureau's named rows.

    roster_record_id, dataset, record_id, pid; scope (sector | roster | temporary | bureau); hard: the coarse trouble
    of the worse side (exact_id | repaired | name_noise | no_id); enough: whether anybody could link it (see `enough`).
    """
    error = pl.col("error").str.split("+")
    ranked = people.select(
        "dataset", "record_id", "pid", "broken",
        pl.col("noise").replace_strict(_RANK, return_dtype=pl.Int8).alias("rank"),
        error.list.contains("renumbered").alias("earlier"),
        (error.list.set_intersection(list(names.KINDS)).list.len() > 0).alias("misspelt"),
    )  # fmt: skip
    roster = ranked.filter(pl.col("dataset").is_in(ROSTERS)).rename(
        {"dataset": "roster", "record_id": "roster_record_id"}
        | {k: f"roster_{k}" for k in ("rank", "broken", "earlier", "misspelt")}
    )
    pairs = roster.join(ranked, on="pid").filter(pl.col("record_id") != pl.col("roster_record_id"))
    both = pl.col("dataset").is_in(ROSTERS)
    at = {name: i for i, name in enumerate(ROSTERS)}
    left, right = (
        pl.col("roster").replace_strict(at, return_dtype=pl.Int8),
        pl.col("dataset").replace_strict(at, default=99, return_dtype=pl.Int8),
    )
    once = ~both | (left < right) | ((left == right) & (pl.col("roster_record_id") < pl.col("record_id")))
    pairs = pairs.filter(once)
    scope = (
        pl.when((pl.col("dataset") == "temporary") | (pl.col("roster") == "temporary")).then(pl.lit("temporary"))
        .when(both).then(pl.lit("roster")).when(pl.col("dataset").is_in(BUREAU)).then(pl.lit("bureau")).otherwise(pl.lit("sector"))
    )  # fmt: skip
    misspelt = (pl.col("misspelt") | pl.col("roster_misspelt")).cast(pl.Int8) * 2
    worst = (
        # two mistyped numbers are two unequal numbers: neither mends the other
        pl.when(pl.col("broken") & pl.col("roster_broken")).then(3)
        # two records under one earlier number
        .when(pl.col("earlier") & pl.col("roster_earlier")).then(misspelt)
        .otherwise(pl.max_horizontal("rank", "roster_rank"))
    )  # fmt: skip
    pairs = pairs.with_columns(
        scope.alias("scope"), worst.replace_strict(_HARD, return_dtype=pl.String).alias("hard")
    ).sort("roster_record_id", "record_id")
    fits = enough(c.people, pairs.filter(pl.col("hard") != "exact_id"), written)
    return pairs.join(fits, on=["roster_record_id", "record_id"], how="left", maintain_order="left").select(
        "roster_record_id", "dataset", "record_id", "pid", "scope", "hard", pl.col("enough").fill_null(True)
    )
