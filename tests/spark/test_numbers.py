"""ID numbers, sound ones and every kind of spoilt one, described alike on both engines."""

from __future__ import annotations

import random

import polars as pl
from stdnum.cn import ric
from support.both import difference

from pipeline.engine.duck import DuckEngine
from pipeline.engine.spark import SparkEngine
from pipeline.identity.id_numbers import numbers_sql

# Years at the ends of calendars, and those in which February has a day more.
_YEARS = (0, 1, 99, 999, 1582, 1899, 1900, 1990, 2000, 2004, 2100, 9999)


def _numbers(count: int, seed: int) -> list[str]:
    dice = random.Random(seed)
    found: set[str] = {"", "0" * 18, "0" * 15, "1E2", "44028119900307", "440281199003071***"}
    for _ in range(count):
        year = dice.choice((*_YEARS, dice.randrange(1920, 2022)))
        digits = f"440{dice.randrange(1000):03d}{year:04d}{dice.randrange(14):02d}{dice.randrange(33):02d}"
        digits += f"{dice.randrange(1000):03d}"
        sound = digits + ric.calc_check_digit(digits + "0")
        at = dice.randrange(18)
        found |= {sound, digits[:6] + digits[8:], digits + dice.choice("0123456789X"), sound[:at] + sound[at + 1 :]}
        found |= {sound[:at] + dice.choice("0123456789X*A") + sound[at:], sound[:at] + "*" + sound[at + 1 :]}
    return sorted(found)


def test_numbers_are_described_alike(spark: SparkEngine, engine: DuckEngine) -> None:
    written = pl.DataFrame({"id_number": [None, *_numbers(400, 7)]})
    query = f"SELECT * FROM ({numbers_sql('SELECT * FROM written_number')}) ORDER BY id_number"
    told = []
    for each in (engine, spark):
        each.load("written_number", written)
        told.append(each.rows(query))
    assert difference(*told) == ""
    kinds = set(told[0]["id_state"])
    assert kinds == {None, "valid", "old15", "masked", "checksum", "birth", "length", "other"}
