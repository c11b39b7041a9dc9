"""A rule of one's own: a file and its spec in a folder, seen in everything that comes out; broken ones are refused."""

from __future__ import annotations

import hashlib
import html
import json
import re
import sys
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipeline.cli import main
from pipeline.errors import BadInput
from pipeline.findings import load_rules, own_rules, with_own
from pipeline.findings.rules import catalogue, files_of
from pipeline.findings.spec import try_specs
from pipeline.given import rules_for
from pipeline.policy import pack_for
from pipeline.run import run_audit

RULE = """-- id: machinery_owned
-- title: 名下有农机船舶
-- category: ineligible
-- severity: medium
-- logic: 在册家庭有成员名下登记有农机或船舶，而住房不超过{limits.homes}。
--   不含已停保的家庭。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: machinery
-- policy: limits.homes
-- basis: 《最低生活保障审核确认办法》第十四条
-- identity: registration_no
-- summary: {scheme_zh}家庭成员名下有农机船舶：{items}
-- item: {owner}的{kind}（{registration_no}）
SELECT m.scheme || '|' || m.household_no AS subject, m.scheme AS subject_dataset, m.head_record_id AS record_id,
       m.scheme, m.household_no, 'machinery' AS evidence_dataset, a.record_id AS evidence_record_id,
       m.name AS owner, a.registration_no, a.kind, a.registered_on
FROM member m
JOIN machinery a ON a.person = m.person
WHERE $limits_homes > 0
"""
SPEC = """month: 2022-10

== a member's boat; a person on no roster
dibao
household_no | name | id_number | town
H1           | 张三 | @1        | 长来
machinery
name | id_number | registration_no | kind
张三 | @1        | 粤农001         | 渔船
李四 | @2        | 粤农002         | 拖拉机
expect
record_id | severity | evidence    | summary
dibao#1   | medium   | machinery#1 | 张三的渔船（粤农001）

== a household that was stopped
dibao
household_no | name | id_number | town | stop_month
H1           | 张三 | @1        | 长来 | 2022-10
machinery
name | id_number | registration_no | kind
张三 | @1        | 粤农001         | 渔船
expect: nothing
"""
NAMES = pack_for("2022-10").names


def folder_with(tmp_path: Path, text: str | bytes = RULE, name: str = "ineligible/machinery_owned.sql") -> Path:
    folder = tmp_path / "own"
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def drop(tmp_path: Path) -> Path:
    made = tmp_path / "drop"
    made.mkdir()
    (made / "低保.csv").write_text(
        "家庭编号,姓名,身份证号,镇街\nDB1,王小明,440281199003071239,长来镇\nDB2,陈大文,440281198505051236,廊田镇\n",
        encoding="utf-8",
    )
    (made / "农机船舶.csv").write_text(
        "姓名,身份证号,登记号,类型\n王小明,440281199003071239,粤农001,渔船\n", encoding="utf-8"
    )
    return made


def texts(path: Path) -> str:
    book = openpyxl.load_workbook(path)
    return "\n".join(
        str(c) for sheet in book for row in sheet.iter_rows(values_only=True) for c in row if c is not None
    )


def test_a_rule_of_ones_own_is_seen_in_everything_that_comes_out(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    folder_with(tmp_path, SPEC, "ineligible/machinery_owned.spec")
    ours = tmp_path / "ours.toml"
    ours.write_text('from = "某市民政局"\n[limits]\nhomes = 2\n', encoding="utf-8")
    run_audit(drop(tmp_path), "2022-10", tmp_path / "out", rules_folder=folder, policy_file=ours)
    out = tmp_path / "out" / "2022-10"
    found = pl.read_parquet(out / "findings.parquet").filter(pl.col("rule_id") == "machinery_owned")
    assert found.select("record_id", "category", "severity", "town", "status").rows() == [
        ("低保.csv#-#2", "ineligible", "medium", "长来", "new")
    ]
    assert found["summary"][0] == "低保家庭成员名下有农机船舶：王小明的渔船（粤农001）。"
    assert found["basis"][0] == "《最低生活保障审核确认办法》第十四条"
    town = texts(out / "towns" / "长来.xlsx")
    assert "名下有农机船舶" in town and "王小明的渔船（粤农001）" in town
    assert "王小明" not in texts(out / "towns" / "廊田.xlsx")
    assert "名下有农机船舶" in texts(out / "county.xlsx") and "名下有农机船舶" in (out / "index.html").read_text()
    told = json.loads((out / "run.json").read_text())
    assert told["findings"]["by_rule"]["machinery_owned"] == 1
    assert [(f["file"], f["rule"]) for f in told["own_rules"]] == [
        ("ineligible/machinery_owned.sql", "machinery_owned"),
        ("ineligible/machinery_owned.spec", "machinery_owned"),
    ]
    # the figures that nobody verified, the bureau's own among them, stand in every output
    unverified = pack_for("2022-10", ours).unverified
    assert any("limits.homes" in line and "某市民政局" in line for line in unverified)
    county, page = texts(out / "county.xlsx"), html.unescape((out / "index.html").read_text())
    assert told["policy"]["unverified"] == unverified
    assert [line for line in unverified if line not in county or line not in page] == []
    assert told["policy"]["override"]["sha256"] == hashlib.sha256(ours.read_bytes()).hexdigest()
    assert told["policy"]["override"]["from"] == "某市民政局"
    assert told["own_rules"][0]["sha256"] == hashlib.sha256(RULE.encode()).hexdigest()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("WHERE $limits_homes > 0", "WHERE true; SELECT 1"), "line 19: must be exactly one SELECT"),
        (("SELECT m.scheme || ", "DROP TABLE dibao; SELECT m.scheme || "), "line 14: must be exactly one SELECT"),
        (("JOIN machinery a", "JOIN weather a"), "line 18: unknown or undeclared table weather"),
        (("JOIN machinery a", "JOIN vehicle a"), "line 18: unknown or undeclared table vehicle"),
        (("policy: limits.homes", "policy: limits.houses"), "line 9: unknown policy figure 'limits.houses'"),
        (("$limits_homes > 0", "$limits_patrol_days > 0"), "line 19: parameter $limits_patrol_days is not declared"),
        (("a.registered_on\\n", "today() AS d\\n"), "line 16: function"),
        (("FROM member m", "FROM read_csv('/etc/passwd') m"), "line 17: function read_csv"),
        (("-- basis: 《最低生活保障审核确认办法》第十四条\n", ""), "line 1: the header lacks 'basis'"),
        (("-- item: {owner}", "-- item: {colour}"), "line 13: item names 'colour', which is no column"),
        (("a.kind,", "a.colour AS kind,"), "line 16: Binder Error:"),
        (("a.person = m.person", "a.persons = m.person"), "line 18: Binder Error:"),
        (("{kind}", "{kind:.1f}"), "line 13: item is no sentence with columns in braces (write {kind} alone)"),
        (("WHERE $limits_homes > 0", "WHERE ((("), "cannot be parsed"),
        (("-- id: machinery_owned", "-- id: vehicle_owned"), "line 1: id and category must be the file's name"),
    ],
)
def test_a_broken_rule_is_refused_by_name_and_line_before_the_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: tuple[str, str],
    says: str,
) -> None:
    old = change[0].replace("\\n", "\n")
    assert old in RULE
    folder = folder_with(tmp_path, RULE.replace(old, change[1].replace("\\n", "\n")))
    arguments = ["run", "--drop", drop(tmp_path), "--month", "2022-10", "--out", tmp_path / "out", "--rules", folder]
    monkeypatch.setattr(sys, "argv", ["audit", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert ended.value.code == 2 and told.out == "" and len(told.err.strip().splitlines()) == 1
    assert "ineligible/machinery_owned.sql, line " in told.err and says in told.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("ineligible/machinery_owned.sql", b"\xff\xfe\x00", "ineligible/machinery_owned.sql: cannot be read"),
        ("machinery_owned.sql", RULE, "machinery_owned.sql: a rule file lies where none is looked for"),
        ("wealth/machinery_owned.sql", RULE, "wealth/machinery_owned.sql: a rule file lies where none"),
        ("ineligible/more/machinery_owned.sql", RULE, "more/machinery_owned.sql: a rule file lies where none"),
        ("ineligible/boats.spec", SPEC, "ineligible/boats.spec: a spec without its rule"),
        ("ineligible/readme.txt", "", "file own: the folder has no rule"),
    ],
)
def test_a_folder_that_is_not_as_it_should_be_is_refused(
    tmp_path: Path, name: str, text: str | bytes, says: str
) -> None:
    folder = folder_with(tmp_path, text, name)
    with pytest.raises(BadInput) as refused:
        own_rules(folder, NAMES)
    assert says in str(refused.value)


def test_no_folder_at_all(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="the rules are not a folder"):
        own_rules(tmp_path / "none", NAMES)


def test_an_id_that_is_taken_is_refused_unless_the_file_says_that_it_replaces(tmp_path: Path) -> None:
    same = RULE.replace("machinery_owned", "vehicle_owned")
    folder = folder_with(tmp_path, same, "ineligible/vehicle_owned.sql")
    with pytest.raises(BadInput) as refused:
        rules_for("2022-10", pack_for("2022-10"), folder)
    assert "ineligible/vehicle_owned.sql, line 1: the id 'vehicle_owned' is taken" in str(refused.value)
    assert "-- replaces: vehicle_owned" in str(refused.value)
    folder_with(
        tmp_path, same.replace("-- title", "-- replaces: vehicle_owned\n-- title"), "ineligible/vehicle_owned.sql"
    )
    rules = rules_for("2022-10", pack_for("2022-10"), folder)
    (ours,) = [r for r in rules if r.id == "vehicle_owned"]
    assert ours.own and ours.replaces and ours.title == "名下有农机船舶"
    assert [r.id for r in rules] == [id for id, *_ in catalogue() if id in {r.id for r in rules}]
    assert [f["replaces"] for f in files_of(rules)] == [True]


@pytest.mark.parametrize(
    ("id", "line", "says"),
    [
        ("boats", "-- replaces: boats\n", "line 2: there is no built-in rule 'boats'"),
        ("boats", "-- replaces: vehicle_owned\n", "line 2: only a bureau's own rule replaces"),
        ("required_field_empty", "", "line 1: the id 'required_field_empty' is taken"),
    ],
)
def test_what_cannot_be_replaced(tmp_path: Path, id: str, line: str, says: str) -> None:
    text = RULE.replace("machinery_owned\n", f"{id}\n{line}", 1)
    with pytest.raises(BadInput) as refused:
        rules_for("2022-10", pack_for("2022-10"), folder_with(tmp_path, text, f"ineligible/{id}.sql"))
    assert says in str(refused.value)


def test_two_rules_of_one_id_are_refused(tmp_path: Path) -> None:
    folder_with(tmp_path)
    other = RULE.replace("category: ineligible", "category: missing")
    with pytest.raises(BadInput, match="two rules have the id 'machinery_owned'"):
        own_rules(folder_with(tmp_path, other, "missing/machinery_owned.sql"), NAMES)


def test_a_rule_that_fails_on_the_months_data_ends_the_run_without_showing_a_cell(tmp_path: Path) -> None:
    text = RULE.replace("WHERE $limits_homes > 0", "WHERE CAST(a.registration_no AS INTEGER) > $limits_homes")
    with pytest.raises(BadInput) as refused:
        run_audit(drop(tmp_path), "2022-10", tmp_path / "out", rules_folder=folder_with(tmp_path, text))
    assert "ineligible/machinery_owned.sql: the rule fails on this month's data (ConversionException)" in str(
        refused.value
    )
    assert "粤农" not in str(refused.value) and not (tmp_path / "out").exists()


_SUBJECT = "m.scheme || '|' || m.household_no"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        # a number that is blank on one row only; a LEFT JOIN that met nothing for one of two
        ((f"{_SUBJECT} AS", "nullif(m.household_no, 'DB2') AS"), "subject is empty in 1 of 2 rows"),
        (("'machinery' AS", "a.kind AS"), "evidence_dataset is empty in 1 of 2 rows"),
        ((f"{_SUBJECT} AS", "m.size AS"), "subject is no text — write CAST(subject AS VARCHAR)"),
        (("m.scheme AS subject_dataset", "'低保' AS subject_dataset"), "subject_dataset holds something else"),
        (("m.head_record_id AS record_id", "m.name AS record_id"), "record_id names 2 records that"),
        (("m.name AS owner,", "m.name AS owner, '严重' AS severity,"), "severity holds something else than is known"),
        (("-- item:", "-- money: owner\n-- item:"), "owner is no number, and `money` names it"),
    ],
)  # fmt: skip
def test_rows_that_no_finding_can_be_made_of_end_the_run_without_showing_a_cell(
    tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    text = RULE.replace("JOIN machinery a", "LEFT JOIN machinery a")
    if "evidence" not in says:  # every row rests on the roster, but where that is asked
        text = text.replace("'machinery' AS", "'dibao' AS").replace("a.record_id AS", "m.record_id AS")
    assert change[0] in text
    folder = folder_with(tmp_path, text.replace(*change))
    with pytest.raises(BadInput) as refused:
        run_audit(drop(tmp_path), "2022-10", tmp_path / "out", rules_folder=folder)
    told = str(refused.value)
    assert told.startswith("ineligible/machinery_owned.sql: on this month's data ") and says in told
    assert "粤农" not in told and "王小明" not in told and not (tmp_path / "out").exists()


def test_own_rules_come_after_the_catalogues_and_are_marked(tmp_path: Path) -> None:
    rules = with_own(load_rules(NAMES), own_rules(folder_with(tmp_path), NAMES))
    assert rules[-1].id == "machinery_owned" and rules[-1].own and not any(r.own for r in rules[:-1])


def test_the_spec_beside_a_rule_is_tried(tmp_path: Path) -> None:
    policy = pack_for("2022-10")
    folder = folder_with(tmp_path)
    told, ran = try_specs(folder, policy)
    assert ran == 0 and told == [
        "machinery_owned: ineligible/machinery_owned.spec must show a finding and 'expect: nothing'"
    ]
    month, boat, stopped = SPEC.split("== ")
    scenarios = (
        month, boat, stopped,
        boat.replace("| medium", "| high"),
        stopped.replace("stop_month\n", "stop_reason\n"),
        boat.replace("（粤农001）", "（粤农002）"),
        re.sub(r"machinery\nname.*?(?=expect)", "", boat, flags=re.DOTALL),
    )  # fmt: skip
    folder_with(tmp_path, "\n== ".join(scenarios), "ineligible/machinery_owned.spec")
    told, ran = try_specs(folder, policy)
    assert ran == 6 and len(told) == 4, "two are as they should be"
    assert "expected, not found: dibao#1 | high | machinery#1" in told[0] and "found, not expected" in told[0]
    assert "found, not expected: dibao#1 | machinery#1" in told[1]
    assert "the sentence of dibao#1 lacks" in told[2]
    assert "lacks a dataset that the rule needs" in told[3]


def test_the_readmes_example_does_what_it_says(tmp_path: Path) -> None:
    examples = set()
    for readme in ("README.md", "README.zh-CN.md"):
        text = (Path(__file__).parents[2] / readme).read_text(encoding="utf-8")
        (rule,) = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
        (spec,) = re.findall(r"```\n(month: .*?)```", text, re.DOTALL)
        examples.add((rule, spec))
    for rule, spec in examples:  # one, as long as both say the same
        folder_with(tmp_path, rule)
        assert try_specs(folder_with(tmp_path, spec, "ineligible/machinery_owned.spec"), pack_for("2022-10")) == ([], 2)
