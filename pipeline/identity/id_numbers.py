"""ID numbers made comparable: form, key, birth date and sex, and the parts that candidates are found by.

Forms (`id_state`): `valid` 18 characters, real birth date, check character right (residence permits 81/82/83… and
foreigners' 9… cards pass the same check); `old15` fifteen digits, key is the 18-character form; `masked` some
characters starred; `checksum` well formed but the check character is wrong; `birth` no such birth date; `length`
digits, but neither 15 nor 18; `other` anything else. Structure: GB 11643; check characters by python-stdnum.

A county has millions of numbers, so whole columns are looked at as arrays of bytes, a row a number.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from stdnum.cn import ric

_MASK = "*"
_CHECK = "0123456789X"
_STATES = ("checksum", "birth", "valid", "old15")
_SEXES = ("女", "男")
_SHAPE = {
    "id_number": pl.String, "id_key": pl.String, "id_state": pl.String, "id_birth": pl.Date, "id_sex": pl.String,
    "id_tail": pl.Int64, "id_ends": pl.Int64,
}  # fmt: skip

Bytes = npt.NDArray[np.uint8]
Whole = npt.NDArray[np.int64]


@cache
def _places() -> tuple[Whole, int]:
    """What a one in each of the 17 places adds to the check's value, and the value of noughts alone.

    The check is linear modulo 11: python-stdnum is asked for each place once, and the answers add up.
    """
    none = _CHECK.index(ric.calc_check_digit("0" * 18))
    ones = [_CHECK.index(ric.calc_check_digit("0" * i + "1" + "0" * (17 - i))) - none for i in range(17)]
    return np.array(ones, dtype=np.int64), none


def _check_values(digits: Bytes) -> Whole:
    """The right check value (0-10, 10 = X) of each row of 17 or more digits."""
    places, none = _places()
    total = np.full(len(digits), none, dtype=np.int64)
    for i, place in enumerate(places.tolist()):
        total += digits[:, i].astype(np.int64) * place
    return total % 11


def check_characters(numbers: pl.Series) -> pl.Series:
    """The right last character of each 18-character number (its own last one is not looked at); null for null."""
    known = numbers.drop_nulls()
    right = pl.Series(list(_CHECK)).gather(_check_values(_matrix(known) - 48))
    at = pl.Series(np.flatnonzero(numbers.is_not_null().to_numpy()))
    return pl.Series(numbers.name, [None] * len(numbers), dtype=pl.String).scatter(at, right)


def _matrix(texts: pl.Series) -> Bytes:
    """ASCII texts of one length as bytes: a row a text."""
    if not len(texts):
        return np.zeros((0, 18), dtype=np.uint8)
    data = texts.cast(pl.Binary).rechunk().to_arrow().cast("large_binary")
    begin = np.frombuffer(data.buffers()[1], dtype=np.int64)[data.offset]
    size = len(data[0].as_py())
    flat = np.frombuffer(data.buffers()[2], dtype=np.uint8)[begin : begin + size * len(data)]
    return flat.reshape(len(data), size)


def describe(numbers: pl.Series) -> pl.DataFrame:
    """Distinct ID numbers as cleaned by ingest → id_number, id_key, id_state, id_birth (date), id_sex (男/女)."""
    return described(numbers.drop_nulls().unique()).select("id_number", "id_key", "id_state", "id_birth", "id_sex")


def described(numbers: pl.Series) -> pl.DataFrame:
    """ID numbers (no nulls) → a row each, in their order: `describe`'s columns, and id_tail, id_ends.

    `id_key` is what equal persons share: the 18-character form where there is one, the text itself otherwise, null for
    a masked number (it stands for many). Birth and sex are null where the number does not tell them. `id_tail` is the
    area with the six digits before the check character: it stays whole when a digit from the 7th to the 11th is wrong.
    `id_ends` is the area with the last four characters: it stays whole when one from the 7th to the 14th is wrong, lost
    or doubled. Both are integers, null where there are no such digits.
    """
    frame = pl.DataFrame({"id_number": numbers}).with_row_index("row")
    size = pl.col("id_number").str.len_bytes()
    whole = frame.filter(size == 18)
    chars = _matrix(whole["id_number"])
    last = chars[:, 17]
    digits = np.logical_and(chars[:, :17] >= 48, chars[:, :17] <= 57).all(axis=1)
    shaped = np.asarray(digits & (((last >= 48) & (last <= 57)) | (last == 88)))
    rest = pl.concat([frame.filter(size != 18), whole.filter(~pl.Series(shaped))])
    old = (pl.col("id_number").str.len_bytes() == 15) & pl.col("id_number").str.contains(r"^[0-9]{15}$")
    parts = [_eighteen(whole.filter(pl.Series(shaped))), _fifteen(rest.filter(old)), _otherwise(rest.filter(~old))]
    return pl.concat(parts).sort("row").select(*_SHAPE)


def _eighteen(frame: pl.DataFrame) -> pl.DataFrame:
    """Well-formed numbers of 18 characters."""
    digits, birth, sex = _read(frame["id_number"])
    own = np.where(digits[:, 17] == 40, 10, digits[:, 17]).astype(np.int64)  # X stands 40 above 0
    right = own == _check_values(digits)
    state = np.select([~right, np.isnat(birth)], [0, 1], default=2)
    return _framed(frame, frame["id_number"], state, birth, sex, digits, own)


def _fifteen(frame: pl.DataFrame) -> pl.DataFrame:
    """The old form: 19 goes before the year, and the check character is added."""
    number = pl.col("id_number")
    long = frame.select((number.str.slice(0, 6) + "19" + number.str.slice(6) + "0").alias("long"))["long"]
    digits, birth, sex = _read(long)
    value = _check_values(digits)
    checked = pl.Series(list(_CHECK)).gather(value)
    real = ~np.isnat(birth)
    key = pl.select(pl.when(pl.Series(real)).then(long.str.slice(0, 17) + checked).otherwise(frame["id_number"]))
    state = np.where(real, 3, 1)
    return _framed(frame, key.to_series(), state, birth, sex, digits, value)


def _otherwise(frame: pl.DataFrame) -> pl.DataFrame:
    """Masked numbers, numbers of another length, and texts that are none."""
    number = pl.col("id_number")
    masked = number.str.contains(_MASK, literal=True)
    state = (
        pl.when(masked).then(pl.lit("masked"))
        .when(number.str.contains(r"^[0-9]{8,22}X?$")).then(pl.lit("length")).otherwise(pl.lit("other"))
    )  # fmt: skip
    text = pl.when(number.str.len_bytes().is_between(17, 19)).then(number)
    area, tail, last = (text.str.slice(at, n).cast(pl.Int64, strict=False) for at, n in ((0, 6), (-7, 6), (-4, 3)))
    check = pl.when(text.str.ends_with("X")).then(10).otherwise(text.str.slice(-1).cast(pl.Int64, strict=False))
    return frame.select(
        "row",
        "id_number",
        pl.when(~masked).then(number).alias("id_key"),
        state.alias("id_state"),
        pl.lit(None, dtype=pl.Date).alias("id_birth"),
        pl.lit(None, dtype=pl.String).alias("id_sex"),
        (area * 1_000_000 + tail).alias("id_tail"),
        (area * 11_000 + last * 11 + check).alias("id_ends"),
    )


def _read(long: pl.Series) -> tuple[Bytes, npt.NDArray[np.datetime64], Bytes]:
    """Numbers of 18 characters → digits, birth date (NaT where there is no such day), sex (place in `_SEXES`)."""
    digits = _matrix(long) - 48
    year, month, day = (_number(digits, at, n) for at, n in ((6, 4), (10, 2), (12, 2)))
    real = (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1)
    first = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + np.where(real, month - 1, 0)
    date = first.astype("datetime64[D]") + np.where(real, day - 1, 0)
    real &= date.astype("datetime64[M]") == first  # the 31st of a shorter month falls into the next
    return digits, np.where(real, date, np.datetime64("NaT")), digits[:, 16] % 2


def _number(digits: Bytes, at: int, length: int) -> Whole:
    """The digits of some places as a whole number."""
    total = np.zeros(len(digits), dtype=np.int64)
    for i in range(at, at + length):
        total = total * 10 + digits[:, i]
    return total


def _framed(
    frame: pl.DataFrame,
    key: pl.Series,
    state: npt.NDArray[np.integer[Any]],
    birth: npt.NDArray[np.datetime64],
    sex: Bytes,
    digits: Bytes,
    check: Whole,
) -> pl.DataFrame:
    area = _number(digits, 0, 6)
    return frame.with_columns(
        key.alias("id_key"),
        pl.Series("id_state", list(_STATES)).gather(state),
        pl.Series("id_birth", birth.astype("datetime64[D]")).cast(pl.Date),
        pl.Series("id_sex", list(_SEXES)).gather(sex),
        pl.Series("id_tail", area * 1_000_000 + _number(digits, 11, 6)),
        pl.Series("id_ends", area * 11_000 + _number(digits, 14, 3) * 11 + check),
    )
