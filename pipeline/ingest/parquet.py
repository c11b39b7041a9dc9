"""Parquet files: columns under headings of their own, taken as they are typed, row groups at a time."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import BadInput
from pipeline.ingest.headings import check_required, named_layout
from pipeline.ingest.model import Layout, Source
from pipeline.ingest.settle import Raw
from pipeline.ingest.unpacked import ROWS_A_BYTE_PARQUET, batch_rows_of_parquet, check_rows

_MAGIC = b"PAR1"


def probe(source: Source) -> Layout:
    """The layout of a Parquet file. BadInput when it is empty, cut off, or lacks required columns."""
    with source.path.open("rb") as handle:
        head = handle.read(4)
        handle.seek(0, 2)
        size = handle.tell()
        if size == 0:
            raise BadInput("the file is empty", file=source.name, remedy="export it again, or take it out of the drop")
        handle.seek(-min(size, 4), 2)
        tail = handle.read(4)
    if head != _MAGIC or tail != _MAGIC:
        what = "it is cut off: its footer is missing" if head == _MAGIC else "it is not a Parquet file"
        raise BadInput(what, file=source.name, remedy="copy or export it again in full")
    try:
        about = pq.read_metadata(source.path)
        names = about.schema.to_arrow_schema().names
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(source) from error
    check_rows(source, about.num_rows, ROWS_A_BYTE_PARQUET)
    return check_required(named_layout(names, source), source, None)


def read(source: Source, layout: Layout) -> Iterator[Raw]:
    """The file's rows, typed, in batches; rows count from 1 at the first record."""
    begin = 1
    try:
        with pq.ParquetFile(source.path) as file:
            texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
            for batch in file.iter_batches(batch_rows_of_parquet(source.path, texts, source)):
                batch.validate(full=True)  # texts that are no UTF-8 would end the program further on
                yield (raw := raw_of(pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch]))), begin))
                begin += len(raw.rows)
    except (pa.ArrowException, pl.exceptions.PolarsError, duckdb.Error, OSError, ValueError) as error:
        raise _damaged(source) from error


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )  # fmt: skip


def raw_of(frame: pl.DataFrame, begin: int) -> Raw:
    """A frame with its own column names as raw rows counted from `begin`."""
    frame = frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    frame.columns = [f"c{i}" for i in range(frame.width)]
    return Raw(frame, pl.int_range(begin, begin + frame.height, eager=True, dtype=pl.Int64))


def _damaged(source: Source) -> BadInput:
    return BadInput("the Parquet file is damaged", file=source.name, remedy="copy or export it again in full")
