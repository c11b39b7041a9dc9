"""One finding's whole story in words: every month that knew it, every run superseded, every ruling; since when findings
are open."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import BadInput
from pipeline.ledger.causes import words
from pipeline.ledger.reading import read

_ID = re.compile(r"[0-9a-f]{6,32}")
_ROWS = """
SELECT f.month, f.run_no, r.standing, f.fingerprint, f.status, f.cause, f.replaced, f.town, f.rule_id, f.first_month,
       d.household_no, d.name, d.summary, d.no AS detail
FROM finding f JOIN run r USING (run_no) LEFT JOIN detail d ON d.no = f.detail
WHERE coalesce(f.life, f.fingerprint) = $life ORDER BY f.month, f.run_no
"""
_RULINGS = """
SELECT DISTINCT r.ruling_no, r.verdict, r.reason, r.decided_by, r.decided_on, r.valid_until, r.month, r.source
FROM ruling r JOIN finding f ON f.fingerprint = r.subject
WHERE r.kind = 'finding' AND coalesce(f.life, f.fingerprint) = $life ORDER BY r.ruling_no
"""
_OPEN_SINCE = """
SELECT now.fingerprint, greatest(min(now.first_month), max(past.month) FILTER (WHERE past.status = 'reopened'))
FROM finding now
JOIN run r ON r.run_no = now.run_no AND r.standing
JOIN finding past ON coalesce(past.life, past.fingerprint) = coalesce(now.life, now.fingerprint)
JOIN run p ON p.run_no = past.run_no AND p.standing AND p.month <= r.month
WHERE r.month = $month AND now.status = 'continuing' AND now.first_month IS NOT NULL
GROUP BY now.fingerprint
"""
_STATUS = {
    "new": "new", "continuing": "still there", "reopened": "back again", "resolved": "no longer found",
    "dismissed": "found, but dismissed", "not_examined": "not examined",
}  # fmt: skip


def history(path: Path, number: str) -> list[str]:
    """The story of the finding whose number (on the town's sheet, or the fingerprint) begins with `number`.

    BadInput where there is none, or several begin so.
    """
    wanted = number.strip().lower()
    if not _ID.fullmatch(wanted):
        raise BadInput(
            f"'{number}' is no finding's number", remedy="give the 疑点编号 of a town's sheet: 6 to 32 digits and a-f"
        )
    with read(path) as con:
        life = _life(con, wanted, path)
        rows = con.sql(_ROWS, params={"life": life}).pl().to_dicts()
        rulings = con.execute(_RULINGS, {"life": life}).fetchall()
    return [*_head(rows), *_months(rows), *(_ruling(*r) for r in rulings)]


def open_since(con: duckdb.DuckDBPyConnection, month: str) -> dict[str, str]:
    """Fingerprint of a finding that continued in `month` → the month since which it has been open: that in which it
    was first seen, or last came back.
    """
    return dict(con.execute(_OPEN_SINCE, {"month": month}).fetchall())


def _life(con: duckdb.DuckDBPyConnection, wanted: str, path: Path) -> str:
    lives = con.execute(
        "SELECT DISTINCT coalesce(life, fingerprint) FROM finding WHERE starts_with(fingerprint, ?)", [wanted]
    ).fetchall()
    if not lives:
        raise BadInput("the ledger knows no finding of this number", file=path.name, remedy="see a town's 疑点编号")
    if len(lives) > 1:
        raise BadInput(f"{len(lives)} findings begin with this number", file=path.name, remedy="give more digits of it")
    return str(lives[0][0])


def _head(rows: list[dict[str, Any]]) -> list[str]:
    last = rows[-1]
    numbers = list(dict.fromkeys(r["fingerprint"] for r in rows))
    lines = [f"{numbers[-1]}  {last['rule_id']}  first found {last['first_month']}"]
    if len(numbers) > 1:
        lines.append(f"earlier under {', '.join(numbers[:-1])}: the household or ID number changed since")
    return lines


def _months(rows: list[dict[str, Any]]) -> list[str]:
    lines: list[str] = []
    told = None
    for row in rows:
        why = words()[row["cause"]]["en"] if row["cause"] else ""
        superseded = "" if row["standing"] else f" [run {row['run_no']}, superseded]"
        text = f"{row['month']}{superseded}  {_STATUS[row['status']]}" + (f": {why}" if why else "")
        if row["replaced"]:
            text += f" ({row['replaced']})"
        lines.append(text)
        if row["detail"] != told and row["summary"]:
            lines.append(f"         {row['town'] or '（镇街不明）'} {row['household_no'] or ''} {row['summary']}")
            told = row["detail"]
    return lines


def _ruling(
    number: int, verdict: str, reason: str | None, who: str | None, on: Any, until: Any, month: str | None,
    source: str | None,
) -> str:  # fmt: skip
    parts = [f"ruling {number}  {verdict}", f"on the outputs of {month}" if month else "", f"by {who}" if who else "",
             f"on {on}" if on else "", f"until {until}" if until else "", f"reason: {reason}" if reason else "",
             f"from {source}" if source else ""]  # fmt: skip
    return ", ".join(p for p in parts if p)
