"""The access record: chained, and told where it was tampered with."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.ledger.access import broken, head, listed, note
from pipeline.ledger.store import opened


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.duckdb"
    with opened(path) as con:
        for n in (1, 2, 3):
            note(con, "export", folder=f"f{n}")
    return path


def test_rows_follow_on_each_other(ledger: Path) -> None:
    with opened(ledger) as con:
        assert broken(con) == [] and head(con).startswith("3 ")
        lines = listed(con)
    assert len(lines) == 3 and lines[1].endswith("export  folder f2")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE access SET who = 'nobody' WHERE no = 2", ["row 2 is not as it was written"]),
        ("UPDATE access SET noted_at = noted_at - INTERVAL 1 HOUR WHERE no = 3", ["row 3 is not as it was written"]),
        ("UPDATE access SET about = '{}' WHERE no = 1", ["row 1 is not as it was written"]),
        ("DELETE FROM access WHERE no = 2", ["row 2 is not there"]),
        ("DELETE FROM access WHERE no = 1", ["row 1 is not there"]),
        ("DELETE FROM access WHERE no < 3", ["rows 1 to 2 are not there"]),
    ],
)
def test_what_was_changed_by_hand_is_told(ledger: Path, change: str, told: list[str]) -> None:
    with opened(ledger) as con:
        con.execute(change)
        assert broken(con) == [f"access record: {line}" for line in told]


def test_a_row_written_in_with_a_hash_of_its_own_breaks_the_chain(ledger: Path) -> None:
    """Somebody who knows how hashes are made alters row 2: row 3 no longer follows on it."""
    with opened(ledger) as con:
        con.execute("DELETE FROM access WHERE no >= 2")
        kept = con.execute("SELECT * FROM access").fetchall()
        note(con, "export", folder="another")
        con.execute("INSERT INTO access VALUES (3, now()::TIMESTAMP, 'x', 'export', '{}', ?, ?)", [kept[0][-1], "00"])
        assert broken(con) == [
            "access record: row 3 does not follow on the row before it",
            "access record: row 3 is not as it was written",
        ]


def test_a_run_that_is_not_in_it_is_told(ledger: Path) -> None:
    with opened(ledger) as con:
        for n in (4, 5):
            con.execute("INSERT INTO run (run_no, month, standing, findings) VALUES (?, ?, true, 0)", [n, f"2022-0{n}"])
        note(con, "run", run=4, month="2022-04")
        assert broken(con) == ["access record: run 5 is not in it"]
