"""`python -m bench.ingest DROP DATABASE`: the project's ingest of a drop into a fresh database."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bench.measure import report
from pipeline.engine.duck import DuckEngine
from pipeline.ingest import ingest

if __name__ == "__main__":
    drop, database = Path(sys.argv[1]), Path(sys.argv[2])
    database.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        engine = DuckEngine(database)
        begun = time.perf_counter()
        ingest(drop, engine, scratch=Path(scratch))
        seconds = time.perf_counter() - begun
        engine.close()
    report(seconds)
