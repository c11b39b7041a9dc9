"""Linkage: exact ID with the name guard, repaired ID, what goes to review, and who a record is about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from support.grid import Scenario, load_tables, read_grid

from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import macros
from pipeline.identity import make_comparable
from pipeline.identity.names import name_keys, sound_keys
from pipeline.linkage import link

Linked = Callable[[str], pl.DataFrame]
ORDER = "roster_record_id, dataset, record_id"


def run(engine: DuckEngine, scenario: Scenario) -> pl.DataFrame:
    load_tables(engine, scenario.tables)
    make_comparable(engine, scenario.present)
    link(engine, scenario.present)
    return engine.rows(f"SELECT * FROM links ORDER BY {ORDER}")


@pytest.fixture
def linked(engine: DuckEngine, tmp_path: Path) -> Linked:
    """The links of one grid of tables."""

    def of(grid: str) -> pl.DataFrame:
        path = tmp_path / "x.spec"
        path.write_text(f"== x\n{grid}\nexpect: nothing\n", encoding="utf-8")
        return run(engine, read_grid(path)[0])

    return of


def pairs(links: pl.DataFrame, *more: str) -> list[tuple[object, ...]]:
    return links.select("roster_record_id", "record_id", *more).rows()


def sectors(roster: str, sector: str, *, roster_more: str = "", sector_more: str = "") -> str:
    """A roster row and a vehicle row, each 'name | id_number'."""
    return (
        f"dibao\nhousehold_no | name | id_number | town{roster_more and ' | sex | birth_date'}\n"
        f"H1 | {roster} | 乐城{roster_more}\n"
        f"vehicle\nname | id_number{sector_more and ' | sex | birth_date'}\n{sector}{sector_more}\n"
    )


# --- the ladder of names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("张三", "张三", 5),
        ("張國強", "张国强", 5),
        ("阿里·木", "阿里木", 5),
        ("张?", "张三", 4),
        ("?三", "张三", 4),
        ("张□强", "张国强", 4),
        ("张\ue000", "张喆", 4),
        ("李红", "李宏", 3),
        ("黄明", "王明", 3),
        ("区明", "欧明", 3),
        ("张三", "张三丰", 2),
        ("李小明", "李明", 2),
        ("张三", "张四", 1),
        ("张?", "张三丰", 1),
        ("张三", "李四", 0),
        ("张?", "李三", 0),
        ("张(?", "张(三", 4),
        ("张?)", "张三", 1),
        ("张%?", "张三强", 1),
        ("张", "张三", 1),
        ("", "张三", None),
        ("·", "张三", None),
    ],
)
def test_the_ladder_of_names(engine: DuckEngine, a: str, b: str, level: int | None) -> None:
    for statement in macros(engine.name).split(";\n"):
        if statement.strip():
            engine.run(statement)
    keys = name_keys(pl.Series([a, b]))
    sounds = {r["name_key"]: r for r in sound_keys(keys).iter_rows(named=True)}
    values = {}
    for side, key in zip("ab", keys, strict=True):
        values |= {side: key, f"{side}m": sounds[key]["mandarin"], f"{side}c": sounds[key]["cantonese"]}
    for one, other in (("a", "b"), ("b", "a")):
        asked = ", ".join(f"${x}{k}" for x in (one, other) for k in ("", "m", "c"))
        assert engine.rows(f"SELECT name_level({asked}) AS level", values).item() == level


# --- exact ID ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roster", "sector", "pattern"),
    [
        ("张三 | @1", "张三 | @1", "id=equal name=equal"),
        ("張三 | @1", "张三 | @1", "id=equal name=equal"),
        ("张三 | @1", " | @1", "id=equal name=unknown"),
        ("张? | @1", "张三 | @1", "id=equal name=wildcard"),
        ("李红 | @2", "李宏 | @2", "id=equal name=homophone"),
        ("黄明 | @1", "王明 | @1", "id=equal name=homophone"),
        ("张三 | @1", "张三丰 | @1", "id=equal name=one_more_or_less"),
        ("张三 | @1-15", "张三 | @1", "id=old_form name=equal"),
        ("张三 | @1-15", "张三 | @1-15", "id=equal name=equal"),
        ("张三 | @1~", "张三 | @1~", "id=equal name=equal"),
        ("张三 | H1234567", "张三 | H1234567", "id=equal name=equal"),
    ],
)
def test_an_exact_id_under_an_agreeing_name_links(linked: Linked, roster: str, sector: str, pattern: str) -> None:
    links = linked(sectors(roster, sector))
    assert pairs(links, "dataset", "tier", "decision") == [("dibao#1", "vehicle#1", "vehicle", "exact_id", "link")]
    assert links["pattern"][0].startswith(pattern)


@pytest.mark.parametrize(("name", "level"), [("欧阳明", "unlike"), ("张强", "surname")])
def test_an_exact_id_under_an_unlike_name_is_for_a_person_to_look_at(linked: Linked, name: str, level: str) -> None:
    links = linked(sectors("张三 | @1", f"{name} | @1"))
    assert pairs(links, "tier", "decision") == [("dibao#1", "vehicle#1", "exact_id", "review")]
    assert f"name={level}" in links["pattern"][0]


@pytest.mark.parametrize("number", ["@1*", ""])
def test_a_masked_number_or_none_links_nobody_by_itself(linked: Linked, number: str) -> None:
    assert linked(sectors(f"张三 | {number}", f"张三 | {number}")).height == 0


def test_the_pattern_tells_birth_and_sex(linked: Linked) -> None:
    links = linked(
        sectors("张三 | @1", "张三 | @1", roster_more=" | 男 | 1950-01-01", sector_more=" | 女 | 1950-01-02")
    )
    assert links["pattern"].to_list() == ["id=equal name=equal birth=other sex=other"]


def test_the_heads_number_given_to_the_family(linked: Linked, engine: DuckEngine) -> None:
    links = linked(
        """
dibao
household_no | name | id_number | town
H1 | 张大明 | @1 | 乐城
H1 | 李小花 | @1 | 乐城
H1 | 张小宝 | @1 | 乐城
household_register
name | id_number | hukou_no
张大明 | @1 | K1
death
name | id_number | died_on
张大明 | @1 | 2022-01-01
"""
    )
    decided = {(a, b): d for a, b, d in pairs(links, "decision")}
    assert decided[("dibao#1", "death#1")] == decided[("dibao#1", "household_register#1")] == "link"
    assert {p for p, d in decided.items() if d == "link"} == {
        ("dibao#1", "death#1"),
        ("dibao#1", "household_register#1"),
    }
    assert decided[("dibao#2", "death#1")] == "review"
    persons = engine.rows("SELECT person FROM dibao ORDER BY record_id")["person"].to_list()
    assert len(set(persons)) == 3


def test_the_register_says_whose_number_it_is_against_the_many(linked: Linked) -> None:
    links = linked(
        """
dibao
household_no | name | id_number | town
H1 | 王丽 | @2 | 乐城
tekun
household_no | name | id_number | town
T1 | 王丽 | @2 | 乐城
household_register
name | id_number | hukou_no
陈芳 | @2 | K1
vehicle
name | id_number
陈芳 | @2
"""
    )
    decided = {(a, b): d for a, b, d in pairs(links, "decision")}
    assert decided[("dibao#1", "tekun#1")] == "link"
    assert decided[("dibao#1", "household_register#1")] == "review"
    assert decided[("dibao#1", "vehicle#1")] == "review"


# --- repaired ID ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "more", "level"),
    [
        ("@1~", "", "id=repaired"),
        ("@1<>", "", "id=repaired"),
        ("@1-1", " | 男 | 1950-05-27", "id=repaired"),
        ("@1+1", " | | 1950-05-27", "id=repaired"),
        ("@1*", " | | 1950-05-27", "id=repaired"),
    ],
)
@pytest.mark.parametrize("name", ["张三丰", "張三豐", "张三风", "张?丰", "张三"])
def test_one_slip_under_birth_date_and_name_is_repaired(
    linked: Linked, token: str, more: str, level: str, name: str
) -> None:
    links = linked(sectors(f"{name} | {token}", "张三丰 | @1", roster_more=more))
    assert pairs(links, "tier", "decision") == [("dibao#1", "vehicle#1", "repaired_id", "link")]
    assert links["pattern"][0].startswith(level)


def test_the_sectors_number_is_repaired_as_well(linked: Linked) -> None:
    links = linked(sectors("张三丰 | @1", "张三丰 | @1~"))
    assert pairs(links, "tier", "decision") == [("dibao#1", "vehicle#1", "repaired_id", "link")]


@pytest.mark.parametrize(
    ("roster", "more"),
    [
        ("张三丰 | @1~~", ""),  # two digits wrong
        ("张三丰 | @1-1", ""),  # a lost digit, and no birth date beside it to agree with
        ("张三丰 | @1*", ""),
        ("张三丰 | @1~", " | | 1950-05-28"),  # another birth date beside it
        ("欧阳明 | @1~", ""),  # another name
        ("张三丰 | @1:1950-05-28~", ""),  # one digit wrong, another birth date in the number
        (" | @1~", ""),  # no name
    ],
)
def test_less_than_that_is_no_repair(linked: Linked, roster: str, more: str) -> None:
    assert linked(sectors(roster, "张三丰 | @1", roster_more=more)).height == 0


@pytest.mark.parametrize(
    ("roster", "more", "why"),
    [
        ("张小强 | @1~", "", "id=one_off name=surname birth=equal sex=equal"),
        ("张三丰 | @1~", " | 女 | 1950-05-27", "id=one_off name=equal birth=equal sex=other"),
        ("张小强 | @1*", " | | 1950-05-27", "id=masked name=surname birth=equal sex=equal"),
    ],
)
def test_a_doubtful_repair_goes_to_review(linked: Linked, roster: str, more: str, why: str) -> None:
    links = linked(sectors(roster, "张三丰 | @1", roster_more=more))
    assert pairs(links, "tier", "decision", "pattern") == [("dibao#1", "vehicle#1", "repaired_id", "review", why)]


def test_a_broken_number_that_fits_two_people_goes_to_review(linked: Linked, engine: DuckEngine) -> None:
    from support.people import valid

    day, base = "19700101", valid("440281", "19700101", 105)
    other = valid("440281", day, 135)
    # differs from both in one place: the check character of the one with the sequence of the other
    broken = base[:17] + other[17]
    assert sum(a != b for a, b in zip(broken, base, strict=True)) == 1
    near = [n for n in (valid("440281", day, s) for s in range(1, 999, 2)) if sum(a != b for a, b in zip(n, broken, strict=True)) == 1]
    assert len(near) >= 2
    links = linked(
        f"dibao\nhousehold_no | name | id_number | town\nH1 | 李强 | {broken} | 乐城\n"
        f"vehicle\nname | id_number\n李强 | {near[0]}\n李强 | {near[1]}\n"
    )
    assert pairs(links, "decision") == [("dibao#1", "vehicle#1", "review"), ("dibao#1", "vehicle#2", "review")]
    assert engine.rows("SELECT count(*) AS n FROM repair").item() == 0
    reached = set(engine.rows("SELECT record_id FROM reached_record")["record_id"])
    assert reached == {"dibao#1", "vehicle#1", "vehicle#2"}


# --- people who must not link --------------------------------------------------------------------------------------


def test_twins_and_namesakes_of_one_address_never_link(linked: Linked) -> None:
    links = linked(
        """
dibao
household_no | name | id_number | town | address
H1 | 张大双 | @1:1980-03-01男 | 乐城 | 一号
H1 | 张小双 | @2:1980-03-01男 | 乐城 | 一号
H2 | 李建国 | @3:1950-01-01 | 乐城 | 二号
H2 | 李建国 | @5:1975-01-01 | 乐城 | 二号
vehicle
name | id_number | address
张大双 | @1:1980-03-01男 | 一号
李建国 | @5:1975-01-01 | 二号
death
name | id_number | died_on | address
李建国 | @3:1950-01-01 | 2020-01-01 | 二号
张小双 | @2:1980-03-01男 | 2020-01-01 | 一号
"""
    )
    assert pairs(links, "decision") == [
        ("dibao#1", "vehicle#1", "link"),
        ("dibao#2", "death#2", "link"),
        ("dibao#3", "death#1", "link"),
        ("dibao#4", "vehicle#2", "link"),
    ]


def test_a_twins_slip_that_comes_near_the_other_twin_is_at_most_reviewed(linked: Linked) -> None:
    links = linked(sectors("张大双 | @1:1980-03-01男~", "张小双 | @1:1980-03-01男"))
    assert pairs(links, "decision") == [("dibao#1", "vehicle#1", "review")]


# --- which way round, and which rows -------------------------------------------------------------------------------


def test_between_rosters_and_within_one_a_pair_stands_once(linked: Linked) -> None:
    links = linked(
        """
expenditure
household_no | name | id_number | town
E1 | 张三 | @1 | 乐城
dibao
household_no | name | id_number | town
H2 | 张三 | @1 | 乐城
H1 | 张三 | @1 | 乐城
temporary
grant_no | name | id_number | town
G1 | 张三 | @1 | 乐城
"""
    )
    assert pairs(links, "dataset") == [
        ("dibao#1", "dibao#2", "dibao"),
        ("dibao#1", "expenditure#1", "expenditure"),
        ("dibao#1", "temporary#1", "temporary"),
        ("dibao#2", "expenditure#1", "expenditure"),
        ("dibao#2", "temporary#1", "temporary"),
        ("expenditure#1", "temporary#1", "temporary"),
    ]
    assert all(a < b for a, b, d in pairs(links, "dataset") if d == "dibao")


def test_a_marriage_links_as_the_party_named_first(linked: Linked) -> None:
    links = linked(
        """
dibao
household_no | name | id_number | town
H1 | 张三 | @1 | 乐城
H1 | 李四 | @2 | 乐城
marriage
name | id_number | spouse_name | spouse_id_number | event
张三 | @1 | 李四 | @2 | 结婚
"""
    )
    assert pairs(links) == [("dibao#1", "marriage#1")]


def test_bureau_rows_that_name_a_person_link_and_payments_do_not(linked: Linked) -> None:
    links = linked(
        """
tekun
household_no | name | id_number | town
T1 | 张三 | @1 | 乐城
patrol
household_no | name | id_number | visited_on
T1 | 张三 | @1 | 2022-10-01
T1 | | | 2022-10-02
care_assessment
household_no | name | id_number | assessed_on
T1 | 张三 | @1 | 2022-01-01
payment
month | scheme | household_no | payee_name | payee_id_number | amount
2022-10 | tekun | T1 | 张三 | @1 | 5
"""
    )
    assert pairs(links, "dataset") == [
        ("tekun#1", "care_assessment#1", "care_assessment"),
        ("tekun#1", "patrol#1", "patrol"),
    ]


def test_sector_rows_do_not_link_with_each_other(linked: Linked) -> None:
    links = linked(
        "dibao\nhousehold_no | name | id_number\nvehicle\nname | id_number\n张三 | @1\nproperty\nname | id_number\n张三 | @1\n"
    )
    assert links.height == 0


def test_the_links_table_is_the_contracts(linked: Linked) -> None:
    links = linked(sectors("张三 | @1", "张三 | @1"))
    assert dict(links.schema) == {
        "roster_record_id": pl.String,
        "dataset": pl.String,
        "record_id": pl.String,
        "tier": pl.String,
        "match_weight": pl.Float64,
        "match_probability": pl.Float64,
        "decision": pl.String,
        "pattern": pl.String,
    }


def test_a_name_that_holds_signs_of_a_pattern_does_not_stop_the_run(linked: Linked) -> None:
    links = linked(sectors("张(?+ | @1", "张(三+ | @1"))
    assert pairs(links, "decision") == [("dibao#1", "vehicle#1", "link")]
    assert linked(sectors("张[? | @1", "李[( | @1")).get_column("decision").to_list() == ["review"]


def test_two_runs_are_equal_whatever_the_order_of_rows(linked: Linked) -> None:
    people = [f"H{n} | {name} | @{n}{slip} | 乐城" for n, (name, slip) in enumerate(
        [("张三丰", "~"), ("李宏", ""), ("陳東", "-15"), ("黄小明", "<>"), ("欧阳明", ""), ("刘红", "")], 1
    )]
    cars = ["张三丰 | @1", "李红 | @2", "陈东 | @3", "黄小明 | @4", "赵六 | @5", "刘宏 | @6", "刘强 | @6", "黄大明 | @4"]

    def of(rows: list[str], owners: list[str]) -> set[tuple[object, ...]]:
        grid = "dibao\nhousehold_no | name | id_number | town\n" + "\n".join(rows)
        links = linked(f"{grid}\nvehicle\nname | id_number\n" + "\n".join(owners))
        named = {f"dibao#{i}": r for i, r in enumerate(rows, 1)} | {f"vehicle#{i}": r for i, r in enumerate(owners, 1)}
        return {(named[a], named[b], *more) for a, b, *more in pairs(links, "tier", "decision", "pattern")}

    first = of(people, cars)
    assert len(first) == 8 and {r[3] for r in first} == {"link", "review"}
    assert of(people, cars) == first
    assert of(people[::-1], cars[::-1]) == first
