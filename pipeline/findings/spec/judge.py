"""What a rule finds on a scenario, and how it differs from what the scenario expects."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.engine.duck import DuckEngine
from pipeline.findings.rules import Rule, load_rules, own_rules, with_own
from pipeline.findings.spec.grid import Scenario, load_tables, read_grid
from pipeline.findings.stage import examine
from pipeline.identity import make_comparable
from pipeline.linkage import link
from pipeline.policy import Policy, pack_for


def policy_of(scenario: Scenario) -> Policy:
    """The month's policy pack, with the scenario's own figures as a bureau's override."""
    if not scenario.policy:
        return pack_for(scenario.month)
    with tempfile.TemporaryDirectory() as folder:
        override = Path(folder) / scenario.file
        override.write_text("\n".join(scenario.policy), encoding="utf-8")
        return pack_for(scenario.month, override)


def found(engine: DuckEngine, scenario: Scenario, rule: Rule, policy: Policy) -> list[dict[str, Any]]:
    """The findings of one rule on a scenario's tables, by record."""
    load_tables(engine, scenario.tables)
    make_comparable(engine, scenario.present)
    link(engine, scenario.present)
    examine(engine, [rule], scenario.month, policy, scenario.present)
    return list(engine.rows("SELECT * FROM finding_rows ORDER BY record_id, scheme").iter_rows(named=True))


def columns_of(scenario: Scenario) -> list[str]:
    """The columns that are compared as they are: all that the expected rows have, but for the summary."""
    expected = scenario.expected or []
    return [c for c in (list(expected[0]) if expected else ["record_id", "evidence"]) if c != "summary"]


def in_words(finding: dict[str, Any], columns: Sequence[str]) -> dict[str, str]:
    """A finding as a spec writes it."""
    plain = {c: "" if finding[c] is None else str(finding[c]) for c in columns if c not in ("evidence", "screened")}
    if "evidence" in columns:
        plain["evidence"] = " ".join(sorted(e["record_id"] for e in json.loads(finding["evidence"])))
    if "screened" in columns:
        plain["screened"] = "是" if finding["screened"] else "否"
    return plain


def wanted(scenario: Scenario) -> list[dict[str, str]]:
    """The expected rows in the order in which findings come."""
    rows = sorted(scenario.expected or [], key=lambda e: (e["record_id"], e.get("scheme", "")))
    return [{c: " ".join(sorted(e[c].split())) if c == "evidence" else e[c] for c in e} for e in rows]


def wrong(engine: DuckEngine, scenario: Scenario, rule: Rule) -> str:
    """'' when the rule finds what is expected, else what is expected and found, in lines."""
    if not rule.runs_on(scenario.present):
        return "the scenario lacks a dataset that the rule needs"
    columns = columns_of(scenario)
    findings = found(engine, scenario, rule, policy_of(scenario))
    rows, expected = [in_words(f, columns) for f in findings], wanted(scenario)
    bare = [{c: e[c] for c in columns} for e in expected]
    if rows != bare:
        lines = [f"expected, not found: {_line(e)}" for e in bare if e not in rows]
        lines += [f"found, not expected: {_line(r)}" for r in rows if r not in bare]
        return "\n".join(lines or ["the rows are found another number of times than expected"])
    for finding, row in zip(findings, expected, strict=True):
        if row["summary"] not in finding["summary"]:
            return f"the sentence of {row['record_id']} lacks '{row['summary']}': {finding['summary']}"
    return ""


def _line(row: dict[str, str]) -> str:
    return " | ".join(row.values())


def try_specs(folder: Path, policy: Policy) -> tuple[list[str], int]:
    """Run the specs of a bureau's rules: what is wrong, a text each, and how many scenarios there were.

    A rule comes with a spec beside it that shows a finding and a near-miss.
    """
    own = own_rules(folder, policy.names)
    with_own(load_rules(policy.names), own)
    told: list[str] = []
    ran = 0
    engine = DuckEngine()
    try:
        for rule in own:
            spec = rule.file.path.with_suffix(".spec")
            scenarios = read_grid(spec) if spec.is_file() else []
            if not (any(s.expected for s in scenarios) and any(s.expected == [] for s in scenarios)):
                told.append(f"{rule.id}: {rule.category}/{rule.id}.spec must show a finding and 'expect: nothing'")
            for scenario in scenarios:
                ran += 1
                if text := wrong(engine, scenario, rule):
                    told.append(f"{rule.id}, '{scenario.title}':\n  " + text.replace("\n", "\n  "))
    finally:
        engine.close()
    return told, ran
