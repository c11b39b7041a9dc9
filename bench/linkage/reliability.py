"""Whether probabilities mean what they say, over many counties: one county holds half a dozen uncertain judgements.

`python -m bench.linkage.reliability --people 200000 --seeds 3001 3002 [--keep DIR]`: each county is made, linked as in
an audit and judged by its own truth. `audit score` counts the judgements that touch a roster; here all of them count:
of two candidates alike in all that a record says one is on a roster rather oftener, and the rosters' half alone says
nothing of a probability. Uncertain persons for whom a trap was planted are told apart (`planted`): a county has some
hundred namesakes born on one day, where chance would bring a few, and no probability can know that. Judgements of all
counties are put together and shown tenth by tenth, with intervals. With --keep, those of each county stay there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

from bench.linkage.county import MONTH
from bench.measure import run
from pipeline.score.reliability import Tenth, tenths


def county(people: int, seed: int, month: str) -> pl.DataFrame:
    """The judgements of one county, which is made and removed again: see `true_of`."""
    with tempfile.TemporaryDirectory() as scratch:
        made, work = Path(scratch) / "county", Path(scratch) / "linked"
        wanted = ["--people", str(people), "--seed", str(seed), "--month", month, "--out", made]
        subprocess.run([Path(sys.executable).parent / "audit", "demo", *wanted], check=True, stdout=subprocess.DEVNULL)
        run("linkage.county_ours", made / "drop", work)
        truth = pl.read_parquet(made / "truth" / "persons.parquet").select("record_id", "pid")
        owners = pl.read_parquet(work / "owners.parquet").join(truth, on="record_id")
        judged = pl.read_parquet(work / "judged.parquet").drop_nulls("probability")
        traps = pl.read_parquet(made / "truth" / "traps.parquet")
        return true_of(judged, owners, traps).with_columns(seed=pl.lit(seed))


def true_of(judged: pl.DataFrame, owners: pl.DataFrame, traps: pl.DataFrame) -> pl.DataFrame:
    """A row for each uncertain person and each who it may be: probability, pattern, true, trap (its kind, or null).

    `judged`: left_person, right_person, probability, pattern. `owners`: record_id, own, pid; whoever's number
    several people's records stand under is the one most of them are about. `traps`: roster_record_id, record_id, trap.
    Candidates who are one and the same (a number and a misspelt one, each with records) share what is one answer: their
    probabilities are added.
    """
    counted = owners.group_by("own", "pid").len().sort("len", "pid", descending=[True, False])
    whose = counted.unique("own", keep="first", maintain_order=True).select("own", "pid")
    both = judged.join(whose, left_on="left_person", right_on="own").join(
        whose, left_on="right_person", right_on="own", suffix="_right"
    )
    answers = both.sort("probability", "pattern", descending=[True, False]).group_by(
        "left_person", "pid", "pid_right", maintain_order=True
    )
    found = answers.agg(pl.col("probability").sum().clip(0, 1), pl.col("pattern").first())
    pids = owners.select("record_id", "pid")
    two = pl.min_horizontal("pid", "pid_right").alias("a"), pl.max_horizontal("pid", "pid_right").alias("b")
    planted = traps.join(pids, left_on="roster_record_id", right_on="record_id").join(
        pids, on="record_id", suffix="_right"
    )
    planted = planted.select(*two, "trap").unique(["a", "b"], keep="first", maintain_order=True)
    asked = found.with_columns(*two).join(planted, on=["a", "b"], how="left")
    trap = pl.col("trap").drop_nulls().first().over("left_person")
    true = pl.col("pid") == pl.col("pid_right")
    return asked.select("probability", "pattern", true.alias("true"), trap.alias("trap"))


def text(table: list[Tenth]) -> str:
    """A line a tenth."""
    lines = ["tenth       judged  predicted  true share (95 %)         off      planted"]
    for t in table:
        low, high = t.true.low or 0.0, t.true.high or 0.0
        share = t.true.value or 0.0
        lines.append(
            f"{t.low:.1f} - {t.low + 0.1:.1f} {t.true.of:7,} {t.mean:10.4f}  {share:.4f} ({low:.3f} - {high:.3f}) "
            f"{t.deviation:+.4f} {t.planted:7,}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(3001, 3011)))
    parser.add_argument("--month", default=MONTH)
    parser.add_argument("--keep", type=Path, help="folder for the judgements of each county")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    parts = []
    for seed in options.seeds:
        kept = options.keep / f"{options.people}-{seed}-{options.month}.parquet" if options.keep else None
        if kept and kept.exists():
            parts.append(pl.read_parquet(kept))
            continue
        parts.append(county(options.people, seed, options.month))
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            parts[-1].write_parquet(kept)
    table = tenths(pl.concat(parts))
    print(f"{len(parts)} counties of {options.people:,} people")
    print(text(table))
    if options.json:
        options.json.write_text(json.dumps([t.as_dict() for t in table], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
