"""`python -m bench.parity DROP MONTH [--keep DIR] [--spark-conf FILE]`: a drop audited on DuckDB alone and with Spark.

What comes out is compared row for row: findings, links, rejects, completeness, and the tables in text byte for byte.
Seconds are told of the whole run and of the stages that run on either engine, Spark's start among them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl

from bench.measure import ROOT

TABLES = ("findings", "links", "rejects", "completeness")
TEXTS = ("findings.csv", "not_run.csv")
_STAGES = ("start", "identity", "linkage", "findings")


def audit(drop: Path, month: str, out: Path, *more: str) -> float:
    """Seconds of `audit run` in a process of its own. SystemExit with its words where it fails."""
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "run"]
    command += ["--drop", str(drop), "--month", month, "--out", str(out), *more]
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"audit run {' '.join(more)} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - begun


def counted(ours: pl.DataFrame, theirs: pl.DataFrame) -> tuple[int, int, int]:
    """Rows that both have, only the first has, only the second has; a row that stands twice counts twice."""
    if ours.schema != theirs.schema:
        raise SystemExit(f"columns differ: {ours.schema} and {theirs.schema}")
    n = [f.group_by(f.columns).agg(pl.len().alias("_n")) for f in (ours, theirs)]
    both = n[0].join(n[1], on=ours.columns, nulls_equal=True)
    shared = int(both.select(pl.min_horizontal("_n", "_n_right").sum()).item() or 0)
    return shared, ours.height - shared, theirs.height - shared


def compare(ours: Path, theirs: Path) -> dict[str, Any]:
    """What two runs of one drop left beside each other: (both, only ours, only theirs) a table; equal a text."""
    read = {t: [pl.read_parquet(folder / f"{t}.parquet") for folder in (ours, theirs)] for t in TABLES}
    tables: dict[str, Any] = {t: counted(a, b) for t, (a, b) in read.items()}
    return tables | {t: (ours / t).read_bytes() == (theirs / t).read_bytes() for t in TEXTS}


def stages(folder: Path) -> dict[str, float]:
    """Seconds of the stages that either engine may run."""
    told = json.loads((folder / "run.json").read_text(encoding="utf-8"))["stages"]
    return {s["stage"]: s["seconds"] for s in told if s["stage"] in _STAGES}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("drop", type=Path)
    parser.add_argument("month")
    parser.add_argument("--keep", type=Path, help="folder for what comes out; what stands there is compared anew")
    parser.add_argument("--spark-conf", type=Path)
    options = parser.parse_args()
    conf = ("--spark-conf", str(options.spark_conf)) if options.spark_conf else ()
    with tempfile.TemporaryDirectory() as scratch:
        keep = options.keep or Path(scratch)
        for engine, more in (("duckdb", ()), ("spark", ("--engine", "spark", *conf))):
            folder = keep / engine / options.month
            if not folder.exists():
                seconds = audit(options.drop, options.month, keep / engine, *more)
                print(f"{engine}: the whole run {seconds:.1f} s", flush=True)
            told = stages(folder)
            named = ", ".join(f"{s} {t:.1f}" for s, t in told.items())
            print(f"{engine}: {named}: together {sum(told.values()):.1f} s", flush=True)
        result = compare(keep / "duckdb" / options.month, keep / "spark" / options.month)
    for name, told in result.items():
        if isinstance(told, bool):
            print(f"{name}: {'the same bytes' if told else 'DIFFERS'}")
        else:
            print(f"{name}: {told[0]:,} rows on both, {told[1]:,} on DuckDB only, {told[2]:,} on Spark only")
    if any(told is False or (not isinstance(told, bool) and any(told[1:])) for told in result.values()):
        raise SystemExit("the engines differ")


if __name__ == "__main__":
    main()
