"""Ingest's working files: the same frame comes back; nothing of it can be read on the disk, nor changed unnoticed."""

from __future__ import annotations

import pickle
import stat
from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import AuditError
from pipeline.ingest import scratch as module
from pipeline.ingest.scratch import Scratch

ID = "440281199003071239"
FRAME = pl.DataFrame({"name": ["王小明", None] * 500, "id_number": [ID] * 1000, "row": range(1000)})


@pytest.fixture
def laid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    monkeypatch.setattr(module, "_PART", 4096)  # several parts a file
    return Scratch(tmp_path)


def test_the_frame_comes_back_here_and_in_a_worker(laid: Scratch) -> None:
    path = laid.write(FRAME, "a.arrow")
    assert laid.read(path).equals(FRAME)
    worker: Scratch = pickle.loads(pickle.dumps(laid))
    assert worker.read(path).equals(FRAME)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_of_it_can_be_read_on_the_disk(laid: Scratch) -> None:
    raw = laid.write(FRAME, "a.arrow").read_bytes()
    assert b"ARROW" in laid.content(laid.folder / "a.arrow").getvalue()
    for telling in (b"ARROW", b"id_number", ID.encode(), ID[6:14].encode(), "王小明".encode(), laid.key):
        assert telling not in raw
    assert raw != Scratch(laid.folder).write(FRAME, "b.arrow").read_bytes()
    assert laid.key.hex() not in repr(laid) and repr(laid.key) not in repr(laid)


def test_another_run_cannot_read_it(laid: Scratch) -> None:
    path = laid.write(FRAME, "a.arrow")
    with pytest.raises(AuditError, match=r"a\.arrow was changed"):
        Scratch(laid.folder).read(path)


@pytest.mark.parametrize("way", ["bit", "cut", "cut between parts", "empty", "stirred", "exchanged", "longer"])
def test_a_change_is_noticed(laid: Scratch, way: str) -> None:
    path, other = laid.write(FRAME, "a.arrow"), laid.write(FRAME.reverse(), "b.arrow")
    raw = bytearray(path.read_bytes())
    part = 4 + 12 + 4096 + 16
    match way:
        case "bit":
            raw[len(raw) // 2] ^= 1
        case "cut":
            raw = raw[:-7]
        case "cut between parts":
            raw = raw[:part]
        case "empty":
            raw = bytearray()
        case "stirred":
            raw = raw[part : 2 * part] + raw[:part] + raw[2 * part :]
        case "exchanged":
            raw = bytearray(other.read_bytes())
        case "longer":
            raw += b"\xff\xff\xff\xff"
    path.write_bytes(raw)
    with pytest.raises(AuditError, match=r"a\.arrow was changed"):
        laid.read(path)


def test_a_file_is_never_written_over(laid: Scratch) -> None:
    laid.write(FRAME, "a.arrow")
    with pytest.raises(FileExistsError):
        laid.write(FRAME, "a.arrow")
