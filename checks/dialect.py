"""DuckDB behind Great Expectations: the smallest SQLAlchemy dialect that lets GX 1.24 read a run's own database.

GX does not know DuckDB. Three things stand between them, each measured, each mended here and nowhere else:

- GX fetches a result after its connection has gone back to the pool, whose rollback throws away DuckDB's pending
  rows, so that every metric comes back empty. The cursor here fetches all rows as soon as a statement has run.
- DuckDB refuses to open one database file twice in a process under two configurations. The dialect therefore hands
  out cursors of the engine's own connection, which also keeps that engine's lock-down settings.
- GX compiles a regular expression only for dialects it lists. The instance says it is Trino's, whose `regexp_like`
  is created as a macro; Trino's full-text rules are otherwise DuckDB's.

It leans on duckdb-engine's private attribute `_ConnectionWrapper__c`, on SQLAlchemy 2.0 and on GX's way to ask for
a dialect. Those three are pinned; `tests/unit/test_checks_validation.py` fails when an upgrade breaks one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import duckdb_engine
from sqlalchemy.dialects import registry

CONNECTION_STRING = "duckdb:///:memory:"  # the database named here is never opened: see `Dialect.connect`

_shared: duckdb.DuckDBPyConnection | None = None
_database = ""


class BufferedCursor(duckdb_engine.CursorWrapper):
    """A cursor that holds its whole result, so that it outlives the connection's return to the pool."""

    rowcount = -1

    def __init__(self, cursor: Any, wrapper: Any) -> None:
        super().__init__(cursor, wrapper)
        self._raw = cursor
        self._rows: list[tuple[Any, ...]] = []
        self._described: Any = None
        self._position = 0

    def execute(self, statement: Any, parameters: Any = None, context: Any = None) -> None:
        super().execute(statement, parameters, context)
        self._described = self._raw.description
        self._rows = self._raw.fetchall() if self._described else []
        self._position = 0

    @property
    def description(self) -> Any:
        return self._described

    def fetchall(self) -> list[tuple[Any, ...]]:
        rest = self._rows[self._position :]
        self._position = len(self._rows)
        return rest

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        part = self._rows[self._position : self._position + (size or 1)]
        self._position += len(part)
        return part

    def fetchone(self) -> tuple[Any, ...] | None:
        part = self.fetchmany(1)
        return part[0] if part else None


class BufferedConnection(duckdb_engine.ConnectionWrapper):
    def cursor(self) -> BufferedCursor:
        return BufferedCursor(self._ConnectionWrapper__c, self)


class Dialect(duckdb_engine.Dialect):
    supports_statement_cache = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.TrinoDialect = True  # on the instance: GX looks the attribute up on the dialect it was given

    def connect(self, *args: Any, **options: Any) -> Any:
        if _shared is None:
            raise RuntimeError("the dialect hands out cursors of a running engine: use checks.dialect.sharing")
        cursor = _shared.cursor()
        cursor.execute(f'USE "{_database}"')
        cursor.execute("CREATE OR REPLACE TEMP MACRO regexp_like(s, p) AS regexp_matches(s, p)")
        return BufferedConnection(cursor)


@contextmanager
def sharing(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """While open, `duckdb://` addresses in this process read `connection`'s database. Yields the address for GX."""
    global _shared, _database
    before = _shared, _database
    registry.register("duckdb", __name__, "Dialect")
    _shared, _database = connection, connection.execute("SELECT current_database()").fetchall()[0][0]
    try:
        yield CONNECTION_STRING
    finally:
        _shared, _database = before
        registry.register("duckdb", "duckdb_engine", "Dialect")
