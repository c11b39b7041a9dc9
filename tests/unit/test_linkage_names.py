"""The ladder of names, and the blanks of it: the macro name_level on names as identity keys them."""

from __future__ import annotations

import polars as pl
import pytest
from support.cases import judge

from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import macro_statements
from pipeline.identity.names import name_keys, name_numbers
from pipeline.linkage.county import county_spec

# 7 the same key, 5 wildcard-compatible, 4 sound alike, 3 look alike, 2 one character more or less, 1 the same surname,
# 0 unlike, None: there is nothing to compare.
LADDER = [
    ("张三", "张三", 7),
    ("张國强", "张国强", 7),
    ("曽国强", "曾国强", 7),
    ("阿里·木", "阿里木", 7),
    ("张?", "张三", 5),
    ("?三", "张三", 5),
    ("张□强", "张国强", 5),
    ("张\ue000", "张喆", 5),
    ("李红", "李宏", 4),
    ("黄明", "王明", 4),
    ("区明", "欧明", 4),
    ("李海", "李梅", 3),
    ("单未", "单末", 3),
    ("杨晴", "杨睛", 3),
    ("陈梅芳", "陈海芳", 3),
    ("张三", "张三丰", 2),
    ("李小明", "李明", 2),
    ("张三", "张四", 1),
    ("张?", "张三丰", 1),
    ("李海", "李海梅", 2),
    ("张三", "李四", 0),
    ("张?", "李三", 0),
    ("张?", "章?", 0),
    ("张(?", "张(三", 5),
    ("张?)", "张三", 1),
    ("张", "张三", 1),
    ("海", "梅", 0),
    ("", "张三", None),
    ("·", "张三", None),
]


def test_the_ladder_of_names_is_the_same_both_ways(engine: DuckEngine) -> None:
    for statement in macro_statements(engine.name):
        engine.run(statement)
    cases = pl.DataFrame(LADDER, schema=["a", "b", "level"], orient="row").with_row_index("n")
    numbers = name_numbers(name_keys(pl.concat([cases["a"], cases["b"]])))
    numbers = numbers.select("name_key", "mandarin_no", "cantonese_no", "shape_no")
    for side, at in (("a", 0), ("b", len(cases))):
        cases = cases.hstack(numbers.slice(at, len(cases)).rename(lambda c, side=side: side + c[0]))
    engine.drop("ladder")
    engine.load("ladder", cases)
    found = engine.rows(
        'SELECT name_level(an, am, ac, "as", bn, bm, bc, bs) AS there, '
        'name_level(bn, bm, bc, bs, an, am, ac, "as") AS back '
        "FROM ladder ORDER BY n"
    )
    expected = [level for _, _, level in LADDER]
    assert found["there"].to_list() == expected
    assert found["back"].to_list() == expected


# What a loose row's name is to that of the person whose number is one slip away, under the same birth date.
LEVELS = {
    "equal": ("张三丰", "张三丰"),
    "variant": ("張三豐", "张三丰"),
    "wildcard": ("张?丰", "张三丰"),
    "homophone": ("张三风", "张三丰"),
    "lookalike": ("陈梅芳", "陈海芳"),
    "one_more_or_less": ("张三", "张三丰"),
    "surname": ("张小强", "张三丰"),
    "unlike": ("欧阳明", "张三丰"),
}


@pytest.fixture(scope="module")
def levels(engine: DuckEngine) -> dict[str, dict[str, str]]:
    cases = {
        label: f"dibao household_no=H# name={a} id_number=@~ birth_date=BORN town=乐城 phone=138#\n"
        f"medical name={b} id_number=@ town=乐城 phone=138#"
        for label, (a, b) in LEVELS.items()
    }
    pairs = {label: case.pairs["dibao", "medical"] for label, case in judge(engine, cases).items()}
    return {label: found.fields | {"is": found.decision} for label, found in pairs.items()}


@pytest.mark.parametrize("label", LEVELS)
def test_every_rung_is_told_in_the_pattern(levels: dict[str, dict[str, str]], label: str) -> None:
    assert levels[label]["name"] == label
    assert levels[label]["is"] == ("review" if label in ("surname", "unlike") else "link")


def test_the_rungs_are_those_of_the_declaration() -> None:
    assert set(LEVELS) == set(county_spec().labels["name"])
