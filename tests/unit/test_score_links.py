"""How links are judged: on pairs written out by hand, every figure worked out beside them."""

from __future__ import annotations

import polars as pl
import pytest
from scipy.stats import binomtest

from pipeline.score.links import LinksScore, score_links
from pipeline.score.reliability import largest_deviation
from pipeline.score.shares import Agreement, Share

# record id → dataset, pid, noise, error
PERSONS = {
    "r1": ("dibao", 1, "exact", "none"), "r2": ("dibao", 2, "no_id", "missing+by_ear"),
    "r3": ("tekun", 3, "exact", "none"),
    "a1": ("tax", 1, "repaired", "slip"), "a2": ("tax", 2, "exact", "none"), "a3": ("tax", 3, "name_noise", "wildcard"),
    "b1": ("deposit", 1, "no_id", "masked"), "b2": ("deposit", 2, "repaired", "swap+moved"),
    "b3": ("deposit", 3, "exact", "moved"), "m4": ("marriage", 4, "exact", "none"),
}  # fmt: skip
# true pair → hard, enough
TRUE = {
    ("r1", "a1"): ("repaired", True), ("r1", "b1"): ("no_id", True), ("r2", "a2"): ("no_id", True),
    ("r2", "b2"): ("no_id", False), ("r3", "a3"): ("name_noise", True), ("r3", "b3"): ("exact_id", True),
}  # fmt: skip
TRAPS = [("r1", "a3", "twin"), ("r3", "a1", "sibling"), ("r1", "b3", "sibling")]


def judge(*made: tuple[str, str, str, str, float | None], pattern: str | None = None) -> LinksScore:
    """Score links of (roster record, record, tier, decision, probability)."""
    persons = pl.DataFrame(
        [(r, *values, 1 if r == "m4" else None) for r, values in PERSONS.items()],
        orient="row",
        schema={
            "record_id": pl.String, "dataset": pl.String, "pid": pl.Int64, "noise": pl.String, "error": pl.String,
            "spouse_pid": pl.Int64,
        },
    )  # fmt: skip
    links = pl.DataFrame(
        [(a, b, PERSONS[b][0], "sector", hard, enough) for (a, b), (hard, enough) in TRUE.items()],
        orient="row", schema=["roster_record_id", "record_id", "dataset", "scope", "hard", "enough"],
    )  # fmt: skip
    traps = pl.DataFrame(TRAPS, orient="row", schema=["roster_record_id", "record_id", "trap"])
    found = pl.DataFrame(
        [(a, PERSONS[b][0] if b in PERSONS else "tax", b, tier, p, d, pattern) for a, b, tier, d, p in made],
        orient="row",
        schema={
            "roster_record_id": pl.String, "dataset": pl.String, "record_id": pl.String, "tier": pl.String,
            "match_probability": pl.Float64, "decision": pl.String, "pattern": pl.String,
        },
    )  # fmt: skip
    return score_links(found, {"persons": persons, "links": links, "traps": traps})


def group(score: LinksScore, title: str) -> dict[str, Agreement]:
    return {k.group: k for k in score.groups[title]}


LINKS = (
    ("r1", "a1", "repaired_id", "link", None),
    ("b1", "r1", "probabilistic", "link", 0.95),  # the other way round
    ("r2", "a2", "probabilistic", "review", 0.6),
    ("r2", "b2", "probabilistic", "reject", 0.97),
    ("r3", "b3", "exact_id", "link", None),
    ("r1", "a3", "probabilistic", "link", 0.91),  # wrong, and a trap
    ("r1", "b3", "exact_id", "link", None),  # wrong, both sides clean; a trap
    ("r3", "a1", "probabilistic", "reject", 0.2),  # rightly rejected
    ("r1", "m4", "exact_id", "link", None),  # the marriage row names person 1 as spouse: nobody's error
)  # fmt: skip


def test_counts_over_all_pairs_and_over_the_hard_ones() -> None:
    score = judge(*LINKS)
    assert (score.every.right, score.every.missed, score.every.wrong, score.every.in_review) == (3, 3, 2, 1)
    assert (score.hard.right, score.hard.missed, score.hard.wrong, score.hard.in_review) == (2, 3, 1, 1)
    assert (score.enough.right, score.enough.missed, score.enough.wrong) == (2, 2, None)
    assert score.every.precision.value == 3 / 5 and score.every.recall.value == 3 / 6
    assert score.every.with_review.value == 4 / 6 and score.every.f1[0] == pytest.approx(6 / 11)


def test_a_rejected_pair_is_no_link() -> None:
    score = judge(
        *[(a, b, "probabilistic", "reject", 0.5) for a, b in TRUE], ("r1", "a3", "probabilistic", "reject", 0.9)
    )
    assert score.every.right == 0 and score.every.wrong == 0 and score.every.missed == 6
    assert score.every.precision.value is None and score.every.recall.value == 0.0
    assert sum(t.sprung for t in score.traps) == 0


def test_a_pair_stands_under_each_trouble_of_its_worse_side() -> None:
    errors = group(judge(*LINKS), "error, hard pairs")
    assert set(errors) == {"slip", "masked", "missing", "by_ear", "wildcard", "(two or more together)"}
    assert (errors["slip"].right, errors["slip"].missed) == (1, 0)
    # r2 is the worse side of both its pairs: the swap on b2 does not count
    assert (errors["missing"].missed, errors["by_ear"].missed, errors["(two or more together)"].missed) == (2, 2, 2)
    assert (errors["wildcard"].missed, errors["wildcard"].wrong, errors["masked"].right) == (1, 1, 1)


def test_datasets_tiers_and_hardness() -> None:
    score = judge(*LINKS)
    datasets, hard = group(score, "dataset"), group(score, "dataset, hard pairs")
    assert (datasets["tax"].right, datasets["tax"].missed, datasets["tax"].wrong) == (1, 2, 1)
    assert (hard["deposit"].right, hard["deposit"].missed, hard["deposit"].wrong) == (1, 1, 0)
    tiers = group(score, "tier")
    assert tiers["exact_id"].precision.value == tiers["probabilistic"].precision.value == 0.5
    assert tiers["exact_id"].recall.value is None and tiers["repaired_id"].precision.value == 1.0
    hardness = group(score, "hardness")
    assert hardness["exact_id"].wrong == 1 and hardness["name_noise"].wrong == 1 and hardness["no_id"].missed == 2


def test_lost_pairs_by_cause() -> None:
    lost = {(a, b): cause for a, b, cause in judge(*LINKS).lost.select("a", "b", "cause").iter_rows()}
    # the smallest probability linked is 0.91, so 0.97 was probable enough
    assert lost == {("a2", "r2"): "review", ("b2", "r2"): "one_to_one", ("a3", "r3"): "not_reached"}
    rejected = [
        (a, b, "probabilistic", "reject", p) for (a, b), p in zip(TRUE, (0.2, None, 0.9, 0.1, 0.3, None), strict=True)
    ]
    causes = judge(*rejected, ("r1", "b3", "probabilistic", "link", 0.8)).lost["cause"].to_list()
    assert sorted(causes) == ["below_threshold"] * 3 + ["one_to_one"] + ["refused"] * 2
    rival = judge(("r2", "a2", "probabilistic", "reject", 0.1), pattern="name=equal once=taken rival").lost
    assert rival.filter(pl.col("b") == "r2", pl.col("a") == "a2")["cause"].to_list() == ["one_to_one"]


def test_wrong_links_and_traps_are_named() -> None:
    score = judge(*LINKS)
    wrong = {(a, b): (tier, error) for a, b, tier, error in score.wrong.select("a", "b", "tier", "error").iter_rows()}
    assert wrong == {("a3", "r1"): ("probabilistic", ["wildcard"]), ("b3", "r1"): ("exact_id", ["moved"])}
    traps = {t.kind: (t.pairs, t.hard, t.sprung, t.in_review) for t in score.traps}
    assert traps == {"twin": (1, 1, 1, 0), "sibling": (2, 1, 1, 0)}


def test_a_record_that_the_truth_does_not_know_is_a_wrong_link() -> None:
    score = judge(("r1", "z9", "exact_id", "link", None))
    assert score.every.wrong == 1 and score.hard.wrong == 0
    assert score.wrong["error"].to_list() == [["unknown"]]


def test_a_pair_told_twice_counts_once_by_its_best_decision() -> None:
    score = judge(("r1", "b1", "probabilistic", "reject", 0.1), ("b1", "r1", "household", "link", 0.9))
    assert (score.every.right, score.every.missed) == (1, 5)
    assert score.reliability[0].low == 0.9 and score.reliability[0].true.of == 1


def test_reliability_compares_the_true_share_with_the_mean_probability() -> None:
    tenths = {t.low: t for t in judge(*LINKS).reliability}
    assert set(tenths) == {0.2, 0.6, 0.9}
    top = tenths[0.9]
    assert (top.true.count, top.true.of, top.planted) == (2, 2, 1) and top.mean == pytest.approx((0.95 + 0.97) / 2)
    assert top.deviation == pytest.approx(1 - top.mean) and not top.counts
    assert largest_deviation(list(tenths.values())) is None
    edge = judge(("r1", "a1", "probabilistic", "link", 1.0), ("r2", "a2", "probabilistic", "reject", 0.0)).reliability
    assert [t.low for t in edge] == [0.0, 0.9]


def test_a_judgement_of_two_people_counts_once_whatever_records_they_have() -> None:
    rows = [("r2", "a2", "probabilistic", "link", 0.95), ("r2", "b2", "probabilistic", "link", 0.95)]
    same, other = judge(*rows).reliability, judge(rows[0], (*rows[1][:4], 0.96)).reliability
    assert [t.true.of for t in same] == [1] and [t.true.of for t in other] == [2]
    trap = judge(("r1", "a3", "probabilistic", "reject", 0.5)).reliability
    assert [(t.true.of, t.planted) for t in trap] == [(0, 1)]


@pytest.mark.parametrize(("count", "of"), [(0, 7), (3, 7), (7, 7), (990, 1000)])
def test_intervals_are_the_exact_ones(count: int, of: int) -> None:
    expected = binomtest(count, of).proportion_ci(0.95, method="exact")
    share = Share(count, of)
    assert share.low == pytest.approx(expected.low, abs=1e-9) and share.high == pytest.approx(expected.high, abs=1e-9)


def test_no_share_of_nothing() -> None:
    assert Share(0, 0).value is None and Share(0, 0).low is None and Share(0, 0).high is None
