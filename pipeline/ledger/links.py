"""Rulings on links: the pairs that a run asks about, and what people answered, for the runs that follow."""

from __future__ import annotations

import datetime
from pathlib import Path

from pipeline import vault
from pipeline.engine.duck import DuckEngine
from pipeline.ledger.rulings import link_subject
from pipeline.ledger.store import opened
from pipeline.linkage.ruled import RuledPair, asked_sides

# The run whose sheet was filled in: the ruling's month as it stood then, else the latest that asked the pair.
_RULED = """
WITH told AS (
  SELECT r.ruling_no, r.verdict, r.valid_until, a.ours, a.theirs
  FROM ruling_in_force r
  JOIN link_asked a ON a.subject = r.subject OR starts_with(a.subject, r.subject || '|')
  JOIN run n ON n.run_no = a.run_no
  WHERE r.kind = 'link'
  QUALIFY row_number() OVER (
    PARTITION BY r.ruling_no
    ORDER BY coalesce(n.month = r.month, false) DESC, coalesce(n.recorded_at <= r.recorded_at, false) DESC,
             n.run_no DESC) = 1
)
SELECT ours, theirs, verdict, valid_until
FROM told
QUALIFY row_number() OVER (PARTITION BY least(ours, theirs), greatest(ours, theirs) ORDER BY ruling_no DESC) = 1
ORDER BY ruling_no
"""


def asked(engine: DuckEngine) -> list[tuple[str, str, str]]:
    """subject, ours, theirs of every pair that this run leaves to people."""
    return [(link_subject(a, b, dataset), ours, theirs) for a, dataset, b, ours, theirs in asked_sides(engine)]


def ruled_pairs(path: Path, as_of: datetime.date) -> list[RuledPair]:
    """The latest answer about every pair, where it says same or different and has not expired by `as_of`."""
    if not vault.there(path):
        return []
    with opened(path) as con:
        rows = con.execute(_RULED).fetchall()
    return [
        RuledPair(ours, theirs, verdict == "same")
        for ours, theirs, verdict, until in rows
        if verdict in ("same", "different") and (until is None or until >= as_of)
    ]
