"""Tables from DuckDB to Spark and back, as Parquet: on this machine the files themselves change hands, not the rows."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from pathlib import Path

from pipeline.engine.duck import DuckEngine
from pipeline.engine.spark import SparkEngine
from pipeline.engine.spark_tables import Table
from pipeline.engine.statements import macros


def hand_over(duck: DuckEngine, spark: SparkEngine, tables: Iterable[str]) -> None:
    """Let `spark` have these tables as well; what it has of one already it keeps beside."""
    for table in tables:
        rows, had = duck.count(table), spark.exists(table)
        if had and not rows:
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
    for statement in macros(duck.name).split(";\n"):
        if statement.strip():
            duck.run(statement)
    held = dict(spark.tables)
    for name, table in held.items():
        if table.taken and table.taken != name and not duck.exists(name):
            duck.run(f'ALTER TABLE "{table.taken}" RENAME TO "{name}"')
    duck.lender = lent = _Lent(spark)
    for name, table in held.items():
        if not table.view and not table.taken:
            duck.drop(name)
            if not _view_of_files(spark, duck, name, table, name in changed):
                lent.tables[name] = table
    done: set[str] = set()
    for name in held:
        _view(duck, held, name, done)


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
        if not table.paths:
            engine.load(name, self._spark.rows(f'SELECT * FROM "{name}"') if table.frame is None else table.frame)
            return
        # file by file, so that memory holds one of them; each copy goes before the next comes
        for part in self._spark.copies(table):
            engine.load(name, part)
        if table.frame is not None:
            engine.load(name, table.frame)
        if not engine.exists(name):
            engine.load(name, self._spark.rows(f'SELECT * FROM "{name}"'))

    def forget(self, table: str) -> None:
        with self._lock:
            self.tables.pop(table, None)
            self._brought.discard(table)


def _view_of_files(spark: SparkEngine, duck: DuckEngine, name: str, table: Table, own: bool) -> bool:
    parts = [p for folder in table.paths for p in Path(folder.removeprefix("file://")).glob("*.parquet")]
    if not spark.local or not parts or table.frame is not None:
        return False
    files = ", ".join("'" + str(p).replace("'", "''") + "'" for p in sorted(parts))
    columns = ", ".join(f'"{c}"' for c, _ in table.columns)  # the files may have more
    duck.run(f"SELECT {columns} FROM read_parquet([{files}], hive_partitioning = false)", into=name, view=not own)
    return True


def _view(duck: DuckEngine, held: dict[str, Table], name: str, done: set[str]) -> None:
    """A view after those that it reads."""
    if name in done or name not in held or not held[name].view:
        return
    done.add(name)
    for read in sorted(held[name].reads):
        _view(duck, held, read, done)
    duck.run(held[name].view, into=name, view=True)
