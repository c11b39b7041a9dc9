"""Tables from DuckDB to Spark and back, as Parquet: on this machine the files themselves change hands, not the rows."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from pipeline.engine.duck import DuckEngine
from pipeline.engine.spark import SparkEngine
from pipeline.engine.spark_tables import Table, local_files, query_of_files
from pipeline.engine.statements import macro_statements


def hand_over(duck: DuckEngine, spark: SparkEngine, tables: Iterable[str]) -> None:
    """Let `spark` have these tables as well; what it has of one already it keeps beside."""
    for table in tables:
        rows, had = duck.count(table), spark.exists(table)
        if (had and not rows) or (not had and spark.borrow(table, rows)):
            continue
        if spark.local:
            folder = spark.folder(table)
            Path(folder.removeprefix("file://")).mkdir(parents=True)
            duck.write(f'SELECT * FROM "{table}"', Path(folder.removeprefix("file://")) / "part-0.parquet")
        else:
            folder = spark.written(table, duck.rows(f'SELECT * FROM "{table}"'))
        if had:
            spark.join(table, folder, rows)
        else:
            spark.take(table, folder, duck.types(table), of=table, rows=rows)


def hand_back(spark: SparkEngine, duck: DuckEngine, changed: Collection[str] = ()) -> None:
    """Let `duck` have all that `spark` has made, views as views. Tables are views over Spark's files, which must stay;
    what has no files is loaded when it is first read, so `spark` must stay too.

    changed: tables that `duck` is to change later; their rows are its own.
    """
    for statement in macro_statements(duck.name):
        duck.run(statement)
    held = dict(spark.tables)
    for name, table in held.items():
        if table.taken and table.taken != name and not duck.exists(name):
            duck.run(f'ALTER TABLE "{table.taken}" RENAME TO "{name}"')
    # what was lent before and nobody has read yet stays lent
    duck.lender = lent = duck.lender if isinstance(duck.lender, _Lent) else _Lent(spark)
    if spark.aside is not None:
        spark.aside.duck.lender = lent
    for name, table in held.items():
        if table.view or table.taken or table.aside == "table" or (table.aside and name not in changed):
            continue
        duck.drop(name)
        if not _view_of_files(spark, duck, name, table, name in changed):
            lent.tables[name] = table
        if spark.aside is not None:
            spark.tables[name] = replace(table, aside="table" if name in changed else "view")
    done: set[str] = set()
    for name in held:
        _view(duck, held, name, done)
    if spark.aside is not None:
        spark.aside.seen(done)


class _Lent:
    """Spark's tables that DuckDB has not asked for yet."""

    def __init__(self, spark: SparkEngine) -> None:
        self.tables: dict[str, Table] = {}
        self._brought: set[str] = set()
        self._spark = spark
        self._lock = threading.RLock()  # loading asks whether the table is there

    def bring(self, engine: DuckEngine, table: str) -> bool:
        with self._lock:
            if table in self.tables:
                held = self.tables.pop(table)
                self._load(engine, table, held)
                self._brought.add(table)
            return table in self._brought  # another thread may have asked for it in the meantime

    def _load(self, engine: DuckEngine, name: str, table: Table) -> None:
        for part in self._spark.parts(table):  # file by file, so that memory holds one of them
            engine.load(name, part)

    def forget(self, table: str) -> None:
        with self._lock:
            self.tables.pop(table, None)
            self._brought.discard(table)


def _view_of_files(spark: SparkEngine, duck: DuckEngine, name: str, table: Table, own: bool) -> bool:
    parts = local_files(table)
    if not spark.local or not parts or table.frame is not None:
        return False
    duck.run(query_of_files(table, parts), into=name, view=not own)
    return True


def _view(duck: DuckEngine, held: dict[str, Table], name: str, done: set[str]) -> None:
    """A view after those that it reads."""
    if name in done or name not in held or not held[name].view:
        return
    done.add(name)
    for read in sorted(held[name].reads):
        _view(duck, held, read, done)
    duck.run(held[name].view, into=name, view=True)
