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
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read while Great Expectations is being imported

from checks.no_spark import without_spark

with without_spark():
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.expectations.row_conditions import Column

from checks.catalogue import Scope
from checks.dialect import sharing
from checks.docs import PAGES, finish_pages, write_index
from checks.model import Check, CheckRows, ExpectationResult, Suite, SuiteResult
from checks.own import OwnChecks
from checks.rows import prepare
from checks.run_suite import RunChecks
from pipeline.engine.duck import DuckEngine
from pipeline.errors import AuditError

_RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
_SITE = "audit"


def validate(
    engine: DuckEngine,
    month: str,
    present: set[str],
    out: Path,
    counts: dict[str, int],
    *,
    review_months: Mapping[str, int] | None = None,
    run: RunChecks | None = None,
    own: OwnChecks | None = None,
    prepared: CheckRows | None = None,
) -> list[SuiteResult]:
    """See `checks.validate`."""
    scope = Scope(month, frozenset(present), dict(review_months or {}), own.specs if own else {})
    suites, idle = prepare(engine, scope) if prepared is None else (list(prepared.suites), prepared.not_run)
    if run is not None:  # what is said of the data as such stands before what is said of their rows
        suites, idle = [*run.suites, *suites], [*run.not_run, *idle]
        counts = {**run.counts, **counts}
    results: list[SuiteResult] = []
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    if suites:
        with _quiet(), _private_temp(out), sharing(engine.con) as address:
            context = _context((out / PAGES).absolute())  # a relative folder fails deep inside the library
            source = context.data_sources.add_sql("run", connection_string=address)
            for suite in suites:
                results.append(_run(context, source, suite, scope, counts, engine.count(suite.table)))
            context.build_data_docs(site_names=[_SITE])
            source.get_execution_engine().close()
        results = [_with_page(out, result) for result in results]
        finish_pages(out / PAGES, suites)
    write_index(out, month, results, idle)
    _owner_only(out)
    return results


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


def _run(context: Any, source: Any, suite: Suite, scope: Scope, counts: dict[str, int], rows: int) -> SuiteResult:
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


def _verdict(check: Check, result: Any, counts: dict[str, int]) -> ExpectationResult:
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


def _with_page(out: Path, result: SuiteResult) -> SuiteResult:
    """The result with the place of its page."""
    pages = sorted((out / PAGES / "validations" / result.name).rglob("*.html"))
    if len(pages) != 1:
        raise AuditError(f"checks: {len(pages)} pages were written for suite {result.name}, not 1")
    fields = {name: getattr(result, name) for name in result.__dataclass_fields__}
    return SuiteResult(**{**fields, "docs": unquote(pages[0].relative_to(out).as_posix())})


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


def _owner_only(out: Path) -> None:
    for path in (out, *out.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
