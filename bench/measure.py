"""Run one measured job in a process of its own: seconds as the job tells them, peak memory of it and its children."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """Seconds and peak resident memory (MiB: the largest process, and the sum with its largest child)."""

    seconds: float
    peak: float


def report(seconds: float) -> None:
    """Called at the end of a job: print its figure for `job` to read."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"seconds": seconds, "peak": (own + child) / 1024}))


def job(module: str, *args: str | Path) -> Figure:
    """Run `python -m bench.<module> ARGS…`, whose last line is its figure."""
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{module}", *map(str, args)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"bench.{module} failed:\n{done.stderr[-2000:]}")
    return Figure(**json.loads(done.stdout.strip().splitlines()[-1]))


def versus(name: str, ours: list[Figure], bare: list[Figure]) -> None:
    """Print the rounds and the median ratio of two jobs that ran in turn."""
    for i, (a, b) in enumerate(zip(ours, bare, strict=True), 1):
        print(f"  round {i}: ours {a.seconds:6.2f} s {a.peak:6.0f} MiB   bare {b.seconds:6.2f} s {b.peak:6.0f} MiB")
    ratio = statistics.median(a.seconds / b.seconds for a, b in zip(ours, bare, strict=True))
    print(f"{name}: ours takes {ratio:.2f} times the bare libraries' time (median of {len(ours)} rounds)")
