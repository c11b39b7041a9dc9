"""What a ledger holds, in lines: every run, what stands, which months are missing."""

from __future__ import annotations

from pathlib import Path

from pipeline.ledger.reading import read
from pipeline.months import next_month

_RUNS = """
SELECT r.run_no, r.month, r.standing, r.version, r.policy, r.recorded_at, r.findings,
       count(*) FILTER (f.status = 'new'), count(*) FILTER (f.status = 'continuing'),
       count(*) FILTER (f.status = 'reopened'), count(*) FILTER (f.status = 'resolved'),
       count(*) FILTER (f.status = 'dismissed'), count(*) FILTER (f.status = 'not_examined'), c.month,
       r.compared_with IS NOT NULL AND NOT c.standing
FROM run r LEFT JOIN finding f USING (run_no) LEFT JOIN run c ON c.run_no = r.compared_with
GROUP BY ALL ORDER BY r.month, r.run_no
"""
_HEAD = ("month", "run", "", "findings", "new", "contin.", "reopened", "resolved", "dismissed", "not exam.", "kept")
_STALE = """
SELECT r.month, list(DISTINCT e.month ORDER BY e.month)
FROM run r JOIN run e ON e.standing AND e.month < r.month AND e.run_no > r.run_no
WHERE r.standing AND NOT EXISTS (  -- run again with the same findings, it changes nothing
  FROM run s WHERE s.month = e.month AND s.run_no < r.run_no AND s.findings_sha256 = e.findings_sha256)
GROUP BY r.month ORDER BY r.month
"""


def show(path: Path) -> list[str]:
    """A line a run, then what is missing and what people ruled."""
    with read(path) as con:
        runs = con.execute(_RUNS).fetchall()
        rulings = con.execute("SELECT kind, verdict, count(*) FROM ruling GROUP BY ALL ORDER BY ALL").fetchall()
        stale = con.execute(_STALE).fetchall()
    table = [_HEAD]
    for run in runs:
        number, month, standing, at, findings = run[0], run[1], run[2], run[5], run[6]
        kept = at.strftime("%Y-%m-%d %H:%M UTC") if at else "not known"
        table.append((month, str(number), "stands" if standing else "superseded", str(findings),
                      *map(str, run[7:13]), kept))  # fmt: skip
    widths = [max(len(row[c]) for row in table) for c in range(len(_HEAD))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in table]
    lines += [f"no run of {month}" for month in missed([r[1] for r in runs])]
    lines += [f"{month} was compared before {', '.join(later)} was run (again): run it again" for month, later in stale]
    lines += [f"rulings on {kind}s: {count} {verdict}" for kind, verdict, count in rulings]
    return lines


def missed(months: list[str], until: str | None = None) -> list[str]:
    """The months without a run between the first and the last (or `until`, exclusive)."""
    if not months:
        return []
    last = until or max(months)
    out, month = [], min(months)
    while month < last:
        if month not in months:
            out.append(month)
        month = next_month(month)
    return out
