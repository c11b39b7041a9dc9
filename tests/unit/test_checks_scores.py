"""The scores: rows asked and complete by town and field, the same rows as the findings."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from checks_county import county, found, household, id_number, items, member

from checks.conditions import at_least, filled, not_before, vacant
from checks.scores import measures_of
from pipeline.contract import TOWNS
from pipeline.engine.duck import DuckEngine


def spoiled() -> DuckEngine:
    """Three towns, gaps of fields and documents, stopped rows, one row in a town that nobody knows."""
    rows = household({}, {"village": None, "sex": None}, {"health": None})
    rows += household({"town": "廊田", "phone": None, "area": None}, no="DB2", first=4)
    rows += household({"town": "廊田", "stop_month": "2020-05", "stop_reason": None, "sex": None}, no="DB3", first=5)
    rows += household({"town": "外镇", "monthly_amount": -5.0}, no="DB4", first=6)
    rows += household({"id_number": None}, {"start_month": "2022-12"}, no="DB5", first=7)
    rows[2] |= {"id_number": id_number(rows[2]["birth_date"], 901), "sex": "男"}
    rows[2]["sex"] = "女" if int(rows[2]["id_number"][16]) % 2 else "男"  # the other than the number's
    archive = items() + items("DB2", ("申请书", "入户调查表"), signed_by=None) + items("DB5", ("承诺书",))
    return county(rows, archive, {rows[0]["id_number"]: "checksum"})


def score(frame: pl.DataFrame, kind: str, field: str) -> dict[str, tuple[int, int]]:
    mine = frame.filter((pl.col("kind") == kind) & (pl.col("field") == field))
    return {town: (asked, complete) for town, asked, complete in mine.select("town", "asked", "complete").iter_rows()}


def test_rows_asked_and_complete_by_town() -> None:
    frame = found(spoiled(), "archive").scores
    # 外镇 stands apart, one in 长来 is not active yet; a stopped row without a value is not asked, one with a value is
    assert score(frame, "data", "village") == {"长来": (4, 3), "廊田": (1, 1), "未知镇街": (1, 1)}
    assert score(frame, "data", "sex") == {"长来": (5, 3), "廊田": (1, 1), "未知镇街": (1, 1)}
    assert score(frame, "data", "phone") == {"长来": (2, 2), "廊田": (1, 0), "未知镇街": (1, 1)}, "once a household"
    assert score(frame, "data", "stop_reason") == {"廊田": (1, 0)}
    assert score(frame, "data", "id_number")["长来"] == (5, 3), "one blank, one whose check character is wrong"
    assert score(frame, "data", "town")["未知镇街"] == (1, 0)
    assert score(frame, "data", "monthly_amount")["未知镇街"] == (1, 0)
    assert score(frame, "archive", "申请书") == {"长来": (2, 1), "廊田": (1, 1)}
    assert score(frame, "archive", "入户调查表") == {"长来": (2, 1), "廊田": (1, 0)}, "there, and not signed"
    assert score(frame, "archive", "停救通知书") == {"廊田": (1, 0)}
    assert score(frame, "archive", "整户档案") == {"长来": (2, 2), "廊田": (1, 1), "未知镇街": (1, 0)}


def test_the_rows_that_are_not_complete_are_those_of_the_findings() -> None:
    """By field and town, the record (or household) of every finding once, however many things are wrong with it."""
    checked = found(spoiled(), "archive")
    rows: dict[tuple[str, str, str], set[Any]] = {}
    for row in checked.rows.iter_rows(named=True):
        town = row["town"] if row["town"] in TOWNS else "未知镇街"
        about = json.loads(row["values"]).get("field") if row["category"] == "data" else row["identity"]
        who = row["record_id"] if row["category"] == "data" else row["household_no"]
        rows.setdefault((row["category"], town, about), set()).add(who)
    gaps = {
        (kind, town, field): asked - complete
        for kind, _, town, field, _, asked, complete in checked.scores.iter_rows()
        if asked > complete
    }
    assert {key: len(found) for key, found in rows.items()} == gaps and len(gaps) > 12
    assert {k for k, _, _ in gaps} == {"data", "archive"}


def test_every_expectation_s_failing_rows_are_among_those_of_its_field() -> None:
    engine = spoiled()
    checked = found(engine, "archive")
    for suite in checked.suites:
        for check in suite.checks:
            about, failing = check.condition.about(), check.condition.failing()
            query = f"SELECT count(*) AS n FROM {suite.table} WHERE ({failing}) AND NOT coalesce({about}, false)"
            assert engine.rows(query)["n"][0] == 0, f"{check.key} fails on a row that it is not about"
    assert (checked.scores["complete"] <= checked.scores["asked"]).all() and (checked.scores["asked"] > 0).all()


def test_what_a_condition_is_about() -> None:
    assert filled("a").about() == vacant("a").about() == "true"
    assert at_least("a", 1).about() == '"a" IS NOT NULL'
    assert not_before("a", "b").about() == '"a" IS NOT NULL AND "b" IS NOT NULL'


def test_the_ledger_keeps_them_without_a_name() -> None:
    frame = found(county([member(1)])).scores
    kept = measures_of(frame)
    assert kept is not None and kept.columns == ["kind", "subject", "town", "item", "rows", "good"]
    assert kept.height == frame.height and measures_of(frame.head(0)) is None
    assert found(county([]), "archive").scores.height == 0
