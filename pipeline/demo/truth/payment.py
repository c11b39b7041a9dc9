"""Rules 24-32, read plainly in Polars over one view of the county."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import polars as pl

from pipeline.demo.months import add_months, shift
from pipeline.demo.names import DOT, DOTS
from pipeline.demo.truth.view import View, first_deaths, found

_HOUSE = ("scheme", "household_no")
_NO_PID = pl.lit(None, pl.Int64).alias("pid")


def payment(view: View) -> Iterator[pl.DataFrame]:
    """Findings of rules 24-32."""
    paid = view["payment"].with_columns(_NO_PID)
    houses = view.rows.group_by(_HOUSE).agg(pl.col("record_id").alias("rows"))
    yield _after_death(view, paid, houses)
    yield _after_stop(view, paid, houses)
    grants = view["temporary"].select(pl.lit("temporary").alias("scheme"), household_no="grant_no").unique()
    unknown = (
        paid.join(houses, on=_HOUSE, how="anti")
        .join(grants, on=_HOUSE, how="anti")
        .with_columns(pl.concat_list("record_id").alias("record_ids"))
    )
    yield found(unknown, "paid_without_enrolment", "high", person=False)
    yield _unpaid(view, paid)
    yield _mismatch(view, paid)
    twice = paid.filter(pl.len().over("scheme", "household_no", "month", "amount") > 1)
    yield _households(twice, houses, "paid_twice", "high")
    yield _shared(view)
    yield _outside(view)
    yield _repeated(view)


def _households(hit: pl.DataFrame, houses: pl.DataFrame, rule: str, severity: str) -> pl.DataFrame:
    listed = hit.join(houses, on=_HOUSE, how="left").with_columns(
        pl.concat_list("record_id", pl.col("rows").fill_null(pl.lit([], pl.List(pl.String)))).alias("record_ids")
    )
    return found(listed, rule, severity, person=False)


def _after_death(view: View, paid: pl.DataFrame, houses: pl.DataFrame) -> pl.DataFrame:
    deaths = first_deaths(view).select("who", pl.col("died_on").dt.strftime("%Y-%m").alias("died"))
    grace = int(view.figures.limits["death_grace_months"])
    payee = deaths.rename({"who": "payee_pid", "died": "payee_died"})
    covered = (
        view.covered.join(deaths, on="who", how="left")
        .group_by(_HOUSE)
        .agg(pl.col("died").is_not_null().all().alias("all_dead"), pl.col("died").max().alias("last_died"))
    )
    late = paid.join(payee, on="payee_pid", how="left").join(covered, on=_HOUSE, how="left")

    def after(column: str) -> pl.Expr:
        limit = pl.col(column).map_elements(lambda m: add_months(m, grace), return_dtype=pl.String)
        return (pl.col("month") > limit).fill_null(False)

    hit = late.filter(after("payee_died") | (pl.col("all_dead").fill_null(False) & after("last_died")))
    return _households(hit, houses, "paid_after_death", "high")


def _after_stop(view: View, paid: pl.DataFrame, houses: pl.DataFrame) -> pl.DataFrame:
    stops = view.rows.group_by(_HOUSE).agg(
        pl.col("stop_month").is_not_null().all().alias("all"), pl.col("stop_month").max().alias("stop")
    )
    hit = paid.join(stops.filter("all"), on=_HOUSE).filter(pl.col("month") >= pl.col("stop"))
    return _households(hit, houses, "paid_after_stop", "high")


def _unpaid(view: View, paid: pl.DataFrame) -> pl.DataFrame:
    now = paid.filter(pl.col("month") == view.month.text)
    mine = view.members.filter(pl.col("start_month") < view.month.text).with_columns(
        pl.concat_list("record_id").alias("record_ids")
    )
    mine = mine.filter(pl.col("scheme").is_in(now["scheme"].unique().to_list())).join(now, on=_HOUSE, how="anti")
    return found(mine.with_columns(_NO_PID), "enrolled_without_payment", "medium", person=False)


def _mismatch(view: View, paid: pl.DataFrame) -> pl.DataFrame:
    now = (
        paid.filter(pl.col("month") == view.month.text)
        .group_by(_HOUSE)
        .agg(pl.col("amount").sum().alias("paid"), pl.col("record_id").alias("payments"))
    )
    members = view.members.filter(pl.col("scheme").is_in(["dibao", "tekun"]))
    tekun = pl.col("monthly_amount").sum() + pl.col("care_amount").sum()
    due = members.group_by(_HOUSE).agg(
        pl.when(pl.col("scheme").first() == "dibao")
        .then(pl.col("monthly_amount").first())
        .otherwise(tekun)
        .alias("due"),
        pl.col("record_id").alias("rows"),
    )
    hit = now.join(due, on=_HOUSE).filter((pl.col("paid") * 100).round() != (pl.col("due") * 100).round())
    hit = hit.with_columns(pl.concat_list("payments", "rows").alias("record_ids"), _NO_PID)
    return found(hit, "amount_mismatch", "medium", person=False)


def _shared(view: View) -> pl.DataFrame:
    rows = view.members.filter(pl.col("scheme").is_in(["dibao", "tekun"]) & pl.col("bank_account").is_not_null())
    house = pl.col("scheme") + pl.col("household_no")
    # an institution's account is excepted for the residents it keeps: the holder is their institution
    own = (pl.col("support_mode") == "集中") & (pl.col("account_holder") == pl.col("institution"))
    rows = rows.filter(~own.fill_null(False))
    hit = rows.filter(house.n_unique().over("bank_account") > 1).with_columns(
        _NO_PID, pl.concat_list("record_id").alias("record_ids")
    )
    return found(hit, "account_shared", "high", person=False, subject="bank_account")


@cache
def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def plain_name(name: str) -> str:
    """Simplified, without white space and middle dots."""
    text = str(_simplifier().convert(name))
    return "".join(ch for ch in text if not ch.isspace() and ch not in DOT + DOTS)


def same_name(a: str, b: str) -> bool:
    """Equal after simplification, a lost character standing for any one."""
    x, y = plain_name(a), plain_name(b)

    def pattern(text: str) -> str:
        return "".join("." if ch in "?*□\ufffd" else re.escape(ch) for ch in text)

    return bool(re.fullmatch(pattern(x), y) or re.fullmatch(pattern(y), x))


def _outside(view: View) -> pl.DataFrame:
    rows = view.members.filter(pl.col("scheme").is_in(["dibao", "tekun"]) & pl.col("account_holder").is_not_null())
    names = rows.group_by(_HOUSE).agg(pl.col("name_written").alias("members"))
    hits: list[dict[str, object]] = []
    for row in (
        rows.join(names, on=_HOUSE)
        .select(*_HOUSE, "record_id", "account_holder", "carer_name", "institution", "members")
        .iter_rows(named=True)
    ):
        allowed = [n for n in (*row["members"], row["carer_name"], row["institution"]) if n]
        if not any(same_name(row["account_holder"], n) for n in allowed):
            hits.append(row)
    frame = (
        pl.DataFrame(hits, schema_overrides={"record_id": pl.String})
        if hits
        else rows.select(*_HOUSE, "record_id").clear()
    )
    return found(
        frame.with_columns(_NO_PID, pl.concat_list("record_id").alias("record_ids")),
        "account_holder_outside",
        "medium",
        person=False,
    )


def _repeated(view: View) -> pl.DataFrame:
    grants = view["temporary"].select("who", "pid", "reason", "granted_on", "record_id", "grant_no")
    pairs = grants.join(grants, on=["who", "reason"], suffix="_2").filter(
        (pl.col("grant_no") != pl.col("grant_no_2")) & (pl.col("granted_on") <= pl.col("granted_on_2"))
    )
    near = [shift(b, -12) < a for a, b in pairs.select("granted_on", "granted_on_2").iter_rows()]
    hit = pairs.filter(pl.Series(near, dtype=pl.Boolean)).with_columns(
        pl.concat_list("record_id", "record_id_2").alias("record_ids"),
        pl.lit(None, pl.String).alias("scheme"),
        pl.lit(None, pl.String).alias("household_no"),
    )
    return found(hit, "temporary_repeated", "medium", person=True)
