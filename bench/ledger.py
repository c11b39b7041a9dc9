"""`python -m bench.ledger [findings] [months]`: a ledger of 36 months and 1,000,000 findings opens, and a month is
compared with it. Made-up findings of a month in, states out; no audit is run.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.findings.rows import FINDING_SCHEMA
from pipeline.ledger import Ledger, opened
from pipeline.months import next_month

_STAY = 0.9  # of a month's findings are there the next month too


def month_of(n: int, first: int) -> pl.DataFrame:
    """`n` findings, numbered from `first`."""
    number = pl.int_range(first, first + n, eager=True)
    text = number.cast(pl.String)
    known = pl.DataFrame(
        {
            "fingerprint": text.str.zfill(32), "rule_id": pl.Series([f"rule_{k % 38}" for k in number.to_list()]),
            "category": ["ineligible"] * n, "severity": ["high"] * n, "confidence": ["certain"] * n,
            "scheme": ["dibao"] * n, "town": pl.Series([f"town {k % 19}" for k in number.to_list()]),
            "household_no": "DB" + text, "name": "n" + text, "id_number": text.str.zfill(18),
            "record_id": "dibao.csv#-#" + text, "summary": "about household " + text, "basis": ["a clause"] * n,
            "evidence": '[{"dataset": "vehicle", "record_id": "v#' + text + '", "values": {"plate": "' + text + '"}}]',
        }
    )  # fmt: skip
    return known.select(
        known[c] if c in known.columns else pl.lit(None).cast(t).alias(c) for c, t in FINDING_SCHEMA.items()
    ).cast(FINDING_SCHEMA)


def main() -> None:
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    months = int(sys.argv[2]) if len(sys.argv) > 2 else 36
    n = total // months
    with tempfile.TemporaryDirectory() as scratch:
        ledger, engine, month = Ledger(Path(scratch) / "ledger.duckdb"), DuckEngine(), "2020-01"
        for k in range(months + 1):
            engine.drop("finding_rows")
            engine.load("finding_rows", month_of(n, int(k * n * (1 - _STAY))))
            begun = time.perf_counter()
            comparison = ledger.compare(engine, month)
            compared = time.perf_counter() - begun
            if k < months:
                ledger.record(comparison, "0", "policy")
                kept = time.perf_counter() - begun - compared
            month = next_month(month)
        begun = time.perf_counter()
        with opened(ledger.path) as con:
            rows = con.execute("SELECT count(*) FROM finding").fetchall()[0][0]
        size = ledger.path.stat().st_size / 2**20
        print(f"{months} months, {rows:,} findings kept, {size:.0f} MiB: opened in {time.perf_counter() - begun:.2f} s")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"the next month of {n:,} findings: compared in {compared:.2f} s; a month kept in {kept:.2f} s")
        print(f"states {comparison.by_status}, peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
