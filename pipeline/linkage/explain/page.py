"""The explanation as one Chinese page: offline, printable, both records side by side. For the analyst's own eyes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.contract import scheme_zh
from pipeline.errors import BadInput
from pipeline.linkage.compared import Compared, FieldCompared
from pipeline.linkage.explain.differences import marks, pieces
from pipeline.linkage.explain.sentences import sentence
from pipeline.linkage.explain.waterfall import Thresholds, waterfall_png, waterfall_svg
from pipeline.linkage.explain.wording import field_zh, level_zh, signed
from pipeline.record_words import DECISIONS, TIERS, chance, mask, place

_HERE = Path(__file__).parent
_MASKED = frozenset({"id", "phone", "account"})
_SUFFIXES = (".html", ".svg", ".png")


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
        f"an explanation is not written as '{suffix}'", remedy=f"name the file with one of {', '.join(_SUFFIXES)}"
    )


def _content(c: Compared, masked: bool, thresholds: Thresholds | None) -> dict[str, Any]:
    return {
        "sides": [
            (scheme_zh(dataset), place(record))
            for dataset, record in ((c.left_dataset, c.left), (c.right_dataset, c.right))
        ],
        "decision": c.decision,
        # what speaks for no link is most often too little evidence, not evidence against
        "verdict": "证据不足，不认定" if c.decision == "reject" and c.reason == "below" else DECISIONS[c.decision],
        "chance": None if c.probability is None else chance(c.probability),
        "tier": TIERS.get(c.tier, c.tier),
        "sentence": sentence(c, masked=masked),
        "rows": [_row(f, masked) for f in c.fields],
        "marks": {mark for f in c.fields for side in marks(f) for mark in side},
        # drawn by the charting library, which escapes the texts it is given
        "picture": Markup(waterfall_svg(c, thresholds)),
        "silent": [field_zh(f.field) for f in c.fields if f.level is None],
        "sums": _sums(c),
        "masked": masked,
    }  # fmt: skip


def _row(f: FieldCompared, masked: bool) -> dict[str, Any]:
    of = marks(f)
    shown = [mask(v) if masked and f.field in _MASKED else v or "" for v in (f.left, f.right)]
    return {
        "field": field_zh(f.field),
        "number": f.field in _MASKED or f.field == "birth",
        "cells": [pieces(text, side) for text, side in zip(shown, of, strict=True)],
        "level": level_zh(f.field, f.level) if f.level is not None else "不计入" if all(shown) else "没有信息",
        "weight": "" if f.level is None else signed(f.weight),
        "against": f.level is not None and f.weight < 0,
    }


def _sums(c: Compared) -> list[tuple[str, str, str]]:
    """(what, figure, what it means)."""
    total = c.prior + c.weight
    out = [
        ("起点", signed(c.prior), "不看任何信息时，任意两条记录是同一人的分量"),
        ("各项信息之和", signed(c.weight), "上表“分量”一栏相加"),
        ("合计", signed(total), f"是同一人与不是同一人之比，{_odds(total)}"),
    ]
    if c.probability is not None:
        out.append(("可能性", chance(c.probability), "与同一条记录的其他人选比较之后"))
        if c.runner_up is None:
            out.append(("排第二的人选", "没有", "没有别的记录与之相近"))
        else:
            between = c.weight - c.runner_up
            compared = "与这一对相同"
            if abs(between) >= 0.05:
                compared = f"比这一对{'低' if between > 0 else '高'}{abs(between):.1f}"
            where = f"；见{place(c.rival)}" if c.rival else ""
            out.append(("排第二的人选", signed(c.runner_up), f"各项信息之和，{compared}{where}"))
    else:
        out.append(("可能性", "—", "由身份证号直接判定，不按分量计算"))
    return out


def _odds(bits: float) -> str:
    ratio = 2 ** min(abs(bits), 60)
    if ratio >= 100_000_000:
        text = "一亿以上"
    elif ratio >= 10_000:
        text = f"约{ratio / 10_000:,.0f}万"
    else:
        text = f"约{ratio:,.0f}" if ratio >= 10 else f"约{ratio:.1f}"
    return f"{text}比1" if bits >= 0 else f"1比{text}"
