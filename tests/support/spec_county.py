"""The scenarios of many specs as one county: each with its own people and households, so that one pass runs them all.

A made-up number's area is replaced by one that leaves the check character as it was (it is linear modulo 11), so that
whatever was done to the number, the same is done to the new one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from support.grid import Scenario

_AREA = "440281"
_WEIGHTS = (7, 9, 10, 5, 8, 4)
# Columns by which rows of one scenario find each other.
_OWN = ("household_no", "hukou_no", "grant_no", "certificate_no", "plate")


def _weighed(area: str) -> int:
    return sum(int(d) * w for d, w in zip(area, _WEIGHTS, strict=True)) % 11


def areas() -> Iterator[str]:
    """Areas under which a number keeps its check character."""
    for digits in itertools.product("0123456789", repeat=4):
        area = "44" + "".join(digits)
        if _weighed(area) == _weighed(_AREA) and area != _AREA:
            yield area


def as_one(scenarios: Sequence[Scenario]) -> dict[str, list[dict[str, Any]]]:
    """Dataset → rows, of all scenarios."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for n, (scenario, area) in enumerate(zip(scenarios, areas(), strict=False)):
        for dataset, rows in scenario.tables.items():
            tables.setdefault(dataset, []).extend({c: _moved(c, v, n, area) for c, v in row.items()} for row in rows)
    return tables


def _moved(column: str, value: Any, n: int, area: str) -> Any:
    if not isinstance(value, str):
        return value
    if value.startswith(_AREA) and len(value) >= 15:
        return area + value[len(_AREA) :]
    return f"{n}-{value}" if column == "record_id" or column in _OWN else value
