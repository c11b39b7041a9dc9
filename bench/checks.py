"""The suites over rosters of any size: failing rows and Great Expectations beside one bare pass of the same conditions.

    python -m bench.checks [--rows 2000000] [--share 0.03] [--rounds 3] [--memory-limit 2GiB]
    python -m bench.checks once ROWS SHARE LIMIT  one measured pass, in a process of its own

Ours: `failing_rows` (the tables, every failing row, its sentence) and `validate` (Great Expectations and its pages),
with its import. Bare: the same tables built by the same SQL, one statement a suite that counts the failing rows of all
conditions, and `import great_expectations`. Rows are made in DuckDB from nobody's data: five rosters, one archive; a
share of them fails.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import run, told
from pipeline.contract import DATASETS, ROSTERS, TOWNS
from pipeline.engine.duck import DuckEngine

MONTH = "2022-10"
_SHARES = {"dibao": 0.7, "tekun": 0.12, "borderline": 0.08, "expenditure": 0.04, "temporary": 0.06}
_SINGLE = ("tekun", "temporary")  # rosters of one row a number
_IDS = {
    "id_number": "VARCHAR", "id_key": "VARCHAR", "id_state": "VARCHAR", "id_birth": "DATE", "id_sex": "VARCHAR",
    "name": "VARCHAR",
}  # fmt: skip
_LINKS = {
    "roster_record_id": "VARCHAR", "dataset": "VARCHAR", "record_id": "VARCHAR", "tier": "VARCHAR",
    "match_weight": "DOUBLE", "match_probability": "DOUBLE", "decision": "VARCHAR", "pattern": "VARCHAR",
}  # fmt: skip
# What each column holds in row i; `bad` is true in the share of rows that fail.
_VALUES = {
    "name": "'某' || (i % 9973)", "sex": "if(i % 2 = 1, '男', '女')", "town": "list_extract({towns}, i % 19 + 1)",
    "birth_date": "DATE '1950-01-01' + (i % 20000)::INTEGER", "village": "if(bad, NULL, '一村')",
    "address": "'一村一号'", "phone": "'0' || i", "covered": "true",
    "area": "if(bad AND i % 3 = 0, '城郊', '农村')", "category": "'B'",
    "relation": "if(i % 3 = 0, '户主', '子')", "monthly_amount": "500 + i % 90", "per_capita_income": "100 + i % 90",
    "start_month": "'2020-01'", "stop_month": "NULL", "stop_reason": "NULL", "health": "'健康'",
    "last_review_on": "if(bad AND i % 2 = 0, DATE '2021-01-01', DATE '2022-08-01')", "cause": "'因病'",
    "labour_capacity": "'无'", "employment_status": "'无'", "bank_account": "'62' || i", "account_holder": "'某'",
    "support_mode": "'分散'", "self_care": "'全自理'", "care_level": "'全自理'", "assessed_on": "DATE '2022-03-01'",
    "care_amount": "34", "valid_until": "DATE '2023-06-30'", "expenditure_kind": "'医疗'", "household_size": "3",
    "rigid_expenditure": "40000", "kind": "'支出型'", "reason": "'疾病'", "amount": "2000 + i % 90",
    "granted_on": "DATE '2022-08-01'",
}  # fmt: skip


def county(rows: int, share: float, scratch: Path, memory: str) -> DuckEngine:
    """An engine with five rosters of `rows` rows together, their numbers, no links, an archive of every household."""
    engine = DuckEngine(scratch=scratch, memory_limit=memory)
    for dataset in DATASETS.values():
        engine.create(dataset.id, dataset.table_schema())
    engine.create("identity_pair", _IDS)
    engine.create("links", _LINKS)
    towns = "[" + ", ".join(f"'{t}'" for t in TOWNS) + "]"
    offset = 0
    for roster in ROSTERS:
        n = int(rows * _SHARES[roster])
        key = f"'{roster}' || {'i' if roster in _SINGLE else 'i // 3'}"
        made = _VALUES | {"household_no": key, "grant_no": key, "id_number": "'N' || i"}
        cells = ", ".join(
            f"({made.get(c.id, 'NULL')})::{c.sql_type} AS {c.id}" for c in DATASETS[roster].columns
        ).format(towns=towns)
        engine.con.execute(
            f"INSERT INTO {roster} BY NAME SELECT '{roster}#' || i AS record_id, '{roster}.csv' AS file, '-' AS sheet, "
            f"i AS row, {cells} FROM (SELECT i, hash(i) % 10000 < {share} * 10000 AS bad "
            f"FROM range({offset}, {offset + n}) r(i))"
        )
        offset += n
    engine.con.execute(
        "INSERT INTO identity_pair SELECT id_number, id_number, "
        f"if(hash(id_number) % 10000 < {share} * 10000, 'checksum', 'valid'), birth_date, sex, name FROM ("
        + " UNION ALL ".join(f"SELECT id_number, birth_date, sex, name FROM {r}" for r in ROSTERS)
        + ")"
    )
    for roster in ROSTERS:
        key = "grant_no" if roster == "temporary" else "household_no"
        engine.con.execute(
            f"INSERT INTO archive BY NAME SELECT '{roster}' || h || d AS record_id, '档案.csv' AS file, '-' AS sheet, "
            f"1 AS row, '{roster}' AS scheme, h AS household_no, d AS document, true AS present, '某' AS signed_by, "
            f"DATE '2022-01-01' AS signed_on FROM (SELECT DISTINCT {key} AS h FROM {roster}), "
            f"(SELECT unnest({_papers(roster)}) AS d) WHERE hash(h || d) % 10000 >= {share} * 10000"
        )
    return engine


def _papers(roster: str) -> list[str]:
    from checks.catalogue import load

    return [d["zh"] for d in load(f"{roster}_archive")["document"] if d["of"] == "active"]


def once(rows: int, share: float, memory: str) -> str:
    """One pass of each, in turn, in this process; the bare one first."""
    with tempfile.TemporaryDirectory() as scratch:
        return _once(rows, share, Path(scratch), memory)


def _once(rows: int, share: float, scratch: Path, memory: str) -> str:
    from checks import failing_rows
    from checks.catalogue import Scope
    from checks.rows import prepare

    engine = county(rows, share, scratch, memory)
    present = {*ROSTERS, "archive", "household_register"}
    begun = time.perf_counter()
    suites, _ = prepare(engine, Scope(MONTH, frozenset(present)))
    tables = time.perf_counter() - begun
    begun = time.perf_counter()
    bare: dict[str, int] = {}
    for suite in suites:
        counted = ", ".join(f"count(*) FILTER ({c.condition.failing()})" for c in suite.checks)
        found = engine.con.execute(f"SELECT {counted} FROM {suite.table}").fetchone()
        bare |= dict(zip((c.key for c in suite.checks), found or (), strict=True))
    passes = time.perf_counter() - begun
    for suite in suites:
        engine.drop(suite.table)
    begun = time.perf_counter()
    checked = failing_rows(engine, MONTH, present)
    found_in = time.perf_counter() - begun
    if checked.counts != bare:
        raise SystemExit("the bare pass counts other rows")
    begun = time.perf_counter()
    import great_expectations  # noqa: F401

    loading = time.perf_counter() - begun
    from checks import validate

    begun = time.perf_counter()
    validate(engine, MONTH, present, scratch / "checks", checked.counts, prepared=checked)
    validated = time.perf_counter() - begun
    return told(
        tables=tables, passes=passes, loading=loading, found=found_in, validated=validated, failing=sum(bare.values()),
        conditions=len(bare), ours=found_in + loading + validated, bare=tables + passes + loading,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--share", type=float, default=0.03, help="share of rows that fail")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory-limit", default="2GiB", help="what the database may take")
    options = parser.parse_args()
    passes = [
        run("checks", "once", str(options.rows), str(options.share), options.memory_limit)
        for _ in range(options.rounds)
    ]
    for p in passes:
        print(
            f"  failing rows {p['found']:6.2f} s, import {p['loading']:5.2f} s, validation {p['validated']:6.2f} s; "
            f"bare: tables {p['tables']:6.2f} s, one pass {p['passes']:5.2f} s; peak {p['peak']:6.0f} MiB"
        )
    ratio = statistics.median(p["ours"] / p["bare"] for p in passes)
    first = passes[0]
    print(
        f"{first['conditions']} conditions over {options.rows:,} roster rows, {first['failing']:,} failing rows: "
        f"{ratio:.2f} times the bare pass with its tables and the import (median of {options.rounds}), "
        f"peak {max(p['peak'] for p in passes):.0f} MiB"
    )


if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[1] == "once":
        print(once(int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]))
    else:
        main()
