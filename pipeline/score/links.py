"""How right the links are: over all pairs and the hard ones, by kind of trouble, by dataset, by tier."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.score.lost import TrapScore, lost_pairs, trap_scores, wrong_links
from pipeline.score.pairs import judged_pairs
from pipeline.score.reliability import Tenth, reliability
from pipeline.score.shares import Agreement

_LINKED = (pl.col("decision") == "link").fill_null(False)
_REVIEW = (pl.col("decision") == "review").fill_null(False)


@dataclass(frozen=True)
class LinksScore:
    """Links against the truth. A pair is hard where either of its records is not clean (number or name in trouble).

    `every`, `hard`: all pairs, hard pairs; `enough`: hard pairs that carry enough for anybody (recall alone).
    `groups`: by title, one agreement a value; under 'error' a pair stands under each kind of trouble on its worse side.
    `lost`, `wrong`: tables of pairs (columns of `judged_pairs`; lost ones with `cause`). `pairs`: all judged pairs.
    """

    every: Agreement
    hard: Agreement
    enough: Agreement
    groups: dict[str, list[Agreement]]
    traps: list[TrapScore]
    reliability: list[Tenth]
    lost: pl.DataFrame
    wrong: pl.DataFrame
    pairs: pl.DataFrame


def score_links(made: pl.DataFrame, truth: dict[str, pl.DataFrame]) -> LinksScore:
    """`made`: links.parquet of an audit; `truth`: persons, links, traps."""
    pairs = judged_pairs(made, truth)
    hard = pairs.filter("hard")
    several = hard.filter(pl.col("error").list.len() > 1).with_columns(error=pl.lit("(two or more together)"))
    columns = ["true", "enough", "decision", "error"]
    each = pl.concat([hard.explode("error").select(columns), several.select(columns)])
    groups = {
        "hardness": _by(pairs, "kind"),
        "error, hard pairs": _by(each, "error"),
        "error, hard and enough": _by(each.filter("enough"), "error", sides="true"),
        "dataset": _by(pairs, "dataset"),
        "dataset, hard pairs": _by(hard, "dataset"),
        "scope": _by(pairs.filter("true"), "scope", sides="true"),
        "tier": _by(pairs.filter(_LINKED), "tier", sides="linked"),
    }
    return LinksScore(
        every=_agreement("all pairs", pairs),
        hard=_agreement("hard pairs", hard),
        enough=_agreement("hard pairs that carry enough", hard.filter("enough"), sides="true"),
        groups=groups,
        traps=trap_scores(pairs, truth["traps"], truth["persons"]),
        reliability=reliability(pairs),
        lost=lost_pairs(pairs),
        wrong=wrong_links(pairs),
        pairs=pairs,
    )


def _by(pairs: pl.DataFrame, column: str, *, sides: str = "both") -> list[Agreement]:
    parts = pairs.filter(pl.col("true") | _LINKED).sort(column, nulls_last=True).group_by(column, maintain_order=True)
    return [_agreement(str(value), part, sides) for (value,), part in parts]


def _agreement(group: str, pairs: pl.DataFrame, sides: str = "both") -> Agreement:
    """`sides`: whether the group holds pairs by their truth, by their link, or both."""
    true = pairs.filter("true")
    right = true.filter(_LINKED).height
    missed = None if sides == "linked" else true.height - right
    wrong = None if sides == "true" else pairs.filter(~pl.col("true") & _LINKED).height
    return Agreement(group, right, missed, wrong, true.filter(_REVIEW).height)
