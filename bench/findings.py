"""`python -m bench.findings DATABASE MONTH`: identity, linkage, rules, checks and ledger, to findings.parquet."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import report
from pipeline.contract import DATASETS
from pipeline.engine.duck import DuckEngine
from pipeline.findings import load_rules
from pipeline.identity import warm_up
from pipeline.ledger import Ledger
from pipeline.policy import pack_for
from pipeline.run import find

if __name__ == "__main__":
    source, month = Path(sys.argv[1]), sys.argv[2]
    policy = pack_for(month)
    rules = load_rules(set(policy.figures) | set(policy.lists))
    warm_up()  # in a run this happens while files are read
    import checks  # noqa: F401

    with tempfile.TemporaryDirectory() as scratch:
        shutil.copy(source, Path(scratch) / "run.duckdb")
        engine = DuckEngine(Path(scratch) / "run.duckdb")
        present = {d for d in DATASETS if engine.count(d)}
        begun = time.perf_counter()
        find(engine, rules, month, policy, present)
        Ledger(Path(scratch) / "ledger.duckdb").compare(engine, month)
        engine.write("SELECT * FROM findings", Path(scratch) / "findings.parquet")
        seconds = time.perf_counter() - begun
        engine.close()
    report(seconds)
