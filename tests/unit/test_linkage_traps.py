"""Two people who look like one: none of them may be linked, whatever the rest of their rows says alike."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from support.cases import Judged, judge

from pipeline.engine.duck import DuckEngine

HOME = "town=乐城 village=V# address=A# phone=139#"
TOLD = "town=乐城 village=V# address=乐城镇A#"  # an address that says its town
R = "household_register hukou_no=K#"
# Title → rows; the pairs of one person among them. `@` and `@b:BORN` are twins, `@` and `@b` are not.
TRAPS: dict[str, tuple[str, set[tuple[str, str]]]] = {
    "twins": (f"""
        dibao household_no=H# name=张大双 id_number=@ {HOME}
        dibao household_no=H# name=张小双 id_number=@b:BORN {HOME}
        medical name=张大双 id_number=@ {HOME}
        death name=张小双 id_number=@b:BORN {HOME}""",
        {("dibao", "medical"), ("dibao 2", "death")}),
    "twins whose names sound alike": (f"""
        dibao household_no=H# name=李红 id_number=@ {HOME}
        medical name=李宏 id_number=@b:BORN {HOME}""", set()),
    "twins of one household, one without a number": (f"""
        dibao household_no=H# name=何芳 birth_date=BORN sex=男 {HOME}
        dibao household_no=H# name=何方 id_number=@b:BORN {HOME}""", set()),
    "twins of one household, neither with a number": (f"""
        dibao household_no=H# name=陈静 birth_date=BORN sex=男 {HOME}
        dibao household_no=H# name=陈晶 birth_date=BORN sex=男 {HOME}""", set()),
    "twins who sound alike in two lists, one without a number": (f"""
        dibao household_no=H# name=苏芳 birth_date=BORN sex=男 {HOME}
        medical name=苏方 id_number=@ {HOME}""", set()),
    "one who only sounds alike, in one town, with another phone": ("""
        dibao household_no=H# name=苏芳 birth_date=BORN sex=男 town=乐城 phone=138#
        medical name=苏方 id_number=@ town=乐城 phone=139#""", set()),
    "a twin who sounds alike, whose row stands beside": (f"""
        dibao household_no=H# name=NAMEc id_number=@c {HOME}
        dibao household_no=H# name=葛静 birth_date=BORN sex=男 {HOME}
        dibao household_no=H# name=葛晶 id_number=@ {HOME}
        {R} name=NAMEc id_number=@c {HOME}
        {R} name=葛晶 id_number=@ {HOME}""", set()),
    "twins who sound alike, one of them in a list without a number, the other not": (f"""
        dibao household_no=H# name=NAMEc id_number=@c {HOME}
        dibao household_no=H# name=彭静 id_number=@ {HOME}
        dibao household_no=H# name=彭晶晶 id_number=@b:BORN** birth_date=BORN sex=男 {HOME}
        monitored household_no=M# name=NAMEc id_number=@c {HOME}
        monitored household_no=M# name=彭晶 birth_date=BORN sex=男 {HOME}""", {("dibao", "monitored")}),
    "one who sounds alike, the end of the number hidden": ("""
        dibao household_no=H# name=范静 id_number=@b:BORN** sex=男
        medical name=范晶 id_number=@""", set()),
    "a twin, a character of the name lost, the end of the number hidden": (f"""
        dibao household_no=H# name=葛颖 id_number=@ {HOME}
        medical name=葛? id_number=@b:BORN** sex=男""", set()),
    "a twin who sounds alike, the end of the number hidden": (f"""
        dibao household_no=H# name=葛静 id_number=@b:BORN** sex=男 {HOME}
        medical name=葛晶 id_number=@ {HOME}""", set()),
    "one who only sounds alike, in one town, in another household": ("""
        dibao household_no=H# name=苏芳 birth_date=BORN sex=男 town=乐城
        dibao household_no=H# name=NAMEc id_number=@c town=乐城
        monitored household_no=M# name=NAMEc id_number=@c town=乐城
        monitored household_no=N# name=苏方 id_number=@ town=乐城""", {("dibao 2", "monitored")}),
    "twins in the list of children": (f"""
        dibao household_no=H# name=周洁 id_number=@ {HOME}
        child_welfare name=周洁 id_number=@
        child_welfare name=周杰 birth_date=BORN town=乐城""", {("dibao", "child_welfare")}),
    "a twin's number with a slip": (f"""
        dibao household_no=H# name=张大双 id_number=@~ {HOME}
        medical name=张小双 id_number=@ {HOME}""", set()),
    "father and son of one name": (f"""
        dibao household_no=H# name=NAME id_number=@ {HOME}
        medical name=NAME id_number=@b {HOME}""", set()),
    "the son of one name without a number": (f"""
        dibao household_no=H# name=NAME id_number=@:1950-01-01 {HOME}
        medical name=NAME birth_date=1975-10-08 {HOME}""", set()),
    "father or son of one name": (f"""
        dibao household_no=H# name=NAME id_number=@ {HOME}
        property name=NAME id_number=@b {HOME}
        medical name=NAME {HOME}""", set()),
    "father or son of one name, the father's number mistyped here and his name there": (f"""
        dibao household_no=H# name=李红 id_number=@:1950-01-01~ {TOLD}
        dibao household_no=H# name=李红 id_number=@b:1975-10-08 {TOLD}
        medical name=李宏 id_number=@:1950-01-01 {TOLD}
        vehicle name=李红 address=乐城镇A#""", {("dibao", "medical")}),
    "father or son of one name, the father's number known in part": (f"""
        dibao household_no=H# name=NAME id_number=@:1950-01-01** birth_date=1950-01-01 {TOLD}
        dibao household_no=H# name=NAME id_number=@b:1975-10-08 {TOLD}
        vehicle name=NAME address=乐城镇A#""", set()),
    "a homonym of one birth date, whose name one department mistyped": ("""
        dibao household_no=H# name=林欣 id_number=@:1990-08-28 town=乐城 village=V#
        property name=林欣 id_number=@b:1990-08-28
        vehicle name=林欣 id_number=@b:1990-08-28
        tax name=林欣 id_number=@b:1990-08-28
        employment name=林歉 id_number=@b:1990-08-28 birth_date=1990-08-28
        medical name=林欣 birth_date=1990-08-28""", set()),
    "the son's name is the father's and one character": (f"""
        dibao household_no=H# name=张文 id_number=@ {HOME}
        medical name=张文博 {HOME}""", set()),
    "one name and birth date in two towns": ("""
        dibao household_no=H# name=NAME id_number=@ town=乐城 village=V#
        medical name=NAME id_number=@b:BORN town=坪石 village=W#""", set()),
    "one name and birth date in two towns, one without a number": ("""
        dibao household_no=H# name=NAME birth_date=BORN town=乐城 village=V#
        medical name=NAME id_number=@ town=坪石 village=W#""", set()),
    "one name and birth date in two towns, both known": ("""
        dibao household_no=H# name=NAME id_number=@ town=乐城 village=V#
        medical name=NAME id_number=@b:BORN town=坪石 village=W#
        death name=NAME birth_date=BORN""", set()),
    "one name and birth date in one town, both known": ("""
        dibao household_no=H# name=NAME id_number=@ town=乐城 village=V#
        medical name=NAME id_number=@b:BORN town=乐城 village=W#
        death name=NAME birth_date=BORN town=乐城""", set()),
    "one name and birth date, both known, one of them by a row more; the number's end hidden": ("""
        dibao household_no=H# name=NAME id_number=@ town=乐城 village=V#
        medical name=NAME id_number=@b:BORN town=坪石 village=W#
        disability name=NAME birth_date=BORN town=乐城 village=V#
        deposit name=NAME id_number=@**""", {("dibao", "disability")}),
    "one name and birth date, both known; the number's end hidden, the birth date beside it written amiss": ("""
        dibao household_no=H# name=NAME id_number=@:1986-08-04 town=乐城 village=V#
        medical name=NAME id_number=@b:1986-08-04 town=坪石 village=W#
        marriage name=NAME id_number=@:1986-08-04** birth_date=1986-04-08""", set()),
    "one name and house number in two towns": ("""
        dibao household_no=H# name=NAME town=乐城 village=V# address=3组12号
        medical name=NAME id_number=@ town=坪石 village=W# address=3组12号""", set()),
    "the head's number on a child's row": (f"""
        dibao household_no=H# name=张大明 id_number=@ {HOME}
        dibao household_no=H# name=李小花 id_number=@ birth_date=BORNb sex=男 {HOME}
        death name=张大明 id_number=@
        medical name=李小花 id_number=@b {HOME}""",
        {("dibao", "death"), ("dibao 2", "medical")}),
    "the head's number on a child's row, whose name sounds like hers": (f"""
        dibao household_no=H# name=李红 id_number=@c {HOME}
        dibao household_no=H# name=李宏 id_number=@c birth_date=2012-06-23 sex=男 {HOME}
        medical name=李红 id_number=@c""", {("dibao", "medical")}),
    "the head's number on a child's row, one character more": (f"""
        dibao household_no=H# name=李明 id_number=@ {HOME}
        dibao household_no=H# name=李明华 id_number=@ birth_date=BORNb sex=男 {HOME}
        death name=李明 id_number=@
        medical name=李明华 id_number=@b {HOME}""",
        {("dibao", "death"), ("dibao 2", "medical")}),
    "a stranger's number": (f"""
        dibao household_no=H# name=NAMEb id_number=@b town=坪石
        vehicle name=NAME id_number=@b birth_date=BORN {HOME}
        tekun household_no=T# name=NAME id_number=@ {HOME}""", {("tekun", "vehicle")}),
    "a stranger's number, and nothing else": ("""
        dibao household_no=H# name=NAMEb id_number=@b
        vehicle name=NAME id_number=@b
        tekun household_no=T# name=NAME id_number=@""", set()),
    "siblings a look apart": (f"""
        dibao household_no=H# name=张文海 id_number=@:1980-03-01 {HOME}
        medical name=张文梅 birth_date=1983-03-01 {HOME}""", set()),
    "siblings a look apart, no birth date": (f"""
        dibao household_no=H# name=陈海芳 id_number=@ {HOME}
        medical name=陈梅芳 {HOME}""", set()),
    "siblings a sound apart, no birth date": (f"""
        dibao household_no=H# name=吴敏 id_number=@ {HOME}
        medical name=吴闽 {HOME}""", set()),
    "siblings a character apart, numbers a slip apart": (f"""
        dibao household_no=H# name=张文海 id_number=@ {HOME}
        medical name=张文博 id_number=@~ {HOME}""", set()),
    "husband and wife of one birth date": (f"""
        dibao household_no=H# name=张文海 id_number=@ {HOME}
        medical name=张文梅 birth_date=BORN sex=女 {HOME}""", set()),
    "one household number, one surname": ("""
        tekun household_no=T# name=张文海 id_number=@ town=乐城
        patrol household_no=T# name=张建国 town=乐城 visited_on=2022-10-01""", set()),
}  # fmt: skip
BY_EAR = f"""
    dibao household_no=H# name=刘燕 id_number=@ {HOME}
    dibao household_no=H# name=刘艳 id_number=@b:BORN {HOME}
    medical name=刘艳 birth_date=BORN sex=男 {HOME}"""


@pytest.fixture(scope="module", params=["without the register", "with the register"])
def trapped(engine: DuckEngine, request: pytest.FixtureRequest) -> Mapping[str, Judged]:
    """The traps, also where the register knows everybody who stands on a sound number."""
    cases = {title: rows for title, (rows, _) in TRAPS.items()} | {"by ear": BY_EAR}
    if request.param == "with the register":
        for title, rows in cases.items():
            known: dict[str, str] = {}
            for row in rows.strip().splitlines():
                said = dict(cell.split("=") for cell in row.split()[1:])
                if "birth_date" not in said and (n := said.get("id_number", "~"))[-1] != "~":
                    # one family, unless the trap is that they are not
                    family = f"{R}-{len(known)}" if "another household" in title else R
                    known.setdefault(n, f"{family} name={said['name']} id_number={n} {HOME if 'A#' in row else ''}")
            cases[title] = "\n".join([rows.strip(), *known.values()])
    return judge(engine, cases)


@pytest.mark.parametrize("title", TRAPS)
def test_no_trap_is_linked(trapped: Mapping[str, Judged], title: str) -> None:
    linked = {pair for pair in trapped[title].linked if not pair[1].startswith("household_register")}
    assert linked == TRAPS[title][1]


def test_of_twins_who_sound_alike_the_one_of_that_name_is_meant(trapped: Mapping[str, Judged]) -> None:
    case = trapped["by ear"]
    assert ("dibao", "medical") not in case.decisions  # the other twin is not even asked about
    assert ("dibao 2", "medical") in case.decisions
