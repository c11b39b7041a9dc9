"""The suites run in Great Expectations, on the engine's own connection: the verdicts, the counts and the pages.

Results are kept in SUMMARY form without samples, so that no name and no ID number reaches a page. An expectation that
raised is an error of the program, never a fault of the data; so is a count that differs from the failing rows found
by SQL. Nothing is kept outside `out`: no project folder, no default site, no usage statistics, no network.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read while Great Expectations is being imported

from checks.later import later
from checks.no_spark import without_spark

with without_spark(), later("scipy.stats", "altair"):
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.expectations.row_conditions import Column

from checks.catalogue import Scope
from checks.dialect import sharing
from checks.docs import PAGES, finished_pages
from checks.model import Check, ExpectationResult, Suite, SuiteResult
from checks.settled import settled
from checks.verdicts import Asked, Verdict
from pipeline.engine.duck import DuckEngine
from pipeline.errors import AuditError

_RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
_SITE = "audit"


def judge(engine: DuckEngine, asked: Asked) -> list[Verdict]:
    """The verdicts on the suites of `asked`, whose tables stand in `engine`, with their pages."""
    verdicts: list[Verdict] = []
    site = (asked.scratch / PAGES).absolute()  # a relative folder fails deep inside the library
    scope = Scope(asked.month, frozenset())
    with _quiet(), _private_temp(asked.scratch), settled(Expectation), sharing(engine.con) as address:
        context = _context(site)
        source = context.data_sources.add_sql("run", connection_string=address)
        results = [
            _run(context, source, suite, scope, asked.counts, engine.count(suite.table)) for suite in asked.suites
        ]
        context.build_data_docs(site_names=[_SITE])
        source.get_execution_engine().close()
    pages = finished_pages(site, asked.names)
    shutil.rmtree(site)
    for result in results:
        mine = {f"{PAGES}/{p}": text for p, text in pages.items() if p.split("/")[1].split(".")[0] == result.name}
        verdicts.append(Verdict(replace(result, docs=unquote(_page(mine, result.name))), mine))
    return verdicts


def _page(pages: Mapping[str, str], suite: str) -> str:
    """The place of the page that tells the suite's verdict."""
    found = [p for p in pages if p.startswith(f"{PAGES}/validations/")]
    if len(found) != 1:
        raise AuditError(f"checks: {len(found)} pages were written for suite {suite}, not 1")
    return found[0]


def _context(site: Path) -> Any:
    """A context in memory whose only documents go to `site`."""
    context: Any = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = {"globally": False}
    context.delete_data_docs_site("local_site")  # the default site is a temporary folder open to others
    context.add_data_docs_site(
        site_name=_SITE,
        site_config={
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(site)},
        },
    )
    return context


def expectation(check: Check) -> Any:
    """A check as a Great Expectations expectation, its Chinese title as its description."""
    condition = check.condition
    settings: dict[str, Any] = dict(condition.settings)
    if condition.when is not None:
        settings["row_condition"] = Column(condition.when.column) == condition.when.value
    kind = getattr(gxe, condition.expectation)
    return kind(**settings, description=check.title, notes=check.basis, meta={"key": check.key})


def _run(context: Any, source: Any, suite: Suite, scope: Scope, counts: Mapping[str, int], rows: int) -> SuiteResult:
    asset = source.add_table_asset(suite.table, table_name=suite.table)
    batch = asset.add_batch_definition_whole_table(scope.month)
    expectations = context.suites.add(
        gx.ExpectationSuite(name=suite.name, expectations=[expectation(check) for check in suite.checks])
    )
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(name=suite.name, data=batch, suite=expectations)
    )
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name=suite.name, validation_definitions=[definition], actions=[], result_format=dict(_RESULT_FORMAT)
        )
    )
    # the audit's day, not the clock's: the same drop gives the same pages in the same places
    day = dt.datetime.combine(scope.as_of, dt.time(), dt.UTC)
    (run,) = checkpoint.run(run_id=RunIdentifier(run_name=scope.month, run_time=day)).run_results.values()
    found = {result.expectation_config.meta["key"]: result for result in run.results}
    return SuiteResult(
        name=suite.name,
        title=suite.title,
        scheme=suite.scheme,
        category=suite.category,
        unit=suite.unit,
        rows=rows,
        success=bool(run.success),
        expectations=tuple(_verdict(check, found.get(check.key), counts) for check in suite.checks),
        docs="",
    )


def _verdict(check: Check, result: Any, counts: Mapping[str, int]) -> ExpectationResult:
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
