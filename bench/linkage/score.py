"""Linked pairs against the truth: precision, recall and F1, over all pairs and over the hard ones; calibration; losses.

A pair is a roster record and a register record; it is true when both are of one person, and *hard* when the number or
the name of either record is spoilt. `pairs` frames hold roster_record_id, record_id, p (probability; 1 where none).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Quality:
    """Counts of pairs and what follows from them."""

    found: int  # true pairs linked
    false: int  # other pairs linked
    lost: int  # true pairs not linked

    @property
    def precision(self) -> float:
        return self.found / max(1, self.found + self.false)

    @property
    def recall(self) -> float:
        return self.found / max(1, self.found + self.lost)

    @property
    def f1(self) -> float:
        return 2 * self.found / max(1, 2 * self.found + self.false + self.lost)

    def as_dict(self) -> dict[str, float]:
        return asdict(self) | {"precision": self.precision, "recall": self.recall, "f1": self.f1}

    def __str__(self) -> str:
        return f"P {self.precision:.4f}  R {self.recall:.4f}  F1 {self.f1:.4f}  ({self.false} false, {self.lost} lost)"


@dataclass(frozen=True)
class Truth:
    """The truth of one population, as `population.py` writes it."""

    frame: pl.DataFrame

    @staticmethod
    def read(folder: Path) -> Truth:
        return Truth(pl.read_parquet(folder / "truth.parquet"))

    def _side(self, side: str, key: str) -> pl.DataFrame:
        spoilt = (pl.col("number_kind") != "") | (pl.col("name_kind") != "")
        return self.frame.filter(pl.col("side") == side).select(
            pl.col("record_id").alias(key),
            pl.col("pid").alias(f"pid_{side}"),
            spoilt.alias(f"spoilt_{side}"),
            pl.concat_list("number_kind", "name_kind").alias(f"kinds_{side}"),
        )

    @cached_property
    def roster(self) -> pl.DataFrame:
        return self._side("roster", "roster_record_id")

    @cached_property
    def sector(self) -> pl.DataFrame:
        return self._side("sector", "record_id")

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """The true pairs: roster_record_id, record_id, hard, kinds (what was done to either record)."""
        joined = self.roster.join(self.sector, left_on="pid_roster", right_on="pid_sector")
        return _described(joined).select("roster_record_id", "record_id", "hard", "kinds")

    def judged(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """The pairs with `true`, `hard` and `kinds`."""
        joined = pairs.join(self.roster, on="roster_record_id").join(self.sector, on="record_id")
        if joined.height != pairs.height:
            raise ValueError("pairs name records that the truth does not know, or name one twice")
        return _described(joined).with_columns(true=pl.col("pid_roster") == pl.col("pid_sector"))


def _described(joined: pl.DataFrame) -> pl.DataFrame:
    kinds = pl.col("kinds_roster").list.concat("kinds_sector").list.unique().list.sort()
    return joined.with_columns(
        hard=pl.col("spoilt_roster") | pl.col("spoilt_sector"),
        kinds=kinds.list.eval(pl.element().filter(pl.element() != "")),
    )


def quality(truth: Truth, linked: pl.DataFrame, *, hard: bool = False) -> Quality:
    """Quality of the linked pairs (all of the frame's), or of the hard ones among them."""
    judged, wanted = truth.judged(linked), truth.pairs
    if hard:
        judged, wanted = judged.filter("hard"), wanted.filter("hard")
    found = int(judged["true"].sum())
    return Quality(found, judged.height - found, wanted.height - found)


def best_threshold(truth: Truth, pairs: pl.DataFrame) -> tuple[float, Quality]:
    """The probability above which linking gives the highest F1 on the hard pairs (it looks at the truth)."""
    wanted = truth.pairs.filter("hard").height
    curve = (
        truth.judged(pairs)
        .filter("hard")
        .group_by("p")
        .agg(found=pl.col("true").sum(), n=pl.len())
        .sort("p", descending=True)
        .with_columns(pl.col("found", "n").cum_sum())
        .with_columns(f1=2 * pl.col("found") / (pl.col("n") + wanted))
    )
    if curve.is_empty():
        return 1.0, Quality(0, 0, wanted)
    top = curve.row(int(curve["f1"].arg_max() or 0), named=True)
    return float(top["p"]), Quality(int(top["found"]), int(top["n"] - top["found"]), wanted - int(top["found"]))


def reliability(truth: Truth, pairs: pl.DataFrame) -> list[dict[str, float]]:
    """Per tenth of predicted probability: pairs, mean prediction, true share."""
    tenth = pl.min_horizontal((pl.col("p") * 10).floor(), 9).cast(pl.Int64)
    table = truth.judged(pairs).group_by(tenth.alias("tenth"))
    rows = table.agg(n=pl.len(), predicted=pl.col("p").mean(), true=pl.col("true").mean()).sort("tenth")
    return rows.to_dicts()


def by_kind(truth: Truth, linked: pl.DataFrame) -> list[dict[str, Any]]:
    """For each error kind (and for two at once): true pairs, those lost, and false links with it, worst first."""
    judged = truth.judged(linked)
    found = judged.filter("true").select("roster_record_id", "record_id", found=True)
    true = truth.pairs.filter("hard").join(found, on=["roster_record_id", "record_id"], how="left")
    true = true.with_columns(_label(), lost=pl.col("found").is_null())
    lost = true.group_by("kind").agg(pairs=pl.len(), lost=pl.col("lost").sum())
    false = judged.filter(~pl.col("true")).with_columns(_label()).group_by("kind").agg(false=pl.len())
    rows = lost.join(false, on="kind", how="full", coalesce=True).fill_null(0)
    return rows.sort(pl.col("lost") + pl.col("false"), "kind", descending=[True, False]).to_dicts()


def _label() -> pl.Expr:
    label = pl.col("kinds").list.join("+")
    return pl.when(label == "").then(pl.lit("none")).otherwise(label).alias("kind")


def one_to_one(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs in which each record is the other's most probable (ties: the smaller record_id)."""
    order = ["p", "roster_record_id", "record_id"]
    ranked = pairs.sort(order, descending=[True, False, False])
    best = ranked.unique("roster_record_id", keep="first", maintain_order=True)
    back = ranked.unique("record_id", keep="first", maintain_order=True)
    return best.join(back.select("roster_record_id", "record_id"), on=["roster_record_id", "record_id"], how="semi")
