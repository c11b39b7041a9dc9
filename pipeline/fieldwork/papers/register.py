"""What the roster says of a household, as papers need it: persons, money, since when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipeline.fieldwork.households import Household

# care level → the ability it is given for
_ABILITY = {"全自理": "全自理", "半护理": "半失能", "全护理": "失能"}


@dataclass(frozen=True)
class Entry:
    """A household's entry; empty texts where the roster says nothing.

    `persons`: how many are on it; `covered`: how many of them are supported; `amount`: yuan a month, None where the
    scheme pays none or the roster does not say; `since`: 'YYYY-MM'; `ability`: tekun's 全自理, 半失能 or 失能.
    """

    name: str
    id_number: str
    persons: int
    covered: int
    area: str
    since: str
    amount: float | None
    ability: str


def entry_of(home: Household) -> Entry:
    """The entry of a unit; tekun is supported by the person, every other scheme by the household."""
    rows = home.rows[:1] if home.scheme == "tekun" else home.rows
    return Entry(
        name=_text(rows[0].get("name")),
        id_number=_text(rows[0].get("id_number")),
        persons=len(rows),
        covered=sum(row.get("covered") is not False for row in rows),
        area=_first(row.get("area") for row in rows),
        since=min((row["start_month"] for row in rows if row.get("start_month")), default=""),
        amount=_amount(rows),
        ability=_text(rows[0].get("self_care")) or _ABILITY.get(_text(rows[0].get("care_level")), ""),
    )


def _amount(rows: Iterable[dict[str, Any]]) -> float | None:
    """A household's amount stands in its head's row or is repeated in all; tekun's care comes on top."""
    for row in rows:
        parts = [row[c] for c in ("monthly_amount", "care_amount") if row.get(c) is not None]
        if parts:
            return float(sum(parts))
    return None


def _first(values: Iterable[Any]) -> str:
    return next((str(v) for v in values if v), "")


def _text(value: Any) -> str:
    return str(value) if value else ""
