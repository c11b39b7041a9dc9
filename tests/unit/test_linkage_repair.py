"""Wrong ID numbers: what is one slip or a mask away from a sound one, and what is not near enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations

import pytest
from support.cases import Judged, born, judge
from support.people import valid

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.model import default_model

# (roster, sector) rows that are one person under every spelling of the name.
SLIPS = {
    "a digit wrong": "id_number=@~",
    "neighbours swapped": "id_number=@<>",
    "a digit lost": "id_number=@-1",
    "a digit doubled": "id_number=@+1",
    "a digit lost, birth date": "id_number=@-1 birth_date=BORN",
    "a digit doubled, birth date": "id_number=@+1 birth_date=BORN",
    "masked, birth date": "id_number=@* birth_date=BORN",
    "a digit of the area lost": "id_number=@-a",
    "a digit of the area doubled": "id_number=@+a",
}
# Spelling → the name of somebody called 张 and two characters, so that no two cases share a name.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "the same name": lambda given: f"张{given}",
    "traditional characters": lambda given: f"張{given}",
    "by ear": lambda given: f"章{given}",
    "a lost character": lambda given: f"张?{given[1]}",
    "a character less": lambda given: f"张{given[0]}",
}
REPAIRED = {
    f"{what}, {spelling}": f"dibao household_no=H# name={spelt(a + b)} {slip} town=乐城\n"
    f"vehicle name=张{a + b} id_number=@ town=乐城"
    for (what, slip), a in zip(SLIPS.items(), "德春志桂国淑建玉秀", strict=True)
    for (spelling, spelt), b in zip(SPELLINGS.items(), "全桃远花芬", strict=True)
} | {
    f"{spelling}, the sector's wrong": f"dibao household_no=H# name=张文{b} id_number=@ town=乐城 village=V#\n"
    f"vehicle name={spelt('文' + b)} id_number=@~ town=乐城 village=V#"
    for (spelling, spelt), b in zip(SPELLINGS.items(), "全桃远花芬", strict=True)
}  # fmt: skip
# Title → roster row, sector row: not near enough for a link by themselves.
NEVER = {
    "two digits wrong": ("name=NAME id_number=@~~", "name=NAME id_number=@"),
    "two digits wrong, the birth date of the number beside it": (
        "name=NAME id_number=@~~ birth_date=BORN", "name=NAME id_number=@"),
    "two digits wrong in the sector": ("name=NAME id_number=@", "name=NAME id_number=@~~"),
    "two digits wrong, another town": ("name=NAME id_number=@~~ town=乐城", "name=NAME id_number=@ town=坪石"),
    "another birth date beside it": ("name=NAME id_number=@~ birth_date=1901-02-03", "name=NAME id_number=@"),
    "masked, another birth date beside it": ("name=NAME id_number=@* birth_date=1901-02-03", "name=NAME id_number=@"),
    "another birth date in the number": ("name=NAME id_number=@:1950-05-28~", "name=NAME id_number=@:1950-05-29"),
    "another name": ("name=欧阳明 id_number=@~", "name=张三丰 id_number=@"),
    "another given name": ("name=张小强 id_number=@~", "name=张三丰 id_number=@"),
    "another given name, another town": (
        "name=张小强 id_number=@~ town=乐城", "name=张三丰 id_number=@ town=坪石"),
    "no name": ("id_number=@~", "name=张三丰 id_number=@"),
    "a mask, another given name": ("name=张广福 id_number=@** sex=男", "name=张立春 id_number=@"),
    "masked otherwise": ("name=NAME id_number=@* birth_date=BORN", "name=NAMEb id_number=@"),
}  # fmt: skip
# Title → roster row, sector row, the fields that a person must look at: weighty, but held back.
REVIEWED = {
    "the surname alone, birth date": (
        "name=张小强 id_number=@~ birth_date=BORN", "name=张三丰 id_number=@",
        {"name": "surname", "id": "one_off", "birth": "equal"}),
    "the other sex": (
        "name=NAME id_number=@~ sex=女 birth_date=BORN", "name=NAME id_number=@",
        {"name": "equal", "id": "one_off", "birth": "equal", "sex": "other"}),
    "no name, birth date and telephone": (
        "id_number=@~ birth_date=BORN phone=139#", "name=NAME id_number=@ phone=139#",
        {"id": "one_off", "birth": "equal", "phone": "equal", "once": "free"}),
    "a twin's number and a slip": (
        "name=张大双 id_number=@:1980-03-01男~ birth_date=1980-03-01 town=乐城 address=A#",
        "name=张小双 id_number=@:1980-03-01男 town=乐城 address=A#",
        {"name": "surname", "id": "one_off", "birth": "equal", "place": "address", "once": "free"}),
    "masked, the surname alone": (
        "name=张小强 id_number=@* birth_date=BORN phone=139#", "name=张三丰 id_number=@ phone=139#",
        {"name": "surname", "id": "masked", "birth": "equal", "phone": "equal", "once": "free"}),
}  # fmt: skip
# What else must agree where the numbers only share area and birth date.
HOMES = {
    "a village": "town=乐城 village=V#",
    "an address": "town=乐城 address=A#",
    "a telephone": "phone=139#",
}
# What a masked number's last four digits, shown and agreeing, allow where a number wholly hidden would not.
ENDS = {
    "by ear, at home": (
        "name=苏芳 id_number=@{} sex=男 town=乐城 address=A#", "name=苏方 id_number=@ town=乐城 address=A#"),
    "another day of the year, in one town": (
        "name=NAME id_number=@:1950-05-27{} birth_date=1950-01-09 town=乐城",
        "name=NAME id_number=@:1950-05-27 town=乐城"),
}  # fmt: skip
# One number wrong in two ways, at the second and at the ninth place: the one says nothing of the other's first half.
WHOLE = (valid("440281", "19620803", 457), valid("440281", "19710412", 631))
WRONG_TWICE = [(n[:1] + "9" + n[2:], n[:8] + "9" + n[9:]) for n in WHOLE]
# A mask over the last four digits shows area and birth date, and no more.
SHOWN = (valid("440281", "19530411", 226), valid("440281", "19590823", 318), valid("440281", "19620715", 442))
OTHERS = {
    "the birth date shown, and equal": f"""
        dibao household_no=H# name=NAME id_number={SHOWN[0][:14]}**** birth_date=1953-04-11 town=乐城 address=A#
        vehicle name=NAME id_number={SHOWN[0]} town=乐城 address=A#""",
    "the birth date shown, and another": f"""
        dibao household_no=H# name=NAME id_number={SHOWN[1][:14]}**** birth_date=1959-02-23 town=乐城 address=A#
        vehicle name=NAME id_number={SHOWN[1]} town=乐城 address=A#""",
    "the birth date shown, and quite another": f"""
        dibao household_no=H# name=NAME id_number={SHOWN[2][:14]}**** birth_date=1971-11-02 town=乐城 address=A#
        vehicle name=NAME id_number={SHOWN[2]} town=乐城 address=A#""",
    "wrong in two ways, one name": f"""
        dibao household_no=H# name=NAME id_number={WRONG_TWICE[0][0]} town=乐城 village=V#
        vehicle name=NAME id_number={WRONG_TWICE[0][1]} town=乐城 village=V#""",
    "wrong in two ways, and nothing else": f"""
        dibao household_no=H# name=NAME id_number={WRONG_TWICE[1][0]}
        vehicle name=NAME id_number={WRONG_TWICE[1][1]}""",
    "masked, no birth date": """
        dibao household_no=H# name=NAME id_number=@* town=乐城
        vehicle name=NAME id_number=@ town=乐城""",
    "three rows, three ways": """
        dibao household_no=H# name=NAME id_number=@~
        vehicle name=NAME id_number=@<>
        property name=NAME id_number=@
        death name=NAME id_number=@* birth_date=BORN""",
    "nobody sound": """
        dibao household_no=H# name=NAME id_number=@* birth_date=BORN town=乐城
        vehicle name=NAME id_number=@* birth_date=BORN town=乐城""",
    "a broken number on somebody else's row": """
        tekun household_no=T# name=NAME id_number=@~
        vehicle name=NAME id_number=@~
        dibao household_no=H# name=NAMEb id_number=@~ phone=139#
        medical name=NAME id_number=@ phone=139#""",
    "a broken number on two people": """
        dibao household_no=H# name=NAME id_number=@~
        vehicle name=NAMEb id_number=@~""",
}  # fmt: skip


@pytest.fixture(scope="module")
def drop(engine: DuckEngine) -> Mapping[str, Judged]:
    pairs = {t: (a, b) for t, (a, b, _) in REVIEWED.items()} | NEVER
    pairs |= {
        home: (f"name=NAME id_number=@~~ {said}", f"name=NAME id_number=@ {said}") for home, said in HOMES.items()
    }
    for title, (a, b) in ENDS.items():
        pairs |= {f"{title}, the end {what}": (a.format(how), b) for what, how in (("shown", "*"), ("hidden", "**"))}
    cases = {title: f"dibao household_no=H# {a}\nvehicle {b}" for title, (a, b) in pairs.items()}
    return judge(engine, REPAIRED | cases | OTHERS)


@pytest.mark.parametrize("title", REPAIRED)
def test_one_slip_under_birth_date_and_name_is_repaired(drop: Mapping[str, Judged], title: str) -> None:
    found = drop[title].pairs["dibao", "vehicle"]
    assert (found.decision, found.tier) == ("link", "repaired_id")
    assert found.fields["id"] in ("one_off", "swap", "masked") and found.fields.get("birth", "equal") == "equal"
    assert found.weight is not None and found.probability is not None and found.probability > 0.9


@pytest.mark.parametrize("title", NEVER)
def test_less_than_that_is_no_repair(drop: Mapping[str, Judged], title: str) -> None:
    assert drop[title].linked == set()
    assert drop[title].persons["dibao"] != drop[title].persons["vehicle"]


@pytest.mark.parametrize("title", REVIEWED)
def test_a_doubtful_repair_goes_to_review(drop: Mapping[str, Judged], title: str) -> None:
    found = drop[title].pairs["dibao", "vehicle"]
    assert (found.decision, found.tier, found.fields) == ("review", "repaired_id", REVIEWED[title][2])


@pytest.mark.parametrize("home", HOMES)
def test_area_and_birth_date_of_the_number_link_with_a_home_beside_them(drop: Mapping[str, Judged], home: str) -> None:
    found = drop[home].pairs["dibao", "vehicle"]
    assert (found.decision, found.tier, found.fields["id"]) == ("link", "probabilistic", "area_birth")
    assert "birth" not in found.fields  # the number has said it already


@pytest.mark.parametrize("title", ENDS)
def test_the_end_of_a_masked_number_is_nobody_else_s(drop: Mapping[str, Judged], title: str) -> None:
    shown, hidden = (drop[f"{title}, the end {what}"].pairs["dibao", "vehicle"] for what in ("shown", "hidden"))
    assert shown.fields == hidden.fields and shown.fields["id"] == "masked"
    assert (shown.decision, hidden.decision) == ("link", "review")


def test_one_number_wrong_in_two_ways(drop: Mapping[str, Judged]) -> None:
    at_home, alone = (drop[f"wrong in two ways, {what}"] for what in ("one name", "and nothing else"))
    assert at_home.linked == {("dibao", "vehicle")} and alone.decisions == {("dibao", "vehicle"): "review"}
    for case in (at_home, alone):
        assert case.pairs["dibao", "vehicle"].fields["id"] == "area_birth"


def test_what_was_asked_of_two_who_are_a_third_is_forgotten(drop: Mapping[str, Judged]) -> None:
    case = drop["three rows, three ways"]
    assert set(case.decisions.values()) == {"link"} and set(case.persons.values()) == {case.persons["property"]}
    assert all(found.decision == "link" for found in case.pairs.values())


def test_a_slip_under_the_surname_alone_is_asked_about(drop: Mapping[str, Judged]) -> None:
    slip, mask = (
        drop[title].pairs["dibao", "vehicle"]
        for title in ("another given name, another town", "a mask, another given name")
    )
    assert slip.decision == mask.decision == "review"
    assert (slip.fields["name"], slip.fields["id"], slip.fields["place"]) == ("surname", "one_off", "other")
    # where the numbers nearly agree somebody looks from a probability of 0.01 on
    assert mask.probability is not None and 0.01 < mask.probability < default_model().review_at


def test_without_an_agreeing_birth_date_a_number_is_not_repaired(drop: Mapping[str, Judged]) -> None:
    found = drop["masked, no birth date"].pairs["dibao", "vehicle"]
    assert (found.decision, found.tier, found.fields["id"]) == ("link", "probabilistic", "masked")


def test_a_birth_date_that_a_mask_shows_is_not_counted_again(drop: Mapping[str, Judged]) -> None:
    """Nor one that is written amiss: the mask shows it. One that is quite another speaks against the number."""
    equal, amiss = (drop[f"the birth date shown, and {w}"].pairs["dibao", "vehicle"] for w in ("equal", "another"))
    assert equal.fields["id"] == amiss.fields["id"] == "masked" and equal.decision == "link"
    assert "birth" not in equal.fields and "birth" not in amiss.fields
    assert drop["the birth date shown, and quite another"].linked == set()


def test_everybody_who_is_one_slip_away_comes_together(drop: Mapping[str, Judged]) -> None:
    case = drop["three rows, three ways"]
    assert case.linked == {("dibao", "vehicle"), ("dibao", "property"), ("dibao", "death")}
    assert len(set(case.persons.values())) == 1


def test_two_loose_rows_are_one_person_without_anybody_sound(drop: Mapping[str, Judged]) -> None:
    found = drop["nobody sound"].pairs["dibao", "vehicle"]
    assert (found.decision, found.fields["id"]) == ("link", "masked")


def test_a_broken_number_under_two_unlike_names_is_a_conflict(drop: Mapping[str, Judged]) -> None:
    case = drop["a broken number on two people"]
    assert case.decisions == {("dibao", "vehicle"): "review"}
    assert case.persons["dibao"] != case.persons["vehicle"]


def test_another_s_broken_number_says_nothing_of_the_row_it_stands_on(drop: Mapping[str, Judged]) -> None:
    case = drop["a broken number on somebody else's row"]
    assert case.decisions == {
        ("tekun", "vehicle"): "link",
        ("tekun", "medical"): "link",
        ("dibao", "tekun"): "review",
        ("dibao", "vehicle"): "review",
    }
    assert ("dibao", "medical") not in case.pairs


def test_a_broken_number_that_fits_two_people_goes_to_review(engine: DuckEngine) -> None:
    def apart(a: str, b: str) -> int:
        return sum(x != y for x, y in zip(a, b, strict=True))

    sound = [valid("440281", "19700101", s) for s in range(1, 999, 2)]
    # the sequence of one man under the check character of another
    broken, near = next(
        (b, n)
        for b in (sound[50][:17] + s[17] for s in sound[51:])
        if len(n := [s for s in sound if apart(s, b) == 1]) == 2
    )
    case = judge(engine, {"two": f"""
        dibao household_no=H1 name=李强 id_number={broken}
        vehicle name=李强 id_number={near[0]}
        property name=李强 id_number={near[1]}"""})["two"]  # fmt: skip
    assert case.decisions == {("dibao", "vehicle"): "review", ("dibao", "property"): "review"}
    assert all(f.probability is not None and f.probability <= 0.5 for f in case.pairs.values())
    assert len(set(case.persons.values())) == 3
    reached = set(engine.rows("SELECT record_id FROM reached_record")["record_id"])
    assert reached == {"dibao#1", "vehicle#1", "property#1"}


def test_the_cases_birth_dates_are_their_own() -> None:
    dates = [[born(case, person) for person in ("", "b", "c", "d")] for case in range(1, 100)]
    assert len({d for case in dates for d in case}) == 4 * len(dates)
    for case in dates:
        for a, b in combinations(case, 2):
            assert sum(x != y for x, y in zip(a, b, strict=True)) > 1 and a[:4] != b[:4], (a, b)
