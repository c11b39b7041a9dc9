"""Everything that the contract names, written from one finished run."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import __version__, publish, vault
from pipeline.clock import Clock
from pipeline.engine.duck import DuckEngine
from pipeline.findings import Rule, files_of
from pipeline.findings.stage import runnable
from pipeline.ingest import IngestReport
from pipeline.means import Means
from pipeline.policy import Policy
from pipeline.publish.publication import Publication

if TYPE_CHECKING:
    import polars as pl

    from pipeline.ledger.compared import Comparison
    from pipeline.ledger.trends import Trends
    from pipeline.passwords import Passwords
    from pipeline.run import Found

Progress = Callable[[str, int, int], None]

UNSEALED = "本次运行没有使用密钥：历史台账和本月数据表以明文存放在本机（见说明中的“密钥”）"


def _told(report: IngestReport, found: Found) -> list[str]:
    """What readers of every output must know beside the findings."""
    more = (found.unauthorised.sentence, None if vault.current() else UNSEALED)
    return [*report.told, *(sentence for sentence in more if sentence)]


def write_everything(
    engine: DuckEngine,
    folder: Path,
    month: str,
    policy: Policy,
    rules: list[Rule],
    report: IngestReport,
    found: Found,
    previous: Any,
    before: pl.DataFrame | None,
    history: Trends | None,
    clock: Clock,
    progress: Progress | None,
    means: Means,
    passwords: Passwords | None = None,
    comparison: Comparison | None = None,
) -> Publication:
    """Write everything the contract names into `folder`, workbooks with `passwords`; what it was written from."""
    from checks import Validation
    from checks.catalogue import rules_of

    planned = [*found.run.suites, *found.checked.suites]
    publish.load_not_run(engine, found.not_run)
    pub = publish.Publication(
        month=month,
        engine=engine,
        inputs=report.inputs,
        told=_told(report, found),
        rules=[*runnable(rules, report.present), *rules_of(planned)],
        policy=policy,
        suites=[],
        planned=planned,
        version=__version__,
        previous=previous,
        faults=found.run.faults,
        scores=found.checked.scores,
        before=before,
        trends=history,
        passwords=passwords,
        month_before=comparison.previous_month if comparison else None,
        same_files=comparison.same_files if comparison else frozenset(),
    )
    with clock.stage("publish"), ThreadPoolExecutor(1) as thread:
        # What takes long and holds Python's lock goes to the worker: the suites first, which only the overview shows.
        validation = Validation.of(month, found.checked, found.run, means.cache("verdicts"))
        validation.begin(engine, means.work, means.worker, means.limit)
        publish.write_tables(pub, folder)
        desk = thread.submit(publish.write_desk, replace(pub, engine=engine.beside()), folder)
        tell = (lambda done, of: progress("镇街工作簿", done, of)) if progress else None
        workbooks = publish.Workbooks(pub, folder, tell, means.worker)
        workbooks.also(publish.county_job(pub, folder))
        page = publish.Page(pub, folder, means.worker)
        page.write_lists()
        workbooks.finish()
        desk.result()
        pub = replace(pub, suites=validation.finish(folder / "checks", clock))
        page.write_overview(pub.suites)
    publish.write_run_json(
        pub,
        folder,
        clock.stages,
        policy=policy.record(),
        own_rules=files_of(rules),
        own_checks=found.own_checks.files if found.own_checks else (),
    )
    return pub
