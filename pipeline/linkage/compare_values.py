"""What stands on two records, field by field, and what other records of the same persons add."""

from __future__ import annotations

from typing import Any

from pipeline.contract import DATASETS

LEFT, RIGHT = "left", "right"


def values_of(row: dict[str, Any]) -> dict[str, str | None]:
    """What stands on a record, by field."""
    place = row["address"] or "".join(v for v in (row["town"], row["village"]) if v) or None
    birth = row["birth_date"]
    group = row["group_no"]
    return {
        "name": row["name"] or None, "id": row["id_number"], "birth": birth.isoformat() if birth else None,
        "sex": row["sex"], "place": place, "phone": row["phone"], "account": row["account"],
        "household": group.partition(":")[2] if group else None, "once": DATASETS[str(row["dataset"])].zh,
    }  # fmt: skip


def from_others(
    own: dict[str, str | None], other: dict[str, str | None], around: list[dict[str, Any]]
) -> dict[str, str | None]:
    """Values that the record lacks and the person's other records have, with the list that has them."""
    out: dict[str, str | None] = {}
    for field in ("place", "phone", "account", "household"):
        if own[field] is None:
            found = [(v, r) for r in around if (v := values_of(r)[field]) is not None]
            found.sort(key=lambda pair: pair[0] != other[field])
            if found:
                out[field] = f"{found[0][0]}（见{DATASETS[str(found[0][1]['dataset'])].zh}）"
    return out


def with_place(
    values: dict[str, dict[str, str | None]], level: int | None, around: dict[str, list[dict[str, Any]]]
) -> dict[str, dict[str, str | None]]:
    """The values, where the homes agree by another record of either person: that record's home, with its list."""
    column = {3: "address", 2: "village"}.get(level or 0)
    left, right = around[LEFT], around[RIGHT]
    if column is None or left[0][column] == right[0][column]:
        return values
    agreeing = [(a, b) for a in left for b in right if a[column] is not None and a[column] == b[column]]
    if not agreeing:
        return values
    # a record's own home before another's
    met = min(agreeing, key=lambda pair: (pair[0] is not left[0]) + (pair[1] is not right[0]))
    out = {side: dict(held) for side, held in values.items()}
    for side, row in zip((LEFT, RIGHT), met, strict=True):
        if row is not around[side][0]:
            out[side]["place"] = f"{values_of(row)['place']}（见{DATASETS[str(row['dataset'])].zh}）"
    return out


def with_number(values: dict[str, str | None], described: dict[str, Any]) -> dict[str, str | None]:
    """The values of a record on a sound number: birth date and sex are compared as the number has them.

    described: id_birth and id_sex of the number. What the row itself says otherwise, or not at all, is told apart.
    """
    out = dict(values)
    for field, said in (("birth", described["id_birth"]), ("sex", described["id_sex"])):
        inside = said.isoformat() if hasattr(said, "isoformat") else said
        if inside and values[field] != inside:
            out[field] = f"{inside}（据号码{f'，所登为{values[field]}' if values[field] else ''}）"
    return out
