"""The end of the sentence: what was decided about a pair and why, who came next, and what a person has to look at."""

from __future__ import annotations

from pipeline.contract import ROSTERS, SECTORS
from pipeline.identity.names import lost
from pipeline.linkage.compared import Compared, Other
from pipeline.linkage.explain import wording
from pipeline.linkage.explain.differences import positions
from pipeline.linkage.explain.number_words import Values, apart_words, borrowed, flaws_of
from pipeline.linkage.explain.wording import OTHER_DAY, sides_of
from pipeline.record_words import chance, place

_SAME_NAME = frozenset({"equal", "variant"})
_FAR = 10.0  # bits: a candidate a thousand times less likely need not be looked at
_BESIDE = "又没有住址、电话、账号或家庭佐证"
# What beside name, birth date and sex lets two sound numbers be one person's.
_OF_TWO_NUMBERS = (("place", "address", "住址"), ("place", "village", "村居"), ("phone", "equal", "联系电话"))
_RULED = {"link": "认定为同一人", "review": "提请人工核对"}
# Why a pair is left to a person, however likely (sql/linkage/82_judged.sql, 85_namesake_found.sql).
HELD = {
    "held_name": "姓名对不上",
    "held_sex": "性别不同",
    "held_birth": "出生日期不同",
    "held_letter": "姓名并不完全相同，又没有一致的出生日期或号码",
    "held_twin": "姓名并不完全相同，号码又无从分辨，其余相符之处双胞胎或同住的家人也会相符",
    "held_town": "镇街不同，又没有电话、账号或家庭佐证",
    "held_list": "对方在同一份名册中已另有一行",
    "held_namesake": "同一地址另有同名的人，又没有号码、生日、电话、账号或家庭佐证",
    "held_number": f"号码相差不止一位，{_BESIDE}",
}


def held_words(
    reason: str, numbers: tuple[str | None, str | None], births: tuple[str | None, str | None] = (None, None)
) -> str:
    """Why a pair is left to a person (a key of `HELD`): what is hidden or missing of a number is not said to
    differ, nor a birth date that stands on both and does not count beside the numbers.
    """
    if reason == "held_letter" and births[0] and births[0] == births[1]:
        apart = all(numbers) and numbers[0] != numbers[1] and "*" not in "".join(n or "" for n in numbers)
        return f"姓名并不完全相同{'，两个号码又不一致' if apart else ''}"
    if reason == "held_number" and not all(numbers):
        return f"没有可比的号码，{_BESIDE}"
    if reason == "held_number" and any("*" in (n or "") for n in numbers):
        return f"号码有隐去的位，分不清是不是同一个，{_BESIDE}"
    return HELD[reason]


def verdict_of(c: Compared, values: Values, sides: tuple[str, str]) -> str:
    chances = f"可能性{c.likely}" if c.likely else ""
    after = f"，{chances}" if chances else ""
    rivals = _rivals(c)
    if c.reason == "confirmed_apart":
        spots = positions(*values.get("id", (None, None)))
        differ = f"号码{apart_words(spots)}" if spots else "号码不同"
        return f"两人各有校验无误、另有数据印证的身份证号，{differ}，不是同一人"
    if c.reason == "id_conflict":
        return _conflict(c, values, sides)
    if c.reason == "two_numbers":
        return _by_rule(c)
    if c.decision == "link" and c.third:
        return f"两条记录各自与{place(c.third.record)}为同一人，因而彼此也是同一人{after}"
    if c.decision == "link":
        why = {
            "same_id": f"身份证号一致，姓名{'相符' if _level(c, 'name') in _SAME_NAME else '相近'}，认定为同一人",
            "repaired_id": f"身份证号{but_for(c)}一致，认定为同一人",
            "household": f"{_by_household(c)}，认定为同一人",
        }.get(c.reason, "综合认定为同一人")
        return f"{why}{after}{rivals}"
    if c.decision == "review":
        if c.reason == "rival":
            return f"另有相符程度相近的人选{after}{rivals}，分不清是哪一个，请人工核对"
        if c.reason in HELD:
            return f"{chances}，但{held_words(c.reason, *_said(values, 'id', 'birth'))}，不自动认定，请人工核对"
        if shared(c):  # its probability would contradict the rival
            who = f"此人与{sides[1]}所登的可能是同一人，也可能是两人"
            return f"另有人选{_at(c)}{_compared(c)}，{who}，不自动认定，请人工核对"
        return f"{chances}，不足以认定{rivals}，请人工核对" if chances else "证据不足以认定，请人工核对"
    if c.probability is None and c.reason == "below":
        return "没有这两条记录的比对结果，未认作同一人"
    if c.reason == "rival" or gave_way(c):
        return f"{_taken(c)}，不认作同一人"
    return f"证据不足{after}{rivals}，不认作同一人"


def _said(values: Values, *fields: str) -> list[tuple[str | None, str | None]]:
    return [values.get(f, (None, None)) for f in fields]


def next_step(c: Compared) -> str:
    """What a person has to do about the pair, '' where nothing: ask for a number, have a wrong one put right, look."""
    values = {f.field: (f.left, f.right) for f in c.fields}
    rows = [f"{side}{place(record)}" for side, record in zip(sides_of(c), (c.left, c.right), strict=True)]
    ids = values.get("id", (None, None))
    flawed = [row for row, number in zip(rows, ids, strict=True) if flaws_of((number, None), (row, ""))]
    if c.reason == "two_numbers" and c.decision in _RULED:
        ask = f"看本人身份证，请公安户籍部门核实{rows[0]}、{rows[1]}的两个号码哪一个是本人的"
        return f"{ask}，登错的由其登记单位更正" if c.decision == "link" else f"{ask}，是不是各有其人，再作判断"
    if c.decision == "link":
        return _put_right(c, rows, ids, flawed)
    if c.decision != "review":
        return _lacking(c, rows)
    if c.reason == "id_conflict":
        suspects = borrowed(values, (rows[0], rows[1]))
        house = values.get("household", (None, None))
        apart = _level(c, "account") == "equal" and (house[0] is None or house[0] != house[1])  # a household has one
        paid = "；两人登了同一银行账号，核实领款人" if apart else ""
        return f"先查{'、'.join(suspects or rows)}本人的身份证，改正登错的一行{paid}"
    unknown = [not number or "*" in number for number in ids]
    foreign = [d in SECTORS for d in (c.left_dataset, c.right_dataset)]
    which = f"，并分清是不是{_rival_name(c.rival, values)}" if c.rival and _near(c) else ""
    # what a department left out no town can fetch: it asks the person about the record
    if asked := [
        row for row, lacks, far in zip(rows, unknown, foreign, strict=True) if lacks and (not far or all(foreign))
    ]:
        wrong = f"；{'、'.join(flawed)}所登号码有误，一并核对" if flawed else ""
        return f"核取{'、'.join(asked)}本人的身份证号{which}，再作判断{wrong}"
    if any(unknown):
        near, far = rows if foreign[1] else reversed(rows)
        papers = wording.papers(c.right_dataset if foreign[1] else c.left_dataset)
        wrong = f"（{'、'.join(flawed)}所登号码有误）" if flawed else ""
        shown = f"（{papers}）" if papers else ""
        return f"查{near}本人的身份证{wrong}，问其有无{far}的登记{shown}{which}，再作判断"
    if flawed:
        both = "" if _same_name(c) else "，核对号码和姓名"
        return f"{'、'.join(flawed)}所登号码有误，查本人身份证{both}{which}，再作判断"
    return f"向本人或家属核实两条记录是否同一人{which}"


def _rival_name(rival: Other, values: Values) -> str:
    """The other candidate by name; a namesake by the row."""
    name = rival.said["name"]
    if not name:
        return f"另一人选（{place(rival.record)}）"
    return f"另一个{name}（{place(rival.record)}）" if name in values.get("name", ()) else name


def _near(c: Compared) -> bool:
    """Whether the next best candidate is near enough to be looked at as well."""
    return c.runner_up is not None and c.runner_up > c.own_weight - _FAR


def _put_right(c: Compared, rows: list[str], ids: tuple[str | None, str | None], flawed: list[str]) -> str:
    """What is to be put right of one person's two records: numbers, a number that a roster lacks, what else differs."""
    foreign = [row for row, d in zip(rows, (c.left_dataset, c.right_dataset), strict=True) if d in SECTORS]
    names = next(((f.left or "", f.right or "") for f in c.fields if f.field == "name"), ("", ""))
    wild = _level(c, "name") == "wildcard"
    short = [row for row, name in zip(rows, names, strict=True) if wild and lost(name)]
    ours, ours_short = ([row for row in those if row not in foreign] for those in (flawed, short))
    theirs, theirs_short = ([row for row in those if row in foreign] for those in (flawed, short))
    steps = [f"更正{'、'.join(ours)}的身份证号"] if ours else []
    if theirs or theirs_short:  # no town can
        asked = [f"更正{'、'.join(theirs)}的身份证号"] if theirs else []
        if theirs_short:
            asked.append(f"补全{'该行' if theirs_short == theirs else '、'.join(theirs_short)}姓名中缺的字")
        steps.append(f"报县局转请数据来源部门{'，'.join(asked)}")
    sides = list(zip(rows, ids, (c.left_dataset, c.right_dataset), c.refused, strict=True))
    if refused := [row for row, _, dataset, why in sides if why and dataset in ROSTERS]:
        steps.append(f"更正{'、'.join(refused)}的身份证号")
    if without := [row for row, number, dataset, why in sides if not number and not why and dataset in ROSTERS]:
        steps.append(f"补登{'、'.join(without)}的身份证号")
    if ours_short:
        steps.append(f"补全{'、'.join(ours_short)}姓名中缺的字")
    differs = [] if short or _same_name(c) else ["姓名"]
    if _level(c, "birth") in OTHER_DAY:
        differs.append("出生日期")
    if differs:
        steps.append(f"核对两边不一的{'、'.join(differs)}，改正登错的一边")
    return f"请{'；'.join(steps)}（以身份证为准）" if steps else ""


def _lacking(c: Compared, rows: list[str]) -> str:
    """Whose number has to be put right though it is no matter of this pair: another record of theirs has it."""
    notes = next((f.notes for f in c.fields if f.field == "id"), ("", ""))
    steps = [
        f"补正{row}的身份证号，可参照{note.removeprefix('见').partition('，')[0]}"
        for row, note in zip(rows, notes, strict=True)
        if note.startswith("见")
    ]
    return f"请{'；'.join(steps)}" if steps else ""


def _same_name(c: Compared) -> bool:
    return _level(c, "name") in {*_SAME_NAME, None}


def by_number(c: Compared) -> bool:
    """Whether the ID numbers, or a rule about two of them, settled the pair and no weight did."""
    return c.probability is None and c.reason != "below"


def why_by_number(c: Compared) -> str:
    """What settled a pair that no model weighed."""
    if c.reason == "id_conflict":
        return "同一号码而姓名不符，转人工核对，不按分量计算"
    if c.reason == "below":
        return "没有这一对的比对结果：没有共同的查找线索而未作比对，或可能性不到0.1%"
    if c.reason == "two_numbers":
        return f"两个号码都有效而不同，{_by_rule(c)}，不按分量计算"
    return "由身份证号直接判定，不按分量计算"


def _by_rule(c: Compared) -> str:
    """How two sound numbers were taken for one person's, or put to a person (sql/linkage/60_two_numbers.sql)."""
    agrees = [zh for field, level, zh in _OF_TWO_NUMBERS if _level(c, field) == level]
    return f"按{'、'.join(['姓名', '出生日期', '性别', *agrees])}由规则{_RULED.get(c.decision, '不认作同一人')}"


def gave_way(c: Compared) -> bool:
    """Whether a refused pair has a better rival whom the probability leaves out, as perhaps the same person."""
    return c.decision == "reject" and shared(c) and c.runner_up is not None and c.runner_up - c.own_weight >= 1


def _level(c: Compared, field: str) -> str | None:
    return next((f.level for f in c.fields if f.field == field), None)


def _by_household(c: Compared) -> str:
    return "凭家庭编号一致" if _level(c, "household") == "same" else "有家庭成员印证"


def but_for(c: Compared) -> str:
    """What of a repaired number agrees."""
    if _level(c, "id") != "masked":
        return "除登记差错外"
    numbers = next((f.left or "", f.right or "") for f in c.fields if f.field == "id")
    return "除末三位的舍入外" if wording.apart_as_shown(*numbers) else "未隐去的各位"


def shared(c: Compared) -> bool:
    """Whether the probability leaves the runner-up out, as somebody who may be the same person."""
    if c.probability is None or c.runner_up is None:
        return False
    alone = 1 / (1 + 2 ** min(c.runner_up - c.own_weight, 60.0))
    return c.probability > alone + 0.05


def _taken(c: Compared) -> str:
    """To whom a pair gave way: to another candidate of the same record, or to another record of the same person."""
    if c.runner_up is not None and c.runner_up > c.own_weight:
        return f"另有更相符的人选{_at(c)}，其可信程度{_times(c.runner_up - c.own_weight)[1].replace('其', '此人的')}"
    return f"对方已由更相符的另一行{_at(c)}对上（一人只对一行）"


def _conflict(c: Compared, values: Values, sides: tuple[str, str]) -> str:
    """One number on two people: which side's own birth date contradicts the number it bears."""
    suspects = borrowed(values, sides)
    doubt = f"{'、'.join(suspects)}所登出生日期与号码中的不符，可能登了别人的号码" if suspects else "可能有一方登错号码"
    ending = "请人工核对" if c.decision == "review" else "不认作同一人"
    return f"两条记录登的是同一个身份证号，却像是两个人，{doubt}，{ending}"


def _rivals(c: Compared) -> str:
    """How far the next best candidate is, in words; '' where no model chose."""
    if c.probability is None:
        return ""
    if c.runner_up is None:
        return "" if c.beside else "，比对中没有别的人选"
    apart = c.own_weight - c.runner_up >= 1
    if apart and c.reason != "rival" and both_may_hold(c):
        return ""  # both may hold: odds between the two would contradict either's probability
    return f"，{'其次的人选' if c.own_weight - c.runner_up >= 1 else '另有人选'}{_at(c)}{_compared(c)}"


def both_may_hold(c: Compared) -> bool:
    """Whether this candidate and the next best may be one person: neither's probability leaves room for the other's."""
    return c.probability is not None and c.rival_chance is not None and c.probability + c.rival_chance > 1.005


def _compared(c: Compared) -> str:
    """The next best candidate beside this one."""
    bits = c.own_weight - (c.runner_up or 0.0)
    if abs(bits) < 1:
        return "与其不相上下"
    part, multiple = _times(abs(bits))
    return f"可信程度{part if bits > 0 else multiple}"


def _at(c: Compared) -> str:
    """Who the other candidate is and where it stands, in brackets; '' where it is not known."""
    if not c.rival:
        return ""
    likely = f"可能性{chance(c.rival_chance)}" if c.rival_chance is not None and _near(c) else ""
    return f"（{'，'.join(v for v in (c.rival.said['name'], place(c.rival.record), likely) if v)}）"


def _times(bits: float) -> tuple[str, str]:
    """Bits as (a part, a multiple): no more precise than it is."""
    ratio = 2 ** min(bits, 60)
    if ratio >= 10_000:
        return "不及其万分之一", "是其一万倍以上"
    step = 1 if ratio < 100 else 10 ** (len(str(int(ratio))) - 1)
    rounded = round(ratio / step) * step
    return f"约为其{rounded}分之一", f"约为其{rounded}倍"
