"""The end of a run: what it knows for the ledger, and the one step in which ledger and folder take it over."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipeline.contract import TOWNS
from pipeline.engine.duck import DuckEngine
from pipeline.findings.stage import runnable
from pipeline.ledger.compared import Comparison
from pipeline.ledger.facts import Facts, contents_of, rules_that_ran, wording
from pipeline.ledger.folders import appear, recover, seen_from, stage
from pipeline.ledger.keep import Kept
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.links import asked
from pipeline.ledger.store import forget_made
from pipeline.vault import sha256, there

if TYPE_CHECKING:
    from pipeline.findings import Rule
    from pipeline.ingest import IngestReport
    from pipeline.linkage.model import Model
    from pipeline.linkage.ruled import RuledPair
    from pipeline.policy import Policy
    from pipeline.run import Found


def facts_of(
    engine: DuckEngine,
    rules: Sequence[Rule],
    report: IngestReport,
    found: Found,
    policy: Policy,
    model: Model,
    ruled: Sequence[RuledPair],
) -> Facts:
    """What the run knows beside its findings."""
    ran, reads = rules_that_ran(runnable(list(rules), report.present), found.checked.suites, policy)
    files: dict[str, list[str]] = {}
    for account in report.inputs:
        files.setdefault(account.dataset, []).append(f"{account.sha256} {account.sheet}")
    partly = {n.id for n in found.not_run}
    doubtful = {(rule, f.dataset, f.town if f.town in TOWNS else "") for f in found.run.faults for rule in partly}
    doubtful |= {(n.id, scheme, "") for n in found.not_run for scheme in n.schemes}
    return Facts(
        datasets=frozenset(report.present),
        ran=ran,
        reads=reads,
        files={d: hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest() for d, hashes in files.items()},
        linkage=hashlib.sha256(model.to_json().encode()).hexdigest(),
        decided=frozenset(map(_name, ruled)),
        ruled=_ruled_records(engine, ruled),
        doubtful=frozenset(doubtful),
        counts={"inputs": [[a.path, a.sheet, a.sha256, a.rows_kept] for a in report.inputs]},
    )


def _name(pair: RuledPair) -> str:
    """A ruling on a pair, as a later month knows it again."""
    return wording(pair.ours, pair.theirs, pair.same)


def _ruled_records(engine: DuckEngine, ruled: Sequence[RuledPair]) -> dict[tuple[str, int], frozenset[str]]:
    """Record (dataset, content) → the rulings about it."""
    if not ruled:
        return {}
    rows = engine.rows(
        "SELECT DISTINCT p.ruling, r.dataset, r.record_id FROM ruled_pair p "
        "JOIN person_record r ON r.record_id IN (p.a, p.b)"
    ).rows()
    wanted: dict[str, list[str]] = {}
    for _, dataset, record in rows:
        wanted.setdefault(dataset, []).append(record)
    contents = contents_of(engine, wanted)
    found: dict[tuple[str, int], set[str]] = {}
    for ruling, dataset, record in rows:
        found.setdefault((dataset, contents[record]), set()).add(_name(ruled[ruling]))
    return {record: frozenset(names) for record, names in found.items()}


def settle(
    ledger: Ledger,
    engine: DuckEngine,
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
    first = not there(ledger.path)
    try:
        kept = Kept(seen_from(ledger.path, out), manifest, findings, asked(engine))
        ledger.record(comparison, version, policy, measures, kept)
    except BaseException:
        with suppress(Exception):  # what went wrong before is what is to be told
            recover(out, ledger.path)
            if first and not ledger.months():
                forget_made(ledger.path)
        raise
    return appear(staged, out, comparison.month)
