"""From weights to decisions: probabilities in which rival candidates compete, thresholds, runners-up.

Without `one_to_one` a pair's probability is that of the pair by itself. With it a record has one partner at most: the
probability of a pair is its share among all ways to pair its records, or to leave them single (the marginal of a
monomer-dimer system, found by message passing; one left record with candidates of weights w_k and no rivals of theirs
gets odds_j / (1 + Σ odds_k)).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.model import Model, weights_frame
from pipeline.linkage.tables.levels import Levels
from pipeline.linkage.tables.spec import DecideSpec, LinkSpec
from pipeline.linkage.term_frequency import LIMIT
from pipeline.linkage.thresholds import pair_probability, thresholds

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
# Pairs this many bits below even odds (1 in 16,000) neither become anything nor take anything from a rival.
_BELOW = 14.0
_ROUNDS = 60


@dataclass(frozen=True)
class Decided:
    """All pairs that weigh anything: i, j, mask, code, weight, p, runner_up, decision, in order of i, j; the model with
    the thresholds that were used."""

    pairs: pl.DataFrame
    model: Model


def decide(
    engine: DuckEngine, spec: LinkSpec, levels: Levels, model: Model, rows: tuple[int, int], *, two: bool, trained: bool
) -> Decided:
    """Decide the pairs of `pair` with this model; thresholds of a model trained just now follow its target rates."""
    right_rows = float(rows[1]) if two else max((rows[0] - 1) / 2, 0.5)
    pairs = _scored(engine, spec, levels, model, right_rows)
    weight = pairs["weight"].to_numpy()
    share = model.matched_share
    if spec.decide.one_to_one:
        share, p = _competing(pairs, weight, share, rows, estimate=trained)
    else:
        p = pair_probability(weight, share, right_rows)
    p = np.round(p, 6)
    if trained:
        at = thresholds(p, np.ones(len(p)), spec.decide.link_rate, spec.decide.missed_rate)
        model = replace(
            model, matched_share=share, link_at=at.link_at, review_at=at.review_at, expected_false=at.expected
        )
    model = _stated(model, spec.decide)
    pairs = _runners_up(pairs.with_columns(pl.Series("p", p)), two=two)
    link = pl.col("p") >= model.link_at
    if spec.decide.one_to_one:
        # two candidates of one weight: nothing says which, so a person does
        link &= (pl.col("weight") > pl.col("runner_up")).fill_null(True)
    decision = pl.when(link).then(pl.lit("link")).when(pl.col("p") >= model.review_at).then(pl.lit("review"))
    return Decided(pairs.with_columns(decision.otherwise(pl.lit("reject")).alias("decision")), model)


def _stated(model: Model, decide: DecideSpec) -> Model:
    link = model.link_at if decide.link is None else decide.link
    review = model.review_at if decide.review is None else decide.review
    return replace(model, link_at=link, review_at=min(review, link))


def _scored(engine: DuckEngine, spec: LinkSpec, levels: Levels, model: Model, right_rows: float) -> pl.DataFrame:
    """The pairs that weigh enough to matter, with term frequency, in order of i, j."""
    weights = weights_frame(model, levels.decoded(engine.rows("SELECT DISTINCT code FROM pattern"))).select(
        "code", "weight"
    )
    prior = model.matched_share / right_rows
    if spec.decide.one_to_one:  # the odds with which a pair enters the competition
        prior /= 1 - model.matched_share
    least = -math.log2(prior) - _BELOW
    terms = [f for f in spec.fields if f.term_frequency]
    engine.drop("weight")
    engine.load("weight", weights.filter(pl.col("weight") >= least - LIMIT * len(terms)))
    if not terms:
        return engine.rows(
            "SELECT p.i, p.j, p.mask, p.code, w.weight FROM pair p JOIN weight w ON w.code = p.code "
            f"WHERE w.weight >= {least!r} ORDER BY p.i, p.j"
        )
    parts = []
    for f in terms:
        c = levels.compared[levels.ids.index(f.id)]
        same = f"{levels.level_sql(f.id, 'p.code')} > {len(c.labels) - c.same_value}"
        parts.append(f'CASE WHEN {same} THEN coalesce(l."_tf_{f.id}", 0) ELSE 0 END')
    return engine.rows(
        f"SELECT i, j, mask, code, weight FROM (SELECT p.i, p.j, p.mask, p.code, "
        f"round(w.weight + {' + '.join(parts)}, 4) AS weight FROM pair p JOIN weight w ON w.code = p.code "
        f"JOIN left_side l ON l._n = p.i) WHERE weight >= {least!r} ORDER BY i, j"
    )


def _competing(
    pairs: pl.DataFrame, weight: Floats, share: float, rows: tuple[int, int], *, estimate: bool
) -> tuple[float, Floats]:
    """(π, probabilities) where a record has one partner at most; π by EM over the pairs when `estimate`."""
    i, j = (pairs[c].to_numpy().astype(np.int64) for c in ("i", "j"))
    least, most = 0.5 / rows[0], 1 - 0.5 / rows[0]
    p: Floats = np.zeros(len(weight))
    for _ in range(_ROUNDS if estimate else 1):
        odds = 2.0**weight * share / ((1 - share) * rows[1])
        p = matching(i, j, odds, rows)
        new = min(max(float(p.sum()) / rows[0], least), most)
        if not estimate or abs(new - share) < 1e-6:
            break
        share = new
    return share, p


def matching(i: Indices, j: Indices, odds: Floats, rows: tuple[int, int]) -> Floats:
    """The probability of each pair (i, j) where every record has one partner at most; `odds` of the pair by itself.

    Message passing on the monomer-dimer system: exact where candidates form no ring, and it always converges.
    """
    to_right, to_left = odds.copy(), odds.copy()
    p = odds / (1 + odds)
    for _ in range(_ROUNDS):
        to_right, to_left = odds / (1 + _others(i, to_left, rows[0])), odds / (1 + _others(j, to_right, rows[1]))
        new = to_right * to_left / (odds + to_right * to_left)
        done = float(np.abs(new - p).max(initial=0.0)) < 1e-7
        p = new
        if done:
            break
    return p


def _others(index: Indices, value: Floats, size: int) -> Floats:
    """For each entry, the sum of the values that share its index, without its own.

    The largest ones are kept apart: subtracting one of them from a total would leave nothing of the small ones.
    """
    largest = np.zeros(size)
    np.maximum.at(largest, index, value)
    top = value == largest[index]
    count = np.bincount(index, weights=top, minlength=size)
    rest = np.bincount(index, weights=np.where(top, 0.0, value), minlength=size)
    without = np.where(top, count[index] - 1, count[index]) * largest[index]
    return np.asarray(without + np.maximum(rest[index] - np.where(top, 0.0, value), 0.0))


def _runners_up(pairs: pl.DataFrame, *, two: bool) -> pl.DataFrame:
    """With `runner_up`: the weight of the next best pair of either record; null where there is none."""
    sides = [pairs.select(pl.col(c).alias("n"), "weight") for c in ("i", "j")]

    def best(frame: pl.DataFrame, side: str) -> pl.DataFrame:
        tops = frame.group_by("n").agg(pl.col("weight").top_k(2).sort(descending=True).alias("t"))
        return tops.select(
            pl.col("n").alias(side),
            pl.col("t").list.get(0).alias(f"{side}_1"),
            pl.col("t").list.get(1, null_on_oob=True).alias(f"{side}_2"),
        )

    for side, frame in zip(("i", "j"), sides if two else [pl.concat(sides)] * 2, strict=True):
        pairs = pairs.join(best(frame, side), on=side, how="left", maintain_order="left")
    next_best = [
        pl.when(pl.col("weight") == pl.col(f"{s}_1")).then(pl.col(f"{s}_2")).otherwise(pl.col(f"{s}_1")) for s in "ij"
    ]
    return pairs.with_columns(pl.max_horizontal(next_best).alias("runner_up")).drop("i_1", "i_2", "j_1", "j_2")
