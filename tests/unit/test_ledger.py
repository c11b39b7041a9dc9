"""The ledger: this month's findings against all months before."""

from __future__ import annotations

import stat
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.findings.rows import FINDING_SCHEMA
from pipeline.ledger import Ledger


def run_month(
    engine: DuckEngine,
    ledger: Ledger,
    month: str,
    found: str,
    *,
    keep: bool = True,
    measures: pl.DataFrame | None = None,
) -> dict[str, tuple[str, str]]:
    """One month that finds `found` (a letter a finding) → fingerprint: (status, first_month)."""
    rows = [{"fingerprint": f, "rule_id": "vehicle_owned", "town": "乐城", "record_id": f} for f in found]
    engine.drop("finding_rows")
    engine.load("finding_rows", pl.DataFrame(rows, schema=FINDING_SCHEMA))
    comparison = ledger.compare(engine, month)
    out = {r[0]: (r[1], r[2]) for r in engine.rows("SELECT fingerprint, status, first_month FROM findings").rows()}
    if keep:
        ledger.record(comparison, "0", "policy", measures)
    return out


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.duckdb")


def test_new_continuing_and_reopened(engine: DuckEngine, ledger: Ledger) -> None:
    assert run_month(engine, ledger, "2022-08", "ab") == {"a": ("new", "2022-08"), "b": ("new", "2022-08")}
    assert run_month(engine, ledger, "2022-09", "bc") == {
        "a": ("resolved", "2022-08"), "b": ("continuing", "2022-08"), "c": ("new", "2022-09"),
    }  # fmt: skip
    assert run_month(engine, ledger, "2022-10", "ab") == {
        "a": ("reopened", "2022-08"), "b": ("continuing", "2022-08"), "c": ("resolved", "2022-09"),
    }  # fmt: skip
    assert run_month(engine, ledger, "2022-11", "ab") == {
        "a": ("continuing", "2022-08"), "b": ("continuing", "2022-08"),
    }, "what was resolved in October is told of in October alone"  # fmt: skip


def test_a_skipped_month_does_not_break_the_chain(engine: DuckEngine, ledger: Ledger) -> None:
    run_month(engine, ledger, "2022-06", "a")
    assert run_month(engine, ledger, "2022-10", "a") == {"a": ("continuing", "2022-06")}


def test_a_month_that_found_nothing_breaks_it(engine: DuckEngine, ledger: Ledger) -> None:
    run_month(engine, ledger, "2022-08", "a")
    assert run_month(engine, ledger, "2022-09", "") == {"a": ("resolved", "2022-08")}
    assert run_month(engine, ledger, "2022-10", "a") == {"a": ("reopened", "2022-08")}


def test_a_month_run_again_takes_its_own_place(engine: DuckEngine, ledger: Ledger) -> None:
    run_month(engine, ledger, "2022-09", "a")
    first = run_month(engine, ledger, "2022-10", "ab")
    assert (
        run_month(engine, ledger, "2022-10", "ab") == first == {"a": ("continuing", "2022-09"), "b": ("new", "2022-10")}
    )
    assert run_month(engine, ledger, "2022-10", "b") == {"a": ("resolved", "2022-09"), "b": ("new", "2022-10")}
    assert run_month(engine, ledger, "2022-11", "ab") == {"a": ("reopened", "2022-09"), "b": ("continuing", "2022-10")}


def test_a_month_before_sees_only_what_came_before_it(engine: DuckEngine, ledger: Ledger) -> None:
    run_month(engine, ledger, "2022-10", "ab")
    assert run_month(engine, ledger, "2022-08", "a") == {"a": ("new", "2022-08")}
    assert run_month(engine, ledger, "2022-10", "ab") == {"a": ("continuing", "2022-08"), "b": ("new", "2022-10")}


def test_nothing_is_kept_before_the_run_is_recorded(engine: DuckEngine, ledger: Ledger) -> None:
    run_month(engine, ledger, "2022-09", "a", keep=False)
    assert not ledger.path.exists()
    assert run_month(engine, ledger, "2022-10", "a", keep=False) == {"a": ("new", "2022-10")}


def test_the_month_before_is_counted(engine: DuckEngine, ledger: Ledger) -> None:
    assert ledger.previous("2022-08") is None
    run_month(engine, ledger, "2022-08", "ab")
    run_month(engine, ledger, "2022-09", "bc")
    assert ledger.previous("2022-08") is None
    counted = ledger.previous("2022-10")
    assert counted is not None
    assert counted.select("month", "rule_id", "town", "status", "n").rows() == [
        ("2022-09", "vehicle_owned", "乐城", "continuing", 1),
        ("2022-09", "vehicle_owned", "乐城", "new", 1),
        ("2022-09", "vehicle_owned", "乐城", "resolved", 1),
    ]


MEASURED = ("kind", "subject", "town", "item", "rows", "good")


def measured(good: int) -> pl.DataFrame:
    return pl.DataFrame([("link", "vehicle", "长来", "", 100, good)], schema=list(MEASURED), orient="row")


def test_what_a_month_measured_is_there_for_the_next(engine: DuckEngine, ledger: Ledger) -> None:
    assert ledger.measures("2022-08") is None
    for month, good in (("2022-08", 7), ("2022-09", 8), ("2022-08", 6)):  # August is run again
        run_month(engine, ledger, month, "a", measures=measured(good))
    assert ledger.measures("2022-08") is None
    for month, good in (("2022-09", 6), ("2022-10", 8), ("2023-01", 8)):
        found = ledger.measures(month)
        assert found is not None and found.rows() == measured(good).rows(), month


def test_a_ledger_of_a_version_that_did_not_measure_is_read_and_kept(engine: DuckEngine, ledger: Ledger) -> None:
    con = duckdb.connect(str(ledger.path))
    con.execute("CREATE TABLE run (month VARCHAR PRIMARY KEY, version VARCHAR, policy VARCHAR, findings BIGINT)")
    con.execute(
        "CREATE TABLE finding (month VARCHAR, fingerprint VARCHAR, rule_id VARCHAR, town VARCHAR, status VARCHAR)"
    )
    con.execute("INSERT INTO run VALUES ('2022-08', '0', 'p', 1)")
    con.execute("INSERT INTO finding VALUES ('2022-08', 'a', 'vehicle_owned', '乐城', 'new')")
    con.close()
    ledger.check()
    assert ledger.measures("2022-09") is None
    assert run_month(engine, ledger, "2022-09", "a", measures=measured(5)) == {"a": ("continuing", "2022-08")}
    assert ledger.measures("2022-09") is None, "August measured nothing"
    assert ledger.measures("2022-10") is not None
    run_month(engine, ledger, "2022-10", "a")
    assert ledger.measures("2022-11") is None, "the latest month counts, not the latest that measured"


def test_the_file_is_its_owners_alone(engine: DuckEngine, ledger: Ledger) -> None:
    run_month(engine, ledger, "2022-08", "a")
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"this is no ledger, but some text\n" * 500, b"PK\x03\x04" + b"\0" * 9000])
def test_a_file_that_is_no_ledger_is_bad_input_and_stays_as_it_was(
    engine: DuckEngine, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "notes.duckdb"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"file notes\.duckdb: not a ledger"):
        run_month(engine, Ledger(path), "2022-08", "a")
    assert path.read_bytes() == content


def test_another_database_is_no_ledger(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    con = duckdb.connect(str(path))
    con.execute("CREATE TABLE finding (something INTEGER)")
    con.execute("CREATE TABLE run (something INTEGER)")
    con.close()
    with pytest.raises(BadInput, match="not a ledger"):
        run_month(engine, Ledger(path), "2022-08", "a")


def test_a_folder_is_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="this is a folder"):
        Ledger(tmp_path)
