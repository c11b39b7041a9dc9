"""`python -m bench.linkage.tune --peer PYTHON`: Splink's settings tried one after another.

Printed is each one's F1 on the hard pairs. The population is smaller than the bench's, and another (seed 11); what
wins here is `Config`'s default.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from bench.linkage.population import CARRIED, Size, make_population
from bench.linkage.score import Truth, best_threshold, quality
from bench.measure import run

VARIANTS: tuple[dict[str, Any], ...] = (
    {},
    {"tf_sound": False},
    {"tf": 0.0, "tf_sound": False},
    {"tf": 0.5},
    {"tf_surname": True},
    {"two_valid": False},
    {"two_off": True},
    {"one_other": True},
    {"address": False},
    {"u_id": 1e-7},
    {"max_pairs": 1e7},
    {"em_third": True},
    {"recall": 0.95},
    {"blocking": "small"},
    {"blocking": "wide_phone"},
    {"members": True},
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", required=True, help="interpreter with Splink")
    parser.add_argument("--roster", type=int, default=50_000)
    parser.add_argument("--sector", type=int, default=500_000)
    parser.add_argument("--carried", choices=list(CARRIED), default="register")
    parser.add_argument("--keep", type=Path, help="folder for the population, made there once")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (options.keep or Path(scratch)) / f"tune-{options.carried}-{options.roster}-{options.sector}"
        make_population(folder, Size(options.roster, options.sector), 11, options.carried)
        truth = Truth.read(folder)
        print("F1 on the hard pairs: p >= .5 | one-to-one, p >= .5 | best threshold | seconds of training and predict")
        for variant in VARIANTS:
            pairs = Path(scratch) / "pairs.parquet"
            told = run("linkage.splink_peer", folder, pairs, "--config", json.dumps(variant), python=options.peer)
            predicted = pl.read_parquet(pairs)
            half = quality(truth, predicted.filter(pl.col("p") >= 0.5), hard=True)
            single = quality(truth, predicted.filter("single"), hard=True)
            at, best = best_threshold(truth, predicted)
            print(
                f"{half.f1:.4f} | {single.f1:.4f} (P {single.precision:.4f} R {single.recall:.4f}) | "
                f"{best.f1:.4f} at {at:.3f} | {told['seconds']:.1f} s  {variant}",
                flush=True,
            )


if __name__ == "__main__":
    main()
