"""A comparison with the truth as files: JSON for every figure, Parquet for every judged pair."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import BadInput
from pipeline.score.links import LinksScore
from pipeline.score.lost import CAUSES
from pipeline.score.reliability import largest_deviation
from pipeline.score.result import Score

_PAIR = ("a", "b", "dataset", "tier", "decision", "probability", "pattern", "kind", "enough", "error")


def save(score: Score, file: Path) -> None:
    """Write `file` (JSON) and, beside it, `<stem>.pairs.parquet`. BadInput when the folder is not there."""
    if not file.parent.is_dir():
        raise BadInput("there is no such folder", file=str(file.parent), remedy="make it, or name another file")
    file.write_text(json.dumps(as_dict(score), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    score.links.pairs.write_parquet(file.with_name(file.stem + ".pairs.parquet"), compression="zstd")


def as_dict(score: Score) -> dict[str, Any]:
    """Every figure of the comparison, in plain types."""
    return {
        "links": _links(score.links),
        "findings": {
            "precision": score.precision,
            "recall": score.recall,
            "rules": [asdict(r) | {"precision": r.precision, "recall": r.recall} for r in score.rules],
            "other_rules": score.other_rules,
        },
        "gaps": {
            "precision": score.gap_precision,
            "recall": score.gap_recall,
            "checks": [asdict(g) | {"precision": g.precision, "recall": g.recall} for g in score.gaps],
        },
        "files": {"all": score.files, "agree": score.files_agree, "differing": score.differing},
        "rejects": {
            "planted": score.rejects, "found": score.rejects_found, "unplanned": score.rejects_unplanned,
        },
    }  # fmt: skip


def _links(links: LinksScore) -> dict[str, Any]:
    worst = largest_deviation(links.reliability)
    lost = links.lost
    return {
        "all": links.every.as_dict(),
        "hard": links.hard.as_dict(),
        "hard_enough": links.enough.as_dict(),
        "by": {title: [k.as_dict() for k in group] for title, group in links.groups.items()},
        "traps": [asdict(t) for t in links.traps],
        "reliability": [t.as_dict() for t in links.reliability],
        "largest_deviation": worst.as_dict() if worst else None,
        "lost_by_cause": {cause: lost.filter(pl.col("cause") == cause).height for cause in CAUSES},
        "lost": lost.select(*_PAIR, "cause").to_dicts(),
        "wrong": links.wrong.select(_PAIR).to_dicts(),
    }
