"""A month as the ledger keeps it: all that a run does up to there, without the outputs that it writes afterwards."""

from __future__ import annotations

from pathlib import Path

from pipeline import __version__
from pipeline.engine.duck import DuckEngine
from pipeline.findings import load_rules
from pipeline.findings.stage import NotRun
from pipeline.ingest import ingest
from pipeline.ledger import Ledger, facts_of
from pipeline.linkage.model import default_model
from pipeline.policy import pack_for
from pipeline.run import find


def keep_month(drop: Path, month: str, out: Path) -> list[NotRun]:
    """The drop examined, and its findings kept in OUT/ledger.duckdb beside those of earlier months; what did not run.

    Where a test is about findings and what becomes of them: workbooks, pages and suites cost most of an audit.
    """
    out.mkdir(parents=True, exist_ok=True)
    policy, model, ledger = pack_for(month), default_model(), Ledger(out / "ledger.duckdb")
    rules = load_rules(policy.names)
    engine = DuckEngine()
    report = ingest(drop, engine, scratch=out)
    ruled = ledger.ruled_pairs(month)
    found = find(
        engine, rules, month, policy, report.present, model=model, inputs=report.inputs,
        before=ledger.measures(month), ruled=ruled,
    )  # fmt: skip
    comparison = ledger.compare(engine, month, facts_of(engine, rules, report, found, policy, model, ruled))
    ledger.record(comparison, __version__, policy.sha256, found.measures)
    engine.close()
    return found.not_run
