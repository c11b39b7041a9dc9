"""What a run knows beside its findings, kept so that a later month can say why something changed.

Nobody's name or number is kept here: roster rows and records are hashes of 64 bits.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.contract import DATASETS, META_COLUMNS, ROSTERS
from pipeline.engine.duck import DuckEngine
from pipeline.linkage.records import typed_table

if TYPE_CHECKING:
    from checks.model import Suite
    from pipeline.findings import Rule
    from pipeline.policy import Policy

_DATE = re.compile(r"\b\d{4}-\d{2}(-\d{2})?\b")
ANY = "*"  # a rule that speaks about every scheme at once
# What says where a household stands; its amounts and addresses may change without changing who is on the roster.
_STANDING = (
    "name", "id_number", "relation", "covered", "area", "category", "start_month", "stop_month", "valid_until",
    "granted_on",
)  # fmt: skip
ROSTER_ROW = {
    "scheme": pl.String, "town": pl.String, "household": pl.UInt64, "person": pl.UInt64, "state": pl.UInt64,
    "content": pl.UInt64,
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """One run: which datasets were there, which rules ran and in which wording, what is doubtful.

    ran: (rule, scheme or `ANY`) → hash of its text and figures; reads: rule → datasets beside the rosters that it
    judges by; files: dataset → hash of its files; linkage: hash of the model; decided: hashes of the link rulings;
    doubtful: (rule, dataset, town or '' for all) that made a rule's verdict partial; ruled: record (dataset, content)
    → the link rulings about it.
    """

    datasets: frozenset[str]
    ran: Mapping[tuple[str, str], str]
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    linkage: str = ""
    decided: frozenset[str] = frozenset()
    doubtful: frozenset[tuple[str, str, str]] = frozenset()
    ruled: Mapping[tuple[str, int], frozenset[str]] = field(default_factory=dict)
    counts: Mapping[str, Any] = field(default_factory=dict)  # whatever else the run's record should tell

    def hash_of(self, rule: str, scheme: str | None) -> str | None:
        """The wording in which the rule was run on the scheme; None when it was not."""
        return self.ran.get((rule, scheme or ANY)) or self.ran.get((rule, ANY))

    def to_json(self) -> str:
        return json.dumps(
            {
                "datasets": sorted(self.datasets),
                "ran": sorted([*k, v] for k, v in self.ran.items()),
                "files": dict(sorted(self.files.items())),
                "linkage": self.linkage,
                "decided": sorted(self.decided),
                "counts": dict(self.counts),
            },
            ensure_ascii=False,
        )

    @staticmethod
    def from_json(text: str) -> Facts:
        """As a later month reads them (what is doubtful, read and ruled matters in its own month only)."""
        data = json.loads(text)
        return Facts(
            frozenset(data["datasets"]), {(r, s): h for r, s, h in data["ran"]}, files=data["files"],
            linkage=data["linkage"], decided=frozenset(data["decided"]), counts=data["counts"],
        )  # fmt: skip


@dataclass(frozen=True)
class Rosters:
    """A run's roster rows (`ROSTER_ROW`), asked by household, person, town and content."""

    rows: pl.DataFrame

    @cached_property
    def _by_household(self) -> dict[tuple[str, int], tuple[int, ...]]:
        return _states(self.rows.select("scheme", "household", "state").iter_rows())

    @cached_property
    def _by_person(self) -> dict[int, tuple[int, ...]]:
        rows = self.rows.filter(pl.col("scheme") != "temporary").select("person", "state")
        found = _states((("", p, s) for p, s in rows.iter_rows() if p is not None))
        return {person: states for (_, person), states in found.items()}

    @cached_property
    def towns(self) -> Counter[tuple[str, str]]:
        """(scheme, town) → rows."""
        return Counter(self.rows.select("scheme", "town").iter_rows())

    @cached_property
    def contents(self) -> frozenset[int]:
        return frozenset(self.rows["content"].to_list())

    def household(self, scheme: str | None, number: str | None) -> tuple[int, ...]:
        return self._by_household.get((scheme or "", hash64(number)), ()) if number else ()

    def person(self, id_number: str | None) -> tuple[int, ...]:
        return self._by_person.get(hash64(id_number), ()) if id_number else ()


def _states(rows: Iterable[tuple[str, int, int]]) -> dict[tuple[str, int], tuple[int, ...]]:
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for scheme, key, state in rows:
        if key is not None:
            found[scheme, key].append(state)
    return {key: tuple(sorted(states)) for key, states in found.items()}


def hash64(text: str) -> int:
    """The 64 bits that `md5_number_lower` gives in SQL."""
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[8:], "little")


def _hash_sql(columns: Sequence[str]) -> str:
    parts = ", ".join(f'coalesce(CAST("{c}" AS VARCHAR), chr(30))' for c in columns)
    return f"md5_number_lower(concat_ws(chr(31), {parts}))"


def _content_sql(dataset: str) -> str:
    return _hash_sql([c for c in DATASETS[dataset].table_schema() if c not in META_COLUMNS])


def rosters_of(engine: DuckEngine) -> Rosters:
    """Every roster row of the engine's typed tables."""
    frames = [pl.DataFrame(schema=ROSTER_ROW)]
    for roster in ROSTERS:
        table = typed_table(engine, roster)
        if not engine.exists(table):
            continue
        state = _hash_sql([c for c in _STANDING if DATASETS[roster].has(c)])
        frames.append(
            engine.rows(
                f"SELECT '{roster}' AS scheme, town, md5_number_lower(\"{DATASETS[roster].household}\") AS household, "
                f"md5_number_lower(id_number) AS person, {state} AS state, {_content_sql(roster)} AS content "
                f'FROM "{table}" ORDER BY record_id'
            ).cast(ROSTER_ROW)  # type: ignore[arg-type]
        )
    return Rosters(pl.concat(frames))


def contents_of(engine: DuckEngine, records: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """record_id → hash of what its row says, for the records asked for (dataset → record ids)."""
    found: dict[str, int] = {}
    for dataset, ids in records.items():
        table = typed_table(engine, dataset)
        if dataset not in DATASETS or not engine.exists(table):
            continue
        engine.drop("asked_record")
        engine.load("asked_record", pl.DataFrame({"record_id": sorted(set(ids))}, schema={"record_id": pl.String}))
        query = f'SELECT record_id, {_content_sql(dataset)} FROM "{table}" SEMI JOIN asked_record USING (record_id)'
        found |= dict(engine.rows(query).iter_rows())
        engine.drop("asked_record")
    return found


def still_there(engine: DuckEngine, wanted: Mapping[str, Iterable[int]]) -> set[tuple[str, int]]:
    """(dataset, content) of those asked for that stand in this month's data too."""
    found: set[tuple[str, int]] = set()
    for dataset, hashes in wanted.items():
        table = typed_table(engine, dataset)
        if dataset not in DATASETS or not engine.exists(table):
            continue
        engine.drop("asked_content")
        engine.load("asked_content", pl.DataFrame({"content": sorted(set(hashes))}, schema={"content": pl.UInt64}))
        query = f'SELECT DISTINCT content FROM (SELECT {_content_sql(dataset)} AS content FROM "{table}")'
        found |= {(dataset, c) for (c,) in engine.rows(f"{query} SEMI JOIN asked_content USING (content)").iter_rows()}
        engine.drop("asked_content")
    return found


def wording(*parts: object) -> str:
    """A short hash of what a rule says and the figures it says it with."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def rules_that_ran(
    rules: Sequence[Rule], suites: Iterable[Suite], policy: Policy
) -> tuple[dict[tuple[str, str], str], dict[str, tuple[str, ...]]]:
    """`Facts.ran` and `Facts.reads` of a run's rules and suites."""
    from pipeline.findings.rules import shared_tables

    shared = [s.sql for s in shared_tables()]
    ran: dict[tuple[str, str], str] = {}
    reads: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        figures = [policy.value(name) for name in rule.policy]
        says = sorted((k, v) for k, v in rule.file.header.items() if k != "verify")  # what a town does finds nothing
        ran[rule.id, ANY] = wording(rule.sql, says, figures, shared)
        others = {*rule.needs, *rule.partly, *(d for group in rule.one_of for d in group)}
        reads[rule.id] = tuple(sorted(others - set(ROSTERS)))
    for suite in suites:
        for check in suite.checks:
            key = (check.rule.id, suite.scheme)
            asked = _DATE.sub("", repr(check.condition))  # a condition may hold the month's own dates
            ran[key] = wording(ran.get(key, ""), check.key, check.rule.sentence, asked, policy.review_months)
            if suite.category == "archive":
                reads[check.rule.id] = ("archive",)
    return ran, reads
