"""`python -m bench [--people N] [--rounds R] [--keep DIR]`: comparisons with bare libraries on a demonstration county.

Linkage has a bench of its own, `python -m bench.linkage`: it needs a peer that is no dependency of the project.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import Figure, job, versus
from bench.rules import growth

MONTH = "2022-10"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder for the county, made there once")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = options.keep or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        county = work / f"demo-{options.people}"
        if not (county / "drop").exists():
            _audit("demo", "--people", str(options.people), "--month", MONTH, "--out", str(county))
        rounds = range(options.rounds)

        print(f"start of `audit --help`: {_startup():.2f} s (median of 5)")

        ours: list[Figure] = []
        bare: list[float] = []
        for _ in rounds:
            bare.append(job("bare_ingest", county / "drop").seconds)
            ours.append(job("ingest", county / "drop"))
        versus("ingest", ours, bare)

        ours = [job("findings", county / "drop", MONTH) for _ in rounds]
        versus("typed tables to findings.parquet", ours, [f.bare or 0 for f in ours])

        growth([options.people], options.rounds, work)

        books = job("workbooks", county / "drop", MONTH, "50000")
        print(f"town workbooks of 50,000 findings: {books.seconds:.1f} s, {books.peak:.0f} MiB")

        begun = time.perf_counter()
        whole = job("whole", county / "drop", MONTH)
        print(f"whole audit: {whole.seconds:.1f} s ({time.perf_counter() - begun:.1f} s), {whole.peak:.0f} MiB")


def _audit(*args: str) -> None:
    subprocess.run([Path(sys.executable).parent / "audit", *args], check=True, stdout=subprocess.DEVNULL)


def _startup() -> float:
    seconds = []
    for _ in range(5):
        begun = time.perf_counter()
        _audit("--help")
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
