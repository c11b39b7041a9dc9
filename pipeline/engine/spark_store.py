"""Where the tables of a Spark engine are: Parquet under `place`, or on one machine in memory where they are few.

Each statement's rows are written, or held, before the next one reads them, so that no plan grows from statement to
statement and a lost executor redoes one statement only. Views are kept as text and hold for what their tables hold when
they are read, as DuckDB's do.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from sqlglot import exp

from pipeline.engine.spark_few import FEW, Regime, hold, is_one_machine
from pipeline.engine.spark_files import HadoopFiles, named
from pipeline.engine.spark_session import LOCAL, start
from pipeline.engine.spark_tables import Table, arrow_of, columns_of, rows_under, schema_of
from pipeline.engine.translate import generated, parse
from pipeline.errors import AuditError

if TYPE_CHECKING:
    import polars as pl
    from pyspark.sql import DataFrame, SparkSession

T = TypeVar("T")


class SparkFailed(AuditError):
    """A statement that Spark could not run. The message has Spark's name for the error, never what stood in a cell."""


class SparkStore:
    """A session and the tables made in it, by name.

    `scratch`: a private local folder for what Spark writes beside the tables; `place`: where the tables go (default:
    under `scratch`); `session`: a session that somebody else has started and will stop.
    """

    def __init__(
        self,
        scratch: Path,
        *,
        place: str = "",
        master: str = LOCAL,
        conf: Mapping[str, str] | None = None,
        session: SparkSession | None = None,
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
        self._regime = Regime(self.session, conf or {})
        self.tables: dict[str, Table] = {}
        self._stamps = count(1)
        self._lock = threading.RLock()
        # on one machine a statement is planned under settings of its own, so one runs at a time
        self._turn = self._lock if self.near else nullcontext()
        self._few = False
        self._begin()

    def _begin(self) -> None:
        """What a session needs before its first statement."""

    def drop(self, table: str) -> None:
        """Drop the table or view of this name, if there is one."""
        with self._lock:
            held = self.tables.pop(table, None)
            if held is not None:
                self.session.catalog.dropTempView(table)
                self._remove(held.paths)

    def _keep(self, name: str, table: Table) -> None:
        with self._lock:
            if self.near and table.held is None and 0 < table.rows <= FEW:
                held, _ = self._told(lambda: hold(self._read(table), table.rows))
                table = replace(table, held=held)
            stamped = replace(table, stamp=next(self._stamps))
            self.tables[name] = stamped
            self._told(lambda: self._read(stamped).createOrReplaceTempView(name))

    def _keep_view(self, name: str, sql: str, tree: exp.Expr, params: Mapping[str, Any] | None) -> None:
        with self._lock:
            self.drop(name)
            reads = frozenset(t.name for t in tree.find_all(exp.Table))
            frame = self._frame(tree, params)
            self.tables[name] = Table(columns_of(frame), view=sql, given=params, reads=reads, stamp=next(self._stamps))
            frame.createOrReplaceTempView(name)

    def _read(self, table: Table) -> DataFrame:
        if table.held is not None:
            return table.held
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
        names = {t.name for t in tree.find_all(exp.Table)}
        self._ready(names)
        self._few = self.near and 0 <= self._rows_of(names) <= FEW
        if self.near:
            self._regime.switch(self._few)
        named = {p.name for p in tree.find_all(exp.Placeholder, exp.Parameter)}
        used = {k: v for k, v in (params or {}).items() if k in named}
        text = generated(tree)
        return self._told(lambda: self.session.sql(text, args=used) if used else self.session.sql(text))

    def _ready(self, names: set[str] | frozenset[str]) -> None:
        """Make the views among `names` again whose tables have changed since."""
        with self._lock:
            for name in names:
                held = self.tables.get(name)
                if held is None or not held.view:
                    continue
                self._ready(held.reads)
                if any(self.tables[r].stamp > held.stamp for r in held.reads if r in self.tables):
                    self._frame(parse(held.view), held.given).createOrReplaceTempView(name)
                    self.tables[name] = replace(held, stamp=next(self._stamps))

    def _rows_of(self, names: set[str] | frozenset[str]) -> int:
        """How many rows these tables, and those that views among them read, have together; -1 where nobody knows."""
        total = 0
        for name in names:
            held = self.tables.get(name)
            if held is None:  # a query's own name for a part of it
                continue
            rows = self._rows_of(held.reads) if held.view else held.rows
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
        before = self.tables.get(name)
        more = before if adds else None
        if self._few and (more is None or more.held is not None or not more.rows):
            held, rows = self._told(lambda: hold(frame))
            if more is not None and more.held is not None:
                held, rows = more.held.unionByName(held), more.rows + rows
            self._keep(name, Table(columns, held=held if rows else None, rows=rows))
        else:
            path = self.folder(name)
            self._told(lambda: frame.write.parquet(path))
            rows = rows_under(path) if self.local else -1
            if more is not None:
                self._add(name, more, path, rows)
            else:
                self._keep(name, Table(columns, (path,), rows=rows))
        if before is not None and more is None:
            self._remove(before.paths)

    def _add(self, name: str, table: Table, path: str, rows: int) -> None:
        """Let the table have the rows of another folder as well."""
        total = table.rows + rows if min(table.rows, rows) >= 0 else -1
        paths, frame = table.paths, table.frame
        if table.held is not None and not paths:  # its rows are in no file
            held, written = table.held, self.folder(name)
            self._told(lambda: held.write.parquet(written))
            paths, frame = (written,), None
        self._keep(name, Table(table.columns, (*paths, path), frame=frame, rows=total))

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

    def copies(self, table: Table) -> Iterator[pl.DataFrame]:
        """The rows of a table's files, file by file; the copy of one on this machine goes before the next comes."""
        import polars as pl

        for n, file in enumerate(f for folder in table.paths for f in self.files.under(folder)):
            copy = self._scratch / f"copy-{next(self._stamps)}-{n}.parquet"
            try:
                self.files.fetch(file.path, copy)
                frame = pl.read_parquet(copy, columns=[c for c, _ in table.columns], hive_partitioning=False)
            finally:
                copy.unlink(missing_ok=True)
            yield frame

    def write_parts(self, frame: DataFrame, column: str, path: str) -> None:
        """Write a frame's rows under `path`, those of each value of `column` in a folder `column=value` of its own."""
        with self._turn:
            if self.near:
                self._regime.switch(False)
            self._told(lambda: frame.write.partitionBy(column).parquet(path))

    def folder(self, table: str) -> str:
        """A name for a folder that a version of the table may have."""
        return f"{self.place}/{table}-{next(self._stamps)}"

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
