"""Names and values in SQL text: whatever stands in them, the database reads back what was meant."""

from __future__ import annotations

import sqlite3

import duckdb
import pytest

from pipeline.engine.quoting import identifier, literal

NAMES = ['死亡 "名册"', "select", "a;b--c", "x'y", '"', "名 册"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("connect", [duckdb.connect, sqlite3.connect])
def test_a_name_is_a_name(name: str, connect: object) -> None:
    con = connect(":memory:")  # type: ignore[operator]
    con.execute(f"CREATE TABLE {identifier(name)} ({identifier(name)} VARCHAR)")
    con.execute(f"INSERT INTO {identifier(name)} VALUES ({literal(name)})")
    found = con.execute(f"SELECT {identifier(name)} FROM {identifier(name)}")
    assert found.description[0][0] == name and found.fetchall() == [(name,)]
    con.close()


def test_a_value_keeps_its_kind() -> None:
    values = [True, False, 0, 1, 2.5, "1", "", "O'Brien", "'; DROP TABLE x; --"]
    with duckdb.connect() as con:
        told = con.execute(f"SELECT {', '.join(map(literal, values))}").fetchall()[0]
    assert list(map(str, told)) == list(map(str, values))
    assert [type(v) for v in told[:4]] == [bool, bool, int, int] and isinstance(told[5], str)
