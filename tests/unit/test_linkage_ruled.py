"""What people ruled about a pair holds in later months, under other record ids and in other datasets."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.grid import load_tables, read_grid

from pipeline.engine.duck import DuckEngine
from pipeline.identity import make_comparable
from pipeline.linkage import link
from pipeline.linkage.ruled import RuledPair, asked_sides

# One number under two names; a row without a number beside two namesakes of its town.
FIRST = """
month: 2022-10
== asked
dibao
household_no | name   | id_number | town | birth_date
H1           | 张小三 | @1        | 长来 |
H2           | 王德全 | @5:1950-03-04 | 长来 | 1950-03-04
vehicle
name   | id_number | plate
李四光 | @1        | 粤F1
disability
name   | id_number | town | birth_date | certificate_no
王德全 |           | 坪石 | 1950-03-14 | C1
expect: nothing
"""
# A month later: the rows have moved down, and a third dataset knows the second name too.
LATER = FIRST.replace("H1  ", "H9           | 赵某某 | @9        | 坪石 |\nH1  ").replace(
    "expect: nothing", "property\nname   | id_number | certificate_no\n李四光 | @1        | 房1\nexpect: nothing"
)


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    return tmp_path / "case.spec"


def linked(engine: DuckEngine, grid: Path, text: str, ruled: list[RuledPair]) -> dict[tuple[str, str], str]:
    """(roster record, record) → decision."""
    grid.write_text(text, encoding="utf-8")
    tables = read_grid(grid)[0].tables
    load_tables(engine, tables)
    make_comparable(engine, set(tables))
    link(engine, set(tables), None, ruled)
    rows = engine.rows("SELECT roster_record_id, record_id, decision FROM links").iter_rows()
    return {(a, b): decision for a, b, decision in rows}


def asked(engine: DuckEngine, grid: Path) -> dict[tuple[str, str], tuple[str, str]]:
    linked(engine, grid, FIRST, [])
    return {(a, b): (ours, theirs) for a, _, b, ours, theirs in asked_sides(engine)}


def test_both_pairs_are_asked(engine: DuckEngine, grid: Path) -> None:
    assert set(asked(engine, grid)) == {("dibao#1", "vehicle#1"), ("dibao#2", "disability#1")}


@pytest.mark.parametrize(("same", "decision"), [(True, "link"), (False, "reject")])
def test_a_ruling_holds_later(engine: DuckEngine, grid: Path, same: bool, decision: str) -> None:
    ruled = [RuledPair(*sides, same) for sides in asked(engine, grid).values()]
    found = linked(engine, grid, LATER, ruled)
    assert found["dibao#2", "vehicle#1"] == decision
    assert found["dibao#2", "property#1"] == decision, "the same name and number in another dataset"
    assert found["dibao#3", "disability#1"] == decision


def test_without_a_ruling_they_are_asked_again(engine: DuckEngine, grid: Path) -> None:
    found = linked(engine, grid, LATER, [])
    assert {found["dibao#2", r] for r in ("vehicle#1", "property#1")} == {"review"}
    assert found["dibao#3", "disability#1"] == "review"


def test_two_rows_that_answer_to_one_description_are_asked_about(engine: DuckEngine, grid: Path) -> None:
    ruled = [RuledPair(*sides, True) for sides in asked(engine, grid).values()]
    row = "王德全 |           | 坪石 | 1950-03-14 | C1"
    found = linked(engine, grid, LATER.replace(row, f"{row}\n{row.replace('C1', 'C2')}"), ruled)
    assert "link" not in {found.get(("dibao#3", f"disability#{n}")) for n in (1, 2)}
    assert found["dibao#2", "vehicle#1"] == "link"
