"""The rule loader: a rule file that is not well formed never reaches a run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.reads import figures_read

from pipeline.contract import SCHEMES
from pipeline.engine.dialect import DialectError
from pipeline.engine.statements import SQL
from pipeline.findings import load_rules
from pipeline.findings.rows import fingerprint, plain
from pipeline.findings.rules import catalogue, parse_rule, reads_rosters
from pipeline.findings.stage import NotRun, not_run_of, parameters, runnable
from pipeline.policy import pack_for

POLICY = {"limits.homes", "lists.vehicle_exempt"}
HEADER = {
    "id": "x",
    "title": "标题",
    "category": "care",
    "severity": "high",
    "logic": "护理等级超过{limits.homes}的。",
    "schemes": "tekun",
    "needs": "tekun",
    "policy": "limits.homes",
    "basis": "某办法",
    "identity": "care_level",
    "summary": "{name}的{care_level}",
    "item": "{care_level}",
}
SELECT = (
    "SELECT t.person AS subject, 'tekun' AS subject_dataset, t.record_id, 'tekun' AS scheme, t.household_no,\n"
    "       'tekun' AS evidence_dataset, t.record_id AS evidence_record_id, t.care_level\n"
    "FROM tekun t WHERE $limits_homes > 0 AND $month > '2000-01'"
)


def rule_file(folder: Path, sql: str = SELECT, **header: str | None) -> Path:
    """A rule file under `folder`, well formed but for what is given (None = without that line)."""
    lines = {k: v for k, v in (HEADER | header).items() if v is not None}
    path = folder / "care" / "x.sql"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"-- {k}: {v}\n" for k, v in lines.items()) + sql + "\n", encoding="utf-8")
    return path


def test_a_well_formed_rule_is_read(tmp_path: Path) -> None:
    rule = parse_rule(rule_file(tmp_path), POLICY)
    assert (rule.id, rule.category, rule.severity, rule.needs) == ("x", "care", "high", ("tekun",))
    assert rule.identity == ("care_level",) and rule.policy == ("limits.homes",)
    assert reads_rosters(rule) == ("tekun",)
    assert [r.id for r in load_rules(POLICY, tmp_path)] == ["x"]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ({"author": "me"}, "unknown header line 'author'"),
        ({"basis": None}, "the header lacks 'basis'"),
        ({"summary": ""}, "the header lacks 'summary'"),
        ({"id": "y"}, "id and category must be the file's name and folder"),
        ({"category": "payment"}, "id and category must be the file's name and folder"),
        ({"severity": "urgent"}, "severity is one of high, medium, low"),
        ({"needs": "tekun, weather"}, "unknown dataset 'weather'"),
        ({"partly": "weather"}, "unknown dataset 'weather'"),
        ({"needs": "tekun, death|weather"}, "line 7: unknown dataset 'weather'"),
        ({"policy": "limits.home"}, "line 8: unknown policy figure 'limits.home'"),
        ({"policy": None, "logic": "一句。"}, "line 14: parameter $limits_homes is not declared under policy"),
        ({"policy": None}, "line 5: logic names 'limits.homes', which is not declared under policy"),
        ({"logic": None}, "line 1: the header lacks 'logic'"),
        ({"id": "X-1"}, "line 1: the id is made of"),
        ({"money": "care_pay"}, "money names 'care_pay'"),
        ({"summary": "{name"}, "summary is no sentence with columns in braces"),
        ({"summary": "{name}{}"}, "summary names ''"),
        ({"replaces": "x"}, "only a bureau's own rule replaces"),
        ({"summary": "{name}{colour}"}, "summary names 'colour'"),
        ({"item": "{name}"}, "item names 'name'"),
        ({"identity": "care_level, colour"}, "identity names 'colour'"),
    ],
)
def test_a_wrong_header_is_refused_by_file_and_reason(tmp_path: Path, header: dict[str, str | None], says: str) -> None:
    with pytest.raises(DialectError) as refused:
        parse_rule(rule_file(tmp_path, **header), POLICY)
    assert re.match(r"care/x\.sql, line \d+: ", str(refused.value))
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("FROM tekun t", "FROM tekun t JOIN vehicle v ON true"), "line 15: unknown or undeclared table vehicle"),
        (("t.care_level\n", "date_diff('day', $as_of, $as_of) AS care_level\n"), "line 14: function date_diff"),
        (("t.care_level\n", "t.care_level[1:2] AS care_level\n"), "line 14: bracket differs"),
        (("FROM tekun t", "FROM tekun t; SELECT 1"), "line 15: must be exactly one SELECT"),
        (
            ("'tekun' AS scheme, t.household_no", "t.household_no, 'tekun' AS scheme"),
            "line 13: the first columns must be",
        ),
        (("$month", "$moon"), "line 15: parameter $moon is not declared"),
    ],
)
def test_a_wrong_select_is_refused(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    assert change[0] in SELECT
    with pytest.raises(DialectError) as refused:
        parse_rule(rule_file(tmp_path, SELECT.replace(*change)), POLICY)
    assert str(refused.value).startswith("care/x.sql") and says in str(refused.value)


def test_the_projects_own_rules_load_in_the_catalogues_order() -> None:
    policy = pack_for("2022-10")
    rules = load_rules(policy.names)
    assert {r.id for r in rules} == {p.stem for p in (SQL / "rules").glob("*/*.sql")}
    order = [rule for rule, *_ in catalogue()]
    assert [r.id for r in rules] == [r for r in order if r in {x.id for x in rules}]
    assert {(r.id, r.title, r.category) for r in rules} <= set(catalogue())


def test_the_catalogue_names_every_rule_once() -> None:
    ids = [rule for rule, *_ in catalogue()]
    assert len(ids) == len(set(ids)) == 38


def test_every_rule_declares_the_figures_it_hangs_on_those_of_shared_tables_too() -> None:
    # whom leads may be about, and what sets them apart, hangs on the figures of other rules, which these say
    beside = frozenset({"lead", "unit_member", "unit", "concerned", "screening"})
    for rule in load_rules(pack_for("2022-10").names):
        assert figures_read(rule, without=beside) == set(rule.policy), rule.id


def test_every_rule_says_in_chinese_what_it_flags_and_what_not() -> None:
    for rule in load_rules(pack_for("2022-10").names):
        assert rule.logic.endswith("。") and rule.logic.count("。") >= 2, rule.id
        assert re.search("不列入|不含|不算|不计|除外", rule.logic), rule.id
        assert " " not in rule.logic and not re.search(r"[a-z]", re.sub(r"\{[^}]*\}", "", rule.logic)), rule.id


def test_parameters_hold_the_month_and_the_figures() -> None:
    found = parameters("2022-02", pack_for("2022-02"))
    assert (found["month"], str(found["as_of"]), found["last_year"]) == ("2022-02", "2022-02-28", 2021)
    assert found["limits_homes"] == 1 and found["income_line_borderline"] == 1.5
    assert all(k.isascii() for k in found)


def test_what_wants_a_dataset_is_not_run_and_says_which(tmp_path: Path) -> None:
    rule = parse_rule(rule_file(tmp_path, needs="tekun, care_assessment", partly="death"), POLICY)
    told = [n for n in not_run_of([rule], {"tekun"}) if n.id == "x"]
    assert told == [NotRun("x", "标题", "care", "rule", "缺少护理评估（care_assessment），未核查")]
    assert runnable([rule], {"tekun"}) == []
    told = [n for n in not_run_of([rule], {"tekun", "care_assessment"}) if n.id == "x"]
    assert [n.reason for n in told] == ["部分核查：缺少死亡（death）数据，未作排除"]
    assert runnable([rule], {"tekun", "care_assessment"}) == [rule]
    assert not [n for n in not_run_of([rule], {"tekun", "care_assessment", "death"}) if n.id == "x"]


def test_of_two_datasets_one_may_be_enough(tmp_path: Path) -> None:
    rule = parse_rule(rule_file(tmp_path, needs="tekun, death|prison"), POLICY)
    assert (rule.needs, rule.one_of) == (("tekun",), (("death", "prison"),))
    told = [n.reason for n in not_run_of([rule], {"tekun"}) if n.id == "x"]
    assert told == ["缺少死亡（death）或服刑（prison），未核查"] and not rule.runs_on({"tekun"})
    told = [n.reason for n in not_run_of([rule], {"tekun", "prison"}) if n.id == "x"]
    assert told == ["部分核查：缺少死亡（death）数据"] and rule.runs_on({"tekun", "prison"})
    assert not [n for n in not_run_of([rule], {"tekun", "prison", "death"}) if n.id == "x"]


def test_every_list_that_rules_out_a_stopped_household_is_told_where_it_is_absent() -> None:
    rule = next(r for r in load_rules(pack_for("2022-10").names) if r.id == "wrongly_stopped")
    told = " ".join(n.reason for n in not_run_of([rule], {*SCHEMES, "monitored"}) if n.id == rule.id)
    for dataset_id in ("vehicle", "property", "business", "deposit", "employment", "pension", "public_payroll", "tax"):
        assert f"（{dataset_id}）" in told, dataset_id


def test_a_missing_roster_is_told_too(tmp_path: Path) -> None:
    rule = parse_rule(rule_file(tmp_path, schemes=", ".join(SCHEMES), needs="death", sql=SELECT), POLICY)
    partly = [n.reason for n in not_run_of([rule], {"tekun", "dibao", "borderline", "death"}) if n.id == "x"]
    assert partly == ["部分核查：缺少支出型（expenditure）名册"]
    none = [n.reason for n in not_run_of([rule], {"death"}) if n.id == "x"]
    assert len(none) == 1 and none[0].endswith("未核查")
    assert runnable([rule], {"death"}) == []


def test_rules_that_are_not_built_are_told() -> None:
    told = not_run_of([], set())
    assert len(told) == 38 and {n.kind for n in told} == {"rule"}


def test_a_fingerprint_hangs_on_rule_subject_and_evidence_alone() -> None:
    assert fingerprint("r", "p", ["b", "a", "a"]) == fingerprint("r", "p", ["a", "b"])
    others = {fingerprint("r", "p", ["a"]), fingerprint("q", "p", ["a"]), fingerprint("r", "o", ["a"])}
    assert len(others | {fingerprint("r", "p", ["a", "b"])}) == 4


def test_values_are_shown_plainly() -> None:
    import datetime
    from decimal import Decimal

    assert plain(datetime.date(2022, 1, 2)) == "2022-01-02"
    assert plain(Decimal("500.00")) == 500 and plain(Decimal("500.50")) == 500.5
    assert plain(3.0) == 3 and plain(3.5) == 3.5 and plain(None) is None and plain(True) is True
