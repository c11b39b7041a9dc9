"""Rulings that wait beside the ledger: kept at once, one line each, and taken in by whoever opens the ledger next.

A reviewer's ruling must not be lost because a run holds the ledger or the power goes. A line is on the disk before the
reviewer is told so. Taking in is safe to repeat: a ruling that the ledger has from the same source is not added again.
"""

from __future__ import annotations

import base64
import datetime as dt
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import duckdb

from pipeline import vault
from pipeline.errors import BadInput
from pipeline.private import private

WAITING, TAKEN = ".rulings", ".rulings-taken"
_DAYS = ("decided_on", "valid_until")
_END = b"."  # of a sealed line, no sign of base 64: without it, one that a crash cut off may look whole


def journal_of(ledger: Path) -> Path:
    """Where rulings wait for the ledger at this path."""
    return ledger.with_name(f"{ledger.name}{WAITING}")


def waited_for(*places: Path) -> list[Path]:
    """The ledgers beside which rulings wait: in a folder, with its folders; or the ledger of that name."""
    found = {
        path.with_name(path.name.removesuffix(end))
        for place in places
        for end in (WAITING, TAKEN)
        for path in (place.rglob(f"*{end}") if place.is_dir() else [place.with_name(place.name + end)])
        if path.is_file()
    }
    return sorted(found)


def append(ledger: Path, rulings: Sequence[Mapping[str, Any]]) -> None:
    """Keep rulings (rows of `rulings.SCHEMA`) durably; they are on the disk when this returns."""
    path = journal_of(ledger)
    lines = "".join(_line(r) + "\n" for r in rulings)
    with _held(path, make=True) as file:
        assert file is not None
        end = file.seek(0, os.SEEK_END)
        if end and (file.seek(end - 1), file.read(1))[1] != b"\n":
            lines = "\n" + lines  # what was cut off by a crash had not been acknowledged
        file.write(lines.encode())
        file.flush()
        os.fsync(file.fileno())


def waiting(ledger: Path) -> list[dict[str, Any]]:
    """The rulings that wait, in their order."""
    with _held(journal_of(ledger)) as file:
        return _read(file) if file else []


def take_in(con: duckdb.DuckDBPyConnection, ledger: Path) -> int:
    """Add what waits beside the ledger to it (`con`: its connection, outside a transaction); how many were added.

    BadInput for a ruling that this version does not know; everything stays as it was then.
    """
    with _held(journal_of(ledger), make=_taken_of(ledger).exists()) as file:
        if file is None:
            return 0
        added = 0
        rows = [*_read_taken(ledger), *_read(file)]
        if rows:
            import polars as pl

            from pipeline.ledger.rulings import SCHEMA, add_rulings

            con.execute("BEGIN")
            try:
                added = add_rulings(con, pl.DataFrame(rows, schema=SCHEMA))
            except ValueError as e:
                con.execute("ROLLBACK")
                raise BadInput(
                    "a ruling that waits beside the ledger is of a kind that this program does not know",
                    file=journal_of(ledger).name,
                    remedy="use the later version of the program that kept it",
                ) from e
            except BaseException:
                con.execute("ROLLBACK")
                raise
            con.execute("COMMIT")
        _put_aside(ledger, file)  # under its lock: whoever waits for it sees that it has gone and makes another
    return added


def taken_is_kept(ledger: Path) -> None:
    """What was taken in is on the disk with the ledger (a sealed one is sealed again): forget it."""
    _taken_of(ledger).unlink(missing_ok=True)


def _taken_of(ledger: Path) -> Path:
    return ledger.with_name(f"{ledger.name}{TAKEN}")


def _read_taken(ledger: Path) -> list[dict[str, Any]]:
    """What was taken in by a process that was killed before the ledger was on the disk."""
    try:
        with _taken_of(ledger).open("rb") as file:
            return _read(file)
    except FileNotFoundError:
        return []


def _put_aside(ledger: Path, file: IO[bytes]) -> None:
    """Move the journal's lines to those that are taken in. Copied: whoever waits to append must find the file gone."""
    file.seek(0)
    with private(), _taken_of(ledger).open("ab") as taken:
        taken.write(b"\n" + file.read())
        taken.flush()
        os.fsync(taken.fileno())
    journal_of(ledger).unlink()


@contextmanager
def _held(path: Path, *, make: bool = False) -> Iterator[IO[bytes] | None]:
    """The journal, locked; None when there is none (and none is to be made)."""
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if make else 0), 0o600)
        except FileNotFoundError:
            yield None
            return
        file = os.fdopen(handle, "r+b")
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            break
        file.close()
    with file:
        if make and not os.fstat(file.fileno()).st_size:
            folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
            os.fsync(folder)
            os.close(folder)
        yield file


def _read(file: IO[bytes]) -> list[dict[str, Any]]:
    file.seek(0)
    rows = []
    for line in file.read().split(b"\n"):
        try:
            row = json.loads(_clear(line)) if line else None
        except ValueError:
            continue  # cut off by a crash: nobody was told that it is kept
        if isinstance(row, dict):
            rows.append(row | {c: dt.date.fromisoformat(row[c]) for c in _DAYS if row.get(c)})
    return rows


def _line(ruling: Mapping[str, Any]) -> str:
    """JSON; where a key is in use, sealed, in base 64, with `_END` behind it."""
    text = json.dumps(_written(ruling), ensure_ascii=False, separators=(",", ":"))
    key = vault.current()
    return (base64.b64encode(vault.sealed_bytes(text.encode(), key)) + _END).decode() if key else text


def _clear(line: bytes) -> bytes:
    """A line's JSON. ValueError for one that was cut off, BadInput for a whole one that the key does not open."""
    if line.startswith(b"{"):
        return line
    sealed, end, _ = line.partition(_END)
    try:
        return vault.opened_bytes(base64.b64decode(sealed, validate=True), "a ruling")
    except BadInput as e:
        if end or vault.current() is None:
            raise
        raise ValueError("cut off") from e


def _written(ruling: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in ruling.items() if v is not None}
