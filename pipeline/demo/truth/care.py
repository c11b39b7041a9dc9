"""Rules 33-38, read plainly in Polars over one view of the county."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from pipeline.contract import CARE_INDICATORS
from pipeline.demo.truth.view import View, found

_SELF_CARE = {"全自理": "全自理", "半护理": "半失能", "全护理": "失能"}


def care(view: View) -> Iterator[pl.DataFrame]:
    """Findings of rules 33-38; one tekun person is one household."""
    rows = view.members.filter(pl.col("scheme") == "tekun").with_columns(
        pl.concat_list("record_id").alias("record_ids")
    )
    done = view["care_assessment"].filter(pl.col("assessed_on") <= view.as_of)
    failed = pl.sum_horizontal(~pl.col(a) for a in CARE_INDICATORS)
    latest = done.filter(pl.col("assessed_on") == pl.col("assessed_on").max().over("who")).select(
        "who", pl.col("assessed_on").alias("last_on"), failed.alias("failed"), pl.col("record_id").alias("assessment")
    )
    judged = rows.join(latest, on="who")
    found_level = (
        pl.when(pl.col("failed") == 0)
        .then(pl.lit("全自理"))
        .when(pl.col("failed") <= 3)
        .then(pl.lit("半护理"))
        .otherwise(pl.lit("全护理"))
    )
    judged = judged.with_columns(found_level.alias("found_level"))
    wrong = (pl.col("care_level") != pl.col("found_level")) | (
        pl.col("self_care") != pl.col("found_level").replace_strict(_SELF_CARE)
    )
    judged = judged.filter(wrong).with_columns(pl.concat_list("record_id", "assessment").alias("record_ids"))
    yield found(judged, "care_level_mismatch", "high", person=False)

    dated = rows.join(
        latest.select("who", "last_on", "assessment").unique("who", maintain_order=True), on="who", how="left"
    )
    on_file = pl.when(pl.col("assessed_on") <= view.as_of).then("assessed_on")
    dated = dated.with_columns(pl.max_horizontal("last_on", on_file).alias("latest"))
    never = dated.filter(pl.col("latest").is_null() & pl.col("assessed_on").is_null())
    yield found(never, "assessment_missing", "high", person=False)
    overdue = pl.col("latest") < view.month.ago(12)
    if view.month.number >= view.figures.limits["reassess_from_month"]:
        overdue = overdue | (
            pl.col("self_care").is_in(["半失能", "失能"]) & (pl.col("latest").dt.year() < view.month.year)
        )
    yield found(dated.filter(overdue), "assessment_overdue", "high", person=False)

    needing = (pl.col("support_mode") == "分散") & pl.col("care_level").is_in(["半护理", "全护理"])
    lacking = pl.col("carer_name").is_null() | pl.col("care_agreement_on").is_null()
    yield found(rows.filter(needing & lacking), "carer_missing", "medium", person=False)

    window = view.month.days_ago(int(view.figures.limits["patrol_days"]))
    visits = view["patrol"].filter((pl.col("visited_on") > window) & (pl.col("visited_on") <= view.as_of))
    unvisited = rows.filter(pl.col("support_mode") == "分散").join(
        visits.select("household_no").unique(), on="household_no", how="anti"
    )
    yield found(unvisited, "patrol_missing", "medium", person=False)

    standard = pl.col("care_level").replace_strict(view.figures.care_pay, return_dtype=pl.Float64)
    unequal = (pl.col("care_amount") * 100).round() != (standard * 100).round()
    yield found(rows.filter(unequal), "care_pay_mismatch", "high", person=False)
