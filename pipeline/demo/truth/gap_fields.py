"""Gaps in system data, read plainly in Polars from the rosters as their files show them.

Each function yields frames of `GAP_COLUMNS`: rule_id, scheme, household_no, item (the field, null where the id is about
no field), record_ids (rows that a finding of it may stand on), optional.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from pipeline.contract import CODES, DATASETS, TOWNS
from pipeline.demo.months import AuditMonth

GAP_COLUMNS = ("rule_id", "scheme", "household_no", "item", "record_ids", "optional")
FAMILIES = ("dibao", "borderline", "expenditure")

_EACH = ("household_no", "name", "id_number", "sex", "birth_date", "town", "village")
_FAMILY_EACH = (*_EACH, "relation")
_FAMILY_ONCE = ("address", "phone", "area", "per_capita_income", "start_month")
# Of every active row, and of a household: filled on any of its active rows.
EACH: dict[str, tuple[str, ...]] = {
    "dibao": (*_FAMILY_EACH, "health", "labour_capacity"),
    "borderline": _FAMILY_EACH,
    "expenditure": _FAMILY_EACH,
    "tekun": (
        *_EACH, "address", "phone", "area", "support_mode", "self_care", "care_level", "assessed_on", "monthly_amount",
        "care_amount", "start_month", "bank_account", "account_holder",
    ),
    "temporary": _EACH,
}  # fmt: skip
ONCE: dict[str, tuple[str, ...]] = {
    "dibao": (*_FAMILY_ONCE, "category", "monthly_amount", "cause", "bank_account", "account_holder"),
    "borderline": (*_FAMILY_ONCE, "valid_until"),
    "expenditure": (*_FAMILY_ONCE, "valid_until", "expenditure_kind", "rigid_expenditure"),
    "tekun": (),
    "temporary": (
        "phone",
        "kind",
        "reason",
        "amount",
        "granted_on",
        "household_size",
        "bank_account",
        "account_holder",
    ),
}
# Sums: must not be negative; while active not nought; at most so many times the median, of a head or as it is.
_SUMS: dict[str, tuple[tuple[str, bool, float | None, bool], ...]] = {
    "dibao": (("monthly_amount", True, 6, True), ("per_capita_income", False, None, False)),
    "tekun": (("monthly_amount", True, 3, True), ("care_amount", False, None, False)),
    "borderline": (("per_capita_income", False, 8, False),),
    "expenditure": (("per_capita_income", False, 8, False), ("rigid_expenditure", True, 15, True)),
    "temporary": (("amount", True, 20, False),),
}
_CYCLE = {"B": 6, "C": 6}


def field_gaps(scheme: str, rows: pl.DataFrame, month: AuditMonth) -> Iterator[pl.DataFrame]:
    """`rows`: see `gaps.roster_rows`."""
    live = rows.filter("active")
    yield from _empty(scheme, rows, live, month)
    yield from _words(scheme, rows)
    if scheme in FAMILIES:
        yield from _heads(scheme, live)
        yield from _reviews(scheme, live, month)
    yield from _twice(scheme, live)
    yield from _months(scheme, rows, month)
    yield from _sums(scheme, rows)


def told(rule: str, scheme: str, frame: pl.DataFrame, item: str | None, optional: bool = False) -> pl.DataFrame:
    """One gap a row of `frame`, which has household_no and record_ids."""
    return frame.select(
        pl.lit(rule).alias("rule_id"), pl.lit(scheme).alias("scheme"), "household_no",
        pl.lit(item, pl.String).alias("item"), "record_ids", pl.lit(optional).alias("optional"),
    )  # fmt: skip


def by_row(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.concat_list("record_id").alias("record_ids"))


def by_household(frame: pl.DataFrame, *more: pl.Expr) -> pl.DataFrame:
    """One row a household of these rows, with all its records."""
    return frame.drop_nulls("household_no").group_by("household_no", maintain_order=True).agg(
        pl.col("record_id").alias("record_ids"), *more
    )  # fmt: skip


def _empty(scheme: str, rows: pl.DataFrame, live: pl.DataFrame, month: AuditMonth) -> Iterator[pl.DataFrame]:
    rule = "required_field_empty"
    for field in EACH[scheme]:
        yield told(rule, scheme, by_row(live.filter(pl.col(field).is_null())), field)
    for field in ONCE[scheme]:
        houses = by_household(live, pl.col(field).is_not_null().any().alias("filled"))
        yield told(rule, scheme, houses.filter(~pl.col("filled")), field)
    if scheme in FAMILIES:
        declared = pl.col("disability_type").is_not_null() | pl.col("disability_level").is_not_null()
        if scheme == "dibao":
            declared = declared | (pl.col("health") == "残疾").fill_null(False)
        for field in ("disability_type", "disability_level"):
            yield told(rule, scheme, by_row(live.filter(declared, pl.col(field).is_null())), field)
    if scheme == "tekun":
        inside = live.filter(pl.col("support_mode") == "集中", pl.col("institution").is_null())
        yield told(rule, scheme, by_row(inside), "institution")
        carer = live.filter(pl.col("carer_name").is_not_null(), pl.col("carer_id_number").is_null())
        yield told(rule, scheme, by_row(carer), "carer_id_number")
    if scheme != "temporary":
        stopped = rows.filter((pl.col("stop_month") <= month.text).fill_null(False))
        yield told(rule, scheme, by_row(stopped.filter(pl.col("stop_reason").is_null())), "stop_reason")


def _words(scheme: str, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for column in DATASETS[scheme].columns:
        if column.codes in CODES and column.type != "boolean":
            odd = rows.filter(~pl.col(column.id).is_in(list(CODES[column.codes])))
            yield told("code_unknown", scheme, by_row(odd), column.id)
    yield told("town_unknown", scheme, by_row(rows.filter(~pl.col("town").is_in(list(TOWNS)))), "town")


def _heads(scheme: str, live: pl.DataFrame) -> Iterator[pl.DataFrame]:
    houses = by_household(
        live, (pl.col("relation") == "户主").sum().alias("heads"), pl.col("relation").is_null().any().alias("unsure")
    ).filter(~pl.col("unsure"))
    yield told("household_without_head", scheme, houses.filter(pl.col("heads") == 0), "relation")
    yield told("household_head_repeated", scheme, houses.filter(pl.col("heads") > 1), "relation")


def _reviews(scheme: str, live: pl.DataFrame, month: AuditMonth) -> Iterator[pl.DataFrame]:
    category = pl.col("category").drop_nulls().first() if scheme == "dibao" else pl.lit("A").first()
    past = pl.col("last_review_on").filter(pl.col("last_review_on") <= month.as_of)
    houses = by_household(
        live.sort("head", descending=True, maintain_order=True), category.alias("category"), past.max().alias("latest"),
        pl.col("last_review_on").is_not_null().any().alias("filled"),
        pl.col("start_month").drop_nulls().first().alias("start"),
    )  # fmt: skip
    months = pl.col("category").replace_strict(_CYCLE, default=12, return_dtype=pl.Int64)
    due = months.replace_strict({n: month.ago(n) for n in (6, 12)}, return_dtype=pl.Date)
    houses = houses.with_columns(due.alias("due"))
    yield told("review_overdue", scheme, houses.filter(pl.col("latest") < pl.col("due")), "last_review_on")
    expected = pl.col("start").is_null() | (pl.col("start") <= pl.col("due").dt.strftime("%Y-%m"))
    yield told("required_field_empty", scheme, houses.filter(~pl.col("filled"), expected), "last_review_on")


def _twice(scheme: str, live: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """One gap for a number, and one for a name and birth date that another number hides."""
    numbered = live.filter(pl.col("number").is_not_null(), ~pl.col("number").str.contains("*", literal=True))
    by_number = numbered.drop_nulls("household_no").group_by("household_no", "number", maintain_order=True).agg(
        pl.col("record_id").alias("record_ids")
    ).filter(pl.col("record_ids").list.len() > 1)  # fmt: skip
    yield told("person_repeated", scheme, by_number, None)
    by_name = live.drop_nulls(["household_no", "name", "birth_date"]).group_by(
        "household_no", "name", "birth_date", maintain_order=True
    ).agg(pl.col("record_id").alias("record_ids"), pl.col("number").n_unique().alias("numbers"))  # fmt: skip
    apart = by_name.filter(pl.col("record_ids").list.len() > 1, pl.col("numbers") > 1)
    yield told("person_repeated", scheme, apart, None)


def _months(scheme: str, rows: pl.DataFrame, month: AuditMonth) -> Iterator[pl.DataFrame]:
    if scheme == "temporary":
        return
    start = pl.col("start_month")
    wrong = [pl.col("stop_month") < start, start > month.text]
    if "valid_until" in rows.columns:
        wrong.append(pl.col("valid_until").dt.strftime("%Y-%m") < start)
    for condition in wrong:
        yield told("month_order", scheme, by_row(rows.filter(condition)), "start_month")


def _sums(scheme: str, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for field, positive, times, a_head in _SUMS[scheme]:
        live = pl.col("active")
        houses = by_household(
            rows.sort("head", descending=True, maintain_order=True), pl.col(field).min().alias("least"),
            pl.col(field).filter(live).drop_nulls().first().alias("value"), live.sum().alias("size"),
        )  # fmt: skip
        yield told("amount_out_of_range", scheme, houses.filter(pl.col("least") < 0), field)
        if positive:
            yield told("amount_out_of_range", scheme, houses.filter(pl.col("value") == 0), field)
        if times is not None:
            share = pl.col("value") / (pl.col("size") if a_head else 1)
            usual = houses.filter(pl.col("size") > 0, pl.col("value") > 0).select(share.median()).item()
            far = houses.filter(pl.col("size") > 0, share > times * (usual or float("inf")) + 0.005)
            yield told("amount_out_of_range", scheme, far, field)
