"""Folders that others may use too keep their rights; a file is there whole or not at all."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from pipeline.draw import files
from pipeline.private import folder, write_whole


def test_a_folder_is_made_private_and_one_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o775)
    (written,) = files.write(shared, {"draw.json": b"{}"})
    assert written.stat().st_mode & 0o777 == 0o600 and shared.stat().st_mode & 0o777 == 0o775
    made = folder(shared / "a" / "b")
    assert made.stat().st_mode & 0o777 == made.parent.stat().st_mode & 0o777 == 0o700


def test_what_could_not_be_written_leaves_nothing_and_the_earlier_one_stays(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "a.tsv", b"earlier")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError):
            write_whole(path, b"x" * 5000)
        with pytest.raises(OSError):
            files.write(tmp_path / "new", {"b.tsv": b"x" * 5000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["a.tsv"] and path.read_bytes() == b"earlier"
