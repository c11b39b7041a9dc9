"""Households without an authorisation: counted, and held back where the policy says so."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from pipeline.contract import DATASETS, ROSTERS
from pipeline.engine.duck import DuckEngine
from pipeline.findings.authorised import Unauthorised, hold_unauthorised
from pipeline.findings.rows import FINDING_SCHEMA
from pipeline.policy import Policy, pack_for

BOTH_HOUSEHOLDS = json.dumps(
    [{"dataset": "dibao", "record_id": i, "values": {}} for i in ("d2", "d1")]
    + [{"dataset": "household_register", "record_id": "h1", "values": {}}]
)


def policy(tmp_path: Path, compared: int) -> Policy:
    own = tmp_path / "own.toml"
    own.write_text(f'from = "本局"\n[limits]\nmatch_unauthorised = {compared}\n', encoding="utf-8")
    return pack_for("2022-10", own)


def finding(n: int, category: str, scheme: str | None, household: str | None, *datasets: str) -> dict[str, object]:
    evidence = json.dumps([{"dataset": d, "record_id": f"{d}#{n}", "values": {}} for d in datasets])
    rule = "authorisation_missing" if category == "archive" else "a_rule"
    return {"fingerprint": f"f{n}", "rule_id": rule, "category": category, "scheme": scheme, "household_no": household,
            "evidence": evidence}  # fmt: skip


@pytest.fixture
def county() -> DuckEngine:
    engine = DuckEngine()
    for roster in ROSTERS:
        engine.create(roster, DATASETS[roster].table_schema())
    engine.load("dibao", pl.DataFrame({"record_id": ["d1", "d2"], "household_no": ["DB1", "DB2"]}))
    engine.load("temporary", pl.DataFrame({"record_id": ["t1"], "grant_no": ["LS1"]}))
    rows = [
        finding(1, "archive", "dibao", "DB1", "archive"),
        finding(2, "archive", "temporary", "LS1", "archive"),
        finding(3, "ineligible", "dibao", "DB1", "dibao", "vehicle"),
        finding(4, "ineligible", "dibao", "DB2", "vehicle"),
        finding(5, "payment", "dibao", "DB1", "dibao", "payment"),
        finding(6, "data", "dibao", "DB1", "household_register"),
        finding(7, "missing", None, None, "disability"),
        finding(8, "payment", "temporary", "LS1", "death"),
        # under one household, and about another as well
        finding(9, "ineligible", "dibao", "DB2", "dibao", "household_register") | {"evidence": BOTH_HOUSEHOLDS},
    ]
    engine.load("finding_rows", pl.DataFrame(rows, schema=FINDING_SCHEMA))
    links = [("d1", "vehicle"), ("d1", "borderline"), ("d2", "vehicle"), ("t1", "death")]
    engine.load("links", pl.DataFrame(links, schema=["roster_record_id", "dataset"], orient="row"))
    return engine


def left(engine: DuckEngine) -> tuple[list[str], int]:
    return engine.rows("SELECT fingerprint FROM finding_rows ORDER BY 1")["fingerprint"].to_list(), engine.count(
        "links"
    )


def test_what_departments_say_of_them_is_held_back(county: DuckEngine, tmp_path: Path) -> None:
    told = hold_unauthorised(county, policy(tmp_path, 0), {"dibao", "archive"})
    assert told == Unauthorised(2, False, findings=3, links=2)
    assert left(county) == (["f1", "f2", "f4", "f5", "f6", "f7"], 2)
    assert told.sentence is not None and "2 户" in told.sentence and "3 条疑点、2 条比对结果未列出" in told.sentence


def test_they_are_compared_and_counted_where_the_policy_says_so(county: DuckEngine, tmp_path: Path) -> None:
    before = left(county)
    told = hold_unauthorised(county, policy(tmp_path, 1), {"dibao", "archive"})
    assert told == Unauthorised(2, True) and left(county) == before
    assert told.sentence is not None and "仍参加了比对" in told.sentence


def test_without_archives_nobody_knows(county: DuckEngine, tmp_path: Path) -> None:
    before = left(county)
    told = hold_unauthorised(county, policy(tmp_path, 0), {"dibao"})
    assert told.households is None and left(county) == before
    assert told.sentence is not None and "不知道" in told.sentence
