"""A case: a planned household with the visit that stands in the ledger and the findings that are open against it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipeline import vault
from pipeline.draw.flags import RULE_CATEGORIES, read_audit
from pipeline.draw.words import household_of, unit_id
from pipeline.errors import BadInput
from pipeline.fieldwork.plan import Plan, Stop
from pipeline.ledger.rulings import FINDING, read_rulings
from pipeline.ledger.visits import read_visits
from pipeline.months import last_day
from pipeline.record_words import OPEN

_CLOSED = ("dismissed", "mended")
_DEATH = "deceased_on_roster"
_COLUMNS = (
    "fingerprint", "rule_id", "category", "severity", "scheme", "household_no", "record_id", "status", "summary",
    "basis",
)  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """What stands: `version` of it in the ledger, `source` the file, sheet and row it came from."""

    version: int
    visited_on: dt.date | None
    conclusion: str | None
    answers: dict[str, Any]
    source: str

    def said(self, column: str) -> str:
        """An answer as text, '' where there is none."""
        return str(self.answers.get(column, "")).strip()


@dataclass(frozen=True)
class Flag:
    """An open finding of a rule: what it says, on which clause, about which row of the roster, whether confirmed."""

    rule_id: str
    category: str
    severity: str
    summary: str
    basis: str
    record_id: str = ""
    confirmed: bool = False


@dataclass(frozen=True)
class Case:
    """One stop of the plan. `visit` None: no answer has come back. `flags`: its open findings, the graver first."""

    stop: Stop
    visit: Visit | None
    flags: tuple[Flag, ...]

    @property
    def conclusion(self) -> str | None:
        return self.visit.conclusion if self.visit else None

    @property
    def head_died(self) -> bool:
        """Whether an open finding says that the head (of tekun: the person) is dead."""
        return any(f.rule_id == _DEATH and f.record_id == self.stop.record_id for f in self.flags)

    def of(self, category: str) -> list[Flag]:
        """The open findings of a category."""
        return [f for f in self.flags if f.category == category]


def cases_of(plan: Plan, con: duckdb.DuckDBPyConnection, run_folder: Path | None = None) -> list[Case]:
    """Every stop of the plan, in its order, with what the ledger `con` and the audit of the plan's month say of it.

    Without `run_folder` no finding is looked up. A finding that a ruling dismissed, or calls mended, is not open,
    unless the ruling has expired by the end of the month. BadInput for an audit of another month.
    """
    visits = _standing(con, [c.sha256 for c in plan.certificates])
    flags = _flags(con, plan, run_folder) if run_folder is not None else {}
    return [Case(stop, visits.get(stop.unit), _own(stop, flags)) for stop in plan.stops]


def _standing(con: duckdb.DuckDBPyConnection, draws: Sequence[str]) -> dict[str, Visit]:
    """Unit → the visit that stands; where two certificates drew it, the one that was recorded last."""
    frame = read_visits(con, draws).sort("unit", "recorded_at", "version", "draw")
    found: dict[str, Visit] = {}
    for row in frame.iter_rows(named=True):
        found[row["unit"]] = Visit(
            row["version"], row["visited_on"], row["conclusion"], json.loads(row["answers"]), row["source"]
        )
    return found


def _flags(con: duckdb.DuckDBPyConnection, plan: Plan, folder: Path) -> dict[str, list[Flag]]:
    """Household (as unit id) → its open findings, the graver first."""
    if (month := read_audit(folder).month) != plan.month:
        raise BadInput(
            f"the audit is of {month}, the plan of {plan.month}",
            file=folder.name,
            remedy="give the audit of the plan's month",
        )
    standing = read_rulings(con, FINDING, as_of=last_day(plan.month))
    verdicts = dict(standing.select("subject", "verdict").iter_rows())
    closed = [subject for subject, verdict in verdicts.items() if verdict in _CLOSED]
    rows = vault.read_parquet(folder / "findings.parquet", columns=list(_COLUMNS)).filter(
        pl.col("category").is_in(RULE_CATEGORIES),
        pl.col("status").is_in(OPEN),
        ~pl.col("fingerprint").is_in(closed),
        pl.col("household_no").is_not_null(),
    )
    grave = {"high": 0, "medium": 1, "low": 2}
    found: dict[str, list[Flag]] = {}
    for row in sorted(
        rows.iter_rows(named=True), key=lambda r: (grave.get(r["severity"], 3), r["rule_id"], r["summary"])
    ):
        flag = Flag(
            row["rule_id"],
            row["category"],
            row["severity"],
            row["summary"] or "",
            row["basis"] or "",
            row["record_id"] or "",
            verdicts.get(row["fingerprint"]) == "confirmed",
        )
        found.setdefault(unit_id(row["scheme"] or "", row["household_no"]), []).append(flag)
    return found


def _own(stop: Stop, flags: dict[str, list[Flag]]) -> tuple[Flag, ...]:
    """The findings of a stop; of persons who share a number those of the person's own row."""
    of = flags.get(household_of(stop.unit), [])
    shared = household_of(stop.unit) != stop.unit
    return tuple(flag for flag in of if not shared or flag.record_id == stop.record_id)
