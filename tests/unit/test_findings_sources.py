"""Which columns a rule reads, and what a doubtful source means for the rules and checks that read it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from checks_county import MONTH, county, household, items

from checks import Fault, examine_run, failing_rows
from pipeline.contract import DATASETS
from pipeline.findings import load_rules
from pipeline.findings.columns import columns_read
from pipeline.findings.rules import Rule, parse_rule, reads_rosters
from pipeline.findings.sources import partly_run
from pipeline.policy import pack_for

NAMES = pack_for("2022-10").names
RULES = {r.id: r for r in load_rules(NAMES)}
READ = columns_read(RULES.values())
FAULT = Fault("column_blank", "关键栏目大量空白", "vehicle", "id_number", "", "-", "", 402, 1000, 0.402, 0.2, None,
              "车辆：身份证号为空40.2%（402/1,000行）", "")  # fmt: skip

OWN = """-- id: own
-- title: 有公积金
-- category: ineligible
-- severity: low
-- logic: 有公积金余额
-- schemes: dibao
-- needs: housing_fund
-- basis: 本市
-- identity: employer
-- summary: {items}
-- item: {employer}
SELECT p.scheme AS subject, p.scheme AS subject_dataset, p.head_record_id AS record_id, p.scheme, p.household_no,
       'housing_fund' AS evidence_dataset, f.record_id AS evidence_record_id, f.employer
FROM household_person p
JOIN (SELECT * FROM housing_fund WHERE balance > 0) f ON f.person = p.person
WHERE EXISTS (SELECT 1 FROM roster r WHERE r.person = f.person AND r.village = '一村')
"""


def of(rule: str, dataset: str) -> set[str]:
    return {c for d, c in READ[rule] if d == dataset}


def test_columns_are_found_through_shared_tables_and_persons() -> None:
    assert of("vehicle_owned", "vehicle") == {"id_number", "name", "plate", "kind", "use", "registered_on", "status"}
    assert of("assets_over_limit", "deposit") == {"id_number", "name", "institution", "balance", "as_of"}
    assert of("deceased_on_roster", "death") == {"id_number", "name", "died_on", "origin"}
    assert "payee_id_number" in of("paid_after_death", "payment")


def test_what_a_shared_table_shows_beside_does_not_count() -> None:
    assert {"covered", "household_no"} <= of("deceased_on_roster", "dibao")
    assert not {"area", "stop_reason", "village"} & of("deceased_on_roster", "dibao"), "`roster` has them too"
    assert of("patrol_missing", "dibao") == {"start_month", "stop_month"}, "what the union filters by, no more"
    assert of("in_prison", "death") == set()


def test_every_rule_reads_every_dataset_that_it_needs() -> None:
    for rule in RULES.values():
        for dataset_id in rule.needs:
            assert of(rule.id, dataset_id), (rule.id, dataset_id)
        assert any(of(rule.id, r) for r in reads_rosters(rule)), rule.id
        assert all(DATASETS[d].has(c) for d, c in READ[rule.id]), rule.id


def test_a_rule_of_ones_own_with_a_star_and_a_subquery(tmp_path: Path) -> None:
    path = tmp_path / "ineligible" / "own.sql"
    path.parent.mkdir()
    path.write_text(OWN, encoding="utf-8")
    reads = columns_read([parse_rule(path, NAMES)])["own"]
    assert {c for d, c in reads if d == "housing_fund"} == {"id_number", "name", "employer", "balance"}
    assert ("dibao", "village") in reads and ("dibao", "area") not in reads


def reasons(*faults: Fault, rules: list[Rule] | None = None) -> dict[str, str]:
    told = partly_run(rules or list(RULES.values()), [], faults)
    return {n.id: n.reason for n in told if n.kind == "rule"}


def test_rules_that_read_the_column_are_run_in_part_and_say_why() -> None:
    told = partly_run(list(RULES.values()), [], [FAULT])
    assert (told[0].id, told[0].category, told[0].kind, told[0].reason) == (
        "column_blank", "run", "check", FAULT.sentence,
    )  # fmt: skip
    assert reasons(FAULT) == {
        "vehicle_owned": "部分核查：车辆：身份证号为空40.2%（402/1,000行），本月只核查了其余部分",
        "wrongly_stopped": "部分核查：车辆：身份证号为空40.2%（402/1,000行），只按其余部分作了排除",
    }
    assert told[1].category == "ineligible" and told[1].title == "名下有机动车"
    assert reasons(replace(FAULT, column="phone")) == {}
    assert partly_run(list(RULES.values()), [], []) == []


def test_a_blank_column_of_a_roster_concerns_whoever_speaks_of_the_roster() -> None:
    told = reasons(replace(FAULT, dataset="tekun", column="care_amount", sentence="特困：照料护理费为空90%（9/10行）"))
    assert set(told) == {"care_pay_mismatch", "amount_mismatch"}
    numbers = reasons(replace(FAULT, dataset="dibao", sentence="低保：身份证号为空90%（9/10行）"))
    assert {"vehicle_owned", "severe_disability_uncovered", "enrolled_twice"} <= set(numbers)
    assert "patrol_missing" not in numbers and "temporary_repeated" not in numbers


def test_a_dataset_that_shrank_concerns_whoever_declares_it() -> None:
    fewer = replace(FAULT, rule_id="rows_fallen", column="", sentence="车辆：本月69行，上月100行，少了31%")
    assert set(reasons(fewer)) == {"vehicle_owned", "wrongly_stopped"}


def test_several_faults_stand_in_one_reason_and_a_whole_dataset_for_its_files() -> None:
    files = [replace(FAULT, file=f"车辆_{n}.csv", sentence=f"车辆（车辆_{n}.csv）：身份证号为空90%") for n in range(6)]
    assert reasons(*files)["vehicle_owned"].count("身份证号为空") == 4
    assert reasons(*files)["vehicle_owned"].endswith("等共6处，本月只核查了其余部分")
    assert reasons(FAULT, *files)["vehicle_owned"] == reasons(FAULT)["vehicle_owned"]
    dead = replace(FAULT, dataset="death", sentence="死亡：身份证号为空50%（5/10行）")
    assert reasons(FAULT, dead)["wrongly_stopped"].count("；") == 1


def checks_told(dataset: str, column: str) -> set[tuple[str, str]]:
    people = household({}, {})
    engine = county(people, items(), household_register=[])
    found = failing_rows(engine, MONTH, {"dibao", "archive", "household_register"})
    told = partly_run([], found.suites, [replace(FAULT, dataset=dataset, column=column)])
    return {(n.category, n.id) for n in told if n.category != "run"}


def test_checks_that_read_the_column_are_run_in_part() -> None:
    assert ("data", "name_conflict") in checks_told("household_register", "id_number")
    own = checks_told("dibao", "id_number")
    assert {("data", "id_number_invalid"), ("data", "identity_conflict"), ("data", "sex_conflict")} <= own
    assert ("data", "required_field_empty") not in own, "it tells each blank by itself"
    assert {c for c, _ in checks_told("archive", "document")} == {"archive"}
    assert checks_told("vehicle", "id_number") == set()


@pytest.mark.parametrize("rule", sorted(RULES))
def test_examined_columns_exist_for_every_rule(rule: str) -> None:
    assert READ[rule]


def test_a_fault_of_the_run_carries_the_figures_to_the_reason() -> None:
    blank = [{"record_id": f"v{n}", "file": "v", "sheet": "-", "row": n, "name": "甲",
              "id_number": None if n < 6 else "x"} for n in range(10)]  # fmt: skip
    run = examine_run(county(household({}), vehicle=blank), [], {"dibao", "vehicle"}, pack_for(MONTH).run_limits)
    assert reasons(*run.faults)["vehicle_owned"] == "部分核查：车辆：身份证号为空60%（6/10行），本月只核查了其余部分"
