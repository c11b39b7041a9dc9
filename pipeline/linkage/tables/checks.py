"""The specification's SQL: refused before any work where it is not SQL, explained where a record breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.linkage.tables.blocks import key_sql
from pipeline.linkage.tables.spec import LinkSpec

_TEXT = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_FORBIDDEN = re.compile(r";|--|/\*|\$")


def check_text(spec: LinkSpec) -> None:
    """BadInput for an expression that could end the statement it stands in."""
    for where, sql in _all(spec):
        if _FORBIDDEN.search(_TEXT.sub("''", sql)):
            raise BadInput(
                f"{where}: ';', '$' and comments are not allowed in an expression", file=spec.file, remedy="take it out"
            )


def check_keys(engine: DuckEngine, spec: LinkSpec, *, two: bool) -> None:
    """BadInput where a key or a condition is not SQL over the fields and columns of the record tables."""
    right = "right_record" if two else "left_record"
    for block in spec.blocks:
        for table in ("left_record", right):
            for keys in (block.keys, block.split):
                if keys:
                    _try(engine, f"SELECT {key_sql(keys)} FROM {table} LIMIT 0", f"[[block]] '{block.id}'", spec)
    for train in spec.train:
        for table in ("left_record", right) if train.keys else ():
            _try(engine, f"SELECT {key_sql(train.keys)} FROM {table} LIMIT 0", f"[[train]] '{train.id}'", spec)
    for field in spec.fields:
        for where, sql in (
            *((f"level '{label}'", sql) for label, sql in field.options.get("levels", ())),
            ("'missing'", field.options.get("missing")),
        ):
            if sql:
                query = f"SELECT CAST(({sql}) AS BOOLEAN) FROM left_record l, {right} r LIMIT 0"
                _try(engine, query, f"[[field]] '{field.id}', {where}", spec)


def check_fields(engine: DuckEngine, spec: LinkSpec, table: str) -> None:
    """BadInput where a field's `sql` is not SQL over the table's own columns."""
    for field in spec.fields:
        if field.sql is not None:
            _try(engine, f"SELECT CAST(({field.sql}) AS VARCHAR) FROM {table} LIMIT 0", f"[[field]] '{field.id}'", spec)


@contextmanager
def told(spec: LinkSpec) -> Iterator[None]:
    """What a record makes of an expression (a cast that fails, a division) as BadInput, without the record's values."""
    try:
        yield
    except (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException) as error:
        raise BadInput(
            f"an expression fails on some record ({type(error).__name__})",
            file=spec.file,
            remedy="use try_cast in place of cast, nullif in divisors",
        ) from error


def _all(spec: LinkSpec) -> Iterator[tuple[str, str]]:
    for block in spec.blocks:
        yield from ((f"[[block]] '{block.id}'", k) for k in (*block.keys, *block.split))
    for train in spec.train:
        yield from ((f"[[train]] '{train.id}'", k) for k in train.keys)
    for field in spec.fields:
        given = [field.sql, field.options.get("missing"), *(sql for _, sql in field.options.get("levels", ()))]
        yield from ((f"[[field]] '{field.id}'", sql) for sql in given if sql)


def _try(engine: DuckEngine, query: str, where: str, spec: LinkSpec) -> None:
    try:
        engine.con.execute(query).fetchall()
    except duckdb.Error as error:
        what = str(error).splitlines()[0].removeprefix("Binder Error: ").removeprefix("Parser Error: ")
        raise BadInput(
            f"{where}: not an expression over the fields and columns: {what}",
            file=spec.file,
            remedy="correct it; a heading that is no plain word stands in double quotes",
        ) from error
