"""Records made comparable: each field's value standardised, with the helper columns that its kind compares.

A field's value stands in a column of the field's id, which is what keys and conditions read; helper columns are
`<id>_<part>`: date `_day`; token_overlap `_tokens`; name_zh `_written`, `_mandarin`, `_cantonese`, `_shape`;
id_number_zh `_key` (18 characters where they are known), `_state`, `_birth` (YYYYMMDD), `_sex`, `_area` (six digits).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from pipeline.errors import BadInput
from pipeline.identity.id_numbers import describe
from pipeline.identity.names import name_keys, sound_keys
from pipeline.ingest.dates import read_dates
from pipeline.ingest.ids import read_ids
from pipeline.linkage.tables.spec import FieldSpec

STANDARDS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "trim": lambda e: e.str.strip_chars(),
    "lower": lambda e: e.str.to_lowercase(),
    "upper": lambda e: e.str.to_uppercase(),
    "nfkc": lambda e: e.str.normalize("NFKC"),
    "digits": lambda e: e.str.replace_all(r"[^0-9]", ""),
    "letters": lambda e: e.str.replace_all(r"[^\p{L}]", ""),
    "alphanumeric": lambda e: e.str.replace_all(r"[^\p{L}\p{N}]", ""),
    "no_spaces": lambda e: e.str.replace_all(r"\s+", ""),
    "no_accents": lambda e: e.str.normalize("NFKD").str.replace_all(r"\p{M}", ""),
    "no_leading_zeros": lambda e: e.str.strip_chars_start("0"),
}
_COUNTRY = r"^(?:00)?86([0-9]{11})$"


def standardised(values: pl.Series, steps: Sequence[str]) -> pl.Series:
    """Texts after these steps, in order; what becomes empty is null."""
    e = pl.col("v")
    for step in steps:
        e = STANDARDS[step](e)
    return pl.DataFrame({"v": values}).select(pl.when(e.str.strip_chars() != "").then(e).alias("v")).to_series()


def columns_of(field: FieldSpec, values: pl.Series) -> pl.DataFrame:
    """One field's columns from its texts: the value under the field's id, and the helper columns of its kind."""
    made = _MAKERS.get(field.kind, _plain)(standardised(values, field.standardise), field)
    return made.rename({c: f"{field.id}_{c}" if c else field.id for c in made.columns})


def parts_of(field: FieldSpec) -> list[str]:
    """The names of a field's columns."""
    return columns_of(field, pl.Series("v", [], dtype=pl.String)).columns


def _plain(values: pl.Series, field: FieldSpec) -> pl.DataFrame:
    return pl.DataFrame({"": values})


def _date(values: pl.Series, field: FieldSpec) -> pl.DataFrame:
    """Eight digits, also of a day that no calendar has: a mistyped date is still compared digit by digit."""
    days = read_dates(values)[0]
    return pl.DataFrame({"v": values, "day": days}).select(
        pl.coalesce(pl.col("day").dt.strftime("%Y%m%d"), pl.col("v").str.extract(r"^([0-9]{8})$", 1)).alias(""), "day"
    )


def _tokens(values: pl.Series, field: FieldSpec) -> pl.DataFrame:
    by, text = field.options["by"], pl.col("")
    if by == "words":
        tokens = text.str.extract_all(r"[\p{L}\p{N}]+")
    elif by == "characters":
        tokens = text.str.extract_all(r"[\p{L}\p{N}]")
    else:
        one = text.str.replace_all(r"[^\p{L}\p{N}]", "")
        tokens = pl.concat_list(one.str.extract_all(r"(?s)..|.$"), one.str.slice(1).str.extract_all(r"(?s).."))
    return pl.DataFrame({"": values}).with_columns(tokens.list.unique().list.sort().alias("tokens"))


def _number(values: pl.Series, field: FieldSpec) -> pl.DataFrame:
    plain = values.str.normalize("NFKC").str.replace_all(r"[,，\s￥¥元]", "")
    return pl.DataFrame({"": plain.cast(pl.Float64, strict=False)}).with_columns(pl.col("").fill_nan(None))


def _phone(values: pl.Series, field: FieldSpec) -> pl.DataFrame:
    digits = values.str.normalize("NFKC").str.replace_all(r"[^0-9]", "").str.replace(_COUNTRY, "$1")
    return pl.DataFrame({"": digits}).select(pl.when(pl.col("") != "").then(pl.col("")).alias(""))


def _name_zh(values: pl.Series, field: FieldSpec) -> pl.DataFrame:
    names = values.drop_nulls().unique().sort()
    keyed = pl.DataFrame({"written": names, "name_key": name_keys(names)}).filter(pl.col("name_key") != "")
    keyed = keyed.join(sound_keys(keyed["name_key"]), on="name_key", how="left")
    return (
        pl.DataFrame({"written": values})
        .join(keyed, on="written", how="left", maintain_order="left")
        .select(pl.col("name_key").alias(""), "written", "mandarin", "cantonese", "shape")
    )


def _id_number_zh(values: pl.Series, field: FieldSpec) -> pl.DataFrame:
    numbers = pl.DataFrame({"id_number": read_ids(values)[0]}, schema={"id_number": pl.String})
    told = describe(numbers["id_number"])
    key = pl.coalesce("id_key", "id_number")
    return numbers.join(told, on="id_number", how="left", maintain_order="left").select(
        pl.col("id_number").alias(""),
        key.alias("key"),
        pl.col("id_state").alias("state"),
        pl.col("id_birth").dt.strftime("%Y%m%d").alias("birth"),
        pl.col("id_sex").alias("sex"),
        key.str.extract(r"^([0-9]{6})", 1).alias("area"),
    )


_MAKERS: dict[str, Callable[[pl.Series, FieldSpec], pl.DataFrame]] = {
    "date": _date,
    "token_overlap": _tokens,
    "number": _number,
    "phone": _phone,
    "name_zh": _name_zh,
    "id_number_zh": _id_number_zh,
}


def record_ids(frame: pl.DataFrame, column: str | None, row: str, file: str) -> pl.Series:
    """What names each record: the column's text, or its row in the file. BadInput on an empty or repeated id."""
    if column is None:
        return frame[row].cast(pl.String)
    if column not in frame.columns:
        raise BadInput("the id column is not there", file=file, column=column, remedy="correct 'id' in [input]")
    ids = frame[column]
    if ids.null_count():
        at = int(frame[row].filter(ids.is_null())[0])
        raise BadInput("a record has no id", file=file, row=at, column=column, remedy="fill it in")
    if not ids.is_unique().all():
        at = int(frame[row].filter(ids.is_duplicated())[0])
        raise BadInput(
            "several records have one id", file=file, row=at, column=column, remedy="take another id, or none"
        )
    return ids
