"""The county as it looks when only some links can be made: the input of the independent reading of the rules.

Level `exact` ties a person's records only where number and name are clean; `repaired` adds damaged numbers of people
on rosters; `named` adds spoilt names; `all` ties every record. A record that is not tied stands for itself (`who` < 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from pipeline.contract import ROSTERS, SCHEMES
from pipeline.demo.figures import Figures
from pipeline.demo.months import AuditMonth

LEVELS: dict[str, tuple[str, ...]] = {
    "exact": ("exact",),
    "repaired": ("exact", "repaired"),
    "named": ("exact", "repaired", "name_noise"),
    "all": ("exact", "repaired", "name_noise", "no_id", "wrong_id"),
}


@dataclass(frozen=True)
class View:
    """Typed tables with `pid` (truth), `who` (what links can tell), `record_id`; `rows`: the four schemes' rows."""

    month: AuditMonth
    figures: Figures
    tables: dict[str, pl.DataFrame]
    rows: pl.DataFrame

    def __getitem__(self, dataset: str) -> pl.DataFrame:
        return self.tables[dataset]

    @property
    def as_of(self) -> date:
        return self.month.as_of

    @property
    def members(self) -> pl.DataFrame:
        """Active roster rows of the four schemes."""
        return self.rows.filter(pl.col("active"))

    @property
    def covered(self) -> pl.DataFrame:
        return self.rows.filter(pl.col("active") & pl.col("covered"))


def active(month: str) -> pl.Expr:
    """Active in the month: begun (or no start), and not yet stopped."""
    begun = pl.col("start_month").is_null() | (pl.col("start_month") <= month)
    return begun & (pl.col("stop_month").is_null() | (pl.col("stop_month") > month))


def make_view(level: str, month: AuditMonth, figures: Figures, truth: dict[str, pl.DataFrame]) -> View:
    """`truth`: every dataset's kept rows with `pid`, `noise`, `broken`, `record_id`."""
    seen = LEVELS[level]
    usable = pl.col("noise").is_in(seen) & ~pl.col("broken")
    sound = pl.concat([truth[r].filter(usable).select("pid") for r in ROSTERS]).unique()["pid"].to_list()
    tables: dict[str, pl.DataFrame] = {}
    base = 0
    for name, frame in truth.items():
        if "noise" in frame.columns:
            tied = pl.col("noise").is_in(seen)
            if level != "all" and name not in ROSTERS:
                # a mistyped number is mended against a sound one on a roster: other people's stay as they are
                tied = tied & (~pl.col("broken") | pl.col("pid").is_in(sound))
            alone = -(pl.int_range(pl.len()) + 1 + base)
            known = (pl.col("noise") != "no_id") | (level == "all")  # nothing can be said of a record without a number
            frame = frame.with_columns(pl.when(tied).then("pid").otherwise(alone).alias("who"), known.alias("known"))
            base += frame.height
        tables[name] = frame
    parts = []
    for scheme in SCHEMES:
        part = tables[scheme].with_columns(pl.lit(scheme).alias("scheme"), active(month.text).alias("active"))
        covered = pl.col("covered").fill_null(True) if "covered" in part.columns else pl.lit(True)
        parts.append(part.with_columns(covered.alias("covered")))
    return View(month, figures, tables, pl.concat(parts, how="diagonal"))


def state_of(view: View) -> pl.DataFrame:
    """who → dead (first death on or before as_of), cancelled, gone, jailed; absent people are none of these."""
    dead = first_deaths(view).select("who", pl.lit(True).alias("dead"))
    register = (
        view["household_register"]
        .group_by("who")
        .agg(
            (pl.col("status") == "正常").any().alias("normal"),
            ((pl.col("status") == "注销") & (pl.col("status_on").is_null() | (pl.col("status_on") <= view.as_of)))
            .any()
            .alias("struck"),
            ((pl.col("status") == "迁出") & (pl.col("status_on").is_null() | (pl.col("status_on") <= view.as_of)))
            .any()
            .alias("left"),
        )
    )
    register = register.select(
        "who",
        (pl.col("struck") & ~pl.col("normal")).alias("cancelled"),
        (pl.col("left") & ~pl.col("normal")).alias("gone"),
    )
    jailed = in_prison(view).select("who", pl.lit(True).alias("jailed")).unique()
    out = dead.join(register, on="who", how="full", coalesce=True).join(jailed, on="who", how="full", coalesce=True)
    return out.with_columns(pl.col("dead", "cancelled", "gone", "jailed").fill_null(False))


def first_deaths(view: View) -> pl.DataFrame:
    """who → earliest death on or before as_of, with the records of all sources."""
    deaths = view["death"].filter(pl.col("died_on") <= view.as_of)
    return deaths.group_by("who").agg(pl.col("died_on").min(), pl.col("record_id").alias("evidence"))


def in_prison(view: View) -> pl.DataFrame:
    inside = (pl.col("from_on") <= view.as_of) & (pl.col("until_on").is_null() | (pl.col("until_on") >= view.as_of))
    return view["prison"].filter(inside)


FOUND = (
    "rule_id",
    "subject",
    "scheme",
    "household_no",
    "severity",
    "screened",
    "optional",
    "pids",
    "record_ids",
    "households",
)


def found(
    frame: pl.DataFrame,
    rule: str,
    severity: str | pl.Expr,
    *,
    person: bool,
    screened: pl.Expr | None = None,
    optional: pl.Expr | None = None,
    subject: str | None = None,
) -> pl.DataFrame:
    """Findings of one rule, one a subject. `frame` has scheme, household_no (may be null), pid, record_ids (list).

    A person rule's subject is the true pid; a household rule's is scheme|household_no, unless `subject` names a column.
    """
    house = pl.col("scheme") + "|" + pl.col("household_no")
    key = pl.col(subject).cast(pl.String) if subject else pl.col("pid").cast(pl.String) if person else house
    prepared = frame.select(
        pl.lit(rule).alias("rule_id"),
        key.alias("subject"),
        "scheme",
        "household_no",
        (pl.lit(severity) if isinstance(severity, str) else severity).alias("severity"),
        (pl.lit(False) if screened is None else screened).alias("screened"),
        (pl.lit(False) if optional is None else optional).alias("optional"),
        "pid",
        "record_ids",
        house.alias("house"),
    )
    order = {"high": 0, "medium": 1, "low": 2}
    return (
        prepared.with_columns(pl.col("severity").replace_strict(order, return_dtype=pl.Int8).alias("rank"))
        .sort("subject", "rank", "scheme", "household_no", nulls_last=True)
        .group_by("subject", maintain_order=True)
        .agg(
            pl.col("rule_id", "scheme", "household_no", "severity").first(),
            pl.col("screened").any(),
            pl.col("optional").any(),
            pl.col("pid").drop_nulls().unique().sort().alias("pids"),
            pl.col("record_ids").list.explode(keep_nulls=False, empty_as_null=False).drop_nulls().unique().sort(),
            pl.col("house").drop_nulls().unique().sort().alias("households"),
        )
        .select(FOUND)
    )
