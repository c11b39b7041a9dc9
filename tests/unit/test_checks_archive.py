"""The archive checklist's failing rows."""

from __future__ import annotations

from typing import Any

import pytest
from checks_county import DOCUMENTS, county, found, household, items, told

from checks.archive_table import parts_of
from checks.catalogue import ARCHIVE_RULES, load

PARTS = load("dibao_archive")["part"]


def _without(*names: str) -> tuple[str, ...]:
    return tuple(d for d in DOCUMENTS if d not in names)


def _archive(rows: list[dict[str, Any]], **household_changes: Any) -> list[tuple[str, str]]:
    return told(county(household(household_changes, {}), rows), "archive")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("低保申请表", ["application"]),
        ("申请及承诺书", ["application", "commitment"]),
        ("最低生活保障（申请书）", ["application"]),
        ("停保申请书", []),
        ("申请人身份证复印件", ["identity_card"]),
        ("身份证、户口簿复印件", ["identity_card", "register_book"]),
        ("家庭经济状况核对授权书", ["authorisation"]),
        ("家庭经济状况核对报告", ["check_report"]),
        ("入户 调查表", ["visit_form"]),
        ("邻里走访调查表", []),
        ("公示照片", ["public_notice"]),
        ("审批表", ["approval"]),
        ("银行存折复印件", ["account"]),
        ("残疾人证", ["disability_card"]),
        ("停救通知书", ["stop_notice"]),
        ("会议记录", []),
    ],
)
def test_document_names_as_they_are_written(text: str, parts: list[str]) -> None:
    assert parts_of(text, PARTS) == parts


def test_the_faultless_household_has_no_finding() -> None:
    engine = county(household({}, {}), items())
    assert told(engine, "archive") == []
    assert set(found(engine, "archive").counts.values()) == {0}


def test_a_household_without_any_item_is_told_once() -> None:
    assert _archive(items("DB9")) == [("archive_absent", "整户档案"), ("archive_unmatched", "名册登记")]


def test_items_that_are_all_marked_absent_are_no_archive() -> None:
    assert _archive(items(present=False)) == [("archive_absent", "整户档案")]


def test_present_left_empty_counts_as_present() -> None:
    assert _archive(items(present=None)) == []


def test_missing_documents_and_the_authorisation() -> None:
    engine = county(household({}), items(documents=_without("公示", "核对授权书")))
    rows = found(engine, "archive").rows
    assert sorted(rows.select("rule_id", "identity", "severity").iter_rows()) == [
        ("authorisation_missing", "核对授权书", "high"),
        ("document_missing", "公示", "medium"),
    ]
    assert rows["evidence_dataset"].unique().to_list() == ["dibao"]
    assert rows["category"].unique().to_list() == ["archive"]


def test_a_document_marked_absent_is_missing_and_its_row_is_the_evidence() -> None:
    rows = items(documents=_without("公示"))
    rows += items(documents=("公示",), present=False, record_id="档案.csv#-#99", row=99)
    result = found(county(household({}), rows), "archive").rows
    assert result.select("rule_id", "evidence_dataset", "evidence_record_id").rows() == [
        ("document_missing", "archive", "档案.csv#-#99")
    ]
    assert "档案.csv第99行" in result["summary"][0]


def test_unsigned_and_undated_only_where_it_is_asked() -> None:
    rows = items(signed_by=None, signed_on=None)
    assert _archive(rows) == [
        ("document_undated", "入户调查表"),
        ("document_undated", "审核确认表"),
        ("document_unsigned", "入户调查表"),
        ("document_unsigned", "审核确认表"),
    ]


def test_a_second_copy_with_signature_and_date_is_enough() -> None:
    rows = items(signed_by=None, signed_on=None) + items(documents=("入户调查表", "审批表"), row=50)
    assert _archive(rows) == []


def test_parts_in_two_items_make_one_document() -> None:
    split = _without("身份证户口簿复印件")
    assert _archive(items(documents=(*split, "户主身份证复印件", "户口簿"))) == []
    assert _archive(items(documents=(*split, "户口簿"))) == [("document_missing", "身份证户口簿复印件")]


def test_disability_card_where_a_disability_is_declared() -> None:
    declared = {"disability_type": "肢体", "disability_level": "2"}
    assert _archive(items(), **declared) == [("document_missing", "残疾证")]
    assert _archive(items(documents=(*DOCUMENTS, "残疾证复印件")), **declared) == []


def test_a_stopped_household_needs_the_notice_alone() -> None:
    stopped = {"stop_month": "2022-01", "stop_reason": "收入提高"}
    rows = household(stopped, stopped)
    other = household({}, no="DB2", first=9)
    assert told(county(rows + other, items("DB2")), "archive") == [("document_missing", "停救通知书")]
    assert told(county(rows, items(documents=("停止救助通知书",))), "archive") == []


def test_a_household_with_one_stopped_member_is_active() -> None:
    rows = household({}, {"stop_month": "2022-01", "stop_reason": "死亡"})
    assert told(county(rows, items()), "archive") == []


def test_an_archive_that_names_persons_is_asked_for_each() -> None:
    rows = household({}, {}, {})
    rest = _without("核对授权书")
    named = tuple(f"核对授权书（{r['name']}）" for r in rows)
    assert told(county(rows, items(documents=(*rest, *named))), "archive") == []
    result = found(county(rows, items(documents=(*rest, *named[:2]))), "archive").rows
    assert result.select("rule_id", "record_id").rows() == [("authorisation_missing", rows[2]["record_id"])]
    # one for the whole household beside them is enough
    assert told(county(rows, items(documents=(*DOCUMENTS, *named[:2]))), "archive") == []


def test_items_of_another_scheme_do_not_count() -> None:
    other = household({}, no="DB2", first=9)
    engine = county(household({}) + other, items(scheme="tekun") + items("DB2"))
    assert told(engine, "archive") == [("archive_absent", "整户档案")]


def test_a_list_without_a_row_of_the_scheme_was_not_made_for_it() -> None:
    result = found(county(household({}), items(scheme="tekun")), "archive")
    assert result.rows.is_empty()
    idle = {id: reason for id, title, _, reason in result.not_run if title.startswith("低保档案清单")}
    assert set(idle) == set(ARCHIVE_RULES) and set(idle.values()) == {"档案目录中没有低保的任何材料，未核查"}


def test_an_archive_whose_number_is_on_no_roster() -> None:
    stopped = {"stop_month": "2022-01", "stop_reason": "收入提高"}
    rows = household({}) + household(stopped, no="DB2", first=5)
    listed = items() + items("DB2", ("停救通知书",)) + items("DB7", ("申请书", "公示")) + items("DB8", present=False)
    result = found(county(rows, listed), "archive").rows
    assert result.select("rule_id", "household_no", "evidence_dataset", "record_id").rows() == [
        ("archive_unmatched", "DB7", "archive", "档案.csv#-#DB7002")
    ]
    assert "家庭编号DB7" in result["summary"][0] and result["town"][0] is None
