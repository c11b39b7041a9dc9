"""Rules 1-15, read plainly in Polars over one view of the county."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import polars as pl

from pipeline.demo.months import add_months
from pipeline.demo.truth.assets import asset_evidence
from pipeline.demo.truth.view import View, first_deaths, found, in_prison

_ROW = ("scheme", "household_no", "pid", "who", "record_id")


def ineligible(view: View) -> Iterator[pl.DataFrame]:
    """Findings of rules 1-15."""
    yield from _persons(view)
    yield from _double(view)
    yield from _assets(view)
    yield _validity(view)
    yield _split(view)
    yield _spouse(view)


def with_evidence(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """`record_ids` = the roster row and the lists of evidence."""
    return frame.with_columns(pl.concat_list("record_id", *columns).alias("record_ids"))


def _persons(view: View) -> Iterator[pl.DataFrame]:
    covered = view.covered.select(_ROW)
    deaths = first_deaths(view)
    early = deaths.filter(pl.col("died_on") < view.month.first)
    yield found(with_evidence(covered.join(early, on="who"), "evidence"), "deceased_on_roster", "high", person=True)
    register = view["household_register"]
    normal = register.filter(pl.col("status") == "正常").select("who").unique()
    left = register.filter(pl.col("status").is_in(["注销", "迁出"]) & (pl.col("status_on") <= view.as_of))
    left = left.join(normal, on="who", how="anti").join(view["death"].select("who").unique(), on="who", how="anti")
    left = left.group_by("who").agg(pl.col("record_id").alias("evidence"))
    yield found(with_evidence(covered.join(left, on="who"), "evidence"), "register_cancelled", "medium", person=True)
    jailed = in_prison(view).group_by("who").agg(pl.col("record_id").alias("evidence"))
    yield found(with_evidence(covered.join(jailed, on="who"), "evidence"), "in_prison", "high", person=True)


def _double(view: View) -> Iterator[pl.DataFrame]:
    covered = view.covered.select(_ROW)
    twice = covered.filter(pl.col("household_no").n_unique().over("who", "scheme") > 1)
    yield found(with_evidence(twice), "enrolled_twice", "high", person=True)
    welfare = view["child_welfare"]
    m = view.month.text
    open_now = pl.col("start_month").fill_null(m) <= m
    paid = welfare.filter(open_now & (pl.col("stop_month").is_null() | (pl.col("stop_month") > m)))
    paid = paid.select(
        pl.lit("child_welfare").alias("scheme"),
        pl.lit(None, pl.String).alias("household_no"),
        "pid",
        "who",
        "record_id",
    )
    both = pl.concat([covered, paid])
    parts = []
    for pair in sorted(tuple(sorted(p)) for p in view.figures.exclusive_schemes):
        mine = both.filter(pl.col("scheme").is_in(pair))
        parts.append(mine.filter(pl.col("scheme").n_unique().over("who") == 2))
    clash = pl.concat(parts).unique(maintain_order=True)
    yield found(with_evidence(clash), "exclusive_schemes", "high", person=True)


def _assets(view: View) -> Iterator[pl.DataFrame]:
    members = view.members.with_columns((pl.col("scheme") + "|" + pl.col("household_no")).alias("unit"))
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
    houses = members.group_by("unit").agg(
        pl.col("scheme", "household_no").first(), pl.lit(None, pl.Int64).alias("pid"), pl.col("record_id")
    )
    severity: dict[str, str | pl.Expr] = {
        "business_registered": pl.when("company").then(pl.lit("high")).otherwise(pl.lit("medium")),
        "income_over_line": "medium",
    }  # fmt: skip
    for rule, evidence in asset_evidence(view, members, sizes).items():
        hit = houses.join(evidence, on="unit").with_columns(pl.concat_list("record_id", "evidence").alias("record_ids"))
        yield found(hit, rule, severity.get(rule, "high"), person=False)
    pay = members.select("unit", "who").unique().join(view["public_payroll"].select("who", "record_id"), on="who")
    pay = pay.group_by("unit").agg(pl.col("record_id").alias("evidence"))
    hit = houses.join(pay, on="unit").with_columns(pl.concat_list("record_id", "evidence").alias("record_ids"))
    yield found(hit, "on_public_payroll", "high", person=False)


def _validity(view: View) -> pl.DataFrame:
    rows = view.members.filter(pl.col("scheme").is_in(["borderline", "expenditure"]))
    expired = pl.col("valid_until") < view.month.first
    old = pl.col("start_month") <= add_months(view.month.text, -13)  # the boundary month itself is never planted
    endless = (pl.col("scheme") == "expenditure") & pl.col("valid_until").is_null() & old
    return found(with_evidence(rows.filter(expired | endless)), "validity_expired", "medium", person=False)


def _split(view: View) -> pl.DataFrame:
    rows = view.members.filter(pl.col("scheme") == "dibao").select(_ROW)
    places = (
        view["household_register"]
        .filter(pl.col("status") == "正常")
        .select("who", "hukou_no", pl.col("record_id").alias("register_id"))
    )
    at = rows.join(places, on="who")
    found_: list[dict[str, object]] = []
    shared = at.filter(pl.col("household_no").n_unique().over("hukou_no") > 1)
    for (hukou,), group in shared.group_by("hukou_no", maintain_order=True):
        houses = {no: set(part["who"].to_list()) for (no,), part in group.group_by("household_no", maintain_order=True)}
        apart = any(a != b for x, y in combinations(houses.values(), 2) for a in x for b in y)
        if not apart:
            continue
        overlap = any(x & y for x, y in combinations(houses.values(), 2))
        for row in group.iter_rows(named=True):
            found_.append(
                {**row, "hukou_no": hukou, "optional": overlap, "record_ids": [row["record_id"], row["register_id"]]}
            )
    if not found_:
        return found(_empty(rows), "household_split", "medium", person=False)
    return found(
        pl.DataFrame(found_), "household_split", "medium", person=False, subject="hukou_no", optional=pl.col("optional")
    )


def _empty(rows: pl.DataFrame) -> pl.DataFrame:
    return with_evidence(rows.clear())


def marriages(view: View) -> pl.DataFrame:
    """The latest events on or before as_of as each party sees them: who, other, event, registered_on, record_id."""
    events = view["marriage"].filter(pl.col("registered_on") <= view.as_of)
    first = events.select("who", pl.col("spouse_pid").alias("other"), "event", "registered_on", "record_id")
    # the other party is named by a clean number, so the row speaks for that party too
    second = events.select(
        pl.col("spouse_pid").alias("who"), pl.col("who").alias("other"), "event", "registered_on", "record_id"
    )
    both = pl.concat([first, second])
    return both.filter(pl.col("registered_on") == pl.col("registered_on").max().over("who"))


def _spouse(view: View) -> pl.DataFrame:
    members = view.members.select(_ROW)
    wed = marriages(view).filter(pl.col("event") == "结婚")
    wed = wed.join(first_deaths(view).select(pl.col("who").alias("other")), on="other", how="anti")
    register = view["household_register"]
    normal = register.filter(pl.col("status") == "正常").select("who")
    struck = register.filter(
        (pl.col("status") == "注销") & (pl.col("status_on").is_null() | (pl.col("status_on") <= view.as_of))
    )
    struck = struck.join(normal, on="who", how="anti").select(pl.col("who").alias("other"))
    wed = wed.join(struck, on="other", how="anti").rename({"record_id": "event_id"})
    house = view.rows.select("scheme", "household_no", pl.col("who").alias("other"))
    omitted = members.join(wed, on="who").join(house, on=["scheme", "household_no", "other"], how="anti")
    return found(with_evidence(omitted, "event_id"), "spouse_omitted", "medium", person=True)
