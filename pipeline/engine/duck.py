"""DuckDB behind the engine interface: load, create, run, number, rows, map, write, exists, columns, count, drop,
beside, close. (`types` and `lend` are DuckDB's alone.)

Polars frames go in and come out; DuckDB relations never leave this module. One engine is one run's private
database file; it is locked down (no extension is fetched or loaded, spill files are encrypted).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import duckdb

if TYPE_CHECKING:
    import polars as pl

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "temp_file_encryption": "true",
    # Without it DuckDB 2.0 refuses to write what it should encrypt, unless an extension is loaded that no wheel of 2.0
    # carries. Its makers do not vouch for the random numbers behind the wheel's own cipher: it keeps people's data
    # from lying in clear bytes in a private folder that goes with the run. Nothing kept is encrypted this way.
    "force_mbedtls_unsafe": "true",
    # A run's tables are written once: a checkpoint in the middle only costs (0.3 s on a county of 200,000 people).
    "checkpoint_threshold": "1TB",
}


_ABSENT = re.compile(r"Table with name (\S+) does not exist")
T = TypeVar("T")

# What a statement that cannot be run raises; what one raises that memory and spill together cannot hold.
SqlError = duckdb.Error
NoRoom = duckdb.OutOfMemoryException


class Lender(Protocol):
    """Has tables that an engine may ask for."""

    def bring(self, engine: DuckEngine, table: str) -> bool:
        """Load the table into the engine; False where there is none of this name, or it was brought before."""

    def forget(self, table: str) -> None:
        """Nobody will ask for this one."""


class DuckEngine:
    """A run's database. `path` = None keeps it in memory; `scratch` holds spill files (default beside the database).

    `sealed`: the file is encrypted with a key that is nowhere but in memory, so that nobody but this engine reads it.
    `lent`: the key that `lend` gave for the file, which is then read only.
    `memory_limit` ("4GiB") is for DuckDB's own memory: what does not fit spills. Default: 80 % of the machine's.
    `threads`: default as many as there are. No statement reads or writes files but in `folders` and the folder of
    `scratch` or of `path`, and none changes the configuration (`locked`).
    """

    name = "duckdb"
    failure: type[Exception] | tuple[type[Exception], ...] = SqlError
    lender: Lender | None = None  # where tables come from that are first asked for when they are read

    def __init__(
        self,
        path: Path | None = None,
        *,
        sealed: bool = False,
        lent: str | None = None,
        scratch: Path | None = None,
        memory_limit: str | None = None,
        threads: int | None = None,
        folders: Sequence[Path] = (),
        locked: bool = True,
    ) -> None:
        config = dict(_CONFIG)
        if scratch or path:
            config["temp_directory"] = str(scratch or Path(str(path) + ".spill"))
        if memory_limit:
            config["memory_limit"] = memory_limit
        if threads:
            config["threads"] = threads
        self.con = duckdb.connect(str(path) if path and not (sealed or lent) else ":memory:", config=config)
        self._enter = ""
        if path and (sealed or lent):
            how = "READ_ONLY, " if lent else ""
            self.con.execute(f"ATTACH {_text(path)} AS run ({how}ENCRYPTION_KEY '{lent or secrets.token_hex(32)}')")
            self._enter = "USE run"  # each connection says it for itself
            self.con.execute(self._enter)
        self.con.execute("SET enable_progress_bar = false")
        own = [str(folder.resolve()) for folder in (*folders, *(f.parent for f in (scratch, path) if f is not None))]
        self.con.execute("SET allowed_directories = $own", {"own": own})
        self.con.execute("SET enable_external_access = false")
        if locked:
            self.con.execute("SET lock_configuration = true")

    def load(self, table: str, frame: pl.DataFrame, schema: Mapping[str, str] | None = None) -> None:
        """Append `frame` to `table`, created when absent with `schema` (column → DuckDB type) or the frame's own types.

        Columns of the table that the frame lacks become null.
        """
        import polars as pl

        arrow = frame.to_arrow(compat_level=pl.CompatLevel.newest())  # texts are handed over as they lie, not copied
        self.con.register("_incoming", arrow)
        try:
            if schema is not None and not self.exists(table):
                self.create(table, schema)
            if self.exists(table):
                names = ", ".join(f'"{c}"' for c in frame.columns)
                self.con.execute(f'INSERT INTO "{table}" ({names}) SELECT {names} FROM _incoming')
            else:
                self.con.execute(f'CREATE TABLE "{table}" AS SELECT * FROM _incoming')
        finally:
            self.con.unregister("_incoming")

    def create(self, table: str, schema: Mapping[str, str]) -> None:
        """An empty table with these columns."""
        body = ", ".join(f'"{column}" {kind}' for column, kind in schema.items())
        self.con.execute(f'CREATE TABLE "{table}" ({body})')

    def run(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,
        *,
        into: str | None = None,
        view: bool = False,
        often: bool = False,
    ) -> None:
        """Run one statement; with `into` its rows become that table (or view), replacing what bore the name.

        often: that the view is read often, for an engine to which planning is dear; here it is not.
        """
        if into is not None:
            kind = "VIEW" if view else "TABLE"
            self.drop(into)
            sql = f'CREATE {kind} "{into}" AS {sql}'
        self._asked(lambda: self.con.execute(sql, _used(sql, params)).fetchall())

    def number(self, sql: str, *, into: str, column: str) -> None:
        """The rows of a SELECT as `into`, each with a number of its own in `column`: any numbers, in no order."""
        # a window over all rows would go through them one by one; where a row stands in its table is known anyhow
        self.drop(into)
        self.run(sql, into=f"{into}_row")
        self.con.execute(f'CREATE VIEW "{into}" AS SELECT rowid AS "{column}", * FROM "{into}_row"').fetchall()

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> pl.DataFrame:
        """The rows of one SELECT as a Polars frame."""
        import polars as pl

        table = self._asked(lambda: self.con.sql(sql, params=_used(sql, params)).to_arrow_table())
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)
        return frame

    def map(
        self, sql: str, function: Callable[[pl.DataFrame], pl.DataFrame], schema: Mapping[str, str], *, into: str
    ) -> None:
        """The rows of a SELECT through a function of Polars frames, which gives the columns of `schema`."""
        self.drop(into)
        self.load(into, function(self.rows(sql)), schema)

    def write(self, query: str, path: Path) -> None:
        """Write a SELECT's rows as one Parquet file."""
        self._asked(lambda: self.con.execute(f"COPY ({query}) TO {_text(path)} (FORMAT parquet, COMPRESSION zstd)"))

    def lend(self, tables: Iterable[str], path: Path) -> str:
        """Copy tables into a new encrypted file, for an engine of another process (`lent`). The key, kept nowhere.

        `path`: in a folder that this engine may write to.
        """
        key = secrets.token_hex(32)
        self.con.execute(f"ATTACH {_text(path)} AS lent (ENCRYPTION_KEY '{key}')")
        try:
            for table in dict.fromkeys(tables):
                self.con.execute(f'CREATE TABLE lent."{table}" AS SELECT * FROM "{table}"').fetchall()
        finally:
            self.con.execute("DETACH lent")
        return key

    def exists(self, table: str) -> bool:
        """Whether a table or view of this name is there."""
        # Trying is ten times quicker than asking the catalogue.
        try:
            self._asked(lambda: self.con.execute(f'SELECT 1 FROM "{table}" LIMIT 0').fetchall())
        except duckdb.CatalogException:
            return False
        return True

    def columns(self, table: str) -> list[str]:
        return list(self.types(table))

    def types(self, table: str) -> dict[str, str]:
        """Column → DuckDB's type."""
        return {r[0]: r[1] for r in self._asked(lambda: self.con.execute(f'DESCRIBE "{table}"').fetchall())}

    def count(self, table: str) -> int:
        return int(self._asked(lambda: self.con.execute(f'SELECT count(*) FROM "{table}"').fetchall())[0][0])

    def drop(self, table: str) -> None:
        """Drop the table or view of this name, if there is one."""
        if self.lender is not None:
            self.lender.forget(table)
        # Dropping and being told that it is a view is ten times quicker than asking the catalogue first.
        try:
            self.con.execute(f'DROP TABLE IF EXISTS "{table}"')
        except duckdb.CatalogException:
            self.con.execute(f'DROP VIEW IF EXISTS "{table}"')

    def beside(self) -> DuckEngine:
        """A second engine over the same tables, for another thread. It is closed by itself."""
        other = object.__new__(DuckEngine)
        other.con, other._enter, other.lender = self.con.cursor(), self._enter, self.lender
        if self._enter:
            other.con.execute(self._enter)
        return other

    def close(self) -> None:
        self.con.close()

    def _asked(self, work: Callable[[], T]) -> T:
        """What `work` gives, once the lender has brought what is not there."""
        while True:
            try:
                return work()
            except duckdb.CatalogException as e:
                absent = _ABSENT.search(str(e))
                if self.lender is None or absent is None or not self.lender.bring(self, absent[1]):
                    raise


def _text(path: Path) -> str:
    quoted = str(path).replace("'", "''")
    return f"'{quoted}'"


def _used(sql: str, params: Mapping[str, Any] | None) -> dict[str, Any]:
    """Only the parameters a statement names: DuckDB refuses the rest."""
    return {k: v for k, v in (params or {}).items() if re.search(rf"\${k}\b", sql)}
