"""The draw itself: tickets, sizes, fairness over many seeds, later rounds."""

from __future__ import annotations

import hashlib
from collections import Counter
from fractions import Fraction

import pytest
from scipy.stats import chi2

from pipeline.draw.select import check_seed, same_seed, select, size, ticket
from pipeline.draw.words import once
from pipeline.errors import BadInput
from tests.unit.draw_sample import FIFTH, units


def test_a_ticket_is_sha256_over_seed_line_feed_and_unit() -> None:
    # printf '4163325114\ndibao:DB1' | sha256sum
    assert ticket("4163325114", "dibao:DB1") == hashlib.sha256(b"4163325114\x0adibao:DB1").hexdigest()
    assert ticket("骰子", "dibao:甲1") == hashlib.sha256("骰子".encode() + b"\n" + "dibao:甲1".encode()).hexdigest()


@pytest.mark.parametrize(
    ("n", "rate", "drawn"),
    [
        (10, "0.3", 3), (100, "0.07", 7), (1000, "0.057", 57), (20, "0.05", 1), (21, "0.05", 2), (40, "0.05", 2),
        (1, "0.05", 1), (0, "0.3", 0), (30, "0.1", 3), (31, "0.1", 4), (7, "1", 7), (3, "0.3", 1), (4, "0.3", 2),
        (5, "0", 1), (10**6, "0.3", 300_000), (10**6 + 1, "0.3", 300_001),
    ],
)  # fmt: skip
def test_the_size_is_the_exact_ceiling_and_at_least_one(n: int, rate: str, drawn: int) -> None:
    assert size(n, Fraction(rate)) == drawn


def test_strata_counts_are_exact_and_the_smallest_tickets_are_drawn() -> None:
    everybody = [*units("tekun", {"长来": 11, "坪石": 20}), *units("borderline", {"长来": 3})]
    drawn, strata = select(everybody, FIFTH, "1")
    assert [s[:5] for s in strata] == [
        ("borderline", "长来", "-", 3, 0), ("tekun", "坪石", "-", 20, 0), ("tekun", "长来", "-", 11, 0),
    ]  # fmt: skip
    assert [s.drawn for s in strata] == [1, 4, 3]
    for s in strata:
        inside = {d.unit for d in drawn if d[:3] == s[:3]}
        tickets = {u: ticket("1", u) for d, t, c, u in everybody if (d, t, c) == s[:3]}
        assert max(tickets[u] for u in inside) < min(tickets[u] for u in set(tickets) - inside)


def test_the_order_of_the_frame_does_not_matter_and_another_seed_is_another_draw() -> None:
    everybody = units("tekun", {"长来": 40, "坪石": 25})
    assert select(everybody, FIFTH, "1") == select(everybody[::-1], FIFTH, "1")
    draws = {frozenset(d.unit for d in select(everybody, FIFTH, str(seed))[0]) for seed in range(20)}
    assert len(draws) == 20


def test_over_2000_seeds_each_unit_is_drawn_as_often_as_its_rate_says() -> None:
    everybody = [*units("tekun", {"长来": 10, "坪石": 7}), *units("borderline", {"长来": 12})]
    rates = {("tekun", "-"): Fraction(3, 10), ("borderline", "-"): Fraction(1, 10)}
    times: Counter[str] = Counter()
    pairs: Counter[frozenset[str]] = Counter()
    for seed in range(2000):
        drawn, strata = select(everybody, rates, f"seed {seed}")
        assert [s.drawn for s in strata] == [2, 3, 3]
        times.update(d.unit for d in drawn)
        pairs[frozenset(d.unit for d in drawn if d.town == "长来" and d.draw == "tekun")] += 1
    for draw, town, n, k in (("tekun", "长来", 10, 3), ("tekun", "坪石", 7, 3), ("borderline", "长来", 12, 2)):
        members = [u for d, t, _, u in everybody if (d, t) == (draw, town)]
        expected = 2000 * k / n
        # counts of a draw without replacement: variance E(1 - k/n), correlated so that n - 1 degrees are left
        stat = sum((times[u] - expected) ** 2 for u in members) / (expected * (1 - k / n)) * (n - 1) / n
        assert 0.001 < chi2.sf(stat, n - 1) < 0.999, (draw, town, stat)
    # not only each unit: each of the 120 possible samples of the stratum as well
    stat = sum((n - 2000 / 120) ** 2 for n in pairs.values()) / (2000 / 120) + (120 - len(pairs)) * 2000 / 120
    assert 0.001 < chi2.sf(stat, 119) < 0.999


def test_later_rounds_draw_nobody_again_and_stop_when_all_were_drawn() -> None:
    everybody = units("tekun", {"长来": 11})
    before: set[tuple[bool, str]] = set()
    sizes = []
    for number in range(6):
        drawn, strata = select(everybody, FIFTH, f"round {number}", before)
        now = {once(d.draw, d.unit) for d in drawn}
        assert not now & before and strata[0].earlier == len(before)
        before |= now
        sizes.append(len(drawn))
    assert sizes == [3, 3, 3, 2, 0, 0]


def test_care_levels_are_drawn_apart_from_visits() -> None:
    visits, care = units("tekun", {"长来": 10}), units("care", {"长来": 10}, care="全自理")
    rates = FIFTH | {("care", "全自理"): Fraction(1, 5)}
    first, _ = select([*visits, *care], rates, "1")
    both = Counter(d.unit for d in first)
    assert set(both.values()) == {2}  # one ticket a person: one visit does for both
    again, strata = select([*visits, *care], rates, "2", {once(d.draw, d.unit) for d in first if d.draw == "care"})
    assert {(s.draw, s.earlier) for s in strata} == {("care", 2), ("tekun", 0)}
    assert not {d.unit for d in again if d.draw == "care"} & set(both)


@pytest.mark.parametrize("seed", ["", " 12", "12 ", "1\n2", "1\t2", "1\u200b2", "1\u00a02", "\ufeff12"])
def test_a_seed_that_could_not_be_typed_again_is_refused(seed: str) -> None:
    with pytest.raises(BadInput, match="seed"):
        check_seed(seed)


def test_seeds_written_otherwise_are_one() -> None:
    assert check_seed("05 12 17+23") == "05 12 17+23"
    assert same_seed("A12 3", "a123") and same_seed("１２", "12") and not same_seed("12", "13")
