"""`python -m bench.bare_ingest DROP`: the same files through bare Polars into DuckDB, cells as they come."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import duckdb
import polars as pl

from bench.measure import figure


def frames(path: Path) -> list[pl.DataFrame]:
    """What the library makes of one file as it stands: no cleaning at all. (CSV columns as text: they do not infer.)"""
    if path.suffix in (".xlsx", ".xls"):
        sheets = pl.read_excel(path, sheet_id=0)
        return list(sheets.values())
    if path.suffix == ".parquet":
        return [pl.read_parquet(path)]
    if path.suffix in (".csv", ".tsv", ".txt"):
        head = path.read_bytes()[:4]
        encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf8"
        tab = path.suffix != ".csv"
        for attempt in (encoding, "gb18030"):
            try:
                return [
                    pl.read_csv(
                        path,
                        has_header=False,
                        infer_schema=False,
                        separator="\t" if tab else ",",
                        encoding=attempt,
                        truncate_ragged_lines=True,
                    )
                ]
            except (pl.exceptions.ComputeError, UnicodeDecodeError):
                continue
    if path.suffix in (".sqlite", ".db"):
        import adbc_driver_sqlite.dbapi

        with adbc_driver_sqlite.dbapi.connect(str(path)) as con:
            names = pl.read_database("SELECT name FROM sqlite_master WHERE type = 'table'", con)["name"]
            return [pl.read_database(f'SELECT * FROM "{n}"', con) for n in names]
    return []


if __name__ == "__main__":
    drop = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        con = duckdb.connect(str(Path(scratch) / "bare.duckdb"))
        begun = time.perf_counter()
        number = 0
        for path in sorted(p for p in drop.rglob("*") if p.is_file()):
            for frame in frames(path):
                if frame.width == 0:
                    continue
                number += 1
                con.register("incoming", frame.to_arrow())
                con.execute(f"CREATE TABLE t{number} AS SELECT * FROM incoming")
                con.unregister("incoming")
        seconds = time.perf_counter() - begun
        con.close()
    print(figure(seconds))
