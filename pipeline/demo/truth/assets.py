"""Rules 6-11 read over any units: roster households, or the residents of register households for screening."""

from __future__ import annotations

import polars as pl

from pipeline.demo.truth.view import View

INVALID = ("注销", "报废", "转出", "过期", "冻结", "吊销")


def in_force(column: str = "status") -> pl.Expr:
    """In use or valid unless its status says otherwise; empty = in force."""
    return ~pl.col(column).fill_null("").is_in(INVALID)


def asset_evidence(view: View, units: pl.DataFrame, sizes: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """By rule: `unit`, `evidence` (record ids), and for businesses whether one is a company.

    units: unit, who (several). sizes: unit, size, asset_months, line (yuan a head at which income counts; null: none).
    """
    people = units.select("unit", "who").unique()
    out: dict[str, pl.DataFrame] = {}
    exempt = view.figures.vehicle_exempt
    cars = people.join(view["vehicle"].filter(in_force() & ~pl.col("kind").is_in(exempt)), on="who")
    out["vehicle_owned"] = cars.group_by("unit").agg(pl.col("record_id").alias("evidence"))
    owned = people.join(view["property"], on="who")
    homes = (
        owned.filter(pl.col("use") == "住宅")
        .group_by("unit")
        .agg(pl.col("record_id").alias("evidence"), pl.col("certificate_no").n_unique().alias("n"))
    )
    out["homes_over_limit"] = homes.filter(pl.col("n") > view.figures.limits["homes"]).drop("n")
    out["shop_owned"] = (
        owned.filter(pl.col("use") != "住宅").group_by("unit").agg(pl.col("record_id").alias("evidence"))
    )
    firms = view["business"].filter((pl.col("status") == "存续") & ~pl.col("kind").is_in(view.figures.business_exempt))
    out["business_registered"] = (
        people.join(firms, on="who")
        .group_by("unit")
        .agg(pl.col("record_id").alias("evidence"), (pl.col("kind") == "公司").any().alias("company"))
    )
    out["assets_over_limit"] = _assets(view, people, sizes)
    out["income_over_line"] = _income(view, people, sizes)
    return out


def _assets(view: View, people: pl.DataFrame, sizes: pl.DataFrame) -> pl.DataFrame:
    past = view["deposit"].filter(pl.col("as_of") <= view.as_of)
    latest = past.filter(pl.col("as_of") == pl.col("as_of").max().over("who", "institution"))
    held = (
        people.join(latest, on="who")
        .group_by("unit")
        .agg(pl.col("balance").sum(), pl.col("record_id").alias("evidence"))
    )
    limit = pl.col("size") * pl.col("asset_months") * view.figures.standard["urban"]
    over = held.join(sizes, on="unit").filter((pl.col("balance") * 100).round() > (limit * 100).round())
    return over.select("unit", "evidence")


def incomes(view: View, people: pl.DataFrame) -> pl.DataFrame:
    """who → monthly income, record ids: the highest of wage base, pay and last year's taxed income, and pensions."""
    m = view.month.text
    open_now = (pl.col("insured_from").is_null() | (pl.col("insured_from") <= m)) & (
        pl.col("insured_to").is_null() | (pl.col("insured_to") >= m)
    )
    who = people.select("who").unique()
    wage = (
        who.join(view["employment"].filter(open_now), on="who")
        .group_by("who")
        .agg(pl.col("wage_base").max().alias("a"), pl.col("record_id").alias("ea"))
    )
    pay = (
        who.join(view["public_payroll"], on="who")
        .group_by("who")
        .agg(pl.col("monthly_amount").sum().alias("b"), pl.col("record_id").alias("eb"))
    )
    tax = view["tax"].filter(pl.col("year") == view.month.year - 1)
    taxed = (
        who.join(tax, on="who")
        .group_by("who")
        .agg((pl.col("income").sum() / 12).alias("c"), pl.col("record_id").alias("ec"))
    )
    counted = view["pension"].filter(~pl.col("kind").is_in(view.figures.pension_excluded))
    pension = (
        who.join(counted, on="who")
        .group_by("who")
        .agg(pl.col("monthly_amount").sum().alias("d"), pl.col("record_id").alias("ed"))
    )
    all_ = who
    for part in (wage, pay, taxed, pension):
        all_ = all_.join(part, on="who", how="left")
    earned = pl.max_horizontal(pl.col("a").fill_null(0), pl.col("b").fill_null(0), pl.col("c").fill_null(0))
    empty = pl.lit([], dtype=pl.List(pl.String))
    return all_.select(
        "who",
        (earned + pl.col("d").fill_null(0)).alias("income"),
        pl.concat_list(*[pl.col(e).fill_null(empty) for e in ("ea", "eb", "ec", "ed")]).alias("evidence"),
    )


def _income(view: View, people: pl.DataFrame, sizes: pl.DataFrame) -> pl.DataFrame:
    tested = sizes.filter(pl.col("line").is_not_null())
    mine = people.join(tested.select("unit"), on="unit")
    total = (
        mine.join(incomes(view, mine), on="who")
        .group_by("unit")
        .agg(pl.col("income").sum(), pl.col("evidence").list.explode(keep_nulls=False, empty_as_null=False))
    )
    over = total.join(tested, on="unit").filter(
        (pl.col("income") * 100).round() >= (pl.col("line") * pl.col("size") * 100).round()
    )
    return over.filter(pl.col("evidence").list.len() > 0).select("unit", "evidence")
