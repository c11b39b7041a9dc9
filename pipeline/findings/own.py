"""A bureau's own rules tried out on empty tables, so that a column that there is not stops them before the run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pipeline.contract import DATASETS
from pipeline.engine.duck import DuckEngine, SqlError
from pipeline.errors import BadInput
from pipeline.findings.rule_file import Rule
from pipeline.findings.rules import shared_tables
from pipeline.findings.stage import load_lists, parameters
from pipeline.identity import make_comparable
from pipeline.linkage import link
from pipeline.policy import Policy

_LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)


@contextmanager
def empty_drop(month: str, policy: Policy) -> Iterator[DuckEngine]:
    """An engine with every table that a rule may read, as of a drop in which every dataset came empty."""
    engine = DuckEngine()
    try:
        for dataset in DATASETS.values():
            engine.create(dataset.id, dataset.table_schema())
        make_comparable(engine, set(DATASETS))
        link(engine, set(DATASETS))
        load_lists(engine, policy, set(DATASETS))
        for statement in shared_tables():
            engine.run(statement.sql, parameters(month, policy), into=statement.name)
        yield engine
    finally:
        engine.close()


def try_out(rules: Sequence[Rule], month: str, policy: Policy) -> None:
    """Run each rule once over an empty drop. BadInput with file and line where the engine cannot make sense of it."""
    if not rules:
        return
    with empty_drop(month, policy) as engine:
        for rule in rules:
            try:
                engine.run(rule.sql, parameters(month, policy), into="_tried")
            except SqlError as e:
                told = str(e)  # no cell can be in it: the tables are empty
                line = _LINE.search(told)
                place = rule.file.place(rule.file.body + int(line[1]) - 1 if line else rule.file.body)
                what = f"{place}: {' '.join(told.split('LINE')[0].split())}"
                raise BadInput(what, remedy="correct the rule file; docs/rules.md lists tables and columns") from e
