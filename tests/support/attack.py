"""A hostile drop read in a process of its own, with what came of it: rows or one refusal, time, memory, leftovers."""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import polars as pl

ID = "440281199003071239"
OTHER = "440281198505052317"
NAME = "王小明"
ROSTER = f"家庭编号,姓名,身份证号,镇街\nDB1,{NAME},{ID},长来镇\n"
DEATH = f"姓名,身份证号,死亡日期\n{NAME},{ID},2022-10-03\n"

SECONDS = 40  # most of it for a machine that is busy with other tests
MEBIBYTES = 1_500  # of which the libraries take 250
# A last line of defence, not the bound that is tested: libraries reserve more than they use.
_ADDRESS_SPACE = 24 << 30


@dataclass(frozen=True)
class Outcome:
    """What came of it. `refusal`: the one message; `fault`: an exception that is none of the program's own."""

    refusal: str = ""
    fault: str = ""
    rows: dict[str, pl.DataFrame] = field(default_factory=dict)  # tables that have rows
    accounts: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)  # file → read, kept, rejected, skipped
    told: tuple[str, ...] = ()
    seconds: float = 0
    mebibytes: float = 0
    left: tuple[str, ...] = ()


def laid(folder: Path, files: dict[str, bytes | str], *, roster: bool = True) -> Path:
    """A drop of these files in `folder`, and a good roster of one."""
    drop = folder / "drop"
    drop.mkdir(parents=True)
    for name, content in {**({"低保.csv": ROSTER} if roster else {}), **files}.items():
        path = drop / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return drop


def tried(drop: Path, *, seconds: float = SECONDS, mebibytes: float = MEBIBYTES) -> Outcome:
    """Ingest the drop; AssertionError where it took too long or too much, left something, or broke unforeseen.

    The process is forked from a server that has loaded the libraries and done nothing else.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipeline.ingest.stage", "pipeline.engine.duck", "support.attack"])
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(drop, there))
    child.start()
    there.close()
    outcome = None
    if here.poll(seconds):
        outcome = here.recv()
    child.kill()
    child.join()
    assert outcome is not None, f"not done within {seconds} s"
    assert not outcome.fault, outcome.fault
    assert outcome.mebibytes < mebibytes, f"{outcome.mebibytes:.0f} MiB"
    assert not outcome.left, outcome.left
    assert "\n" not in outcome.refusal and ID not in outcome.refusal and NAME not in outcome.refusal, outcome.refusal
    return outcome


def refused(drop: Path, *, seconds: float = SECONDS, mebibytes: float = MEBIBYTES) -> str:
    """The message with which a hostile drop is refused."""
    outcome = tried(drop, seconds=seconds, mebibytes=mebibytes)
    assert outcome.refusal, f"it was read: {outcome.accounts}"
    assert not outcome.rows
    return outcome.refusal


def _child(drop: Path, back: Connection) -> None:
    from pipeline.engine.duck import DuckEngine
    from pipeline.errors import BadInput
    from pipeline.ingest import ingest

    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    begun, refusal, fault = time.monotonic(), "", ""
    rows, accounts, told = {}, {}, ()
    with tempfile.TemporaryDirectory() as folder:
        engine = DuckEngine(memory_limit="1GiB", scratch=Path(folder) / "spill")
        try:
            report = ingest(drop, engine, scratch=Path(folder))
            told = tuple(report.told)
            accounts = {i.path: (i.rows_read, i.rows_kept, i.rows_rejected, i.rows_skipped) for i in report.inputs}
        except BadInput as error:
            refusal = str(error)
            assert error.remedy, refusal
        except BaseException as error:
            fault = f"{type(error).__name__}: {error}"
        tables = engine.rows("SELECT table_name FROM duckdb_tables() ORDER BY 1")["table_name"]
        rows = {t: frame for t in tables if (frame := engine.rows(f'SELECT * FROM "{t}"')).height}
        left = tuple(p.name for p in Path(folder).iterdir() if p.name != "spill")
    peak = (
        next(int(x.split()[1]) for x in Path("/proc/self/status").read_text().splitlines() if x[:5] == "VmHWM") / 1024
    )
    back.send(Outcome(refusal, fault, rows, accounts, told, time.monotonic() - begun, peak, left))
