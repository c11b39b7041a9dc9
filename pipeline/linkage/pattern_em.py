"""recordlinkage's ECM kernel fitted on distinct level patterns with counts, u held fixed.

`PatternECM` takes the kernel's place: `ECMClassifier` keeps its accessors (p, m_probs, u_probs, log_weights), the loop
is replaced because the original takes no counts, no start values and no fixed u, and treats a missing value as a level.
Sums run in pattern order without BLAS: the same patterns give the same bits on any number of threads.
Source of the model: Fellegi and Sunter 1969; of the loop: Winkler's EM, as in `recordlinkage.algorithms.nb_sklearn`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from recordlinkage import ECMClassifier
from recordlinkage.algorithms.nb_sklearn import ECM
from sklearn.preprocessing import LabelBinarizer

MISSING = -1
Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int64]


def ladder_start(levels: int) -> Floats:
    """Where m begins for a field of `levels`: nine tenths on the highest, the rest in halves down the ladder."""
    below = 0.1 * 0.5 ** np.arange(levels - 1, 0, -1)
    return np.append(below, 1 - below.sum())


class PatternECM(ECM):  # type: ignore[misc]
    """An ECM kernel for integer levels.

    `levels`: how many each field has. `u`: per field its probabilities among non-matches, kept as they are.
    `start_m`: per field where m begins (default `ladder_start`); `start_p`: the first share of matches.
    `smoothing`: pairs added to every level of a field before m is taken.
    """

    def __init__(
        self,
        levels: Sequence[int],
        u: Sequence[Sequence[float]],
        *,
        start_m: Sequence[Sequence[float]] | None = None,
        start_p: float = 0.5,
        smoothing: float = 0.5,
        max_iter: int = 1000,
        atol: float = 1e-7,
    ) -> None:
        super().__init__(init="given", max_iter=max_iter, binarize=None, atol=atol)
        self.levels, self.u, self.start_m, self.start_p, self.smoothing = levels, u, start_m, start_p, smoothing
        self._offsets = np.concatenate([[0], np.cumsum(np.asarray(levels, dtype=np.int64))])[:-1]
        self._binarizers = [LabelBinarizer() for _ in levels]
        for binarizer, n in zip(self._binarizers, levels, strict=True):
            binarizer.classes_ = np.arange(n)  # what its fit would find, without its checks

    def fit(self, X: npt.ArrayLike, counts: npt.ArrayLike | None = None) -> PatternECM:  # noqa: N803 — the kernel's
        """Fit m and p on distinct patterns.

        X: patterns × fields, integers from 0 (the weakest), -1 = no information. `counts`: pairs a pattern (default 1
        each). Leaves `class_log_prior_` (2,), `feature_log_prob_` (2, all levels) and `match_counts_` (all levels:
        expected matches at each level, before smoothing). The result does not depend on the order of patterns beyond
        the last bits; sort them where bytes matter.
        """
        patterns = np.asarray(X, dtype=np.int64)
        n = np.ones(len(patterns)) if counts is None else np.asarray(counts, dtype=np.float64)
        self.classes_ = np.array([0, 1])
        log_u = np.log(np.concatenate([np.asarray(u, dtype=np.float64) for u in self.u]))
        starts = [ladder_start(k) for k in self.levels] if self.start_m is None else self.start_m
        m = np.concatenate([np.asarray(s, dtype=np.float64) for s in starts])
        total, p = n.sum(), self.start_p
        for _ in range(self.max_iter):
            self.class_log_prior_ = np.log([1 - p, p])
            self.feature_log_prob_ = np.stack([log_u, np.log(m)])
            matched = n * self._match_share(patterns)
            self.match_counts_ = self._level_counts(patterns, matched)
            # half a pair on each side keeps p inside (0, 1) where a block holds matches only, or none
            new_p, new_m = float((matched.sum() + 0.5) / (total + 1)), self._m_step(self.match_counts_)
            change = max(abs(new_p - p), float(np.abs(new_m - m).max(initial=0.0)))
            p, m = new_p, new_m
            if change < self.atol:
                break
        self.class_log_prior_ = np.log([1 - p, p])
        self.feature_log_prob_ = np.stack([log_u, np.log(m)])
        return self

    def _joint_log_likelihood(self, X: npt.ArrayLike) -> Floats:  # noqa: N803
        """Patterns × (non-match, match): log of prior times likelihood; a missing level adds nothing."""
        patterns = np.asarray(X, dtype=np.int64)
        out = np.tile(np.asarray(self.class_log_prior_), (len(patterns), 1))
        for f, offset in enumerate(self._offsets):
            known = patterns[:, f] != MISSING
            out[known] += self.feature_log_prob_[:, offset + patterns[known, f]].T
        return out

    def _match_share(self, patterns: Levels) -> Floats:
        joint = self._joint_log_likelihood(patterns)
        return np.asarray(1 / (1 + np.exp(np.clip(joint[:, 0] - joint[:, 1], -700, 700))))

    def _level_counts(self, patterns: Levels, weight: Floats) -> Floats:
        parts = []
        for f, levels in enumerate(self.levels):
            known = patterns[:, f] != MISSING
            parts.append(np.bincount(patterns[known, f], weights=weight[known], minlength=levels))
        return np.concatenate(parts)

    def _m_step(self, counts: Floats) -> Floats:
        parts = []
        for f, levels in enumerate(self.levels):
            of_field = counts[self._offsets[f] : self._offsets[f] + levels] + self.smoothing
            parts.append(of_field / of_field.sum())
        return np.concatenate(parts)

    def field_counts(self, field: int) -> Floats:
        """Expected matches at each level of one field, from the last expectation step."""
        begin = self._offsets[field]
        return np.asarray(self.match_counts_[begin : begin + self.levels[field]])


def fitted(
    fields: Sequence[str], patterns: npt.ArrayLike, counts: npt.ArrayLike, u: Mapping[str, Sequence[float]]
) -> ECMClassifier:
    """recordlinkage's classifier with a `PatternECM` inside, fitted: p, m_probs, u_probs, log_weights are there."""
    classifier = ECMClassifier()
    classifier.kernel = PatternECM([len(u[f]) for f in fields], [u[f] for f in fields])
    classifier.kernel.fit(patterns, counts)
    classifier._column_labels = list(fields)
    return classifier
