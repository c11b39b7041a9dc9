"""Tables from DuckDB to Spark and back, as Parquet: on this machine the files themselves change hands, not the rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from pipeline.engine.duck import DuckEngine
from pipeline.engine.spark import SparkEngine
from pipeline.engine.spark_tables import Table
from pipeline.engine.statements import macros


def hand_over(duck: DuckEngine, spark: SparkEngine, tables: Iterable[str]) -> None:
    """Let `spark` have these tables as well."""
    for table in tables:
        if spark.local:
            folder = spark.folder(table)
            Path(folder.removeprefix("file://")).mkdir(parents=True)
            duck.write(f'SELECT * FROM "{table}"', Path(folder.removeprefix("file://")) / "part-0.parquet")
        else:
            folder = spark.written(table, duck.rows(f'SELECT * FROM "{table}"'))
        spark.take(table, folder, duck.types(table), of=table)


def hand_back(spark: SparkEngine, duck: DuckEngine, changed: Collection[str] = ()) -> None:
    """Let `duck` have all that `spark` has made, views as views. Tables are views over Spark's files, which must stay.

    changed: tables that `duck` is to change later; their rows are its own.
    """
    for statement in macros(duck.name).split(";\n"):
        if statement.strip():
            duck.run(statement)
    held = dict(spark.tables)
    for name, table in held.items():
        if table.taken and table.taken != name and not duck.exists(name):
            duck.run(f'ALTER TABLE "{table.taken}" RENAME TO "{name}"')
    for name, table in held.items():
        if not table.view and not table.taken:
            _hand_back(spark, duck, name, table, name in changed)
    done: set[str] = set()
    for name in held:
        _view(duck, held, name, done)


def _hand_back(spark: SparkEngine, duck: DuckEngine, name: str, table: Table, own: bool) -> None:
    duck.drop(name)
    parts = [p for folder in table.paths for p in Path(folder.removeprefix("file://")).glob("*.parquet")]
    if not spark.local or table.frame is not None or not parts:
        duck.load(name, spark.rows(f'SELECT * FROM "{name}"'))
        return
    files = ", ".join("'" + str(p).replace("'", "''") + "'" for p in sorted(parts))
    duck.run(f"SELECT * FROM read_parquet([{files}])", into=name, view=not own)


def _view(duck: DuckEngine, held: dict[str, Table], name: str, done: set[str]) -> None:
    """A view after those that it reads."""
    if name in done or name not in held or not held[name].view:
        return
    done.add(name)
    for read in sorted(held[name].reads):
        _view(duck, held, read, done)
    duck.run(held[name].view, into=name, view=True)
