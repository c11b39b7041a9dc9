"""Records without a number that says anything: name, birth date, home, telephone, account and household decide."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from support.cases import Judged, judge

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.decide import people

HOME = "town=乐城 village=V# address=A#"
# Title → what the loose dibao row says, what the sound sector row says: one person.
LINKED = {
    "name, birth date, town": ("name=NAME birth_date=BORN town=乐城", "name=NAME id_number=@ town=乐城"),
    "name, birth date": ("name=NAME birth_date=BORN", "name=NAME id_number=@"),
    "name, birth date, sex": ("name=NAME birth_date=BORN sex=男", "name=NAME id_number=@"),
    "name, address": (f"name=NAME {HOME}", f"name=NAME id_number=@ {HOME}"),
    "name, telephone": ("name=NAME phone=139#", "name=NAME id_number=@ phone=139#"),
    "day and month changed places": (
        "name=NAME birth_date=1950-07-05 town=乐城 village=V#",
        "name=NAME id_number=@:1950-05-07 town=乐城 village=V#"),
    "a digit of the birth date": (
        "name=NAME birth_date=1950-05-08 town=乐城 village=V#",
        "name=NAME id_number=@:1950-05-07 town=乐城 village=V#"),
    "by ear": ("name=李红 birth_date=BORN town=乐城", "name=李宏 id_number=@ town=乐城"),
    "by Cantonese ear": ("name=黄明 birth_date=BORN town=乐城", "name=王明 id_number=@ town=乐城"),
    "a look-alike": ("name=陈梅芳 birth_date=BORN town=乐城", "name=陈海芳 id_number=@ town=乐城"),
    "one character less": ("name=张三 birth_date=BORN town=乐城 village=V#",
                           "name=张三丰 id_number=@ town=乐城 village=V#"),
    "one character more at the end": ("name=张文丰德 birth_date=BORN town=乐城 village=V#",
                                      "name=张文丰 id_number=@ town=乐城 village=V#"),
    "a lost character": ("name=何?芳 birth_date=BORN town=乐城", "name=何海芳 id_number=@ town=乐城"),
    "a lost surname": ("name=?晚晴 birth_date=BORN town=乐城", "name=吕晚晴 id_number=@ town=乐城"),
    "traditional characters": ("name=張國強 birth_date=BORN town=乐城", "name=张国强 id_number=@ town=乐城"),
    "another day of the year, the same address": (
        f"name=NAME birth_date=1950-01-09 {HOME}", f"name=NAME id_number=@:1950-05-27 {HOME}"),
    "another town, the same telephone": (
        "name=NAME birth_date=BORN town=乐城 phone=139#", "name=NAME id_number=@ town=坪石 phone=139#"),
}  # fmt: skip
# Title → likewise, why a person must look.
HELD = {
    "another sex": (f"name=NAME birth_date=BORN {HOME} sex=女", f"name=NAME id_number=@ {HOME}", "sex"),
    "another town": ("name=NAME birth_date=BORN town=乐城", "name=NAME id_number=@ town=坪石", "town"),
    "another day of the year": (
        "name=NAME birth_date=1950-01-09 town=乐城 village=V# phone=139#",
        "name=NAME id_number=@:1950-05-27 town=乐城 village=V# phone=139#", "birth"),
    "another birth date": (
        f"name=NAME birth_date=1931-03-03 {HOME} phone=139#", f"name=NAME id_number=@ {HOME} phone=139#", "birth"),
    "a look-alike, no birth date": (
        f"name=陈梅芳 {HOME} phone=139#", f"name=陈海芳 id_number=@ {HOME} phone=139#", "letter"),
    "one character more, no birth date": (
        f"name=张文 {HOME} phone=139#", f"name=张文博 id_number=@ {HOME} phone=139#", "letter"),
}  # fmt: skip
# Title → likewise: nothing comes of it, or no more than a question.
NEVER = {
    "the name alone": ("name=NAME", "name=NAME id_number=@"),
    "name and town": ("name=NAME town=乐城", "name=NAME id_number=@ town=乐城"),
    "the surname, birth date, address": (
        f"name=张三德 birth_date=BORN {HOME}", f"name=张文海 id_number=@ {HOME}"),
    "no name at all": (f"birth_date=BORN sex=男 {HOME} phone=139#", f"name=NAME id_number=@ {HOME} phone=139#"),
    "birth date, sex, town": ("birth_date=BORN sex=男 town=乐城", "name=NAME id_number=@ town=乐城"),
    "the address alone": (f"name=NAMEb {HOME}", f"name=NAME id_number=@ {HOME}"),
    "nothing at all": (HOME, HOME),
}  # fmt: skip
OTHERS = {
    "a lost character, and many whom the name fits": """
        dibao household_no=H# name=邹?芳 birth_date=BORN town=乐城
        medical name=邹海芳 id_number=@ town=乐城
        property name=邹春芳 id_number=@b
        property name=邹桂芳 id_number=@c
        property name=邹秀芳 id_number=@d
        property name=邹玉芳 id_number=@b:1933-03-03""",
    "a lost surname, and many whom the name fits": """
        dibao household_no=H# name=?晚霞 birth_date=BORN town=乐城
        medical name=邹晚霞 id_number=@ town=乐城
        property name=苏晚霞 id_number=@b
        property name=潘晚霞 id_number=@c
        property name=葛晚霞 id_number=@d
        property name=范晚霞 id_number=@b:1933-03-03""",
    "two who fit alike": """
        dibao household_no=H# name=NAME birth_date=1950-05-07 town=乐城
        medical name=NAME id_number=@:1950-05-07 town=乐城
        medical name=NAME id_number=@b:1950-05-07 town=乐城""",
    "an address without its town": """
        dibao household_no=H# name=NAME address=A#
        medical name=NAME id_number=@ address=A#""",
    "two, one of them nearer": """
        dibao household_no=H# name=NAME birth_date=1950-05-07 town=乐城 village=V# phone=139#
        medical name=NAME id_number=@:1950-05-07 town=乐城 village=V# phone=139#
        medical name=NAME id_number=@b:1950-05-07 town=坪石""",
    "two rows of a list for one person": f"""
        dibao household_no=H# name=NAME id_number=@ {HOME}
        monitored household_no=M# name=NAME birth_date=BORN {HOME}
        monitored household_no=N# name=NAME birth_date=BORN town=乐城""",
    "two equal rows of a list for one person": f"""
        dibao household_no=H# name=NAME id_number=@ {HOME}
        monitored household_no=M# name=NAME birth_date=BORN {HOME}
        monitored household_no=N# name=NAME birth_date=BORN {HOME}""",
    "two rows of a household": f"""
        dibao household_no=H# name=NAME birth_date=BORN {HOME}
        dibao household_no=H# name=NAME birth_date=BORN town=乐城
        medical name=NAME id_number=@ {HOME}""",
    "the place in the list is taken": f"""
        dibao household_no=H# name=NAME id_number=@ {HOME}
        monitored household_no=M# name=NAME id_number=@ {HOME}
        monitored household_no=N# name=NAME birth_date=BORN {HOME}""",
    "the place in the household is taken": f"""
        dibao household_no=H# name=NAME id_number=@ {HOME}
        dibao household_no=H# name=NAME birth_date=BORN {HOME}
        medical name=NAME id_number=@ {HOME}""",
    "enrolled in two households": """
        dibao household_no=H# name=NAME id_number=@ town=乐城
        dibao household_no=G# name=NAME birth_date=BORN town=乐城
        medical name=NAME id_number=@ town=乐城""",
    "several rows where a person may have several": """
        dibao household_no=H# name=NAME id_number=@ town=乐城
        medical name=NAME birth_date=BORN town=乐城
        medical name=NAME birth_date=BORN town=乐城""",
    "a place taken by a row that says nothing else": """
        dibao household_no=H# name=李红 id_number=@ town=乐城
        child_welfare name=李红 id_number=@
        child_welfare name=李宏 birth_date=BORN""",
    "two loose rows": f"""
        dibao household_no=H# name=NAME birth_date=BORN {HOME}
        medical name=NAME birth_date=BORN {HOME}""",
    "a bank account": """
        dibao household_no=H# name=NAME id_number=@ bank_account=6222# town=乐城 village=V#
        temporary grant_no=G# name=NAME bank_account=6222# town=乐城 village=V#""",
    "a loose row of the sector": """
        dibao household_no=H# name=NAME id_number=@ town=乐城
        medical name=NAME birth_date=BORN town=乐城""",
    "a candidate who gains a telephone": """
        dibao household_no=H# name=NAME id_number=@:1950-05-27
        tekun household_no=H# name=NAME id_number=@:1950-05-27~ phone=139#
        medical name=NAME birth_date=1950-01-09 phone=139#""",
    "by way of a repaired number": """
        dibao household_no=H# name=NAME id_number=@
        tekun household_no=H# name=NAME id_number=@~ phone=139#
        medical name=NAME phone=139#""",
}  # fmt: skip


@pytest.fixture(scope="module")
def drop(engine: DuckEngine) -> Mapping[str, Judged]:
    pairs = {t: c[:2] for t, c in (LINKED | HELD | NEVER).items()}
    cases = {title: f"dibao household_no=H# {a}\nmedical {b}" for title, (a, b) in pairs.items()}
    return judge(engine, cases | OTHERS)


@pytest.fixture(scope="module")
def reasons(drop: Mapping[str, Judged], engine: DuckEngine) -> dict[tuple[str, str], str]:
    """(loose person, candidate) → why it was decided so."""
    rows = engine.rows("SELECT left_person, right_person, reason FROM pair_decision").iter_rows()
    return {(left, right): reason for left, right, reason in rows}


@pytest.mark.parametrize("title", LINKED)
def test_enough_agrees(drop: Mapping[str, Judged], title: str) -> None:
    case = drop[title]
    found = case.pairs["dibao", "medical"]
    assert (found.decision, found.tier) == ("link", "probabilistic")
    assert "id" not in found.fields and found.weight is not None and found.probability is not None
    assert case.persons["dibao"] == case.persons["medical"]


@pytest.mark.parametrize("title", ["name, birth date", "another town", "name, address"])
def test_a_probability_is_the_weight_against_everybody_else(
    drop: Mapping[str, Judged], engine: DuckEngine, title: str
) -> None:
    """One candidate: p = BF·π/N / ((1 − π) + BF·π/N), N people; π of its list's are among the candidates."""
    found = drop[title].pairs["dibao", "medical"]
    share = engine.rows("SELECT known FROM list_known WHERE dataset = 'dibao'").item()
    odds = 2 ** (found.weight or 0) * share / people(engine) / (1 - share)
    assert people(engine) == 20_000  # a drop of a few rows is of a county all the same
    assert found.probability == pytest.approx(odds / (1 + odds), abs=2e-6)


@pytest.mark.parametrize("title", ["a lost character", "a lost surname"])
def test_a_name_that_fits_many_says_less(drop: Mapping[str, Judged], title: str) -> None:
    one = drop[title].pairs["dibao", "medical"]
    many = drop[f"{title}, and many whom the name fits"].pairs["dibao", "medical"]
    assert one.fields == many.fields
    assert one.weight is not None and many.weight is not None
    assert one.weight - many.weight == pytest.approx(math.log2(5), abs=0.01)


@pytest.mark.parametrize("title", HELD)
def test_a_person_must_look(drop: Mapping[str, Judged], reasons: dict[tuple[str, str], str], title: str) -> None:
    case = drop[title]
    found = case.pairs["dibao", "medical"]
    assert (found.decision, found.tier) == ("review", "probabilistic")
    assert reasons[case.persons["dibao"], case.persons["medical"]] == f"held_{HELD[title][2]}"


@pytest.mark.parametrize("title", NEVER)
def test_too_little_agrees(drop: Mapping[str, Judged], title: str) -> None:
    assert drop[title].linked == set()
    assert drop[title].persons["dibao"] != drop[title].persons["medical"]


def test_an_address_under_another_name_is_a_relative_s(drop: Mapping[str, Judged]) -> None:
    assert drop["the surname, birth date, address"].pairs == {} == drop["the address alone"].pairs


def test_a_row_without_name_and_number_is_nobody_s(drop: Mapping[str, Judged]) -> None:
    assert drop["nothing at all"].pairs == {} == drop["no name at all"].pairs


def test_two_who_fit_alike_are_both_put_to_a_person(drop: Mapping[str, Judged]) -> None:
    case = drop["two who fit alike"]
    assert case.decisions == {("dibao", "medical"): "review", ("dibao", "medical 2"): "review"}
    first, second = case.pairs["dibao", "medical"], case.pairs["dibao", "medical 2"]
    assert first.probability == second.probability and 0.45 < (first.probability or 0) <= 0.5


def test_an_address_without_its_town_is_no_more_than_a_town(drop: Mapping[str, Judged]) -> None:
    found = drop["an address without its town"].pairs["dibao", "medical"]
    assert (found.decision, found.fields["place"]) == ("review", "town")


def test_of_two_who_fit_the_nearer_one_is_it(drop: Mapping[str, Judged]) -> None:
    case = drop["two, one of them nearer"]
    assert case.linked == {("dibao", "medical")}
    assert case.decisions.get(("dibao", "medical 2")) is None


@pytest.mark.parametrize(
    ("title", "better", "other"),
    [
        ("two rows of a list for one person", ("dibao", "monitored"), ("dibao", "monitored 2")),
        ("two rows of a household", ("dibao", "medical"), ("dibao 2", "medical")),
    ],
)
def test_one_place_in_a_list_goes_to_the_better_of_two_rows(
    drop: Mapping[str, Judged], title: str, better: tuple[str, str], other: tuple[str, str]
) -> None:
    case = drop[title]
    assert case.linked == {better}
    assert case.decisions[other] == "review"
    assert case.pairs[better].fields["once"] == "free"


def test_of_two_equal_rows_a_person_decides(drop: Mapping[str, Judged], reasons: dict[tuple[str, str], str]) -> None:
    case = drop["two equal rows of a list for one person"]
    assert case.linked == set()
    for row in ("monitored", "monitored 2"):
        assert case.decisions["dibao", row] == "review"
        assert reasons[case.persons[row], case.persons["dibao"]] == "rival"


@pytest.mark.parametrize(
    ("title", "loose", "owner", "linked"),
    [
        ("the place in the list is taken", "monitored 2", "dibao", {("dibao", "monitored")}),
        ("the place in the household is taken", "dibao 2", "dibao", {("dibao", "medical")}),
    ],
)
def test_who_has_a_row_of_his_own_there_is_rather_somebody_else(
    drop: Mapping[str, Judged],
    reasons: dict[tuple[str, str], str],
    title: str,
    loose: str,
    owner: str,
    linked: set[tuple[str, str]],
) -> None:
    case = drop[title]
    assert case.linked == linked
    found = case.pairs[owner, loose]
    assert (found.decision, found.fields["once"]) == ("review", "taken")
    assert reasons[case.persons[loose], case.persons[owner]] == "held_list"


def test_enrolled_in_two_households_is_one_person(drop: Mapping[str, Judged]) -> None:
    """It is what the audit looks for: rows of two households of one roster are not two people for that."""
    case = drop["enrolled in two households"]
    assert case.linked == {("dibao", "dibao 2"), ("dibao", "medical"), ("dibao 2", "medical")}


def test_a_list_may_hold_a_person_more_than_once(drop: Mapping[str, Judged]) -> None:
    case = drop["several rows where a person may have several"]
    assert case.linked == {("dibao", "medical"), ("dibao", "medical 2")}
    assert "once" not in case.pairs["dibao", "medical"].fields


def test_a_place_is_taken_by_a_row_that_says_no_more_than_who(drop: Mapping[str, Judged]) -> None:
    case = drop["a place taken by a row that says nothing else"]
    assert case.linked == {("dibao", "child_welfare")}
    assert case.persons["child_welfare 2"] != case.persons["dibao"]


def test_two_loose_rows_may_be_one_person(drop: Mapping[str, Judged]) -> None:
    case = drop["two loose rows"]
    assert case.linked == {("dibao", "medical")} and len(set(case.persons.values())) == 1


@pytest.mark.parametrize(
    ("title", "pair", "field"),
    [
        ("a bank account", ("dibao", "temporary"), "account"),
        ("a loose row of the sector", ("dibao", "medical"), "birth"),
        ("by way of a repaired number", ("dibao", "medical"), "phone"),
    ],
)
def test_other_ways_to_be_known(drop: Mapping[str, Judged], title: str, pair: tuple[str, str], field: str) -> None:
    found = drop[title].pairs[pair]
    assert (found.decision, found.tier, found.fields[field]) == ("link", "probabilistic", "equal")
    assert len(set(drop[title].persons.values())) == 1


def test_two_loose_rows_of_one_person_are_no_surer_than_the_less_sure(drop: Mapping[str, Judged]) -> None:
    pairs = drop["by way of a repaired number"].pairs
    sure, less = pairs["dibao", "tekun"], pairs["dibao", "medical"]
    assert (sure.weight or 0) > (less.weight or 0) + 5
    both = pairs["tekun", "medical"]
    assert both.weight == less.weight and both.tier == "probabilistic"
    assert both.probability == pytest.approx((sure.probability or 0) * (less.probability or 0), abs=1e-6)


def test_who_is_linked_lends_what_he_brought_to_his_other_candidates(drop: Mapping[str, Judged]) -> None:
    found = drop["a candidate who gains a telephone"].pairs["dibao", "medical"]
    assert found.decision == "review"
    assert (found.fields["birth"], found.fields["phone"]) == ("same_year", "equal")
