"""`python -m bench.linkage.floor POPULATION`: the bare floor.

Both tables are read into memory whole (as linkage needs them), numbers normalised, hash-joined, the pairs counted.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb

from bench.measure import told

_NUMBER = "upper(replace(translate(id_number, '０１２３４５６７８９Ｘ', '0123456789X'), ' ', ''))"

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    con = duckdb.connect()
    begun = time.perf_counter()
    for table, files in (("roster", "roster.parquet"), ("sector", "sector/*.parquet")):
        con.execute(f"CREATE TABLE {table} AS SELECT * FROM read_parquet('{folder / files}')").fetchall()
    read = time.perf_counter() - begun
    joined = con.execute(
        f"SELECT count(*) FROM (SELECT {_NUMBER} AS n FROM roster) r "
        f"JOIN (SELECT {_NUMBER} AS n FROM sector) s USING (n)"
    ).fetchall()[0][0]
    print(told(seconds=time.perf_counter() - begun, read=read, pairs=joined))
