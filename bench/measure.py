"""Run one measured job in a process of its own: seconds as the job tells them, peak memory of it and its children."""

from __future__ import annotations

import json
import re
import resource
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Figure:
    """Seconds and peak resident memory (MiB: the largest process, and the sum with its largest child)."""

    seconds: float
    peak: float
    bare: float | None = None  # seconds of the bare libraries, where the job measures them itself


def figure(seconds: float, bare: float | None = None) -> str:
    """A job's figure as it stands now, for `job` to read from its last line."""
    return told(seconds=seconds, bare=bare)


def told(**figures: Any) -> str:
    """A job's figures and its peak memory as they stand now, for `run` to read from its last line."""
    own = _own_peak()
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return json.dumps({**figures, "peak": (own + child) / 1024})


def _own_peak() -> int:
    """This process's peak resident memory in KiB."""
    # getrusage's figure begins at what the parent had when it started this process; the kernel's own does not
    status = Path("/proc/self/status")
    if status.is_file():
        return int(re.findall(r"VmHWM:\s+(\d+)", status.read_text(encoding="utf-8"))[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def run(module: str, *args: str | Path, python: str | Path = sys.executable) -> dict[str, Any]:
    """Run `PYTHON -m bench.<module> ARGS…`, whose last line holds its figures."""
    command = [str(python), "-m", f"bench.{module}", *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"bench.{module} failed:\n{done.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def job(module: str, *args: str | Path) -> Figure:
    """`run` with this interpreter, for a job that tells a `figure`."""
    return Figure(**run(module, *args))


def versus(name: str, ours: list[Figure], bare: list[float]) -> None:
    """Print the rounds and the median ratio of our seconds to those of the bare libraries, measured in turn."""
    for i, (a, b) in enumerate(zip(ours, bare, strict=True), 1):
        print(f"  round {i}: ours {a.seconds:6.2f} s, peak {a.peak:6.0f} MiB   bare {b:6.2f} s")
    ratio = statistics.median(a.seconds / b for a, b in zip(ours, bare, strict=True))
    print(f"{name}: ours takes {ratio:.2f} times the bare libraries' time (median of {len(ours)} rounds)")
