"""Exact intervals: against brute force, and their coverage on made-up populations."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest
from scipy.stats import hypergeom

from pipeline.draw.interval import Interval, Sampled, _bound, _mean, one_stratum, strata_interval, sum_interval


def brute(units: int, drawn: int, wrong: int) -> Interval:
    """The totals that neither tail of 2.5 % refuses, in whole numbers."""

    def chance(total: int, x: int) -> Fraction:
        return Fraction(comb(total, x) * comb(units - total, drawn - x), comb(units, drawn))

    tail = Fraction(25, 1000)
    kept = [
        total
        for total in range(wrong, units - drawn + wrong + 1)
        if sum(chance(total, x) for x in range(wrong, drawn + 1)) > tail
        and sum(chance(total, x) for x in range(wrong + 1)) > tail
    ]
    return Interval(kept[0], kept[-1])


def test_one_stratum_is_the_hypergeometric_inverted() -> None:
    for units in range(1, 19):
        for drawn in range(units + 1):
            for wrong in range(drawn + 1):
                assert one_stratum(Sampled(units, drawn, wrong)) == brute(units, drawn, wrong), (units, drawn, wrong)


def test_a_stratum_drawn_whole_has_no_doubt_and_one_not_drawn_has_all() -> None:
    assert one_stratum(Sampled(7, 7, 2)) == (2, 2)
    assert one_stratum(Sampled(7, 0, 0)) == (0, 7)
    assert strata_interval([Sampled(7, 7, 2), Sampled(0, 0, 0), Sampled(5, 5, 0)]) == (2, 2)
    one = one_stratum(Sampled(40, 12, 3))
    assert strata_interval([Sampled(7, 7, 2), Sampled(40, 12, 3)]) == (one.low + 2, one.high + 2)


def test_impossible_counts_are_refused() -> None:
    for bad in (Sampled(3, 4, 0), Sampled(4, 3, 4), Sampled(4, 3, -1)):
        with pytest.raises(ValueError, match="impossible"):
            strata_interval([bad])


POPULATIONS = [
    (0.05, range(4, 42, 2)), (0.10, range(5, 60, 3)), (0.30, range(6, 120, 6)), (0.30, (3, 90)), (0.5, (20, 20, 20)),
]  # fmt: skip


@pytest.mark.parametrize(("rate", "sizes"), POPULATIONS)
@pytest.mark.parametrize("share", [0.0, 0.01, 0.06, 0.3, 0.6, 0.97])
@pytest.mark.parametrize("spread", ["even", "heaped"])
def test_the_interval_of_strata_covers_at_least_as_often_as_it_says(
    rate: float, sizes: range, share: float, spread: str
) -> None:
    n = np.array(list(sizes))
    k = np.ceil(np.round(n * rate, 9)).astype(int)
    if spread == "even":
        wrong = np.round(n * share).astype(int)
    else:  # all of some towns, none of the others: the small ones first
        room = round(n.sum() * share)
        wrong = np.clip(room - np.concatenate([[0], np.cumsum(n)[:-1]]), 0, n)
    rng = np.random.default_rng(7)
    runs, missed, cache = 400, 0, {}
    for x in rng.hypergeometric(wrong, n - wrong, k, size=(runs, len(n))):
        key = tuple(x)
        if key not in cache:
            cache[key] = strata_interval([Sampled(*map(int, s)) for s in zip(n, k, x, strict=True)])
        missed += not cache[key].low <= wrong.sum() <= cache[key].high
    # 5 % of 400 are 20; 34 or more are seen once in a thousand where coverage is just 95 %
    assert missed < 34


@pytest.mark.parametrize("sizes", [((4, 2), (3, 1), (5, 2)), ((6, 3), (6, 3)), ((2, 1), (2, 1), (2, 1), (3, 1))])
def test_the_bound_is_above_the_true_tail_for_every_spread(sizes: tuple[tuple[int, int], ...]) -> None:
    units, drawn = sum(n for n, _ in sizes), sum(k for _, k in sizes)
    least: dict[int, list[float]] = {}
    for spread in product(*(range(n + 1) for n, _ in sizes)):
        found = np.ones(1)
        for (n, k), wrong in zip(sizes, spread, strict=True):
            found = np.convolve(found, hypergeom.pmf(np.arange(k + 1), n, wrong, k))
        tail = np.cumsum(found)
        mean = sum(k * wrong / n for (n, k), wrong in zip(sizes, spread, strict=True))
        worst = least.setdefault(sum(spread), [0.0] * (drawn + 1))
        for t in range(drawn + 1):
            bound = float(_bound(t, drawn, units, np.array([sum(spread)]), np.array([mean]))[0])
            assert tail[t] <= bound + 1e-12, (spread, t)
            worst[t] = max(worst[t], float(tail[t]))
    # and so it is for the spread that nobody knows, with the least mean that the total can have
    nothing = [Sampled(n, k, 0) for n, k in sizes]
    for total, worst in least.items():
        if total <= units - drawn:
            mean_ = _mean(nothing, np.array([total]), least=True)
            bound_ = _bound(0, drawn, units, np.array([total]), mean_)
            assert worst[0] <= float(bound_[0]) + 1e-12


def test_the_interval_is_of_use() -> None:
    towns = [Sampled(n, -(-3 * n // 10), 0) for n in range(20, 115, 5)]  # 1,273 units, 30 % drawn, none wrong
    assert strata_interval(towns).high < 0.012 * sum(t.units for t in towns)
    some = [s._replace(wrong=s.drawn // 10) for s in towns]
    found, drawn, units = (sum(s[i] for s in some) for i in (2, 1, 0))
    low, high = strata_interval(some)
    p = found / drawn
    normal = 2 * 1.96 * (p * (1 - p) / drawn * (1 - drawn / units)) ** 0.5
    assert low / units < p < high / units and (high - low) / units < 1.35 * normal


def test_more_found_never_lowers_the_interval_and_more_confidence_widens_it() -> None:
    towns = [(n, -(-n // 10)) for n in (11, 25, 38, 40, 57, 80)]
    drawn = sum(k for _, k in towns)
    last = Interval(0, 0)
    for x in range(drawn + 1):
        left, strata = x, []
        for n, k in towns:
            strata.append(Sampled(n, k, min(k, left)))
            left -= min(k, left)
        now = strata_interval(strata)
        assert now.low >= last.low and now.high >= last.high and now.low >= x
        wide = strata_interval(strata, 0.99)
        assert wide.low <= now.low and wide.high >= now.high
        last = now
    assert last.high == sum(n for n, _ in towns)


def test_a_sum_over_schemes_is_wider_than_each_and_covers() -> None:
    rng = np.random.default_rng(3)
    groups = [(np.array([30, 25, 60]), np.array([2, 2, 3]), np.array([3, 1, 9])),
              (np.array([50, 40]), np.array([15, 12]), np.array([5, 6]))]  # fmt: skip
    truth = sum(int(w.sum()) for _, _, w in groups)
    missed = 0
    for _ in range(300):
        found = [[Sampled(*map(int, s)) for s in zip(n, k, rng.hypergeometric(w, n - w, k), strict=True)]
                 for n, k, w in groups]  # fmt: skip
        low, high = sum_interval(found)
        missed += not low <= truth <= high
    assert missed < 27
    parts = [strata_interval(g, 0.975) for g in found]
    assert (low, high) == (sum(p.low for p in parts), sum(p.high for p in parts))
    assert sum_interval([[], [Sampled(9, 9, 1)]]) == (1, 1)
