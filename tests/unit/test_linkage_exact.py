"""Exact ID numbers: the name guard, whose number it is, and which rows a pair of links is made of."""

from __future__ import annotations

import polars as pl
import pytest
from support.cases import Judged, judge, name_of, token
from support.people import number

from pipeline.engine.duck import DuckEngine

# Title → roster row, sector row, the pattern of the link.
LINKED = {
    "the same name": ("name=NAME id_number=@", "name=NAME id_number=@", "name=equal id=equal"),
    "traditional characters": ("name=張三 id_number=@", "name=张三 id_number=@", "name=variant id=equal"),
    "no name beside it": ("name=NAME id_number=@", "id_number=@", "name=unknown id=equal"),
    "a lost character": ("name=张? id_number=@", "name=张三 id_number=@", "name=wildcard id=equal"),
    "by ear": ("name=李红 id_number=@", "name=李宏 id_number=@", "name=homophone id=equal"),
    "by Cantonese ear": ("name=黄明 id_number=@", "name=王明 id_number=@", "name=homophone id=equal"),
    "look-alikes": ("name=陈海芳 id_number=@", "name=陈梅芳 id_number=@", "name=lookalike id=equal"),
    "one character more": ("name=张三 id_number=@", "name=张三丰 id_number=@", "name=one_more_or_less id=equal"),
    "one character less, another day of the year of birth": (
        "name=张三丰 id_number=@:1962-08-23",
        "name=张三 id_number=@:1962-08-23 birth_date=1962-08-13",
        "name=one_more_or_less id=equal",
    ),
    "the old number": ("name=NAME id_number=@-15", "name=NAME id_number=@", "name=equal id=old_form"),
    "the old number twice": ("name=NAME id_number=@-15", "name=NAME id_number=@-15", "name=equal id=equal"),
    "the same wrong number twice": ("name=NAME id_number=@~", "name=NAME id_number=@~", "name=equal id=equal"),
    "another paper": ("name=NAME id_number=H123456#", "name=NAME id_number=H123456#", "name=equal id=equal"),
    "signs of a pattern": ("name=张(?+ id_number=@", "name=张(三+ id_number=@", "name=wildcard id=equal"),
}
CASES = {
    title: f"dibao household_no=H# {left}\n{'death' if 'birth_date' in right else 'vehicle'} {right}"
    for title, (left, right, _) in LINKED.items()
} | {
    "an unlike name": "dibao household_no=H# name=张三 id_number=@\nvehicle name=欧阳明 id_number=@",
    "the surname alone": "dibao household_no=H# name=张三 id_number=@\nvehicle name=张强 id_number=@",
    "signs of a pattern, another name": "dibao household_no=H# name=张[? id_number=@\nvehicle name=李[( id_number=@",
    "birth and sex in the pattern": """
        dibao household_no=H# name=NAME id_number=@ sex=男 birth_date=1950-01-01
        vehicle name=NAME id_number=@ sex=女 birth_date=1950-01-02""",
    "no number, no name": "dibao household_no=H# town=乐城\nvehicle town=乐城",
    "the commonest name has the number": """
        dibao household_no=H# name=NAME id_number=@
        vehicle name=NAMEb id_number=@
        property name=NAMEb id_number=@""",
    "one more character under another birth date": """
        dibao household_no=H# name=李明 id_number=@ birth_date=BORN
        dibao household_no=H# name=李明华 id_number=@ birth_date=2015-05-05
        medical name=李明明 id_number=@ birth_date=BORN
        medical name=李明明 id_number=@""",
    "an owner with a lost character, and how others write him": """
        dibao household_no=H# name=钱?德 id_number=@
        vehicle name=钱?德 id_number=@
        medical name=钱海德 id_number=@
        property name=前海德 id_number=@""",
    "a brother, and a lost character between the two": """
        dibao household_no=H# name=吕三丰 id_number=@
        vehicle name=吕三丰 id_number=@
        medical name=吕?丰 id_number=@
        property name=吕四丰 id_number=@""",
    "a brother, and half a name between the two": """
        dibao household_no=H# name=周文海 id_number=@
        vehicle name=周文海 id_number=@
        medical name=周文 id_number=@
        property name=周文博 id_number=@""",
    "several rows of several rosters": """
        expenditure household_no=E# name=NAME id_number=@
        dibao household_no=H# name=NAME id_number=@
        dibao household_no=G# name=NAME id_number=@
        temporary grant_no=G# name=NAME id_number=@""",
    "a marriage": """
        dibao household_no=H# name=NAME id_number=@
        dibao household_no=H# name=NAMEc id_number=@c
        marriage name=NAME id_number=@ spouse_name=NAMEc spouse_id_number=@c event=结婚""",
    "the bureau's other tables": """
        tekun household_no=T# name=NAME id_number=@
        patrol household_no=T# name=NAME id_number=@ visited_on=2022-10-01
        patrol household_no=T# visited_on=2022-10-02
        care_assessment household_no=T# name=NAME id_number=@ assessed_on=2022-01-01
        payment month=2022-10 scheme=tekun household_no=T# payee_name=NAME payee_id_number=@ amount=5""",
    "sectors alone": "vehicle name=NAME id_number=@\nproperty name=NAME id_number=@",
}  # fmt: skip


@pytest.fixture(scope="module")
def drop(engine: DuckEngine) -> dict[str, Judged]:
    return judge(engine, CASES)


@pytest.mark.parametrize("title", LINKED)
def test_an_exact_id_under_an_agreeing_name_links(drop: dict[str, Judged], title: str) -> None:
    (found,) = drop[title].pairs.values()
    assert (found.decision, found.tier, found.probability) == ("link", "exact_id", None)
    wanted = dict(part.split("=") for part in LINKED[title][2].split())
    assert found.fields == {k: v for k, v in wanted.items() if v != "unknown"}


@pytest.mark.parametrize(
    ("title", "name"),
    [("an unlike name", "unlike"), ("the surname alone", "surname"), ("signs of a pattern, another name", "unlike")],
)
def test_an_exact_id_under_an_unlike_name_is_for_a_person_to_look_at(
    drop: dict[str, Judged], title: str, name: str
) -> None:
    (found,) = drop[title].pairs.values()
    assert (found.decision, found.tier, found.fields) == ("review", "exact_id", {"name": name, "id": "equal"})


def test_the_pattern_tells_the_birth_date_and_sex_of_the_rows(drop: dict[str, Judged]) -> None:
    found = drop["birth and sex in the pattern"].pairs["dibao", "vehicle"]
    assert found.fields == {"name": "equal", "id": "equal", "birth": "one_digit", "sex": "other"}


def test_rows_that_name_nobody_are_in_no_pair(drop: dict[str, Judged]) -> None:
    assert drop["no number, no name"].pairs == {}


def test_without_the_register_the_number_is_the_commonest_name_s(drop: dict[str, Judged]) -> None:
    case = drop["the commonest name has the number"]
    assert case.decisions == {("dibao", "vehicle"): "review", ("dibao", "property"): "review"}
    owner = number(token(case.at))
    assert case.persons == {"dibao": f"{owner}|{name_of(case.at)}", "vehicle": owner, "property": owner}


def test_one_character_more_under_another_birth_date_is_not_the_number_s_owner(drop: dict[str, Judged]) -> None:
    """李明's number given to his child 李明华, beside a careless 李明明 for 李明 himself."""
    assert drop["one more character under another birth date"].decisions == {
        ("dibao", "dibao 2"): "review",
        ("dibao", "medical"): "link",
        ("dibao", "medical 2"): "link",
        ("dibao 2", "medical"): "review",
        ("dibao 2", "medical 2"): "review",
    }


def test_a_name_may_be_the_owner_s_by_way_of_a_fuller_one(drop: dict[str, Judged]) -> None:
    case = drop["an owner with a lost character, and how others write him"]
    assert case.linked == {("dibao", "vehicle"), ("dibao", "medical"), ("dibao", "property")}


@pytest.mark.parametrize(
    "title", ["a brother, and a lost character between the two", "a brother, and half a name between the two"]
)
def test_but_not_by_way_of_a_poorer_one(drop: dict[str, Judged], title: str) -> None:
    case = drop[title]
    assert case.decisions["dibao", "property"] == "review"
    assert case.persons["property"] != case.persons["dibao"] == case.persons["medical"]


def test_between_rosters_and_within_one_a_pair_stands_once(drop: dict[str, Judged]) -> None:
    assert sorted(drop["several rows of several rosters"].linked) == [
        ("dibao", "dibao 2"),
        ("dibao", "expenditure"),
        ("dibao", "temporary"),
        ("dibao 2", "expenditure"),
        ("dibao 2", "temporary"),
        ("expenditure", "temporary"),
    ]


def test_a_marriage_links_as_the_party_named_first(drop: dict[str, Judged]) -> None:
    assert sorted(drop["a marriage"].linked) == [("dibao", "marriage")]


def test_bureau_rows_that_name_a_person_link_and_payments_do_not(drop: dict[str, Judged]) -> None:
    assert sorted(drop["the bureau's other tables"].linked) == [("tekun", "care_assessment"), ("tekun", "patrol")]


def test_sector_rows_do_not_link_with_each_other(drop: dict[str, Judged]) -> None:
    assert drop["sectors alone"].pairs == {}


def test_the_links_table_is_the_contracts(drop: dict[str, Judged], engine: DuckEngine) -> None:
    assert dict(engine.rows("SELECT * FROM links").schema) == {
        "roster_record_id": pl.String,
        "dataset": pl.String,
        "record_id": pl.String,
        "tier": pl.String,
        "match_weight": pl.Float64,
        "match_probability": pl.Float64,
        "decision": pl.String,
        "pattern": pl.String,
    }


def test_a_drop_of_a_heading_alone_links_nothing(engine: DuckEngine) -> None:
    judge(engine, {}, empty=("dibao", "vehicle"))
    assert engine.count("links") == 0
    assert engine.rows("SELECT sum(pairs) FROM block_report").item() == 0


# --- with the household register ------------------------------------------------------------------------------------

REGISTERED = {
    "the head's number given to the family": """
        dibao household_no=H# name=张大明 id_number=@
        dibao household_no=H# name=李小花 id_number=@
        dibao household_no=H# name=张小宝 id_number=@
        household_register hukou_no=K# name=张大明 id_number=@
        death name=张大明 id_number=@ died_on=2022-01-01""",
    "the register against the rest": """
        dibao household_no=H# name=NAME id_number=@
        tekun household_no=T# name=NAME id_number=@
        household_register hukou_no=K# name=NAMEb id_number=@
        vehicle name=NAMEb id_number=@""",
    "the register's birth date is not the number's": """
        dibao household_no=H# name=NAME id_number=@ birth_date=BORN
        tekun household_no=T# name=NAME id_number=@ birth_date=BORN
        household_register hukou_no=K# name=NAMEb id_number=@ birth_date=BORNb""",
}  # fmt: skip


@pytest.fixture(scope="module")
def registered(engine: DuckEngine) -> dict[str, Judged]:
    return judge(engine, REGISTERED)


def test_the_head_s_number_given_to_the_family(registered: dict[str, Judged]) -> None:
    case = registered["the head's number given to the family"]
    assert case.linked == {("dibao", "death"), ("dibao", "household_register")}
    assert case.decisions["dibao 2", "death"] == case.decisions["dibao 3", "death"] == "review"
    assert len({case.persons[r] for r in ("dibao", "dibao 2", "dibao 3")}) == 3


def test_the_register_says_whose_number_it_is_against_the_rest(registered: dict[str, Judged]) -> None:
    case = registered["the register against the rest"]
    assert case.decisions == {
        ("dibao", "tekun"): "link",
        ("dibao", "household_register"): "review",
        ("dibao", "vehicle"): "review",
        ("tekun", "household_register"): "review",
        ("tekun", "vehicle"): "review",
    }
    assert case.persons["household_register"] == case.persons["vehicle"] == number(token(case.at))


def test_a_register_row_that_contradicts_the_number_does_not(registered: dict[str, Judged]) -> None:
    case = registered["the register's birth date is not the number's"]
    assert case.persons["dibao"] == case.persons["tekun"] == number(token(case.at))
    assert case.decisions["dibao", "household_register"] == "review"
