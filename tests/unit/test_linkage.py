"""Linkage: exact ID with the name guard, repaired ID, what goes to review, and who a record is about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from support.grid import Scenario, load_tables, read_grid
from support.people import number, valid

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


def side_by_side(cases: list[tuple[str, ...]]) -> str:
    """Case n is roster row n beside vehicle row n: 'name | id_number' and, third, the roster's 'sex | birth_date'.

    `@` in a case stands for a person of its own, `@n`, whose birth date differs from all others'.
    """
    rows, owners = [], []
    for n, (roster, sector, *more) in enumerate(cases, 1):
        rows.append(f"H{n} | {roster} | {more[0] if more else '|'}".replace("@", f"@{n}").replace("BORN", born(n)))
        owners.append(sector.replace("@", f"@{n}"))
    return (
        "dibao\nhousehold_no | name | id_number | sex | birth_date\n" + "\n".join(rows) + "\n"
        "vehicle\nname | id_number\n" + "\n".join(owners)
    )


def born(person: int) -> str:
    """The birth date in the number of person n."""
    digits = number(f"@{person}")[6:14]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def judged(links: pl.DataFrame, cases: int) -> list[tuple[str, str, str] | None]:
    """(tier, decision, pattern) of each case, None where the two rows are in no link; no case links with another."""
    out: list[tuple[str, str, str] | None] = [None] * cases
    for roster, record, tier, decision, pattern in pairs(links, "tier", "decision", "pattern"):
        n = int(str(roster).split("#")[1])
        assert record == f"vehicle#{n}", (roster, record)
        out[n - 1] = (str(tier), str(decision), str(pattern))
    return out


# --- the ladder of names -------------------------------------------------------------------------------------------

LADDER = [
    ("张三", "张三", 5),
    ("张國强", "张国强", 5),
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
    ("张?", "章?", 0),
    ("张(?", "张(三", 4),
    ("张?)", "张三", 1),
    ("张", "张三", 1),
    ("", "张三", None),
    ("·", "张三", None),
]


def test_the_ladder_of_names(engine: DuckEngine) -> None:
    for statement in macros(engine.name).split(";\n"):
        if statement.strip():
            engine.run(statement)
    cases = pl.DataFrame(LADDER, schema=["a", "b", "level"], orient="row").with_row_index("n")
    for side in "ab":
        keyed = cases.select("n", name_key=name_keys(cases[side]))
        sounds = sound_keys(keyed["name_key"])
        cases = cases.drop(side).join(
            keyed.join(sounds, on="name_key", how="left").rename(
                {"name_key": side, "mandarin": f"{side}m", "cantonese": f"{side}c"}
            ),
            on="n",
        )
    engine.drop("ladder")
    engine.load("ladder", cases)
    found = engine.rows(
        "SELECT name_level(a, am, ac, b, bm, bc) AS there, name_level(b, bm, bc, a, am, ac) AS back "
        "FROM ladder ORDER BY n"
    )
    expected = [level for _, _, level in LADDER]
    assert found["there"].to_list() == expected
    assert found["back"].to_list() == expected


# --- exact ID ------------------------------------------------------------------------------------------------------


def test_an_exact_id_under_an_agreeing_name_links(linked: Linked) -> None:
    cases = [
        ("张三 | @", "张三 | @", "id=equal name=equal"),
        ("張三 | @", "张三 | @", "id=equal name=equal"),
        ("张三 | @", " | @", "id=equal name=unknown"),
        ("张? | @", "张三 | @", "id=equal name=wildcard"),
        ("李红 | @", "李宏 | @", "id=equal name=homophone"),
        ("黄明 | @", "王明 | @", "id=equal name=homophone"),
        ("张三 | @", "张三丰 | @", "id=equal name=one_more_or_less"),
        ("张三 | @-15", "张三 | @", "id=old_form name=equal"),
        ("张三 | @-15", "张三 | @-15", "id=equal name=equal"),
        ("张三 | @~", "张三 | @~", "id=equal name=equal"),
        ("张三 | H1234567", "张三 | H1234567", "id=equal name=equal"),
    ]
    found = judged(linked(side_by_side([c[:2] for c in cases])), len(cases))
    assert found == [("exact_id", "link", f"{pattern} birth=unknown sex=unknown") for *_, pattern in cases]


def test_an_exact_id_under_an_unlike_name_is_for_a_person_to_look_at(linked: Linked) -> None:
    cases = [("张三 | @", "欧阳明 | @"), ("张三 | @", "张强 | @")]
    found = judged(linked(side_by_side(cases)), 2)
    assert [f and f[:2] for f in found] == [("exact_id", "review")] * 2
    assert [f and f[2].split()[1] for f in found] == ["name=unlike", "name=surname"]


def test_a_masked_number_or_none_links_nobody_by_itself(linked: Linked) -> None:
    assert judged(linked(side_by_side([("张三 | @*", "张三 | @*"), ("李四 | ", "李四 | ")])), 2) == [None, None]


def test_the_pattern_tells_birth_and_sex(linked: Linked) -> None:
    links = linked(
        """
dibao
household_no | name | id_number | sex | birth_date
H1 | 张三 | @1 | 男 | 1950-01-01
vehicle
name | id_number | sex | birth_date
张三 | @1 | 女 | 1950-01-02
"""
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
    assert {p for p, d in decided.items() if d == "link"} == {
        ("dibao#1", "death#1"),
        ("dibao#1", "household_register#1"),
    }
    assert decided[("dibao#2", "death#1")] == decided[("dibao#3", "death#1")] == "review"
    persons = engine.rows("SELECT person FROM dibao ORDER BY record_id")["person"].to_list()
    assert len(set(persons)) == 3


def test_one_character_more_under_another_birth_date_is_not_the_number_s_owner(linked: Linked) -> None:
    """李明's number given to his child 李明华, beside a careless 李明华 for 李明 himself."""
    links = linked(
        f"""
dibao
household_no | name | id_number | birth_date | town
H1 | 李明 | @1 | {born(1)} | 乐城
H1 | 李明华 | @1 | 2015-05-05 | 乐城
medical
name | id_number | birth_date
李明明 | @1 | {born(1)}
李明明 | @1 |
"""
    )
    decided = {(a, b): d for a, b, d in pairs(links, "decision")}
    assert decided[("dibao#1", "dibao#2")] == "review"
    assert decided[("dibao#1", "medical#1")] == decided[("dibao#1", "medical#2")] == "link"
    assert decided[("dibao#2", "medical#1")] == "review"


def test_the_register_says_whose_number_it_is_against_the_rest(linked: Linked, engine: DuckEngine) -> None:
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
    assert engine.rows("SELECT person FROM household_register").item() == number("@2")


def test_without_the_register_the_number_is_the_commonest_names(linked: Linked, engine: DuckEngine) -> None:
    linked(
        """
dibao
household_no | name | id_number | town
H1 | 王丽 | @2 | 乐城
vehicle
name | id_number
陈芳 | @2
property
name | id_number
陈芳 | @2
"""
    )
    assert engine.rows("SELECT person FROM vehicle").item() == number("@2")
    assert engine.rows("SELECT person FROM dibao").item() == f"{number('@2')}|王丽"


# --- repaired ID ---------------------------------------------------------------------------------------------------


def test_one_slip_under_birth_date_and_name_is_repaired(linked: Linked) -> None:
    slips = [("@~", "|"), ("@<>", "|"), ("@-1", "| BORN"), ("@+1", "| BORN"), ("@*", "| BORN")]
    names = ["张三丰", "張三豐", "张三风", "张?丰", "张三"]
    cases = [(f"{name} | {slip}", "张三丰 | @", more) for slip, more in slips for name in names]
    cases += [("张三丰 | @", f"{name} | @~") for name in names]
    found = judged(linked(side_by_side(cases)), len(cases))
    assert [f and f[:2] for f in found] == [("repaired_id", "link")] * len(cases)
    assert all(f and f[2].startswith("id=repaired name=") for f in found)


def test_less_than_that_is_no_repair(linked: Linked) -> None:
    cases = [
        ("张三丰 | @~~", "张三丰 | @"),  # two digits wrong
        ("张三丰 | @-1", "张三丰 | @"),  # a lost digit, and no birth date beside it to agree with
        ("张三丰 | @*", "张三丰 | @"),
        ("张三丰 | @~", "张三丰 | @", "| 1901-02-03"),  # another birth date beside it
        ("欧阳明 | @~", "张三丰 | @"),  # another name
        ("张三丰 | @:1950-05-28~", "张三丰 | @:1950-05-29"),  # another birth date in the number
        (" | @~", "张三丰 | @"),  # no name
    ]
    assert judged(linked(side_by_side(cases)), len(cases)) == [None] * len(cases)


def test_a_doubtful_repair_goes_to_review(linked: Linked) -> None:
    cases = [
        ("张小强 | @~", "张三丰 | @"),
        ("张三丰 | @~", "张三丰 | @", "男 |"),  # person 2 is a woman
        ("张小强 | @*", "张三丰 | @", "| BORN"),
        ("张大双 | @:1980-03-01男~", "张小双 | @:1980-03-01男"),  # a slip that comes near the twin's number
    ]
    why = [
        "id=one_off name=surname birth=equal sex=equal",
        "id=one_off name=equal birth=equal sex=other",
        "id=masked name=surname birth=equal sex=equal",
        "id=one_off name=surname birth=equal sex=equal",
    ]
    assert judged(linked(side_by_side(cases)), 4) == [("repaired_id", "review", w) for w in why]


def test_a_broken_number_that_fits_two_people_goes_to_review(linked: Linked, engine: DuckEngine) -> None:
    def apart(a: str, b: str) -> int:
        return sum(x != y for x, y in zip(a, b, strict=True))

    sound = [valid("440281", "19700101", s) for s in range(1, 999, 2)]
    # the sequence of one man under the check character of another
    broken, near = next(
        (b, n)
        for b in (sound[50][:17] + s[17] for s in sound[51:])
        if len(n := [s for s in sound if apart(s, b) == 1]) == 2
    )
    links = linked(
        f"dibao\nhousehold_no | name | id_number | town\nH1 | 李强 | {broken} | 乐城\n"
        f"vehicle\nname | id_number\n李强 | {near[0]}\n李强 | {near[1]}\n"
    )
    assert pairs(links, "decision") == [("dibao#1", "vehicle#1", "review"), ("dibao#1", "vehicle#2", "review")]
    assert engine.count("repair") == 0
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
        "dibao\nhousehold_no | name | id_number\n"
        "vehicle\nname | id_number\n张三 | @1\n"
        "property\nname | id_number\n张三 | @1\n"
    )
    assert links.height == 0


def test_the_links_table_is_the_contracts(linked: Linked) -> None:
    links = linked(side_by_side([("张三 | @", "张三 | @")]))
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
    cases = [("张(?+ | @", "张(三+ | @"), ("张[? | @", "李[( | @"), ("张?) | @~", "张三( | @")]
    found = judged(linked(side_by_side(cases)), 3)
    assert [f and f[1] for f in found] == ["link", "review", "review"]


def test_two_runs_are_equal_whatever_the_order_of_rows(linked: Linked) -> None:
    people = [
        f"H{n} | {name} | @{n}{slip} | 乐城"
        for n, (name, slip) in enumerate(
            [("张三丰", "~"), ("李宏", ""), ("陳東", "-15"), ("黄小明", "<>"), ("欧阳明", ""), ("刘红", "")], 1
        )
    ]
    cars = [
        "张三丰 | @1",
        "李红 | @2",
        "陈东 | @3",
        "黄小明 | @4",
        "赵六 | @5",
        "刘宏 | @6",
        "刘强 | @6",
        "黄大明 | @4",
    ]

    def of(rows: list[str], owners: list[str]) -> set[tuple[object, ...]]:
        grid = "dibao\nhousehold_no | name | id_number | town\n" + "\n".join(rows)
        links = linked(f"{grid}\nvehicle\nname | id_number\n" + "\n".join(owners))
        named = {f"dibao#{i}": r for i, r in enumerate(rows, 1)} | {f"vehicle#{i}": r for i, r in enumerate(owners, 1)}
        return {(named[a], named[b], *more) for a, b, *more in pairs(links, "tier", "decision", "pattern")}

    first = of(people, cars)
    assert len(first) == 7 and {r[3] for r in first} == {"link", "review"}
    assert of(people, cars) == first
    assert of(people[::-1], cars[::-1]) == first
