"""The words of an explanation: fields and levels from the county's specification, phrases from `phrases.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.contract import ROSTERS, scheme_zh
from pipeline.linkage.compared import Compared, FieldCompared, Other, Weighed
from pipeline.linkage.county import LinkField, county_spec
from pipeline.linkage.patterns import pattern_levels as pattern_levels
from pipeline.masking import mask_number
from pipeline.record_words import places

UNLIKE_NAMES = frozenset({"unlike", "surname"})  # levels of the name below the ladder
OTHER_DAY = frozenset({"swapped", "one_digit", "same_year", "other"})  # levels of birth dates that differ


@cache
def _phrases() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8"))


@cache
def _fields() -> dict[str, LinkField]:
    return {f.id: f for f in county_spec().fields}


def field_zh(field: str) -> str:
    """'birth' → '出生日期'; a field of another specification stays as it is."""
    return _fields()[field].zh if field in _fields() else field


def level_zh(field: str, level: str) -> str:
    """('name', 'homophone') → '同音'; a level of another specification stays as it is."""
    known = _fields().get(field)
    return known.words[known.levels.index(level)] if known and level in known.levels else level


def block_zh(key: str) -> str:
    """A blocking key's Chinese name, the key itself where the specification has none."""
    return next((b.zh for b in county_spec().blocks if b.id == key), key)


def weakest(field: str, level: str) -> bool:
    """Whether this level is the field's lowest: the values disagree."""
    known = _fields().get(field)
    return known is not None and known.levels[0] == level


def one_number(levels: Mapping[str, str | None]) -> bool:
    """Whether two unlike names stand on one ID number."""
    return levels.get("id") in ("equal", "old_form") and levels.get("name") in UNLIKE_NAMES


def agreeing(field: str, level: str) -> str | None:
    """What is named in the list of things that agree; None where the level needs a clause of its own."""
    found = _phrases()["agree"].get(field, {}).get(level)
    return None if found is None else str(found)


def clause(field: str, level: str) -> str:
    """The level as a clause, '' where it is not worth saying."""
    return str(_phrases()["say"].get(field, {}).get(level, f"{field_zh(field)}{level_zh(field, level)}"))


def absent(field: str) -> str:
    """What is said where the field gives no information, '' for most."""
    return str(_phrases()["absent"].get(field, ""))


def broken(state: str) -> str:
    """What is wrong with an ID number of this state (see `pipeline.identity.id_numbers`), '' for a sound one."""
    return str(_phrases()["broken"].get(state, ""))


def papers(dataset: str) -> str:
    """What a person can show or tell of about a department's record of theirs, '' where nothing is known."""
    return str(_phrases()["papers"].get(dataset, ""))


def level_of(f: FieldCompared) -> str:
    """A field's level in a few words, as table and picture have it; '' where it has none."""
    if (f.field, f.level) == ("id", "area_birth") and (f.left or "")[:14] != (f.right or "")[:14]:
        return "都有误，相差不过三位"
    if (f.field, f.level) == ("id", "masked") and apart_as_shown(f.left or "", f.right or ""):
        return "末三位经表格软件舍入，其余一致"
    if (f.field, f.level) == ("household", "other") and f.left and f.left == f.right:
        return "同一名册中各占一行"
    return "" if f.level is None else level_zh(f.field, f.level)


def apart_as_shown(left: str, right: str) -> bool:
    """Whether digits differ of which neither number hides one."""
    return any(a != b and "*" not in (a, b) for a, b in zip(left, right, strict=False))


def says_nothing(f: FieldCompared) -> bool:
    """Whether a field is not worth a line: what is said of the other's rows in a list, where it weighs nothing."""
    return f.field == "once" and (f.level is None or signed(f.weight) == "0")


def signed(bits: float) -> str:
    """A weight as pictures and pages write it: its sign, one decimal; a plain 0 for what rounds to nothing."""
    text = f"{bits:+.1f}".replace("-", "−")
    return "0" if text[1:] == "0.0" else text


@dataclass(frozen=True)
class Figures:
    """A pair's figures as they are shown, so that what a reader adds up is what stands there; bits.

    `fields`: weights by field; `weight` their sum; `total` with the prior; `decided` the total that decided,
    another one where linkage weighed all records of the two; `runner_up` the next best candidate's total beside that.
    """

    prior: float
    fields: dict[str, float]
    weight: float
    total: float
    decided: float
    runner_up: float | None


def figures(c: Compared, places: int = 1) -> Figures:
    """The figures rounded to `places` decimals one by one and summed afterwards."""
    prior = round(c.prior, places)
    fields = {f.field: round(f.weight, places) for f in c.fields if f.level is not None}
    weight = round(sum(fields.values()), places)
    total = round(prior + weight, places)
    decided = round(prior + round(c.weighed.weight, places), places) if c.weighed else total
    # the distance to the other is what counts: it stays
    runner_up = None if c.runner_up is None else round(decided - round(c.own_weight - c.runner_up, places), places)
    return Figures(prior, fields, weight, total, decided, runner_up)


def who_of(other: Other, masked: bool) -> list[str | None]:
    """What tells who somebody else is: name, sex, birth date, number, home."""
    said = other.said
    return [said["name"], said["sex"], said["birth"], mask_number(said["id"]) if masked else said["id"], said["place"]]


def weighed_words(weighed: Weighed) -> str:
    """Why the link's own weight is another than that of the two records, and which records it was made of."""
    levels = "、".join(
        f"{field_zh(f)}{'没有信息' if level is None else f'“{level_zh(f, level)}”'}"
        for f, level in weighed.levels.items()
    )
    of = "；".join("、".join(places(records)) for records in (weighed.left, weighed.right) if records)
    said = "比对按两个人的全部记录计算，上表只是其中两条"
    return said + (f"；比对时{levels}" if levels else "") + (f"。两人的记录：{of}" if of else "")


def sides_of(c: Compared) -> tuple[str, str]:
    """What the two records are called: by their lists, or by their order where both are of one."""
    left, right = list_zh(c.left_dataset), list_zh(c.right_dataset)
    return (left, right) if left != right else ("前一条", "后一条")


def list_of_both(c: Compared) -> str:
    """The list in which both records stand, '' for two lists."""
    return list_zh(c.left_dataset) if c.left_dataset == c.right_dataset else ""


def list_zh(dataset: str) -> str:
    """What a dataset is called in a sentence: 'death' → '死亡数据', 'dibao' → '低保名册', 'patrol' → '巡访记录'."""
    zh = scheme_zh(dataset)
    return zh + ("名册" if dataset in ROSTERS else "" if zh.endswith(("记录", "明细")) else "数据")
