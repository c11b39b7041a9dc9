"""Writes persons, links, findings, files, rejects, planted, traps, gaps and planted_gaps as Parquet."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import polars as pl

from pipeline.demo.gaps.plant import PlantedGap
from pipeline.demo.layout import Plan
from pipeline.demo.model import County
from pipeline.demo.sheets import Account
from pipeline.demo.truth.care import care
from pipeline.demo.truth.gaps import gaps
from pipeline.demo.truth.ineligible import ineligible
from pipeline.demo.truth.links import links, persons
from pipeline.demo.truth.missing import missing
from pipeline.demo.truth.payment import payment
from pipeline.demo.truth.traps import traps
from pipeline.demo.truth.view import FOUND, LEVELS, make_view

_PLANTED_GAPS = dict.fromkeys(("rule_id", "kind", "variant", "scheme", "household_no", "item"), pl.String)


def write_truth(
    out: Path,
    c: County,
    tables: dict[str, pl.DataFrame],
    accounts: list[tuple[Plan, str, Account]],
    planted_gaps: list[PlantedGap],
) -> None:
    """`tables`: every dataset's kept rows with pid, noise, record_id; `accounts`: (file's plan, sheet, account)."""
    out.mkdir(parents=True)
    findings = all_findings(c, tables)
    people, written = persons(tables), _written(accounts)
    for name, frame in (
        ("persons", people),
        ("links", links(c, people, written)),
        ("findings", findings),
        ("files", _files(accounts)),
        ("rejects", _rejects(accounts)),
        ("planted", pl.DataFrame([asdict(p) for p in c.planted], infer_schema_length=None)),
        ("traps", traps(c, people)),
        ("gaps", gaps(c, tables, written)),
        ("planted_gaps", pl.DataFrame([asdict(p) for p in planted_gaps], schema=_PLANTED_GAPS)),
    ):
        frame.write_parquet(out / f"{name}.parquet", compression="zstd")


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


def _written(accounts: list[tuple[Plan, str, Account]]) -> pl.DataFrame:
    return pl.concat([a.written for _, _, a in accounts if a.written.width])


def _files(accounts: list[tuple[Plan, str, Account]]) -> pl.DataFrame:
    rows = [(p.file, sheet, p.dataset, a.kept, a.rejected, a.skipped) for p, sheet, a in accounts]
    return pl.DataFrame(rows, orient="row", schema=["file", "sheet", "dataset", "kept", "rejected", "skipped"])


def _rejects(accounts: list[tuple[Plan, str, Account]]) -> pl.DataFrame:
    rows = [(p.file, sheet, row, column) for p, sheet, a in accounts for row, column in a.rejects]
    return pl.DataFrame(
        rows, orient="row", schema={"file": pl.String, "sheet": pl.String, "row": pl.Int64, "column": pl.String}
    )
