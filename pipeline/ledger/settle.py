"""The end of a run: what it knows for the ledger, and the one step in which ledger and folder take it over."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipeline.contract import TOWNS
from pipeline.findings.stage import runnable
from pipeline.ledger.compared import Comparison
from pipeline.ledger.facts import Facts, rules_that_ran
from pipeline.ledger.folders import appear, recover, seen_from, sha256, stage
from pipeline.ledger.keep import Kept
from pipeline.ledger.ledger import Ledger

if TYPE_CHECKING:
    from pipeline.findings import Rule
    from pipeline.ingest import IngestReport
    from pipeline.linkage.model import Model
    from pipeline.policy import Policy
    from pipeline.run import Found


def facts_of(rules: Sequence[Rule], report: IngestReport, found: Found, policy: Policy, model: Model) -> Facts:
    """What the run knows beside its findings."""
    ran, reads = rules_that_ran(runnable(list(rules), report.present), found.checked.suites, policy)
    files: dict[str, list[str]] = {}
    for account in report.inputs:
        files.setdefault(account.dataset, []).append(f"{account.sha256} {account.sheet}")
    partly = {n.id for n in found.not_run}
    doubtful = {(rule, f.dataset, f.town if f.town in TOWNS else "") for f in found.run.faults for rule in partly}
    return Facts(
        datasets=frozenset(report.present),
        ran=ran,
        reads=reads,
        files={d: hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest() for d, hashes in files.items()},
        linkage=hashlib.sha256(model.to_json().encode()).hexdigest(),
        doubtful=frozenset(doubtful),
        counts={"inputs": [[a.path, a.sheet, a.sha256, a.rows_kept] for a in report.inputs]},
    )


def settle(
    ledger: Ledger,
    comparison: Comparison,
    finished: Path,
    out: Path,
    version: str,
    policy: str,
    measures: pl.DataFrame | None,
) -> Path:
    """Record the run whose outputs are whole in `finished`, and let them appear as OUT/<month>.

    The ledger decides: until it holds the run, everything is as it was; from then on the outputs follow, in this run or
    (were it killed in between) at the beginning of the next.
    """
    findings = sha256(finished / "findings.parquet")
    staged, manifest = stage(finished, out, ledger.path, comparison.month, ledger.next_run())
    try:
        kept = Kept(seen_from(ledger.path, out), manifest, findings)
        ledger.record(comparison, version, policy, measures, kept)
    except BaseException:
        with suppress(Exception):  # what went wrong before is what is to be told
            recover(out, ledger.path)
        raise
    return appear(staged, out, comparison.month)
