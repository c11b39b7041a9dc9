"""The months' findings as history: how many by rule and town, how long until they are settled, how many hold.

Only counts: nothing here names a person. Every month counts as it stands in the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median_low

from pipeline.ledger.compared import Comparison
from pipeline.ledger.store import opened
from pipeline.record_words import OPEN

_SHOWN = 13  # months: a year, and the same month of the year before

_COUNTS = """
SELECT r.month, f.rule_id, f.town, f.status, count(*)
FROM finding f JOIN run r USING (run_no)
WHERE r.standing AND r.month < $month GROUP BY ALL ORDER BY ALL
"""
# A life is settled when it is resolved or dismissed for the first time after it was last open.
_SETTLED = """
SELECT f.rule_id, coalesce(f.life, f.fingerprint) AS life, f.first_month, f.month
FROM finding f JOIN run r USING (run_no)
WHERE r.standing AND r.month < $month
  AND (f.status = 'resolved' OR (f.status = 'dismissed' AND f.cause IS NOT NULL))
  AND f.cause IS DISTINCT FROM 'replaced'
"""
_RULED = """
WITH latest AS (
  SELECT subject, verdict FROM ruling_in_force WHERE kind = 'finding'
  QUALIFY row_number() OVER (PARTITION BY subject ORDER BY ruling_no DESC) = 1
)
SELECT f.rule_id, l.verdict, count(DISTINCT l.subject)
FROM latest l JOIN (SELECT DISTINCT fingerprint, rule_id FROM finding) f ON f.fingerprint = l.subject
GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True)
class Trends:
    """`months` in order, this one last. `by_rule`, `by_town`: (rule or town, month) → open findings; `by_status`:
    (status, month) → findings; `settled`: rule → how many were settled, and the median of months it took;
    `ruled`: rule → verdict → how many.
    """

    months: Sequence[str]
    by_rule: Mapping[tuple[str, str], int]
    by_town: Mapping[tuple[str, str], int]
    by_status: Mapping[tuple[str, str], int]
    settled: Mapping[str, tuple[int, int]]
    ruled: Mapping[str, Mapping[str, int]]

    def held(self, rule: str) -> tuple[int, int]:
        """Of the rule's findings that somebody judged: how many held, and how many were judged."""
        verdicts = self.ruled.get(rule, {})
        held = verdicts.get("confirmed", 0) + verdicts.get("mended", 0)
        return held, held + verdicts.get("dismissed", 0)


def trends(path: Path, comparison: Comparison) -> Trends | None:
    """The history of the months before, and this one at its end. None in the first month."""
    month = comparison.month
    if comparison.previous_month is None:
        return None
    with opened(path) as con:
        rows = con.execute(_COUNTS, {"month": month}).fetchall()
        settled = con.execute(_SETTLED, {"month": month}).fetchall()
        ruled = con.execute(_RULED).fetchall()
    for row in comparison.rows:
        s = row.state
        rows.append((month, row.about.rule, row.about.town, s.status, 1))
        if (s.status == "resolved" and s.cause != "replaced") or (s.status == "dismissed" and s.cause):
            settled.append((row.about.rule, s.life, s.first_month, month))
    months = sorted({r[0] for r in rows} | {month})[-_SHOWN:]
    rules: Counter[tuple[str, str]] = Counter()
    towns: Counter[tuple[str, str]] = Counter()
    statuses: Counter[tuple[str, str]] = Counter()
    for when, rule, town, status, n in rows:
        statuses[status, when] += n
        if status in OPEN:
            rules[rule, when] += n
            towns[town or "", when] += n
    verdicts: dict[str, dict[str, int]] = {}
    for rule, verdict, n in ruled:
        verdicts.setdefault(rule, {})[verdict] = n
    return Trends(months, rules, towns, statuses, _times(settled), verdicts)


def _times(settled: Sequence[tuple[str, str, str, str]]) -> dict[str, tuple[int, int]]:
    first: dict[tuple[str, str], int] = {}
    for rule, life, begun, ended in settled:
        took = _index(ended) - _index(begun)
        first[rule, life] = min(first.get((rule, life), took), took)
    by_rule: dict[str, list[int]] = {}
    for (rule, _), took in first.items():
        by_rule.setdefault(rule, []).append(took)
    return {rule: (len(some), median_low(some)) for rule, some in by_rule.items()}


def _index(month: str) -> int:
    return 12 * int(month[:4]) + int(month[5:])
