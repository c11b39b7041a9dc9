"""Where the tables of a Spark engine are: Parquet under `place`, or where they are few with DuckDB (`spark_aside`).

Each statement's rows are written before the next one reads them, so that no plan grows from statement to statement and
a lost executor redoes one statement only. Views are kept as text and hold for what their tables hold when they are
read, as DuckDB's do.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from sqlglot import exp

from pipeline.engine.spark_aside import FEW, Aside
from pipeline.engine.spark_files import HadoopFiles, named
from pipeline.engine.spark_session import LOCAL, is_one_machine, start
from pipeline.engine.spark_tables import Table, arrow_of, columns_of, no_rows, rows_under, schema_of
from pipeline.engine.translate import generated, parse
from pipeline.errors import AuditError

if TYPE_CHECKING:
    import polars as pl
    from pyspark.sql import DataFrame, SparkSession

    from pipeline.engine.duck import DuckEngine

T = TypeVar("T")


class SparkFailed(AuditError):
    """A statement that Spark could not run. The message has Spark's name for the error, never what stood in a cell."""


class SparkStore:
    """A session and the tables made in it, by name.

    `scratch`: a private local folder for what Spark writes beside the tables; `place`: where the tables go (default:
    under `scratch`); `session`: a session that somebody else has started and will stop; `aside`: answers statements
    that read no more than `few` rows (without it Spark answers all).
    """

    def __init__(
        self,
        scratch: Path,
        *,
        place: str = "",
        master: str = LOCAL,
        conf: Mapping[str, str] | None = None,
        session: SparkSession | None = None,
        aside: DuckEngine | None = None,
        few: int = FEW,
    ) -> None:
        self._own, self._scratch = session is None, scratch
        self.session = start(scratch, master, conf) if session is None else session.newSession()
        self.files = HadoopFiles(self.session)
        # not as_uri(): Hadoop takes a % as it stands
        self.place = f"{(place or f'file://{scratch}').rstrip('/')}/tables-{uuid4().hex[:12]}"
        self.local = self.place.startswith("file:///")
        try:
            self.files.make(self.place, for_now=True)
        except BaseException:
            if self._own:
                self.session.stop()
            raise
        self.near = self.local and is_one_machine(self.session)
        self.tables: dict[str, Table] = {}
        self.stamps = count(1)
        self._shown: dict[str, int] = {}  # the stamp at which Spark was told of each table or view
        self._lock = threading.RLock()
        self.aside = Aside(self, aside, few) if aside is not None else None
        self._begin()

    def _begin(self) -> None:
        """What a session needs before its first statement."""

    def drop(self, table: str) -> None:
        """Drop the table or view of this name, if there is one."""
        with self._lock:
            held = self.tables.pop(table, None)
            if held is None:
                return
            if self._shown.pop(table, None) is not None:
                self.session.catalog.dropTempView(table)
            if self.aside is not None:
                self.aside.forget(table)
            self._remove(held.paths)

    def keep(self, name: str, table: Table) -> None:
        """Let `name` be this table; what bore the name is gone, but for its files where the new one has them too."""
        with self._lock:
            before = self.tables.get(name)
            self.tables[name] = replace(table, stamp=next(self.stamps))
            if before is not None:
                self._remove([p for p in before.paths if p not in table.paths])

    def _keep_view(self, name: str, sql: str, tree: exp.Expr, params: Mapping[str, Any] | None, often: bool) -> None:
        with self._lock:
            self.drop(name)
            reads = frozenset(t.name for t in tree.find_all(exp.Table))
            if self.aside is not None and self.aside.answers(reads):
                self.aside.view(name, sql, params, reads)
                columns = self.aside.columns(name)
            else:
                columns = columns_of(self._frame(tree, params))
            self.tables[name] = Table(columns, view=sql, given=params, reads=reads, often=often)

    def _read(self, table: Table) -> DataFrame:
        parts = []
        if table.paths:
            parts.append(self.session.read.schema(table.ddl).parquet(*table.paths))
        if table.frame is not None:
            parts.append(self.session.createDataFrame(arrow_of(table.frame)).to(schema_of(table.ddl)))
        if not parts:
            nothing = ", ".join(f"CAST(NULL AS {kind}) AS `{name}`" for name, kind in table.columns)
            return self.session.sql(f"SELECT {nothing} WHERE false")
        return parts[0] if len(parts) == 1 else parts[0].unionByName(parts[1])

    def _frame(self, tree: exp.Expr, params: Mapping[str, Any] | None) -> DataFrame:
        """A query's frame, over views that are up to date."""
        with self._lock:
            self._ready({t.name for t in tree.find_all(exp.Table)})
            named = {p.name for p in tree.find_all(exp.Placeholder, exp.Parameter)}
            used = {k: v for k, v in (params or {}).items() if k in named}
            text = generated(tree)
            return self._told(lambda: self.session.sql(text, args=used) if used else self.session.sql(text))

    def _ready(self, names: Iterable[str]) -> None:
        """See that Spark knows these tables and views, as they are now."""
        for name in names:
            held = self.tables.get(name)
            if held is None:  # a query's own name for a part of it
                continue
            shown = self._shown.get(name, -1)
            if held.view:
                self._ready(held.reads)
                if shown < 0 or any(self._shown.get(r, -1) > shown for r in held.reads):
                    self._show_view(name, held)
            elif shown < held.stamp:
                if self.aside is not None and held.aside and held.rows and not held.paths:
                    held = self.tables[name] = self.aside.lend(name, held)
                current = held
                self._told(lambda: self._read(current).createOrReplaceTempView(name))  # noqa: B023
                self._shown[name] = next(self.stamps)

    def _show_view(self, name: str, view: Table) -> None:
        if view.often:
            self._remove(view.paths)
            view = self.tables[name] = self._written_view(name, view)
        frame = self._read(view) if view.often else self._frame(parse(view.view), view.given)
        frame.createOrReplaceTempView(name)
        self._shown[name] = next(self.stamps)

    def _written_view(self, name: str, view: Table) -> Table:
        """A view with its rows, written by DuckDB where it has all of them."""
        if self.aside is not None and self.local and self.aside.has(view.reads):
            self.aside.view(name, view.view, view.given, view.reads)
            return self.aside.lend(name, view)
        frame, path = self._frame(parse(view.view), view.given), self.folder(name)
        self._told(lambda: frame.write.parquet(path))
        return replace(view, paths=(path,))

    def rows_of(self, names: Iterable[str]) -> int:
        """How many rows these tables, and those that views among them read, have together; -1 where nobody knows."""
        total = 0
        for name in names:
            held = self.tables.get(name)
            if held is None:  # a query's own name for a part of it
                continue
            rows = self.rows_of(held.reads) if held.view else held.rows
            if rows < 0:
                return -1
            total += rows
        return total

    def _store(self, name: str, frame: DataFrame, *, like: Table | None = None, adds: bool = False) -> None:
        """Write a query's rows and let the table be them, with those it has where it `adds`; `like` tells its types."""
        from pyspark.sql import functions as F  # noqa: N812

        self.session.sparkContext.setJobDescription(f"table {name}")  # for whoever reads Spark's own log
        own = columns_of(frame)
        columns = like.columns if like else own
        if own != columns or any(f.dataType.typeName() == "void" for f in frame.schema.fields):
            named = frame.toDF(*(c for c, _ in columns))
            frame = named.select(*(F.col(f"`{c}`").cast(kind).alias(c) for c, kind in columns))
        path = self.folder(name)
        rows = self._write(frame, path)
        if adds and name in self.tables:
            self._add(name, path, rows)
        else:
            self.keep(name, Table(columns, (path,), rows=rows))

    def _write(self, frame: DataFrame, path: str) -> int:
        """Write a frame's rows; how many there are (-1: Spark did not say)."""
        if self.local:
            self._told(lambda: frame.write.parquet(path))
            return rows_under(path)
        from pyspark.sql import Observation
        from pyspark.sql import functions as F  # noqa: N812

        seen = Observation()
        self._told(lambda: frame.observe(seen, F.count(F.lit(1)).alias("n")).write.parquet(path))
        return int(seen.get.get("n", -1))

    def _add(self, name: str, path: str, rows: int) -> None:
        """Let the table have the rows of another folder as well."""
        with self._lock:
            table = self.tables[name]
            if self.aside is not None and table.aside and table.rows and not table.paths:
                table = self.aside.lend(name, table)
            total = table.rows + rows if min(table.rows, rows) >= 0 else -1
            self.keep(name, Table(table.columns, (*table.paths, path), frame=table.frame, rows=total))

    def written(self, table: str, frame: pl.DataFrame) -> str:
        """A frame as Parquet under `place`: by Polars on this machine, by Spark elsewhere."""
        path = self.folder(table)
        if self.local:
            folder = Path(path.removeprefix("file://"))
            folder.mkdir(parents=True)
            frame.write_parquet(folder / "part-0.parquet")
        else:
            self._told(lambda: self.session.createDataFrame(arrow_of(frame)).write.parquet(path))
        return path

    def parts(self, table: Table) -> Iterator[pl.DataFrame]:
        """The rows of a table that Spark has, file by file, an empty frame first; a copy goes before the next comes."""
        import polars as pl

        yield no_rows(table)
        for n, file in enumerate(f for folder in table.paths for f in self.files.under(folder)):
            copy = self._scratch / f"copy-{next(self.stamps)}-{n}.parquet"
            try:
                self.files.fetch(file.path, copy)
                frame = pl.read_parquet(copy, columns=[c for c, _ in table.columns], hive_partitioning=False)
            finally:
                copy.unlink(missing_ok=True)
            yield frame
        if table.frame is not None:
            yield table.frame

    def write_parts(self, frame: DataFrame, column: str, path: str) -> None:
        """Write a frame's rows under `path`, those of each value of `column` in a folder `column=value` of its own."""
        self._told(lambda: frame.write.partitionBy(column).parquet(path))

    def folder(self, table: str) -> str:
        """A name for a folder that a version of the table may have."""
        return f"{self.place}/{table}-{next(self.stamps)}"

    def _remove(self, paths: Sequence[str]) -> None:
        """Delete files of this engine's own; what it was given stays."""
        for path in paths:
            if path.startswith(self.place):
                self.files.remove(path)

    def _told(self, work: Callable[[], T]) -> T:
        """What `work` gives; SparkFailed, without Spark's own words, where it fails."""
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            return work()
        except (PySparkException, Py4JError) as e:
            what = named(e)
        raise SparkFailed(f"Spark could not run a statement: {what}")
