"""The identity stage: which people the drop names."""

from __future__ import annotations

import datetime

import pytest
from support.grid import load_tables, read_grid
from support.people import number

from pipeline.engine.duck import DuckEngine
from pipeline.identity import PERSON_FIELDS, make_comparable

GRID = """
month: 2022-10
== people
dibao
household_no | name | id_number | sex | birth_date
H1 | 张三 | @1 | 男 | 1950-01-01
H1 | 李四 | | |
household_register
name | id_number | hukou_no | birth_date
张三 | @1 | K1 |
 | @3-15 | K2 |
payment
month | scheme | household_no | payee_name | payee_id_number | amount
2022-10 | dibao | H1 | 張三 | @1 | 5
expect: nothing
"""


@pytest.fixture(scope="module")
def made(engine: DuckEngine, tmp_path_factory: pytest.TempPathFactory) -> DuckEngine:
    path = tmp_path_factory.mktemp("identity") / "x.spec"
    path.write_text(GRID, encoding="utf-8")
    scenario = read_grid(path)[0]
    load_tables(engine, scenario.tables)
    make_comparable(engine, scenario.present)
    return engine


def test_a_row_each_distinct_number_and_name(made: DuckEngine) -> None:
    rows = made.rows("SELECT * FROM identity_pair ORDER BY id_number, name").rows()
    assert rows == [
        (number("@1"), "张三", datetime.date(1950, 1, 1), "男", True, 2),
        (number("@1"), "張三", None, None, False, 1),
        (number("@3-15"), "", None, None, True, 1),
    ]


def test_numbers_and_names_are_described_once(made: DuckEngine) -> None:
    numbers = made.rows("SELECT id_number, id_key, id_state FROM id_numbers ORDER BY id_number").rows()
    assert sorted(numbers) == sorted([(number("@1"), number("@1"), "valid"), (number("@3-15"), number("@3"), "old15")])
    names = made.rows("SELECT name, name_key, mandarin FROM names ORDER BY name").rows()
    assert names == [("张三", "张三", "zhang san "), ("張三", "张三", "zhang san ")]


def test_the_person_of_a_payment_is_its_payee() -> None:
    assert PERSON_FIELDS["payment"] == ("payee_id_number", "payee_name")
    assert PERSON_FIELDS["marriage"] == ("id_number", "name")
    assert "archive" not in PERSON_FIELDS


def test_a_drop_of_numberless_people(engine: DuckEngine) -> None:
    load_tables(engine, {"dibao": [{"record_id": "dibao#1", "file": "dibao", "sheet": "-", "row": 1, "name": "张三"}]})
    make_comparable(engine, {"dibao"})
    assert [engine.count(t) for t in ("identity_pair", "id_numbers", "names")] == [0, 0, 0]
