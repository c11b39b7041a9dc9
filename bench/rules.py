"""All rules over typed and linked tables: beside bare hash joins, and how time and memory grow with the county.

    python -m bench.rules growth [--people 200000 2000000] [--rounds 3] [--keep DIR] [--memory-limit 3GiB]
    python -m bench.rules prepare DROP MONTH FILE      typed and linked tables, as a run has them before its rules
    python -m bench.rules once FILE MONTH [--memory-limit L]    one measured pass of rules, beside the joins

Ours: the shared tables, every rule, and its rows made into findings. Bare: every sector's table hash-joined with every
roster on the ID number, once. Each measurement is a process of its own with the tables in memory, as in a run.
"""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.findings import joins
from bench.measure import run, told
from pipeline.contract import DATASETS
from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import macros
from pipeline.findings import examine, load_rules
from pipeline.policy import pack_for

MONTH = "2022-10"


def prepare(drop: Path, file: Path) -> None:
    """Ingest, identity and linkage of a drop, kept as a database file."""
    from pipeline.identity import make_comparable
    from pipeline.ingest import ingest
    from pipeline.linkage import link

    with tempfile.TemporaryDirectory() as scratch:
        engine = DuckEngine(file, scratch=Path(scratch) / "spill")
        report = ingest(drop, engine, scratch=Path(scratch))
        make_comparable(engine, report.present)
        link(engine, report.present)
        engine.close()


def once(file: Path, month: str, memory: str | None = None) -> str:
    """One pass: seconds of the rules and of the joins, rows that came in, findings, peak memory."""
    policy = pack_for(month)
    rules = load_rules(policy.names)
    with tempfile.TemporaryDirectory() as scratch:
        engine = DuckEngine(scratch=Path(scratch) / "spill", memory_limit=memory, folders=(file.parent,))
        quoted = str(file).replace("'", "''")
        engine.con.execute(f"ATTACH '{quoted}' AS county (READ_ONLY)")
        engine.con.execute("COPY FROM DATABASE county TO memory")
        engine.con.execute("DETACH county")
        engine.con.execute(macros("duckdb"))
        counts = {d: engine.count(d) for d in DATASETS}
        worked = time.process_time()
        bare = joins(engine)
        worked, begun = time.process_time() - worked, time.perf_counter()
        cpu = time.process_time()
        examine(engine, rules, month, policy, {d for d, n in counts.items() if n})
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
        found = engine.count("finding_rows")
        engine.close()
    return told(
        seconds=seconds,
        bare=bare,
        cpu=cpu,
        bare_cpu=worked,
        rules=len(rules),
        rows=sum(counts.values()),
        findings=found,
    )


def growth(people: list[int], rounds: int, work: Path, memory: str | None = None) -> None:
    """Measure each size `rounds` times and print ratios, the exponent of growth, and peak memory.

    `memory`: what the database may take; the rest spills. Without it, everything stands in memory.
    """
    limit = ("--memory-limit", memory) if memory else ()
    medians: list[tuple[int, float]] = []
    for size in people:
        file = _county(size, work)
        passes: list[dict[str, Any]] = [run("rules", "once", file, MONTH, *limit) for _ in range(rounds)]
        for p in passes:
            print(
                f"  {size:,} people: rules {p['seconds']:6.2f} s ({p['cpu']:.2f} s of processor), "
                f"joins {p['bare']:6.2f} s ({p['bare_cpu']:.2f} s), peak {p['peak']:6.0f} MiB"
            )
        first = passes[0]
        ratio = statistics.median(p["seconds"] / p["bare"] for p in passes)
        medians.append((size, statistics.median(p["seconds"] for p in passes)))
        print(
            f"{first['rules']} rules over {first['rows']:,} rows of {size:,} people, {first['findings']:,} findings: "
            f"{ratio:.2f} times one pass of bare joins (median of {rounds}), "
            f"peak {max(p['peak'] for p in passes):.0f} MiB"
        )
    for (few, less), (many, more) in pairwise(medians):
        print(f"from {few:,} to {many:,} people: time grows with exponent {math.log(more / less, many / few):.2f}")


def _county(people: int, work: Path) -> Path:
    """The tables of a demonstration county of this size, made once in `work`."""
    file = work / f"linked-{people}.duckdb"
    if not file.exists():
        county = work / f"demo-{people}"
        if not (county / "drop").exists():
            arguments = ["demo", "--people", str(people), "--month", MONTH, "--out", str(county)]
            subprocess.run(
                [sys.executable, "-c", "from pipeline.cli import main; main()", *arguments],
                check=True,
                stdout=subprocess.DEVNULL,
            )
        subprocess.run([sys.executable, "-m", "bench.rules", "prepare", county / "drop", MONTH, file], check=True)
    return file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    jobs = parser.add_subparsers(dest="job", required=True)
    grow = jobs.add_parser("growth")
    grow.add_argument("--people", type=int, nargs="+", default=[200_000, 2_000_000])
    grow.add_argument("--rounds", type=int, default=3)
    grow.add_argument("--keep", type=Path, help="folder for the counties, made there once")
    grow.add_argument("--memory-limit", help="what the database may take")
    for name, first, last in (("prepare", "drop", "file"), ("once", "file", None)):
        job = jobs.add_parser(name)
        job.add_argument(first, type=Path)
        job.add_argument("month")
        if last:
            job.add_argument(last, type=Path)
        else:
            job.add_argument("--memory-limit")
    options = parser.parse_args()
    if options.job == "prepare":
        prepare(options.drop, options.file)
    elif options.job == "once":
        print(once(options.file, options.month, options.memory_limit))
    else:
        with tempfile.TemporaryDirectory() as scratch:
            work = options.keep or Path(scratch)
            work.mkdir(parents=True, exist_ok=True)
            growth(options.people, options.rounds, work, options.memory_limit)


if __name__ == "__main__":
    main()
