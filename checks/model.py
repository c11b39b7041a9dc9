"""What the checks hand out: failing rows, counts, suites that ran and suites that did not."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from checks.conditions import Condition

# The columns of `CheckRows.rows`, all text. `values` is JSON: column id → value read, and "field" where the finding is
# about one field or document. `identity` is what, beside rule and person or household, tells two findings apart.
ROW_COLUMNS: tuple[str, ...] = (
    "rule_id",
    "category",
    "severity",
    "confidence",
    "scheme",
    "town",
    "village",
    "household_no",
    "name",
    "id_number",
    "record_id",
    "evidence_dataset",
    "evidence_record_id",
    "values",
    "summary",
    "basis",
    "identity",
)

NotRun = tuple[str, str, str, str]  # id, Chinese title, 'check', reason


@dataclass(frozen=True)
class Rule:
    """One check id: its Chinese name, category, severity, confidence, clause and sentence (`data/rules.toml`).

    `verified`: every clause named was compared with its text.
    """

    id: str
    title: str
    category: str
    severity: str
    confidence: str
    basis: str
    verified: bool
    sentence: str


@dataclass(frozen=True)
class Check:
    """One expectation: a rule, the field or document it is about, its condition, and how a failing row is told.

    `key` names it in counts and documents. `reads` maps a column id of the contract to the SQL of the value read.
    `words` are the fixed parts of the sentence; what they do not name is read from the failing row.
    `evidence` is the SQL of the record at fault and its dataset, where it is not the roster row.
    """

    key: str
    rule: Rule
    title: str
    condition: Condition
    identity: str
    reads: dict[str, str] = field(hash=False)
    words: dict[str, str] = field(hash=False)
    severity: str
    confidence: str
    basis: str
    verified: bool
    evidence: tuple[str, str] | None = None
    about_field: bool = True


@dataclass(frozen=True)
class Suite:
    """One suite over one table: `table` is built by `prepare`; `scheme` is its roster, `category` data or archive.

    `told`: the table's rows with what the sentences name, where the table itself does not carry it.
    A suite over the run itself has category run and no scheme. `headings`: column of the table → its Chinese heading,
    where neither the contract nor the pages' words have it.
    """

    name: str
    title: str
    unit: str
    scheme: str
    category: str
    table: str
    checks: tuple[Check, ...]
    headings: dict[str, str] = field(default_factory=dict, hash=False)
    told: str | None = None


@dataclass(frozen=True)
class CheckRows:
    """`rows`: a row a finding (`ROW_COLUMNS`). `counts`: failing rows by `Check.key`. `not_run`: what did not run.

    `suites`: those that ran, whose tables stand in the engine. `scores`: rows asked and complete by scheme, town and
    field (see `checks.scores`).
    """

    rows: pl.DataFrame
    counts: dict[str, int]
    not_run: list[NotRun]
    suites: tuple[Suite, ...] = ()
    scores: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass(frozen=True)
class ExpectationResult:
    """One expectation's verdict: `unexpected` rows of those it is about, and their share in percent."""

    key: str
    rule_id: str
    title: str
    success: bool
    unexpected: int
    percent: float


@dataclass(frozen=True)
class SuiteResult:
    """One suite's verdict over `rows` rows (`unit` says of what); `docs` is its page, relative to the output folder."""

    name: str
    title: str
    scheme: str
    category: str
    unit: str
    rows: int
    success: bool
    expectations: tuple[ExpectationResult, ...]
    docs: str
