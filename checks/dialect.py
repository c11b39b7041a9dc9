"""DuckDB behind Great Expectations: the smallest SQLAlchemy dialect that lets GX 1.24 read a run's own database.

GX does not know DuckDB. Four things stand between them, each measured, each mended here and nowhere else:

- GX fetches a result after its connection has gone back to the pool, whose rollback throws away DuckDB's pending
  rows, so that every metric comes back empty. The cursor here fetches all rows as soon as a statement has run.
- DuckDB refuses to open one database file twice in a process under two configurations. The dialect therefore hands
  out cursors of the engine's own connection, which also keeps that engine's lock-down settings.
- GX compiles a regular expression only for dialects it lists. The instance says it is Trino's, whose `regexp_like`
  is created as a macro; Trino's full-text rules are otherwise DuckDB's.
- GX asks for a table's columns and keys before each group of metrics, and duckdb-engine answers out of PostgreSQL's
  catalogue, which takes DuckDB longer than the metrics do. The dialect here describes the table; keys it has none.

It leans on duckdb-engine's private attribute `_ConnectionWrapper__c`, on SQLAlchemy 2.0 and on GX's way to ask for
a dialect. Those three are pinned; `tests/unit/test_checks_validation.py` fails when an upgrade breaks one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import duckdb_engine
from sqlalchemy import types
from sqlalchemy.dialects import registry

from pipeline.engine.quoting import identifier

CONNECTION_STRING = "duckdb:///:memory:"  # the database named here is never opened: see `Dialect.connect`

_TYPES: dict[str, Callable[[], Any]] = {
    "VARCHAR": types.String, "BOOLEAN": types.Boolean, "DATE": types.Date, "DOUBLE": types.Float,
    "SMALLINT": types.SmallInteger, "INTEGER": types.Integer, "BIGINT": types.BigInteger, "DECIMAL": types.Numeric,
}  # fmt: skip

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

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **options: Any) -> Any:
        described = connection.exec_driver_sql(f"DESCRIBE {identifier(table_name)}").fetchall()
        return [
            {"name": name, "type": _type(kind), "nullable": True, "default": None, "comment": None}
            for name, kind, *_ in described
        ]

    def get_pk_constraint(self, connection: Any, table_name: str, schema: str | None = None, **options: Any) -> Any:
        return {"constrained_columns": [], "name": None}


def _type(kind: str) -> Any:
    """DuckDB's name of a type ("DECIMAL(18,2)") as SQLAlchemy has it; of any that nothing is asked of here, no type."""
    return _TYPES.get(kind.partition("(")[0], types.NullType)()


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
