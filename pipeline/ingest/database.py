"""Tables of a DuckDB, SQLite or PostgreSQL database that `audit.toml` names: every column as text, in batches.

DuckDB is opened read-only on a connection of its own; SQLite and PostgreSQL come through Polars' database reader
over ADBC. A password comes from the environment variable that `password_env` names, never from a file.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import polars as pl

from pipeline.engine.quoting import identifier, literal
from pipeline.errors import BadInput
from pipeline.ingest.headings import check_required, named_layout
from pipeline.ingest.model import Layout, Source
from pipeline.ingest.parquet import raw_of
from pipeline.ingest.settle import Raw
from pipeline.ingest.unpacked import BATCH_ROWS, LOCKED, ROWS_A_BYTE_DUCKDB, batch_rows, check_rows


@dataclass(frozen=True)
class Table:
    """An open table: its column names, and its rows as text frames in batches."""

    columns: list[str]
    batches: Callable[[], Iterator[pl.DataFrame]]


def probe(source: Source) -> Layout:
    """The layout of a table. BadInput when the database, the table or a required column is not there."""
    with _table(source) as table:
        return check_required(named_layout(table.columns, source), source, None)


def read(source: Source, layout: Layout, digest: hashlib._Hash | None = None) -> Iterator[Raw]:
    """The table's rows in batches, counted from 1. `digest` takes in the rows as CSV, for want of a file to hash."""
    begin = 1
    with _table(source) as table:
        for frame in table.batches():
            if digest is not None:
                digest.update(frame.write_csv(include_header=False).encode())
            raw = raw_of(frame, begin)
            begin += frame.height
            yield raw


@contextmanager
def _table(source: Source) -> Iterator[Table]:
    entry = source.entry
    assert entry is not None and entry.database is not None and entry.table is not None
    scheme = entry.database.partition(":")[0]
    opener = {"duckdb": _duckdb, "sqlite": _sqlite}.get(scheme, _postgresql)
    reading = False
    try:
        with opener(source, entry.table) as table:
            if not table.columns:
                raise _no_table(source, entry.table)
            reading = True
            yield table
    except BadInput:
        raise
    except Exception as error:  # drivers raise classes of their own
        first = str(error).strip().splitlines()[0][:200] if str(error).strip() else ""
        if reading or not first:  # once rows are read, a driver's own words may hold what stands in them
            first = type(error).__name__
        raise BadInput(
            f"the database table cannot be read: {_without_password(first, entry.password_env)}",
            file=source.name,
            remedy="check the address, the table's name and the right to read it",
        ) from error


def _no_table(source: Source, table: str) -> BadInput:
    return BadInput(
        f"the database has no table '{table}'",
        file=source.name,
        remedy="mend 'table' in audit.toml; of a view, save the rows as a table",
    )


def _without_password(text: str, variable: str | None) -> str:
    password = os.environ.get(variable, "") if variable else ""
    return text.replace(password, "***") if password else text


def _dotted(name: str) -> str:
    """schema.table, each part quoted."""
    return ".".join(identifier(part) for part in name.split("."))


def _select(columns: list[str], kind: str, table: str) -> str:
    return f"SELECT {', '.join(f'CAST({identifier(c)} AS {kind}) AS {identifier(c)}' for c in columns)} FROM {table}"


@contextmanager
def _duckdb(source: Source, table: str) -> Iterator[Table]:
    import duckdb  # as the other drivers: the workers, which read workbooks only, do without

    # Of a file only tables are read: a view is a program, and a name that is no table could be that of another file.
    config: dict[str, Any] = {**LOCKED, "enable_external_access": "false", "lock_configuration": "true"}
    with closing(duckdb.connect(str(source.path), read_only=True, config=config)) as con:
        schema, _, bare = table.rpartition(".")
        found = con.execute(
            "SELECT column_name, data_type FROM duckdb_tables() t JOIN duckdb_columns() c "
            "USING (table_oid, database_name) WHERE t.table_name = ? AND t.schema_name = ? "
            "AND t.database_name = current_database() ORDER BY column_index",
            [bare, schema or "main"],
        ).fetchall()
        if not found:
            raise _no_table(source, table)
        columns = [str(name) for name, _ in found]
        check_rows(
            source, int(con.execute(f"SELECT count(*) FROM {_dotted(table)}").fetchall()[0][0]), ROWS_A_BYTE_DUCKDB
        )
        texts = [str(name) for name, kind in found if kind in ("VARCHAR", "BLOB")]

        def batches() -> Iterator[pl.DataFrame]:
            reader: Any = con.sql(_select(columns, "VARCHAR", _dotted(table))).to_arrow_reader(
                batch_rows(con, _dotted(table), texts, source)
            )
            for batch in reader:
                yield pl.DataFrame(pl.from_arrow(batch))

        yield Table(columns, batches)


@contextmanager
def _sqlite(source: Source, table: str) -> Iterator[Table]:
    import adbc_driver_sqlite.dbapi as sqlite

    # immutable: nothing is written beside the file, which is the only one of its name in the drop
    with closing(sqlite.connect(f"file:{quote(str(source.path))}?mode=ro&immutable=1")) as con:
        # no view: it is a program, which need not end
        found = _rows(
            con,
            f"SELECT c.name FROM sqlite_master t, pragma_table_info({literal(table)}) c "
            f"WHERE t.type = 'table' AND t.name = {literal(table)} COLLATE NOCASE "
            "AND t.sql NOT LIKE 'CREATE VIRTUAL%'",
        )
        yield Table([row[0] for row in found], _adbc(con, [row[0] for row in found], "TEXT", identifier(table)))


@contextmanager
def _postgresql(source: Source, table: str) -> Iterator[Table]:
    import adbc_driver_postgresql.dbapi as postgresql

    with closing(postgresql.connect(_uri(source))) as con:
        schema, _, bare = table.rpartition(".")
        where = f"table_name = {literal(bare)} AND table_schema = " + (
            literal(schema) if schema else "current_schema()"
        )
        query = f"SELECT column_name::text FROM information_schema.columns WHERE {where} ORDER BY ordinal_position"
        columns = [row[0] for row in _rows(con, query)]
        yield Table(columns, _adbc(con, columns, "text", _dotted(table)))


def _uri(source: Source) -> str:
    entry = source.entry
    assert entry is not None and entry.database is not None
    if entry.password_env is None:
        return entry.database
    password = os.environ.get(entry.password_env)
    if password is None:
        raise BadInput(
            f"the environment variable {entry.password_env}, which should hold the password, is not set",
            file=source.name,
            remedy=f"set {entry.password_env} before the run",
        )
    parts = urlsplit(entry.database)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:{quote(password, safe='')}@{host}"))


def _rows(con: Any, query: str) -> list[tuple[Any, ...]]:
    frame: pl.DataFrame = pl.read_database(query, con)
    return frame.rows()


def _adbc(con: Any, columns: list[str], kind: str, table: str) -> Callable[[], Iterator[pl.DataFrame]]:
    def batches() -> Iterator[pl.DataFrame]:
        frames = pl.read_database(_select(columns, kind, table), con, iter_batches=True, batch_size=BATCH_ROWS)
        for frame in frames:
            yield frame.with_columns(pl.all().cast(pl.String))

    return batches
