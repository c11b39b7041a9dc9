"""A disk that fills up or is read-only, memory that ends, a clock that jumps: as before or as after, and a message."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from support.kills import ROOT, digest
from support.life import month_of, write
from support.rooms import audited, can_mount, disk, held, remount, size

from pipeline.errors import BadInput
from pipeline.ledger.verify import verify
from pipeline.shortage import enough

MONTH = "2022-10"
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
root_only = pytest.mark.skipif(not can_mount(), reason="only the superuser may mount a disk of a chosen size")


@dataclass(frozen=True)
class Quiet:
    """A drop, and what its audit gives where nothing is in the way."""

    drop: Path
    out: Path

    @property
    def held(self) -> dict[str, str]:
        return held(self.out)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Quiet:
    folder = tmp_path_factory.mktemp("quiet")
    done = Quiet(write(month_of(6), folder / "month" / "drop"), folder / "out")
    assert audited(done.drop, MONTH, done.out) == ""
    return done


@pytest.fixture
def mounted(tmp_path: Path, quiet: Quiet) -> Iterator[Path]:
    with disk(tmp_path / "disk", size(quiet.out) // 2) as at:
        yield at


@root_only
def test_a_disk_that_fills_up_and_then_has_room(quiet: Quiet, mounted: Path) -> None:
    told = audited(quiet.drop, MONTH, mounted / "out")
    assert "is full" in told and "make room" in told
    assert not (mounted / "out").exists(), sorted((mounted / "out").rglob("*"))
    remount(mounted, "size=1g")
    assert audited(quiet.drop, MONTH, mounted / "out") == ""
    assert held(mounted / "out") == quiet.held
    assert digest(mounted / "out" / "ledger.duckdb") == digest(quiet.out / "ledger.duckdb")


def test_a_limit_on_the_size_of_files(quiet: Quiet, tmp_path: Path) -> None:
    """The ledger of an earlier run stays as it was; what the second wrote is gone."""
    out = tmp_path / "out"
    shutil.copytree(quiet.out, out)
    before = digest(out / "ledger.duckdb")
    told = audited(quiet.drop, MONTH, out, file_size=20_000)
    assert "full, or a limit on it" in told
    assert digest(out / "ledger.duckdb") == before and held(out) == quiet.held
    assert verify(out / "ledger.duckdb")[0] == []


@root_only
def test_an_out_that_is_read_only(quiet: Quiet, tmp_path: Path) -> None:
    with disk(tmp_path / "disk", 64 << 20) as at:
        shutil.copytree(quiet.out, at / "out")
        before = digest(at / "out" / "ledger.duckdb")
        remount(at, "ro")
        for out in ("out", "another"):
            told = audited(quiet.drop, MONTH, at / out)
            assert "read-only" in told and "--out" in told and "\n" not in told
        assert not (at / "another").exists() and held(at / "out") == quiet.held
        remount(at, "rw")
        assert digest(at / "out" / "ledger.duckdb") == before


@pytest.mark.parametrize("mebibytes", [20, 150, 200])
def test_memory_that_ends(quiet: Quiet, tmp_path: Path, mebibytes: int) -> None:
    """The libraries may stop the process outright then; whatever it is, the next run is whole."""
    out = tmp_path / "out"
    told = audited(quiet.drop, MONTH, out, address_space=mebibytes << 20)
    assert told, "it ran all the same"
    assert "memory" in told or told.startswith("ended by"), told
    assert not (out / MONTH).exists() and digest(out / "ledger.duckdb") == ""


@pytest.mark.parametrize(
    "words",
    [
        "LZ4 error: ERROR_allocation_failed",
        "memory allocation of 8388608 bytes failed",
        "numpy/random/_bounded.so: failed to map segment from shared object",
        "could not spawn threads: ThreadPoolBuildError",
        "can't start new thread",
        "std::bad_alloc",
        "Failed to allocate block of 262144 bytes (bad allocation)",
    ],
)
def test_every_library_has_its_words_for_too_little_memory(tmp_path: Path, words: str) -> None:
    with pytest.raises(BadInput, match="too little memory"), enough(tmp_path, "1GiB"):
        raise RuntimeError("asked for something") from ImportError(words)


def test_what_is_no_shortage_is_a_fault_of_the_program(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="allocation of towns"), enough(tmp_path, "1GiB"):
        raise RuntimeError("the allocation of towns is wrong")


@pytest.mark.long  # the library locks at every look at the clock: six times as slow
@pytest.mark.skipif(not Path(FAKETIME).exists(), reason="libfaketime is not installed")
def test_a_clock_that_jumps(quiet: Quiet, tmp_path: Path) -> None:
    """Years ahead and back, twice a second: the findings are the same, and the new run stands beside the old one."""
    out, clock = tmp_path / "out", tmp_path / "clock"
    shutil.copytree(quiet.out, out)
    clock.write_text("+0")
    environment = os.environ | {
        "PYTHONPATH": str(ROOT), "LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    run = subprocess.Popen(
        [sys.executable, "-c", "from pipeline.cli import main; main()", "run", "--drop", str(quiet.drop), "--month",
         MONTH, "--out", str(out)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    for offset in itertools.cycle(("+400d", "-9000d", "+20000d", "-1d")):
        clock.write_text(offset)
        try:
            told = run.communicate(timeout=0.5)[0]
            break
        except subprocess.TimeoutExpired:
            continue
    assert run.returncode == 0, told
    name = f"{MONTH}/findings.parquet"
    assert pl.read_parquet(out / name).equals(pl.read_parquet(quiet.out / name))
    assert verify(out / "ledger.duckdb")[0] == []
    assert {p.name for p in (out / "runs").iterdir()} == {f"{MONTH}-0001"}
