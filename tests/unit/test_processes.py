"""The process beside a run ends with it, however it ends; it works on copies that nobody else can read."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from pipeline.engine.duck import DuckEngine
from pipeline.processes import beside, worth_a_process

_PARENT = """
import os, sys, time
from pipeline.processes import beside
if __name__ == "__main__":
    with beside(apart=True, first=os.getpid) as worker:
        print(worker.submit(os.getpid).result(), flush=True)
        time.sleep(60)
"""


def _there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except OSError:
        return False


def test_a_killed_run_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(_PARENT)
    root = Path(__file__).parents[2]
    parent = subprocess.Popen(
        [sys.executable, str(tmp_path / "parent.py")],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert child != parent.pid and _there(child)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    for _ in range(600):
        if not _there(child):
            break
        time.sleep(0.05)
    assert not _there(child)


@pytest.mark.parametrize("apart", [True, False])
def test_the_worker_does_one_thing_after_another(apart: bool) -> None:
    with beside(apart=apart, first=os.getpid) as worker:
        ran = [worker.submit(os.getpid) for _ in range(3)]
        assert len({f.result() for f in ran}) == 1 and (ran[0].result() != os.getpid()) is apart


def test_an_error_does_not_wait_for_it() -> None:
    begun = time.perf_counter()
    with pytest.raises(ValueError, match="bad input"), beside(apart=True, first=os.getpid) as worker:
        worker.submit(time.sleep, 60)
        raise ValueError("bad input")
    assert time.perf_counter() - begun < 50
    assert not multiprocessing.active_children()


def test_a_thread_is_off_the_tables_before_they_are_closed() -> None:
    """An error while it asks: nothing else is raised in its place, and what waits is not begun."""
    with beside(apart=False, first=os.getpid) as worker:
        engine = DuckEngine()
        other = engine.beside()
        asked = worker.submit(other.rows, "SELECT sum(hash(range)) AS n FROM range(200_000_000)")
        waits = worker.submit(other.rows, "SELECT 1")
        while not asked.running():
            time.sleep(0.001)
        worker.leave()
        engine.close()
        assert asked.result().height == 1 and waits.cancelled()


def _slow_to_end() -> None:
    atexit.register(time.sleep, 60)


def test_its_end_is_not_waited_for_when_its_work_is_done() -> None:
    begun = time.perf_counter()
    with beside(apart=True, first=_slow_to_end) as worker:
        assert worker.submit(os.getpid).result() != os.getpid()
    assert time.perf_counter() - begun < 50
    assert not multiprocessing.active_children()


def test_a_small_drop_is_not_worth_a_process(tmp_path: Path) -> None:
    (tmp_path / "低保.csv").write_bytes(b"x" * 1000)
    assert not worth_a_process(tmp_path)
    (tmp_path / "更多").mkdir()
    (tmp_path / "更多" / "车辆.csv").write_bytes(b"x" * (6 << 20))
    assert worth_a_process(tmp_path)


def test_lent_tables_are_read_with_the_key_alone(tmp_path: Path) -> None:
    engine = DuckEngine(scratch=tmp_path / "spill")
    engine.run("SELECT '440281199003071239' AS id_number, i FROM range(3) r(i)", into="person")
    engine.run("SELECT 1 AS i", into="other")
    key = engine.lend(["person", "person"], tmp_path / "lent.duckdb")
    assert b"440281199003071239" not in (tmp_path / "lent.duckdb").read_bytes() and len(key) == 64
    lent = DuckEngine(tmp_path / "lent.duckdb", lent=key)
    assert lent.rows("SELECT * FROM person ORDER BY i").equals(engine.rows("SELECT * FROM person ORDER BY i"))
    assert not lent.exists("other")
    with pytest.raises(duckdb.Error, match="read-only"):
        lent.run("CREATE TABLE more AS SELECT 1")
    lent.close()
    with pytest.raises(duckdb.Error):
        DuckEngine(tmp_path / "lent.duckdb", lent="0" * 64)
    assert engine.rows("SELECT count(*) FROM person").item() == 3, "who lends goes on"
