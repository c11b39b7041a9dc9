"""The ledger's file: opened, checked, and brought to this version's form by the numbered statements of sql/ledger.

Every migration runs once, in order, in one transaction with the note that it ran; before the first one touches a ledger
that holds something, a copy of the file is kept beside it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import duckdb

from pipeline import vault
from pipeline.engine.quoting import literal
from pipeline.engine.statements import SQL
from pipeline.errors import BadInput, Held
from pipeline.ledger.journal import take_in, taken_is_kept
from pipeline.private import private
from pipeline.shortage import short_of

MIGRATIONS = SQL / "ledger" / "migrations"
FORM = ".form"  # and a number: a copy of the ledger as it was before a migration
_WAIT = 2.0  # seconds: a reviewer's ruling holds the ledger for a moment only
_MAGIC = b"DUCK"  # bytes 8 to 11 of every DuckDB file
# A ledger of before there were migrations: this must answer in it.
_FIRST = (
    "SELECT r.month, r.version, r.policy, r.findings, f.month, f.fingerprint, f.rule_id, f.town, f.status "
    "FROM run r, finding f LIMIT 0"
)


@dataclass(frozen=True)
class Migration:
    """One numbered file of statements."""

    number: int
    name: str
    sql: str


@cache
def migrations(folder: Path = MIGRATIONS) -> tuple[Migration, ...]:
    """Every migration in order; 1, 2, 3 … without a gap."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        number, _, name = path.stem.partition("_")
        found.append(Migration(int(number), name, path.read_text(encoding="utf-8")))
    if [m.number for m in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"migrations must be numbered without a gap: {[m.number for m in found]}")
    return tuple(found)


@contextmanager
def opened(path: Path, *, read_only: bool = False, wait: float = _WAIT) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the ledger at `path`, in this version's form; made when absent (unless `read_only`).

    Where a key is in use the ledger lies sealed beside `path`, and what is written is there once the connection is
    closed. Rulings that wait beside it (see `journal`) are taken in. `wait`: for so many seconds, until whoever holds
    it lets go. Raises BadInput for a file that is no ledger, is held by another program, is of a later version, or is
    not opened by the key.
    """
    until = time.monotonic() + wait
    with ExitStack() as stack:
        while True:
            try:
                con = _connect(
                    stack.enter_context(vault.worked_on(path, kept=partial(taken_is_kept, path))), path, read_only
                )
                break
            except Held:
                if time.monotonic() >= until:
                    raise
                stack.close()
                time.sleep(0.05)
        try:
            yield con
        finally:
            con.close()


def rewrite(path: Path) -> None:
    """Write the ledger anew: what was deleted from it is in no free block of its file any more."""
    with vault.worked_on(path) as file, private():
        beside = file.with_name(f".{file.name}-anew")
        beside.unlink(missing_ok=True)
        con = duckdb.connect(str(file))
        try:
            con.execute(f"ATTACH {literal(beside)} AS anew")
            name = con.execute("SELECT current_database()").fetchall()[0][0]
            con.execute(f'COPY FROM DATABASE "{name}" TO anew')
            con.execute("DETACH anew")
            con.close()
            beside.replace(file)
        finally:
            con.close()
            beside.unlink(missing_ok=True)


def _connect(file: Path, path: Path, read_only: bool) -> duckdb.DuckDBPyConnection:
    """`file`: the clear file of the ledger at `path`."""
    con = None
    try:
        # DuckDB would open a CSV or Parquet file as if it were a database, and keep nothing in it.
        if file.exists() and _head(file) != _MAGIC:
            raise duckdb.IOException("not a database file")
        if not file.exists() and not read_only:
            _make(file, path)
        con = duckdb.connect(str(file))
        _migrate(con, path)
        take_in(con, path)
        if read_only:
            con.close()
            con = duckdb.connect(str(file), read_only=True)
    except duckdb.Error as e:
        if con is not None:
            con.close()
        if "lock" in str(e).lower():
            raise Held("the ledger is held by another program", file=path.name, remedy="wait until it has ended") from e
        if (short := short_of(e, path.parent, "what the ledger may take")) is not None:
            raise short from e  # a disk without room is no damage
        raise BadInput(
            "not a ledger that can be opened: another kind of file, or damaged",
            file=path.name,
            remedy="put back a copy of it (`audit ledger export` makes them), or give another --ledger",
        ) from e
    except BaseException:
        if con is not None:
            con.close()
        raise
    file.chmod(0o600)
    return con


def _make(file: Path, path: Path) -> None:
    """A new ledger, there whole or not at all."""
    with private():
        handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
        os.close(handle)
        beside = Path(name)
        beside.unlink()
        try:
            con = duckdb.connect(str(beside))
            try:
                _migrate(con, path)
            finally:
                con.close()
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)
            beside.with_name(beside.name + ".wal").unlink(missing_ok=True)


def forget_made(path: Path) -> None:
    """Take away a ledger that was made for a run that failed, and holds nothing."""
    for file in (path, path.with_name(f"{path.name}.wal"), vault.sealed_name(path)):
        file.unlink(missing_ok=True)


def _migrate(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Bring the open ledger, which lies at `path`, to this version's form."""
    tables, done, steps = True, 0, migrations()
    try:  # nearly every ledger has it, and asking the catalogue costs four times as much
        done = int(con.execute("SELECT coalesce(max(number), 0) FROM migration").fetchall()[0][0])
    except duckdb.CatalogException:
        tables = bool(con.execute("SELECT 1 FROM duckdb_tables() LIMIT 1").fetchall())
        if tables:
            con.execute(_FIRST).fetchall()  # fails on another program's database
    if done > len(steps):
        raise BadInput(
            f"the ledger is of a later version (form {done}, this program knows {len(steps)})",
            file=path.name,
            remedy="use the program's later version, or give another --ledger",
        )
    if done == len(steps):
        return
    if tables:
        con.execute("CHECKPOINT")
        lies = vault.on_disk(path)  # clear where the ledger is, sealed where it is
        kept = path.with_name(f"{path.name}{FORM}{done}{lies.suffix if lies != path else ''}")
        with private():
            kept.unlink(missing_ok=True)
            shutil.copyfile(lies, kept)
    con.execute("BEGIN")
    con.execute("CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name VARCHAR, applied_at TIMESTAMP)")
    for step in steps[done:]:
        con.execute(step.sql)
        con.execute("INSERT INTO migration VALUES (?, ?, now()::TIMESTAMP)", [step.number, step.name])
    con.execute("COMMIT")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(12)[8:]
