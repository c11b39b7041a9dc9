"""What the findings of a finished audit say of households: which have any, and how much they weigh."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from pipeline import vault
from pipeline.contract import SCHEMES
from pipeline.draw.words import unit_id
from pipeline.ledger.finished import Finished
from pipeline.record_words import UNKNOWN_TOWN

# the categories that rules, not checks of data and archive, give their findings
RULE_CATEGORIES = ("ineligible", "missing", "payment", "care")
_COLUMNS = ("category", "severity", "confidence", "scheme", "town", "household_no", "status")


@dataclass(frozen=True)
class Audit:
    """A finished audit's findings about households of the four schemes, and its month."""

    month: str
    sha256: str
    findings: pl.DataFrame


def read_audit(folder: Path) -> Audit:
    """Findings and month of OUT/<month>. BadInput when the folder holds no finished audit."""
    audit = Finished(folder)
    month, frame = audit.month, audit.table("findings", _COLUMNS)
    of_households = frame.filter(pl.col("scheme").is_in(SCHEMES) & pl.col("household_no").is_not_null())
    return Audit(month, vault.sha256(folder / "findings.parquet"), of_households)


def flagged(audit: Audit) -> set[str]:
    """Households (as unit ids) that a rule flagged and that are not resolved."""
    rows = audit.findings.filter(pl.col("category").is_in(RULE_CATEGORIES) & (pl.col("status") != "resolved"))
    return {unit_id(scheme, number) for scheme, number in rows.select("scheme", "household_no").iter_rows()}


@dataclass(frozen=True)
class Risk:
    """A household's weight and how many findings it sums up."""

    unit: str
    town: str
    weight: int
    findings: int


@cache
def risk_table() -> dict[str, Any]:
    """The weights, from risk.toml."""
    return tomllib.loads(Path(__file__).with_name("risk.toml").read_text(encoding="utf-8"))


def risks(audit: Audit) -> list[Risk]:
    """Every household that weighs more than nothing, in the order of unit ids."""
    table = risk_table()
    rows = audit.findings.filter(
        pl.col("category").is_in(table["categories"]) & pl.col("status").is_in(table["statuses"])
    )
    found: dict[str, list[tuple[str, int]]] = {}
    for scheme, number, town, severity, confidence in rows.select(
        "scheme", "household_no", "town", "severity", "confidence"
    ).iter_rows():
        weight = int(table["severity"].get(severity, 0)) * int(table["confidence"].get(confidence, 0))
        if weight:
            found.setdefault(unit_id(scheme, number), []).append((town or UNKNOWN_TOWN, weight))
    return [
        Risk(unit, _town(t for t, _ in some), sum(w for _, w in some), len(some))
        for unit, some in sorted(found.items())
    ]


def _town(towns: Iterable[str]) -> str:
    """The first known town of a household's findings, in the order of texts."""
    known = set(towns)
    return min(known - {UNKNOWN_TOWN}, default=UNKNOWN_TOWN)
