"""The page's charts: Altair declarations drawn as SVG without a browser. Counts only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

import altair as alt
import polars as pl
import vl_convert

from pipeline.publish.figures import Row
from pipeline.publish.words import CATEGORIES, SEVERITIES

FONTS = "'Source Han Sans SC','Noto Sans CJK SC','Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei',sans-serif"
COLOURS: dict[str, str] = {
    "ineligible": "#A8483B",
    "missing": "#D09A3A",
    "payment": "#2F6688",
    "care": "#5E8F72",
    "data": "#7C8794",
    "archive": "#B7AFA3",
}
_SEVERITY_COLOURS = ("#A8483B", "#D09A3A", "#9AA5B1")
_INK, _FAINT = "#334155", "#E3E8EE"


def by_town(rows: Sequence[Row], towns: Sequence[str], width: int = 430) -> str:
    """Open findings of each town, stacked by category, the largest first."""
    data = [
        {"town": town, "category": zh, "order": i, "n": sum(r.towns.get(town, 0) for r in rows if r.category == c)}
        for town in towns
        for i, (c, zh) in enumerate(CATEGORIES.items())
    ]
    chart = (
        _base(data, width, 24 * len(towns))
        .mark_bar(height=15)
        .encode(
            x=alt.X("sum(n):Q", title=None, axis=_grid()),
            y=alt.Y("town:N", title=None, sort=_largest(data, "town"), axis=_labels()),
            color=_categories(),
            order=alt.Order("order:Q"),
        )
    )
    return _svg(chart, "各镇街疑点数，按类别分段")


def by_rule(rows: Sequence[Row], width: int = 400) -> str:
    """Open findings of each rule that found any, the largest first, coloured by category."""
    data = [{"rule": r.title, "category": CATEGORIES[r.category], "n": r.total} for r in rows if r.total]
    base = _base(data, width, max(24 * len(data), 24)).encode(
        x=alt.X("n:Q", title=None, axis=_grid()),
        y=alt.Y("rule:N", title=None, sort=_largest(data, "rule"), axis=_labels()),
    )
    text = base.mark_text(align="left", dx=4, color=_INK, fontSize=11).encode(text=alt.Text("n:Q", format=",d"))
    return _svg(base.mark_bar(height=15).encode(color=_categories()) + text, "各类疑点数")


def heat(rows: Sequence[Row], towns: Sequence[str], width: int = 900) -> str:
    """Town × rule, darker where there are more; a number in each cell that has any."""
    shown = [r for r in rows if r.total]
    data: list[dict[str, Any]] = [{"rule": r.title, "town": t, "n": r.towns.get(t, 0)} for r in shown for t in towns]
    top = max((max(r.towns.values()) for r in shown), default=1)
    base = _base(data, width, max(24 * len(shown), 24)).encode(
        x=alt.X("town:N", title=None, sort=list(towns), axis=_labels(orient="top", labelAngle=0)),
        y=alt.Y("rule:N", title=None, sort=[r.title for r in shown], axis=_labels()),
    )
    scale = alt.Scale(domain=[0, top], range=["#F6F8FA", "#F3DFC9", "#D9976B", "#9C3F33"], interpolate="lab")
    cells = base.mark_rect(stroke="white", strokeWidth=1.5).encode(color=alt.Color("n:Q", scale=scale, legend=None))
    dark = alt.condition(f"datum.n > {top * 0.6}", alt.value("white"), alt.value(_INK))
    numbers = base.mark_text(fontSize=11).encode(text=alt.Text("n:Q", format=",d"), color=dark)
    return _svg(cells + numbers.transform_filter("datum.n > 0"), "镇街与疑点类型对照")


def severity(counts: dict[tuple[str, str], int], width: int = 430) -> str:
    """Each category's open findings by severity."""
    data = [
        {"category": zh, "severity": name, "order": i, "n": counts.get((c, s), 0)}
        for c, zh in CATEGORIES.items()
        for i, (s, name) in enumerate(SEVERITIES.items())
    ]
    colour = alt.Color(
        "severity:N",
        title=None,
        scale=alt.Scale(domain=list(SEVERITIES.values()), range=list(_SEVERITY_COLOURS)),
        legend=alt.Legend(orient="top", symbolType="square"),
    )
    chart = (
        _base(data, width, 26 * len(CATEGORIES))
        .mark_bar(height=16)
        .encode(
            x=alt.X("sum(n):Q", title=None, axis=_grid()),
            y=alt.Y("category:N", title=None, sort=list(CATEGORIES.values()), axis=_labels()),
            color=colour,
            order=alt.Order("order:Q"),
        )
    )
    return _svg(chart, "各类别疑点按程度分")


def _base(data: list[dict[str, Any]], width: int, height: int) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=data)).properties(width=width, height=height)


def _largest(data: list[dict[str, Any]], key: str) -> list[str]:
    """The values of `key` by their sum, largest first; ties in the order given, so that the drawing never changes."""
    frame = pl.DataFrame(data) if data else pl.DataFrame({key: [], "n": []})
    sums = (
        frame.group_by(key, maintain_order=True).agg(pl.col("n").sum()).sort("n", descending=True, maintain_order=True)
    )
    return [str(value) for value in sums[key].to_list()]


def _grid() -> alt.Axis:
    return alt.Axis(
        grid=True,
        gridColor=_FAINT,
        domain=False,
        ticks=False,
        labelColor="#64748B",
        tickMinStep=1,
        tickCount=5,
        format=",d",
    )


def _labels(**more: Any) -> alt.Axis:
    return alt.Axis(
        domain=False, ticks=False, labelColor=_INK, labelPadding=6, labelLimit=220, labelFontSize=12, **more
    )


def _categories() -> alt.Color:
    return alt.Color(
        "category:N",
        title=None,
        scale=alt.Scale(domain=list(CATEGORIES.values()), range=list(COLOURS.values())),
        legend=alt.Legend(orient="top", symbolType="square", columns=6, columnPadding=10),
    )


def _svg(chart: alt.Chart | alt.LayerChart, label: str) -> str:
    """The chart as one SVG element that scales with the page and tells its name to a screen reader."""
    spec = chart.configure(font="Noto Sans CJK SC", background="transparent", aria=False, padding=2)
    spec = spec.configure_view(stroke=None)
    drawn = str(vl_convert.vegalite_to_svg(spec.to_json()))
    drawn = re.sub(r'font-family="[^"]*"', f'font-family="{FONTS}"', drawn)
    # names of clip paths must differ between the charts of one page
    mark = f"{abs(sum(ord(ch) * i for i, ch in enumerate(label, 1))):x}"
    drawn = re.sub(r'(id="|url\(#)(?=\w)', rf"\g<1>c{mark}-", drawn)
    return re.sub(r"<svg ", f'<svg role="img" aria-label="{escape(label)}" ', drawn, count=1)
