"""One Chinese sentence about a pair: what agrees, what differs and where, what was decided and why.

`sentence` has the records, `sentence_of_pattern` only a row of `links` (and the values, where the caller has them).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.contract import TOWNS
from pipeline.linkage.compared import Compared
from pipeline.linkage.explain import wording
from pipeline.linkage.explain.number_words import Manner, Values, borrowed, flaws_of, number_clause
from pipeline.linkage.explain.verdicts import verdict_of
from pipeline.linkage.explain.wording import UNLIKE_NAMES, list_of_both, one_number, sides_of
from pipeline.record_words import chance, place

# Levels of the ID number that say what an equal birth date says.
SHOWS_BIRTH = frozenset({"equal", "old_form", "one_off", "swap", "area_birth", "masked"})
_WITH_VALUES = frozenset({"name", "birth"})  # said with both values where they differ


def sentence(c: Compared, *, masked: bool = False) -> str:
    """Why these two records are, may be or are not one person. `masked`: no digit of a number is quoted."""
    levels = {f.field: f.level for f in c.fields}
    values = {f.field: (f.left, f.right) for f in c.fields}
    manner = Manner(
        sides_of(c), digits=not masked, language=True, member=c.member, one_list=list_of_both(c), both_in=c.both_in,
        refused=c.refused, towns=c.towns,
    )  # fmt: skip
    # what the verdict says itself is not said twice
    said_there = {"confirmed_apart": True, "id_conflict": True, "same_id": levels.get("id") == "equal"}
    told = {"id"} if said_there.get(c.reason) else set()
    if c.reason == "rival":
        told.add("once")
    clauses = _clauses({k: v for k, v in levels.items() if k not in told}, values, manner)
    return "；".join([*clauses, verdict_of(c, values, manner.sides)]) + "。"


def sentence_of_pattern(
    pattern: str | None,
    weight: float | None,
    probability: float | None,
    decision: str,
    values: Values | None = None,
    sides: tuple[str, str] = ("一方", "另一方"),
    ending: str = "",
) -> str:
    """The shorter sentence of a row of `links`.

    `values` (field → left, right) let it say which digit differs and whose number cannot be right; `sides` are what
    left and right are called. No digit of a number is quoted. `ending`: the verdict in the caller's words.
    """
    levels = wording.pattern_levels(pattern)
    chances = "" if probability is None else f"可能性{chance(probability)}"
    if ending:
        verdict = ending
    elif decision == "link":
        verdict = "认定为同一人" + (f"，{chances}" if chances else "")
    elif decision == "reject":
        verdict = f"{chances}，不认作同一人" if chances else "不认作同一人"
    elif one_number(levels):
        verdict = "同一个号码下是两个名字，可能有一方登错，请人工核对"
    elif chances.endswith("以上"):
        verdict = f"{chances}，但上述各项中有不相符的，不自动认定，请人工核对"
    elif chances:
        heavier = "，不符之处重于相符之处" if weight is not None and weight < 0 else ""
        verdict = f"{chances}{heavier}，不足以认定，请人工核对"
    else:
        verdict = "不足以认定，请人工核对"
    clauses = _clauses(levels, values or {}, Manner(sides, digits=False, language=False))
    return "；".join([*clauses, verdict]) + "。"


def _clauses(levels: Mapping[str, str | None], values: Values, manner: Manner) -> list[str]:
    """Up to three groups, each with commas inside: what agrees, what nearly does, what does not."""
    agree: list[str] = []
    near: list[str] = []
    differ: list[str] = []
    for field, level in levels.items():
        pair = values.get(field, (None, None))
        if level is None:
            if field == "birth" and (levels.get("id") in SHOWS_BIRTH or (pair[0] and pair[0] == pair[1])):
                if pair[0] and pair[0] == pair[1]:
                    agree.append("出生日期")  # not counted: the numbers say it
                elif pair[0] and pair[1]:
                    near.append(f"所登出生日期不同（{pair[0]}／{pair[1]}）")
                continue
            said = _absent(field, values, manner) if field in values else wording.absent(field)
            near += [said] if said else []
        elif level == "equal" and _written_otherwise(field, pair):
            near.append(f"{wording.field_zh(field)}按各自的其他记录一致（这两条写作{pair[0]}／{pair[1]}）")
        elif (name := wording.agreeing(field, level)) is not None:
            agree.append("住址文字" if (field, level) == ("place", "town") and _whole_address(pair) else name)
        elif said := _clause(field, level, pair, manner):
            (differ if wording.weakest(field, level) or level in UNLIKE_NAMES else near).append(said)
    if agree:
        agree = [f"{'、'.join(agree)}一致"]
    return ["，".join(group) for group in (agree, near, differ) if group]


def _written_otherwise(field: str, pair: tuple[str | None, str | None]) -> bool:
    """Whether what linkage found equal is not what these two records say: it compared all records of two persons."""
    left, right = pair
    if field not in _WITH_VALUES or not left or not right or left == right:
        return False
    if field != "name":
        return True
    import polars as pl

    from pipeline.identity.names import name_keys

    return name_keys(pl.Series([left, right])).n_unique() > 1


def _whole_address(pair: tuple[str | None, str | None]) -> bool:
    """Whether what counts for no more than a town is one address, of which the town is not known."""
    return bool(pair[0]) and pair[0] == pair[1] and pair[0] not in TOWNS


def _absent(field: str, values: Values, manner: Manner) -> str:
    """Why a field that matters gives no information: nothing there, or a number that cannot be right or its own."""
    pair, said, zh, sides = values[field], wording.absent(field), wording.field_zh(field), manner.sides
    if field == "id":
        unread = zip(sides, pair, manner.refused, strict=True)
        if told := [f"{side}所登{zh}不能用（{why}）" for side, value, why in unread if why and not value]:
            return "，".join(told)
    if not said or not any(pair):
        return f"双方都没有{zh}" if said else ""
    without = [side for side, value in zip(sides, pair, strict=True) if not value]
    if without:
        return f"{without[0]}没有{zh}"
    if field != "id":
        return said
    others = "，".join(f"{side}所登号码与同一行的出生日期不符，可能是别人的号码" for side in borrowed(values, sides))
    flaws = flaws_of(pair, sides) or others
    return said + (f"（{flaws}）" if flaws else "")


def _clause(field: str, level: str, pair: tuple[str | None, str | None], manner: Manner) -> str:
    left, right = pair
    said = wording.clause(field, level)
    if not said or not left or not right:
        return said
    if (field, level) == ("once", "taken") and manner.language:  # the list is the uncertain record's
        if manner.one_list:
            return f"{manner.one_list}中各有一行"
        return _in_one_list(manner.both_in) if manner.both_in else said
    if field == "household" and left == right and level in ("kin", "other"):  # two rows of one list are no evidence
        return said.replace("两家", "同一家庭") if level == "kin" else "家庭编号相同，但两条记录在同一名册中各占一行"
    if (field, level) == ("household", "kin") and manner.member and all(manner.member):
        return f"{said}（{'与'.join(place(record) for record in manner.member)}）"
    if field == "id":
        return number_clause(said, level, left, right, manner)
    if field == "name" and level == "homophone" and manner.language:
        return f"姓名{_language(left, right)}同音（{left}／{right}，不计声调）"
    if (field, level) == ("place", "other"):
        if all(manner.towns) and left == right:
            return f"地址文字相同而镇街不同（{'／'.join(manner.towns)}）"
        towns = _town_in(left), _town_in(right)
        return f"{said}（{towns[0]}／{towns[1]}）" if all(towns) and towns[0] != towns[1] else said
    return f"{said}（{left}／{right}）" if field in _WITH_VALUES else said


def _town_in(text: str) -> str:
    """The one town that a home names, '' where it names none or several."""
    found = [town for town in TOWNS if town in text]
    return found[0] if len(found) == 1 else ""


def _in_one_list(both: tuple[str, str, str]) -> str:
    dataset, left, right = both
    return f"两人在{wording.list_zh(dataset)}中各有一行（{place(left)}、{place(right)}）"


def _language(left: str, right: str) -> str:
    """The language in which two names sound alike; '' where the readings do not tell."""
    import polars as pl

    from pipeline.identity.names import name_keys, sound_keys

    keys = name_keys(pl.Series([left, right])).to_list()
    sounds = {row["name_key"]: row for row in sound_keys(pl.Series("name_key", keys)).iter_rows(named=True)}
    a, b = (sounds[key] for key in keys)
    return "普通话" if a["mandarin"] == b["mandarin"] else "粤语" if a["cantonese"] == b["cantonese"] else ""
