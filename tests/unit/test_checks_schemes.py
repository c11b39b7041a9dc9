"""The suites of every roster: each finds its fault and leaves the near-miss beside it alone."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pytest
from checks_county import MONTH, county
from checks_schemes import OWN, found_of, roster_county, rows, told_each

from checks.catalogue import ARCHIVE_RULES, DATA_RULES, Scope, asked, load
from checks.roster_suite import roster_suite
from pipeline.contract import DATASETS, ROSTERS

Findings = list[tuple[str, str]]
DAY = dt.date
VALID, REVIEWED = "valid_until", "last_review_on"
OVERDUE = [("review_overdue", REVIEWED)]
SCHEMES = tuple(OWN)
FAMILIES = ("borderline", "expenditure")
STOPPED = {"stop_month": "2022-05", "stop_reason": "收入提高"}


def _order(later: str) -> Findings:
    return [("month_order", f"start_month<{later}")]


def _empty(field: str) -> Findings:
    return [("required_field_empty", field)]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_id_is_asked_or_said_not_to_be(scheme: str) -> None:
    """No id of the catalogue is left out silently."""
    suite, _ = roster_suite(Scope(MONTH, frozenset({scheme, "household_register"})), scheme)
    assert {check.rule.id for check in suite.checks} == set(asked(Scope(MONTH, frozenset()), scheme))
    assert set(DATA_RULES) - {check.rule.id for check in suite.checks} == set(load(scheme).get("not_asked", {}))
    documents = load(f"{scheme}_archive")["document"]
    assert all(isinstance(d["verified"], bool) and d["basis"] for d in documents)
    assert {d.get("missing", "document_missing") for d in documents} <= set(ARCHIVE_RULES)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_required_field_is_missed_where_it_is_empty(scheme: str) -> None:
    conditions = {
        "disability_declared": {"disability_type": "肢体", "disability_level": "2"},
        "stopped": {"stop_month": "2022-05"},
        "in_institution": {"support_mode": "集中"},
        "with_carer": {"carer_name": "某", "carer_id_number": "x"},
    }
    asked = [(entry["field"], conditions.get(entry["when"], {})) for entry in load(scheme)["required"]]
    (row,) = rows(scheme, {})
    empty = [given | {field: None} for field, given in asked]
    filled = [given | {field: given.get(field, row.get(field) or "某")} for field, given in asked]
    faultless, *told = told_each(scheme, [[change] for change in ({}, *empty, *filled)])
    assert faultless == []
    for (field, given), missed, whole in zip(asked, told[: len(asked)], told[len(asked) :], strict=True):
        want = ("required_field_empty", field)
        if field in ("id_number", "name", "town") or field not in given:
            assert want in missed, (scheme, field)
        assert want not in whole, (scheme, field)


CASES: list[tuple[str, str, list[dict[str, Any]], Findings]] = [
    ("tekun", "an institution where one lives in one", [{"support_mode": "集中"}], _empty("institution")),
    ("tekun", "none where one lives at home", [{"institution": None}], []),
    ("tekun", "a carer without a number", [{"carer_name": "某"}], _empty("carer_id_number")),
    ("tekun", "no carer: a rule speaks of that", [{"care_level": "全护理", "self_care": "失能"}], []),
    ("tekun", "a stopped one: the reason", [{"stop_month": "2022-05", "area": None}], _empty("stop_reason")),
    ("tekun", "a care level outside its list", [{"care_level": "一级"}], [("code_unknown", "care_level")]),
    ("tekun", "no sum", [{"monthly_amount": 0.0}], [("amount_out_of_range", "monthly_amount")]),
    ("tekun", "a negative care sum", [{"care_amount": -1.0}], [("amount_out_of_range", "care_amount")]),
    ("tekun", "a care sum of nought: a rule speaks of that", [{"care_amount": 0.0}], []),
    ("tekun", "stop before start", [{"stop_month": "2019-12", "stop_reason": "死亡"}], _order("stop_month")),
    ("borderline", "valid until before its start", [{VALID: DAY(2019, 12, 31)}], _order("valid_until_month")),
    ("borderline", "valid until the month of its start", [{VALID: DAY(2020, 1, 31)}], []),
    ("borderline", "reviewed a year and a day ago", [{REVIEWED: DAY(2021, 10, 30)}], OVERDUE),
    ("borderline", "reviewed a year ago", [{REVIEWED: DAY(2021, 10, 31)}], []),
    ("borderline", "never reviewed, new", [{REVIEWED: None, "start_month": "2022-03"}], []),
    ("borderline", "a disability without its kind", [{"disability_level": "2"}], _empty("disability_type")),
    ("borderline", "no head", [{"relation": "配偶"}, {}], [("household_without_head", "relation")]),
    ("expenditure", "two heads", [{}, {"relation": "户主"}], [("household_head_repeated", "relation")]),
    ("expenditure", "no spending", [{"rigid_expenditure": 0.0}], [("amount_out_of_range", "rigid_expenditure")]),
    ("expenditure", "no income", [{"per_capita_income": 0.0}], []),
    ("expenditure", "a start after the month", [{"start_month": "2022-11"}], _order("audit_month")),
    ("temporary", "a kind outside its list", [{"kind": "其他型"}], [("code_unknown", "kind")]),
    ("temporary", "a grant of nothing", [{"amount": 0.0}], [("amount_out_of_range", "amount")]),
    ("temporary", "an old grant too", [{"granted_on": DAY(2019, 1, 2), "village": None}], _empty("village")),
    ("temporary", "no size of the household", [{"household_size": None}], _empty("household_size")),
]  # fmt: skip


@cache
def _told(scheme: str) -> dict[str, Findings]:
    """Case → what is told of it; all of a scheme's cases beside each other."""
    cases = {name: changes for of, name, changes, _ in CASES if of == scheme}
    return dict(zip(cases, told_each(scheme, list(cases.values())), strict=True))


@pytest.mark.parametrize(
    ("scheme", "name", "expected"), [(c[0], c[1], c[3]) for c in CASES], ids=[f"{c[0]}: {c[1]}" for c in CASES]
)
def test_fault_and_near_miss(scheme: str, name: str, expected: Findings) -> None:
    assert _told(scheme)[name] == expected


@pytest.mark.parametrize("scheme", [s for s in SCHEMES if s != "dibao"])
def test_a_person_listed_twice_under_one_number(scheme: str) -> None:
    first, second = rows(scheme, {}, {})
    again = second | {k: first[k] for k in ("name", "id_number", "birth_date", "sex")}
    others = rows(scheme, {}, {}, no="N2", first=3)
    (row,) = found_of(scheme, roster_county(scheme, [first, again, *others])).rows.to_dicts()
    assert row["rule_id"] == "person_repeated" and row["record_id"] == again["record_id"]
    assert ("同户另一行" in row["summary"]) == (scheme in FAMILIES)


@pytest.mark.parametrize(("scheme", "field", "usual", "most", "more"), [
    ("tekun", "monthly_amount", 1000.0, 3000.0, 3000.01),
    ("temporary", "amount", 500.0, 10000.0, 10000.01),
    ("borderline", "per_capita_income", 500.0, 4000.0, 4000.01),
    ("expenditure", "rigid_expenditure", 1000.0, 15000.0, 15000.01),
])  # fmt: skip
def test_an_amount_far_above_the_county(scheme: str, field: str, usual: float, most: float, more: float) -> None:
    made = [r for n in range(1, 9) for r in rows(scheme, {field: usual}, no=f"N{n}", first=n)]
    made += rows(scheme, {field: most}, no="N9", first=9) + rows(scheme, {field: more}, no="N10", first=10)
    found = found_of(scheme, roster_county(scheme, made)).rows
    assert found.select("rule_id", "household_no").rows() == [("amount_out_of_range", "N10")]
    assert "倍数待核定" in found["summary"][0]


@pytest.mark.parametrize(("scheme", "field"), [("dibao", "monthly_amount"), ("expenditure", "rigid_expenditure")])
def test_a_household_s_sum_is_judged_a_head(scheme: str, field: str) -> None:
    """A sum that is too much for one is not for three; a sum a head is, however many there are."""
    made = [r for n in range(1, 9) for r in rows(scheme, {field: 900.0}, no=f"N{n}", first=n)]
    times = {"dibao": 6, "expenditure": 15}[scheme]
    made += rows(scheme, *({field: 900.0 * times * 3} for _ in range(3)), no="N9", first=9)
    made += rows(scheme, *({field: 900.0 * times * 3 + 1} for _ in range(3)), no="N10", first=12)
    found = found_of(scheme, roster_county(scheme, made)).rows
    assert found.select("rule_id", "household_no").rows() == [("amount_out_of_range", "N10")]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_faultless_archive_and_each_document_missing(scheme: str) -> None:
    asked = [d for d in load(f"{scheme}_archive")["document"] if d["of"] == "active"]
    asked = [d for d in asked if d.get("when") != "disability_declared"]
    names = [d["zh"] if d["zh"] != "供养协议或照料协议" else "供养协议" for d in asked]
    options: list[dict[str, Any]] = [{}, {"signed_by": None}, {"signed_on": None}]
    options += [{"without": (name,)} for name in names]
    whole, unsigned, undated, *lacking = told_each(scheme, [[{}]] * len(options), options)
    assert whole == []
    for document, told in zip(asked, lacking, strict=True):
        assert told == [(document.get("missing", "document_missing"), document["zh"])], (scheme, document["zh"])
    sealed = {d["zh"] for d in load(f"{scheme}_archive")["document"] if d.get("signed_and_dated")}
    assert sealed == (
        {"审批表"}
        if scheme == "temporary"
        else {"入户调查表", "审核确认表"} | ({"生活自理能力评估表"} if scheme == "tekun" else set())
    )
    assert unsigned == sorted(("document_unsigned", zh) for zh in sealed)
    assert undated == sorted(("document_undated", zh) for zh in sealed)


def _archives(scheme: str, *cases: tuple[dict[str, Any], dict[str, Any]]) -> list[Findings]:
    """What is told of a household of one each: (changes of its row, options of its papers)."""
    return told_each(scheme, [[change] for change, _ in cases], [options for _, options in cases])


def test_documents_asked_only_where_their_condition_holds() -> None:
    declared = {"disability_type": "肢体", "disability_level": "2"}
    for scheme in FAMILIES:
        missing, there = _archives(scheme, (declared, {}), (declared, {"more": ("第二代残疾人证复印件",)}))
        assert missing == [("document_missing", "残疾证")] and there == []
    check, urgent, unknown = {"without": ("核对授权书", "核对报告")}, {"kind": "急难型"}, {"kind": None}
    spending, hurried, groundless, either = _archives(
        "temporary", ({}, check), (urgent, check), (urgent, {"without": ("事由证明",)}), (unknown, check)
    )
    assert spending == [("authorisation_missing", "核对授权书"), ("document_missing", "核对报告")]
    assert hurried == [] and groundless == [("document_missing", "事由证明")]
    # the general procedure where the kind is not known, but no report
    assert ("authorisation_missing", "核对授权书") in either
    assert ("document_missing", "核对报告") not in either


@pytest.mark.parametrize("scheme", ["tekun", *FAMILIES])
def test_a_stopped_household_needs_the_notice_alone(scheme: str) -> None:
    without = {"without": PAPERS_ONCE}
    missing, there = _archives(scheme, (STOPPED, without), (STOPPED, without | {"more": ("终止救助通知书",)}))
    assert missing == [("document_missing", "停救通知书")] and there == []


PAPERS_ONCE = ("公示", "入户调查表", "申请书", "核对授权书")
OTHER_NAMES = {
    "tekun": (
        ("供养协议", "委托照料护理协议（照料协议）"),
        ("供养协议", "特困人员照护协议书"),
        ("生活自理能力评估表", "特困人员生活自理能力评估表（2022年）"),
        ("赡养人情况", "法定义务人情况表"),
    ),
    "expenditure": (("支出凭证", "住院医疗发票"),),
    "temporary": (("事由证明", "市人民医院疾病诊断证明书"), ("审批表", "临时救助审批表")),
    "borderline": (("审核确认表", "低保边缘家庭审核审批表"),),
}


@pytest.mark.parametrize("scheme", OTHER_NAMES)
def test_a_document_under_another_well_known_name(scheme: str) -> None:
    names = OTHER_NAMES[scheme]
    told = _archives(scheme, *(({}, {"without": (instead,), "more": (name,)}) for instead, name in names))
    assert [name for name, found in zip(names, told, strict=True) if found] == []


def test_rosters_stand_beside_each_other() -> None:
    """All five at once, a gap in each: every one under its own scheme."""
    tables = {s: rows(s, {"village": None}, no=f"{s}1", first=10 * n) for n, s in enumerate(SCHEMES, 1)}
    found = found_of("dibao", county(tables.pop("dibao"), **tables), *SCHEMES).rows
    assert sorted(found["scheme"].to_list()) == sorted(ROSTERS)
    assert set(found["rule_id"]) == {"required_field_empty"} and set(DATASETS) >= set(found["evidence_dataset"])
