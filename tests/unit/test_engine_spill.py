"""What does not fit the memory limit spills: it can be read again, lies nowhere in clear bytes, and goes away."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.engine.duck import DuckEngine, NoRoom
from pipeline.errors import BadInput
from pipeline.memory import memory_limit

MARKER = "SPILLEDMARKER"
ROWS = 3_000_000


def spilled(scratch: Path, marker: str) -> DuckEngine:
    """An engine whose table of 3,000,000 marked rows is several times its memory."""
    engine = DuckEngine(scratch=scratch, memory_limit="128MiB")
    engine.run(f"SELECT '{marker}' || md5(i::VARCHAR) AS held, i FROM range({ROWS}) r(i) ORDER BY hash(i)", into="held")
    return engine


def bytes_of(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())


def test_a_spill_is_written_encrypted_and_read_back(tmp_path: Path) -> None:
    engine = spilled(tmp_path / "spill", MARKER)
    on_disk = bytes_of(tmp_path / "spill")
    assert len(on_disk) > 16 * 2**20  # it did spill
    assert MARKER.encode() not in on_disk
    read = engine.rows(
        f"SELECT count(*) AS n, sum(i) AS total, count(*) FILTER (held LIKE '{MARKER}%') AS good FROM held"
    )
    assert read.rows() == [(ROWS, ROWS * (ROWS - 1) // 2, ROWS)]
    engine.close()
    assert not bytes_of(tmp_path / "spill")


def test_the_marker_would_be_seen_in_a_spill_in_the_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.engine import duck

    monkeypatch.setitem(duck._CONFIG, "temp_file_encryption", "false")
    engine = spilled(tmp_path / "spill", MARKER)
    assert MARKER.encode() in bytes_of(tmp_path / "spill")
    engine.close()


def test_what_neither_memory_nor_disk_can_hold_is_said(tmp_path: Path) -> None:
    engine = DuckEngine(scratch=tmp_path / "spill", memory_limit="128MiB", locked=False)
    engine.run("SET max_temp_directory_size = '1MiB'")
    with pytest.raises(NoRoom):
        engine.run("SELECT md5(i::VARCHAR) AS held FROM range(10000000) r(i) ORDER BY 1", into="held")
    engine.close()


def test_memory_limits_are_read_as_written() -> None:
    assert memory_limit("4GiB") == "4096MiB"
    assert memory_limit("4 gb") == "3814MiB"
    assert memory_limit("384MiB") == "384MiB"
    assert 384 <= int(memory_limit().removesuffix("MiB")) < 10**8


@pytest.mark.parametrize("asked", ["", "4", "GiB", "-4GiB", "4XB", "383MiB", "0GB"])
def test_other_memory_limits_are_refused(asked: str) -> None:
    with pytest.raises(BadInput, match="--memory-limit"):
        memory_limit(asked)
