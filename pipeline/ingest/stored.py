"""Parquet on a Hadoop file system, which `audit.toml` names: Spark reads it, and its workers settle the rows.

A worker does with some thousand rows what this program does with a file's: the same `settle`. What is kept goes where
Spark's tables are and never through this program; refused cells and the counts come here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from pipeline.engine.spark_tables import FILE, PART, ROW
from pipeline.errors import BadInput
from pipeline.ingest.cells import POLARS_TYPES
from pipeline.ingest.headings import check_required, named_layout
from pipeline.ingest.model import NO_SHEET, Counts, Layout, Piece, Source, place_zh
from pipeline.ingest.scratch import Scratch
from pipeline.ingest.settle import REJECTS_SCHEMA, Raw, Settled, check_constants, settle
from pipeline.settings import DROP_SETTINGS_FILE

if TYPE_CHECKING:
    from pipeline.engine.spark import SparkEngine
    from pipeline.engine.spark_files import StoredFile
    from pipeline.engine.spark_input import SparkInput

_KEPT, _REJECTS, _COUNTS = "kept", "rejects", "counts"
# Of some rows of one file; `last`: the number of the last that is not blank, 0 where all are.
_COUNTED = {f"_{c}": "BIGINT" for c in ("all", "kept", "rejected", "skipped", "last")}
_REFUSED = {c if c in ("file", "sheet", "row") else f"_{c}": kind for c, kind in REJECTS_SCHEMA.items()}


@dataclass(frozen=True)
class Opened:
    """A path and what is there: its `files`, whose rows Spark will read. `source` is the path's, not a file's."""

    source: Source
    files: tuple[StoredFile, ...]
    rows: SparkInput
    layout: Layout


def probe(source: Source, spark: SparkEngine | None) -> Opened:
    """See what is at a path. BadInput where Spark is not there, nothing is, or a required column is not."""
    check_constants(source)
    if spark is None:
        raise BadInput(
            f"{source.entry.label if source.entry else source.name}: only Spark reads 'parquet' paths",
            file=DROP_SETTINGS_FILE,
            remedy="run `audit run` or `audit monthly` with --engine spark, or put the file itself into the drop",
        )
    from pipeline.engine.spark_input import SparkInput

    files = spark.files.under(source.name)
    if not files:
        raise BadInput("there is no file in this folder", file=source.name, remedy="mend the path, or take it out")
    rows = SparkInput(spark, source.name, files)
    return Opened(source, tuple(files), rows, check_required(named_layout(rows.columns, source), source, None))


def check_apart(opened: Sequence[Opened]) -> None:
    """BadInput where two entries name one file."""
    seen: set[str] = set()
    for path in (file.path for one in opened for file in one.files):
        if path in seen:
            raise BadInput(
                "two claims on one file", file=path, remedy=f"narrow one 'parquet' path of {DROP_SETTINGS_FILE}"
            )
        seen.add(path)


def read(opened: Opened, spark: SparkEngine, laid: Scratch, number: int) -> list[Piece]:
    """Let Spark have the rows as the dataset's table; a piece a file, with its account and no kept rows of its own."""
    source, dataset = opened.source, opened.source.dataset
    sources = {f.told: replace(source, name=_name(source, f)) for f in opened.files}
    schema = dataset.table_schema()
    with ThreadPoolExecutor(1) as beside:  # the bytes are hashed while the rows are read
        sums = beside.submit(lambda: [spark.files.sha256(f.path) for f in opened.files])
        folder = opened.rows.parted(_Settler(opened.layout, sources), schema | _REFUSED | _COUNTED, dataset.id)
        hashes = sums.result()
    if spark.files.under(source.name) != list(opened.files):
        raise BadInput(
            "a file there came, went or was changed while it was read",
            file=source.name,
            remedy="wait until nothing writes there any more, and run again",
        )
    counts = _counts(opened.rows.part(folder, _COUNTS, {"file": "VARCHAR"} | _COUNTED))
    refused = opened.rows.part(folder, _REJECTS, _REFUSED).rename(lambda c: c.removeprefix("_"))
    kept = sum(c.kept for c in counts.values())
    opened.rows.keep(folder, _KEPT, schema, dataset.id, rows=kept)
    pieces = [
        Piece(sources[file.told], NO_SHEET, sha256, counts.get(sources[file.told].name, Counts()), (), ())
        for file, sha256 in zip(opened.files, hashes, strict=True)
    ]
    told = tuple(f"{place_zh(source, NO_SHEET)}：{sentence}" for sentence in opened.layout.told)
    paths = (laid.write(refused.sort("file", "row"), f"{number:05d}.rejects.arrow"),) if refused.height else ()
    return [replace(pieces[0], rejects=paths, told=told), *pieces[1:]]


def _name(source: Source, file: StoredFile) -> str:
    return f"{source.name.rstrip('/')}/{file.name}" if file.name else source.name


def _counts(rows: pl.DataFrame) -> dict[str, Counts]:
    """File → its account. Blank rows that nothing follows in the file are not counted, whichever worker had them."""
    every = rows.group_by("file").agg(pl.col("_all", "_kept", "_rejected", "_skipped").sum(), pl.col("_last").max())
    out = {}
    for file, total, kept, rejected, skipped, last in every.iter_rows():
        out[file] = Counts(last, kept, rejected, skipped - (total - last))
    return out


@dataclass(frozen=True)
class _Settler:
    """What a worker does with some rows: columns of the dataset's table, of a reject or of a count, by `PART`."""

    layout: Layout
    sources: Mapping[str, Source]  # as Spark tells a row's file → the file

    def __call__(self, frame: pl.DataFrame) -> pl.DataFrame:
        made = [pl.DataFrame(schema=self._columns())]
        for (file,), rows in frame.sort(FILE, ROW).group_by(FILE, maintain_order=True):
            numbers = rows[ROW].cast(pl.Int64) + 1
            source = self.sources[str(file)]
            settled = settle(Raw(rows.drop(FILE, ROW), numbers), self.layout, source, NO_SHEET)
            made += _parts(settled, source, numbers)
        return pl.concat(made, how="diagonal")

    def _columns(self) -> dict[str, pl.DataType]:
        dataset = next(iter(self.sources.values())).dataset
        every = {**dataset.table_schema(), **_REFUSED, **_COUNTED, PART: "VARCHAR"}
        return {c: POLARS_TYPES[kind] for c, kind in every.items()}


def _parts(settled: Settled, source: Source, numbers: pl.Series) -> list[pl.DataFrame]:
    counts, read = settled.counts, settled.counts.read
    last = int(numbers[read - 1]) if read else 0
    count = [source.name, read + settled.tail, counts.kept, counts.rejected, counts.skipped + settled.tail, last]
    parts = {
        _KEPT: settled.kept,
        _REJECTS: settled.rejects.rename({c: f"_{c}" for c in ("column", "raw", "reason")}),
        _COUNTS: pl.DataFrame([count], schema=["file", *_COUNTED], orient="row"),
    }
    return [rows.with_columns(pl.lit(name).alias(PART)) for name, rows in parts.items() if rows.height]
