"""What the levels of a pair weigh, field by field: the model's bits and the name's own frequency in this drop."""

from __future__ import annotations

import math
from typing import Any

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.decide import FREE, people, wild_u
from pipeline.linkage.model import Model

_CLIP = 8.0  # bits that a frequency may add or take, as in weighed.sql


def weights(
    engine: DuckEngine,
    model: Model,
    left: dict[str, Any],
    right: dict[str, Any],
    levels: dict[str, int | None],
    own: str | None = None,
) -> dict[str, float]:
    """Bits by field. `left`, `right`: what number and name of each say; `own`: the uncertain person, as linked.

    The name's own frequency goes to the name; what it tells of sex and year of birth (name_tells.sql) comes off theirs.
    """
    out = {f.id: f.weight(levels[f.id]) for f in model.fields}
    level, number = levels["name"], people(engine)
    if levels["once"] == FREE:
        out["once"] += math.log2(model.by_id["once"].levels[FREE].u / (1 - _completeness(engine, own, number)))
    if level is None:
        return out
    name = model.by_id["name"]
    if level >= 6:
        n = _frequency(engine, "name_frequency", "name_no", right["name_no"])
        out["name"] += _clipped(name.levels[-1].u * number / max(n, 1))
        told = engine.rows("SELECT sex, year FROM name_tells").row(0, named=True)
        out["sex"] += told["sex"] if levels["sex"] == 1 else 0.0
        out["birth"] += told["year"] if (levels["birth"] or 0) >= 1 else 0.0
    elif level == 5 and left["wild"] and (n := _fitting(engine, str(left["name_key"]))):
        out["name"] += _clipped(wild_u(model) * number / n)
    elif level >= 1 and left["surname_no"] == right["surname_no"]:
        n = _frequency(engine, "surname_frequency", "surname_no", right["surname_no"])
        square, total = engine.rows(
            "SELECT sum(CAST(n AS DOUBLE) * n), sum(n) FROM (SELECT n FROM surname_frequency ORDER BY n)"
        ).row(0)
        if n and total:
            out["name"] += _clipped(float(square) / float(total) / n)
    return out


def _completeness(engine: DuckEngine, own: str | None, number: int) -> float:
    """How complete the lists are in which the person stands (as once_share.sql has it)."""
    found = engine.rows(
        "SELECT max(CASE WHEN o.whole THEN least(CAST(s.people AS DOUBLE) / $people, 0.984375) END) "
        "FROM person_record r JOIN once_dataset o ON o.dataset = r.dataset "
        "JOIN list_share s ON s.dataset = r.dataset WHERE r.own = $own",
        {"own": own, "people": float(number)},
    ).item()
    return float(found or 0.0)


def _fitting(engine: DuckEngine, name_key: str) -> int:
    """How many people's names fit a name with a lost character (as wild_frequency.sql counts them)."""
    found = engine.rows(
        "SELECT sum(n) FROM (SELECT n.name_key, max(f.n) AS n FROM names n "
        "JOIN name_frequency f ON f.name_no = n.name_no WHERE length(n.name_key) = length($key) "
        "AND ((substr(n.name_key, 1, 1) = substr($key, 1, 1) AND n.name_key LIKE replace($key, '?', '_')) "
        "OR (strpos($key, '?') = 1 AND strpos(substr($key, 2), '?') = 0 AND substr(n.name_key, 2) = substr($key, 2))) "
        "GROUP BY n.name_key)",
        {"key": name_key},
    ).item()
    return int(found or 0)


def _frequency(engine: DuckEngine, table: str, column: str, value: int | None) -> int:
    found = engine.rows(f"SELECT n FROM {table} WHERE {column} = $v", {"v": value})
    return int(found.item()) if found.height else 0


def _clipped(ratio: float) -> float:
    return max(-_CLIP, min(_CLIP, math.log2(ratio)))
