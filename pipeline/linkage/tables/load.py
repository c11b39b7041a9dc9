"""From files to the tables that pairs are made of: `left_record` and `right_record` in the engine.

Records are numbered in the order of their ids, so that nothing later depends on the order of rows in a file.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.linkage.tables.checks import check_fields
from pipeline.linkage.tables.prepare import columns_of, record_ids
from pipeline.linkage.tables.read import ROW
from pipeline.linkage.tables.spec import FieldSpec, LinkSpec
from pipeline.linkage.tables.toml_table import nearest
from pipeline.linkage.term_frequency import adjustment, square

SIDES = ("left", "right")


def load_records(
    engine: DuckEngine, spec: LinkSpec, tables: Sequence[pl.DataFrame], names: Sequence[str]
) -> list[pl.Series]:
    """Make the record tables of one or two frames (see `read_table`); the records' ids by number, a side each.

    A record table has `_n`, `_id`, the columns that the specification mentions, the fields and their helper columns,
    and `_tf_<field>`, the bits that the term-frequency adjustment adds at the field's strongest levels. BadInput when a
    column is not there, or bears a name that a field needs.
    """
    for table, name in zip(tables, names, strict=True):
        for column in table.columns:
            if column.startswith("_") and column != ROW:
                raise BadInput("a heading begins with '_'", file=name, column=column, remedy="rename it in 'renames'")
    frames = []
    for n, (table, name) in enumerate(zip(tables, names, strict=True)):
        ids = record_ids(table, spec.ids[n], ROW, name)
        frame = table.with_columns(ids.alias("_id")).sort("_id").with_row_index("_n")
        if spec.missing:
            columns = [c for c in table.columns if c != ROW]
            frame = frame.with_columns(
                pl.when(~pl.col(c).is_in(list(spec.missing))).then(pl.col(c)).alias(c) for c in columns
            )
        frames.append(_with_fields(engine, spec, frame, n, name))
    for field in spec.fields:
        if field.term_frequency:
            frames = _with_frequency(frames, field.id)
    for side, frame in zip(SIDES, frames, strict=False):
        engine.load(f"{side}_record", frame)
    return [f["_id"] for f in frames]


def _with_fields(engine: DuckEngine, spec: LinkSpec, frame: pl.DataFrame, side: int, name: str) -> pl.DataFrame:
    made: list[pl.DataFrame] = []
    sql = _sql_values(engine, spec, frame)
    for field in spec.fields:
        if field.columns is not None:
            values = _column(frame, field.columns[side], field, name)
        elif field.sql is not None:
            values = sql[field.id]
        else:
            continue  # a field of conditions only
        made.append(columns_of(field, values))
    taken: dict[str, str] = {}
    for part in made:
        for column in part.columns:
            if column.casefold() in taken:
                raise BadInput(f"two fields make a column '{column}'", file=spec.file, remedy="rename one of them")
            taken[column.casefold()] = column
    text = _expressions(spec)
    own = [
        c for c in frame.columns if c.casefold() not in taken and c not in (ROW, "_n", "_id") and c.casefold() in text
    ]
    return pl.concat([frame.select("_n", "_id", *own), *made], how="horizontal")


def _column(frame: pl.DataFrame, column: str, field: FieldSpec, name: str) -> pl.Series:
    if column not in frame.columns:
        known = [c for c in frame.columns if not c.startswith("_")]
        raise BadInput(
            f"field '{field.id}' reads a column that is not there",
            file=name,
            column=column,
            remedy=nearest(column, known),
        )
    return frame[column]


def _expressions(spec: LinkSpec) -> str:
    """All SQL of keys and conditions, to see which of the tables' own columns are needed."""
    keys = [k for b in spec.blocks for k in (*b.keys, *b.split)] + [k for t in spec.train for k in t.keys]
    levels = [x for f in spec.fields for _, x in f.options.get("levels", ())]
    missing = [f.options["missing"] for f in spec.fields if f.options.get("missing")]
    return " ".join([*keys, *levels, *missing]).casefold()


def _sql_values(engine: DuckEngine, spec: LinkSpec, frame: pl.DataFrame) -> dict[str, pl.Series]:
    """The values of fields that are SQL over the table's own columns, in the frame's order."""
    fields = [f for f in spec.fields if f.sql is not None]
    if not fields:
        return {}
    engine.drop("raw_record")
    engine.load("raw_record", frame)
    check_fields(engine, spec, "raw_record")
    values = ", ".join(f'CAST(({f.sql}) AS VARCHAR) AS "{f.id}"' for f in fields)
    made = engine.rows(f"SELECT _n, {values} FROM raw_record ORDER BY _n")
    engine.drop("raw_record")
    return {f.id: made[f.id] for f in fields}


def _with_frequency(frames: list[pl.DataFrame], field: str) -> list[pl.DataFrame]:
    """`_tf_<field>`: how many bits an equal value is worth more (rare) or less (common) than the average one."""
    counts = pl.concat([f.select(field) for f in frames]).drop_nulls().group_by(field).agg(pl.len().alias("n"))
    bits = adjustment(counts, square(counts["n"])).select(field, pl.col("bits").alias(f"_tf_{field}"))
    return [f.join(bits, on=field, how="left", maintain_order="left") for f in frames]
