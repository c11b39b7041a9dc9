"""Probabilities of pairs, and the thresholds that follow from target rates of false links."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LINK_RATE = 0.002
MISSED_RATE = 0.005
# Below an even chance a link is more often wrong than right, whatever the many sure ones make of the average.
LINK_FLOOR = 0.5
REVIEW_FLOOR = 0.05
_STEP = 1e-6  # probabilities are kept to six decimals

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Thresholds:
    """From `link_at` a pair is a link, from `review_at` it is put to a person; both rounded down to six decimals.

    `expected`: `links` and `reviews` (pairs), `link_false_rate` (Σ 1 − p over links, as a share of them),
    `review_share` and `missed_share` (of all expected matches, those in the review band and those below it).
    """

    link_at: float
    review_at: float
    expected: dict[str, float]


def pair_probability(weights: npt.ArrayLike, share: float, right_rows: float) -> Floats:
    """Probability of pairs by themselves: prior odds (share / N) / (1 − share / N) times 2^weight."""
    prior = min(share / max(right_rows, 1), 1 - 1e-9)
    log_odds = np.asarray(weights, dtype=np.float64) * math.log(2) + math.log(prior / (1 - prior))
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -700, 700))))


def thresholds(
    probabilities: npt.ArrayLike,
    counts: npt.ArrayLike,
    link_rate: float = LINK_RATE,
    missed_rate: float = MISSED_RATE,
    *,
    link_floor: float = LINK_FLOOR,
    review_floor: float = REVIEW_FLOOR,
) -> Thresholds:
    """Thresholds for pairs of these probabilities (`counts` of each).

    `link_at`: the lowest probability, not below `link_floor`, at or above which the expected share of false pairs stays
    within `link_rate`; 1.0 when not even the surest pairs do. `review_at`: the highest, not below `review_floor` and
    not above `link_at`, below which less than `missed_rate` of all expected matches lie.
    """
    raw, n = np.asarray(probabilities, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    order = np.argsort(-raw, kind="stable")
    # equal probabilities stand or fall together: rounded as they are kept, then added up
    kept, group = np.unique(-np.floor(raw[order] / _STEP + 1e-6), return_inverse=True)
    p = -kept * _STEP
    size = np.bincount(group, weights=n[order], minlength=len(p))
    true = np.bincount(group, weights=(n * raw)[order], minlength=len(p))
    pairs, matches = np.cumsum(size), np.cumsum(true)
    good = (p >= link_floor) & (pairs - matches <= link_rate * pairs)
    cut = int(good.nonzero()[0].max()) + 1 if good.any() else 0
    total = float(matches[-1]) if len(matches) else 0.0
    link_at = _down(p[cut - 1]) if cut else 1.0
    enough = (total - matches < missed_rate * total).nonzero()[0] if total else np.array([], dtype=np.int64)
    review_at = min(max(_down(p[enough[0]]) if len(enough) else review_floor, review_floor), link_at)
    last = int((p >= review_at - _STEP / 2).sum())
    links, true_links = (float(pairs[cut - 1]), float(matches[cut - 1])) if cut else (0.0, 0.0)
    seen, true_seen = (float(pairs[last - 1]), float(matches[last - 1])) if last else (0.0, 0.0)
    return Thresholds(
        link_at,
        review_at,
        {
            "links": links,
            "link_false_rate": (links - true_links) / links if links else 0.0,
            "reviews": max(seen - links, 0.0),
            "review_share": max(true_seen - true_links, 0.0) / total if total else 0.0,
            "missed_share": (total - true_seen) / total if total else 0.0,
        },
    )


def _down(p: float) -> float:
    return round(math.floor(float(p) / _STEP + 1e-6) * _STEP, 6)
