"""Term frequency: two records that share a rare name say more than two that share a common one.

At an 'equal' level the model's weight holds for the average value. For a value with share f of the records the bits are
log2(m·f / f²) = log2(m / u) + log2(u / f); the second part is the adjustment (Winkler 2000). Where only the surname is
shared, the level's u is that of unlike names under one surname: the adjustment is log2(Σ f_s² / f(surname)).
"""

from __future__ import annotations

import polars as pl

LIMIT = 10.0  # bits either way: beyond it the shares are too thinly counted


def square(counts: pl.Series) -> float:
    """Σ f²: how often two records drawn at random share a value, from the records a value. 0.0 for no records."""
    n = counts.cast(pl.Float64).sort()
    total = float(n.sum())
    return float((n / total).pow(2).sum()) if total else 0.0


def adjustment(counts: pl.DataFrame, u: float) -> pl.DataFrame:
    """Distinct values with `n` records each → the same with `bits` = log2(u / f), clipped to ±10, four decimals."""
    of = float(counts["n"].sum())
    return counts.with_columns((u * of / pl.col("n")).log(2).clip(-LIMIT, LIMIT).round(4).alias("bits"))
