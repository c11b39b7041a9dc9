"""Two records side by side: what `audit explain` says is what linkage found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from support.cases import Judged, judge, name_of

from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.linkage.compare import compare_records
from pipeline.linkage.compare_values import (
    Told,
    tell_number,
)
from pipeline.linkage.compared import Compared
from pipeline.linkage.county import county_spec
from pipeline.linkage.model import default_model

HOME = "town=乐城 village=V# address=A#"
# Title → rows of which the first two are compared; what settled the pair. Each of the two is its person's only record
# that says anything, so that the pair of records stands where the pair of persons stood.
DIRECT = {
    "a slip": ("dibao household_no=H# name=NAME id_number=@~ town=乐城\n"
               "medical name=NAME id_number=@ town=乐城", "repaired_id"),
    "a slip, the sector's": (f"dibao household_no=H# name=NAME id_number=@ {HOME}\n"
                             f"medical name=NAME id_number=@~ {HOME}", "repaired_id"),
    "swapped, by ear": ("dibao household_no=H# name=李红 id_number=@<> birth_date=BORN town=乐城\n"
                        "medical name=李宏 id_number=@ town=坪石", "repaired_id"),
    "masked": ("dibao household_no=H# name=NAME id_number=@* birth_date=BORN sex=男 town=乐城\n"
               "medical name=NAME id_number=@ town=乐城", "repaired_id"),
    "no number": (f"dibao household_no=H# name=NAME birth_date=BORN {HOME} phone=139#\n"
                  f"medical name=NAME id_number=@ {HOME} phone=138#", "probabilistic"),
    "no number, the sector's": ("dibao household_no=H# name=NAME id_number=@ town=乐城\n"
                                "medical name=NAME birth_date=BORN town=乐城", "probabilistic"),
    "a lost character": ("dibao household_no=H# name=何?芳 birth_date=BORN town=乐城\n"
                         "medical name=何海芳 id_number=@ town=乐城", "probabilistic"),
    "an account": ("temporary grant_no=G# name=NAME bank_account=6222# town=乐城 village=V#\n"
                   "dibao household_no=H# name=NAME id_number=@ bank_account=6222# town=乐城 village=V#",
                   "probabilistic"),
    "one household number": ("patrol household_no=T# name=NAME town=乐城\n"
                             "tekun household_no=T# name=NAME id_number=@ town=乐城", "household"),
    "a household with a known member": (
        "dibao household_no=H# name=NAMEb town=乐城\n"
        "household_register hukou_no=K# name=NAMEb id_number=@b town=乐城\n"
        "dibao household_no=H# name=NAME id_number=@ town=乐城\n"
        "household_register hukou_no=K# name=NAME id_number=@ town=乐城", None),
    "two wrong numbers, with a known member": (
        f"dibao household_no=H# name=NAME id_number=@~ birth_date=BORN {HOME}\n"
        f"household_register hukou_no=K# name=NAME id_number=@<> birth_date=BORN {HOME}\n"
        "dibao household_no=H# name=NAMEb id_number=@b town=乐城\n"
        "household_register hukou_no=K# name=NAMEb id_number=@b town=乐城", None),
    "another sex": (f"dibao household_no=H# name=NAME birth_date=BORN sex=女 {HOME} phone=139#\n"
                    f"medical name=NAME id_number=@ {HOME} phone=139#", "held_sex"),
    "another town": ("dibao household_no=H# name=NAME birth_date=BORN town=乐城\n"
                     "medical name=NAME id_number=@ town=坪石", "held_town"),
    "another name": ("dibao household_no=H# name=张小强 id_number=@~ birth_date=BORN town=乐城\n"
                     "medical name=张三丰 id_number=@ town=乐城", "held_name"),
    "taken": (f"dibao household_no=H# name=NAME birth_date=BORN {HOME}\n"
              f"dibao household_no=H# name=NAME id_number=@ {HOME}", "held_list"),
    "a rival": (f"dibao household_no=H# name=NAME birth_date=BORN {HOME}\nmedical name=NAME id_number=@ {HOME}\n"
                f"dibao household_no=H# name=NAME birth_date=BORN {HOME}", "rival"),
    "beside somebody who was linked": (
        f"tekun household_no=H# name=NAME id_number=@:1950-05-07<> sex=男 {HOME}\n"
        "household_register hukou_no=J# name=NAME birth_date=1950-05-17 sex=男 town=坪石\n"
        f"household_register hukou_no=K# name=NAME id_number=@:1950-05-07 sex=男 {HOME}", "below"),
    "one of two": ("dibao household_no=H# name=NAME birth_date=1950-05-07 town=乐城\n"
                   "medical name=NAME id_number=@:1950-05-07 town=乐城\n"
                   "property name=NAME id_number=@b:1950-05-07 town=乐城", "below"),
}  # fmt: skip
EXACT = {
    "one number": ("dibao household_no=H# name=NAME id_number=@ birth_date=1950-01-01\nmedical name=NAME id_number=@",
                   "same_id", {"id": "equal", "name": "equal"}),
    "the old number": ("dibao household_no=H# name=NAME id_number=@-15\nmedical name=NAME id_number=@",
                       "same_id", {"id": "old_form", "name": "equal"}),
    "somebody else's": ("dibao household_no=H# name=欧阳明 id_number=@\nmedical name=张三丰 id_number=@",
                        "id_conflict", {"id": "equal", "name": "unlike"}),
    "two sound numbers": ("dibao household_no=H# name=NAME id_number=@ town=乐城\n"
                          "medical name=NAME id_number=@b:BORN town=坪石",
                          "confirmed_apart", {"id": "two_valid", "name": "equal", "place": "other"}),
    "a changed number": (f"dibao household_no=H# name=NAME id_number=@ {HOME}\n"
                         f"medical name=NAME id_number=@b:BORN {HOME}",
                         "two_numbers", {"id": "two_valid", "name": "equal", "place": "address"}),
    "somebody else beside one whose number stands elsewhere": (
        f"dibao household_no=H# name=NAME birth_date=BORN {HOME} phone=139#\n"
        "property name=张三丰 id_number=@b town=乐城\n"
        f"medical name=NAME id_number=@ {HOME} phone=139#",
        "confirmed_apart", {"id": "two_valid", "name": "unlike"}),
    "nothing in common": ("dibao household_no=H# name=陈一 birth_date=1931-01-01\n"
                          "medical name=李二 birth_date=1985-10-20",
                          "below", {"name": "unlike", "birth": "other"}),
}  # fmt: skip
# Two of one household, who stand with a third in the register's as well.
TOGETHER = {
    "two of one household": "\n".join(
        f"{kind} name=NAME{who} id_number=@{who} town=乐城"
        for kind in ("dibao household_no=H#", "household_register hukou_no=K#") for who in ("", "b", "c")),
}  # fmt: skip
# Both records came to the person by a merge of their own.
INDIRECT = {
    "two loose rows of a third": """
        tekun household_no=T# name=NAME id_number=@~ phone=139#
        medical name=NAME phone=139#
        dibao household_no=T# name=NAME id_number=@""",
    "a name by ear of somebody known by the right one too": f"""
        dibao household_no=H# name=李红 birth_date=BORN {HOME}
        medical name=李宏 id_number=@
        household_register hukou_no=K# name=李红 id_number=@ {HOME}""",
}  # fmt: skip


@pytest.fixture(scope="module")
def drop(engine: DuckEngine) -> Mapping[str, Judged]:
    cases = {t: rows for t, (rows, *_) in (DIRECT | EXACT).items()} | INDIRECT | TOGETHER
    return judge(engine, cases)


Found = tuple[Compared, dict[str, object] | None]


@pytest.fixture(scope="module")
def compared(engine: DuckEngine, drop: Mapping[str, Judged]) -> dict[str, Found]:
    """Title → the first two records of the case compared, and their row of links."""
    out: dict[str, Found] = {}
    for title, case in drop.items():
        a, b = list(case.records)[:2]
        rows = engine.rows(
            "SELECT * FROM links WHERE roster_record_id IN ($a, $b) AND record_id IN ($a, $b)", {"a": a, "b": b}
        )
        out[title] = compare_records(engine, default_model(), a, b), next(rows.iter_rows(named=True), None)
    return out


def levels(found: Compared) -> dict[str, str]:
    return {f.field: f.level for f in found.fields if f.level is not None}


@pytest.mark.parametrize("title", DIRECT)
def test_what_is_explained_is_what_was_decided(compared: dict[str, Found], title: str) -> None:
    found, row = compared[title]
    assert row is not None
    said = dict(part.split("=") for part in str(row["pattern"]).split(" "))
    assert levels(found) == {k: v for k, v in said.items() if v != "unknown"}
    assert found.weight == pytest.approx(row["match_weight"], abs=0.02)
    assert found.probability == row["match_probability"]
    if found.runner_up is None:  # prior and weights alone make the probability
        assert found.probability == pytest.approx(1 / (1 + 2 ** -(found.prior + found.weight)), abs=1e-4)
    assert found.weighed is None
    assert (found.decision, found.tier) == (row["decision"], row["tier"])
    assert DIRECT[title][1] in (found.reason, None)


@pytest.mark.parametrize("title", EXACT)
def test_where_no_model_was_asked(compared: dict[str, Found], title: str) -> None:
    _, reason, fields = EXACT[title]
    found, row = compared[title]
    assert (found.reason, found.probability) == (reason, None)
    assert fields.items() <= levels(found).items()
    assert found.decision == (row["decision"] if row else "reject")


@pytest.mark.parametrize("title", INDIRECT)
def test_two_loose_records_of_one_person(compared: dict[str, Found], title: str) -> None:
    found, row = compared[title]
    assert row is not None and row["decision"] == "link"
    assert (found.decision, found.tier) == ("link", row["tier"])
    assert found.probability == row["match_probability"]


@pytest.mark.parametrize("title", [*DIRECT, *EXACT])
def test_a_comparison_is_whole_and_adds_up(compared: dict[str, Found], drop: Mapping[str, Judged], title: str) -> None:
    found, _ = compared[title]
    assert [f.field for f in found.fields] == [f.id for f in county_spec().fields]
    assert found.weight == pytest.approx(sum(f.weight for f in found.fields), abs=0.001)
    assert all(f.weight == 0 for f in found.fields if f.level is None)
    assert {found.left, found.right} == set(list(drop[title].records)[:2]) and found.prior < 0


@pytest.mark.parametrize(
    "title", [*("a slip", "no number, the sector's", "another name", "taken"), "two wrong numbers, with a known member"]
)
def test_which_record_is_named_first_does_not_matter(
    engine: DuckEngine, compared: dict[str, Found], drop: Mapping[str, Judged], title: str
) -> None:
    a, b = list(drop[title].records)[:2]
    assert compare_records(engine, default_model(), b, a) == compared[title][0]


def test_the_values_are_the_records_own(compared: dict[str, Found], drop: Mapping[str, Judged]) -> None:
    of = {f.field: (f.left, f.right) for f in compared["no number"][0].fields}
    at = drop["no number"].at
    assert of["name"] == (name_of(at), name_of(at))
    assert of["id"][0] is None and str(of["id"][1]).startswith("440281")
    assert of["place"] == (f"A{at}", f"A{at}") and of["phone"] == (f"139{at}", f"138{at}")


def test_a_number_that_stands_on_another_record_of_the_person_is_shown(compared: dict[str, Found]) -> None:
    """Two confirmed numbers set the pair apart: a page on which one of them is missing would contradict itself."""
    found, _ = compared["somebody else beside one whose number stands elsewhere"]
    number = next(f for f in found.fields if f.field == "id")
    assert number.left and number.right and number.left != number.right
    assert [note[:3] for note in number.notes if note] == ["见医保"]


def test_the_runner_up_is_told(compared: dict[str, Found], drop: Mapping[str, Judged]) -> None:
    found, _ = compared["one of two"]
    assert found.runner_up == pytest.approx(found.weight, abs=0.01) and found.probability is not None
    assert compared["no number"][0].runner_up is None
    other = list(drop["one of two"].records)[2]
    assert found.rival is not None and found.rival.record == other and compared["no number"][0].rival is None
    assert found.rival_chance == pytest.approx(found.probability, abs=1e-4)


def test_a_weight_that_linkage_made_of_other_records_is_told_beside(
    compared: dict[str, Found], drop: Mapping[str, Judged]
) -> None:
    found, row = compared["a name by ear of somebody known by the right one too"]
    assert row is not None and abs(found.weight - float(str(row["match_weight"]))) > 1
    assert found.weighed is not None and found.weighed.weight == pytest.approx(row["match_weight"])
    said = dict(part.split("=") for part in str(row["pattern"]).split(" "))
    at = levels(found)
    assert found.weighed.levels == {
        f: None if v == "unknown" else v for f, v in said.items() if at.get(f, "unknown") != v
    }
    records = list(drop["a name by ear of somebody known by the right one too"].records)
    told = {*found.weighed.left, *found.weighed.right}
    assert records[2] in told and told <= {*records}


def test_the_member_of_both_households_is_named(compared: dict[str, Found], drop: Mapping[str, Judged]) -> None:
    known = list(drop["a household with a known member"].records)
    found, _ = compared["a household with a known member"]
    assert levels(found)["household"] == "kin"
    assert found.member == (known[2], known[3])
    assert compared["one household number"][0].member is None


def test_one_household_is_not_taken_for_two(compared: dict[str, Found]) -> None:
    found, _ = compared["two of one household"]
    assert found.reason == "confirmed_apart" and found.member is None
    assert levels(found).get("household") != "kin"


def test_what_is_compared_as_the_number_has_it_is_said_to_be(compared: dict[str, Found]) -> None:
    """A row under a sound number without a birth date of its own: the number's is what agrees."""
    birth = next(f for f in compared["no number"][0].fields if f.field == "birth")
    assert birth.level == "equal" and birth.left == birth.right and birth.notes == ("", "据身份证号")
    said = {"id_birth": date(1950, 1, 3), "id_sex": "女"}
    told = Told({"birth": "1950-01-02", "sex": "其他"})
    tell_number(told, said)
    assert told.values == {"birth": "1950-01-03", "sex": "女"}
    assert told.notes == {"birth": "据身份证号，所登为1950-01-02", "sex": "据身份证号，所登为其他"}
    agreeing = Told({"birth": "1950-01-03", "sex": "女"})
    tell_number(agreeing, said)
    assert agreeing.notes == {}


@pytest.mark.parametrize("id_", ["dibao#999", "", "archive#1"])
def test_a_record_that_is_not_there_is_refused(engine: DuckEngine, drop: Mapping[str, Judged], id_: str) -> None:
    with pytest.raises(BadInput, match="no record of this id"):
        compare_records(engine, default_model(), "dibao#1", id_)


# --- from the files ------------------------------------------------------------------------------------------------
