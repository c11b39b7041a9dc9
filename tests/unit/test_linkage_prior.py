"""How likely somebody loose is somebody known, before any evidence: by the list they stand in, as the drop shows."""

from __future__ import annotations

import math
from dataclasses import replace

import polars as pl
import pytest
from support.cases import Judged, judge
from test_linkage_same_chance import engine_with_macros

from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import read_folder
from pipeline.linkage.known import measure_known
from pipeline.linkage.model import default_model

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
    loose = "('one', 'register'), ('two', 'register'), ('two', 'roster')"
    engine.run(f"SELECT * FROM (VALUES {loose}) v(person, dataset)", into="loose_record")
    engine.run("SELECT DISTINCT person FROM loose_record", into="loose_person")
    described = {"person": "VARCHAR", "name_no": "BIGINT", "born": "BIGINT", "id_ends": "BIGINT", "id_tail": "BIGINT"}
    engine.create("loose_description", described)  # nobody says enough to be found: nothing is learnt of them
    engine.create("weighed", {"left_person": "VARCHAR", "weight": "DOUBLE"})
    measure_known(engine, steps["list_evidence"], replace(default_model(), matched_share=0.5), 1024.0)
    engine.run(steps["list_prior"].sql, {"people": 1024.0}, into="list_prior")
    bits = dict(engine.rows("FROM list_prior").rows())
    assert bits["absent"] == 10  # nothing known of the list: as the model has it
    assert bits["register"] > bits["absent"] > bits["roster"] and 10 < bits["tax"] < 10.3
    engine.run(steps["nobody"].sql, into="nobody")
    assert dict(engine.rows("FROM nobody").rows()) == {"one": bits["register"], "two": bits["roster"]}
    engine.close()


def test_a_free_place_says_as_much_as_the_list_is_complete() -> None:
    engine = listed()
    steps = {s.name: s for s in read_folder("linkage")}
    engine.run(steps["list_share"].sql, into="list_share")
    engine.run("SELECT * FROM (VALUES ('register', true), ('roster', false)) v(dataset, whole)", into="once_dataset")
    loose = "('a', 'register'), ('b', 'roster'), ('c', 'tax'), ('d', 'roster'), ('d', 'register')"
    engine.run(f"SELECT * FROM (VALUES {loose}) v(person, dataset)", into="loose_record")
    shares = {}
    for people in (400.0, 300.0):
        engine.run(steps["once_share"].sql, {"people": people}, into="once_share")
        shares[people] = dict(engine.rows("FROM once_share").rows())
    assert shares[400.0] == {"a": 0.75, "b": 0.0, "d": 0.75}  # in tax a person may stand more than once
    assert shares[300.0]["a"] == 1 - 1 / 64  # never certain
    engine.create("pair_code", {"left_person": "VARCHAR", "code": "BIGINT", "wild_name": "VARCHAR"} | dict.fromkeys(
        ("name", "sex", "birth", "once", "name_no", "surname_no"), "BIGINT"))  # fmt: skip
    pairs = ", ".join(f"('{person}', {once})" for person in "abcd" for once in ("0", "1", "NULL"))
    engine.run(f"INSERT INTO pair_code (left_person, code, name, once) SELECT p, 7, 0, o FROM (VALUES {pairs}) v(p, o)")
    engine.run("SELECT 7 AS code, CAST(5 AS DOUBLE) AS weight", into="pattern_weight")
    engine.run("SELECT 0.0 AS sex, 0.0 AS year", into="name_tells")
    for table, column in (("name_frequency", "name_no"), ("surname_frequency", "surname_no")):
        engine.create(table, {column: "BIGINT", "n": "BIGINT"})
    engine.create("wild_frequency", {"name_key": "VARCHAR", "n": "BIGINT"})
    engine.run(steps["once_share"].sql, {"people": 400.0}, into="once_share")
    figures = dict.fromkeys(("people", "known", "surname_square", "name_equal_u", "name_wild_u"), 0.5) | {
        "free_u": 0.25
    }
    weighed = engine.rows(f"SELECT left_person, once, weight FROM ({steps['weighed'].sql})", figures)
    bits = {(person, once): weight for person, once, weight in weighed.iter_rows()}
    assert bits["a", 1] == bits["d", 1] == 5.0  # a quarter of the people have no row, as the model's level supposes
    assert bits["b", 1] == bits["c", 1] == 3.0  # nobody has one: a free place tells nothing
    assert {bits[person, once] for person in "abcd" for once in (0, None)} == {5.0}
    engine.close()


def evidence(*people: tuple[str, float | None]) -> DuckEngine:
    """Loose people of one list, each with the weight of one candidate (None: no candidate)."""
    engine = engine_with_macros()
    (step,) = (s for s in read_folder("linkage") if s.name == "list_evidence")
    rows = pl.DataFrame(people, schema={"person": pl.String, "weight": pl.Float64}, orient="row")
    engine.load("loose_record", rows.select("person", dataset=pl.lit("dibao")))
    engine.load("loose_person", rows.select("person"))
    known = {"name_no": 1, "born": 1, "id_ends": 1, "id_tail": 1}
    engine.load("loose_description", rows.select("person", **{k: pl.lit(v) for k, v in known.items()}))
    engine.load("weighed", rows.drop_nulls().select(left_person="person", weight="weight"))
    engine.run("SELECT 'dibao' AS dataset, 1000 AS people, 1000 AS again", into="list_share")
    measure_known(engine, step, default_model(), 100_000.0)
    return engine


def known_of(engine: DuckEngine) -> float:
    return float(engine.rows("SELECT known FROM list_known").item())


def test_a_list_whose_loose_people_find_nobody_expects_less_of_the_next() -> None:
    """All of its sound people are known elsewhere; of 1,000 loose ones 100 have no candidate, or next to none."""
    found = [(f"found {n}", 40.0) for n in range(900)]
    lost: list[tuple[str, float | None]] = [(f"lost {n}", None if n % 2 else 3.0) for n in range(100)]
    assert known_of(evidence(*found, *lost)) == pytest.approx((900 + 50 * 0.997) / 1050, abs=0.002)
    assert known_of(evidence(*found)) > 0.999


def test_a_few_loose_people_do_not_overthrow_what_the_sound_tell() -> None:
    assert known_of(evidence(("one", None))) > 0.97
    assert known_of(evidence(("one", 40.0))) > known_of(evidence(("one", None)))


def test_weak_evidence_is_neither_for_nor_against() -> None:
    """One candidate as likely as any stranger out of all: the share stays what it was told."""
    neutral = known_of(evidence(*[(f"{n}", math.log2(100_000)) for n in range(500)]))
    assert neutral == pytest.approx(known_of(evidence()), abs=0.01)


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
