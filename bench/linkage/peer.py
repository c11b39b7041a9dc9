"""The peer's environment: an interpreter with Splink 5, apart from the project's own, made on demand.

Given by `--peer` or the environment variable BENCH_PEER; otherwise `.venv-bench` in the project's folder, which
`python -m bench.linkage.peer` makes (or brings up to date) from `bench/requirements.txt`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bench.measure import ROOT

HOME = ROOT / ".venv-bench"
_REQUIREMENTS = ROOT / "bench" / "requirements.txt"


def interpreter(given: str | None = None) -> str:
    """The peer's Python: the one given, else BENCH_PEER, else `.venv-bench` (made when it is not there yet)."""
    if chosen := given or os.environ.get("BENCH_PEER"):
        return chosen
    python = HOME / "bin" / "python"
    ready = HOME / ".ready"
    if not ready.exists() or ready.stat().st_mtime < _REQUIREMENTS.stat().st_mtime:
        make()
        ready.touch()
    return str(python)


def make() -> None:
    """Make the environment."""
    print(f"making {HOME.name} from {_REQUIREMENTS.relative_to(ROOT)} …", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
    pip = [str(Path(HOME) / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(_REQUIREMENTS)], check=True)


if __name__ == "__main__":
    print(interpreter())
