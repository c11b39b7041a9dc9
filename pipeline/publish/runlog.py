"""`run.json`: what ran on what, how long and with what result. Counts only; no names, no numbers of persons."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline import vault
from pipeline.private import folder, owner_only, private
from pipeline.publish import figures, scores
from pipeline.publish.publication import Publication
from pipeline.publish.quality import BIN, Quality, quality

# Of what is doubtful about the month's data: the figures, and the Chinese sentence that all other outputs show.
_FAULT = ("rule_id", "dataset", "column", "file", "sheet", "town", "n", "rows", "share", "limit", "before", "sentence")


def write_run_json(
    pub: Publication,
    out: Path,
    stages: list[dict[str, Any]],
    *,
    policy: Mapping[str, Any] | None = None,
    own_rules: Sequence[Mapping[str, Any]] = (),
    own_checks: Sequence[Mapping[str, Any]] = (),
) -> Path:
    """Write `run.json` into `out`; all of these are taken over as they are.

    `stages`: name, seconds, peak memory of each. `policy`: what more there is to say of the pack and its override.
    `own_rules`, `own_checks`: the bureau's own files.
    """
    by_rule = dict(
        pub.engine.rows(
            "SELECT rule_id, count(*) FROM findings WHERE status <> 'resolved' GROUP BY rule_id ORDER BY rule_id"
        ).iter_rows()
    )
    by_status = dict(
        pub.engine.rows("SELECT status, count(*) FROM findings GROUP BY status ORDER BY status").iter_rows()
    )
    # a rule that ran and found nothing is told apart from one that did not run
    counts = {rule: by_rule.get(rule, 0) for rule in sorted({r.id for r in pub.rules} | set(by_rule))}
    links = pub.engine.rows("SELECT tier, decision, count(*) FROM links GROUP BY ALL ORDER BY ALL").iter_rows()
    content = {
        "tool": "county-audit",
        "version": pub.version,
        "month": pub.month,
        "policy": {
            "name": pub.policy.name,
            "source": pub.policy.source,
            "sha256": pub.policy.sha256,
            "unverified": list(pub.policy.unverified),
        }
        | dict(policy or {}),
        "own_rules": [dict(r) for r in own_rules],
        "own_checks": [dict(c) for c in own_checks],
        "inputs": [
            {
                "path": i.path,
                "sheet": i.sheet,
                "dataset": i.dataset,
                "sha256": i.sha256,
                "rows_read": i.rows_read,
                "rows_kept": i.rows_kept,
                "rows_rejected": i.rows_rejected,
                "rows_skipped": i.rows_skipped,
            }
            for i in pub.inputs
        ],
        # a notice only: there are data that do not change every month
        "repeated_inputs": [
            {"path": i.path, "dataset": i.dataset, "month": pub.month_before, "note": pub.repeated_zh}
            for i in pub.repeated
        ],
        "told": list(pub.told),
        "sealed": vault.current() is not None,
        "stages": stages,
        "findings": {
            "total": sum(counts.values()),
            "by_rule": counts,
            "by_status": by_status,
            "lists": [asdict(one) for one in figures.lists(pub)],
            "held_back": figures.held(pub),
        },
        "links": [{"tier": tier, "decision": decision, "count": n} for tier, decision, n in links],
        "linkage": _linkage(quality(pub)),
        "rejects": pub.engine.count("rejects"),
        "not_run": len(pub.missed),
        "doubtful_sources": [{c: getattr(f, c) for c in _FAULT} for f in pub.faults],
        "completeness": [
            {
                "scheme": scheme,
                "kind": kind,
                "asked": cell.asked,
                "complete": cell.complete,
                "share": cell.share,
                "share_before": cell.share_before,
            }
            for (scheme, kind), cell in scores.totals(pub).items()
        ],
    }
    path = folder(out) / "run.json"
    with private():
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return owner_only(path)


def _linkage(q: Quality) -> dict[str, Any]:
    """The linkage's figures; what linkage did not leave is null or empty."""
    return {
        "decisions": q.decisions,
        "modelled_links": q.modelled,
        "expected_false_links": round(q.false_links, 6),
        "weights": {"bits_a_bar": BIN, "bars": [asdict(bar) for bar in q.weights]},
        "model": asdict(q.model) if q.model else None,
        "drift": [{"field": d.field, "psi": d.psi, "word": d.word} for d in q.drift],
        "blocking": [
            {"block": b.block, "pairs": b.pairs, "largest": b.largest, "alone": b.alone, "dropped": b.dropped}
            for b in q.blocks
        ],
        "calibration": [asdict(t) for t in q.calibration],
        "agreement": [{"both": a.both, "agree": a.agree, "kappa": a.kappa} for a in q.agreements],
    }
