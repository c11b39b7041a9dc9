"""Runs of `audit` killed at random moments, and what ledger and OUT hold after each: as before, or as after."""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import vault
from pipeline.ledger import opened, workspace
from support.life import MONTHS, month_of, write
from support.rooms import stands
from support.started import Started

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


def start(work: Path, month: str, out: Path) -> Started:
    """`audit run` in a process of its own, with the key that is in use here."""
    policy = work / month / "policy.toml"
    more = ("--policy", str(policy)) if policy.exists() else ()
    words = ("run", "--drop", str(work / month / "drop"), "--month", month, "--out", str(out), *more)
    return Started(words, work, {vault.KEY_FILE: os.environ.get(vault.KEY_FILE, "")})


@dataclass(frozen=True)
class State:
    """What the ledger holds, and what stands in OUT beside it."""

    ledger: str
    files: dict[str, str]


def state(out: Path) -> State:
    return State(digest(out / "ledger.duckdb"), stands(out))


@dataclass
class Killed:
    """How often a run was killed, and in which state the ledger was found then."""

    before: int = 0
    after: int = 0
    staged: int = 0  # of them, while finished outputs stood beside the month
    told: list[str] = field(default_factory=list)  # what later runs said they found


def undisturbed(work: Path, out: Path, months: Sequence[str] = MONTHS) -> tuple[list[State], float]:
    """Run the months in peace. What is there before the first and after each, and the seconds of a run."""
    held, begun = [state(out)], time.monotonic()
    for month in months:
        run = start(work, month, out)
        ended = run.ended()
        assert ended.returncode == 0, ended.stderr
        held.append(state(out))
    return held, (time.monotonic() - begun) / len(months)


def disturbed(
    work: Path, out: Path, held: Sequence[State], seconds: float, kills: int, seed: int,
    months: Sequence[str] = MONTHS, *, look: Callable[[Path], None] = lambda out: None,
) -> Killed:  # fmt: skip
    """Run the months, each killed again and again, then let it end. AssertionError where ledger or OUT is between.

    Half of the kills come at any moment, half in the moments after the outputs were staged. `look` is called with OUT
    after each kill, and at the end.
    """
    dice, found = random.Random(seed), Killed()
    waiting: list[dict[str, str]] = []  # what OUT may hold still, where a recorded run is not in its place yet
    for n, month in enumerate(months):
        share = kills // len(months) + (n < kills % len(months))
        for _ in range(share):
            run = start(work, month, out)
            _kill(run, out, dice, seconds, found)
            look(out)
            now = state(out)
            assert now.ledger in (held[n].ledger, held[n + 1].ledger), (
                f"{month}: the ledger is neither as before nor as after; in OUT: "
                f"{sorted(p.name for p in out.iterdir()) if out.exists() else 'it is gone'}"
            )
            done = now.ledger == held[n + 1].ledger
            allowed = [*waiting, held[n].files, *([held[n + 1].files] if done else [])]
            assert now.files in allowed, f"{month}: OUT is neither as before nor as after"
            if done:
                # recorded: where it is not in its place, the next run puts it there
                waiting = [now.files] if now.files != held[n + 1].files else []
                found.after += 1
                break  # the month is done; the rest of its kills fall away
            found.before += 1
        if digest(out / "ledger.duckdb") != held[n + 1].ledger:
            run = start(work, month, out)
            ended = run.ended()
            assert ended.returncode == 0, ended.stderr
            found.told += [
                line for line in (ended.stdout + ended.stderr).splitlines() if "found" in line and " run " in line
            ]
            assert state(out) == held[n + 1], month
            waiting = []
    with workspace(out, out / "ledger.duckdb", months[-1]):  # as the next run begins
        assert state(out) == held[-1], "not as in peace"
        left = [p.name for p in out.iterdir() if p.name.startswith(".") and not p.name.startswith(".work-")]
        assert left == [], "what killed runs had begun is still there"
    look(out)
    return found


def _kill(run: Started, out: Path, dice: random.Random, seconds: float, found: Killed) -> None:
    if dice.random() < 0.5:
        run.wait(dice.uniform(0, seconds))
    else:
        while run.returncode is None and not _staged(out):
            time.sleep(0.0005)
        time.sleep(dice.uniform(0, 0.12))
    found.staged += any(True for _ in _staged_folders(out))
    run.kill()


def _staged(out: Path) -> bool:
    return any(True for _ in _staged_folders(out))


def _staged_folders(out: Path) -> Iterator[Path]:
    return out.glob(".run-*") if out.exists() else iter(())
