"""Apache Spark behind the engine interface: the same statements, in DuckDB's dialect, translated as they come.

Polars frames go in and come out; Spark's never leave this module and the store's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from pipeline.engine.changes import change_of, changed_table
from pipeline.engine.duck import SqlError
from pipeline.engine.spark_aside import Aside
from pipeline.engine.spark_store import SparkFailed, SparkStore
from pipeline.engine.spark_tables import Table, in_arrow, of_polars, shaped_as, spark_type
from pipeline.engine.statements import macro_statements
from pipeline.engine.translate import parse

if TYPE_CHECKING:
    import polars as pl

_NATIVE = re.compile(r"^\s*CREATE\b[^(]*\bFUNCTION\b", re.IGNORECASE)
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)
# Frames up to this are part of the plan itself; larger ones are written.
_SMALL = 1000


class SparkEngine(SparkStore):
    """A run's tables on Spark, under DuckEngine's interface. For what it is made with see `SparkStore`."""

    name = "spark"
    failure = (SparkFailed, SqlError)  # DuckDB's of what it answers

    def _begin(self) -> None:
        self._made: set[str] = set()
        for statement in macro_statements(self.name):
            self.run(statement)

    def load(self, table: str, frame: pl.DataFrame, schema: Mapping[str, str] | None = None) -> None:
        """Append `frame` to `table`, created when absent with `schema` (column → DuckDB type) or the frame's own types.

        Columns of the table that the frame lacks become null.
        """
        with self._lock:
            held = self.tables.get(table)
            if self.aside is not None and 0 <= (held.rows if held else 0) <= self.aside.few - frame.height:
                self.aside.load(table, frame, schema)
                return
            if held is None:
                kinds = (
                    {c: spark_type(t) for c, t in schema.items()}
                    if schema
                    else {c: of_polars(t) for c, t in frame.schema.items()}
                )
                held = Table(tuple(kinds.items()), rows=0)
                self.keep(table, held)
            shaped = shaped_as(frame, held)
            if held.rows == 0 and 0 < shaped.height <= _SMALL:
                self.keep(table, Table(held.columns, frame=shaped, rows=shaped.height))
            elif shaped.height:
                self._add(table, self.written(table, shaped), shaped.height)

    def create(self, table: str, schema: Mapping[str, str]) -> None:
        """An empty table with these columns."""
        self.keep(table, Table(tuple((c, spark_type(t)) for c, t in schema.items()), rows=0))

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

        A view that is read `often` has its rows written once: to plan it anew each time would cost more.
        """
        bare = _COMMENT.sub("", sql)
        if _NATIVE.match(bare):
            with self._lock:
                if sql not in self._made:
                    self._told(lambda: self.session.sql(bare))
                    self._made.add(sql)
            return
        tree = parse(sql)
        if into is not None and view:
            self._keep_view(into, sql, tree, params, often)
            return
        with self._lock:
            if (aside := self._aside_for(tree)) is not None:
                if into is not None:
                    aside.run(sql, params, _named(tree), into)
                else:
                    self._change_aside(aside, sql, tree, params)
                return
        if into is None:
            self._change(tree, params)
        else:
            self._store(into, self._frame(tree, params))

    def number(self, sql: str, *, into: str, column: str) -> None:
        """The rows of a SELECT as `into`, each with a number of its own in `column`: any numbers, in no order."""
        tree = parse(sql)
        with self._lock:
            if (aside := self._aside_for(tree)) is not None:
                aside.number(sql, _named(tree), into, column)
                return
        self.run(f'SELECT row_number() OVER () AS "{column}", * FROM ({sql})', into=into)

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> pl.DataFrame:
        """The rows of one SELECT as a Polars frame."""
        import polars as pl

        tree = parse(sql)
        with self._lock:
            if (aside := self._aside_for(tree)) is not None:
                return aside.rows(sql, params, _named(tree))
        self.session.sparkContext.setJobDescription("")
        frame = pl.from_arrow(self._told(lambda: self._frame(tree, params).toArrow()))
        assert isinstance(frame, pl.DataFrame)
        return frame

    def map(
        self, sql: str, function: Callable[[pl.DataFrame], pl.DataFrame], schema: Mapping[str, str], *, into: str
    ) -> None:
        """The rows of a SELECT through a function of Polars frames, which sees any number of rows at a time."""
        tree = parse(sql)
        if self.near or self._aside_for(tree) is not None:
            # this program has loaded the function's libraries already, and a worker of Spark's would load them again
            made = function(self.rows(sql))
            self.drop(into)
            self.load(into, made, schema)
            return
        ddl = ", ".join(f"`{c}` {spark_type(t)}" for c, t in schema.items())

        made_of = in_arrow(function, list(schema))
        self._store(into, self._told(lambda: self._frame(tree, None).mapInArrow(made_of, ddl)))

    def write(self, query: str, path: Path | str) -> None:
        """Write a SELECT's rows as Parquet: a folder of files, on any path that Hadoop can write to."""
        self._told(lambda: self._frame(parse(query), None).write.mode("overwrite").parquet(str(path)))

    def exists(self, table: str) -> bool:
        """Whether a table or view of this name is there."""
        return table in self.tables

    def columns(self, table: str) -> list[str]:
        return [c for c, _ in self.tables[table].columns]

    def count(self, table: str) -> int:
        held = self.tables[table]
        if held.rows >= 0:
            return held.rows
        return int(self.rows(f'SELECT count(*) AS n FROM "{table}"').item())

    def beside(self) -> SparkEngine:
        """A second engine over the same tables, for another thread. It is closed by itself."""
        return _Beside(self)

    def close(self) -> None:
        """Remove the tables; stop the session unless it is somebody else's."""
        if self.aside is not None:
            self.aside.duck.close()
        with suppress(Exception):  # a JVM that has died removes nothing; the run's own folder goes anyhow
            self._remove((self.place,))
        if self._own:
            self.session.stop()

    def take(self, table: str, folder: str, schema: Mapping[str, str], *, of: str = "", rows: int = -1) -> None:
        """Let `table` be the Parquet under `folder`; `of`: the table of another engine that it is a copy of."""
        kinds = tuple((c, spark_type(t)) for c, t in schema.items())
        there = "table" if of and self.aside is not None else ""
        self.keep(table, Table(kinds, paths=(folder,), aside=there, taken=of, rows=rows))

    def borrow(self, table: str, rows: int) -> bool:
        """Let `table` be the one that `aside` has already; False where its rows are too many for that."""
        if self.aside is None or rows > self.aside.few:
            return False
        self.keep(table, Table(self.aside.columns(table), aside="table", taken=table, rows=rows))
        return True

    def join(self, table: str, folder: str, rows: int) -> None:
        """Let `table` have the rows of the Parquet under `folder` as well."""
        self._add(table, folder, rows)

    def _aside_for(self, tree: exp.Expr) -> Aside | None:
        """Who answers a statement instead of Spark, if somebody does."""
        return self.aside if self.aside is not None and self.aside.answers(_named(tree)) else None

    def _change_aside(self, aside: Aside, sql: str, tree: exp.Expr, params: Mapping[str, Any] | None) -> None:
        if isinstance(tree, exp.Alter):
            self._change(tree, params)
        else:
            aside.change(sql, params, _named(tree), changed_table(tree))

    def _change(self, tree: exp.Expr, params: Mapping[str, Any] | None) -> None:
        """Run what changes a table, or nothing."""
        held = self.tables.get(changed_table(tree))
        change = change_of(tree, [c for c, _ in held.columns] if held else ())
        if change is None:
            self._told(lambda: self._frame(tree, params).collect())
        elif change.renamed:
            self._rename(change.table, change.renamed)
        elif change.query is not None:
            self._store(change.table, self._frame(change.query, params), like=held, adds=change.adds)

    def _rename(self, table: str, new: str) -> None:
        with self._lock:
            if self.aside is not None and self.tables[table].aside:
                self.aside.rename(table, new)
            held = self.tables.pop(table)
            if self._shown.pop(table, None) is not None:
                self.session.catalog.dropTempView(table)
            self.keep(new, replace(held, taken=new if held.taken and held.aside else held.taken))


def _named(tree: exp.Expr) -> set[str]:
    """The tables that a statement names, its own parts among them."""
    return {t.name for t in tree.find_all(exp.Table)}


class _Beside(SparkEngine):
    """The same tables for another thread: Spark's session serves several."""

    def __init__(self, engine: SparkEngine) -> None:
        self.__dict__ = engine.__dict__

    def close(self) -> None:
        return
