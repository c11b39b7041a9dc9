"""`python -m bench.bare_join DATABASE`: bare DuckDB scans all typed tables, hash-joins each sector to each roster."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from bench.measure import report
from pipeline.contract import DATASETS, ROSTERS, SECTORS

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "bare.duckdb"
        shutil.copy(sys.argv[1], database)
        con = duckdb.connect(str(database))
        begun = time.perf_counter()
        for dataset in DATASETS:
            con.execute(f"SELECT count(COLUMNS(*)) FROM {dataset}").fetchall()
        for roster in ROSTERS:
            for sector in SECTORS:
                con.execute(
                    "CREATE OR REPLACE TEMP TABLE joined AS SELECT r.record_id AS roster_record_id, s.* "
                    f"FROM {roster} r JOIN {sector} s ON s.id_number = r.id_number"
                ).fetchall()
        seconds = time.perf_counter() - begun
        con.close()
    report(seconds)
