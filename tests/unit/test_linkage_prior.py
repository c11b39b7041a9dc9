"""How likely somebody loose is somebody known, before any evidence: by the list they stand in, as the drop shows."""

from __future__ import annotations

import pytest
from support.cases import Judged, judge
from test_linkage_same_chance import engine_with_macros

from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import read_folder

_REGISTER, _ROSTER, _TAX = 1, 2, 4


def listed() -> DuckEngine:
    """300 people in the register alone, 100 of them on a roster too; one of them under two names; a list of one."""
    engine = engine_with_macros()
    rows = ", ".join(
        [f"({n}, 'K{n}', 'valid', {_REGISTER}, 1)" for n in range(200)]
        + [f"({n}, 'K{n}', 'valid', {_REGISTER | _ROSTER}, 2)" for n in range(200, 299)]
        + [f"(299, 'K299', 'valid', {_REGISTER}, 1), (300, 'K299', 'valid', {_ROSTER}, 1)"]
        + [f"(301, 'T', 'valid', {_TAX}, 1), (302, 'W', 'checksum', {_TAX}, 1)"]
    )
    engine.run(f"SELECT * FROM (VALUES {rows}) v(no, id_key, id_state, lists, n)", into="identity_pair")
    engine.run("SELECT * FROM identity_pair WHERE id_key = 'K299'", into="shared_pair")
    lists = f"('register', {_REGISTER}), ('roster', {_ROSTER}), ('tax', {_TAX}), ('absent', 8)"
    engine.run(f"SELECT * FROM (VALUES {lists}) v(dataset, bit)", into="person_list")
    return engine


def test_a_lists_people_are_counted_once_and_known_by_any_other_record() -> None:
    engine = listed()
    steps = {s.name: s for s in read_folder("linkage")}
    engine.run(steps["list_share"].sql, into="list_share")
    counted = {d: (people, again) for d, people, again in engine.rows("FROM list_share").rows()}
    assert counted == {"register": (300, 100), "roster": (100, 100), "tax": (1, 0), "absent": (0, 0)}
    figures = {"people": 1024.0, "matched_share": 0.5}
    engine.run(steps["list_prior"].sql, figures, into="list_prior")
    bits = dict(engine.rows("FROM list_prior").rows())
    assert bits["absent"] == 10  # nothing known of the list: as the model has it
    assert bits["register"] > bits["absent"] > bits["roster"] and 10 < bits["tax"] < 10.3
    loose = "('one', 'register'), ('two', 'register'), ('two', 'roster')"
    engine.run(f"SELECT * FROM (VALUES {loose}) v(person, dataset)", into="loose_record")
    engine.run(steps["nobody"].sql, into="nobody")
    assert dict(engine.rows("FROM nobody").rows()) == {"one": bits["register"], "two": bits["roster"]}
    engine.close()


@pytest.fixture(scope="module")
def weak(engine: DuckEngine) -> tuple[Judged, Judged]:
    """One weak pair, where the register's people stand on the roster too, and where hardly any of them do."""
    pair = """
        dibao household_no=H# name=NAME id_number=@ town=乐城 village=塔头
        household_register hukou_no=K# name=NAME town=乐城 village=塔头"""
    both = {f"both {n}": f"dibao household_no=A# name=NAME id_number=@\n{_known(n)}" for n in range(60)}
    apart = {f"apart {n}": _known(n) for n in range(60)}
    return judge(engine, {"pair": pair} | both)["pair"], judge(engine, {"pair": pair} | apart)["pair"]


def _known(n: int) -> str:
    return f"household_register hukou_no=M# name=NAME{'abc'[n % 3]} id_number=@"


def test_the_same_evidence_is_worth_less_in_a_list_of_strangers(weak: tuple[Judged, Judged]) -> None:
    both, apart = (judged.pairs["dibao", "household_register"] for judged in weak)
    assert both.fields == apart.fields
    assert (both.decision, apart.decision) == ("link", "review")
