"""Household evidence: who is known speaks for the others of the household, in the first pass and in the second."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from support.cases import Judged, judge

from pipeline.engine.duck import DuckEngine

HOUSEHOLDS = {
    "a member who is known": """
        dibao household_no=H# name=NAME id_number=@ town=乐城
        dibao household_no=H# name=NAMEb town=乐城
        household_register hukou_no=K# name=NAME id_number=@ town=乐城
        household_register hukou_no=K# name=NAMEb id_number=@b town=乐城""",
    "a member who is only now known": """
        dibao household_no=H# name=NAME birth_date=BORN town=乐城
        dibao household_no=H# name=NAMEb town=乐城
        household_register hukou_no=K# name=NAME id_number=@ town=乐城
        household_register hukou_no=K# name=NAMEb id_number=@b town=乐城""",
    "a member whose name sounds alike": """
        dibao household_no=H# name=NAME id_number=@ town=乐城
        dibao household_no=H# name=苏芳 birth_date=BORNb town=乐城
        household_register hukou_no=K# name=NAME id_number=@ town=乐城
        household_register hukou_no=K# name=苏方 id_number=@b town=乐城""",
    "nobody of the household is known": """
        dibao household_no=H# name=NAME town=乐城
        dibao household_no=H# name=NAMEb town=乐城
        household_register hukou_no=K# name=NAME id_number=@ town=乐城
        household_register hukou_no=K# name=NAMEb id_number=@b town=乐城""",
    "another household": """
        dibao household_no=H# name=NAME id_number=@ town=乐城
        dibao household_no=H# name=NAMEb town=乐城
        household_register hukou_no=K# name=NAME id_number=@ town=乐城
        household_register hukou_no=J# name=NAMEb id_number=@b town=乐城""",
    "a member under another name": """
        dibao household_no=H# name=NAME id_number=@ town=乐城
        dibao household_no=H# name=NAMEb town=乐城
        household_register hukou_no=K# name=NAME id_number=@ town=乐城
        household_register hukou_no=K# name=NAMEc id_number=@c town=乐城""",
    "the bureau's own number of the household": """
        tekun household_no=T# name=NAME id_number=@ town=乐城
        patrol household_no=T# name=NAME town=乐城 visited_on=2022-10-01
        patrol household_no=T# name=NAME town=乐城 visited_on=2022-10-02
        care_assessment household_no=T# name=NAME town=乐城 assessed_on=2022-10-01""",
    "the bureau's own number, another name": """
        tekun household_no=T# name=NAME id_number=@ town=乐城
        patrol household_no=T# name=NAMEb town=乐城 visited_on=2022-10-01""",
    "the same number of another numbering": """
        dibao household_no=S# name=NAME id_number=@ town=乐城
        monitored household_no=S# name=NAMEb id_number=@b town=乐城
        tekun household_no=T# name=NAMEb town=乐城""",
}  # fmt: skip


@pytest.fixture(scope="module")
def housed(engine: DuckEngine) -> Mapping[str, Judged]:
    return judge(engine, HOUSEHOLDS)


@pytest.mark.parametrize("title", ["a member who is known", "a member who is only now known"])
def test_a_member_who_is_known_speaks_for_the_others(housed: Mapping[str, Judged], title: str) -> None:
    case = housed[title]
    assert case.linked == {("dibao", "household_register"), ("dibao 2", "household_register 2")}
    found = case.pairs["dibao 2", "household_register 2"]
    assert found.fields["household"] == "kin" and "birth" not in found.fields


def test_who_sounds_alike_and_has_no_row_of_his_own_is_the_member_whom_the_register_lacks(
    housed: Mapping[str, Judged],
) -> None:
    case = housed["a member whose name sounds alike"]
    assert case.linked == {("dibao", "household_register"), ("dibao 2", "household_register 2")}
    found = case.pairs["dibao 2", "household_register 2"]
    assert (found.fields["name"], found.fields["household"], found.fields["once"]) == ("homophone", "kin", "free")


@pytest.mark.parametrize(
    "title", ["nobody of the household is known", "another household", "a member under another name"]
)
def test_without_a_member_who_is_known_the_name_is_too_little(housed: Mapping[str, Judged], title: str) -> None:
    case = housed[title]
    assert case.linked <= {("dibao", "household_register")}
    assert case.persons["dibao 2"] != case.persons["household_register 2"]


def test_the_household_s_own_number_under_the_same_name(housed: Mapping[str, Judged]) -> None:
    case = housed["the bureau's own number of the household"]
    assert case.linked == {("tekun", "patrol"), ("tekun", "patrol 2"), ("tekun", "care_assessment")}
    for pair in case.linked:
        assert case.pairs[pair].tier == "household" and case.pairs[pair].fields["household"] == "same"


@pytest.mark.parametrize("title", ["the bureau's own number, another name", "the same number of another numbering"])
def test_a_household_number_alone_is_nobody(housed: Mapping[str, Judged], title: str) -> None:
    assert housed[title].linked == set()
