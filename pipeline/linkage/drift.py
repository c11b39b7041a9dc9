"""Whether a run's candidates still look like those the model was trained on, field by field.

Population stability index: Σ (now − then) · ln(now / then) over a field's levels, 'no information' being one of them.
The customary reading: below 0.1 stable, below 0.25 moved, else drifted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.linkage.model import Model

_FLOOR = 1e-4  # a share that is nought counts as this much
_WORDS = ((0.1, "stable"), (0.25, "moved"), (math.inf, "drifted"))


@dataclass(frozen=True)
class Drift:
    """One field's index and its reading (in Chinese: `pipeline.publish.quality`)."""

    field: str
    psi: float
    word: str


def shares(labels: Mapping[str, Sequence[str]], patterns: pl.DataFrame) -> dict[str, tuple[float, ...]]:
    """Patterns (a column of levels each field, null or -1 = no information, and `n`) → share of pairs by level.

    The last share is that of pairs without information. All nought when there are no pairs.
    """
    out = {}
    total = float(patterns["n"].sum())
    for name, levels in labels.items():
        counted = patterns.group_by(pl.col(name).cast(pl.Int64).fill_null(-1).alias("level")).agg(pl.col("n").sum())
        of = dict(counted.iter_rows())
        out[name] = tuple(of.get(i, 0) / total if total else 0.0 for i in (*range(len(levels)), -1))
    return out


def psi(then: Sequence[float], now: Sequence[float]) -> float:
    """The index of two lists of shares, in the same order of levels."""
    pairs = [(max(a, _FLOOR), max(b, _FLOOR)) for a, b in zip(then, now, strict=True)]
    return sum((b - a) * math.log(b / a) for a, b in pairs)


def drift(model: Model, now: Mapping[str, Sequence[float]]) -> list[Drift]:
    """The index of every field that both the model and this run have shares of, in the model's order."""
    out = []
    for f in model.fields:
        if f.id in model.shares and f.id in now and any(now[f.id]):
            index = round(psi(model.shares[f.id], now[f.id]), 4)
            out.append(Drift(f.id, index, next(word for below, word in _WORDS if index < below)))
    return out
