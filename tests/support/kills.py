"""Runs of `audit` killed at random moments, and what the ledger holds after each: as before, or as after."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import vault
from pipeline.ledger import opened
from support.life import MONTHS, month_of, write

ROOT = Path(__file__).parents[2]
# What a run's own moment decides, and nothing else.
_MOMENT = {"run": ("recorded_at", "manifest"), "migration": ("applied_at",), "access": ("noted_at", "before", "hash")}


def digest(ledger: Path) -> str:
    """What the ledger holds, but for the moments at which it was written; '' where no run is in it yet."""
    if not vault.there(ledger):
        return ""
    told = hashlib.sha256()
    with opened(ledger, read_only=True, wait=20) as con:
        if not con.execute("SELECT count(*) FROM run").fetchall()[0][0]:
            return ""
        for (table,) in con.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall():
            left_out = ", ".join(_MOMENT.get(table, ()))
            columns = f"* EXCLUDE ({left_out})" if left_out else "*"
            rows = con.execute(f'SELECT {columns} FROM "{table}" ORDER BY ALL').fetchall()
            told.update(repr((table, rows)).encode())
    return told.hexdigest()


def drops(work: Path, months: Sequence[str]) -> None:
    for n, month in enumerate(months, 1):
        write(month_of(n), work / month / "drop")


def start(work: Path, month: str, out: Path) -> subprocess.Popen[str]:
    """`audit run` in a process of its own."""
    policy = work / month / "policy.toml"
    more = ["--policy", str(policy)] if policy.exists() else []
    return subprocess.Popen(
        [sys.executable, "-c", "from pipeline.cli import main; main()", "run", "--drop", str(work / month / "drop"),
         "--month", month, "--out", str(out), *more],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=work, start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@dataclass
class Killed:
    """How often a run was killed, and in which state the ledger was found then."""

    before: int = 0
    after: int = 0
    staged: int = 0  # of them, while finished outputs stood beside the month
    told: list[str] = field(default_factory=list)  # what later runs said they found


def undisturbed(work: Path, out: Path, months: Sequence[str] = MONTHS) -> tuple[list[str], float]:
    """Run the months in peace. What the ledger holds after each, and the seconds of a run."""
    held, begun = [digest(out / "ledger.duckdb")], time.monotonic()
    for month in months:
        run = start(work, month, out)
        text = run.communicate()[0]
        assert run.returncode == 0, text
        held.append(digest(out / "ledger.duckdb"))
    return held, (time.monotonic() - begun) / len(months)


def disturbed(
    work: Path, out: Path, held: Sequence[str], seconds: float, kills: int, seed: int, months: Sequence[str] = MONTHS
) -> Killed:
    """Run the months, each killed again and again, then let it end. AssertionError where the ledger was found between.

    Half of the kills come at any moment, half in the moments after the outputs were staged.
    """
    dice, found = random.Random(seed), Killed()
    for n, month in enumerate(months):
        share = kills // len(months) + (n < kills % len(months))
        for _ in range(share):
            run = start(work, month, out)
            _kill(run, out, dice, seconds, found)
            now = digest(out / "ledger.duckdb")
            assert now in (held[n], held[n + 1]), f"{month}: the ledger is neither as before nor as after"
            if now == held[n + 1]:
                found.after += 1
                break  # the month is done; the rest of its kills fall away
            found.before += 1
        if digest(out / "ledger.duckdb") != held[n + 1]:
            run = start(work, month, out)
            text = run.communicate()[0]
            assert run.returncode == 0, text
            found.told += [line for line in text.splitlines() if "found" in line and " run " in line]
        assert digest(out / "ledger.duckdb") == held[n + 1], month
    return found


def _kill(run: subprocess.Popen[str], out: Path, dice: random.Random, seconds: float, found: Killed) -> None:
    if dice.random() < 0.5:
        with suppress(subprocess.TimeoutExpired):
            run.wait(dice.uniform(0, seconds))
    else:
        while run.poll() is None and not _staged(out):
            time.sleep(0.0005)
        time.sleep(dice.uniform(0, 0.12))
    found.staged += any(True for _ in _staged_folders(out))
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    run.communicate()


def _staged(out: Path) -> bool:
    return any(True for _ in _staged_folders(out))


def _staged_folders(out: Path) -> Iterator[Path]:
    return out.glob(".run-*") if out.exists() else iter(())
