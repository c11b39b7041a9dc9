"""What a table of Spark's is to the engine, and its types beside DuckDB's and Polars'."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa
    from pyspark.sql import DataFrame

# Of rows that Spark reads from files of others (`spark_input`): which file a row is from (`StoredFile.told`), its
# number there from 0; of what is made of them, which part a row belongs to.
FILE, ROW, PART = "_file", "_row", "_part"
_SPARK_TYPES = {"VARCHAR": "STRING", "INTEGER": "INT", "HUGEINT": "DECIMAL(38,0)"}


@dataclass(frozen=True)
class Table:
    """A table or view: its columns (name, Spark's type), and where its rows are.

    `paths`: Parquet folders; `frame`: few rows, in memory; `aside`: DuckDB has all rows under the same name, in a
    "table" of its own or in a "view" of the files ('' = it has not, see `spark_aside`); `view`: the query of a view,
    in DuckDB's dialect, `given` its parameters and `reads` the tables it names; `often`: its rows stand in `paths` as
    well, as they were when it was last made. `stamp` grows with every change.
    `taken`: the table of another engine that this one is still a copy of. `rows`: how many there are, -1 where nobody
    has counted.
    """

    columns: tuple[tuple[str, str], ...]
    paths: tuple[str, ...] = ()
    frame: pl.DataFrame | None = None
    aside: str = ""
    view: str = ""
    given: Mapping[str, Any] | None = None
    reads: frozenset[str] = frozenset()
    often: bool = False
    stamp: int = 0
    taken: str = ""
    rows: int = -1

    @property
    def ddl(self) -> str:
        return ", ".join(f"`{name}` {kind}" for name, kind in self.columns)


def spark_type(duckdb: str) -> str:
    return _SPARK_TYPES.get(duckdb.upper(), duckdb.upper())


def columns_of(frame: DataFrame) -> tuple[tuple[str, str], ...]:
    """A column of nothing but null is a whole number, as it is to DuckDB."""
    kinds = ((f.name, f.dataType.simpleString().upper()) for f in frame.schema.fields)
    return tuple((name, "INT" if kind == "VOID" else kind) for name, kind in kinds)


def schema_of(ddl: str) -> Any:
    from pyspark.sql.types import StructType

    return StructType.fromDDL(ddl)


def of_polars(kind: Any) -> str:
    """Spark's type for a frame's column."""
    import polars as pl

    if isinstance(kind, pl.Decimal):
        return f"DECIMAL({kind.precision or 38},{kind.scale})"
    known: dict[Any, str] = {
        pl.Int8: "TINYINT", pl.UInt8: "SMALLINT", pl.Int16: "SMALLINT", pl.UInt16: "INT", pl.Int32: "INT",
        pl.String: "STRING", pl.Boolean: "BOOLEAN", pl.Date: "DATE", pl.Float64: "DOUBLE", pl.Float32: "FLOAT",
        pl.Null: "INT",
    }  # fmt: skip
    return known.get(kind.base_type(), "BIGINT")


def polars_type(kind: str) -> Any:
    import polars as pl

    if kind.startswith("DECIMAL"):
        precision, _, scale = kind.removeprefix("DECIMAL(").rstrip(")").partition(",")
        return pl.Decimal(int(precision), int(scale or 0))
    return {
        "STRING": pl.String, "BOOLEAN": pl.Boolean, "DATE": pl.Date, "DOUBLE": pl.Float64, "FLOAT": pl.Float32,
        "TINYINT": pl.Int8, "SMALLINT": pl.Int16, "INT": pl.Int32, "BIGINT": pl.Int64,
    }[kind]  # fmt: skip


def shaped_as(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The frame with the table's columns and types."""
    import polars as pl

    return frame.select(
        (pl.col(c) if c in frame.columns else pl.lit(None)).cast(polars_type(kind)).alias(c)
        for c, kind in table.columns
    )


def arrow_of(frame: pl.DataFrame) -> pa.Table:
    import pyarrow as pa

    table = frame.to_arrow()
    kinds = [(f.name, pa.string() if pa.types.is_large_string(f.type) else f.type) for f in table.schema]
    return table.cast(pa.schema(kinds))


def no_rows(table: Table) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(schema={c: polars_type(kind) for c, kind in table.columns})


def local_files(table: Table) -> list[Path]:
    """A table's Parquet files on this machine, in order."""
    return sorted(p for folder in table.paths for p in Path(folder.removeprefix("file://")).glob("*.parquet"))


def query_of_files(table: Table, files: Sequence[Path]) -> str:
    """DuckDB's query for a table's rows from its files."""
    columns = ", ".join(f'"{c}"' for c, _ in table.columns)  # the files may have more
    listed = ", ".join("'" + str(f).replace("'", "''") + "'" for f in files)
    return f"SELECT {columns} FROM read_parquet([{listed}], hive_partitioning = false)"


def rows_under(folder: str) -> int:
    """How many rows the Parquet files in a folder of this machine have."""
    import pyarrow.parquet as pq

    found = Path(folder.removeprefix("file://")).glob("*.parquet")
    return sum(int(pq.read_metadata(p).num_rows) for p in found)


def in_arrow(
    function: Callable[[pl.DataFrame], pl.DataFrame], columns: list[str]
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """A function of Polars frames as Spark's workers call it; `columns` of what it gives, in this order."""

    def batches(parts: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import polars as pl
        import pyarrow as pa

        for part in parts:
            frame = pl.from_arrow(pa.Table.from_batches([part]))
            assert isinstance(frame, pl.DataFrame)
            made = function(frame).select(columns).to_arrow()
            # Polars' texts have offsets of 64 bits, Spark's of 32
            kinds = [(f.name, pa.string() if pa.types.is_large_string(f.type) else f.type) for f in made.schema]
            yield from made.cast(pa.schema(kinds)).to_batches()

    return batches
