"""The checks: validation suites for a roster's system data, for its archive checklist, and for the run itself.

    found = checks.failing_rows(engine, "2022-10", present)                    # fast: plain SQL
    run = checks.examine_run(engine, inputs, present, limits, before)          # the month's files as such
    suites = checks.validate(engine, "2022-10", present, out, found.counts)    # Great Expectations, and its pages

Both read one list of conditions; the second fails when the two disagree on a count.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from checks.catalogue import Scope
from checks.model import ROW_COLUMNS, CheckRows, ExpectationResult, NotRun, SuiteResult
from checks.own import OwnChecks, read_own_checks
from checks.rows import failing_rows, prepare
from checks.run_suite import Fault, RunChecks, examine_run
from checks.verdicts import Validation
from pipeline.engine.duck import DuckEngine
from pipeline.private import folder
from pipeline.processes import Beside

__all__ = [
    "ROW_COLUMNS", "CheckRows", "ExpectationResult", "Fault", "NotRun", "OwnChecks", "RunChecks", "SuiteResult",
    "Validation", "examine_run", "failing_rows", "read_own_checks", "validate",
]  # fmt: skip


def validate(
    engine: DuckEngine,
    month: str,
    present: set[str],
    out: Path,
    counts: dict[str, int],
    *,
    run: RunChecks | None = None,
    own: OwnChecks | None = None,
    prepared: CheckRows | None = None,
) -> list[SuiteResult]:
    """Run every suite in Great Expectations on the engine's own connection and write its pages under `out`.

    `counts` = `CheckRows.counts` of the same run; with `prepared`, that run itself, its tables are not built again.
    `run`: the suites over the run itself, from `examine_run`. AuditError when an expectation raised, or when its count
    of unexpected rows is not the number of failing rows found by SQL.
    """
    scope = Scope(month, frozenset(present), own=own.specs if own else {})
    suites, idle = prepare(engine, scope) if prepared is None else (prepared.suites, prepared.not_run)
    checked = CheckRows(pl.DataFrame(), counts, list(idle), tuple(suites))
    validation = Validation.of(month, checked, run)
    with ThreadPoolExecutor(1) as thread, tempfile.TemporaryDirectory(prefix=".gx-", dir=folder(out)) as scratch:
        validation.begin(engine, Path(scratch), Beside(thread, apart=False))
        return validation.finish(out)
