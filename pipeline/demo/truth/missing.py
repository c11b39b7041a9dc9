"""Rules 16-23, read plainly in Polars over one view of the county."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from pipeline.demo.truth.assets import asset_evidence, in_force
from pipeline.demo.truth.ineligible import marriages
from pipeline.demo.truth.view import View, found, in_prison, state_of

_THREE = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户")
_NONE = pl.lit(None, pl.String)
Narrow = Callable[[pl.DataFrame], pl.DataFrame]


def missing(view: View) -> Iterator[pl.DataFrame]:
    """Findings of rules 16-23."""
    state = state_of(view)
    lost = state.filter(pl.col("dead") | pl.col("cancelled") | pl.col("gone") | pl.col("jailed")).select("who")
    enrolled = view.covered.select("who").unique()
    rich = disqualified(view)
    grants = view["temporary"]

    def open_to(frame: pl.DataFrame) -> pl.DataFrame:
        """Only people who could be enrolled and are not, with whether disqualifying evidence stands beside."""
        left = frame.filter("known").join(lost, on="who", how="anti").join(enrolled, on="who", how="anti")
        return screen(left, rich)

    def leads(frame: pl.DataFrame, rule: str, severity: str, optional: pl.Expr | None = None) -> pl.DataFrame:
        listed = frame.with_columns(
            _NONE.alias("scheme"), _NONE.alias("household_no"), pl.concat_list("record_id").alias("record_ids")
        )
        return found(listed, rule, _low(severity), person=True, screened=pl.col("screened"), optional=optional)

    severe = _severe(view)
    yield leads(open_to(severe), "severe_disability_uncovered", "high")
    yield _monitored(view, open_to)
    yield leads(*_medical(view, open_to, grants))
    yield leads(*_disaster(view, open_to, grants))
    yield leads(open_to(_children(view, state)), "child_alone_uncovered", "medium")
    yield leads(open_to(_elders(view, state)), "elder_alone_uncovered", "medium")
    yield _single(view, severe, lost, rich)
    yield _stopped(view, state, enrolled, rich)


def _low(severity: str) -> pl.Expr:
    return pl.when("screened").then(pl.lit("low")).otherwise(pl.lit(severity))


def _severe(view: View) -> pl.DataFrame:
    mind = (pl.col("level") == "3") & pl.col("kind").is_in(["智力", "精神"])
    return view["disability"].filter(in_force() & (pl.col("level").is_in(["1", "2"]) | mind))


def residents(view: View) -> pl.DataFrame:
    """hukou_no, who of the register rows in force."""
    return view["household_register"].filter(pl.col("status") == "正常").select("hukou_no", "who", "pid", "record_id")


def disqualified(view: View) -> pl.DataFrame:
    """who: residents of a register household (or a person without one) with evidence of rules 6-11, as in dibao."""
    homes = residents(view).select(pl.col("hukou_no").alias("unit"), "who")
    datasets = (
        "vehicle",
        "property",
        "business",
        "deposit",
        "employment",
        "pension",
        "public_payroll",
        "tax",
        "disability",
        "medical",
        "monitored",
        "disaster",
    )
    known = pl.concat([view[d].select("who") for d in datasets]).unique()
    alone = known.join(homes, on="who", how="anti").select(("p" + pl.col("who").cast(pl.String)).alias("unit"), "who")
    units = pl.concat([homes, alone])
    area = view.rows.select("who", "area").drop_nulls().unique("who", maintain_order=True)
    rural = units.join(area, on="who").group_by("unit").agg((pl.col("area") == "农村").all().alias("rural"))
    f = view.figures
    sizes = units.group_by("unit").agg(pl.len().alias("size")).join(rural, on="unit", how="left")
    sizes = sizes.select(
        "unit",
        "size",
        pl.lit(f.asset_months["dibao"]).alias("asset_months"),
        (
            pl.when(pl.col("rural").fill_null(False)).then(f.standard["rural"]).otherwise(f.standard["urban"])
            * f.income_line["dibao"]
        ).alias("line"),
    )
    evidence = asset_evidence(view, units, sizes)
    bad = pl.concat([e.select("unit") for e in evidence.values()]).unique()
    return units.join(bad, on="unit").select("who").unique()


def screen(frame: pl.DataFrame, rich: pl.DataFrame) -> pl.DataFrame:
    return frame.join(rich.with_columns(pl.lit(True).alias("screened")), on="who", how="left").with_columns(
        pl.col("screened").fill_null(False)
    )


def _monitored(view: View, open_to: Narrow) -> pl.DataFrame:
    at_risk = view["monitored"].filter(pl.col("kind").is_in(_THREE) & ~pl.col("cleared").fill_null(False))
    out = open_to(at_risk).with_columns(pl.col("household_no").alias("monitored_no"))
    all_rows = view["monitored"].group_by("household_no").agg(pl.col("record_id").alias("record_ids"))
    out = out.join(all_rows, on="household_no").with_columns(_NONE.alias("scheme"), _NONE.alias("household_no"))
    # one finding a household: low where any of its uncovered members or their residents show evidence
    out = out.with_columns(pl.col("screened").any().over("monitored_no"))
    return found(
        out, "monitored_uncovered", _low("high"), person=True, screened=pl.col("screened"), subject="monitored_no"
    )


def _beside_grant(view: View, frame: pl.DataFrame) -> pl.DataFrame:
    """Adds `near_grant`: someone of the register household holds a grant (the rules leave open if that counts)."""
    homes = residents(view).select("hukou_no", "who")
    granted = view["temporary"].select("who").unique().join(homes, on="who").select("hukou_no").unique()
    near = homes.join(granted, on="hukou_no").select("who").unique().with_columns(pl.lit(True).alias("near_grant"))
    return frame.join(near, on="who", how="left").with_columns(pl.col("near_grant").fill_null(False))


def _medical(view: View, open_to: Narrow, grants: pl.DataFrame) -> tuple[pl.DataFrame, str, str, pl.Expr]:
    latest = view["medical"].filter(pl.col("period") == pl.col("period").max().over("who"))
    dear = latest.filter(pl.col("self_paid") >= view.figures.limits["medical_self_paid"])
    recent = grants.filter((pl.col("granted_on") > view.month.ago(12)) & (pl.col("granted_on") <= view.as_of))
    left = dear.join(recent.select("who").unique(), on="who", how="anti")
    return _beside_grant(view, open_to(left)), "medical_burden_uncovered", "medium", pl.col("near_grant")


def _disaster(view: View, open_to: Narrow, grants: pl.DataFrame) -> tuple[pl.DataFrame, str, str, pl.Expr]:
    hit = view["disaster"].filter((pl.col("happened_on") > view.month.ago(6)) & (pl.col("happened_on") <= view.as_of))
    since = hit.select("who", "record_id", "happened_on").join(grants.select("who", "granted_on"), on="who")
    helped = since.filter((pl.col("granted_on") >= pl.col("happened_on")) & (pl.col("granted_on") <= view.as_of))
    left = hit.join(helped.select("record_id").unique(), on="record_id", how="anti")
    return _beside_grant(view, open_to(left)), "disaster_hit_uncovered", "medium", pl.col("near_grant")


def _aged(frame: pl.DataFrame, view: View) -> pl.DataFrame:
    """Adds `age`, full years at as_of, from the record's own birth date."""
    born = pl.col("birth_date")
    day_of_year = born.dt.month().cast(pl.Int32) * 100 + born.dt.day()  # months are 8-bit: 100 times one overflows
    before = day_of_year > view.as_of.month * 100 + view.as_of.day
    return frame.with_columns((view.as_of.year - born.dt.year() - before.cast(pl.Int32)).alias("age"))


def _children(view: View, state: pl.DataFrame) -> pl.DataFrame:
    rows = _aged(view["household_register"], view).join(state, on="who", how="left")
    rows = rows.with_columns(pl.col("dead", "cancelled", "gone", "jailed").fill_null(False))
    adults = (
        rows.filter(pl.col("age") >= 18)
        .group_by("hukou_no")
        .agg((pl.col("dead") | pl.col("cancelled") | pl.col("jailed")).all().alias("none_left"))
    )
    m = view.month.text
    welfare = view["child_welfare"].filter(
        (pl.col("start_month").fill_null(m) <= m) & (pl.col("stop_month").is_null() | (pl.col("stop_month") > m))
    )
    young = rows.filter((pl.col("age") < 18) & (pl.col("status") == "正常"))
    young = young.join(welfare.select("who").unique(), on="who", how="anti")
    return young.join(adults.filter("none_left"), on="hukou_no")


def _elders(view: View, state: pl.DataFrame) -> pl.DataFrame:
    dead = state.filter(pl.col("dead")).select("who")
    living = _aged(view["household_register"].filter(pl.col("status") == "正常"), view).join(dead, on="who", how="anti")
    single = living.filter(pl.col("who").n_unique().over("hukou_no") == 1).filter(pl.col("age") >= 60)
    gone = state.filter(pl.col("dead") | pl.col("cancelled")).select(pl.col("who").alias("other"))
    wed = marriages(view).filter(pl.col("event") == "结婚").join(gone, on="other", how="anti")
    counted = view["pension"].filter(~pl.col("kind").is_in(view.figures.pension_excluded))
    return single.join(wed.select("who").unique(), on="who", how="anti").join(
        counted.select("who").unique(), on="who", how="anti"
    )


def _single(view: View, severe: pl.DataFrame, lost: pl.DataFrame, rich: pl.DataFrame) -> pl.DataFrame:
    covered = view.covered.select("scheme", "household_no", "pid", "who", "record_id")
    dibao = covered.filter(pl.col("scheme") == "dibao").select("who").unique()
    rows = (
        covered.filter(pl.col("scheme") == "borderline")
        .join(dibao, on="who", how="anti")
        .join(lost, on="who", how="anti")
    )
    hit = screen(rows.join(severe.select("who", pl.col("record_id").alias("certificate")), on="who"), rich)
    hit = hit.with_columns(pl.concat_list("record_id", "certificate").alias("record_ids"))
    return found(hit, "single_enrolment_due", _low("high"), person=True, screened=pl.col("screened"))


def _stopped(view: View, state: pl.DataFrame, enrolled: pl.DataFrame, rich: pl.DataFrame) -> pl.DataFrame:
    m = view.month
    rows = view.rows.with_columns((pl.col("scheme") + "|" + pl.col("household_no")).alias("unit"))
    ended = rows.group_by("unit").agg(
        (pl.col("stop_month").is_not_null() & (pl.col("stop_month") <= m.text)).all().alias("all_stopped"),
        pl.col("stop_month").max().alias("last"),
        pl.col("stop_reason").fill_null("").str.contains("死亡").any().alias("for_death"),
    )
    ended = ended.filter(pl.col("all_stopped") & ~pl.col("for_death") & (pl.col("last") > m.back(24)))
    members = rows.join(ended.select("unit"), on="unit")
    again = members.join(enrolled, on="who").select("unit").unique()
    bad_units = _disqualified_cases(view, members)
    lost = state.filter(pl.col("dead") | pl.col("cancelled") | pl.col("gone")).select("who")
    living = members.join(lost, on="who", how="anti").join(residents(view).select("who").unique(), on="who")
    followed = living.join(view["monitored"].select("who", pl.col("record_id").alias("monitored_id")), on="who")
    hit = followed.join(again, on="unit", how="anti").join(bad_units, on="unit", how="anti")
    jailed = in_prison(view).select("who").unique()
    hit = screen(hit.join(jailed, on="who", how="anti"), rich)
    hit = hit.with_columns(pl.concat_list("record_id", "monitored_id").alias("record_ids"))
    return found(hit, "wrongly_stopped", _low("high"), person=False, screened=pl.col("screened"))


def _disqualified_cases(view: View, members: pl.DataFrame) -> pl.DataFrame:
    """Stopped households with evidence of rules 6-11 among their rows, by their scheme's own limits."""
    f = view.figures
    standard = pl.when(pl.col("area") == "农村").then(f.standard["rural"]).otherwise(f.standard["urban"])
    sizes = members.group_by("unit").agg(
        pl.len().alias("size"),
        pl.col("scheme").first().replace_strict(f.asset_months, return_dtype=pl.Int64).alias("asset_months"),
        (
            standard.first()
            * pl.col("scheme").first().replace_strict(f.income_line, default=None, return_dtype=pl.Float64)
        ).alias("line"),
    )
    return pl.concat([e.select("unit") for e in asset_evidence(view, members, sizes).values()]).unique()
