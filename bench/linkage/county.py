"""Our linkage beside Splink's on whole demonstration counties: all rosters against all other files, as they come.

`python -m bench.linkage.county --people 20000 --seeds 101 102 103 --peer PYTHON`. Unlike the bench's population, most
files here carry little more than a name and a number, and a person stands in many of them. Scored are pairs of a roster
row with a record of another department (or of the bureau), over all and over the hard ones, by the county's own truth.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from bench.linkage.peer import interpreter
from bench.linkage.score import Quality
from bench.measure import run
from pipeline.contract import ROSTERS

MONTH = "2022-10"
_PAIR = ["roster_record_id", "record_id"]


def judged(truth: Path, linked: pl.DataFrame) -> dict[str, Quality]:
    """Quality of linked pairs (roster_record_id, record_id): all, hard, and hard ones that carry enough to be linked.

    Links that join two people count as hard where either record is not clean.
    """
    wanted = pl.read_parquet(truth / "links.parquet").filter(~pl.col("dataset").is_in(ROSTERS))
    persons = pl.read_parquet(truth / "persons.parquet").select("record_id", "pid", clean=pl.col("noise") == "exact")
    linked = linked.select(_PAIR).unique().join(persons, on="record_id")
    linked = linked.join(persons, left_on="roster_record_id", right_on="record_id", suffix="_roster")
    false = linked.filter(pl.col("pid") != pl.col("pid_roster"))
    hard_false = false.filter(~(pl.col("clean") & pl.col("clean_roster"))).height
    found = wanted.join(linked.select(_PAIR), on=_PAIR, how="semi")

    def counted(which: pl.Expr, n_false: int) -> Quality:
        n = found.filter(which).height
        return Quality(n, n_false, wanted.filter(which).height - n)

    hard = pl.col("hard") != "exact_id"
    enough = pl.col("enough") if "enough" in wanted.columns else pl.lit(True)
    return {
        "all": counted(pl.lit(True), false.height),
        "hard": counted(hard, hard_false),
        "hard, enough": counted(hard & enough, hard_false),
    }


def compare(people: int, seed: int, keep: Path, peer: str) -> dict[str, Any]:
    """One county: made unless it is there, linked by both, scored and printed."""
    county, work = keep / f"county-{people}-{seed}", keep / f"county-{people}-{seed}-linked"
    audit = Path(sys.executable).parent / "audit"
    command: list[Any] = [
        audit,
        "demo",
        "--people",
        str(people),
        "--seed",
        str(seed),
        "--month",
        MONTH,
        "--out",
        county,
    ]
    if not county.exists():
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    ours = run("linkage.county_ours", county / "drop", work)
    config = json.dumps({"case": True})
    splink = run("linkage.splink_peer", work, work / "splink.parquet", "--config", config, python=peer)
    mine = pl.read_parquet(work / "links.parquet").filter(~pl.col("dataset").is_in(ROSTERS))
    predicted = pl.read_parquet(work / "splink.parquet")
    linked = {"ours": mine.filter(pl.col("decision") == "link")}
    for at in (0.5, 0.9, 0.99):
        linked[f"Splink, p >= {at}"] = predicted.filter(pl.col("p") >= at)
    print(f"county of {people:,}, seed {seed}: ours {ours['seconds']:.1f} s, Splink {splink['seconds']:.1f} s")
    qualities = {name: judged(county / "truth", pairs) for name, pairs in linked.items()}
    for name, parts in qualities.items():
        for part, quality in parts.items():
            print(f"  {name:18} {part:13} {quality}")
    plain = {name: {part: q.as_dict() for part, q in parts.items()} for name, parts in qualities.items()}
    return {"people": people, "seed": seed, "ours": ours, "splink": splink, "quality": plain}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102, 103])
    parser.add_argument("--peer", help="interpreter with Splink 5 (see bench/linkage/peer.py)")
    parser.add_argument("--keep", type=Path, help="folder for the counties, made there once")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        keep = options.keep or Path(scratch)
        keep.mkdir(parents=True, exist_ok=True)
        results = [compare(options.people, s, keep, interpreter(options.peer)) for s in options.seeds]
    if options.json:
        options.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
