"""Findings that the towns answered with 属实, in or outside the draw: what the towns' replies left in the ledger."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipeline import vault
from pipeline.contract import scheme_zh
from pipeline.ledger.rulings import FINDING, read_rulings

_COLUMNS = (
    "fingerprint", "category", "rule_id", "scheme", "town", "village", "household_no", "name", "id_number", "summary",
    "basis",
)  # fmt: skip


@dataclass(frozen=True)
class Confirmed:
    """A finding that a ruling confirmed; `reason`, `by`, `on` as the town wrote them, '' where it did not."""

    rule_id: str
    town: str
    village: str
    name: str
    id_number: str
    scheme: str
    household_no: str
    summary: str
    basis: str
    reason: str
    by: str
    on: str

    @property
    def who(self) -> tuple[str, ...]:
        """Town, village, name, ID number, scheme in Chinese, household number."""
        return (self.town, self.village, self.name, self.id_number, scheme_zh(self.scheme), self.household_no)

    @property
    def reply(self) -> str:
        """What the town wrote, who and when."""
        return "，".join(text for text in (self.reason, self.by, self.on) if text)


def confirmed_findings(
    con: duckdb.DuckDBPyConnection, run_folder: Path, category: str, rules: Collection[str] = ()
) -> list[Confirmed]:
    """The findings of a category (of `rules`, where any are named) whose ruling that stands is 'confirmed'.

    By town and household. `run_folder`: OUT/<month> of a finished audit.
    """
    standing = read_rulings(con, FINDING).filter(pl.col("verdict") == "confirmed")
    rulings = {
        subject: (reason or "", by or "", on.isoformat() if on else "")
        for subject, reason, by, on in standing.select("subject", "reason", "decided_by", "decided_on").iter_rows()
    }
    rows = vault.read_parquet(run_folder / "findings.parquet", columns=list(_COLUMNS)).filter(
        pl.col("category") == category, pl.col("fingerprint").is_in(list(rulings))
    )
    if rules:
        rows = rows.filter(pl.col("rule_id").is_in(list(rules)))
    found = []
    for row in rows.sort("town", "scheme", "household_no", "rule_id", "fingerprint").iter_rows(named=True):
        texts = {k: str(row[k] or "") for k in _COLUMNS if k not in ("fingerprint", "category")}
        found.append(Confirmed(**texts, **dict(zip(("reason", "by", "on"), rulings[row["fingerprint"]], strict=True))))
    return found
