"""One rule over one scenario on both engines: on Spark as one query, through views of the tables that it reads."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.engine.dialect import check
from pipeline.engine.duck import DuckEngine
from pipeline.engine.spark import SparkEngine
from pipeline.findings import Rule
from pipeline.findings.rules import shared_tables
from pipeline.findings.stage import load_lists, parameters
from pipeline.identity import make_comparable
from pipeline.linkage import link
from pipeline.policy import Policy
from support.both import difference
from support.grid import Scenario, load_tables

_READS = {s.name: check(s, None) for s in shared_tables()}


def _behind(tables: Iterable[str]) -> set[str]:
    """All tables that these are made from, with them."""
    found: set[str] = set()
    left = set(tables)
    while left:
        table = left.pop()
        if table not in found:
            found.add(table)
            left |= _READS.get(table, set())
    return found


def rule_on_both(scenario: Scenario, rule: Rule, policy: Policy, spark: SparkEngine) -> str:
    """'' where the rule's rows are the same on both, else what differs."""
    duck = DuckEngine()
    try:
        load_tables(duck, scenario.tables)
        make_comparable(duck, scenario.present)
        link(duck, scenario.present)
        load_lists(duck, policy, scenario.present)
        params = parameters(scenario.month, policy)
        behind = _behind(check(rule.file, None))
        for table in sorted(behind - set(_READS)):
            spark.drop(table)
            spark.load(table, duck.rows(f'SELECT * FROM "{table}"'), duck.types(table))
        for statement in shared_tables():
            duck.run(statement.sql, params, into=statement.name)
            if statement.name in behind:
                spark.run(statement.sql, params, into=statement.name, view=True)
        return difference(duck.rows(rule.sql, params), spark.rows(rule.sql, params))
    finally:
        duck.close()
