"""What stands on two records, field by field, and what their numbers and other records of the same persons add."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pipeline.contract import DATASETS
from pipeline.record_words import place

LEFT, RIGHT = "left", "right"
_BESIDE = ("place", "phone", "account", "household")  # fields for which other records of a person may speak


@dataclass
class Told:
    """One side: its values by field, and for those that do not stand on the record itself where they are from."""

    values: dict[str, str | None]
    notes: dict[str, str] = field(default_factory=dict)

    def tell(self, name: str, value: str | None, note: str) -> None:
        self.values[name], self.notes[name] = value, note


def values_of(row: dict[str, Any]) -> dict[str, str | None]:
    """What stands on a record, by field."""
    place_ = row["address"] or "".join(v for v in (row["town"], row["village"]) if v) or None
    birth = row["birth_date"]
    group = row["group_no"]
    return {
        "name": row["name"] or None, "id": row["id_number"], "birth": birth.isoformat() if birth else None,
        "sex": row["sex"], "place": place_, "phone": row["phone"], "account": row["account"],
        "household": group.partition(":")[2] if group else None, "once": DATASETS[str(row["dataset"])].zh,
    }  # fmt: skip


def tell_others(told: Told, other: Told, around: list[dict[str, Any]]) -> None:
    """Add values that the record lacks and the person's other records have: one that the other side has before others.

    around: rows of `person_record`, the record's own first.
    """
    for name in _BESIDE:
        if told.values[name] is None:
            found = [(v, r) for r in around if (v := values_of(r)[name]) is not None]
            found.sort(key=lambda pair: pair[0] != other.values[name])
            if found:
                told.tell(name, found[0][0], seen_in(found[0][1]))


def tell_home(left: Told, right: Told, level: int | None, around: dict[str, list[dict[str, Any]]]) -> None:
    """Where the homes agree by another record of either person (`level` of place): that record's home. A town that
    agrees is told beside an address that does not name it."""
    column = {3: "address", 2: "village", 1: "town"}.get(level or 0)
    ours, theirs = around[LEFT], around[RIGHT]
    if column is None:
        return
    agreeing = [(a, b) for a in ours for b in theirs if a[column] is not None and a[column] == b[column]]
    if not agreeing:
        return
    # a record's own home before another's
    met = min(agreeing, key=lambda pair: (pair[0] is not ours[0]) + (pair[1] is not theirs[0]))
    for told, row, own in ((left, met[0], ours[0]), (right, met[1], theirs[0])):
        home = values_of(row)["place"]
        if row is not own:
            told.tell("place", home, seen_in(row))
        if column == "town" and home and row["town"] not in home:
            notes = (told.notes.get("place"), f"登记的镇街：{row['town']}")
            told.notes["place"] = "，".join(note for note in notes if note)


def tell_agreeing(left: Told, right: Told, field: str, around: dict[str, list[dict[str, Any]]]) -> None:
    """Where a phone, an account or a household number agrees by other records than the two shown: those records'."""
    if left.values[field] == right.values[field]:
        return
    ours = [(value, row) for row in around[LEFT] if (value := values_of(row)[field]) is not None]
    theirs = [(value, row) for row in around[RIGHT] if (value := values_of(row)[field]) is not None]
    # two rows of one list are no evidence of a household (as in record_level.sql)
    agreeing = [
        (a, b)
        for a in ours
        for b in theirs
        if a[0] == b[0] and (field != "household" or a[1]["dataset"] != b[1]["dataset"])
    ]
    if not agreeing:
        return
    own = around[LEFT][0], around[RIGHT][0]
    met = min(agreeing, key=lambda pair: (pair[0][1] is not own[0]) + (pair[1][1] is not own[1]))
    for told, (value, row), first in zip((left, right), met, own, strict=True):
        if row is not first:
            told.tell(field, value, seen_in(row))


def tell_towns(left: Told, right: Told, level: int | None, around: dict[str, list[dict[str, Any]]]) -> tuple[str, str]:
    """Where two equal addresses count as homes in different towns (`level` 0): the towns, told beside the address."""
    towns = str(around[LEFT][0]["town"] or ""), str(around[RIGHT][0]["town"] or "")
    home = left.values["place"]
    if level != 0 or not home or home != right.values["place"] or not all(towns) or towns[0] == towns[1]:
        return "", ""
    for told, town in zip((left, right), towns, strict=True):
        told.notes.setdefault("place", f"镇街：{town}")
    return towns


def tell_number(told: Told, described: dict[str, Any]) -> None:
    """Birth date and sex of a record on a sound number are compared as the number has them.

    described: id_birth and id_sex of the number. What the row itself says otherwise is told beside.
    """
    for name, said in (("birth", described["id_birth"]), ("sex", described["id_sex"])):
        inside = said.isoformat() if hasattr(said, "isoformat") else said
        own = told.values[name]
        if inside and own != inside:
            told.tell(name, inside, f"据身份证号，所登为{own}" if own else "据身份证号")


def seen_in(row: dict[str, Any]) -> str:
    """Where a value is from that does not stand on the record itself."""
    return f"见{DATASETS[str(row['dataset'])].zh}：{place(str(row['record_id']))}"
