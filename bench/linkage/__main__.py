"""`python -m bench.linkage [--people small|full] [--rounds N] [--peer PYTHON]`: linkage beside its peers."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from bench.linkage import febrl
from bench.linkage.peer import interpreter
from bench.linkage.population import CARRIED, SIZES, Size, make_population
from bench.linkage.rounds import growth, in_turn, ratios, same_links, scored
from bench.linkage.score import Truth, quality
from bench.measure import run

PARTS = ("compare", "recordlinkage", "febrl", "same", "growth")
_STEPS = ("load", "identity", "linkage", "prepare", "train", "predict", "one_to_one")
_GROWN = {"small": (20_000, 200_000), "full": (200_000, 2_000_000, 20_000_000)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", choices=list(SIZES), default="small")
    parser.add_argument("--carried", choices=list(CARRIED), default="register", help="the register's person columns")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--peer", help="interpreter with Splink 5 (see bench/linkage/peer.py)")
    parser.add_argument("--household", action="store_true", help="also Splink with the household's other numbers")
    parser.add_argument("--keep", type=Path, help="folder for the populations, made there once")
    parser.add_argument("--json", type=Path, help="file for all figures")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=["compare", "recordlinkage", "febrl", "same"])
    options = parser.parse_args()
    report: dict[str, Any] = {k: str(v) for k, v in vars(options).items()}
    with tempfile.TemporaryDirectory() as scratch:
        keep = options.keep or Path(scratch)
        for part in options.parts:
            report[part] = _RUN[part](options, keep, Path(scratch))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")


def _population(options: argparse.Namespace, keep: Path, size: Size) -> Path:
    name = f"{options.carried}-{size.roster}-{size.sector}-{options.seed}"
    return make_population(keep / name, size, options.seed, options.carried)


def _compare(options: argparse.Namespace, keep: Path, scratch: Path) -> dict[str, Any]:
    size = SIZES[options.people]
    folder = _population(options, keep, size)
    peer = interpreter(options.peer)
    figures = in_turn(folder, scratch, peer, options.rounds, household=options.household)
    print(f"roster {size.roster:,} x register {size.sector:,} ({options.carried}), {options.rounds} rounds in turn")
    for name, rounds in figures.items():
        for i, f in enumerate(rounds, 1):
            steps = ", ".join(f"{k} {f[k]:.1f}" for k in _STEPS if k in f)
            print(f"  {name:20} round {i}: {f['seconds']:6.2f} s, {f['peak']:6.0f} MiB  {steps}")
    medians = ratios(figures)
    print(f"  Splink's training and predict take {medians['splink_over_ours']:.1f} times our preparation and linkage;")
    print(f"  with preparation and loading on both sides {medians['splink_with_preparation_over_ours']:.1f} times")
    print(f"  ours, loading included, takes {medians['ours_over_floor']:.2f} times the bare floor")
    print(f"  our peak memory is {medians['memory_over_splink']:.0%} of Splink's")
    lines, more = scored(folder, scratch, [n for n in figures if n.startswith("Splink")])
    for line in lines:
        print(line)
    _print_kinds(more)
    _print_reliability(more)
    qualities = {s.name: {"all": s.all.as_dict(), "hard": s.hard.as_dict()} for s in lines}
    return {"figures": figures, "ratios": medians, "quality": qualities, **more}


def _print_kinds(more: dict[str, Any]) -> None:
    print("  hard pairs lost, and false links, by what was done to either record (the worst of each)")
    for name, m in more.items():
        worst = [f"{r['kind']} {r['lost']}/{r['pairs']} lost {r['false']} false" for r in m["by_kind"][:8]]
        print(f"    {name}: " + "; ".join(worst))


def _print_reliability(more: dict[str, Any]) -> None:
    print("  reliability: predicted and true share in each tenth of probability (pairs)")
    for name, m in more.items():
        cells = [f"{r['predicted']:.2f}/{r['true']:.2f} ({r['n']:,})" for r in m["reliability"]]
        print(f"    {name}: " + "  ".join(cells))


def _recordlinkage(options: argparse.Namespace, keep: Path, scratch: Path) -> dict[str, Any]:
    folder = _population(options, keep, SIZES["tiny"])
    out = scratch / "recordlinkage.parquet"
    figures = run("linkage.recordlinkage_peer", folder, out)
    found = quality(Truth.read(folder), pl.read_parquet(out).filter(pl.col("p") >= 0.5), hard=True)
    print(f"recordlinkage, 5,000 x 20,000: {figures['seconds']:.1f} s, {figures['peak']:.0f} MiB, hard pairs {found}")
    return {**figures, "hard": found.as_dict()}


def _febrl(options: argparse.Namespace, keep: Path, scratch: Path) -> dict[str, Any]:
    return febrl.compare(interpreter(options.peer), options.rounds)


def _same(options: argparse.Namespace, keep: Path, scratch: Path) -> dict[str, bool]:
    same = same_links(_population(options, keep, SIZES["small"]), scratch)
    print("same links as on 1 thread: " + ", ".join(f"{k} {'yes' if v else 'NO'}" for k, v in same.items()))
    return same


def _growth(options: argparse.Namespace, keep: Path, scratch: Path) -> dict[str, Any]:
    roster = SIZES[options.people].roster
    print(f"growth, roster {roster:,}:")
    return growth(keep, [Size(roster, n) for n in _GROWN[options.people]], options.seed, options.carried)


_RUN = {"compare": _compare, "recordlinkage": _recordlinkage, "febrl": _febrl, "same": _same, "growth": _growth}


if __name__ == "__main__":
    main()
