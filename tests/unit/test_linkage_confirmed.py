"""Sound ID numbers: which are confirmed and why, one person with two of them, numbers that their rows contradict."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from support.cases import Judged, judge, token
from support.people import number

from pipeline.engine.duck import DuckEngine

HOME = "town=乐城 village=V# address=A#"
R = "household_register hukou_no=K#"
# Title → rows, and what stands behind the number of `@`: (confirmed, reason).
STANDING = {
    "in the register": (f"dibao household_no=H# name=NAME id_number=@\n{R} name=NAME id_number=@", (True, "register")),
    "in the register by the old form": (f"dibao household_no=H# name=NAME id_number=@\n{R} name=NAME id_number=@-15",
                                        (True, "register")),
    "in the register by ear": (f"dibao household_no=H# name=李红 id_number=@\n{R} name=李宏 id_number=@",
                               (True, "register")),
    "not in the register": ("dibao household_no=H# name=NAME id_number=@ birth_date=BORN", (False, "not_in_register")),
    # the register's own row is the number's owner, and confirmed
    "in the register under another name": (
        f"dibao household_no=H# name=NAME id_number=@\n{R} name=NAMEb id_number=@", (True, "register")),
    "another birth date": (
        f"dibao household_no=H# name=NAME id_number=@ birth_date=1901-02-03\n{R} name=NAME id_number=@",
        (False, "birth_differs")),
    "another sex": (
        f"dibao household_no=H# name=NAME id_number=@ sex=女\n{R} name=NAME id_number=@", (False, "sex_differs")),
}  # fmt: skip
# Where the two records of one name, birth date and sex under two sound numbers live → what becomes of the pair.
TWO_NUMBERS = {
    "one address": (HOME, HOME, "link"),
    "one telephone in two towns": ("town=乐城 phone=139#", "town=坪石 phone=139#", "link"),
    "one village": ("town=乐城 village=V#", "town=乐城 village=V# address=B#", "review"),
    "one town": ("town=乐城 village=V#", "town=乐城 village=W#", None),
    "two towns": ("town=乐城", "town=坪石", None),
    "one house number in two towns": ("town=乐城 address=3组12号", "town=坪石 address=3组12号", None),
    "nobody knows": ("", "", None),
}
OTHERS = {
    "two confirmed at one address": f"""
        dibao household_no=H# name=NAME id_number=@:1950-05-07 {HOME}
        {R} name=NAME id_number=@:1950-05-07 {HOME}
        {R} name=NAME id_number=@b:1950-05-07 {HOME}
        medical name=NAME id_number=@b:1950-05-07 {HOME}""",
    "another birth date under one name and address": f"""
        dibao household_no=H# name=NAME id_number=@ {HOME}
        medical name=NAME id_number=@b {HOME}""",
    "another sex under one name and address": f"""
        dibao household_no=H# name=NAME id_number=@ {HOME}
        medical name=NAME id_number=@c:BORN {HOME}""",
    "two whose second number it could be": f"""
        dibao household_no=H# name=NAME id_number=@ {HOME}
        {R} name=NAME id_number=@ {HOME}
        {R} name=NAME id_number=@d:BORN男 {HOME}
        medical name=NAME id_number=@b:BORN {HOME}""",
    "a home by way of a loose row": f"""
        dibao household_no=H# name=NAME id_number=@ town=乐城 village=V#
        {R} name=NAME id_number=@ town=乐城 village=V#
        medical name=NAME id_number=@b:BORN town=坪石 phone=138#
        vehicle name=NAME id_number=@b:BORN~ town=乐城 village=V# phone=138#""",
    "side by side in one list": f"""
        dibao household_no=H# name=NAME id_number=@ {HOME}
        dibao household_no=H# name=NAME id_number=@b:BORN {HOME}""",
    "side by side by way of a loose row": f"""
        dibao household_no=H# name=NAME id_number=@ {HOME}
        {R} name=NAME id_number=@~ {HOME}
        {R} name=NAME id_number=@b:BORN town=乐城 village=V# address=B#""",
    "with a loose row": f"""
        dibao household_no=H# name=NAME id_number=@ {HOME}
        {R} name=NAME id_number=@ {HOME}
        medical name=NAME id_number=@b:BORN {HOME} phone=137#
        vehicle name=NAME id_number=@b:BORN~ phone=137#""",
    "contradicted by the birth date": """
        dibao household_no=H# name=NAME id_number=@b birth_date=BORN town=乐城 village=V#
        household_register hukou_no=K# name=NAME id_number=@ town=乐城 village=V#""",
    "contradicted by the sex": f"""
        dibao household_no=H# name=NAME id_number=@b sex=女 {HOME}
        household_register hukou_no=K# name=NAME id_number=@c {HOME}""",
    "contradicted by a slip": """
        dibao household_no=H# name=NAME id_number=@:1950-05-07 birth_date=1950-05-08 town=乐城 village=V#
        medical name=NAME id_number=@:1950-05-07 town=乐城
        household_register hukou_no=K# name=NAME id_number=@b:1950-05-08 town=乐城 village=V#""",
    "contradicted, but in the register": """
        dibao household_no=H# name=NAME id_number=@ birth_date=1901-02-03 town=乐城 village=V#
        medical name=NAME id_number=@
        household_register hukou_no=K# name=NAME id_number=@
        household_register hukou_no=J# name=NAME id_number=@b:1901-02-03 town=乐城 village=V#""",
}  # fmt: skip


@pytest.fixture(scope="module")
def drop(engine: DuckEngine) -> Mapping[str, Judged]:
    cases = {f"standing: {title}": rows for title, (rows, _) in STANDING.items()}
    for title, (left, right, _) in TWO_NUMBERS.items():
        cases[title] = (
            f"dibao household_no=H# name=NAME id_number=@ {left}\n{R} name=NAME id_number=@ {left}\n"
            f"medical name=NAME id_number=@b:BORN {right}"
        )
        cases[f"{title}, in the roster"] = (
            f"dibao household_no=H# name=NAME id_number=@ {left}\n{R} name=NAME id_number=@b:BORN {right}"
        )
    return judge(engine, cases | OTHERS)


@pytest.fixture(scope="module")
def standing(drop: Mapping[str, Judged], engine: DuckEngine) -> dict[str, tuple[bool, str]]:
    rows = engine.rows("SELECT person, confirmed, reason FROM standing").iter_rows()
    return {person: (confirmed, reason) for person, confirmed, reason in rows}


@pytest.mark.parametrize("title", STANDING)
def test_what_stands_behind_a_number(
    drop: Mapping[str, Judged], standing: dict[str, tuple[bool, str]], title: str
) -> None:
    assert standing[number(token(drop[f"standing: {title}"].at))] == STANDING[title][1]


def test_every_sound_number_stands_once(drop: Mapping[str, Judged], engine: DuckEngine) -> None:
    assert engine.count("standing") == engine.rows("SELECT count(DISTINCT person) FROM standing").item()
    sound = engine.rows("SELECT count(DISTINCT id_key) FROM identity_pair WHERE id_state IN ('valid', 'old15')").item()
    assert engine.count("standing") == sound


def test_the_standing_tells_birth_date_and_sex_of_the_number(drop: Mapping[str, Judged], engine: DuckEngine) -> None:
    person = number(token(drop["standing: in the register"].at))
    row = engine.rows("SELECT birth, sex FROM standing WHERE person = $p", {"p": person}).row(0)
    assert (row[0].strftime("%Y%m%d"), row[1]) == (person[6:14], "男")


@pytest.mark.parametrize("title", TWO_NUMBERS)
def test_a_second_sound_number_under_one_name_and_birth_date(
    drop: Mapping[str, Judged], engine: DuckEngine, title: str
) -> None:
    for case, pair in (
        (drop[title], ("dibao", "medical")),
        (drop[f"{title}, in the roster"], ("dibao", "household_register")),
    ):
        assert case.decisions.get(pair) == TWO_NUMBERS[title][2]
        if pair in case.pairs:
            found = case.pairs[pair]
            assert (found.tier, found.fields["id"], found.probability) == ("probabilistic", "two_valid", None)
    reasons = engine.rows("SELECT DISTINCT reason FROM pair_decision WHERE strpos(pattern, 'id=two_valid') > 0")
    assert reasons["reason"].to_list() == ["two_numbers"]


@pytest.mark.parametrize(
    ("title", "linked"),
    [
        ("two confirmed at one address", {("dibao", "household_register")}),
        ("another birth date under one name and address", set()),
        ("another sex under one name and address", set()),
        ("side by side in one list", set()),
        ("side by side by way of a loose row", {("dibao", "household_register")}),
    ],
)
def test_two_people_never_become_a_pair(drop: Mapping[str, Judged], title: str, linked: set[tuple[str, str]]) -> None:
    case = drop[title]
    assert set(case.pairs) == case.linked == linked


def test_a_number_that_could_be_two_people_s_is_put_to_a_person(drop: Mapping[str, Judged]) -> None:
    case = drop["two whose second number it could be"]
    assert case.decisions == {("dibao", "household_register"): "link", ("dibao", "medical"): "review"}


def test_only_records_under_the_number_itself_say_where_it_lives(drop: Mapping[str, Judged]) -> None:
    case = drop["a home by way of a loose row"]
    assert case.persons["vehicle"] == case.persons["medical"]
    assert case.decisions == {("dibao", "household_register"): "link"}


def test_two_confirmed_numbers_are_never_compared(drop: Mapping[str, Judged], engine: DuckEngine) -> None:
    both = engine.rows(
        "SELECT d.reason, l.confirmed AND r.confirmed AS confirmed FROM pair_decision d "
        "JOIN standing l ON l.person = d.left_person JOIN standing r ON r.person = d.right_person "
        "WHERE d.left_person NOT IN (SELECT person FROM loose_pair)"
    )
    assert both.height > 0  # a number that is not confirmed may be another's second one
    assert not both["confirmed"].any() and set(both["reason"]) == {"two_numbers"}


def test_who_is_loose_finds_a_person_of_two_numbers(drop: Mapping[str, Judged]) -> None:
    case = drop["with a loose row"]
    assert case.linked == {("dibao", "household_register"), ("dibao", "medical"), ("dibao", "vehicle")}
    assert len(set(case.persons.values())) == 1


@pytest.mark.parametrize("title", ["contradicted by the birth date", "contradicted by the sex"])
def test_a_number_that_its_own_row_contradicts_is_rather_somebody_else_s(
    drop: Mapping[str, Judged], title: str
) -> None:
    case = drop[title]
    found = case.pairs["dibao", "household_register"]
    assert "id" not in found.fields  # such a number says nothing
    assert found.decision == "link"


@pytest.mark.parametrize(
    ("title", "linked"),
    [
        ("contradicted by a slip", {("dibao", "medical")}),
        ("contradicted, but in the register", {("dibao", "medical"), ("dibao", "household_register")}),
    ],
)
def test_a_slip_in_the_birth_date_or_the_register_keeps_the_number(
    drop: Mapping[str, Judged], standing: dict[str, tuple[bool, str]], title: str, linked: set[tuple[str, str]]
) -> None:
    """Although somebody of that name was born on the other date."""
    case = drop[title]
    assert case.decisions == dict.fromkeys(linked, "link") and {case.pairs[p].tier for p in linked} == {"exact_id"}
    assert standing[case.persons["dibao"]] == (False, "birth_differs")


def test_without_a_register_every_sound_number_is_confirmed(engine: DuckEngine) -> None:
    cases = {
        "birth date": "dibao household_no=H# name=NAME id_number=@ birth_date=BORN",
        "nothing": "dibao household_no=H# name=NAME id_number=@",
        "two": f"dibao household_no=H# name=NAME id_number=@ {HOME}\nmedical name=NAME id_number=@b:BORN {HOME}",
    }
    found = judge(engine, cases)
    rows = dict(engine.rows("SELECT person, reason FROM standing WHERE confirmed").iter_rows())
    assert rows[found["birth date"].persons["dibao"]] == "birth_date"
    assert rows[found["nothing"].persons["dibao"]] == "number"
    assert found["two"].pairs == {}
    assert len(rows) == 4
