"""Writes persons, links, findings, files, rejects, planted and traps as Parquet."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import polars as pl

from pipeline.contract import BUREAU, ROSTERS, SCHEMES, SECTORS
from pipeline.demo.layout import Plan
from pipeline.demo.model import County
from pipeline.demo.sheets import Account
from pipeline.demo.truth.care import care
from pipeline.demo.truth.ineligible import ineligible
from pipeline.demo.truth.missing import missing
from pipeline.demo.truth.payment import payment
from pipeline.demo.truth.view import FOUND, LEVELS, make_view

HARDNESS = ("exact", "repaired", "name_noise", "no_id")
_HARD_ID = {"exact": "exact_id", "wrong_id": "no_id"}


def write_truth(
    out: Path, c: County, tables: dict[str, pl.DataFrame], accounts: list[tuple[Plan, str, Account]]
) -> None:
    """`tables`: every dataset's kept rows with pid, noise, record_id; `accounts`: (file's plan, sheet, account)."""
    out.mkdir(parents=True)
    findings = all_findings(c, tables)
    people = persons(tables)
    for name, frame in (
        ("persons", people),
        ("links", links(people)),
        ("findings", findings),
        ("files", _files(accounts)),
        ("rejects", _rejects(accounts)),
        ("planted", pl.DataFrame([asdict(p) for p in c.planted], infer_schema_length=None)),
        ("traps", traps(c, people)),
    ):
        frame.write_parquet(out / f"{name}.parquet", compression="zstd")


def persons(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """dataset, record_id, pid, noise, broken (number mistyped), id_number (the true one), spouse_pid (marriages)."""
    parts = [
        t.select(
            pl.lit(name).alias("dataset"),
            "record_id",
            "pid",
            "noise",
            "broken",
            "id_number",
            (pl.col("spouse_pid") if name == "marriage" else pl.lit(None, pl.Int64)).alias("spouse_pid"),
        )
        for name, t in tables.items()
        if "noise" in t.columns
    ]
    return pl.concat(parts)


def links(people: pl.DataFrame) -> pl.DataFrame:
    """Every true pair of a roster row with a record of a sector, of a roster, or of the bureau's named rows."""
    rank = pl.col("noise").replace_strict(
        {"exact": 0, "repaired": 1, "name_noise": 2, "no_id": 3, "wrong_id": 3}, return_dtype=pl.Int8
    )
    ranked = people.select("dataset", "record_id", "pid", rank.alias("rank"), "broken")
    roster = ranked.filter(pl.col("dataset").is_in(ROSTERS)).rename(
        {"dataset": "roster", "record_id": "roster_record_id", "rank": "roster_rank", "broken": "roster_broken"}
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
    names = {0: "exact_id", 1: "repaired", 2: "name_noise", 3: "no_id"}
    # two mistyped numbers are two unequal numbers: neither mends the other
    worst = (
        pl.when(pl.col("broken") & pl.col("roster_broken")).then(3).otherwise(pl.max_horizontal("rank", "roster_rank"))
    )
    hard = worst.replace_strict(names, return_dtype=pl.String)
    return pairs.select(
        "roster_record_id", "dataset", "record_id", "pid", scope.alias("scope"), hard.alias("hard")
    ).sort("roster_record_id", "record_id")


def all_findings(c: County, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Findings with `link_hardness` (exact_id | repaired | harder), `holds` and `severity_sure`.

    `holds` = false marks what only a missed hard link would make an audit find: it counts neither way. A severity is
    sure where no hard link changes it (a `missing` lead is low where evidence stands beside).
    """
    by_level: dict[str, pl.DataFrame] = {}
    for level in LEVELS:
        view = make_view(level, c.month, c.figures, tables)
        by_level[level] = pl.concat([f for group in (ineligible, missing, payment, care) for f in group(view)])
    key = ["rule_id", "subject"]
    truth, lower = by_level["all"], ("exact", "repaired", "named")
    marked = truth
    for level in lower:
        marked = marked.join(by_level[level].select(*key, pl.col("severity").alias(level)), on=key, how="left")
    at = {level: pl.col(level).is_not_null() for level in lower}
    hardness = (
        pl.when(at["exact"] & at["repaired"] & at["named"]).then(pl.lit("exact_id"))
        .when(at["repaired"] & at["named"]).then(pl.lit("repaired")).otherwise(pl.lit("harder"))
    )  # fmt: skip
    agrees = pl.all_horizontal((pl.col(level) == pl.col("severity")).fill_null(True) for level in lower)
    sure = marked.with_columns(
        hardness.alias("link_hardness"), pl.lit(True).alias("holds"), agrees.alias("severity_sure")
    )
    would_be = pl.concat([by_level[level] for level in lower]).unique(key, maintain_order=True)
    would_be = would_be.join(truth.select(key), on=key, how="anti").with_columns(
        pl.lit("harder").alias("link_hardness"), pl.lit(False).alias("holds"), pl.lit(False).alias("severity_sure")
    )
    columns = [*FOUND, "link_hardness", "holds", "severity_sure"]
    out = pl.concat([sure.select(columns), would_be.select(columns)]).sort(key)
    return out.with_columns(
        pl.col("optional") | (pl.col("link_hardness") == "harder"),
        pl.when(pl.col("pids").list.len() == 1).then(pl.col("pids").list.first()).alias("pid"),
    )


def _files(accounts: list[tuple[Plan, str, Account]]) -> pl.DataFrame:
    rows = [(p.file, sheet, p.dataset, a.kept, a.rejected, a.skipped) for p, sheet, a in accounts]
    return pl.DataFrame(rows, orient="row", schema=["file", "sheet", "dataset", "kept", "rejected", "skipped"])


def _rejects(accounts: list[tuple[Plan, str, Account]]) -> pl.DataFrame:
    rows = [(p.file, sheet, row, column) for p, sheet, a in accounts for row, column in a.rejects]
    return pl.DataFrame(
        rows, orient="row", schema={"file": pl.String, "sheet": pl.String, "row": pl.Int64, "column": pl.String}
    )


def traps(c: County, people: pl.DataFrame) -> pl.DataFrame:
    """Pairs that must not link: a roster row and a record of the twin, or of the parent or child of the same name."""
    p = c.people
    alike: list[tuple[int, int, str]] = []
    for other, kind in ((p.twin_of, "twin"), (p.namesake_of, "namesake")):
        for pid in (other >= 0).nonzero()[0].tolist():
            alike += [(pid, int(other[pid]), kind), (int(other[pid]), pid, kind)]
    pairs = pl.DataFrame(alike, orient="row", schema={"pid": pl.Int64, "other": pl.Int64, "trap": pl.String})
    roster = people.filter(pl.col("dataset").is_in(SCHEMES)).select(
        "pid", pl.col("record_id").alias("roster_record_id")
    )
    records = people.filter(pl.col("dataset").is_in([*SECTORS, *SCHEMES])).select(
        pl.col("pid").alias("other"), "dataset", "record_id"
    )
    out = roster.join(pairs, on="pid").join(records, on="other")
    return out.select("roster_record_id", "dataset", "record_id", "trap").sort("roster_record_id", "record_id")
