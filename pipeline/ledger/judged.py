"""The rulings that stand: of all that people decided about a finding, the latest, and on which evidence it rests."""

from __future__ import annotations

import duckdb

from pipeline.ledger.states import Ruling

# On which evidence a finding was ruled: what the ledger kept under the evidence's own hash; else what it had kept of
# the ruling's month by then; else nothing is known, and the ruling holds whatever the evidence.
_STANDING = """
WITH latest AS (
  SELECT coalesce(l.life, r.subject) AS life, r.*
  FROM ruling_in_force r
  LEFT JOIN (SELECT DISTINCT fingerprint, life FROM finding WHERE life IS NOT NULL) l ON l.fingerprint = r.subject
  WHERE r.kind = 'finding'
  QUALIFY row_number() OVER (PARTITION BY coalesce(l.life, r.subject) ORDER BY r.ruling_no DESC) = 1
),
kept AS (
  SELECT l.ruling_no, d.evidence_values,
         row_number() OVER (
           PARTITION BY l.ruling_no
           ORDER BY coalesce(f.evidence_text = try_cast(substr(l.evidence, 1, 32) AS UUID), false) DESC,
                    coalesce(n.recorded_at <= l.recorded_at, false) DESC, f.run_no DESC
         ) AS place
  FROM latest l
  JOIN finding f ON f.fingerprint = l.subject
  JOIN run n ON n.run_no = f.run_no
  JOIN detail d ON d.no = f.detail
  WHERE f.evidence_text = try_cast(substr(l.evidence, 1, 32) AS UUID) OR f.month = l.month
)
SELECT l.life, l.verdict, l.valid_until, CAST(k.evidence_values AS VARCHAR) AS evidence_values
FROM latest l
LEFT JOIN kept k ON k.ruling_no = l.ruling_no AND k.place = 1
"""


def standing_rulings(con: duckdb.DuckDBPyConnection) -> dict[str, Ruling]:
    """Life of a finding → the ruling that stands about it."""
    rows = con.execute(_STANDING).fetchall()
    return {life: Ruling(verdict, until, evidence) for life, verdict, until, evidence in rows}
