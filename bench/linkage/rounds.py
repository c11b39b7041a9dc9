"""The measured runs: floor, ours and Splink in turn on one population; growth; threads and row order."""

from __future__ import annotations

import hashlib
import json
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench.linkage.population import Size, make_population
from bench.linkage.score import Quality, Truth, by_kind, quality, reliability
from bench.measure import run

# Splink as it is compared, and with the household's other numbers as a column made for it (see README.md).
SPLINK: dict[str, dict[str, Any]] = {"Splink": {}, "Splink + household": {"members": True}}


@dataclass(frozen=True)
class Scored:
    """One way to link, and its quality over all pairs and over the hard ones."""

    name: str
    all: Quality
    hard: Quality

    def __str__(self) -> str:
        return f"  {self.name:34} all {self.all}\n  {'':34} hard {self.hard}"


def in_turn(folder: Path, scratch: Path, peer: str, rounds: int, *, household: bool) -> dict[str, list[dict[str, Any]]]:
    """Figures of floor, ours and Splink, `rounds` times each, by turns. Pairs of the last round stay in `scratch`."""
    variants = SPLINK if household else {"Splink": SPLINK["Splink"]}
    figures: dict[str, list[dict[str, Any]]] = {name: [] for name in ("floor", "ours", *variants)}
    for _ in range(rounds):
        figures["floor"].append(run("linkage.floor", folder))
        figures["ours"].append(run("linkage.ours", folder, scratch / "ours.parquet"))
        for name, config in variants.items():
            args = (folder, scratch / f"{name}.parquet", "--config", json.dumps(config))
            figures[name].append(run("linkage.splink_peer", *args, python=peer))
    return figures


def ratios(figures: dict[str, list[dict[str, Any]]]) -> dict[str, float]:
    """Medians over the rounds: speed against Splink and the floor, memory against Splink."""
    mine, floor, peer = figures["ours"], figures["floor"], figures["Splink"]

    def median(ratio: Callable[[dict[str, Any], dict[str, Any], dict[str, Any]], float]) -> float:
        return statistics.median(ratio(o, f, p) for o, f, p in zip(mine, floor, peer, strict=True))

    return {
        # theirs: training and predict alone; ours: preparation (identity) and linkage
        "splink_over_ours": median(lambda o, f, p: p["seconds"] / (o["identity"] + o["linkage"])),
        "splink_with_preparation_over_ours": median(lambda o, f, p: (p["prepare"] + p["seconds"]) / o["seconds"]),
        "ours_over_floor": median(lambda o, f, p: o["seconds"] / f["seconds"]),
        "memory_over_splink": median(lambda o, f, p: o["peak"] / p["peak"]),
    }


def scored(folder: Path, scratch: Path, names: Iterable[str]) -> tuple[list[Scored], dict[str, Any]]:
    """Quality of the last round's links, and for the report calibration and losses by kind of error."""
    truth = Truth.read(folder)
    out, more = [], {}

    def add(name: str, linked: pl.DataFrame) -> None:
        out.append(Scored(name, quality(truth, linked), quality(truth, linked, hard=True)))

    mine = pl.read_parquet(scratch / "ours.parquet")
    linked = mine.filter(pl.col("decision") == "link")
    add("ours", linked)
    more["ours"] = {
        "reliability": reliability(truth, mine.drop_nulls("p")),
        "by_kind": by_kind(truth, linked),
        "reviews": mine.filter(pl.col("decision") == "review").height,
    }
    for name in names:
        predicted = pl.read_parquet(scratch / f"{name}.parquet")
        add(f"{name}, p >= 0.5", predicted.filter(pl.col("p") >= 0.5))
        add(f"{name}, one-to-one", predicted.filter("single"))
        more[name] = {
            "reliability": reliability(truth, predicted),
            "by_kind": by_kind(truth, predicted.filter("single")),
        }
    return out, more


def growth(keep: Path, sizes: Iterable[Size], seed: int, carried: str) -> dict[str, Any]:
    """Ours on growing registers: seconds and peak of each, and the exponent of seconds over rows (log-log fit)."""
    rows = []
    for size in sizes:
        folder = make_population(keep / f"{carried}-{size.roster}-{size.sector}-{seed}", size, seed, carried)
        figures = run("linkage.ours", folder, keep / "growth.parquet")
        rows.append({"sector": size.sector, **figures})
        print(f"  {size.sector:>10,} rows: {figures['seconds']:7.1f} s, {figures['peak']:6.0f} MiB", flush=True)
    x = np.log([r["sector"] for r in rows])
    parts = ("seconds", "identity", "linkage", "peak")
    exponents = {part: float(np.polyfit(x, np.log([r[part] for r in rows]), 1)[0]) for part in parts}
    print("  exponent: " + ", ".join(f"{part} {value:.2f}" for part, value in exponents.items()))
    return {"rows": rows, "exponent": exponents}


def same_links(folder: Path, scratch: Path) -> dict[str, bool]:
    """Whether links are the same bytes on 1, 2 and 4 threads, and with the rows in another order."""

    def digest(name: str, *args: str) -> str:
        out = scratch / f"{name}.parquet"
        run("linkage.ours", folder, out, *args)
        return hashlib.sha256(pl.read_parquet(out).write_csv().encode()).hexdigest()

    base = digest("threads1", "--threads", "1")
    return {
        "2 threads": digest("threads2", "--threads", "2") == base,
        "4 threads": digest("threads4", "--threads", "4") == base,
        "rows shuffled": digest("shuffled", "--shuffle", "1", "--threads", "2") == base,
        "rows shuffled otherwise": digest("shuffled2", "--shuffle", "2", "--threads", "4") == base,
    }
