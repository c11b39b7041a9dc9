"""Parquet that Spark reads where it lies: its rows go through a function of Polars frames on Spark's workers.

What the function gives is written once, each kind of rows in a folder of its own (`PART`); this program never has all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.engine.spark import SparkEngine
from pipeline.engine.spark_files import AS_TOLD, StoredFile
from pipeline.engine.spark_store import SparkFailed
from pipeline.engine.spark_tables import FILE, PART, ROW, in_arrow, spark_type
from pipeline.errors import BadInput

if TYPE_CHECKING:
    import polars as pl
    from pyspark.sql import Column

# So many rows this program reads by itself sooner than Spark's workers have started.
_FEW = 100_000
# In a path Spark takes these for a pattern.
_PATTERN = frozenset("{}[]*?\\")
# Names of errors for which a file is to blame that was opened well.
_OF_FILES = ("FAILED_READ_FILE", "COLUMN", "PARQUET", "UTF8")
# Types whose cells hold one value that can be read; a cell of any other kind is empty, as ingest takes it.
_PLAIN = frozenset(
    "string char varchar boolean byte short integer long float double decimal date timestamp timestamp_ntz".split()
)


class SparkInput:
    """The files of a folder (or one file) as one table. Columns that a file lacks are null, folders `key=value` are
    columns too. BadInput where they are no Parquet, or no one table.
    """

    def __init__(self, spark: SparkEngine, uri: str, files: Sequence[StoredFile]) -> None:
        from pyspark.sql import functions as F  # noqa: N812

        if odd := next((f for f in files if _PATTERN & set(f.path)), None):
            raise BadInput(
                "its path holds one of { } [ ] * ? \\, which Spark takes for a pattern", file=odd.path,
                remedy="rename it",
            )  # fmt: skip
        self._spark, self._uri = spark, uri
        reader = spark.session.read.option("mergeSchema", "true")
        if files[0].name:
            reader = reader.option("basePath", uri)
        try:
            frame = spark._told(lambda: reader.parquet(*(f.path for f in files)))
        except SparkFailed as e:
            raise self._unreadable(str(e)) from None
        self.columns: list[str] = list(frame.columns)
        cells = [_cell(f.name, f.dataType.typeName()).alias(f"c{i}") for i, f in enumerate(frame.schema.fields)]
        told = F.regexp_replace(F.col("_metadata.file_path"), *AS_TOLD).alias(FILE)
        self._frame = spark._told(lambda: frame.select(*cells, told, F.col("_metadata.row_index").alias(ROW)))

    def parted(self, function: Callable[[pl.DataFrame], pl.DataFrame], schema: Mapping[str, str], table: str) -> str:
        """The folder with what `function` makes of the rows, some thousands at a time.

        It is given the cells c0, c1 …, `FILE` and `ROW`; it gives the columns of `schema` (column → DuckDB type) and
        `PART`.
        """
        folder = self._spark.folder(table)
        ddl = ", ".join(f"`{c}` {spark_type(kind)}" for c, kind in {**schema, PART: "VARCHAR"}.items())
        try:
            if self._spark.near and self._spark._told(lambda: self._frame.limit(_FEW + 1).count()) <= _FEW:
                # this program has loaded what a worker would load first
                self._here(function, folder)
            else:
                self._spark.write_parts(self._frame.mapInArrow(in_arrow(function, [*schema, PART]), ddl), PART, folder)
        except SparkFailed as e:
            if not any(word in str(e) for word in _OF_FILES):
                raise
            raise self._unreadable(str(e)) from None
        return folder

    def _here(self, function: Callable[[pl.DataFrame], pl.DataFrame], folder: str) -> None:
        import polars as pl

        rows = pl.from_arrow(self._spark._told(self._frame.toArrow))
        assert isinstance(rows, pl.DataFrame)
        for (name,), part in function(rows).group_by(PART):
            place = Path(f"{folder.removeprefix('file://')}/{PART}={name}")
            place.mkdir(parents=True)
            part.drop(PART).write_parquet(place / "part-0.parquet")

    def part(self, folder: str, name: str, schema: Mapping[str, str]) -> pl.DataFrame:
        """The rows of one part, all of them: for the small ones."""
        self.keep(folder, name, schema, table := f"input_{name}", rows=-1)
        rows = self._spark.rows(f'SELECT * FROM "{table}"')
        self._spark.drop(table)
        return rows

    def keep(self, folder: str, name: str, schema: Mapping[str, str], table: str, *, rows: int) -> None:
        """Let `table` have the `rows` (-1: not counted) rows of one part, beside those that it has."""
        place = f"{folder}/{PART}={name}"
        if not self._spark.files.exists(place):
            if not self._spark.exists(table):
                self._spark.create(table, schema)
        elif self._spark.exists(table):
            self._spark.join(table, place, rows)
        else:
            self._spark.take(table, place, schema, rows=rows)

    def _unreadable(self, failed: str) -> BadInput:
        return BadInput(
            f"Spark cannot read it as a table of Parquet files ({failed.rpartition(': ')[2]})",
            file=self._uri,
            remedy="see that all its files are whole, and that their columns have one type each; write them again",
        )


def _cell(name: str, kind: str) -> Column:
    from pyspark.sql import functions as F  # noqa: N812

    column = F.col(f"`{name.replace('`', '``')}`")
    if kind not in _PLAIN:
        return F.lit(None).cast("string")
    # texts that are no UTF-8 would end the program further on
    return F.validate_utf8(column) if kind == "string" else column
