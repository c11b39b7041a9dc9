"""`python -m bench.whole DROP MONTH`: the whole audit, as `audit run` does it."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bench.measure import figure
from pipeline.run import run_audit

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        begun = time.perf_counter()
        run_audit(Path(sys.argv[1]), sys.argv[2], Path(scratch) / "out")
        seconds = time.perf_counter() - begun
    print(figure(seconds))
