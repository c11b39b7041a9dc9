"""Rulings that wait beside the ledger: durable, taken in once, by whoever opens it next."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline import vault
from pipeline.errors import BadInput
from pipeline.ledger import opened
from pipeline.ledger.journal import append, journal_of, waiting
from pipeline.ledger.rulings import LINK, read_rulings

_HOLDER = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print('held', flush=True); input()"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.duckdb"
    with opened(path):
        pass
    return path


def ruling(n: int, verdict: str = "same", **more: Any) -> dict[str, Any]:
    return {
        "kind": LINK, "subject": f"a#-#{n}|b#-#{n}|death", "verdict": verdict, "decided_by": "李审核",
        "decided_on": dt.date(2022, 11, 2), "month": "2022-10", "probability": 0.8, "source": f"audit review x no. {n}",
    } | more  # fmt: skip


def test_what_waits_is_taken_in_by_the_next_opening_in_order_and_once(ledger: Path) -> None:
    append(ledger, [ruling(1), ruling(2, "different")])
    append(ledger, [ruling(3, "unknown")])
    journal = journal_of(ledger)
    assert journal.stat().st_mode & 0o777 == 0o600
    kept = journal.read_bytes()
    assert [r["verdict"] for r in waiting(ledger)] == ["same", "different", "unknown"]
    with opened(ledger) as con:
        first = read_rulings(con, LINK)
        assert first["verdict"].to_list() == ["same", "different", "unknown"]
        assert first["decided_on"][0] == dt.date(2022, 11, 2) and first["probability"][0] == 0.8
    assert not journal.exists() and waiting(ledger) == []
    journal.write_bytes(kept)  # killed between the ledger's commit and the journal's going
    with opened(ledger, read_only=True) as con:
        assert read_rulings(con, LINK, history=True).height == 3
    assert not journal.exists()


def test_a_line_cut_off_by_a_crash_loses_no_other(ledger: Path) -> None:
    append(ledger, [ruling(1)])
    with journal_of(ledger).open("ab") as file:
        file.write(b'{"kind":"link","subject":"a#-#9|b')
    append(ledger, [ruling(2)])
    with opened(ledger) as con:
        assert read_rulings(con, LINK)["subject"].to_list() == ["a#-#1|b#-#1|death", "a#-#2|b#-#2|death"]


def test_while_another_program_holds_the_ledger_rulings_wait(ledger: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(ledger)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout and holder.stdout.readline() == "held\n"
        append(ledger, [ruling(1)])
        with pytest.raises(BadInput, match="held by another program"), opened(ledger, wait=0.2):
            pass
        assert len(waiting(ledger)) == 1
    finally:
        holder.communicate("\n", timeout=20)
    with opened(ledger) as con:
        assert read_rulings(con, LINK).height == 1


def test_appending_beside_taking_in_loses_nothing(ledger: Path) -> None:
    def write(begin: int) -> None:
        for n in range(begin, begin + 40):
            append(ledger, [ruling(n)])

    writers = [threading.Thread(target=write, args=(begin,)) for begin in (0, 100)]
    for writer in writers:
        writer.start()
    while any(w.is_alive() for w in writers):
        with opened(ledger):
            pass
    with opened(ledger) as con:
        assert read_rulings(con, LINK).height == 80


def test_a_ruling_that_this_program_does_not_know_stays_and_is_told(ledger: Path) -> None:
    append(ledger, [ruling(1), ruling(2, "perhaps")])
    with pytest.raises(BadInput, match=r"file ledger\.duckdb\.rulings: .* later version"), opened(ledger):
        pass
    assert len(waiting(ledger)) == 2
    con = duckdb.connect(str(ledger))
    assert con.execute("SELECT count(*) FROM ruling").fetchall() == [(0,)]
    con.close()


def test_what_was_taken_in_by_a_process_that_was_killed_before_the_ledger_was_sealed(tmp_path: Path) -> None:
    """With a key: lines are sealed too, and are forgotten only when the sealed ledger holds them."""
    vault.write_new_key(tmp_path / "key")
    with vault.in_use(vault.key_of((tmp_path / "key").read_text(), "the test")):
        ledger = tmp_path / "ledger.duckdb"
        with opened(ledger):
            pass
        append(ledger, [ruling(1, reason="王小明的表弟")])
        assert "王小明" not in (tmp_path / "ledger.duckdb.rulings").read_text() and len(waiting(ledger)) == 1
        before = vault.sealed_name(ledger).read_bytes()
        with opened(ledger) as con:
            assert read_rulings(con, LINK).height == 1
            taken = tmp_path / "ledger.duckdb.rulings-taken"
            held = taken.read_bytes()
        assert not taken.exists()
        vault.sealed_name(ledger).write_bytes(before)  # as where the process was killed before it had sealed
        taken.write_bytes(held)
        append(ledger, [ruling(2)])
        with opened(ledger) as con:
            assert read_rulings(con, LINK).height == 2
        assert not taken.exists() and waiting(ledger) == []


def test_a_sealed_line_cut_off_anywhere_holds_up_nothing_and_another_key_does(tmp_path: Path) -> None:
    """A piece of base 64 may be sound base 64, and is then no sealed text: the ledger could not be opened any more."""
    vault.write_new_key(tmp_path / "key")
    vault.write_new_key(tmp_path / "other")
    key, other = (vault.key_of((tmp_path / name).read_text(), "the test") for name in ("key", "other"))
    ledger = tmp_path / "ledger.duckdb"
    with vault.in_use(key):
        append(ledger, [ruling(1)])
        journal = journal_of(ledger)
        whole = journal.read_bytes()
        for cut in range(1, len(whole) - 2):
            journal.write_bytes(whole + whole[:cut] + b"\n" + whole)
            assert len(waiting(ledger)) == 2, cut
        old = whole.replace(b".", b"")  # as an earlier version wrote it
        journal.write_bytes(old)
        assert len(waiting(ledger)) == 1
    journal.write_bytes(whole)
    for wrong in (other, None):
        with vault.in_use(wrong), pytest.raises(BadInput, match=r"does not open it|no key is in use"):
            waiting(ledger)
    with vault.in_use(key), opened(ledger) as con:
        assert read_rulings(con, LINK).height == 1
