"""Blocking keys: what each reaches, what is too common for it, and what the report says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import pytest
from support.cases import load_cases
from support.people import valid

from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import read_folder
from pipeline.linkage.blocks import GAINED, SOUND, Made, find_candidates, report
from pipeline.linkage.context import Context
from pipeline.linkage.county import Block, county_spec
from pipeline.linkage.model import default_model
from pipeline.linkage.settle import first_pass
from pipeline.linkage.stage import persons_in, prepare

# sound numbers of people whose names and birth dates are left aside
TAIL, ENDS, LOST, STRANGER = (valid("440281", f"1951050{n}", 101 + 200 * n) for n in (1, 2, 3, 4))


def spoilt(number: str, at: int) -> str:
    """A number with one character changed."""
    digit = "0123456789".index(number[at]) if number[at] != "X" else 9
    return number[:at] + str((digit + 1) % 10) + number[at + 1 :]


# Blocking key → a pair that it reaches, and the other keys that cannot but reach it too.
REACHED: dict[str, tuple[str, set[str]]] = {
    "id_tail": (f"medical name=赵德 id_number={spoilt(TAIL, 17)}\nvehicle name=赵海涛 id_number={TAIL}", set()),
    "id_ends": (f"medical name=赵德 id_number={spoilt(ENDS, 12)}\nvehicle name=赵海涛 id_number={ENDS}", set()),
    "id_end_name": (
        f"medical name=赵德 id_number={LOST[:2] + LOST[3:]} birth_date=1901-02-03\n"
        f"vehicle name=赵德 id_number={LOST}", {"sound_inside"}),
    "name_birth": (
        "medical name=NAME birth_date=BORN\nvehicle name=NAME id_number=@",
        {"sound_birth", "ear_birth", "shape_birth", "head_birth", "ends_birth"}),
    "sound_birth": ("medical name=张红 birth_date=BORN\nvehicle name=章宏 id_number=@", set()),
    "sound_inside": (
        "medical name=张红 id_number=@:1986-08-04** birth_date=1986-04-08\nvehicle name=章宏 id_number=@:1986-08-04",
        set()),
    "ear_birth": ("medical name=黄明 birth_date=BORN\nvehicle name=王明 id_number=@", set()),
    "shape_birth": ("medical name=钟芳海 birth_date=BORN\nvehicle name=钟芳梅 id_number=@", {"head_birth"}),
    "head_birth": ("medical name=李德 birth_date=BORN\nvehicle name=李德全 id_number=@", set()),
    "ends_birth": ("medical name=周全 birth_date=BORN\nvehicle name=周德全 id_number=@", set()),
    "surname_birth": ("medical name=吴?? birth_date=BORN\nvehicle name=吴德全 id_number=@", set()),
    "given_birth": ("medical name=?文彬 birth_date=BORN\nvehicle name=郑文彬 id_number=@", set()),
    "surname_day": ("dibao household_no=H# name=冯文彬 birth_date=BORN\nvehicle name=冯德海 id_number=@", set()),
    "sound_year": (
        "dibao household_no=H# name=卫红 birth_date=1950-05-07\nvehicle name=魏宏 id_number=@:1950-08-09", set()),
    "sound_day": (
        "dibao household_no=H# name=秦红 birth_date=1951-05-07\nvehicle name=覃宏 id_number=@:1953-05-07", set()),
    "sound_town_year": (
        "dibao household_no=H# name=NAME birth_date=1950-05-07 town=乐城\n"
        "vehicle name=NAME birth_date=1950-08-09 id_number=@:1980-08-09男 town=乐城\n"
        "household_register hukou_no=K# name=NAME id_number=@:1980-08-09男", set()),
    "name_village": (
        "medical name=NAME town=乐城 village=V#\n"
        "vehicle name=NAME id_number=@ town=乐城 village=V#", set()),
    "name_address": ("medical name=NAME address=A#\nvehicle name=NAME id_number=@ address=A#", set()),
    "birth_sex_town": (
        "dibao household_no=H# name=?? birth_date=BORN sex=男 town=乐城\n"
        "vehicle name=NAME id_number=@ birth_date=BORN sex=男 town=乐城", set()),
    "phone": ("dibao household_no=H# name=NAMEb phone=139#\nvehicle name=NAME id_number=@ phone=139#", set()),
    "account": (
        "dibao household_no=H# name=NAMEb bank_account=6222#\n"
        "temporary grant_no=G# name=NAME id_number=@ bank_account=6222#", set()),
    "household_no": ("dibao household_no=H# name=NAMEb\npatrol household_no=H# name=NAME id_number=@", set()),
    "kin": (
        "dibao household_no=H# name=NAMEb\ndibao household_no=H# name=NAME id_number=@\n"
        "household_register hukou_no=K# name=NAME id_number=@\nhousehold_register hukou_no=K# name=NAMEc id_number=@c",
        set()),
}  # fmt: skip
# Pairs that share nothing but what a key asks of one side more.
UNREACHED = {
    "a telephone, no roster": "medical name=NAMEb phone=139#\nvehicle name=NAME id_number=@ phone=139#",
    "surname and birth date, no roster": "medical name=冯文彬 birth_date=BORN\nvehicle name=冯德海 id_number=@",
    "the sound of a year, no roster": (
        "medical name=何红 birth_date=1950-05-07\nvehicle name=贺宏 id_number=@:1950-08-09"
    ),
    "name and village with a birth date": (
        "dibao household_no=H# name=NAME birth_date=1931-01-01 town=乐城 village=V#\n"
        "vehicle name=NAME id_number=@ town=乐城 village=V#"
    ),
    "birth date, sex, town under a whole name": (
        "dibao household_no=H# name=NAMEb birth_date=BORN sex=男 town=乐城\n"
        "tekun household_no=T# name=NAME id_number=@ birth_date=BORN sex=男 town=乐城"
    ),
    "the end of a stranger's number": (
        f"medical name=钱德 id_number={spoilt(STRANGER, 17)}\nvehicle name=孙海涛 id_number={STRANGER}"
    ),
    "two loose rows": "medical name=NAME birth_date=BORN\ndibao household_no=H# name=NAME birth_date=BORN",
    "two sound rows": "medical name=NAME id_number=@\ndibao household_no=H# name=NAME id_number=@b:BORN",
    "the household's own members": "dibao household_no=H# name=NAMEb\ndibao household_no=H# name=NAME id_number=@",
}
Reached = dict[str, dict[tuple[str, str], set[str]]]


def candidates(engine: DuckEngine, cases: dict[str, str], blocks: Sequence[Block]) -> tuple[Reached, list[Made]]:
    """Title → (loose record, other record) → the keys that reach the two, of the first pass."""
    loaded = load_cases(engine, cases)
    context = Context(
        {s.name: s for s in read_folder("linkage")}, county_spec(), default_model(), persons_in(loaded.present)
    )
    prepare(engine, context)
    first_pass(engine, context)
    made = find_candidates(engine, blocks, SOUND)
    report(engine, made)
    rows = engine.rows(
        "SELECT c.blocks, min(a.record_id) AS a, min(b.record_id) AS b FROM candidate c "
        "JOIN person_record a ON a.person = c.left_person JOIN person_record b ON b.person = c.right_person "
        "GROUP BY c.left_person, c.right_person, c.blocks"
    )
    out: Reached = {title: {} for title in cases}
    for bits, a, b in rows.iter_rows():
        (title, left), (other, right) = loaded.owner[a], loaded.owner[b]
        assert title == other, (a, b)
        out[title][left, right] = {block.id for n, block in enumerate(blocks) if bits >> n & 1}
    return out, made


@pytest.fixture(scope="module")
def reached(engine: DuckEngine) -> Reached:
    cases = {title: rows for title, (rows, _) in REACHED.items()} | UNREACHED
    return candidates(engine, cases, county_spec().blocks)[0]


@pytest.mark.parametrize("key", REACHED)
def test_each_key_reaches_what_it_is_for(reached: Reached, key: str) -> None:
    assert list(reached[key].values()) == [{key} | REACHED[key][1]]


@pytest.mark.parametrize("title", UNREACHED)
def test_no_key_goes_further_than_it_says(reached: Reached, title: str) -> None:
    assert reached[title] == {}


def test_every_key_of_the_declaration_is_shown() -> None:
    assert list(REACHED) == [b.id for b in county_spec().blocks]


def test_the_report_has_a_row_a_key(engine: DuckEngine, reached: Reached) -> None:
    rows = {r["block"]: r for r in engine.rows("SELECT * FROM block_report").iter_rows(named=True)}
    assert [(b.id, rows[b.id]["zh"]) for b in county_spec().blocks] == [(k, r["zh"]) for k, r in rows.items()]
    found = [keys for case in reached.values() for keys in case.values()]
    for key, row in rows.items():
        assert row["pairs"] == sum(key in keys for keys in found) > 0
        assert row["alone"] == sum(keys == {key} for keys in found)
        assert row["dropped"] == 0
    assert engine.count("candidate") == len(found)


# --- keys that are too common -----------------------------------------------------------------------------------------

CROWD = {
    "crowd": "\n".join(
        [f"dibao household_no=H{n} name=冯文彬 birth_date=1950-0{n}-07 phone=1390" for n in range(1, 5)]
        + [
            f"vehicle name={name} id_number=@:1950-11-2{n} phone=1390"
            for n, name in enumerate(("冯文彬", "冯闻斌", "冯文宾"))
        ]
    ),
    "quiet": "dibao household_no=H# name=NAME birth_date=1960-05-07 phone=138#\n"
    "vehicle name=NAME id_number=@:1960-08-09 phone=138#",
}
BY_ID = {b.id: b for b in county_spec().blocks}


@pytest.mark.parametrize(
    ("key", "cap", "pairs", "dropped"),
    [
        ("phone", 12, 13, 0),
        ("phone", 11, 1, 12),
        ("sound_year", 12, 13, 0),
        ("sound_year", 11, 1, 12),
    ],
)
def test_a_value_that_brings_too_much_is_dropped_and_told(
    engine: DuckEngine, key: str, cap: int, pairs: int, dropped: int
) -> None:
    _, made = candidates(engine, CROWD, [replace(BY_ID[key], cap=cap)])
    assert made == [Made(replace(BY_ID[key], cap=cap), 12, dropped)]
    row = engine.rows("SELECT pairs, largest, alone, dropped FROM block_report").row(0)
    assert row == (pairs, 12, pairs, dropped) and engine.count("candidate") == pairs


def test_or_is_split_by_what_else_the_two_must_share(engine: DuckEngine) -> None:
    split = replace(BY_ID["sound_year"], cap=11, split="head_no")
    _, made = candidates(engine, CROWD, [split])
    # two of the three have the first two characters of the name
    assert made == [Made(split, 12, 4)] and engine.count("candidate") == 9


def test_what_two_keys_reach_is_one_pair(engine: DuckEngine) -> None:
    candidates(engine, CROWD, [BY_ID["phone"], BY_ID["sound_year"]])
    rows = engine.rows("SELECT block, pairs, alone FROM block_report ORDER BY block").rows()
    assert rows == [("phone", 13, 0), ("sound_year", 13, 0)] and engine.count("candidate") == 13


def test_a_later_pass_compares_the_loose_with_each_other(engine: DuckEngine) -> None:
    rows = "dibao household_no=H# name=NAME birth_date=BORN town=乐城\nmedical name=NAME birth_date=BORN town=乐城"
    found, _ = candidates(engine, {"x": rows}, [BY_ID["name_birth"]])
    assert found == {"x": {}}
    find_candidates(engine, [BY_ID["name_birth"]], GAINED)
    pairs = engine.rows("SELECT left_person, right_person FROM candidate ORDER BY left_person")
    assert pairs.equals(
        pl.DataFrame({"left_person": ["dibao#1", "medical#1"], "right_person": ["medical#1", "dibao#1"]})
    )
