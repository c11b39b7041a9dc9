"""What a bureau's own rule gave on a month's data, held against what a finding is made of.

An empty table tells what columns there are, not what will stand in them: a household's number that is blank on one row,
a LEFT JOIN that met nothing, a dataset written in Chinese.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from pipeline.contract import DATASETS
from pipeline.errors import BadInput
from pipeline.findings.rules import SEVERITIES, Rule
from pipeline.identity import PERSON_FIELDS

# What names the finding, the row that it is about and the record that it rests on: texts, on every row.
_TOLD = ("subject", "subject_dataset", "record_id", "evidence_dataset", "evidence_record_id")
_TEXTS = (*_TOLD, "scheme", "household_no", "severity", "person", "via_dataset", "via_record_id")


def check_rows(rule: Rule, rows: pl.DataFrame) -> None:
    """BadInput, naming file and column but no cell, where no finding can be made of a row."""
    for column in (c for c in _TEXTS if c in rows.columns):
        if rows[column].dtype not in (pl.String, pl.Null):
            raise _wrong(rule, column, "is no text", f"write CAST({column} AS VARCHAR)")
    for column in _TOLD:
        if n := rows[column].null_count():
            raise _wrong(
                rule, column, f"is empty in {n} of {rows.height} rows",
                f"leave such rows out by WHERE … IS NOT NULL, or give {column} another value there",
            )  # fmt: skip
    for column, known, told in (
        ("subject_dataset", PERSON_FIELDS, "the id of a dataset about persons, such as 'dibao'"),
        ("evidence_dataset", DATASETS, "the id of a dataset, such as 'vehicle'"),
        ("scheme", DATASETS, "the id of a roster, such as 'dibao', or NULL"),
        ("severity", SEVERITIES, f"one of {', '.join(SEVERITIES)}, or NULL"),
    ):
        if column in rows.columns and not rows[column].drop_nulls().is_in(list(known)).all():
            raise _wrong(rule, column, "holds something else than is known", f"give {told}")
    if rule.money and not (rows[rule.money].dtype.is_numeric() or rows[rule.money].dtype == pl.Null):
        raise _wrong(rule, rule.money, "is no number, and `money` names it", "give yuan as a number")


def check_subjects(rule: Rule, rows: pl.DataFrame, subjects: Collection[tuple[str, str]]) -> None:
    """BadInput where a row's `record_id` is that of no record. `subjects`: (dataset, record id) of those there are."""
    cited = set(rows.select("subject_dataset", "record_id").iter_rows())
    if lost := len(cited - set(subjects)):
        raise _wrong(
            rule, "record_id", f"names {lost} records that subject_dataset has not",
            "give the record_id of the row that the finding is about",
        )  # fmt: skip


def _wrong(rule: Rule, column: str, what: str, remedy: str) -> BadInput:
    return BadInput(f"{rule.file.place()}: on this month's data {column} {what}", remedy=remedy)
