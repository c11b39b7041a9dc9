"""Identity, linkage and rules over more and more counties, with a limit of memory, beside bare scans and hash joins.

`python -m bench.province --keep DIR [--counties 1 5 25] [--memory-limit 4GiB]`: makes what is missing in DIR (25
counties: 53,900,000 rows, 2 GB) and measures each number of counties in a process of its own (see `once`). With
`--spark` each is measured on Spark as well, and told beside.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.measure import run
from bench.province.counties import make_counties
from bench.province.once import KEPT


def tell(figures: dict[str, Any]) -> None:
    """One size's figures, a line a step."""
    print(
        f"{figures['sectors']:,} rows of departments, {figures['roster']:,} of rosters "
        f"({figures['persons']:,} persons), {figures['rules']} rules: {figures['links']:,} links, "
        f"{figures['findings']:,} findings"
    )
    for name, step in figures["steps"].items():
        print(
            f"  {name:9} {step['seconds']:8.1f} s ({step['cpu']:.1f} s of processor), peak {step['peak']:,.0f} MiB, "
            f"spill {step['spill']:,.0f} MiB, written {step['written']:,.0f} MiB"
        )
    if (bare := figures["steps"].get("bare")) is None:
        return
    print(
        f"  ours {figures['ours']:.1f} s: {figures['ours'] / bare['seconds']:.2f} times bare scans and joins, "
        f"{worked(figures) / bare['cpu']:.2f} times by processor; peak {figures['peak_of_all']:,} MiB",
        flush=True,
    )


def worked(figures: dict[str, Any]) -> float:
    """Seconds of processor of what is ours, Spark's start among them."""
    return sum(float(step["cpu"]) for name, step in figures["steps"].items() if name not in ("load", "bare"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counties", type=int, nargs="+", default=[1, 5, 25])
    parser.add_argument("--memory-limit", default="4GiB")
    parser.add_argument("--kept", choices=KEPT, default="sealed", help="where the tables are")
    parser.add_argument("--keep", type=Path, help="folder for the counties, made there once")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--spark", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        data = options.keep or Path(scratch)
        make_counties(data, max(options.counties), options.seed)
        more = ("--kept", options.kept)
        done = []
        for n in options.counties:
            done.append(run("province.once", data, str(n), "--memory-limit", options.memory_limit, *more))
            tell(done[-1])
            if options.spark:
                on_spark = ("--engine", "spark", "--without-bare")
                tell(
                    other := run(
                        "province.once", data, str(n), "--memory-limit", options.memory_limit, *more, *on_spark
                    )
                )
                same = all(other[k] == done[-1][k] for k in ("links", "findings", "persons"))
                print(
                    f"  Spark {other['ours'] / done[-1]['ours']:.1f} times DuckDB by the clock, "
                    f"{worked(other) / worked(done[-1]):.1f} by processor; {'as' if same else 'NOT as'} many rows",
                    flush=True,
                )
    for few, many in pairwise(done):
        by = many["sectors"] / few["sectors"]
        print(
            f"from {few['sectors']:,} to {many['sectors']:,} rows: exponent "
            f"{math.log(many['ours'] / few['ours'], by):.2f} by the clock, "
            f"{math.log(worked(many) / worked(few), by):.2f} by processor"
        )


if __name__ == "__main__":
    main()
