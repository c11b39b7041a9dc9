"""The weights of a pair as a waterfall: from the prior, field by field up or down, to the total."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log2
from typing import Any

import altair as alt

from pipeline.chart_image import FAINT, INK, SOFT, Chart, png, svg
from pipeline.linkage.compared import Compared
from pipeline.linkage.explain.verdicts import by_number, gave_way, shared, why_by_number
from pipeline.linkage.explain.wording import field_zh, figures, level_of, says_nothing, signed

# Okabe and Ito's blue and vermilion, told apart by every common colour vision; in grey print one is darker, and every
# bar carries its sign.
_SUMS, _RIVAL = "起点与合计", "其他人选"
_COLOURS = {_SUMS: "#4B5563", "支持是同一人": "#0072B2", "反对是同一人": "#D55E00", _RIVAL: "#AEB7C2"}
_AXIS = "证据的分量（每加1，是同一人与不是同一人之比翻一倍；越往右越像同一人）"
_ASIDE = "，下列分量只供参考"
_TOTAL = "：合计"
_ROW = 30
_MOST = 64.0  # bits: no evidence comes to more; a figure beyond would push the rest of the picture together

Thresholds = tuple[float, float]  # review_at, link_at: probabilities


@dataclass(frozen=True)
class Step:
    """One bar: its label, where it begins and ends (log2 odds), what it says beside it, its kind."""

    label: str
    start: float
    end: float
    shown: str
    kind: str


def steps(c: Compared) -> list[Step]:
    """Prior, fields that say anything, total, next best candidate's total; bits. No total where a number decided.

    Where linkage weighed all records of the two persons, what those add to or take from these two goes before the
    rivals' share: pair and rival are measured alike.
    """
    told = figures(c)
    out = [Step("起点：不看任何信息", 0.0, told.prior, signed(told.prior), _SUMS)]
    at = told.prior
    for f in c.fields:
        bits = told.fields.get(f.field)
        if bits is not None and not says_nothing(f):
            kind = "支持是同一人" if bits >= 0 else "反对是同一人"
            out.append(Step(f"{field_zh(f.field)}：{level_of(f)}", at, at + bits, signed(bits), kind))
            at += bits
    if by_number(c):
        return out
    at = told.total
    out.append(Step("合计", 0.0, at, signed(at), _SUMS))
    if more := round(told.decided - at, 1):
        kind = "支持是同一人" if more > 0 else "反对是同一人"
        out.append(Step("两人的其他记录", at, told.decided, signed(more), kind))
        at = told.decided
        out.append(Step("比对所用的合计", 0.0, at, signed(at), _SUMS))
    if taken := _taken_by_rivals(c, at):
        out.append(Step("扣除：还有别的人选", at, at + taken, signed(taken), _RIVAL))
        out.append(Step("最后结果", 0.0, at + taken, signed(at + taken), _SUMS))
    if (rival := told.runner_up) is not None:
        label = f"{'最强的其他人选' if rival <= at else '更相符的人选'}{_TOTAL}"
        out.append(Step(label, 0.0, rival, signed(rival), _RIVAL))
    return out


def _taken_by_rivals(c: Compared, total: float) -> float:
    """Bits (negative) between the odds by evidence alone and those after the rivals had their share; 0 for a trifle.

    The share is read from the probability. A saved probability next to 0 or 1 is too coarse for that: next to 1 no
    rival matters, next to 0 the best rival's own odds tell.
    """
    if c.probability is None or c.runner_up is None or c.probability > 0.999:
        return 0.0
    best = -log2(1 + 2 ** min(c.prior + c.runner_up, 60.0))
    if best > -0.5 or (c.decision == "review" and shared(c)):  # a rival who may be the same person takes nothing
        return 0.0
    if c.probability < 0.001 or gave_way(c):
        return round(best, 1)
    return min(round(log2(c.probability / (1 - c.probability)), 1) - total, 0.0)


def waterfall_svg(c: Compared, thresholds: Thresholds | None = None) -> str:
    """The picture as one SVG element."""
    return svg(_chart(c, thresholds), "各项信息的证据分量")


def waterfall_png(c: Compared, thresholds: Thresholds | None = None) -> bytes:
    """The picture as a PNG on white."""
    return png(_chart(c, thresholds))


def _chart(c: Compared, thresholds: Thresholds | None) -> Chart:
    bars, lines = steps(c), _lines(c, thresholds)
    ends = [_clip(v) for s in bars for v in (s.start, s.end)] + [at for at, _, _ in lines]
    pad = (max(ends) - min(ends)) * 0.09 + 1
    x = alt.X("start:Q", title=_AXIS, axis=_axis(),
              scale=alt.Scale(domain=[floor(min(ends) - pad), ceil(max(ends) + pad)], nice=False))  # fmt: skip
    labels = alt.Axis(domain=False, ticks=False, labelColor=INK, labelFontSize=13, labelLimit=320, labelPadding=8)
    order = [s.label for s in bars]
    rows = alt.Y("label:N", title=None, sort=order, axis=labels, scale=alt.Scale(paddingInner=0.42, paddingOuter=0.3))
    base = alt.Chart(alt.InlineData(values=_data(bars))).encode(y=rows)
    kinds = [kind for kind in _COLOURS if any(s.kind == kind for s in bars)]
    legend = alt.Legend(
        orient="top", symbolType="square", labelColor=INK, labelFontSize=12, offset=40 if len(lines) > 1 else 24
    )
    scale = alt.Scale(domain=kinds, range=[_COLOURS[kind] for kind in kinds])
    colour = alt.Color("kind:N", title=None, scale=scale, legend=legend)
    layers = [base.mark_bar(cornerRadius=1).encode(x=x, x2="end:Q", color=colour)]
    # a thin line from a bar's end down to where the next begins
    steady = base.transform_filter("isValid(datum.next)")
    layers.append(steady.mark_rule(color=SOFT, strokeWidth=1).encode(x="end:Q", y2="next:N"))
    layers += [rule for at, text, align in lines for rule in _rule(at, text, align)]
    for side, align, dx in (("right", "left", 5), ("left", "right", -5)):
        numbers = base.transform_filter(f"datum.side == '{side}'").encode(x="end:Q", text="shown:N")
        style: dict[str, Any] = {"align": align, "dx": dx, "fontSize": 12}
        # a white edge under the figure keeps it readable where a line crosses
        layers.append(numbers.mark_text(**style, stroke="white", strokeWidth=7, strokeJoin="round"))
        layers.append(numbers.mark_text(**style, color=INK))
    aside = why_by_number(c) if c.probability is None else "由第三条记录认定" if c.reason == "through" else ""
    if c.weighed and not aside:
        aside = "比对按两个人的全部记录计算"
    else:
        aside += _ASIDE if aside else ""
    title = {"title": _title(aside)} if aside else {}
    return alt.layer(*layers, width=560, height=_ROW * len(bars), **title)


def _data(bars: list[Step]) -> list[dict[str, object]]:
    """The bars as the chart's rows; `next` = the row that the connecting line leads to."""
    out: list[dict[str, object]] = []
    for i, s in enumerate(bars):
        follower = bars[i + 1] if i + 1 < len(bars) else None
        leads = follower is not None and not follower.label.endswith(_TOTAL)
        out.append(
            {
                "label": s.label,
                "start": _clip(s.start),
                "end": _clip(s.end),
                "shown": s.shown,
                "kind": s.kind,
                "side": "left" if s.end < s.start else "right",
                "next": follower.label if follower is not None and leads else None,
            }
        )
    return out


def _axis() -> alt.Axis:
    return alt.Axis(
        grid=True, gridColor=FAINT, domain=False, ticks=False, labelColor=SOFT, titleColor=SOFT, tickMinStep=1,
        titleFontWeight="normal", titlePadding=8, tickCount=9,
        labelExpr="datum.value == 0 ? '0' : replace(format(datum.value, '+d'), '-', '−')",
    )  # fmt: skip


def _title(text: str) -> alt.TitleParams:
    return alt.TitleParams(text, anchor="start", fontSize=12, fontWeight="normal", color=SOFT, offset=4)


def _lines(c: Compared, thresholds: Thresholds | None) -> list[tuple[float, str, str]]:
    """(log2 odds, text, which way the text runs): where the odds are even, and the model's thresholds if it decided."""
    even = "各占一半"
    out = []
    if thresholds and c.probability is not None:
        named = zip(thresholds, ("待人工比对线 ", " 认定线"), ("right", "left"), strict=True)
        out = [(log2(p / (1 - p)), text, align) for p, text, align in named if 0 < p < 1]
        if out and abs(out[0][0]) < 0.05:  # one line, not two on top of each other
            even, out = "待人工比对线（各占一半）", out[1:]
    return [(0.0, even, "center"), *out]


def _rule(at: float, text: str, align: str) -> tuple[alt.Chart, alt.Chart]:
    base = alt.Chart(alt.InlineData(values=[{"at": at, "text": text}])).encode(x="at:Q")
    even = align == "center"
    line = base.mark_rule(color=INK, strokeWidth=1.2, strokeDash=[1, 0] if even else [5, 3])
    label: dict[str, Any] = {"align": align, "dy": -3 if even else -17, "baseline": "bottom"}
    return line, base.mark_text(**label, color=INK, fontSize=11).encode(y=alt.value(0), text="text:N")


def _clip(bits: float) -> float:
    return round(min(max(bits, -_MOST), _MOST), 3)
