"""`python -m bench.ingest DROP`: the project's ingest of a drop."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bench.measure import figure
from pipeline.engine.duck import DuckEngine
from pipeline.ingest import ingest

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        engine = DuckEngine(scratch=Path(scratch) / "spill")
        begun = time.perf_counter()
        ingest(Path(sys.argv[1]), engine, scratch=Path(scratch))
        seconds = time.perf_counter() - begun
        print(figure(seconds))
        engine.close()
