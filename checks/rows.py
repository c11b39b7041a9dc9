"""The failing rows: each expectation's condition as plain SQL, every row of it, told in one sentence.

Great Expectations is not imported here: it counts, and never gives the rows whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from checks.archive_suite import archive_suite
from checks.archive_table import prepare_archive
from checks.catalogue import (
    ARCHIVE_RULES,
    NO_LINKS,
    PEOPLE_RULES,
    Scope,
    not_run,
    people_title,
    suites_to_run,
)
from checks.model import ROW_COLUMNS, Check, CheckRows, NotRun, Suite
from checks.own import OwnChecks
from checks.people import people_suite, prepare_people
from checks.roster_suite import roster_suite
from checks.roster_table import prepare_roster
from checks.scores import scores_of
from pipeline.contract import scheme_zh
from pipeline.engine.duck import DuckEngine
from pipeline.engine.quoting import identifier as name
from pipeline.engine.quoting import literal

_SLOT = re.compile(r"\{(\w+)\}")


def prepare(engine: DuckEngine, scope: Scope) -> tuple[list[Suite], list[NotRun]]:
    """Build the tables of every suite that can run; the suites, and what does not run and why."""
    run, idle = suites_to_run(scope)
    linked = engine.exists("links")
    suites: list[Suite] = []
    for dataset_id, kind in run:
        suite, absent = _PREPARED[kind](engine, scope, dataset_id, linked)
        suites += [suite] if suite else []
        idle += absent
    return suites, idle


Prepared = tuple[Suite | None, list[NotRun]]


def _data(engine: DuckEngine, scope: Scope, roster: str, linked: bool) -> Prepared:
    prepare_roster(engine, scope, scope.spec(roster))
    return roster_suite(scope, roster, linked=linked)


def _archive(engine: DuckEngine, scope: Scope, roster: str, linked: bool) -> Prepared:
    spec = scope.spec(f"{roster}_archive")
    listed = engine.rows(f"SELECT count(*) AS n FROM archive WHERE scheme = {literal(roster)}")
    if not listed["n"][0]:  # a list without a row of the scheme was not made for it
        return None, not_run(spec["title"], ARCHIVE_RULES, f"档案目录中没有{scheme_zh(roster)}的任何材料，未核查")
    prepare_archive(engine, spec, scope.spec(roster)["household"])
    return archive_suite(scope, roster), []


def _people(engine: DuckEngine, scope: Scope, dataset_id: str, linked: bool) -> Prepared:
    if not linked:
        return None, not_run(people_title(dataset_id), [PEOPLE_RULES[dataset_id]], NO_LINKS)
    prepare_people(engine, scope, dataset_id)
    return people_suite(dataset_id), []


_PREPARED = {"data": _data, "archive": _archive, "people": _people}


def failing_rows(
    engine: DuckEngine,
    month: str,
    present: set[str],
    *,
    review_months: Mapping[str, int] | None = None,
    own: OwnChecks | None = None,
) -> CheckRows:
    """Every failing row of every suite that can run on the datasets `present`, for `month` (YYYY-MM).

    Reads the typed tables, `identity_pair` and `links`; leaves tables named `check_…`. `review_months`: months between
    reviews by category, over those of the data file; `own`: a bureau's own checks. One row for a rule, a household, a
    person and a field, though `counts` counts every row that fails. AuditError when an ID number of the roster was
    never read.
    """
    scope = Scope(month, frozenset(present), dict(review_months or {}), own.specs if own else {})
    suites, idle = prepare(engine, scope)
    counts: dict[str, int] = {}
    frames: list[pl.DataFrame] = []
    for suite in suites:
        household = name(scope.spec(suite.scheme)["household"])
        found = engine.rows(" UNION ALL ".join(_select(suite, n, household) for n in range(len(suite.checks))))
        seen = dict(found.group_by("n").len().iter_rows())
        counts |= {check.key: seen.get(n, 0) for n, check in enumerate(suite.checks)}
        frames.append(found.join(_told(suite), on="n", how="left").sort("n", "record_id", maintain_order=True))
    rows = pl.DataFrame(schema=dict.fromkeys(ROW_COLUMNS, pl.String))
    if frames:
        rows = _one_each(pl.concat(frames)).select(ROW_COLUMNS)
    return CheckRows(rows, counts, idle, tuple(suites), scores_of(engine, suites))


def _one_each(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for a rule, a household, a person and a field.

    The head's ID number given to the whole family stands for several people: all but the first carry their name in
    `identity`, so that no two findings share household, ID number and identity.
    """
    person = ["rule_id", "scheme", "household_no", "id_number", "name", "identity"]
    subject = ["rule_id", "scheme", "household_no", pl.coalesce("id_number", "name"), "identity"]
    single = rows.unique(subset=person, keep="first", maintain_order=True)
    named = pl.concat_str("identity", pl.lit("/"), pl.col("name").fill_null(""))
    later = pl.int_range(pl.len()).over(subject) > 0
    return single.with_columns(pl.when(later).then(named).otherwise("identity").alias("identity"))


def _select(suite: Suite, n: int, household: str) -> str:
    """The failing rows of one check: who, where, the values read and the sentence."""
    check = suite.checks[n]
    values = [f"{literal(column)}, {sql}" for column, sql in check.reads.items()]
    if check.about_field:
        values.insert(0, f"'field', {literal(next(iter(check.reads), check.identity))}")
    dataset, record = check.evidence or (literal(suite.scheme), "record_id")
    return (
        f"SELECT {n}::INTEGER AS n, town, village, {household} AS household_no, name, id_number, record_id, "
        f"{dataset} AS evidence_dataset, {record} AS evidence_record_id, "
        f'json_object({", ".join(values)})::VARCHAR AS "values", {sentence_sql(check)} AS summary '
        f"FROM {suite.told or suite.table} WHERE {check.condition.failing()}"
    )


def sentence_sql(check: Check) -> str:
    """A rule's sentence as SQL: its fixed words put in, every other slot read from the failing row."""
    text = _SLOT.sub(lambda slot: check.words.get(slot[1], slot[0]), check.rule.sentence)
    pieces = _SLOT.split(text)  # fixed text and column names by turns
    parts = [
        literal(piece) if at % 2 == 0 else f"coalesce({name(piece)}::VARCHAR, '（空）')"
        for at, piece in enumerate(pieces)
        if piece
    ]
    return f"concat({', '.join(parts)})"


def _told(suite: Suite) -> pl.DataFrame:
    """What each check says of all its rows: rule, severity, clause."""
    return pl.DataFrame(
        {
            "n": list(range(len(suite.checks))),
            "rule_id": [c.rule.id for c in suite.checks],
            "category": [c.rule.category for c in suite.checks],
            "severity": [c.severity for c in suite.checks],
            "confidence": [c.confidence for c in suite.checks],
            "scheme": [suite.scheme] * len(suite.checks),
            "basis": [c.basis for c in suite.checks],
            "identity": [c.identity for c in suite.checks],
        },
        schema_overrides={"n": pl.Int32},
    )
