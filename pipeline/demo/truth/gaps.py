"""The truth of the checks: every gap in system data and archives, read from the files' own rows apart from `checks`."""

from __future__ import annotations

import polars as pl

from pipeline.contract import ROSTERS
from pipeline.demo.model import County
from pipeline.demo.truth.gap_fields import GAP_COLUMNS, by_household, field_gaps, told
from pipeline.demo.truth.gap_numbers import cleaned, name_gaps, number_gaps, read_numbers, sound_register
from pipeline.demo.truth.gap_papers import paper_gaps
from pipeline.demo.truth.view import active

_AS_WRITTEN = ("name", "sex", "birth_date", "village", "address", "phone", "bank_account")


def gaps(c: County, tables: dict[str, pl.DataFrame], written: pl.DataFrame) -> pl.DataFrame:
    """`GAP_COLUMNS`: a row a gap. `written`: every roster row's identity as its file shows it."""
    parts: list[pl.DataFrame] = []
    everyone: list[pl.DataFrame] = []
    for scheme in ROSTERS:
        rows = roster_rows(c, scheme, tables[scheme], written)
        everyone.append(
            rows.select("record_id", "household_no", "pid", "key", "old", "error", "name", scheme=pl.lit(scheme))
        )
        parts += [*field_gaps(scheme, rows, c.month), *number_gaps(scheme, rows)]
        parts += paper_gaps(scheme, rows, tables["archive"].filter(pl.col("scheme") == scheme))
    known = pl.concat(everyone)
    parts += name_gaps(known, sound_register(tables["household_register"]), set(c.earlier))
    numbers = known["household_no"].drop_nulls().unique().implode()
    for dataset, rule in (("patrol", "patrol_unmatched"), ("care_assessment", "assessment_unmatched")):
        strange = tables[dataset].filter(~pl.col("household_no").is_in(numbers))
        enrolled = pl.col("pid").is_in(known["pid"].unique().implode())
        # one of a person on a roster is known where the link can be made: it counts neither way where it is hard
        hard = strange.filter(enrolled, pl.col("noise") != "exact")
        parts += [
            told(rule, "tekun", by_household(strange.filter(~enrolled)), None),
            told(rule, "tekun", by_household(hard), None, optional=True),
        ]
    out = pl.concat([p.select(GAP_COLUMNS) for p in parts])
    return out.sort("rule_id", "scheme", "household_no", "item", pl.col("record_ids").list.first(), nulls_last=True)


def roster_rows(c: County, scheme: str, table: pl.DataFrame, written: pl.DataFrame) -> pl.DataFrame:
    """A roster's rows as their file shows them: its own columns, `active`, `stopped`, `head`, `declared`.

    `number` is the ID number as cleaned; beside it stands what it says (`read_numbers`).
    """
    shown = written.select("record_id", *_AS_WRITTEN, pl.col("id_number").alias("number"))
    rows = table.drop(*_AS_WRITTEN, strict=False).join(shown, on="record_id", how="left", maintain_order="left")
    number = cleaned(rows["number"])
    name = pl.col("name").str.replace_all(r"\s", "")
    rows = rows.with_columns(name, number.alias("number"), number.alias("id_number"))
    rows = rows.hstack(read_numbers(number)).sort("record_id")
    if scheme == "temporary":
        return rows.with_columns(
            household_no="grant_no",
            active=pl.lit(True),
            stopped=pl.lit(False),
            head=pl.lit(True),
            declared=pl.lit(False),
        )
    stopped = (pl.col("stop_month") <= c.month.text).fill_null(False)
    rows = rows.with_columns(active(c.month.text).alias("active"), stopped.alias("stopped"))
    if scheme == "tekun":
        return rows.with_columns(head=pl.lit(True), declared=pl.lit(False), kind=pl.lit(None, pl.String))
    declared = pl.col("disability_type").is_not_null() | pl.col("disability_level").is_not_null()
    if scheme == "dibao":
        declared = declared | (pl.col("health") == "残疾").fill_null(False)
    return rows.with_columns(
        (pl.col("relation") == "户主").fill_null(False).alias("head"), (declared & pl.col("active")).alias("declared"),
        kind=pl.lit(None, pl.String),
    )  # fmt: skip
