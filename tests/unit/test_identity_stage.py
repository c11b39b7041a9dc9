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
H1 | 李四 | | 其他 |
household_register
name | id_number | hukou_no | birth_date | sex
张三 | @1 | K1 | | 其他
 | @3-15 | K2 | |
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
    rows = made.rows(
        "SELECT id_number, name, birth_date, sex, in_register, on_roster, n FROM identity_pair "
        "ORDER BY id_number NULLS LAST, name"
    ).rows()
    assert rows == [
        (number("@1"), "张三", datetime.date(1950, 1, 1), "男", True, True, 2),
        (number("@1"), "張三", None, None, False, False, 1),
        (number("@3-15"), "", None, None, True, False, 1),
        (None, "李四", None, None, False, True, 1),
    ]


def test_a_sex_that_is_neither_says_nothing(made: DuckEngine) -> None:
    """其他 beside 男 is 男, and alone it is not known."""
    rows = made.rows("SELECT name, sex FROM identity_pair WHERE name IN ('张三', '李四') ORDER BY name").rows()
    assert sorted(rows) == [("张三", "男"), ("李四", None)]


def test_the_pairs_are_numbered(made: DuckEngine) -> None:
    numbers = made.rows("SELECT no FROM identity_pair")["no"]
    assert numbers.n_unique() == 4 and numbers.null_count() == 0


def test_a_pair_tells_what_its_number_and_its_name_say(made: DuckEngine) -> None:
    rows = made.rows(
        "SELECT p.id_state, p.id_key, p.id_birth, p.id_sex, p.id_tail IS NOT NULL AS tail, "
        "n.name_no IS NOT NULL AS named, "
        "n.wild FROM identity_pair p LEFT JOIN names n ON n.name = p.name ORDER BY p.id_number NULLS LAST, p.name"
    ).rows()
    day = datetime.date.fromisoformat
    sound = ("valid", number("@1"), day("1950-05-27"), "男", True, True, False)
    assert rows == [
        sound,
        sound,
        ("old15", number("@3"), day("1951-02-25"), "男", True, False, None),
        (None, None, None, None, False, True, False),
    ]  # fmt: skip
    numbers = made.rows("SELECT DISTINCT name_no FROM names WHERE strpos('张三張三', name) > 0")
    assert numbers.height == 1  # one name in two spellings has one number


def test_names_are_described_once(made: DuckEngine) -> None:
    names = made.rows("SELECT name, name_key FROM names ORDER BY name").rows()
    assert names == [("张三", "张三"), ("張三", "张三"), ("李四", "李四")]


def test_the_person_of_a_payment_is_its_payee() -> None:
    assert PERSON_FIELDS["payment"] == ("payee_id_number", "payee_name")
    assert PERSON_FIELDS["marriage"] == ("id_number", "name")
    assert "archive" not in PERSON_FIELDS


def test_a_drop_of_numberless_people(engine: DuckEngine) -> None:
    load_tables(engine, {"dibao": [{"record_id": "dibao#1", "file": "dibao", "sheet": "-", "row": 1, "name": "张三"}]})
    make_comparable(engine, {"dibao"})
    assert [engine.count(t) for t in ("identity_pair", "names")] == [1, 1]


def test_a_drop_of_nameless_numbers(engine: DuckEngine) -> None:
    row = {"record_id": "dibao#1", "file": "dibao", "sheet": "-", "row": 1, "id_number": number("@1")}
    load_tables(engine, {"dibao": [row]})
    make_comparable(engine, {"dibao"})
    assert [engine.count(t) for t in ("identity_pair", "names")] == [1, 0]
    assert engine.rows("SELECT name FROM identity_pair").rows() == [("",)]


def test_an_empty_drop(engine: DuckEngine) -> None:
    load_tables(engine, {})
    make_comparable(engine, {"dibao"})
    assert [engine.count(t) for t in ("identity_pair", "names")] == [0, 0]
