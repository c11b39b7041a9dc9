"""Two engines in step: each statement runs on both, and what it leaves is compared at once.

What the stages read comes from DuckDB. Where Spark's answer differs it is noted and DuckDB's taken in its place, so
that one difference is one difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.engine.changes import changed_table
from pipeline.engine.duck import DuckEngine
from pipeline.engine.spark import SparkEngine
from pipeline.engine.translate import parse


def in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows sorted, whole numbers and decimals in one type: a sum may be wider here than there."""
    numbers = [c for c, kind in frame.schema.items() if kind.is_integer() or kind.is_decimal()]
    frame = frame.with_columns(pl.col(c).cast(pl.Decimal(38, 6)) for c in numbers)
    return frame.sort(frame.columns, nulls_last=True) if frame.width else frame


def difference(ours: pl.DataFrame, theirs: pl.DataFrame) -> str:
    """'' where two tables have the same columns and rows, else what differs."""
    if ours.columns != theirs.columns:
        return f"columns {ours.columns} and {theirs.columns}"
    a, b = in_order(ours), in_order(theirs)
    if kinds := [(c, str(x), str(b.schema[c])) for c, x in a.schema.items() if x != b.schema[c]]:
        return f"types {kinds}"
    if a.equals(b):
        return ""
    only = a.join(b, on=a.columns, how="anti", nulls_equal=True), b.join(a, on=a.columns, how="anti", nulls_equal=True)
    return f"{a.height} and {b.height} rows; only here {only[0].head(2).rows()}, only there {only[1].head(2).rows()}"


def files_of(spark: SparkEngine, table: str) -> pl.DataFrame:
    """A table's rows from its Parquet, past Spark."""
    held = spark.tables[table]
    parts = [p for folder in held.paths for p in Path(folder.removeprefix("file://")).glob("*.parquet")]
    if held.view or held.frame is not None or not parts:
        return spark.rows(f'SELECT * FROM "{table}"')
    return pl.concat([pl.read_parquet(p) for p in sorted(parts)])


class BothEngines:
    """The engine interface over two engines; `differ` lists statements that did not answer alike."""

    name = "duckdb"
    failure = DuckEngine.failure

    def __init__(self, duck: DuckEngine, spark: SparkEngine, tell: Callable[[str], None] | None = None) -> None:
        self.duck, self.spark, self.tell = duck, spark, tell
        self.differ: list[str] = []
        self.compared: list[str] = []

    def load(self, table: str, frame: pl.DataFrame, schema: Mapping[str, str] | None = None) -> None:
        self.duck.load(table, frame, schema)
        self.spark.load(table, frame, schema)

    def create(self, table: str, schema: Mapping[str, str]) -> None:
        self.duck.create(table, schema)
        self.spark.create(table, schema)

    def run(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,
        *,
        into: str | None = None,
        view: bool = False,
        often: bool = False,
    ) -> None:
        self.duck.run(sql, params, into=into, view=view, often=often)
        if "MACRO" in sql:  # each engine has its own
            return
        try:
            self.spark.run(sql, params, into=into, view=view, often=often)
        except Exception as e:
            self._note(into or sql, str(e))
        table = into or changed_table(parse(sql))
        if not view and self.duck.exists(table):
            self._compare(table)

    def number(self, sql: str, *, into: str, column: str) -> None:
        """Any numbers will do: the rest is compared, and Spark takes DuckDB's."""
        self.duck.number(sql, into=into, column=column)
        self.spark.number(sql, into=into, column=column)
        ours, theirs = (e.rows(f'SELECT * FROM "{into}"').drop(column) for e in (self.duck, self.spark))
        self._told(into, ours, theirs)
        self._take(into)

    def map(
        self, sql: str, function: Callable[[pl.DataFrame], pl.DataFrame], schema: Mapping[str, str], *, into: str
    ) -> None:
        self.duck.map(sql, function, schema, into=into)
        try:
            self.spark.map(sql, function, schema, into=into)
        except Exception as e:
            self._note(into, str(e))
        self._compare(into)

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> pl.DataFrame:
        ours = self.duck.rows(sql, params)
        try:
            theirs = self.spark.rows(sql, params)
        except Exception as e:
            self._note(sql, str(e))
            return ours
        self._told(sql, ours, theirs)
        return ours

    def exists(self, table: str) -> bool:
        assert self.duck.exists(table) == self.spark.exists(table), table
        return self.duck.exists(table)

    def columns(self, table: str) -> list[str]:
        return self.duck.columns(table)

    def count(self, table: str) -> int:
        return self.duck.count(table)

    def drop(self, table: str) -> None:
        self.duck.drop(table)
        self.spark.drop(table)

    def beside(self) -> BothEngines:
        other = BothEngines(self.duck.beside(), self.spark.beside(), self.tell)
        other.differ, other.compared = self.differ, self.compared
        return other

    def close(self) -> None:
        self.duck.close()
        self.spark.close()

    def _compare(self, table: str) -> None:
        ours = self.duck.rows(f'SELECT * FROM "{table}"')
        theirs = files_of(self.spark, table) if self.spark.exists(table) else pl.DataFrame()
        if not self._told(table, ours, theirs):
            self._take(table)

    def _told(self, what: str, ours: pl.DataFrame, theirs: pl.DataFrame) -> bool:
        self.compared.append(what)
        found = difference(ours, theirs)
        if found:
            self._note(what, found)
        elif self.tell:
            self.tell(f"{what[:60]}: {ours.height} rows")
        return not found

    def _note(self, what: str, found: str) -> None:
        self.differ.append(f"{what}: {found}")
        if self.tell:
            self.tell(f"DIFFERS {self.differ[-1]}")

    def _take(self, table: str) -> None:
        self.spark.drop(table)
        self.spark.load(table, self.duck.rows(f'SELECT * FROM "{table}"'), self.duck.types(table))
