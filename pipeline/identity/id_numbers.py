"""ID numbers made comparable: form, key, birth date and sex of distinct values.

Forms (`id_state`): `valid` 18 characters, real birth date, check character right (residence permits 81/82/83… and
foreigners' 9… cards pass the same check); `old15` fifteen digits, key is the 18-character form; `masked` some
characters starred; `checksum` well formed but the check character is wrong; `birth` no such birth date; `length`
digits, but neither 15 nor 18; `other` anything else. Structure: GB 11643; check characters by python-stdnum.
"""

from __future__ import annotations

import polars as pl
from stdnum.cn import ric

_MASK = "*"


def check_characters(numbers: pl.Series) -> pl.Series:
    """The right last character of each 18-character number (its own last one is not looked at); null for null."""
    right = [None if n is None else ric.calc_check_digit(n) for n in numbers.to_list()]
    return pl.Series(numbers.name, right, dtype=pl.String)


def describe(numbers: pl.Series) -> pl.DataFrame:
    """Distinct ID numbers as cleaned by ingest → id_number, id_key, id_state, id_birth (date), id_sex (男/女).

    `id_key` is what equal persons share: the 18-character form where there is one, the text itself otherwise, null for
    a masked number (it stands for many). Birth and sex are null where the number does not tell them.
    """
    number = pl.col("id_number")
    long = pl.col("long")
    shaped = pl.DataFrame({"id_number": numbers.drop_nulls().unique()}).with_columns(
        pl.when(number.str.contains(r"^[0-9]{17}[0-9X]$"))
        .then(pl.lit("18"))
        .when(number.str.contains(r"^[0-9]{15}$"))
        .then(pl.lit("15"))
        .when(number.str.contains(_MASK, literal=True))
        .then(pl.lit("masked"))
        .when(number.str.contains(r"^[0-9]{8,22}X?$"))
        .then(pl.lit("length"))
        .otherwise(pl.lit("other"))
        .alias("form")
    )
    shaped = shaped.with_columns(
        pl.when(pl.col("form") == "18")
        .then(number)
        .when(pl.col("form") == "15")
        .then(number.str.slice(0, 6) + "19" + number.str.slice(6) + "0")
        .alias("long")
    )
    described = shaped.with_columns(
        check_characters(shaped["long"]).alias("check"),
        long.str.slice(6, 8).str.to_date("%Y%m%d", strict=False).alias("id_birth"),
        pl.when(long.is_null())
        .then(None)
        .when(long.str.slice(16, 1).is_in(list("13579")))
        .then(pl.lit("男"))
        .otherwise(pl.lit("女"))
        .alias("id_sex"),
    )
    right = long.str.slice(17, 1) == pl.col("check")
    state = (
        pl.when(pl.col("form").is_in(["masked", "length", "other"]))
        .then(pl.col("form"))
        .when((pl.col("form") == "15") & pl.col("id_birth").is_not_null())
        .then(pl.lit("old15"))
        .when(pl.col("form") == "15")
        .then(pl.lit("birth"))
        .when(~right)
        .then(pl.lit("checksum"))
        .when(pl.col("id_birth").is_null())
        .then(pl.lit("birth"))
        .otherwise(pl.lit("valid"))
    )
    key = (
        pl.when(pl.col("form") == "masked")
        .then(None)
        .when((pl.col("form") == "15") & pl.col("id_birth").is_not_null())
        .then(long.str.slice(0, 17) + pl.col("check"))
        .otherwise(number)
    )
    return described.select("id_number", key.alias("id_key"), state.alias("id_state"), "id_birth", "id_sex")
