"""Whether a probability means what it says: in each tenth of it, the share of judgements that are true.

A judgement is about two people, and shows in as many pairs as they have records: it counts once.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.score.shares import Share

ENOUGH = 30  # a tenth with fewer says nothing


@dataclass(frozen=True)
class Tenth:
    """Judgements whose probability lies from `low` up to `low` + 0.1: their mean probability, and how many are true.

    `planted`: the traps among them, which are not counted: two people alike in all that a row says, of whom the wrong
    one is always the one on the roster. Their share says how many were planted, not what a probability is worth.
    """

    low: float
    mean: float
    true: Share
    planted: int

    @property
    def deviation(self) -> float:
        """The true share less the mean probability."""
        return (self.true.value or 0.0) - self.mean

    @property
    def counts(self) -> bool:
        return self.true.of >= ENOUGH

    def as_dict(self) -> dict[str, object]:
        shown = {"low": self.low, "mean_probability": round(self.mean, 6), "true": self.true.as_dict()}
        return shown | {"deviation": round(self.deviation, 6), "counts": self.counts, "planted": self.planted}


def judgements(pairs: pl.DataFrame) -> pl.DataFrame:
    """A row a judgement: between, probability, pattern, true, trap (null: none planted here).

    `pairs`: probability (null: no model spoke), pattern, between, true, trap; whatever was decided.
    """
    return (
        pairs.drop_nulls("probability")
        .group_by("between", "probability", "pattern")
        .agg(pl.col("true").any(), pl.col("trap").drop_nulls().first())
        .sort("probability", "between", "pattern")
    )


def tenths(judged: pl.DataFrame) -> list[Tenth]:
    """The tenths that hold any of these judgements (see `judgements`; those of several counties may stand together)."""
    tenth = (pl.col("probability") * 10).floor().clip(0, 9).cast(pl.Int64).alias("tenth")
    own = pl.col("trap").is_null()
    spoken = judged.group_by(tenth).agg(
        pl.col("probability").filter(own).sort().mean().fill_null(0.0).alias("mean"),
        pl.col("true").filter(own).sum().alias("true"),
        own.sum().alias("n"),
        (~own).sum().alias("planted"),
    )
    rows = spoken.sort("tenth").select("tenth", "mean", "true", "n", "planted").iter_rows()
    return [Tenth(t / 10, mean, Share(true, n), planted) for t, mean, true, n, planted in rows]


def reliability(pairs: pl.DataFrame) -> list[Tenth]:
    """The tenths of the judgements that these pairs show (columns: see `judgements`)."""
    return tenths(judgements(pairs))


def largest_deviation(tenths: list[Tenth]) -> Tenth | None:
    """The tenth with enough judgements that is furthest off; None where there is none."""
    return max((t for t in tenths if t.counts), key=lambda t: abs(t.deviation), default=None)
