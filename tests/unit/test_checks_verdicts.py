"""What a suite's verdict hangs on: every cell that its expectations read, the month, the suite; and nothing else."""

from __future__ import annotations

from dataclasses import replace

import checks_spoiled
import pytest
from checks_county import MONTH

from checks import failing_rows
from checks.model import CheckRows
from checks.verdicts import _columns, _key, names_of
from pipeline.engine.duck import DuckEngine


@pytest.fixture(scope="module")
def spoiled() -> tuple[DuckEngine, CheckRows]:
    engine = checks_spoiled.spoiled()
    return engine, failing_rows(engine, MONTH, checks_spoiled.PRESENT)


def test_one_cell_anywhere_is_another_verdict(spoiled: tuple[DuckEngine, CheckRows]) -> None:
    engine, checked = spoiled
    names = names_of(checked.suites)
    tried = 0
    for suite in checked.suites:
        was = _key(engine, suite, MONTH, checked.counts, names)
        kinds = engine.types(suite.table)
        read = {column for check in suite.checks for column in _columns(check)}
        assert read and read <= set(kinds)
        engine.run(f'SELECT * FROM "{suite.table}"', into="as_it_was")
        for column in sorted(read):
            one = f'(SELECT min(rowid) FROM "{suite.table}" WHERE "{column}" IS NOT NULL)'
            other = {"VARCHAR": f"\"{column}\" || '甲'", "DATE": f'"{column}" + 1'}.get(
                kinds[column], f'-"{column}" - 1'
            )
            if not engine.rows(f'SELECT count("{column}") AS n FROM "{suite.table}"')["n"][0]:
                continue
            value = "NOT " + f'"{column}"' if kinds[column] == "BOOLEAN" else other
            engine.run(f'UPDATE "{suite.table}" SET "{column}" = {value} WHERE rowid = {one}')
            assert _key(engine, suite, MONTH, checked.counts, names) != was, (suite.name, column)
            engine.run("SELECT * FROM as_it_was ORDER BY hash(rowid)", into=suite.table)
            assert _key(engine, suite, MONTH, checked.counts, names) == was, "the order of the rows is of no account"
            tried += 1
    engine.drop("as_it_was")
    assert tried > 100


def test_the_suite_the_month_and_what_pages_say_are_in_it(spoiled: tuple[DuckEngine, CheckRows]) -> None:
    engine, checked = spoiled
    names = names_of(checked.suites)
    suite = checked.suites[0]
    keys = {
        _key(engine, suite, MONTH, checked.counts, names),
        _key(engine, suite, "2022-11", checked.counts, names),
        _key(engine, replace(suite, title="另一题目"), MONTH, checked.counts, names),
        _key(engine, replace(suite, checks=suite.checks[1:]), MONTH, checked.counts, names),
        _key(engine, suite, MONTH, {k: n + 1 for k, n in checked.counts.items()}, names),
        _key(engine, suite, MONTH, checked.counts, names | {"name": "另一栏名"}),
    }
    assert len(keys) == 6
