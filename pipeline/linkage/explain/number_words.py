"""What is said of two ID numbers: the places that differ, and which side's number cannot be right, or not its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from stdnum.cn import ric
from stdnum.exceptions import InvalidComponent

from pipeline.linkage.explain import wording
from pipeline.linkage.explain.differences import positions

Values = Mapping[str, tuple[str | None, str | None]]  # field → left, right
# Levels of two numbers of which one may be wrong in itself.
_MAYBE_WRONG = frozenset({"one_off", "swap", "masked", "area_birth", "other"})
_LISTED = 4  # places of a number that are named; of more, only how many


@dataclass(frozen=True)
class Manner:
    """How clauses are said: what the sides are called, whether digits are quoted, whether a homophone's language is.

    `member`: records of the family member who stands in both households, where one is known; `one_list`: what the
    list is called in which both records stand, '' for two lists. `both_in`, `refused`, `towns`: see `Compared`.
    """

    sides: tuple[str, str]
    digits: bool
    language: bool
    member: tuple[str, str] | None = None
    one_list: str = ""
    both_in: tuple[str, str, str] | None = None
    refused: tuple[str, str] = ("", "")
    towns: tuple[str, str] = ("", "")


def borrowed(values: Values, sides: tuple[str, str]) -> list[str]:
    """Which sides bear a number with another birth date than the row's own: perhaps somebody else's."""
    found = []
    births = values.get("birth", (None, None))
    for side, number, birth in zip(sides, values.get("id", (None, None)), births, strict=True):
        inside = state_of(number)[1] if number else None
        if inside and birth and birth != inside.isoformat():
            found.append(side)
    return found


def number_clause(said: str, level: str, left: str, right: str, manner: Manner) -> str:
    """The ID number's clause with the places that differ, and which side's number cannot be right."""
    spots = positions(left, right)
    named = "、".join(str(n) for n in spots or ())
    if level == "one_off" and spots and len(spots) == 1:
        digits = f"（{left[spots[0] - 1]}／{right[spots[0] - 1]}）" if manner.digits else ""
        said = f"身份证号只有第{named}位不同{digits}"
    elif level == "swap" and spots and len(spots) == 2:
        said = f"身份证号第{named}位前后颠倒"
    elif level == "two_valid" and spots:
        said = f"两个身份证号都有效，{apart_words(spots)}"
    elif level == "masked" and spots is not None:
        hidden = [n for n in spots if "*" in (left[n - 1], right[n - 1])]
        rounded = wording.apart_as_shown(left, right)
        rest = "其余按表格软件对末三位的舍入一致" if rounded else f"其余{len(left) - len(spots)}位一致"
        said = f"身份证号隐去{len(hidden)}位，{rest}"
    elif level in ("area_birth", "other") and spots and "*" in left + right:
        said = _seen(left, right, spots)
    elif level == "area_birth" and left[:14] != right[:14]:
        said = f"两个身份证号都有误而相近，{apart_words(spots)}" if spots else "两个身份证号都有误而相近"
    elif level == "other" and spots:
        said = f"身份证号{apart_words(spots)}"
    flaws = flaws_of((left, right), manner.sides) if level in _MAYBE_WRONG else ""
    return f"{said}，{flaws}" if flaws else said


def _seen(left: str, right: str, spots: list[int]) -> str:
    """What differs of two numbers of which one hides digits: the hidden ones are neither alike nor unlike."""
    seen = [n for n in spots if "*" not in (left[n - 1], right[n - 1])]
    hidden = f"隐去{len(spots) - len(seen)}位，其余"
    if len(seen) == 2 and seen[1] == seen[0] + 1 and left[seen[0] - 1 : seen[1]] == right[seen[0] - 1 : seen[1]][::-1]:
        return f"身份证号{hidden}只有第{seen[0]}、{seen[1]}位前后颠倒"
    return f"身份证号{hidden}{apart_words(seen) if seen else '一致'}"


def apart_words(spots: list[int]) -> str:
    named = "、".join(str(n) for n in spots)
    return f"第{named}位不同" if len(spots) <= _LISTED else f"有{len(spots)}位不同"


def flaws_of(pair: tuple[str | None, str | None], sides: tuple[str, str]) -> str:
    """'死亡所登号码通不过校验': what is wrong with either number, '' when nothing is."""
    found = {side: wording.broken(state_of(value)[0]) for side, value in zip(sides, pair, strict=True) if value}
    return "，".join(f"{side}所登号码{flaw}" for side, flaw in found.items() if flaw)


def state_of(number: str) -> tuple[str, date | None]:
    """What is wrong with an ID number (a key of `[broken]` in phrases.toml or ''), and the birth date in it."""
    digits = number[:-1] + number[-1:].replace("X", "0")
    if not (digits.isascii() and digits.isdigit()):
        return "", None
    if len(number) not in (15, 18):
        return "length", None
    long = number if len(number) == 18 else f"{number[:6]}19{number[6:]}0"
    if len(number) == 18 and ric.calc_check_digit(number) != number[-1]:
        return "checksum", None
    try:
        return "", ric.get_birth_date(long)
    except InvalidComponent:
        return "birth", None
