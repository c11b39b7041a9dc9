"""What a name tells of its bearer: beside an agreeing name an agreeing sex and year of birth say less."""

from __future__ import annotations

import math

import pytest
from test_linkage_same_chance import engine_with_macros

from pipeline.engine.statements import read_folder
from pipeline.linkage.compare_weights import weights
from pipeline.linkage.model import default_model

_NAMES, _EACH = 400, 20
_YEARS = 40


def told(sex: str, year: str, day: str = "(name_no * 31 + i * 7) % 365") -> tuple[float, float]:
    """The statement alone over 400 names of 20 people; `sex` ('0' or '1') and `year` are SQL of name_no and i."""
    engine = engine_with_macros()
    (step,) = (s for s in read_folder("linkage") if s.name == "name_tells")
    engine.run(
        f"SELECT name_no, {year} AS born_year, {year} * 366 + {day} AS born, "
        f"CASE ({sex}) % 2 WHEN 0 THEN '女' ELSE '男' END AS id_sex FROM "
        f"(SELECT n * 8 AS name_no, i FROM range({_NAMES}) a(n) CROSS JOIN range({_EACH}) b(i)) AS people",
        into="sound_key",
    )
    engine.run(step.sql, into="name_tells")
    sex_bits, year_bits = engine.rows("SELECT sex, year FROM name_tells").row(0)
    engine.close()
    return sex_bits, year_bits


def test_a_name_that_tells_nothing_takes_nothing_off() -> None:
    sex, year = told(sex="i", year=f"(i * 7 + name_no // 8) % {_YEARS}")
    assert sex == pytest.approx(0, abs=0.12) and year == 0


def test_names_of_one_sex_make_sex_worth_nothing_and_names_of_an_age_the_year_worth_less() -> None:
    """Everybody of a name is of one sex, and born in one of four neighbouring years out of forty."""
    sex, year = told(sex="name_no // 8", year="((name_no // 8) % 10) * 4 + i % 4")
    assert sex == pytest.approx(-1, abs=0.02)
    # four of the other nineteen share the year, where one in forty does among strangers
    assert year == pytest.approx(math.log2((1 / _YEARS) / (4 / 19)), abs=0.1)


def test_one_person_under_two_spellings_is_no_pair_of_namesakes() -> None:
    """Two rows of each person: born on one day and of one sex, they would make every name tell all."""
    plain = told(sex="i", year=f"(i * 7 + name_no // 8) % {_YEARS}")
    twice = told(sex="i // 2", year=f"((i // 2) * 7 + name_no // 8) % {_YEARS}", day="(i // 2)")
    assert twice == pytest.approx(plain, abs=0.12)


def test_a_drop_without_people_tells_nothing() -> None:
    engine = engine_with_macros()
    (step,) = (s for s in read_folder("linkage") if s.name == "name_tells")
    columns = {"name_no": "BIGINT", "born": "BIGINT", "born_year": "BIGINT", "id_sex": "VARCHAR"}
    engine.create("sound_key", columns)
    assert engine.rows(step.sql).rows() == [(0.0, 0.0)]


def test_an_explanation_takes_it_off_sex_and_birth_beside_an_equal_name() -> None:
    engine = engine_with_macros()
    engine.run("SELECT 20000 AS n", into="sound_count")
    engine.run("SELECT 8 AS name_no, 3 AS n", into="name_frequency")
    person = {"name_no": 8, "wild": False, "name_key": "王芳", "surname_no": 1}
    bits = {}
    for name in (7, 4):
        for off in (0.0, 1.5):
            engine.run(f"SELECT CAST(-{off} AS DOUBLE) AS sex, CAST(-2 * {off} AS DOUBLE) AS year", into="name_tells")
            levels = {f.id: None for f in default_model().fields} | {"name": name, "sex": 1, "birth": 1}
            other = person | {"surname_no": 2}
            bits[name, off] = weights(engine, default_model(), person, other, levels)
    assert bits[4, 0.0] == bits[4, 1.5]
    assert bits[7, 0.0]["sex"] - bits[7, 1.5]["sex"] == pytest.approx(1.5)
    assert bits[7, 0.0]["birth"] - bits[7, 1.5]["birth"] == pytest.approx(3.0)
    assert bits[7, 0.0]["name"] == bits[7, 1.5]["name"]
    engine.close()


@pytest.mark.parametrize("bearers", [2, 40, 900])
def test_a_name_with_a_lost_character_says_as_much_as_a_whole_one_that_as_many_bear(bearers: int) -> None:
    engine = engine_with_macros()
    engine.run("SELECT 200000 AS n", into="sound_count")
    engine.run(f"SELECT 8 AS name_no, {bearers} AS n", into="name_frequency")
    engine.run("SELECT 8 AS name_no, '王芳' AS name_key", into="names")
    engine.run("SELECT 0.0 AS sex, 0.0 AS year", into="name_tells")
    whole = {"name_no": 8, "wild": False, "name_key": "王芳", "surname_no": 1}
    lost = whole | {"name_no": None, "wild": True, "name_key": "王?"}
    none = {f.id: None for f in default_model().fields}
    model = default_model()
    equal = weights(engine, model, whole, whole, none | {"name": 7})["name"]
    assert weights(engine, model, lost, whole, none | {"name": 5})["name"] == pytest.approx(equal, abs=0.01)
    engine.close()
