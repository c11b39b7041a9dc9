"""The packs as files: reading them, what a figure may be, inheriting, and the months they cover.

A pack is a TOML file with `name`, `from`, `valid_from`, `valid_to`, maybe `extends`, the sections of figures, and
[about]: a line a figure with zh, unit, clause, source, verified; `pairs` (a list of pairs) and `zero` (how nought or an
empty list reads) where they apply.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipeline.errors import AuditError, BadInput
from pipeline.months import next_month, parse_month
from pipeline.notation import toml

# The sections of figures, in the order in which they are shown.
SECTIONS: dict[str, str] = {
    "standard": "低保标准",
    "income_line": "收入线",
    "asset_months": "金融资产限额",
    "care_pay": "照料护理标准",
    "limits": "限额与期限",
    "review_months": "复核周期",
    "lists": "名单",
    "draw": "抽查比例",
    "field": "入户核查期限",
    "run": "来源数据检查",
    "monthly": "月度台账",
}
_HEAD = ("name", "from", "extends", "valid_from", "valid_to", "about")
_ABOUT: dict[str, type] = {"zh": str, "unit": str, "clause": str, "source": str, "verified": bool}
_MORE: dict[str, type] = {"pairs": bool, "zero": str}


class PackError(AuditError):
    """One of the program's own packs is not as this module says, or they overlap or leave a gap."""


@dataclass(frozen=True)
class Pack:
    """One pack, whole: what it inherits is in it. `raw`: the bytes of its file and of those it extends."""

    id: str
    name: str
    source: str
    valid_from: str
    valid_to: str
    extends: str | None
    values: dict[str, Any]
    about: dict[str, dict[str, Any]]
    raw: bytes


_LARGEST = 10**12


def flatten(data: Mapping[str, Any], head: Sequence[str], file: str) -> dict[str, Any]:
    """'section.name' → value. BadInput for a section that there is not."""
    out: dict[str, Any] = {}
    for section, values in data.items():
        if section in head:
            continue
        if section not in SECTIONS:
            near = difflib.get_close_matches(section, [*SECTIONS, *head], n=1)
            hint = f"the sections are {', '.join(SECTIONS)}"
            if near:
                hint = f"did you mean {f'[{near[0]}]' if near[0] in SECTIONS else near[0]}?"
            raise BadInput(f"unknown policy name '{section}'", file=file, remedy=hint)
        if not isinstance(values, dict):
            raise BadInput(
                f"'{section}' must be a section", file=file, remedy=f"write [{section}] and its figures below it"
            )
        out.update({f"{section}.{name}": value for name, value in values.items()})
    return out


def read_toml(path: Path) -> tuple[dict[str, Any], bytes]:
    """A file's content and its bytes. BadInput when it cannot be read or is no TOML."""
    try:
        raw = path.read_bytes()
        return toml(raw.decode("utf-8-sig")), raw
    except OSError as e:
        raise BadInput(
            "the policy file cannot be read", file=path.name, remedy="give the path of a readable file"
        ) from e
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        raise BadInput(f"not a TOML policy file: {e}", file=path.name, remedy="correct the line named") from e


def _number(value: Any) -> bool:
    """A figure of law: neither negative, nor infinite, nor beyond anything that is counted."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _LARGEST


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)


# unit → what a figure in it must be, and the test of it; any other unit: a number, zero or more
_WHOLE: tuple[str, Callable[[Any], bool]] = ("a whole number, zero or more", lambda v: _number(v) and v == int(v))
_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "套": _WHOLE,
    "天": _WHOLE,
    "日": _WHOLE,
    "个工作日": _WHOLE,
    "个月": _WHOLE,
    "岁": _WHOLE,
    "行": _WHOLE,
    "月份": ("a number of a month, 1 to 12", lambda v: _number(v) and v == int(v) and 1 <= v <= 12),
    "比例": ("a number between 0 and 1", lambda v: _number(v) and v <= 1),
}


def kind_of(about: Mapping[str, Any], value: Any) -> tuple[str, bool]:
    """What a figure must be, in words, and whether `value` is that. `about` says the unit, and of lists their kind."""
    if about.get("pairs"):
        good = isinstance(value, list) and all(_texts(v) and len(v) == 2 for v in value)
        return "a list of pairs of texts", good
    if about["unit"] == "":
        return "a list of texts", _texts(value)
    words, test = _KINDS.get(about["unit"], ("a number, zero or more", _number))
    return words, test(value)


def _read_pack(path: Path) -> Pack:
    try:
        data, raw = read_toml(path)
        values = flatten(data, _HEAD, path.name)
    except BadInput as e:
        raise PackError(str(e)) from e
    wrong = [k for k in _HEAD if k not in ("extends", "about") and not isinstance(data.get(k), str)]
    if wrong:
        raise PackError(f"{path.name}: '{wrong[0]}' must be a text")
    span = (parse_month(data["valid_from"]), parse_month(data["valid_to"]))
    if span[0] > span[1]:
        raise PackError(f"{path.name}: valid_from is later than valid_to")
    extends, about = data.get("extends"), data.get("about", {})
    return Pack(path.stem, data["name"], data["from"], *span, extends, values, about, raw)


def _whole(pack: Pack, packs: Mapping[str, Pack], above: tuple[str, ...] = ()) -> Pack:
    """The pack with all that it inherits. PackError for an unknown or circular `extends`, or a figure ill described."""
    values, about, raw = pack.values, pack.about, pack.raw
    if pack.extends is not None:
        if pack.extends not in packs or pack.extends in (*above, pack.id):
            raise PackError(f"{pack.id}: extends '{pack.extends}', which is no other pack")
        base = _whole(packs[pack.extends], packs, (*above, pack.id))
        values = base.values | values
        about = base.about | {k: base.about.get(k, {}) | v for k, v in about.items()}
        raw = base.raw + raw
    if set(values) != set(about):
        raise PackError(f"{pack.id}: figures and [about] differ in {sorted(set(values) ^ set(about))[0]}")
    for key, said in about.items():
        known = _ABOUT | _MORE
        if lacking := [k for k in _ABOUT if k not in said]:
            raise PackError(f"{pack.id}: [about] of {key} lacks '{lacking[0]}'")
        if wrong := [k for k, v in said.items() if k not in known or not isinstance(v, known[k])]:
            raise PackError(f"{pack.id}: [about] of {key}: '{wrong[0]}' is unknown or of a wrong kind")
        words, good = kind_of(said, values[key])
        if not good:
            raise PackError(f"{pack.id}: policy figure '{key}' must be {words}")
    ordered = sorted(values, key=lambda k: list(SECTIONS).index(k.split(".")[0]))
    return Pack(
        pack.id, pack.name, pack.source, pack.valid_from, pack.valid_to, pack.extends,
        {k: values[k] for k in ordered}, {k: about[k] for k in ordered}, raw,
    )  # fmt: skip


@cache
def every_pack(folder: Path | None = None) -> tuple[Pack, ...]:
    """Every pack of `folder` (default: those that come with the program), by month.

    PackError when two overlap, when months between two have none, or when they do not have the same figures.
    """
    read = {p.stem: _read_pack(p) for p in sorted((folder or Path(__file__).parent).glob("*.toml"))}
    packs = sorted((_whole(p, read) for p in read.values()), key=lambda p: p.valid_from)
    for before, after in pairwise(packs):
        if after.valid_from <= before.valid_to:
            raise PackError(f"the packs {before.id} and {after.id} overlap from {after.valid_from}")
        if after.valid_from != next_month(before.valid_to):
            raise PackError(f"no pack covers the months between {before.id} ({before.valid_to}) and {after.id}")
        if odd := sorted(set(before.values) ^ set(after.values)):
            raise PackError(f"the packs {before.id} and {after.id} differ in having '{odd[0]}'")
    return tuple(packs)
