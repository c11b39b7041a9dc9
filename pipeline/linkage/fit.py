"""Training a model: u from random pairs, m inside strict blocks, the share of matches over all candidates.

Free EM over candidates collapses as soon as a wide blocking key is among them; this recipe does not. u is what random
pairs say and is never fitted. m is fitted by EM inside strict blocks (where most pairs match), each with its blocked
fields left out; a field's m is taken from the blocks that did not block on it, weighted by their expected matches.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.linkage.drift import shares
from pipeline.linkage.model import Field, Level, Model, weights_frame
from pipeline.linkage.pattern_em import MISSING, Floats, PatternECM, ladder_start
from pipeline.linkage.thresholds import LINK_RATE, MISSED_RATE, pair_probability, thresholds

Labels = Mapping[str, Sequence[str]]
HALF = 0.5
_MAX_BITS = 40.0


@dataclass(frozen=True)
class StrictBlock:
    """The distinct patterns (field columns and `n`) of pairs that agree on a strict key; `left_out` are its fields."""

    name: str
    patterns: pl.DataFrame
    left_out: tuple[str, ...]


def fit_model(
    labels: Labels,
    random: pl.DataFrame,
    strict: Sequence[StrictBlock],
    candidates: pl.DataFrame,
    left_rows: int,
    right_rows: float,
    *,
    version: str,
    trained_on: str,
    known_u: Mapping[str, Mapping[int, float]] | None = None,
    monotone: Collection[str] = (),
    surname_square: float | None = None,
    link_rate: float = LINK_RATE,
    missed_rate: float = MISSED_RATE,
) -> Model:
    """A model from distinct patterns.

    `labels`: field → level labels, weakest first. `random`, `candidates`: a column of levels each field (null or -1 =
    no information) and `n` pairs (whole, or in parts of a power of two: sums must be exact). `left_rows`, `right_rows`:
    the records that all pairs are made of (deduplicating n records: n and (n − 1) / 2). `known_u`: field → level → u,
    where it is known better than from random pairs (an equal value's, from the frequencies). `monotone`: fields
    whose weights may not fall from a level to a stronger one. Thresholds are set with pairwise probabilities; a caller
    whose candidates compete sets its own with `thresholds`.
    """
    drawn, blocks = _counted(labels, random), [(b.left_out, _counted(labels, b.patterns)) for b in strict]
    met = {f: _met(f, [drawn, *(p for out, p in blocks if f not in out)]) for f in labels}
    u = {f: u_of(len(labels[f]), drawn.of(f), (known_u or {}).get(f)) for f in labels}
    m = _m_of(labels, u, blocks)
    fields, unseen = [], []
    for f, names in labels.items():
        mf = _neighbourly(m[f], u[f], met[f])
        if f in monotone:
            mf = rising(mf, u[f])
        unseen += [f"{f}.{label}" for label, seen in zip(names, met[f], strict=True) if not seen]
        fields.append(Field(f, tuple(Level(*v) for v in zip(names, mf.tolist(), u[f].tolist(), strict=True))))
    model = Model(version, trained_on, tuple(fields), 0.5, 0.5, 0.05, surname_square=surname_square)
    weighed = weights_frame(model, _in_order(labels, candidates))
    weights, n = weighed["weight"].to_numpy(), weighed["n"].to_numpy().astype(np.float64)
    share = share_over_pairs(weights, n, left_rows, right_rows)
    p = pair_probability(weights, share, right_rows)
    at = thresholds(p, n, link_rate, missed_rate)
    return Model(
        version,
        trained_on,
        tuple(fields),
        share,
        at.link_at,
        at.review_at,
        expected_false=at.expected,
        shares=shares(labels, candidates),
        unseen=tuple(unseen),
        surname_square=surname_square,
    )


def u_of(levels: int, counts: Floats, known: Mapping[int, float] | None = None) -> Floats:
    """u by level from counts of random pairs, half a pair added to each; `known` levels keep theirs, exactly."""
    u: Floats = np.asarray((counts + HALF) / (counts.sum() + HALF * levels), dtype=np.float64)
    fixed = {i: min(max(v, 1e-12), 1 - 1e-6) for i, v in (known or {}).items()}
    free = [i for i in range(levels) if i not in fixed]
    if fixed and free:
        u[free] *= max(1 - sum(fixed.values()), 1e-6) / u[free].sum()
    for i, value in fixed.items():
        u[i] = value
    return u


def _m_of(
    labels: Labels, u: Mapping[str, Floats], blocks: Sequence[tuple[tuple[str, ...], _Counted]]
) -> dict[str, Floats]:
    """m by field: the blocks' expected matches added up, half a pair to each level.

    A field that every block leaves out, or no strict block at all, gives the ladder that EM starts from.
    """
    counts = {f: np.zeros(len(labels[f])) for f in labels}
    for left_out, patterns in blocks:
        used = [f for f in labels if f not in left_out]
        if not used or len(patterns.n) == 0:
            continue
        kernel = PatternECM([len(labels[f]) for f in used], [u[f].tolist() for f in used])
        kernel.fit(patterns.levels[:, [list(labels).index(f) for f in used]], patterns.n)
        for i, f in enumerate(used):
            counts[f] += kernel.field_counts(i)
    return {f: _smoothed(counts[f]) for f in labels}


def _smoothed(counts: Floats) -> Floats:
    total = counts.sum()
    if total <= 0:
        return ladder_start(len(counts))
    return np.asarray((counts + HALF) / (total + HALF * len(counts)))


def share_over_pairs(weights: Floats, counts: Floats, left_rows: int, right_rows: float) -> float:
    """π: the share of left rows with a match, by EM over all pairs with m and u fixed.

    Pairs that are no candidates count as no match. Kept between half a match and all rows but half a one.
    """
    share = 0.5
    low, high = HALF / max(left_rows, 1), 1 - HALF / max(left_rows, 1)
    for _ in range(500):
        matches = float((pair_probability(weights, share, right_rows) * counts).sum())
        new = min(max(matches / max(left_rows, 1), low), max(high, low))
        if abs(new - share) < 1e-9:
            break
        share = new
    return share


def share_over_rows(sums: npt.ArrayLike, left_rows: int) -> float:
    """π where candidates compete: by EM over left rows, from Σ BF / N of each that has candidates (the rest have 0)."""
    s = np.sort(np.asarray(sums, dtype=np.float64))
    share, rows = 0.5, max(left_rows, 1)
    low, high = HALF / rows, max(1 - HALF / rows, HALF / rows)
    for _ in range(500):
        new = min(max(float((share * s / ((1 - share) + share * s)).sum()) / rows, low), high)
        if abs(new - share) < 1e-9:
            break
        share = new
    return share


def rising(m: Floats, u: Floats) -> Floats:
    """m changed so that m / u never falls from a level to the next: neighbours that do share one ratio.

    The ratio is their pooled m over their pooled u (pool adjacent violators).
    """
    blocks: list[tuple[float, float, int]] = []
    for mi, ui in zip(m.tolist(), u.tolist(), strict=True):
        blocks.append((mi, ui, 1))
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            (m1, u1, n1), (m2, u2, n2) = blocks[-2:]
            blocks[-2:] = [(m1 + m2, u1 + u2, n1 + n2)]
    ratio = np.concatenate([np.full(k, mb / ub) for mb, ub, k in blocks])
    return np.asarray(ratio * u)


def _neighbourly(m: Floats, u: Floats, met: npt.NDArray[np.bool_]) -> Floats:
    """m of levels that training never met, so that their bits lie midway between the nearest levels that it did.

    Smoothing alone would give such a level the ratio of the two sample sizes: evidence out of nothing.
    """
    if met.all() or not met.any():
        return m
    bits = np.log2(m / u)
    at = np.flatnonzero(met)
    out = m.copy()
    for i in np.flatnonzero(~met):
        below, above = at[at < i], at[at > i]
        near = [bits[below[-1]]] if len(below) else []
        near += [bits[above[0]]] if len(above) else []
        out[i] = u[i] * 2 ** min(float(np.mean(near)), _MAX_BITS)
    return np.asarray(out / out.sum())


# --- patterns -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Counted:
    """Distinct patterns in order: `levels` (patterns × fields, -1 = no information) and pairs `n`."""

    labels: Labels
    levels: npt.NDArray[np.int64]
    n: Floats

    def of(self, name: str) -> Floats:
        """Pairs at each level of one field."""
        level = self.levels[:, list(self.labels).index(name)]
        known = level != MISSING
        counted = np.bincount(level[known], weights=self.n[known], minlength=len(self.labels[name]))
        return np.asarray(counted, dtype=np.float64)


def _met(name: str, patterns: Sequence[_Counted]) -> npt.NDArray[np.bool_]:
    """Which levels of a field occur at all."""
    return np.asarray(np.sum([p.of(name) for p in patterns], axis=0) > 0)


def _in_order(labels: Labels, patterns: pl.DataFrame) -> pl.DataFrame:
    """Levels as integers with -1 for no information, equal patterns added up, sorted."""
    names = list(labels)
    return (
        patterns.select(*(pl.col(f).cast(pl.Int64).fill_null(MISSING) for f in names), pl.col("n").cast(pl.Float64))
        .group_by(names)
        .agg(pl.col("n").sum())
        .sort(names)
    )


def _counted(labels: Labels, patterns: pl.DataFrame) -> _Counted:
    frame = _in_order(labels, patterns)
    levels = frame.select(list(labels)).to_numpy().astype(np.int64).reshape(frame.height, len(labels))
    return _Counted(labels, levels, frame["n"].to_numpy())
