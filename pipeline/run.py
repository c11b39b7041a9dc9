"""The audit, stage by stage: what a newcomer reads first.

drop folder → ingest → identity → linkage → findings (rules and checks) → ledger → publish. Every stage reads tables
of the run's private database and writes tables; nothing appears under OUT/<month> before the run is whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import __version__, vault
from pipeline.cache import Cache
from pipeline.clock import Clock
from pipeline.engine.duck import DuckEngine
from pipeline.engine.second import working_on
from pipeline.findings import Rule, examine, record_checks
from pipeline.findings.authorised import Unauthorised, hold_unauthorised
from pipeline.findings.sources import partly_run
from pipeline.findings.stage import NotRun, runnable
from pipeline.given import Given
from pipeline.identity import make_comparable, warm_up
from pipeline.ingest import ingest
from pipeline.ledger import facts_of, settle, workspace
from pipeline.ledger.judgements import leave_judgements
from pipeline.ledger.show import missed
from pipeline.ledger.trends import trends
from pipeline.linkage import link
from pipeline.means import Means
from pipeline.policy import Policy
from pipeline.private import private
from pipeline.processes import ahead, beside, uncollected, worth_a_process
from pipeline.publish.elsewhere import put_elsewhere
from pipeline.publish.whole import write_everything
from pipeline.shortage import enough

if TYPE_CHECKING:
    import polars as pl

    from checks import CheckRows, OwnChecks, RunChecks
    from pipeline.engine.second import SparkSettings
    from pipeline.engine.spark import SparkEngine
    from pipeline.ingest.model import InputAccount
    from pipeline.ledger.compared import Comparison
    from pipeline.linkage.model import Model
    from pipeline.linkage.ruled import RuledPair
    from pipeline.monthly import Told as LedgersTold
    from pipeline.publish.publication import Publication

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Outcome:
    """What a finished run says on the command line."""

    folder: Path
    findings: int
    towns: int
    not_run: int
    seconds: float
    doubtful: tuple[str, ...] = ()  # what is doubtful about the month's data, a line each
    told: tuple[
        str, ...
    ] = ()  # what an earlier run that was stopped had left, what of the cache was damaged: a line each
    by_status: Mapping[str, int] = field(default_factory=dict)
    ledgers: LedgersTold | None = None
    sealed: bool = False  # whether a key was in use
    repeated: tuple[str, ...] = ()  # what of the inputs is byte for byte last month's: a line or none


def run_audit(
    drop: Path,
    month: str,
    out: Path,
    *,
    policy_file: Path | None = None,
    ledger_file: Path | None = None,
    model_file: Path | None = None,
    rules_folder: Path | None = None,
    checks_folder: Path | None = None,
    ledgers: bool = False,
    cache: Path | None = None,
    memory: str | None = None,
    passwords_file: Path | None = None,
    spark: SparkSettings | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Audit one month's drop into `out`/<month>, which an earlier run of the month gives way to.

    `ledgers`: also write the bureau's ledgers of the month (pipeline/monthly); `cache`: a folder for what was read and
    judged, so that what did not change is not read and judged again; `memory`: what the database may take ("4GiB"),
    the rest spills to a private folder; `passwords_file`: workbooks are encrypted with the passwords in it; `spark`:
    identity, linkage and rules run there, all else on DuckDB over what it made, and it reads what the drop names on
    Hadoop's file systems.

    Raises BadInput for anything in the drop, the month, the policy or a bureau's own rules that cannot be used, and for
    a memory limit that the drop does not fit; everything is as it was then.
    """
    begun = time.perf_counter()
    given = Given.read(
        drop, month, out, policy_file=policy_file, ledger_file=ledger_file, model_file=model_file,
        rules_folder=rules_folder, checks_folder=checks_folder, memory=memory, passwords_file=passwords_file,
        spark=spark,
    )  # fmt: skip
    # Where memory is short, there is no second process to share it with.
    apart = given.in_memory and worth_a_process(drop)
    with (
        enough(out, given.limit),
        private(),
        workspace(out, given.ledger.path, month) as (work, told),
        # slow libraries load while files are read: it is their start, not work on rows
        beside(apart=apart, first=_start_validation) as worker,
    ):
        ahead(warm_up)
        means = Means(work, given.limit, worker, Cache(cache, told) if cache else None)
        found, comparison, pub, written = _stages(given, means, ledgers, progress)
    return Outcome(
        folder=out / month,
        findings=comparison.found,
        towns=len(list((out / month / "towns").glob("*.xlsx"))),
        not_run=len(found.not_run),
        seconds=time.perf_counter() - begun,
        doubtful=tuple(f.english for f in found.run.faults),
        told=tuple(told),
        by_status=comparison.by_status,
        ledgers=written,
        sealed=vault.current() is not None,
        repeated=pub.repeated_told,
    )


def _stages(
    given: Given, means: Means, ledgers: bool, progress: Progress | None
) -> tuple[Found, Comparison, Publication, LedgersTold | None]:
    """From the drop's files to the month's folder, which appears when all is written."""
    month, policy, rules, ledger, clock = given.month, given.policy, given.rules, given.ledger, Clock()
    with _engines(given, means, clock) as (engine, second):
        with clock.stage("ingest"):
            report = ingest(given.drop, engine, scratch=means.work, progress=progress, cache=means.kept, second=second)
        publish_folder = means.work / "out"
        publish_folder.mkdir()
        before, ruled = ledger.measures(month), ledger.ruled_pairs(month)
        found = find(
            engine, rules, month, policy, report.present, clock, progress, given.model, given.own_checks,
            inputs=report.inputs, before=before, ruled=ruled, second=second,
        )  # fmt: skip
        with clock.stage("ledger"):
            facts = facts_of(engine, rules, report, found, policy, given.model, ruled)
            comparison = ledger.compare(engine, month, facts)
            previous = ledger.previous(month)
            history = trends(ledger.path, comparison)
            leave_judgements(engine, ledger.path)
        with uncollected():
            pub = write_everything(
                engine, publish_folder, month, policy, rules, report, found, previous, before, history, clock, progress,
                means, given.passwords, comparison,
            )  # fmt: skip
            written = None
            if ledgers:
                from pipeline.monthly import write_ledgers

                gone = missed([*ledger.months(), month], month)
                written = write_ledgers(pub, comparison, policy, ledger.visited(), gone, publish_folder)
            settle(ledger, engine, comparison, publish_folder, given.out, __version__, policy.sha256, found.measures)
        if given.spark is not None and second is not None and given.spark.out:
            put_elsewhere(second.files, given.out.resolve() / month, given.spark.out)
    return found, comparison, pub, written


@contextmanager
def _engines(given: Given, means: Means, clock: Clock) -> Iterator[tuple[DuckEngine, SparkEngine | None]]:
    """The run's database, and Spark where it is asked for; closed when this ends."""
    work = means.work
    # Tables that are too large for memory stand in a file: what is read again and again need not be spilt each time.
    # File and spill are encrypted.
    file = None if given.in_memory else work / "tables.duckdb"
    engine = DuckEngine(file, sealed=True, scratch=work / "spill", memory_limit=given.limit)
    second: SparkEngine | None = None
    try:
        if given.spark is not None:
            with clock.stage("start", "spark"):
                second = given.spark.open(work, engine)
        yield engine, second
    except BaseException:
        # what a thread still asks of the tables would fail when they are closed, and hide what happened
        means.worker.leave()
        raise
    finally:
        engine.close()
        if second is not None:
            second.close()


@dataclass(frozen=True)
class Found:
    """What `find` leaves beside the table `finding_rows`."""

    checked: CheckRows
    not_run: list[NotRun]
    run: RunChecks
    unauthorised: Unauthorised
    own_checks: OwnChecks | None = None

    @property
    def measures(self) -> pl.DataFrame:
        """What the month leaves in the ledger beside its findings."""
        import polars as pl

        from checks.scores import measures_of

        return pl.concat([f for f in (self.run.measures, measures_of(self.checked.scores)) if f is not None])


def find(
    engine: DuckEngine,
    rules: list[Rule],
    month: str,
    policy: Policy,
    present: set[str],
    clock: Clock | None = None,
    progress: Progress | None = None,
    model: Model | None = None,
    own_checks: OwnChecks | None = None,
    *,
    inputs: Sequence[InputAccount] = (),
    before: pl.DataFrame | None = None,
    ruled: Sequence[RuledPair] = (),
    second: SparkEngine | None = None,
) -> Found:
    """From typed tables to `finding_rows`: identity, linkage, rules, the rows that fail the checks, and the run itself.

    `inputs`: the account of every file; `before`: what the month before measured; `ruled`: pairs people decided about;
    `second`: the engine on which identity, linkage and rules run instead; what they make is handed back to `engine`.
    """
    from checks import examine_run, failing_rows

    clock = clock or Clock()
    on, back = working_on(engine, second)
    with clock.stage("identity", on.name):
        make_comparable(on, present)
    with clock.stage("linkage", on.name):
        link(on, present, model, ruled)
        back()
    # rules and checks read the same tables and do not wait for each other
    with clock.stage("findings", on.name), ThreadPoolExecutor(2) as threads:
        others = [engine.beside() for _ in range(2)]
        checking = threads.submit(
            failing_rows, others[0], month, present, review_months=policy.review_months, own=own_checks
        )
        examining = threads.submit(examine_run, others[1], inputs, present, policy.run_limits, before)
        not_run = examine(on, rules, month, policy, present, progress)
        checked, run = checking.result(), examining.result()
        for other in others:
            other.close()
        back("finding_rows")
        not_run += record_checks(engine, checked)
        unauthorised = hold_unauthorised(engine, policy, present)
        if not unauthorised.compared:
            not_run.append(NotRun("unauthorised", "核对授权", "run", "run", unauthorised.sentence or ""))
    not_run += partly_run(runnable(rules, present), checked.suites, run.faults)
    not_run += [NotRun(id, title, "run", kind, reason) for id, title, kind, reason in run.not_run]
    return Found(checked, not_run, run, unauthorised, own_checks)


def _start_validation() -> None:
    import checks.validation  # noqa: F401
