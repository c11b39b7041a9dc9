"""ID numbers made comparable: form, key, birth date and sex, and the parts that candidates are found by.

Forms (`id_state`): `valid` 18 characters, real birth date, check character right (residence permits 81/82/83… and
foreigners' 9… cards pass the same check); `old15` fifteen digits, key is the 18-character form; `masked` some
characters starred; `checksum` well formed but the check character is wrong; `birth` no such birth date; `length`
digits, but neither 15 nor 18; `other` anything else. Structure: GB 11643; check characters by python-stdnum.

A county has millions of numbers, so they are described in SQL, the first seventeen digits as two whole numbers.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl
from stdnum.cn import ric

from pipeline.engine.duck import DuckEngine

_CHECK = "0123456789X"
# The 17 digits before the check character: the first eight (area, half the year) and the last nine.
_LOW_DIGITS = 9
# The date of the digits YYYYMMDD in `born`. No calendar begins with the year 0000; only a day that not every month has
# need be tried, which takes a text.
_BORN = """CASE
                   WHEN born < 10000 THEN NULL
                   WHEN born % 100 BETWEEN 1 AND 28 AND born // 100 % 100 BETWEEN 1 AND 12
                     THEN make_date(born // 10000, born // 100 % 100, born % 100)
                   WHEN born % 100 BETWEEN 29 AND 31 THEN try_cast(
                     lpad(CAST(born // 10000 AS VARCHAR), 4, '0') || '-' || born // 100 % 100 || '-' || born % 100
                     AS DATE)
                 END"""
# The 18 characters of a number of fifteen digits.
_OLD_FORM = "lpad(CAST(digits AS VARCHAR), 17, '0') || CASE value WHEN 10 THEN 'X' ELSE CAST(value AS VARCHAR) END"


@cache
def _places() -> tuple[list[int], int]:
    """What a one in each of the 17 places adds to the check's value, and the value of noughts alone.

    The check is linear modulo 11: python-stdnum is asked for each place once, and the answers add up.
    """
    none = _CHECK.index(ric.calc_check_digit("0" * 18))
    ones = [(_CHECK.index(ric.calc_check_digit("0" * i + "1" + "0" * (17 - i))) - none) % 11 for i in range(17)]
    return ones, none


def _check_sql() -> str:
    """SQL for the right check value (0-10, 10 = X) of the digits in `high` and `low`."""
    places, none = _places()
    terms = [str(none)]
    for i, place in enumerate(places):
        column, below = ("high", 16 - _LOW_DIGITS - i) if i < 17 - _LOW_DIGITS else ("low", 16 - i)
        terms.append(f"(({column} // {10**below}) % 10) * {place}")
    return f"({' + '.join(terms)}) % 11"


def _whole(text: str) -> str:
    """SQL for a text of digits as a whole number, null for any other ('1E2', which DuckDB reads, among them)."""
    return f"CASE WHEN regexp_matches({text}, '^[0-9]+$') THEN CAST({text} AS BIGINT) END"


def numbers_sql(source: str) -> str:
    """A SELECT over the table or query `source`: its rows, and what the column id_number of each says.

    Adds id_key, id_state, id_birth (date), id_sex (男/女), id_tail, id_ends; all null where there is no number.
    `id_key` is what equal persons share: the 18-character form where there is one, the text itself otherwise, null for
    a masked number (it stands for many). Birth and sex are null where the number does not tell them. `id_tail` is the
    area with the six digits before the check character: it stays whole when a digit from the 7th to the 11th is wrong.
    `id_ends` is the area with the last four characters: it stays whole when one from the 7th to the 14th is wrong, lost
    or doubled. Both are whole numbers, null where there are no such digits.
    """
    low, area = 10**_LOW_DIGITS, _whole("substr(id_number, 1, 6)")
    return f"""
        WITH formed AS (
          SELECT *, CASE
              WHEN length(id_number) = 18 AND regexp_matches(id_number, '^[0-9]{{17}}[0-9X]$') THEN 18
              WHEN length(id_number) = 15 AND regexp_matches(id_number, '^[0-9]{{15}}$') THEN 15
            END AS form
          FROM ({source})
        ),
        whole AS (
          SELECT *, CASE form
              WHEN 18 THEN CAST(substr(id_number, 1, 17) AS BIGINT)
              WHEN 15 THEN CAST(substr(id_number, 1, 6) || '19' || substr(id_number, 7) AS BIGINT)
            END AS digits,
            CASE form WHEN 18 THEN ascii(substr(id_number, 18)) END AS last
          FROM formed
        ),
        parted AS (
          SELECT *, CAST(digits // {low} AS INTEGER) AS high, CAST(digits % {low} AS INTEGER) AS low,
                 CAST(digits // 1000 % 100000000 AS INTEGER) AS born
          FROM whole
        ),
        checked AS (
          SELECT *, {_check_sql()} AS value, CASE last WHEN ascii('X') THEN 10 ELSE last - ascii('0') END AS own,
                 {_BORN} AS id_birth
          FROM parted
        ),
        stated AS (
          SELECT *, CASE
              WHEN id_number IS NULL THEN NULL
              WHEN form = 18 AND value <> own THEN 'checksum'
              WHEN form IS NOT NULL AND id_birth IS NULL THEN 'birth'
              WHEN form = 18 THEN 'valid'
              WHEN form = 15 THEN 'old15'
              WHEN strpos(id_number, '*') > 0 THEN 'masked'
              WHEN regexp_matches(id_number, '^[0-9]{{8,22}}X?$') THEN 'length'
              ELSE 'other'
            END AS id_state
          FROM checked
        )
        SELECT * EXCLUDE (form, digits, last, high, low, born, id_birth, value, own, id_state),
               CASE id_state
                 WHEN 'masked' THEN NULL
                 WHEN 'old15' THEN {_OLD_FORM}
                 ELSE id_number
               END AS id_key,
               id_state, id_birth, CASE digits % 2 WHEN 1 THEN '男' WHEN 0 THEN '女' END AS id_sex,
               CASE
                 WHEN form IS NOT NULL THEN (digits // 100000000000) * 1000000 + digits % 1000000
                 WHEN length(id_number) BETWEEN 17 AND 19 THEN
                   {area} * 1000000 + {_whole("substr(id_number, length(id_number) - 6, 6)")}
               END AS id_tail,
               CASE
                 WHEN form IS NOT NULL
                   THEN (digits // 100000000000) * 11000 + (digits % 1000) * 11 + coalesce(own, value)
                 WHEN length(id_number) BETWEEN 17 AND 19 THEN
                   {area} * 11000 + {_whole("substr(id_number, length(id_number) - 3, 3)")} * 11
                   + CASE WHEN substr(id_number, length(id_number)) = 'X' THEN 10
                       ELSE {_whole("substr(id_number, length(id_number))")} END
               END AS id_ends
        FROM stated"""


def described(numbers: pl.Series) -> pl.DataFrame:
    """ID numbers (nulls allowed) → a row each, in their order: id_number and what `numbers_sql` adds."""
    engine = DuckEngine()
    try:
        frame = pl.DataFrame({"id_number": numbers}, schema={"id_number": pl.String})
        engine.load("written", frame.with_row_index("row"))
        return engine.rows(f"SELECT * EXCLUDE (row) FROM ({numbers_sql('FROM written')}) ORDER BY row")
    finally:
        engine.close()


def describe(numbers: pl.Series) -> pl.DataFrame:
    """Distinct ID numbers as cleaned by ingest → id_number, id_key, id_state, id_birth (date), id_sex (男/女)."""
    distinct: Any = numbers.drop_nulls().unique()
    return described(distinct).select("id_number", "id_key", "id_state", "id_birth", "id_sex")
