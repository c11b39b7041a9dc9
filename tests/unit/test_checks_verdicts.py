"""What a suite's verdict hangs on: every cell that its expectations read, the month, the suite; and nothing else.

Wherever it is reached, in this process, in another or in an earlier run, it is the same.
"""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import checks_spoiled
import pytest
from checks_county import MONTH
from checks_mixed import PRESENT, mixed

from checks import Validation, failing_rows
from checks.model import CheckRows, Suite
from checks.verdicts import _key, names_of
from pipeline.cache import Cache
from pipeline.engine.duck import DuckEngine
from pipeline.private import folder
from pipeline.processes import beside


@pytest.fixture(scope="module")
def spoiled() -> tuple[DuckEngine, CheckRows]:
    engine = checks_spoiled.spoiled()
    return engine, failing_rows(engine, MONTH, checks_spoiled.PRESENT)


def test_one_cell_anywhere_is_another_verdict(spoiled: tuple[DuckEngine, CheckRows]) -> None:
    """Each suite over its table as a view shows it: as it is, in another order, and with one cell changed by turns."""
    engine, checked = spoiled
    names = names_of(checked.suites)

    def seen(suite: Suite, columns: str) -> str:
        engine.run(f'SELECT {columns} FROM "{suite.table}"', into="seen", view=True)
        return _key(engine, replace(suite, table="seen"), MONTH, checked.counts, names)

    tried = 0
    for suite in checked.suites:
        was = seen(suite, "*")
        kinds = engine.types(suite.table)
        # what the other reading of the same conditions, as SQL, names: not what the key itself takes for read
        failing = " ".join(check.condition.failing() for check in suite.checks)
        read = [column for column in kinds if f'"{column}"' in failing]
        counts = ", ".join(f'count("{c}") AS "{c}"' for c in read)
        filled = engine.rows(f'SELECT {counts} FROM "{suite.table}"')
        for column in (c for c in read if filled[c][0]):
            one = f'(SELECT min(rowid) FROM "{suite.table}" WHERE "{column}" IS NOT NULL)'
            other = {"VARCHAR": f"\"{column}\" || '甲'", "DATE": f'"{column}" + 1', "BOOLEAN": f'NOT "{column}"'}.get(
                kinds[column], f'-"{column}" - 1'
            )
            # of the column's own kind, or the kind would be what differs
            cell = f'(CASE WHEN rowid = {one} THEN {other} ELSE "{column}" END)::{kinds[column]} AS "{column}"'
            assert seen(suite, f"* REPLACE ({cell})") != was, (suite.name, column)
            tried += 1
        engine.run(f'SELECT * FROM "{suite.table}" ORDER BY hash(rowid)', into="seen")
        in_order = _key(engine, replace(suite, table="seen"), MONTH, checked.counts, names)
        assert in_order == was, "the order of the rows is of no account"
    engine.drop("seen")
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


def _one_a_rule(suite: Suite) -> Suite:
    """The suite with the first expectation of every rule: how a verdict is kept does not hang on how many there are."""
    first = {check.rule.id: check for check in reversed(suite.checks)}
    return replace(suite, checks=tuple(reversed(first.values())))


def _verdicts(engine: DuckEngine, out: Path, kept: Cache | None, *, apart: bool = False) -> dict[str, bytes]:
    """Every file of the checks, as an audit has them reached; only the first of a rule's expectations is asked."""
    checked = failing_rows(engine, MONTH, PRESENT)
    checked = replace(checked, suites=tuple(map(_one_a_rule, checked.suites)))
    validation = Validation.of(MONTH, checked, kept=kept)
    with beside(apart=apart, first=os.getpid) as worker:
        validation.begin(engine, folder(out / "work"), worker)
        validation.finish(out / "checks")
    files = [p for p in (out / "checks").rglob("*") if p.is_file()]
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in files)
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in files}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The verdicts on the mixed county, reached in this process without those of an earlier run."""
    return _verdicts(mixed(), tmp_path_factory.mktemp("plain"), None)


def test_another_process_reaches_the_same_verdicts(tmp_path: Path, plain: dict[str, bytes]) -> None:
    engine = mixed(DuckEngine(scratch=tmp_path / "spill"))
    assert _verdicts(engine, tmp_path, None, apart=True) == plain and len(plain) == 7
    assert not any(b"440281" in p.read_bytes() for p in tmp_path.rglob("*.duckdb"))


def test_a_kept_verdict_is_taken_over_until_a_row_changes(tmp_path: Path, plain: dict[str, bytes]) -> None:
    engine, cache = mixed(), Cache(tmp_path / "cache")
    first = _verdicts(engine, tmp_path / "1", cache)
    kept = {p.name: (p / "about.json").stat().st_mtime_ns for p in cache.folder.iterdir()}
    assert plain == first == _verdicts(engine, tmp_path / "2", cache) and len(kept) == 3
    engine.run(
        "UPDATE archive SET present = NOT coalesce(present, true) WHERE rowid = (SELECT min(rowid) FROM archive)"
    )
    anew, again = _verdicts(engine, tmp_path / "3", None), _verdicts(engine, tmp_path / "4", cache)
    assert anew == again != first
    now = {p.name: (p / "about.json").stat().st_mtime_ns for p in cache.folder.iterdir()}
    assert len(now) == 3 and len(now.items() & kept.items()) == 2, "one suite's table changed, and only that is asked"
    harmed = next(cache.folder.glob("*/000.html"))
    harmed.write_bytes(b"<html>")
    assert _verdicts(engine, tmp_path / "5", cache) == again and len(cache.told) == 1
