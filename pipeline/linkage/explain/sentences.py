"""One Chinese sentence about a pair: what agrees, what differs and where, what was decided and why.

`sentence` has the records, `sentence_of_pattern` only a row of `links` (and the values, where the caller has them).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from stdnum.cn import ric
from stdnum.exceptions import InvalidComponent

from pipeline.contract import ROSTERS, TOWNS, scheme_zh
from pipeline.linkage.compared import Compared
from pipeline.linkage.explain import wording
from pipeline.linkage.explain.differences import positions
from pipeline.record_words import chance, place

Values = Mapping[str, tuple[str | None, str | None]]  # field → left, right
_LISTED = 4  # places of a number that are named; of more, only how many
_BELOW_LADDER = frozenset({"unlike", "surname"})
_WITH_VALUES = frozenset({"name", "birth"})  # said with both values where they differ


@dataclass(frozen=True)
class _Manner:
    """How clauses are said: what the sides are called, whether digits are quoted, whether a homophone's language is."""

    sides: tuple[str, str]
    digits: bool
    language: bool


def sentence(c: Compared, *, masked: bool = False) -> str:
    """Why these two records are, may be or are not one person. `masked`: no digit of a number is quoted."""
    levels = {f.field: f.level for f in c.fields}
    values = {f.field: (f.left, f.right) for f in c.fields}
    manner = _Manner(_sides(c), digits=not masked, language=True)
    # what the verdict says itself is not said twice
    said_there = {"confirmed_apart": True, "id_conflict": True, "same_id": levels.get("id") == "equal"}
    told = {"id"} if said_there.get(c.reason) else set()
    if c.reason == "rival":
        told.add("once")
    clauses = _clauses({k: v for k, v in levels.items() if k not in told}, values, manner)
    return "；".join([*clauses, _verdict(c, values, manner.sides)]) + "。"


def sentence_of_pattern(
    pattern: str | None,
    weight: float | None,
    probability: float | None,
    decision: str,
    values: Values | None = None,
    sides: tuple[str, str] = ("一方", "另一方"),
) -> str:
    """The shorter sentence of a row of `links`.

    `values` (field → left, right) let it say which digit differs and whose number cannot be right; `sides` are what
    left and right are called. No digit of a number is quoted.
    """
    levels = wording.pattern_levels(pattern)
    conflict = levels.get("id") in ("equal", "old_form") and levels.get("name") in _BELOW_LADDER
    chances = "" if probability is None else f"可能性{chance(probability)}"
    if decision == "link":
        verdict = "认定为同一人" + (f"，{chances}" if chances else "")
    elif decision == "reject":
        verdict = f"{chances}，不认作同一人" if chances else "不认作同一人"
    elif conflict:
        verdict = "同一个号码下是两个名字，可能有一方登错，请人工核对"
    elif chances:
        heavier = "，不符之处重于相符之处" if weight is not None and weight < 0 else ""
        verdict = f"{chances}{heavier}，不足以认定，请人工核对"
    else:
        verdict = "不足以认定，请人工核对"
    clauses = _clauses(levels, values or {}, _Manner(sides, digits=False, language=False))
    return "；".join([*clauses, verdict]) + "。"


def _sides(c: Compared) -> tuple[str, str]:
    left, right = _side(c.left_dataset), _side(c.right_dataset)
    return (left, right) if left != right else ("前一条", "后一条")


def _side(dataset: str) -> str:
    """'death' → '死亡数据', 'dibao' → '低保名册', 'patrol' → '巡访记录'."""
    zh = scheme_zh(dataset)
    return zh + ("名册" if dataset in ROSTERS else "" if zh.endswith(("记录", "明细")) else "数据")


def _clauses(levels: Mapping[str, str | None], values: Values, manner: _Manner) -> list[str]:
    """Up to three groups, each with commas inside: what agrees, what nearly does, what does not."""
    agree: list[str] = []
    near: list[str] = []
    differ: list[str] = []
    for field, level in levels.items():
        pair = values.get(field, (None, None))
        if level is None:
            said = _absent(field, values, manner.sides) if field in values else wording.absent(field)
            near += [said] if said else []
        elif (name := wording.agreeing(field, level)) is not None:
            agree.append("住址文字" if (field, level) == ("place", "town") and _whole_address(pair) else name)
        elif said := _clause(field, level, pair, manner):
            (differ if wording.weakest(field, level) or level in _BELOW_LADDER else near).append(said)
    if agree:
        agree = [f"{'、'.join(agree)}一致"]
    return ["，".join(group) for group in (agree, near, differ) if group]


def _whole_address(pair: tuple[str | None, str | None]) -> bool:
    """Whether what counts for no more than a town is one address, of which the town is not known."""
    return bool(pair[0]) and pair[0] == pair[1] and pair[0] not in TOWNS


def _absent(field: str, values: Values, sides: tuple[str, str]) -> str:
    """Why a field that matters gives no information: nothing there, or a number that cannot be right or its own."""
    pair, said, zh = values[field], wording.absent(field), wording.field_zh(field)
    if not said or not any(pair):
        return f"双方都没有{zh}" if said else ""
    without = [side for side, value in zip(sides, pair, strict=True) if not value]
    if without:
        return f"{without[0]}没有{zh}"
    if field != "id":
        return said
    others = "，".join(f"{side}所登号码与同一行的出生日期不符，可能是别人的号码" for side in _borrowed(values, sides))
    flaws = _flaws(pair, sides) or others
    return said + (f"（{flaws}）" if flaws else "")


def _borrowed(values: Values, sides: tuple[str, str]) -> list[str]:
    """Which sides bear a number with another birth date than the row's own: perhaps somebody else's."""
    found = []
    births = values.get("birth", (None, None))
    for side, number, birth in zip(sides, values.get("id", (None, None)), births, strict=True):
        inside = _state(number)[1] if number else None
        if inside and birth and birth != inside.isoformat():
            found.append(side)
    return found


def _clause(field: str, level: str, pair: tuple[str | None, str | None], manner: _Manner) -> str:
    left, right = pair
    said = wording.clause(field, level)
    if not said or not left or not right:
        return said
    if (field, level) == ("once", "taken") and manner.language:  # the list is the uncertain record's
        return f"{manner.sides[1]}所登的人在{manner.sides[0]}里已另有一行"
    if field == "id":
        return _number(said, level, left, right, manner)
    if field == "name" and level == "homophone" and manner.language:
        return f"姓名{_language(left, right)}同音（{left}／{right}，不计声调）"
    return f"{said}（{left}／{right}）" if field in _WITH_VALUES else said


def _number(said: str, level: str, left: str, right: str, manner: _Manner) -> str:
    """The ID number's clause with the places that differ, and which side's number cannot be right."""
    spots = positions(left, right)
    named = "、".join(str(n) for n in spots or ())
    if level == "one_off" and spots and len(spots) == 1:
        digits = f"（{left[spots[0] - 1]}／{right[spots[0] - 1]}）" if manner.digits else ""
        said = f"身份证号只有第{named}位不同{digits}"
    elif level == "swap" and spots and len(spots) == 2:
        said = f"身份证号第{named}位前后颠倒"
    elif level == "two_valid" and spots:
        said = f"两个身份证号都有效，{_apart(spots)}"
    elif level == "masked" and spots is not None:
        said = f"身份证号隐去{len(spots)}位，其余{len(left) - len(spots)}位一致"
    elif level == "area_birth" and left[:14] != right[:14]:
        said = f"两个身份证号都有误而相近，{_apart(spots)}" if spots else "两个身份证号都有误而相近"
    elif level == "other" and spots:
        said = _seen(left, right, spots) if "*" in left + right else f"身份证号{_apart(spots)}"
    flaws = _flaws((left, right), manner.sides) if level in ("one_off", "swap", "area_birth", "other") else ""
    return f"{said}，{flaws}" if flaws else said


def _seen(left: str, right: str, spots: list[int]) -> str:
    """What differs of two numbers of which one hides digits: the hidden ones are neither alike nor unlike."""
    seen = [n for n in spots if "*" not in (left[n - 1], right[n - 1])]
    hidden = f"隐去{len(spots) - len(seen)}位，其余"
    if len(seen) == 2 and seen[1] == seen[0] + 1 and left[seen[0] - 1 : seen[1]] == right[seen[0] - 1 : seen[1]][::-1]:
        return f"身份证号{hidden}只有第{seen[0]}、{seen[1]}位前后颠倒"
    return f"身份证号{hidden}{_apart(seen)}"


def _apart(spots: list[int]) -> str:
    named = "、".join(str(n) for n in spots)
    return f"第{named}位不同" if len(spots) <= _LISTED else f"有{len(spots)}位不同"


def _flaws(pair: tuple[str | None, str | None], sides: tuple[str, str]) -> str:
    """'死亡所登号码末位校验不符': what is wrong with either number, '' when nothing is."""
    found = {side: wording.broken(_state(value)[0]) for side, value in zip(sides, pair, strict=True) if value}
    return "，".join(f"{side}所登号码{flaw}" for side, flaw in found.items() if flaw)


def _state(number: str) -> tuple[str, date | None]:
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


def _language(left: str, right: str) -> str:
    """The language in which two names sound alike; '' where the readings do not tell."""
    import polars as pl

    from pipeline.identity.names import name_keys, sound_keys

    keys = name_keys(pl.Series([left, right])).to_list()
    sounds = {row["name_key"]: row for row in sound_keys(pl.Series("name_key", keys)).iter_rows(named=True)}
    a, b = (sounds[key] for key in keys)
    return "普通话" if a["mandarin"] == b["mandarin"] else "粤语" if a["cantonese"] == b["cantonese"] else ""


# Why a pair is left to a person, however likely (sql/linkage/82_judged.sql, 85_namesake_found.sql).
_HELD = {
    "held_name": "姓名对不上",
    "held_sex": "性别不同",
    "held_birth": "出生日期不同",
    "held_letter": "姓名并不完全相同，又没有一致的出生日期或号码",
    "held_twin": "姓名并不完全相同，号码又无从分辨，其余相符之处同胞兄弟姐妹也会相符",
    "held_town": "镇街不同，又没有电话、账号或家庭佐证",
    "held_list": "对方在同一份名册中已另有一行",
    "held_namesake": "同一地址另有同名的人，又没有号码、生日、电话、账号或家庭佐证",
    "held_number": "号码相差不止一位，又没有住址、电话、账号或家庭佐证",
}


def _verdict(c: Compared, values: Values, sides: tuple[str, str]) -> str:
    chances = "" if c.probability is None else f"可能性{chance(c.probability)}"
    after = f"，{chances}" if chances else ""
    rivals = _rivals(c)
    if c.reason == "confirmed_apart":
        spots = positions(*values.get("id", (None, None)))
        return f"两人各有经核实的身份证号，{'号码' + _apart(spots) if spots else '号码不同'}，不是同一人"
    if c.reason == "id_conflict":
        return _conflict(c, values, sides)
    if c.decision == "link" and c.reason.startswith("through:"):
        third = place(c.reason.partition(":")[2])
        return f"两条记录各自与{third}为同一人，因而彼此也是同一人{after}"
    if c.decision == "link":
        why = {
            "same_id": "身份证号一致，姓名相符，认定为同一人",
            "repaired_id": f"身份证号{'未隐去的各位' if _masked(c) else '更正后'}一致，认定为同一人",
            "household": "有家庭成员印证，认定为同一人",
        }.get(c.reason, "综合认定为同一人")
        return f"{why}{after}{rivals}"
    if c.decision == "review":
        if c.reason == "rival":
            return f"另有相符程度相近的人选{after}{rivals}，分不清是哪一个，请人工核对"
        if c.reason in _HELD:
            return f"{chances}，但{_HELD[c.reason]}，不自动认定，请人工核对"
        if _shared(c):
            return (
                f"只看这一对，{chances}{rivals}；那或是此人的另一个号码、另一条记录，或是别人，不自动认定，请人工核对"
            )
        return f"{chances}，不足以认定{rivals}，请人工核对" if chances else "证据不足以认定，请人工核对"
    if c.reason == "rival":
        return f"{_taken(c)}，不认作同一人"
    return f"证据不足{after}{rivals}，不认作同一人"


def _masked(c: Compared) -> bool:
    return any(f.field == "id" and f.level == "masked" for f in c.fields)


def _shared(c: Compared) -> bool:
    """Whether the probability leaves the runner-up out, as somebody who may be the same person."""
    if c.probability is None or c.runner_up is None:
        return False
    alone = 1 / (1 + 2 ** min(c.runner_up - c.weight, 60.0))
    return c.probability > alone + 0.05


def _taken(c: Compared) -> str:
    """To whom a pair gave way: to another candidate of the same record, or to another record of the same person."""
    if c.runner_up is not None and c.runner_up > c.weight:
        return f"另有更相符的人选，其可信程度{_times(c.runner_up - c.weight)[1].replace('其', '此人的')}"
    return "对方已由更相符的另一行对上（一人只对一行）"


def _conflict(c: Compared, values: Values, sides: tuple[str, str]) -> str:
    """One number on two people: which side's own birth date contradicts the number it bears."""
    suspects = _borrowed(values, sides)
    doubt = f"{'、'.join(suspects)}所登出生日期与号码中的不符，可能登了别人的号码" if suspects else "可能有一方登错号码"
    ending = "请人工核对" if c.decision == "review" else "不认作同一人"
    return f"两条记录登的是同一个身份证号，却像是两个人，{doubt}，{ending}"


def _rivals(c: Compared) -> str:
    """How far the next best candidate is, in words; '' where no model chose."""
    if c.probability is None:
        return ""
    if c.runner_up is None:
        return "，没有别的人选"
    bits = c.weight - c.runner_up
    if abs(bits) < 1:
        return "，另一人选与其不相上下"
    part, multiple = _times(abs(bits))
    return f"，排第二的人选可信程度{part}" if bits > 0 else f"，另有人选可信程度{multiple}"


def _times(bits: float) -> tuple[str, str]:
    """Bits as (a part, a multiple): one significant digit below ten thousand, no more precise than it is."""
    ratio = 2 ** min(bits, 60)
    if ratio >= 10_000:
        return "不及其万分之一", "是其一万倍以上"
    digits = len(str(int(ratio))) - 1
    rounded = round(ratio / 10**digits) * 10**digits
    return f"约为其{rounded}分之一", f"约为其{rounded}倍"
