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
    bare: float | None = None  # seconds of the bare libraries, where the job measures them itself


def figure(seconds: float, bare: float | None = None) -> str:
    """A job's figure as it stands now, for `job` to read from its last line."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return json.dumps({"seconds": seconds, "peak": (own + child) / 1024, "bare": bare})


def job(module: str, *args: str | Path) -> Figure:
    """Run `python -m bench.<module> ARGS…`, whose last line is its figure."""
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{module}", *map(str, args)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"bench.{module} failed:\n{done.stderr[-2000:]}")
    return Figure(**json.loads(done.stdout.strip().splitlines()[-1]))


def versus(name: str, ours: list[Figure], bare: list[float]) -> None:
    """Print the rounds and the median ratio of our seconds to those of the bare libraries, measured in turn."""
    for i, (a, b) in enumerate(zip(ours, bare, strict=True), 1):
        print(f"  round {i}: ours {a.seconds:6.2f} s, peak {a.peak:6.0f} MiB   bare {b:6.2f} s")
    ratio = statistics.median(a.seconds / b for a, b in zip(ours, bare, strict=True))
    print(f"{name}: ours takes {ratio:.2f} times the bare libraries' time (median of {len(ours)} rounds)")
