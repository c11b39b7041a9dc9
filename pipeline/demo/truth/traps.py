"""Pairs of records of two people that tempt a linkage and must not be linked."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipeline.contract import SCHEMES, SECTORS
from pipeline.demo.model import County


def traps(c: County, people: pl.DataFrame) -> pl.DataFrame:
    """roster_record_id, dataset, record_id, trap: a roster row beside a record of somebody like that person.

    trap: twin, twin_by_ear (their names sound alike), namesake (father and son of one name), sibling (names one
    character apart), homonym_other_town and homonym_same_town (one name and birth date), others_number (the record
    bears the roster person's number).
    """
    pairs = pl.DataFrame(_alike(c), orient="row", schema={"pid": pl.Int64, "other": pl.Int64, "trap": pl.String})
    pairs = pl.concat([pairs, pairs.select(pl.col("other").alias("pid"), pl.col("pid").alias("other"), "trap")])
    pairs = pairs.unique(["pid", "other"], keep="first", maintain_order=True)
    roster = people.filter(pl.col("dataset").is_in(SCHEMES)).select(
        "pid", pl.col("record_id").alias("roster_record_id")
    )
    records = people.filter(pl.col("dataset").is_in([*SECTORS, *SCHEMES]))
    alike = roster.join(pairs, on="pid").join(
        records.select(pl.col("pid").alias("other"), "dataset", "record_id"), on="other"
    )
    borne = roster.join(
        records.filter(pl.col("number_pid").is_not_null()).select("dataset", "record_id", pid="number_pid"), on="pid"
    ).with_columns(pl.lit("others_number").alias("trap"))
    columns = ["roster_record_id", "dataset", "record_id", "trap"]
    out = pl.concat([borne.select(columns), alike.select(columns)])
    # a pair of two rosters stands in it both ways round
    ends = (
        pl.min_horizontal("roster_record_id", "record_id").alias("a"),
        pl.max_horizontal("roster_record_id", "record_id").alias("b"),
    )
    return out.with_columns(ends).unique(["a", "b"], keep="first", maintain_order=True).drop("a", "b").sort(columns)


def _alike(c: County) -> list[tuple[int, int, str]]:
    """Pairs of pids, the planted kinds first, since a pair is named once."""
    p = c.people
    out = [k for k in c.likenesses if k[2] != "sibling"]
    for other, kind in ((p.twin_of, "twin"), (p.namesake_of, "namesake")):
        out += [(pid, int(other[pid]), kind) for pid in np.flatnonzero(other >= 0).tolist()]
    for cases in c.cases.values():
        for case in cases:
            children = [pid for pid in case.pids if p.role[pid] in "CAG"]
            out += [(a, b, "sibling") for a in children for b in children if a < b and _one_apart(p.name[a], p.name[b])]
    return out


def _one_apart(first: str, second: str) -> bool:
    return len(first) == len(second) and sum(a != b for a, b in zip(first, second, strict=True)) == 1
