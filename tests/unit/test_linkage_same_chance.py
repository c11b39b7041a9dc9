"""A record that fits two sound numbers under one name and birth date: they may be one person's, or two people's."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from support.cases import Judged, judge

from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import macro_statements, read_folder

R = "household_register hukou_no=K#"
ROWS = """
    dibao household_no=H# name=NAME id_number=@ town=乐城
    borderline household_no=B# name=NAME id_number=@b:BORN town=乐城
    employment name=NAME birth_date=BORN sex=男 town=乐城"""


@pytest.fixture(scope="module")
def judged(engine: DuckEngine) -> Mapping[str, Judged]:
    cases = {
        "one known": f"{ROWS}\n{R} name=NAME id_number=@",
        "both known": f"{ROWS}\n{R} name=NAME id_number=@\n{R}-2 name=NAME id_number=@b:BORN",
    }
    return judge(engine, cases)


def test_the_other_number_of_perhaps_the_same_person_does_not_speak_against_one(judged: Mapping[str, Judged]) -> None:
    pairs = judged["one known"].pairs
    for roster in ("dibao", "borderline"):
        found = pairs[(roster, "employment")]
        assert found.probability is not None and 0.8 < found.probability < 1
        assert found.decision == "review"  # whose number is right, a person must say first


def test_two_who_are_known_apart_share_the_probability(judged: Mapping[str, Judged]) -> None:
    pairs = judged["both known"].pairs
    assert pairs[("dibao", "employment")].probability == pytest.approx(0.5, abs=0.01)
    assert pairs[("borderline", "employment")].probability == pytest.approx(0.5, abs=0.01)
    assert "link" not in {pairs[(r, "employment")].decision for r in ("dibao", "borderline")}


def engine_with_macros() -> DuckEngine:
    """An engine for a statement alone, with the functions that linkage gives it."""
    engine = DuckEngine()
    for statement in macro_statements(engine.name):
        engine.run(statement)
    return engine


def test_a_common_name_meets_its_like_by_chance() -> None:
    """The statement alone: the commoner the name, the less likely is it one person."""
    engine = engine_with_macros()
    (step,) = (s for s in read_folder("linkage") if s.name == "same_chance")
    pairs = "(VALUES ('p', 'px', 1), ('q', 'qx', 2)) v(a, b, n)"
    engine.run(f"SELECT a AS left_person, b AS right_person, n AS name_no, 1 AS born FROM {pairs}", into="namesake")
    engine.run("SELECT n AS name_no, f AS n FROM (VALUES (1, 2), (2, 2000)) v(n, f)", into="name_frequency")
    engine.run("SELECT i::VARCHAR AS person, false AS loose FROM range(200) r(i)", into="unconfirmed")
    engine.run("SELECT i % 20000 AS born FROM range(40000) r(i)", into="sound_key")
    engine.run(step.sql, into="same_chance")
    rows = {(a, b): p for a, b, p in engine.rows("SELECT person, other, same FROM same_chance").rows()}
    # 2 pairs in 200 numbers; two people meet on one day and sex in 1 of 40,000
    assert rows[("p", "px")] == rows[("px", "p")] == pytest.approx(0.01 / (0.01 + 2 / 40000), abs=1e-5)
    assert rows[("q", "qx")] == pytest.approx(0.01 / (0.01 + 2000 / 40000), abs=1e-5)


def decisions_where(same: float, numbers: str = "('p'), ('q')") -> set[tuple[float, str]]:
    """The statements alone: probability and decision of sound numbers that fit one record equally and fully."""
    engine = engine_with_macros()
    steps = {s.name: s.sql for s in read_folder("linkage")}
    fields = (
        "6 AS name, 4 AS birth, 1 AS sex, 3 AS place, NULL::INTEGER AS id, NULL::INTEGER AS household, 1 AS phone, "
        "NULL::INTEGER AS account, NULL::INTEGER AS once, NULL::BOOLEAN AS ends_agree, false AS birth_agrees"
    )
    fitting = f"SELECT 'row' AS left_person, p AS right_person, 30.0 AS weight, {fields} FROM (VALUES {numbers}) v(p)"
    engine.run(fitting, into="weighed")
    engine.run("SELECT 'row' AS person", into="loose_person")
    engine.run("SELECT 'row' AS person, 0.0 AS bits", into="nobody")
    pairs = "(VALUES ('p', 'q'), ('q', 'p')) v(a, b)"
    engine.run(f"SELECT a AS person, b AS other, {same} AS same FROM {pairs}", into="same_chance")
    engine.run("SELECT 'x' AS person WHERE false", into="twinned")
    engine.run("SELECT 'household' AS field, 1 AS level, 0.0 AS weight WHERE false", into="level_weight")
    figures = {"link_at": 0.999, "review_at": 0.5, "link_odds": 9.96}
    engine.run(steps["competed"], figures, into="competed")
    return set(engine.rows(steps["judged"], figures).select("probability", "decision").rows())


def test_a_link_does_not_lean_on_the_guess_that_two_numbers_are_one_persons() -> None:
    """However likely they are one person's: each alone is not sure enough, so a person is asked."""
    assert decisions_where(same=1.0) == {(1.0, "review")}
    assert decisions_where(same=0.0) == {(0.5, "review")}
    assert decisions_where(same=0.0, numbers="('p')") == {(1.0, "link")}
