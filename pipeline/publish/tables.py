"""The tables as files: findings, links and rejects in Parquet and CSV, and what was not run. Same rows, same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from pipeline import vault
from pipeline.engine.duck import DuckEngine
from pipeline.private import folder, owner_only, private
from pipeline.publish import scores
from pipeline.publish.publication import Publication

FINDINGS: tuple[str, ...] = (
    "fingerprint", "rule_id", "category", "severity", "confidence", "scheme", "town", "village", "household_no", "name",
    "id_number", "record_id", "screened", "evidence", "summary", "basis", "status", "first_month",
    # beside the contract's: how probable the weakest link is that the finding hangs on, and the yuan at stake
    "match_probability", "money",
    # why the status is what it is (pipeline/ledger/causes.toml); null: as it was the month before
    "cause",
)  # fmt: skip
LINKS: tuple[str, ...] = (
    "roster_record_id", "dataset", "record_id", "tier", "match_weight", "match_probability", "decision", "pattern",
)  # fmt: skip
REJECTS: tuple[str, ...] = ("file", "sheet", "row", "column", "raw", "reason")
NOT_RUN: tuple[str, ...] = ("id", "title", "category", "kind", "reason")

_FORMULA_LIKE = r"^[=+\-@\x00-\x1f\x7f]"


def load_not_run(engine: DuckEngine, entries: Iterable[Any]) -> None:
    """Make the table `not_run` from objects with id, title, category, kind and reason."""
    rows = [[str(getattr(entry, column)) for column in NOT_RUN] for entry in entries]
    engine.drop("not_run")
    engine.load("not_run", pl.DataFrame(rows, schema=dict.fromkeys(NOT_RUN, pl.String), orient="row"))


def write_tables(pub: Publication, out: Path) -> None:
    """Write `findings.parquet/.csv`, `links.parquet`, `rejects.parquet/.csv`, `not_run.csv`, `completeness.parquet`.

    The order of rows is fixed and total, so that the same audit gives the same bytes. In CSV a cell that a
    spreadsheet could take for a formula is written behind an apostrophe; Parquet keeps it as it is. Where a key is in
    use all but `not_run.csv` are sealed as they are written.
    """
    folder(out)
    findings = _sorted(pub, "findings", FINDINGS, ("rule_id", "scheme", "household_no", "record_id", "fingerprint"))
    links = _sorted(pub, "links", LINKS, ("roster_record_id", "dataset", "record_id"))
    rejects = _sorted(pub, "rejects", REJECTS, ("file", "sheet", "row", "column"))
    for name, content in {
        "findings.parquet": _parquet(findings), "findings.csv": _csv(findings), "links.parquet": _parquet(links),
        "rejects.parquet": _parquet(rejects), "rejects.csv": _csv(rejects),
        "completeness.parquet": _parquet(scores.table(pub)),
    }.items():  # fmt: skip
        vault.put(out / name, content)
    with private():
        (out / "not_run.csv").write_bytes(_csv(_sorted(pub, "not_run", NOT_RUN, ("kind", "id"))))
    owner_only(out / "not_run.csv")


def _sorted(pub: Publication, table: str, columns: tuple[str, ...], order: tuple[str, ...]) -> pl.DataFrame:
    # the remaining columns break ties: a sort that leaves two rows equal would leave their order to the threads
    keys = [*order, *(c for c in columns if c not in order)]
    body = ", ".join(f'"{c}"' for c in columns)
    by = ", ".join(f'"{c}" NULLS FIRST' for c in keys)
    return pub.engine.rows(f'SELECT {body} FROM "{table}" ORDER BY {by}')


def _parquet(frame: pl.DataFrame) -> bytes:
    made = io.BytesIO()
    frame.rechunk().write_parquet(made, compression="zstd", statistics=True, row_group_size=262_144)
    return made.getvalue()


def _csv(frame: pl.DataFrame) -> bytes:
    """UTF-8 with BOM, so that Excel opens it in Chinese."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    safe = frame.with_columns(
        pl.when(pl.col(c).str.contains(_FORMULA_LIKE)).then(pl.lit("'") + pl.col(c)).otherwise(pl.col(c)).alias(c)
        for c in texts
    )
    made = io.BytesIO()
    safe.write_csv(made, include_bom=True)
    return made.getvalue()
