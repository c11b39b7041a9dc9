"""Every rule against its spec: a text grid of what comes in and what must be found, on every engine.

The grids run through the real stages: identity, linkage, the rule. `tests/support/grid.py` says how they are written.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from support.grid import GridError, Scenario, load_tables, read_grid

from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import SQL
from pipeline.findings import Rule, examine, load_rules
from pipeline.findings.spec.judge import columns_of, found, in_words, policy_of, wanted
from pipeline.identity import make_comparable
from pipeline.linkage import link
from pipeline.policy import pack_for

SPECS = Path(__file__).parent
RULES = sorted(p.stem for p in (SQL / "rules").glob("*/*.sql"))
SCENARIOS = [s for p in sorted(SPECS.glob("*.spec")) for s in read_grid(p)]


@pytest.fixture(scope="module")
def rules() -> dict[str, Rule]:
    policy = pack_for("2022-10")
    return {r.id: r for r in load_rules(policy.names)}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[f"{Path(s.file).stem}-{s.title}" for s in SCENARIOS])
def test_spec(scenario: Scenario, engine: DuckEngine, rules: dict[str, Rule]) -> None:
    rule = rules[Path(scenario.file).stem]
    assert rule.runs_on(scenario.present), "the scenario lacks a dataset that the rule needs"
    findings = found(engine, scenario, rule, policy_of(scenario))
    columns, expected = columns_of(scenario), wanted(scenario)
    assert [in_words(f, columns) for f in findings] == [{c: e[c] for c in columns} for e in expected]
    for finding, row in zip(findings, expected, strict=True):
        assert row["summary"] in finding["summary"]
        assert not re.search(r"None|[{}]|。。", finding["summary"]), finding["summary"]
        assert finding["summary"].endswith("。")
        assert (finding["rule_id"], finding["category"]) == (rule.id, rule.category)
        assert finding["basis"] == rule.basis
        assert re.fullmatch(r"[0-9a-f]{32}", finding["fingerprint"])
    assert len({f["fingerprint"] for f in findings}) == len(findings)


def test_two_runs_give_the_same_findings_in_the_same_order(engine: DuckEngine, rules: dict[str, Rule]) -> None:
    """All rules over all datasets of one spec's scenarios, with the rows of every table in two orders."""
    own = [s for s in SCENARIOS if s.file == "severe_disability_uncovered.spec"]
    scenario = max(own, key=lambda s: len(s.expected or []))
    policy = pack_for(scenario.month)
    runs = []
    for step in (1, 1, -1):
        load_tables(engine, {dataset: rows[::step] for dataset, rows in scenario.tables.items()})
        make_comparable(engine, scenario.present)
        link(engine, scenario.present)
        examine(engine, list(rules.values()), scenario.month, policy, scenario.present)
        runs.append(engine.rows("SELECT * FROM finding_rows"))
    assert runs[0].height > 3
    assert runs[0].equals(runs[1]) and runs[0].equals(runs[2])


@pytest.mark.parametrize("rule_id", RULES)
def test_every_rule_has_a_spec_with_a_finding_and_a_near_miss(rule_id: str) -> None:
    own = [s for s in SCENARIOS if s.file == f"{rule_id}.spec"]
    assert own, f"tests/spec/{rule_id}.spec is missing: a rule comes with its spec"
    assert any(s.expected for s in own), f"{rule_id}.spec shows nothing that is found"
    assert any(s.expected == [] for s in own), f"{rule_id}.spec has no near-miss ('expect: nothing')"


def test_no_spec_without_a_rule() -> None:
    assert {Path(s.file).stem for s in SCENARIOS} <= set(RULES)


def test_titles_are_told_apart() -> None:
    titles = [(s.file, s.title) for s in SCENARIOS]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("== a\nnobody\nname\n", "line 2: 'nobody' is no dataset"),
        ("== a\ndeath\nname | colour\n", "line 3: unknown column 'colour' of death"),
        ("== a\ndeath\nname | died_on\n张三\n", "line 4: 1 cells under 2 columns"),
        ("== a\ndeath\nname | died_on\n张三 | 2022-13-01\n", "line 4: month must be in 1..12"),
        ("== a\nexpect\nrecord_id | severity\n", "line 3: expect lacks 'evidence'"),
        ("== a\ndeath\nname\n", "'a': nothing is expected"),
        ("death\n", "line 1: a line before the first scenario"),
    ],
)
def test_a_grid_that_is_wrong_says_where(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "x.spec"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GridError) as refused:
        read_grid(path)
    assert says in str(refused.value)


def test_cells_are_typed(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "x.spec"
    path.write_text(
        "month: 2022-10\n== a\ndibao\nhousehold_no | name | id_number | covered | monthly_amount | last_review_on\n"
        "H1 | 张三 | @1 | 否 | 530.50 | 2022-01-31\nH1 | | @1-15 | | |\nexpect: nothing\n",
        encoding="utf-8",
    )
    load_tables(engine, read_grid(path)[0].tables)
    rows = engine.rows(
        "SELECT record_id, name, id_number, covered, monthly_amount::VARCHAR AS amount, last_review_on FROM dibao"
    )
    assert rows.columns[0] == "record_id" and rows.schema["last_review_on"] == pl.Date
    first, second = rows.rows()
    assert first[:2] == ("dibao#1", "张三") and first[3:5] == (False, "530.50")
    assert second[:2] == ("dibao#2", None) and len(second[2]) == 15 and second[3:] == (None, None, None)
