"""Exact confidence intervals for a number of wrong units in a finite population, from a draw without replacement.

One stratum: the hypergeometric distribution inverted, as Clopper and Pearson (1934) inverted the binomial; Wright
(1991), Exact Confidence Bounds when Sampling from Small Finite Universes.

Several strata: for a hypothetical total D the least favourable way to spread it over the strata counts, as in Wendell
and Schmee (1996), Exact Inference for Proportions from a Stratified Finite Population, JASA 91:825. Its tail is
bounded, not searched for: the number found in a stratum is a sum of min(n, D) independent Bernoulli variables (Vatutin
and Mikhailov 1982), so the number found in all is one of at most m = min(n, D), and by Hoeffding (1956, On the
Distribution of the Number of Successes in Independent Trials, Ann. Math. Stat. 27:713) its tail beyond its mean by one
or more is at most that of Binomial(m, mean / m). The mean is the smallest (or largest) that a spread of D can have.
The same bound is taken for the units found right, and the smaller of both counts. Strata drawn whole add their count
and no doubt. Every step errs to the wide side, so the interval covers at least as often as it says, whatever the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import binom, hypergeom

_EPS = 1e-9  # a mean that misses a condition by rounding fails it: the bound is then the trivial one

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]


class Sampled(NamedTuple):
    """A stratum: of `units`, `drawn` were looked at and `wrong` of these were wrong."""

    units: int
    drawn: int
    wrong: int


class Interval(NamedTuple):
    """The least and the most units that may be wrong in the whole."""

    low: int
    high: int


def one_stratum(s: Sampled, level: float = 0.95) -> Interval:
    """The interval of one stratum, tails of equal size. A stratum that nobody looked at may be all wrong or none."""
    _check([s])
    if s.drawn == s.units:
        return Interval(s.wrong, s.wrong)
    totals = np.arange(s.wrong, s.units - s.drawn + s.wrong + 1)
    tail = (1 - level) / 2
    at_least = hypergeom.sf(s.wrong - 1, s.units, totals, s.drawn)
    at_most = hypergeom.cdf(s.wrong, s.units, totals, s.drawn)
    return Interval(int(totals[at_least > tail][0]), int(totals[at_most > tail][-1]))


def strata_interval(strata: Sequence[Sampled], level: float = 0.95) -> Interval:
    """The interval of several strata's sum, each drawn by itself. ValueError for impossible counts."""
    _check(strata)
    known = sum(s.wrong for s in strata if s.drawn == s.units)
    doubtful = [s for s in strata if s.drawn < s.units]
    if not doubtful:
        return Interval(known, known)
    one = one_stratum(doubtful[0], level) if len(doubtful) == 1 else _several(doubtful, level)
    return Interval(known + one.low, known + one.high)


def sum_interval(groups: Sequence[Sequence[Sampled]], level: float = 0.95) -> Interval:
    """The sum over groups whose rates of drawing differ: each at a level that together keeps `level` (Bonferroni)."""
    some = [g for g in groups if g]
    parts = [strata_interval(g, 1 - (1 - level) / len(some)) for g in some]
    return Interval(sum(p.low for p in parts), sum(p.high for p in parts))


def _several(strata: Sequence[Sampled], level: float) -> Interval:
    wrong, drawn, units = (sum(s[i] for s in strata) for i in (2, 1, 0))
    totals = np.arange(wrong, units - drawn + wrong + 1)
    tail = (1 - level) / 2
    at_most = _bound(wrong, drawn, units, totals, _mean(strata, totals, least=True))
    # found wrong at least `wrong` = found right at most the rest
    right = _bound(drawn - wrong, drawn, units, units - totals, drawn - _mean(strata, totals, least=False))
    return Interval(int(totals[right > tail][0]), int(totals[at_most > tail][-1]))


def _mean(strata: Sequence[Sampled], totals: _Ints, *, least: bool) -> _Floats:
    """The least (or most) expected number of wrong units in the sample, over all spreads of each total.

    A stratum has at least the wrong units found in it, and at most those and all that were not looked at.
    """
    order = sorted(strata, key=lambda s: s.drawn / s.units, reverse=not least)
    room = np.cumsum([0, *(s.units - s.drawn for s in order)])
    gain = np.cumsum([0.0, *((s.units - s.drawn) * s.drawn / s.units for s in order)])
    found = sum(s.wrong * s.drawn / s.units for s in strata)
    beyond = totals - sum(s.wrong for s in strata)
    return np.asarray(found + np.interp(beyond, room, gain), dtype=np.float64)


def _bound(found: int, drawn: int, units: int, totals: _Ints, mean: _Floats) -> _Floats:
    """At most what P(as few as `found`) is when so many of `units` have the mark and the sample's mean is `mean`."""
    usable = found <= mean - 1 - _EPS
    with np.errstate(divide="ignore", invalid="ignore"):
        trials = np.minimum(drawn, totals)
        direct = binom.cdf(found, trials, np.clip(mean / trials, 0, 1))
        others = np.minimum(drawn, units - totals)  # the same event told of the unmarked: many of them found
        mirrored = binom.sf(drawn - found - 1, others, np.clip((drawn - mean) / others, 0, 1))
    best = np.fmin(np.where(trials > 0, direct, 1.0), np.where(others > 0, mirrored, 1.0))
    return np.where(usable, best, 1.0)


def _check(strata: Sequence[Sampled]) -> None:
    for s in strata:
        if not 0 <= s.wrong <= s.drawn <= s.units:
            raise ValueError(f"impossible counts: {s}")
