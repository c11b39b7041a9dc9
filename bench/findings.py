"""`python -m bench.findings DROP MONTH`: from typed tables to findings.parquet, beside bare DuckDB on the same tables.

Bare: scan every typed table and hash-join each sector to each roster on the ID number. Ours: identity, linkage,
rules, checks and ledger. Both in one process over what ingest left in memory, as in a run.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import checks.validation  # noqa: F401  in a run the slow libraries load while files are read
from bench.measure import figure
from pipeline.contract import DATASETS, ROSTERS, SECTORS
from pipeline.engine.duck import DuckEngine
from pipeline.findings import load_rules
from pipeline.identity import warm_up
from pipeline.ingest import ingest
from pipeline.ledger import Ledger
from pipeline.policy import pack_for
from pipeline.run import find


def joins(engine: DuckEngine) -> float:
    """Seconds of one pass of bare hash joins: every sector's table with every roster, on the ID number."""
    begun = time.perf_counter()
    for roster in ROSTERS:
        for sector in SECTORS:
            engine.con.execute(
                "CREATE OR REPLACE TEMP TABLE joined AS SELECT r.record_id AS roster_record_id, s.* "
                f"FROM {roster} r JOIN {sector} s ON s.id_number = r.id_number"
            ).fetchall()
    seconds = time.perf_counter() - begun
    engine.con.execute("DROP TABLE IF EXISTS joined").fetchall()
    return seconds


def bare(engine: DuckEngine) -> float:
    """Seconds of one scan of every typed table and the joins."""
    begun = time.perf_counter()
    for dataset in DATASETS:
        engine.con.execute(f"SELECT min(COLUMNS(*)) FROM {dataset}").fetchall()
    return time.perf_counter() - begun + joins(engine)


def ours(engine: DuckEngine, month: str, present: set[str], scratch: Path) -> float:
    policy = pack_for(month)
    rules = load_rules(policy.names)
    begun = time.perf_counter()
    find(engine, rules, month, policy, present)
    Ledger(scratch / "ledger.duckdb").compare(engine, month)
    engine.write("SELECT * FROM findings", scratch / "findings.parquet")
    return time.perf_counter() - begun


if __name__ == "__main__":
    drop, month = Path(sys.argv[1]), sys.argv[2]
    warm_up()
    with tempfile.TemporaryDirectory() as scratch:
        engine = DuckEngine(scratch=Path(scratch) / "spill")
        report = ingest(drop, engine, scratch=Path(scratch))
        plain = bare(engine)
        print(figure(ours(engine, month, report.present, Path(scratch)), plain))
        engine.close()
