"""The page's charts: Altair declarations drawn as SVG without a browser. Counts only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl

from pipeline.chart_image import FAINT, INK, SOFT, svg
from pipeline.publish.figures import Row
from pipeline.publish.quality import BIN, Bar
from pipeline.publish.words import CATEGORIES, OPEN, STATUSES

COLOURS: dict[str, str] = {
    "ineligible": "#A8483B",
    "missing": "#D09A3A",
    "payment": "#2F6688",
    "care": "#5E8F72",
    "data": "#7C8794",
    "archive": "#B7AFA3",
}


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
    return svg(chart, "各镇街疑点数，按类别分段")


def weights(bars: Sequence[Bar], width: int = 900) -> str:
    """Modelled pairs by the weight of their evidence, those left to a person in another colour."""
    names = ("认定为同一人", "待人工比对")
    data = [
        {"at": b.at, "to": b.at + BIN, "decision": name, "order": i, "n": n}
        for b in bars
        for i, (name, n) in enumerate(zip(names, (b.link, b.review), strict=True))
    ]
    colour = alt.Color(
        "decision:N",
        title=None,
        scale=alt.Scale(domain=list(names), range=[COLOURS["payment"], COLOURS["missing"]]),
        legend=alt.Legend(orient="top", symbolType="square"),
    )
    ticks = [b.at for b in bars] + [bars[-1].at + BIN]
    title = "证据的分量（每加1，是同一人与不是同一人之比翻一倍）"
    scale = alt.Scale(domain=[ticks[0], ticks[-1]], nice=False)
    axis = _grid(grid=False, values=ticks, tickCount=len(ticks) + 1)  # a count below would thin the values
    chart = (
        _base(data, width, 190)
        .mark_bar(stroke="white", strokeWidth=1)
        .encode(
            x=alt.X("at:Q", bin="binned", title=title, axis=axis, scale=scale),
            x2="to:Q",
            y=alt.Y("n:Q", title="对", stack="zero", axis=_grid(titleAngle=0)),
            color=colour,
            order=alt.Order("order:Q"),
        )
    )
    return svg(chart, "比对结果按证据分量的分布")


_STATES = {status: STATUSES[status] for status in OPEN}
_STATE_COLOURS = ("#A8483B", "#9AA5B1", "#D09A3A")


def history(months: Sequence[str], by_status: Mapping[tuple[str, str], int], width: int = 900) -> str:
    """Open findings month by month, stacked by state."""
    data = [
        {"month": month, "state": zh, "order": i, "n": by_status.get((status, month), 0)}
        for month in months
        for i, (status, zh) in enumerate(_STATES.items())
    ]
    chart = (
        _base(data, width, 220)
        .mark_bar(width={"band": 0.6})
        .encode(
            x=alt.X("month:N", title=None, sort=list(months), axis=_labels(labelAngle=0)),
            y=alt.Y("sum(n):Q", title=None, axis=_grid()),
            color=alt.Color(
                "state:N", title=None, sort=list(_STATES.values()),
                scale=alt.Scale(domain=list(_STATES.values()), range=list(_STATE_COLOURS)),
                legend=alt.Legend(orient="top", labelColor=INK, labelFontSize=12, symbolType="square"),
            ),
            order=alt.Order("order:Q"),
        )
    )  # fmt: skip
    return svg(chart, "各月待核实疑点数，按状态分段")


def _base(data: list[dict[str, Any]], width: int, height: int) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=data)).properties(width=width, height=height)


def _largest(data: list[dict[str, Any]], key: str) -> list[str]:
    """The values of `key` by their sum, largest first; ties in the order given, so that the drawing never changes."""
    frame = pl.DataFrame(data) if data else pl.DataFrame({key: [], "n": []})
    sums = (
        frame.group_by(key, maintain_order=True).agg(pl.col("n").sum()).sort("n", descending=True, maintain_order=True)
    )
    return [str(value) for value in sums[key].to_list()]


def _grid(**more: Any) -> alt.Axis:
    look: dict[str, Any] = {
        "grid": True, "gridColor": FAINT, "domain": False, "ticks": False, "labelColor": SOFT, "tickMinStep": 1,
        "tickCount": 5, "format": ",d", "titleColor": SOFT, "titleFontWeight": "normal", "titlePadding": 8,
    }  # fmt: skip
    return alt.Axis(**(look | more))


def _labels(**more: Any) -> alt.Axis:
    return alt.Axis(domain=False, ticks=False, labelColor=INK, labelPadding=6, labelLimit=220, labelFontSize=12, **more)


def _categories() -> alt.Color:
    return alt.Color(
        "category:N",
        title=None,
        scale=alt.Scale(domain=list(CATEGORIES.values()), range=list(COLOURS.values())),
        legend=alt.Legend(orient="top", symbolType="square", columns=6, columnPadding=10),
    )
