"""Few rows stay with DuckDB: a statement that reads no more than some is answered by the run's own database.

To plan, start and commit a statement takes Spark a third of a second on one machine and seconds on a cluster, however
little it reads, and most statements of a run read what others have left of the departments' rows. DuckDB answers those
in milliseconds, in the program itself; it is the same text. A table goes over when a statement on the other side
first reads it, and stays on both sides until it changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.engine.duck import DuckEngine
from pipeline.engine.spark_tables import Table, local_files, query_of_files, spark_type
from pipeline.engine.statements import macro_statements

if TYPE_CHECKING:
    import polars as pl

    from pipeline.engine.spark_store import SparkStore

# Of all tables that a statement reads, together. DuckDB goes through so many in the time that Spark takes to begin.
FEW = 1_000_000
# What DuckDB's sums of whole numbers are; Parquet has no such type, and to Spark they are BIGINT.
_WIDE = "HUGEINT"


class Aside:
    """The run's DuckDB beside a Spark store: which of the store's tables it has as well, and how they get there.

    `few`: how many rows a statement it answers may read. Its caller holds the store's lock.
    """

    def __init__(self, store: SparkStore, duck: DuckEngine, few: int) -> None:
        self._store, self.few = store, few
        self.duck = duck.beside()
        self._views: dict[str, int] = {}  # the stamp at which each view was made here
        for statement in macro_statements(duck.name):
            self.duck.run(statement)

    def answers(self, names: Iterable[str]) -> bool:
        """Whether a statement that names these tables is one of few rows."""
        return 0 <= self._store.rows_of(names) <= self.few

    def run(self, sql: str, params: Mapping[str, Any] | None, names: Iterable[str], into: str) -> None:
        """Run a statement that makes the table `into`."""
        self.ready(names)
        # what bears the name is dropped last: the statement may read it
        made = f"{into}_aside"
        self.duck.run(sql, params, into=made)
        self.duck.drop(into)
        self.duck.run(f'ALTER TABLE "{made}" RENAME TO "{into}"')
        self.keep(into)

    def number(self, sql: str, names: Iterable[str], into: str, column: str) -> None:
        """As `DuckEngine.number`."""
        self.ready(names)
        self.duck.number(sql, into=into, column=column)
        self.keep(into)

    def load(self, table: str, frame: pl.DataFrame, schema: Mapping[str, str] | None) -> None:
        """As `DuckEngine.load`."""
        if table in self._store.tables:
            self.own(table)
        else:
            self.duck.drop(table)
        self.duck.load(table, frame, schema)
        self.keep(table)

    def rows(self, sql: str, params: Mapping[str, Any] | None, names: Iterable[str]) -> pl.DataFrame:
        self.ready(names)
        return self.duck.rows(sql, params)

    def change(self, sql: str, params: Mapping[str, Any] | None, names: Iterable[str], table: str) -> None:
        """Run a statement that changes the rows of `table`, or ('') nothing."""
        self.ready(names)
        if table:
            self.own(table)
        self.duck.run(sql, params)
        if table:
            self.keep(table)

    def rename(self, table: str, new: str) -> None:
        self.own(table)
        self.duck.drop(new)
        self.duck.run(f'ALTER TABLE "{table}" RENAME TO "{new}"')

    def view(self, name: str, sql: str, params: Mapping[str, Any] | None, names: Iterable[str]) -> None:
        self.ready(names)
        self.duck.run(sql, params, into=name, view=True)
        self._views[name] = next(self._store.stamps)

    def seen(self, views: Iterable[str]) -> None:
        """Let these views be as they should: another thread may be reading them, so they are not made again."""
        self._views |= {name: next(self._store.stamps) for name in views}

    def has(self, names: Iterable[str]) -> bool:
        """Whether DuckDB has these tables, and all that views among them read, without fetching any."""
        held = [t for t in map(self._store.tables.get, names) if t is not None]
        return all(self.has(t.reads) if t.view else bool(t.aside) for t in held)

    def keep(self, name: str) -> None:
        """Let the store know what DuckDB has made of a table."""
        self._store.keep(name, Table(self.columns(name), aside="table", rows=self.duck.count(name)))

    def columns(self, name: str) -> tuple[tuple[str, str], ...]:
        return tuple((c, "BIGINT" if t == _WIDE else spark_type(t)) for c, t in self.duck.types(name).items())

    def ready(self, names: Iterable[str]) -> None:
        """See that DuckDB has these tables and views, as they are now."""
        for name in names:
            held = self._store.tables.get(name)
            if held is None:  # a query's own name for a part of it
                continue
            if not held.view:
                if not held.aside:
                    self._bring(name, held)
                continue
            self.ready(held.reads)
            made = self._views.get(name, -1)
            if made < 0 or any(self._changed(r) > made for r in held.reads):
                self.view(name, held.view, held.given, held.reads)

    def own(self, name: str) -> None:
        """See that a table is one whose rows DuckDB may change."""
        held = self._store.tables[name]
        if held.aside != "table":
            self._bring(name, held)

    def forget(self, name: str) -> None:
        """Drop a table or view."""
        self._views.pop(name, None)
        self.duck.drop(name)

    def lend(self, name: str, table: Table) -> Table:
        """A table that only DuckDB has, with its rows where Spark can read them."""
        wide = [c for c, t in self.duck.types(name).items() if t == _WIDE]
        narrowed = ", ".join(f'CAST("{c}" AS BIGINT) AS "{c}"' for c in wide)
        query = f'SELECT * REPLACE ({narrowed}) FROM "{name}"' if wide else f'SELECT * FROM "{name}"'
        if self._store.local:
            path = self._store.folder(name)
            Path(path.removeprefix("file://")).mkdir(parents=True)
            self.duck.write(query, Path(path.removeprefix("file://")) / "part-0.parquet")
        else:
            path = self._store.written(name, self.duck.rows(query))
        return replace(table, paths=(path,))

    def _changed(self, name: str) -> int:
        """When a table last changed, or a view was last made here."""
        held = self._store.tables.get(name)
        return held.stamp if held is not None and not held.view else self._views.get(name, -1)

    def _bring(self, name: str, table: Table) -> None:
        files = local_files(table) if self._store.local else []
        if files and table.frame is None:
            self.duck.run(query_of_files(table, files), into=name)
        else:
            self.duck.drop(name)
            for part in self._store.parts(table):
                self.duck.load(name, part)
        self._store.tables[name] = replace(table, aside="table")
