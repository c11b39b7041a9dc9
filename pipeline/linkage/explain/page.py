"""The explanation as one Chinese page: offline, printable, both records side by side. For the analyst's own eyes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.contract import scheme_zh
from pipeline.errors import BadInput
from pipeline.linkage.compared import Compared, FieldCompared, Other
from pipeline.linkage.explain import SUFFIXES
from pipeline.linkage.explain.differences import marks, pieces
from pipeline.linkage.explain.sentences import SHOWS_BIRTH, sentence
from pipeline.linkage.explain.verdicts import (
    both_may_hold,
    but_for,
    by_number,
    gave_way,
    next_step,
    shared,
    why_by_number,
)
from pipeline.linkage.explain.waterfall import Thresholds, waterfall_png, waterfall_svg
from pipeline.linkage.explain.wording import (
    field_zh,
    figures,
    level_of,
    list_zh,
    says_nothing,
    sides_of,
    signed,
    weighed_words,
    who_of,
)
from pipeline.masking import mask_number
from pipeline.record_words import DECISIONS, TIERS, chance, decimals, place

_HERE = Path(__file__).parent
_MASKED = frozenset({"id", "phone", "account"})
# What stands over the page instead of the link's tier, where none was made by it.
_BY_REASON = {
    "id_conflict": "同一号码，疑似两人",
    "two_numbers": "两个有效号码，按规则处理",
    "confirmed_apart": "身份证号各不相同",
    "through": "经第三条记录认定",
}


def explain_page(c: Compared, masked: bool = False, thresholds: Thresholds | None = None) -> str:
    """The page as HTML: nothing is fetched, nothing runs. Numbers in full unless `masked`.

    `thresholds` = (review_at, link_at), the model's own, as probabilities: two more lines in the picture.
    """
    engine = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return engine.get_template("page.html").render(_content(c, masked, thresholds))


def explain_file(c: Compared, suffix: str, masked: bool = False, thresholds: Thresholds | None = None) -> bytes:
    """What a file of this suffix holds: the page (.html) or the picture alone (.svg, .png). BadInput for another."""
    match suffix.lower():
        case ".html":
            return explain_page(c, masked, thresholds).encode()
        case ".svg":
            return waterfall_svg(c, thresholds).encode()
        case ".png":
            return waterfall_png(c, thresholds)
    raise BadInput(
        f"an explanation is not written as '{suffix}'", remedy=f"name the file with one of {', '.join(SUFFIXES)}"
    )


def _content(c: Compared, masked: bool, thresholds: Thresholds | None) -> dict[str, Any]:
    return {
        "sides": [
            (scheme_zh(dataset), place(record))
            for dataset, record in ((c.left_dataset, c.left), (c.right_dataset, c.right))
        ],
        "decision": c.decision,
        "verdict": _verdict(c),
        "chance": None if _unsaid(c) else c.likely,
        "tier": _how(c),
        "sentence": sentence(c, masked=masked),
        "next": next_step(c),
        "rows": [_row(c, f, masked) for f in c.fields if not says_nothing(f)],
        "marks": {mark for f in c.fields for side in marks(f) for mark in side},
        # drawn by the charting library, which escapes the texts it is given
        "picture": Markup(waterfall_svg(c, thresholds)),
        "silent": [field_zh(f.field) for f in c.fields if f.level is None and f.field != "once"],
        "by_name": _by_name(next((f.level for f in c.fields if f.field == "name"), None)),
        "noted": any(note.startswith("见") for f in c.fields for note in f.notes),
        "sums": _sums(c, masked, thresholds),
        "masked": masked,
    }  # fmt: skip


def _by_name(level: str | None) -> str:
    """Why one level of the name weighs differently from pair to pair (sql/linkage/78_weighed.sql)."""
    if level in (None, "unlike"):
        return ""
    told = "，姓名已说明的性别和年代从性别、出生日期的分量中扣去" if level in ("equal", "variant") else ""
    return f"同样相符的姓名，少见的比常见的分量重{told}。"


def _unsaid(c: Compared) -> bool:
    """Whether the probability would mislead: nobody is linked, and it leaves out a rival, perhaps the same person."""
    return c.decision != "link" and shared(c)


def _how(c: Compared) -> str:
    """What the decision rests on, in a few words."""
    if c.probability is None and c.reason == "below":
        return "没有比对结果"
    if c.tier == "repaired_id" and any(f.field == "id" and f.level == "masked" for f in c.fields):
        return f"证件号{but_for(c)}一致"
    return _BY_REASON.get(c.reason) or TIERS.get(c.tier, c.tier)


def _verdict(c: Compared) -> str:
    if c.decision != "reject":
        return DECISIONS[c.decision]
    if c.reason == "rival" or gave_way(c):
        return "另有更相符的人选，不认定"
    if c.reason == "below" and c.probability is None:
        return "未认定"
    # what speaks for no link is most often too little evidence, not evidence against
    return "证据不足，不认定" if c.reason == "below" else DECISIONS[c.decision]


def _silence(c: Compared, f: FieldCompared) -> str:
    """Why a field counts for nothing."""
    number = next((other.level for other in c.fields if other.field == "id"), None)
    if f.field == "birth" and number in SHOWS_BIRTH:
        return f"{'相同' if f.left and f.left == f.right else '已含在身份证号内'}（不另计）"
    return "不计入" if f.left and f.right else "没有信息"


def _row(c: Compared, f: FieldCompared, masked: bool) -> dict[str, Any]:
    of = marks(f)
    shown = [mask_number(v) if masked and f.field in _MASKED else v or "" for v in (f.left, f.right)]
    level = level_of(f) or _silence(c, f)
    if f.field == "once" and c.left_dataset == c.right_dataset:
        level = "各有一行" if f.level == "taken" else "没有别的行"
    elif f.field == "once" and c.both_in:
        shown = [place(record) for record in c.both_in[1:]]
        of = (["same"] * len(shown[0]), ["same"] * len(shown[1]))
        level = f"两人在{list_zh(c.both_in[0])}中各有一行"
    elif f.field == "once":  # which list it is, is the uncertain record's to say
        shown[1], of = "", (of[0], [])
        level = f"右边的人在{f.left}中没有别的行"
    return {
        "field": field_zh(f.field),
        "number": f.field in _MASKED or f.field == "birth",
        "cells": [(pieces(text, side), note) for text, side, note in zip(shown, of, f.notes, strict=True)],
        "level": level,
        "weight": "" if f.level is None else signed(f.weight),
        "against": f.level is not None and signed(f.weight).startswith("−"),
    }


def _sums(c: Compared, masked: bool, thresholds: Thresholds | None) -> list[tuple[str, str, str]]:
    """(what, figure, what it means); none where a number decided, as the picture says."""
    if by_number(c):  # sums that decided nothing would only contradict what did
        return []
    told = figures(c)
    out = [
        (
            "起点",
            signed(told.prior),
            f"什么都没比之前，某一人选就是{sides_of(c)[0]}所登的人，与各人选都不是之比，{_odds(c.prior)}：人数越多，"
            "同一数据中已找到本人的记录越少，起点越低",
        ),
        ("各项信息之和", signed(told.weight), "上表“分量”一栏相加"),
        (
            "合计",
            signed(told.total),
            f"只看这{'两条记录' if c.weighed else '一对'}：是同一人与不是同一人之比，{_odds(c.prior + c.weight)}",
        ),
    ]
    if c.weighed:
        out.append(("比对所用的分量", signed(c.weighed.weight), weighed_words(c.weighed)))
        out.append(("比对所用的合计", signed(told.decided), f"起点加这一分量：{_odds(c.prior + c.own_weight)}"))
    if c.probability is None:
        return [*out, ("可能性", "—", why_by_number(c))]
    if not _unsaid(c):
        aside = "，但未计最强的那一个：可能就是同一人" if shared(c) or both_may_hold(c) else ""
        needed = f"；认定须达{_needed(c.probability, thresholds[1])}" if thresholds else ""
        out.append(("可能性", c.likely, f"把这条记录的其他人选也考虑进去之后{aside}{needed}"))
    if c.beside:
        out.append(("其他人选", "—", "次一位与这一对是同一人的记录，或正待核对是否同一人，不算另有其人"))
    elif c.runner_up is None or told.runner_up is None:
        out.append(("其他人选", "没有", "比对中没有别的人选；没有共同查找线索的记录未作比对"))
    else:
        between = c.own_weight - c.runner_up
        compared = (
            "与这一对相同" if abs(between) < 0.05 else f"比这一对{'低' if between > 0 else '高'}{abs(between):.1f}"
        )
        likely = "" if c.rival_chance is None else f"，可能性{chance(c.rival_chance)}"
        who = f"。{_who(c.rival, masked)}{likely}" if c.rival else ""
        total = "比对所用的合计" if c.weighed else "合计"
        out.append(("最强的其他人选", signed(told.runner_up), f"{total}，{compared}{who}"))
    if c.third:
        out.append(("共同的第三条记录", "", _who(c.third, masked)))
    return out


def _needed(probability: float, link_at: float) -> str:
    """The threshold, with as many digits as the probability has that does not reach it."""
    places = decimals(probability, link_at)
    return chance(link_at) if places == 1 else f"{link_at:.{places}%}"


def _who(other: Other, masked: bool) -> str:
    """Somebody else in a line: where the record stands, and what tells who it is."""
    return f"{place(other.record)}：{'，'.join(v for v in who_of(other, masked) if v)}"


def _odds(bits: float) -> str:
    ratio = 2 ** min(abs(bits), 60)
    if ratio >= 100_000_000:
        text = "一亿以上"
    elif ratio >= 10_000:
        text = f"约{ratio / 10_000:,.0f}万"
    else:
        text = f"约{ratio:,.0f}" if ratio >= 10 or ratio < 1.05 else f"约{ratio:.1f}"
    return f"{text}比1" if bits >= 0 else f"1比{text}"
