"""True pairs that were not linked, by cause; links that are not true, by tier and trouble; traps by kind."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

CAUSES = {
    "not_reached": "no candidate: the pair is not in links.parquet",
    "review": "left to a person: decision review",
    "below_threshold": "decision reject, the probability below the smallest one linked",
    "one_to_one": "decision reject though probable enough: a rival took its place",
    "refused": "decision reject without a probability: number or name contradicts",
}


@dataclass(frozen=True)
class TrapScore:
    """Pairs of one kind that must not be linked: all, with a side that is not clean (`hard`), linked, in review."""

    kind: str
    pairs: int
    hard: int
    sprung: int
    in_review: int


def lost_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    """The true pairs not linked, with `cause` (of `CAUSES`)."""
    linked = pairs.filter((pl.col("decision") == "link") & pl.col("tier").is_in(["probabilistic", "household"]))
    least = linked["probability"].min()
    rival = (pl.col("reason") == "rival") | pl.col("pattern").str.contains("rival")
    probable = pl.col("probability") >= (least if least is not None else 2.0)
    cause = (
        pl.when(pl.col("decision").is_null()).then(pl.lit("not_reached"))
        .when(pl.col("decision") == "review").then(pl.lit("review"))
        .when((rival | probable).fill_null(False)).then(pl.lit("one_to_one"))
        .when(pl.col("probability").is_null()).then(pl.lit("refused"))
        .otherwise(pl.lit("below_threshold"))
    )  # fmt: skip
    lost = pairs.filter(pl.col("true") & (pl.col("decision") != "link").fill_null(True))
    return lost.with_columns(cause.alias("cause"))


def wrong_links(pairs: pl.DataFrame) -> pl.DataFrame:
    """The links that are not true."""
    return pairs.filter(~pl.col("true") & (pl.col("decision") == "link"))


def trap_scores(pairs: pl.DataFrame, traps: pl.DataFrame, persons: pl.DataFrame) -> list[TrapScore]:
    """Every kind of trap of the truth, whether the audit looked at its pairs or not."""
    dirty = persons.filter(pl.col("noise") != "exact")["record_id"]
    hard = pl.col("roster_record_id").is_in(dirty.implode()) | pl.col("record_id").is_in(dirty.implode())
    of_kind = traps.group_by("trap").agg(pl.len().alias("pairs"), hard.sum().alias("hard"))
    met = (
        pairs.drop_nulls("trap")
        .group_by("trap")
        .agg(
            (pl.col("decision") == "link").sum().alias("sprung"),
            (pl.col("decision") == "review").sum().alias("in_review"),
        )
    )
    rows = of_kind.join(met, on="trap", how="left").fill_null(0).sort("trap")
    return [TrapScore(*row) for row in rows.select("trap", "pairs", "hard", "sprung", "in_review").iter_rows()]
