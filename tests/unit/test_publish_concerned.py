"""What a town's workbook shows beside its own: rows it sent under no town, other towns' findings about its people."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from support.pages import table

from pipeline.engine.duck import DuckEngine
from pipeline.masking import Masker
from pipeline.publish import review, write_workbooks
from pipeline.publish.concerned import also_in, filed_under
from pipeline.publish.leads import collect
from pipeline.publish.pages.pairs import Linked
from tests.unit.asked_sample import published
from tests.unit.publish_sample import RULES, finding, sample
from tests.unit.replies_sample import audited, kept, number_of, reply, take

FILED, SHARED = "镇街待核", "另一镇街主办"
_GAP = next(r for r in RULES if r.id == "id_number_invalid")
# Two towns' people: 张小三 on both rosters, 王小妹 on one; a death and an account that concern them.
CASE = """
month: 2022-10
== asked
dibao
household_no | name   | id_number | town | stop_month
H1           | 张小三 | @1        | 长来 |
H1           | 王小妹 | @2        | 长来 |
H3           | 陈小四 | @3        | 坪石 |
H4           | 李小五 | @5        | 长来 |
H5           | 李小五 | @5        | 北乡 | 2022-09
borderline
household_no | name   | id_number | town
B1           | 张小三 | @1        | 北乡
death
name   | id_number | died_on
张小三 | @1        | 2022-01-01
王小妹 | @2        | 2022-01-01
李小五 | @5        | 2022-01-01
expect: nothing
"""


def told(n: int, rule: str, evidence: list[str], **changes: Any) -> dict[str, Any]:
    """A finding of 长来's household H1 with this evidence."""
    pieces = [{"dataset": r.partition("#")[0], "record_id": r, "values": {}} for r in evidence]
    return {
        "fingerprint": f"{n:032x}", "rule_id": rule, "category": "ineligible", "severity": "high",
        "confidence": "certain", "scheme": "dibao", "town": "长来", "household_no": "H1", "name": "张小三",
        "record_id": "dibao#1", "screened": False, "evidence": json.dumps(pieces), "summary": "见说明。",
        "basis": "条款", "status": "new", "first_month": "2022-10", "match_probability": 1.0,
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    ("finding", "towns"),
    [
        (told(1, "deceased_on_roster", ["death#1"]), ["北乡"]),
        (told(1, "deceased_on_roster", ["death#2"]), []),  # she stands on one roster
        (told(1, "deceased_on_roster", ["death#1", "death#2"]), []),  # not everybody stands on both
        (told(1, "deceased_on_roster", ["death#3"]), []),  # stopped there
        (told(1, "account_shared", ["dibao#1", "dibao#3"]), ["坪石"]),
        (told(1, "deceased_on_roster", ["death#1"], status="resolved"), []),
        (told(1, "required_field_empty", ["dibao#1"], category="data"), []),
    ],
)
def test_the_towns_that_a_finding_concerns(
    finding: dict[str, Any], towns: list[str], engine: DuckEngine, tmp_path: Path
) -> None:
    pub = published(engine, tmp_path, CASE, [finding])
    assert also_in(pub.engine, pub.month) == ({finding["fingerprint"]: towns} if towns else {})


def test_a_town_with_a_finding_of_its_own_is_not_told_of_the_others(engine: DuckEngine, tmp_path: Path) -> None:
    theirs = told(2, "vehicle_owned", ["death#1"], scheme="borderline", household_no="B1", town="北乡")
    pub = published(engine, tmp_path, CASE, [told(1, "vehicle_owned", ["death#1"]), theirs])
    assert also_in(pub.engine, pub.month) == {}


def test_the_other_town_reads_the_finding_and_is_not_counted(engine: DuckEngine, tmp_path: Path) -> None:
    write_workbooks(published(engine, tmp_path, CASE, [told(1, "deceased_on_roster", ["death#1"])]), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "towns" / "北乡.xlsx")
    (row,) = table(book[SHARED])
    assert (row["主办镇街"], row["姓名"], row["疑点类型"]) == ("长来", "张小三", "已死亡仍在册")
    assert "镇核实结果" not in row and table(book["疑似不符合条件"])[0]["序号"] == "本月无"
    assert SHARED not in openpyxl.load_workbook(tmp_path / "towns" / "长来.xlsx").sheetnames


@pytest.mark.parametrize(
    ("place", "known", "town"),
    [
        ("低保/低保_梅花镇.xlsx#名单", [], "梅花"),
        ("低保_坪石办事处 2022-10.csv#-", ["坪办"], "坪办"),
        ("低保_汇总.xlsx#梅花镇", ["梅花"], "梅花"),
        ("梅花镇低保花名册.xlsx#Sheet1", [], "梅花"),
        ("低保_梅花镇.xlsx#名单", ["梅花", "云岩"], None),  # another town's rows stand there too
        ("低保_梅花镇.xlsx#云岩镇", [], None),
        ("低保_梅花镇、云岩镇.xlsx#名单", [], None),
        ("低保_全县.xlsx#名单", ["梅花"], None),
    ],
)
def test_the_town_of_a_file_is_taken_where_it_is_certain(place: str, known: list[str], town: str | None) -> None:
    engine = sample(0).engine
    towns = [None, "仁化县丹霞街道", *known]
    rows = [{"record_id": f"{place}#{i}", "name": "张三", "town": t} for i, t in enumerate(towns)]
    engine.load("dibao", pl.DataFrame(rows))
    assert filed_under(engine) == ({f"{place}#0": town, f"{place}#1": town} if town else {})


def test_rows_under_no_town_stand_in_the_workbook_of_the_town_that_sent_them(tmp_path: Path) -> None:
    own = "低保/低保_长来.xlsx#名册#10"
    gap = finding(0, _GAP, "仁化县丹霞街道", random.Random(1), record_id=own)
    pub = sample(0, extra=[gap])
    pub.engine.run(f"UPDATE dibao SET town = '仁化县丹霞街道' WHERE record_id = '{own}'")
    link = f"'{own}', 'death', '部门/死亡.csv#-#2', 'exact_id', NULL, NULL, 'review', 'id=equal'"
    pub.engine.run(f"INSERT INTO links VALUES ({link})")
    run = audited(pub, tmp_path)
    book = openpyxl.load_workbook(run / "towns" / "长来.xlsx")
    (row,) = table(book[FILED])
    assert (row["镇街（原文）"], row["疑点编号"]) == ("仁化县丹霞街道", str(gap["fingerprint"])[:10].upper())
    assert table(book["数据缺项"])[0]["序号"] == "本月无"
    assert len(table(openpyxl.load_workbook(run / "towns" / "未知镇街.xlsx")["数据缺项"])) == 1
    # the answer is taken as any other
    take(tmp_path, reply(run, tmp_path / "a.xlsx", {(FILED, 0): ("已整改", "镇街已改", "赵一")}), run=run)
    assert kept(tmp_path)["subject"].to_list() == [gap["fingerprint"]]
    assert number_of(run, 0, FILED) == row["疑点编号"]
    # and so does its question, on the page too
    assert any("低保_长来.xlsx〔名册〕第10行" in str(r) for r in review.rows(pub)["长来"].rows)
    linked = Linked(pub, Masker.of(()))
    assert [linked.towns(k) for k in linked.links if k["roster_record_id"] == own] == [["长来"]]


def test_gaps_of_a_row_under_no_town_follow_what_else_is_found_of_it() -> None:
    """A high gap and a wrongful entry are ordered each by its own rule, in one list."""
    own, town = "低保/低保_长来.xlsx#名册#10", "仁化县丹霞街道"
    wrong = next(r for r in RULES if r.category == "ineligible")
    found = [finding(n, rule, town, random.Random(n), record_id=own) for n, rule in enumerate([_GAP, wrong])]
    for f in found:
        f |= {"severity": "high", "village": "塘头"}
    pub = sample(0, extra=found)
    pub.engine.run(f"UPDATE dibao SET town = '{town}' WHERE record_id = '{own}'")
    assert [line.rules for line in collect(pub).filed_lines("长来")] == [(wrong.id,), (_GAP.id,)]
