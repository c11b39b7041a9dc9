"""Visits and rulings in the ledger: added once, changed without losing what was, read as they stand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from pipeline.ledger import opened
from pipeline.ledger.rulings import LINK, add_rulings, link_subject, read_rulings
from pipeline.ledger.visits import VisitRow, add_visits, read_visits


def visit(answer: str, source: str = "a.xlsx#台账#4@1", draw: str = "d1", unit: str = "dibao:1") -> VisitRow:
    return VisitRow(draw, unit, "长来", 1, dt.date(2022, 10, 18), answer, {"conclusion": answer, "present": 2}, source)


def test_visits_are_kept_by_version(tmp_path: Path) -> None:
    with opened(tmp_path / "l.duckdb") as con:
        assert add_visits(con, [visit("继续保障"), visit("继续保障", unit="dibao:2")]) == (2, 0, 0)
        assert add_visits(con, [visit("继续保障", "b.xlsx#台账#9@2")]) == (0, 0, 1), "the same answers from elsewhere"
        assert add_visits(con, [visit("停保", "c.xlsx#台账#4@3")]) == (0, 1, 0)
        assert add_visits(con, [visit("继续保障")]) == (0, 0, 1), "the old row of the old file"
        assert add_visits(con, [visit("继续保障", "d.xlsx#台账#4@4"), visit("停保", "e.xlsx#台账#4@5", draw="d2")]) == (
            1,
            1,
            0,
        )
        history = read_visits(con, ["d1"], history=True)
        assert history.filter(pl.col("unit") == "dibao:1")["conclusion"].to_list() == ["继续保障", "停保", "继续保障"]
        assert history["version"].to_list() == [1, 2, 3, 1]
        now = read_visits(con)
        assert now.select("draw", "unit", "version").rows() == [
            ("d1", "dibao:1", 3), ("d1", "dibao:2", 1), ("d2", "dibao:1", 1),
        ]  # fmt: skip
        assert now.schema["visited_on"] == pl.Date and now["answers"][0] == '{"conclusion":"继续保障","present":2}'
        assert read_visits(con, []).height == 0


def ruling(verdict: str, source: str = "s1", **more: object) -> dict[str, object]:
    return {"kind": "finding", "subject": "f1", "verdict": verdict, "source": source} | more


def test_rulings_are_added_and_never_changed(tmp_path: Path) -> None:
    with opened(tmp_path / "l.duckdb") as con:
        assert add_rulings(con, pl.DataFrame([ruling("in_process"), ruling("confirmed", "s2", decided_by="赵一")])) == 2
        assert add_rulings(con, pl.DataFrame([ruling("confirmed", "s3", decided_by="赵一")])) == 0, "it says the same"
        assert add_rulings(con, pl.DataFrame([ruling("in_process")])) == 0, "taken before"
        assert add_rulings(con, pl.DataFrame([ruling("in_process", "s4")])) == 1
        assert add_rulings(con, pl.DataFrame([ruling("in_process", "s4", evidence="ab")])) == 1
        assert read_rulings(con, "finding", history=True)["ruling_no"].to_list() == [1, 2, 3, 4]
        assert read_rulings(con, "finding").select("ruling_no", "verdict", "evidence").rows() == [
            (4, "in_process", "ab")
        ]
        assert add_rulings(con, pl.DataFrame([ruling("same", kind=LINK)])) == 1
        assert read_rulings(con, LINK)["verdict"].to_list() == ["same"]
        assert add_rulings(con, pl.DataFrame(schema={"kind": pl.String, "subject": pl.String})) == 0


@pytest.mark.parametrize("wrong", [{"verdict": "same"}, {"verdict": "属实"}, {"kind": "house"}])
def test_a_verdict_that_there_is_not_is_a_fault(tmp_path: Path, wrong: dict[str, object]) -> None:
    with opened(tmp_path / "l.duckdb") as con:
        with pytest.raises(ValueError, match="no such ruling"):
            add_rulings(con, pl.DataFrame([ruling("confirmed"), ruling("confirmed") | wrong]))
        assert read_rulings(con, "finding").height == 0


def test_a_link_is_one_subject_from_either_side() -> None:
    assert link_subject("b#-#1", "a#-#2", "death") == link_subject("a#-#2", "b#-#1", "death") == "a#-#2|b#-#1|death"
