"""The data suite's failing rows: each check finds its fault and leaves the near-miss beside it alone."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from typing import Any

import pytest
from checks_county import MONTH, county, found, household, member, told

from checks import ROW_COLUMNS, failing_rows
from checks.catalogue import DATA_RULES
from pipeline.errors import AuditError

STOPPED = {"stop_month": "2021-03", "stop_reason": "收入提高"}
OVERDUE = [("review_overdue", "last_review_on")]

CASES: list[tuple[str, list[dict[str, Any]], list[tuple[str, str]]]] = [
    ("a person's field is asked of each row", [{}, {"village": None}], [("required_field_empty", "village")]),
    ("blanks are empty", [{"village": "  "}], [("required_field_empty", "village")]),
    ("a household's field once a household", [{"phone": None}, {"phone": None}], [("required_field_empty", "phone")]),
    ("and any of its rows will do", [{"phone": None, "monthly_amount": None}, {}], []),
    ("a stopped row is not asked", [{}, STOPPED | {"village": None}], []),
    ("but for the reason", [{}, {"stop_month": "2021-03"}], [("required_field_empty", "stop_reason")]),
    ("a stop after the month is no stop", [{}, {"stop_month": "2022-11"}], []),
    (
        "a disability without its level",
        [{"disability_type": "肢体"}],
        [("required_field_empty", "disability_level")],
    ),
    ("no ID number", [{"id_number": None}], [("required_field_empty", "id_number")]),
    (
        "another birth date",
        [{"birth_date": dt.date(1999, 1, 1), "id_number": "440281199901020010", "sex": "男"}],
        [("birth_date_conflict", "birth_date")],
    ),
    ("another sex", [{"sex": "男"}], [("sex_conflict", "sex")]),
    ("a sex outside the list is no conflict", [{"sex": "不详"}], [("code_unknown", "sex")]),
    ("a code outside its list", [{"area": "城郊"}], [("code_unknown", "area")]),
    (
        "a level outside its list",
        [{"disability_type": "肢体", "disability_level": "五级"}],
        [("code_unknown", "disability_level")],
    ),
    ("a town outside the county", [{"town": "外镇"}], [("town_unknown", "town")]),
    ("no head", [{"relation": "配偶"}, {}], [("household_without_head", "relation")]),
    ("a blank relation may be the head's", [{"relation": None}, {}], [("required_field_empty", "relation")]),
    ("two heads", [{}, {"relation": "户主"}], [("household_head_repeated", "relation")]),
    ("the second head has stopped", [{}, STOPPED | {"relation": "户主"}], []),
    ("stop before start", [{}, STOPPED | {"stop_month": "2019-12"}], [("month_order", "start_month<stop_month")]),
    ("stop in the month of the start", [{}, STOPPED | {"stop_month": "2020-01"}], []),
    ("start after the audit month", [{}, {"start_month": "2022-11"}], [("month_order", "start_month<audit_month")]),
    ("start in the audit month", [{"start_month": "2022-10"}], []),
    ("a negative amount", [{"monthly_amount": -600.0}], [("amount_out_of_range", "monthly_amount")]),
    ("a zero amount while active", [{"monthly_amount": 0.0}], [("amount_out_of_range", "monthly_amount")]),
    ("a zero amount after the stop", [STOPPED | {"monthly_amount": 0.0}], []),
    ("a negative income", [{"per_capita_income": -1.0}], [("amount_out_of_range", "per_capita_income")]),
    ("A, a year and a day ago", [{"last_review_on": dt.date(2021, 10, 30)}], [("review_overdue", "last_review_on")]),
    ("A, a year ago", [{"last_review_on": dt.date(2021, 10, 31)}], []),
    ("C, before the clipped month's end", [{"category": "C", "last_review_on": dt.date(2022, 4, 29)}], OVERDUE),
    ("C, on it", [{"category": "C", "last_review_on": dt.date(2022, 4, 30)}], []),
    ("the latest review of any row", [{"category": "B", "last_review_on": dt.date(2021, 1, 1)}, {"category": "A"}], []),
    ("never reviewed, old", [{"last_review_on": None}], [("required_field_empty", "last_review_on")]),
    ("never reviewed, new", [{"last_review_on": None, "start_month": "2022-03"}], []),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_fault_and_near_miss(changes: list[dict[str, Any]], expected: list[tuple[str, str]]) -> None:
    assert told(county(household(*changes))) == expected


@pytest.mark.parametrize(
    ("state", "words", "severity"),
    [
        ("checksum", "校验位不符", "high"),
        ("length", "位数或字符不合规", "high"),
        ("other", "位数或字符不合规", "high"),
        ("birth", "出生日期不存在", "high"),
        ("masked", "导出时隐去的，请改报不隐去的名册；原本没有登全的，请对照身份证", "medium"),
        ("old15", "15位旧号", "low"),
    ],
)
def test_each_state_of_an_id_number_has_its_own_sentence(state: str, words: str, severity: str) -> None:
    row = member(1, birth_date=dt.date(1970, 1, 2))
    rows = found(county([row], states={row["id_number"]: state})).rows
    assert rows["rule_id"].to_list() == ["id_number_invalid"]
    assert words in rows["summary"][0]
    assert rows["severity"][0] == severity
    assert row["id_number"] not in rows["summary"][0]


def test_an_id_number_that_fails_its_check_gives_no_birth_conflict() -> None:
    row = member(1, id_number="440281199901020010")
    assert told(county([row], states={row["id_number"]: "checksum"})) == [("id_number_invalid", "id_number")]


def test_person_repeated_is_told_once() -> None:
    first = member(1)
    again = {k: first[k] for k in ("id_number", "name", "birth_date", "sex")}
    rows = found(county([first, member(2, relation="子", **again), member(3, relation="子", **again)])).rows
    assert rows.select("rule_id", "confidence", "record_id").rows() == [
        ("person_repeated", "certain", "低保.xlsx#名册#00002")
    ]
    assert "第1行】" not in rows["summary"][0] and "第1行）身份证号相同，疑为重复登记" in rows["summary"][0]


def test_one_number_for_a_whole_family_keeps_the_findings_apart() -> None:
    first = member(1, village=None)
    child = member(2, relation="子", village=None, id_number=first["id_number"], birth_date=first["birth_date"])
    rows = found(county([first, child | {"sex": first["sex"]}])).rows
    empty = rows.filter(rule_id="required_field_empty")
    assert empty["identity"].to_list() == ["village", f"village/{child['name']}"]
    (repeated,) = rows.filter(rule_id="person_repeated").to_dicts()
    assert "姓名不同，疑为号码错填" in repeated["summary"]


def test_person_repeated_by_name_and_birth_date() -> None:
    first = member(1)
    same = {"name": first["name"], "birth_date": first["birth_date"]}
    rows = found(county([first, member(2, relation="子", **same)])).rows
    assert rows.select("rule_id", "confidence").rows() == [("person_repeated", "probable")]


@pytest.mark.parametrize("change", [{"stop_month": "2021-01", "stop_reason": "重报"}, {"household_no": "DB2"}])
def test_person_in_a_stopped_row_or_another_household_is_not_repeated(change: dict[str, Any]) -> None:
    first = member(1)
    again = {k: first[k] for k in ("id_number", "name", "birth_date", "sex")}
    assert told(county([first, member(2, **again, **change)])) == []


def test_an_amount_far_above_the_county() -> None:
    rows = [member(n, f"DB{n}", monthly_amount=500.0) for n in range(1, 9)]
    rows += [member(9, "DB9", monthly_amount=3000.0), member(10, "DB10", monthly_amount=3000.01)]
    result = found(county(rows)).rows
    assert result.select("rule_id", "household_no").rows() == [("amount_out_of_range", "DB10")]
    assert json.loads(result["values"][0]) == {"field": "monthly_amount", "monthly_amount": 3000.01}


def test_review_months_of_the_policy_pack_rule() -> None:
    rows = household({"last_review_on": dt.date(2022, 1, 15)})
    assert told(county(rows)) == []
    assert told(county(rows), review_months={"A": 9}) == [("review_overdue", "last_review_on")]


def test_a_row_carries_all_that_a_finding_needs() -> None:
    rows = found(county(household({}, {"village": None}))).rows
    assert tuple(rows.columns) == ROW_COLUMNS
    (row,) = rows.to_dicts()
    assert row["category"] == "data" and row["scheme"] == "dibao" and row["town"] == "长来"
    assert row["evidence_record_id"] == row["record_id"] == "低保.xlsx#名册#00002"
    assert json.loads(row["values"]) == {"field": "village", "village": None}
    assert row["summary"].endswith("“村居”为空，请补录；见低保.xlsx【名册】第2行。")
    assert "57号" in row["basis"]


def test_a_household_finding_stands_on_its_heads_row() -> None:
    rows = [member(1, relation="子", phone=None), member(2, phone=None)]
    assert found(county(rows)).rows["record_id"].to_list() == ["低保.xlsx#名册#00002"]


def test_what_does_not_run_is_named_with_its_reason() -> None:
    idle = {(id, title): reason for id, title, kind, reason in found(county(household({}))).not_run if kind == "check"}
    assert "household_register" in idle["name_conflict", "低保系统数据：姓名与户籍不符"]
    assert "archive" in idle["document_missing", "低保档案清单：材料缺件"]
    assert "tekun" in idle["id_number_invalid", "特困系统数据：身份证号无效"]
    assert "patrol" in idle["patrol_unmatched", "巡访记录对名册：巡访对象不在名册"]
    for scheme in ("特困", "低保边缘", "支出型", "临时救助"):
        assert ("document_missing", f"{scheme}档案清单：材料缺件") in idle
    # an id that a roster has no column for is no check that did not run
    assert ("review_overdue", "特困系统数据：复核超期") not in idle


def test_without_the_roster_every_check_of_it_is_named() -> None:
    result = failing_rows(county([]), MONTH, {"archive"})
    named = {id for id, _, _, reason in result.not_run if "dibao" in reason}
    assert set(DATA_RULES) <= named and "archive_absent" in named
    assert result.rows.is_empty() and tuple(result.rows.columns) == ROW_COLUMNS


def test_an_id_number_never_read_is_an_error_of_the_program() -> None:
    engine = county(household({}))
    engine.run("DELETE FROM identity_pair")
    with pytest.raises(AuditError, match="not in identity_pair"):
        found(engine)


def test_great_expectations_is_not_imported_for_the_rows() -> None:
    code = "import sys, checks; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
