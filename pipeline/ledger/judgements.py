"""What people's rulings on pairs say of the model and of each other: how often p = 0.8 was right, and whether two
reviewers agree.

Counts only. A ruling counts as the person left it: what was taken back does not, and a changed mind counts once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipeline import vault
from pipeline.engine.duck import DuckEngine
from pipeline.ledger.store import opened

TENTHS = 10
TENTH: dict[str, Any] = {
    "low": pl.Float64, "high": pl.Float64, "judged": pl.Int64, "same": pl.Int64, "unknown": pl.Int64,
    "mean": pl.Float64, "share": pl.Float64, "share_low": pl.Float64, "share_high": pl.Float64,
}  # fmt: skip
AGREEMENT: dict[str, Any] = {
    "one": pl.String, "other": pl.String, "both": pl.Int64, "agree": pl.Int64, "kappa": pl.Float64,
}  # fmt: skip
_LEVEL = 0.95
# The latest ruling of each person on each pair.
_OPINIONS = """
SELECT subject, decided_by, verdict FROM ruling_in_force WHERE kind = 'link' AND decided_by IS NOT NULL
QUALIFY ruling_no = max(ruling_no) OVER (PARTITION BY subject, decided_by)
ORDER BY subject, decided_by
"""
# The ruling that stands on each pair of which the model had told a probability.
_TOLD = """
SELECT probability, verdict FROM ruling_in_force WHERE kind = 'link'
QUALIFY ruling_no = max(ruling_no) OVER (PARTITION BY subject) AND probability IS NOT NULL
ORDER BY subject
"""


@dataclass(frozen=True)
class Tenth:
    """Pairs whose told probability is in [low, high): of `judged` (same or different), `same` are one person.

    `mean`: of what was told of them; `share` = same / judged, with its exact (Clopper-Pearson) 95 % interval; None
    where nothing was judged. `unknown`: could not be told, not counted.
    """

    low: float
    high: float
    judged: int
    same: int
    unknown: int
    mean: float | None
    share: float | None
    interval: tuple[float, float] | None

    @property
    def covered(self) -> bool | None:
        """Whether what was told lies in the interval; None where nothing was judged."""
        return None if self.interval is None or self.mean is None else self.interval[0] <= self.mean <= self.interval[1]


@dataclass(frozen=True)
class Agreement:
    """Two reviewers on the pairs that both ruled on: how many, on how many they agree, and Cohen's kappa (None where
    both gave one and the same verdict throughout: chance alone would agree as much).
    """

    reviewers: tuple[str, str]
    both: int
    agree: int
    kappa: float | None

    @property
    def share(self) -> float:
        return self.agree / self.both


def calibration(con: duckdb.DuckDBPyConnection) -> list[Tenth]:
    """Ten rows, from [0, 0.1) to [0.9, 1]; [] where nobody ruled on a pair with a probability."""
    return tenths(con.execute(_TOLD).fetchall())


def agreements(con: duckdb.DuckDBPyConnection) -> list[Agreement]:
    """Every two reviewers who ruled on the same pairs, by name."""
    return agreed(con.execute(_OPINIONS).fetchall())


def tenths(told: Iterable[tuple[float, str]]) -> list[Tenth]:
    """The table of (probability, verdict)."""
    by_tenth: dict[int, list[tuple[float, str]]] = {}
    for probability, verdict in told:
        at = min(int(probability * TENTHS + 1e-9), TENTHS - 1)
        by_tenth.setdefault(at, []).append((probability, verdict))
    return [_tenth(at, by_tenth.get(at, [])) for at in range(TENTHS)] if by_tenth else []


def _tenth(at: int, rows: Sequence[tuple[float, str]]) -> Tenth:
    judged = [(p, v) for p, v in rows if v in ("same", "different")]
    same, n = sum(v == "same" for _, v in judged), len(judged)
    return Tenth(
        at / TENTHS, (at + 1) / TENTHS, n, same, len(rows) - n,
        round(sum(p for p, _ in judged) / n, 4) if n else None,
        round(same / n, 4) if n else None,
        exact_interval(same, n) if n else None,
    )  # fmt: skip


def exact_interval(found: int, of: int) -> tuple[float, float]:
    """Clopper and Pearson's (1934) 95 % interval of a share."""
    from scipy.special import betaincinv

    tail = (1 - _LEVEL) / 2
    low = float(betaincinv(found, of - found + 1, tail)) if found else 0.0
    high = float(betaincinv(found + 1, of - found, 1 - tail)) if found < of else 1.0
    return round(low, 4), round(high, 4)


def agreed(opinions: Iterable[tuple[Any, str, str]]) -> list[Agreement]:
    """The table of (subject, reviewer, verdict), one row a subject and reviewer."""
    by_reviewer: dict[str, dict[Any, str]] = {}
    for subject, who, verdict in opinions:
        by_reviewer.setdefault(who, {})[subject] = verdict
    out = []
    for a, b in combinations(sorted(by_reviewer), 2):
        pairs = [(by_reviewer[a][s], by_reviewer[b][s]) for s in by_reviewer[a] if s in by_reviewer[b]]
        if pairs:
            out.append(Agreement((a, b), len(pairs), sum(x == y for x, y in pairs), kappa(pairs)))
    return out


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's (1960) kappa of two reviewers' verdicts on the same pairs."""
    n = len(pairs)
    ours, theirs = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    by_chance = sum(ours[v] * theirs[v] for v in ours) / n**2
    if by_chance == 1:
        return None
    return round((sum(a == b for a, b in pairs) / n - by_chance) / (1 - by_chance), 4)


def leave_judgements(engine: DuckEngine, ledger: Path) -> None:
    """Leave `judged_tenth` and `judged_agreement` on the engine, for the outputs; empty where nobody has ruled."""
    tenth: list[Tenth] = []
    agreement: list[Agreement] = []
    if vault.there(ledger):
        with opened(ledger) as con:
            tenth, agreement = calibration(con), agreements(con)
    rows = [(t.low, t.high, t.judged, t.same, t.unknown, t.mean, t.share, *(t.interval or (None, None))) for t in tenth]
    pairs = [(*a.reviewers, a.both, a.agree, a.kappa) for a in agreement]
    for table, schema, found in (("judged_tenth", TENTH, rows), ("judged_agreement", AGREEMENT, pairs)):
        engine.drop(table)
        engine.load(table, pl.DataFrame(found, orient="row", schema=schema))
