"""The suites run in Great Expectations, on the engine's own connection: the verdicts, the counts and the pages.

Rows are counted and never fetched, so that no name and no ID number reaches a page. An expectation that raised is an
error of the program, never a fault of the data; so is a count that differs from the failing rows found by SQL. Great
Expectations keeps nothing: no project folder, no site, no usage statistics, no network.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read while Great Expectations is being imported

from checks.later import later
from checks.no_spark import without_spark

with without_spark(), later("scipy.stats", "altair"):
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.expectations.expectation import (
        ColumnMapExpectation,
        ColumnPairMapExpectation,
        Expectation,
        MulticolumnMapExpectation,
    )
    from great_expectations.expectations.row_conditions import Column
    from great_expectations.render.renderer import page_renderer
    from great_expectations.render.view import view

from checks.catalogue import Scope
from checks.counted import counted
from checks.dialect import sharing
from checks.docs import PAGES, offline
from checks.model import Check, ExpectationResult, Suite, SuiteResult
from checks.settled import settled
from checks.verdicts import Asked, Verdict
from pipeline.engine.duck import DuckEngine
from pipeline.errors import AuditError

# What of an expectation's verdict is told: how many rows, and no example of them.
_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
_RENDERERS: Any = page_renderer
_BY_ROW = (ColumnMapExpectation, ColumnPairMapExpectation, MulticolumnMapExpectation)


def judge(engine: DuckEngine, asked: Asked) -> list[Verdict]:
    """The verdicts on the suites of `asked`, whose tables stand in `engine`, with their pages."""
    scope = Scope(asked.month, frozenset())
    with (
        _quiet(),
        _private_temp(asked.scratch),
        settled(Expectation),
        counted(*_BY_ROW),
        sharing(engine.con) as address,
    ):
        source = data_source(address)
        verdicts = [
            _verdict(source, suite, scope, asked.counts, engine.count(suite.table), asked.names)
            for suite in asked.suites
        ]
        source.get_execution_engine().close()
    return verdicts


def data_source(address: str) -> Any:
    """The database at `address` as a data source of Great Expectations, in a context that keeps nothing."""
    context: Any = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = {"globally": False}
    context.delete_data_docs_site("local_site")  # the default site is a temporary folder open to others
    return context.data_sources.add_sql("run", connection_string=address)


def _verdict(
    source: Any, suite: Suite, scope: Scope, counts: Mapping[str, int], rows: int, names: Mapping[str, str]
) -> Verdict:
    asked = gx.ExpectationSuite(name=suite.name, expectations=[expectation(check) for check in suite.checks])
    run = _run(source, suite, asked, scope)
    # Neither a checkpoint nor a site: they keep, read back and compare every suite some ten times, a third of the time.
    at = "/".join([PAGES, "validations", suite.name, *run.meta["run_id"].to_tuple(), f"{run.batch_id}.html"])
    contents = {
        f"{PAGES}/expectations/{suite.name}.html": _RENDERERS.ExpectationSuitePageRenderer().render(asked),
        at: _RENDERERS.ValidationResultsPageRenderer().render(run),
    }
    pages = {
        place: offline(_view().render(content, data_context_id=None, show_how_to_buttons=False), names)
        for place, content in contents.items()
    }
    return Verdict(_told(run, suite, counts, rows, at), pages)


def expectation(check: Check) -> Any:
    """A check as a Great Expectations expectation, its Chinese title as its description."""
    condition = check.condition
    settings: dict[str, Any] = dict(condition.settings)
    if condition.when is not None:
        settings["row_condition"] = Column(condition.when.column) == condition.when.value
    kind = getattr(gxe, condition.expectation)
    return kind(**settings, description=check.title, notes=check.basis, meta={"key": check.key})


@cache
def _view() -> Any:
    """It compiles its templates anew for each view."""
    return cast(Any, view).DefaultJinjaPageView()


def _run(source: Any, suite: Suite, asked: Any, scope: Scope) -> Any:
    """What Great Expectations says of a suite's table."""
    asset = source.add_table_asset(suite.table, table_name=suite.table)
    batch = asset.add_batch_definition_whole_table(scope.month).get_batch()
    run = batch.validate(asked, result_format=dict(_RESULT_FORMAT))
    # the audit's day, not the clock's: the same drop gives the same pages in the same places
    day = dt.datetime.combine(scope.as_of, dt.time(), dt.UTC)
    run.meta |= {"run_id": RunIdentifier(run_name=scope.month, run_time=day), "validation_time": day}
    return run


def _told(run: Any, suite: Suite, counts: Mapping[str, int], rows: int, docs: str) -> SuiteResult:
    found = {result.expectation_config.meta["key"]: result for result in run.results}
    return SuiteResult(
        name=suite.name,
        title=suite.title,
        scheme=suite.scheme,
        category=suite.category,
        unit=suite.unit,
        rows=rows,
        success=bool(run.success),
        expectations=tuple(_expected(check, found.get(check.key), counts) for check in suite.checks),
        docs=docs,
    )


def _expected(check: Check, result: Any, counts: Mapping[str, int]) -> ExpectationResult:
    """One expectation's verdict. AuditError when it did not run, or counted otherwise than the SQL did."""
    if result is None or result.exception_info.get("raised_exception") or "unexpected_count" not in result.result:
        said = result.exception_info.get("exception_message") if result is not None else "no result"
        raise AuditError(f"checks: expectation {check.key} did not run: {said or result.exception_info}")
    # no row that the expectation is about: the count is null and nothing failed
    unexpected = int(result.result["unexpected_count"] or 0)
    if bool(result.success) != (unexpected == 0):
        raise AuditError(f"checks: expectation {check.key}: verdict {result.success} with {unexpected} unexpected rows")
    if unexpected != counts.get(check.key):
        raise AuditError(
            f"checks: expectation {check.key} counts {unexpected} unexpected rows, SQL found {counts.get(check.key)}"
        )
    return ExpectationResult(
        key=check.key,
        rule_id=check.rule.id,
        title=check.title,
        success=bool(result.success),
        unexpected=unexpected,
        percent=float(result.result.get("unexpected_percent") or 0.0),
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Great Expectations warns of what is meant here (a dialect that it does not know)."""
    log = logging.getLogger("great_expectations")
    before, log.level = log.level, logging.ERROR
    try:
        yield
    finally:
        log.level = before


@contextlib.contextmanager
def _private_temp(out: Path) -> Iterator[None]:
    """Whatever is written to a temporary folder meanwhile lands beside the output, and goes."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix=".gx-", dir=out) as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = before
