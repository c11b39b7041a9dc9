"""Charts drawn without a browser: an Altair declaration as an SVG element or a PNG, with fonts for Chinese."""

from __future__ import annotations

import re
from html import escape
from typing import Any

import altair as alt
import vl_convert

FONTS = "'Source Han Sans SC','Noto Sans CJK SC','Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei',sans-serif"
INK, SOFT, FAINT = "#334155", "#64748B", "#E3E8EE"
# Texts are measured in this font where it is there, in the next ones elsewhere.
_MEASURED = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, WenQuanYi Micro Hei, sans-serif"

Chart = alt.Chart | alt.LayerChart | alt.FacetChart


def svg(chart: Chart, label: str) -> str:
    """The chart as one SVG element that scales with the page and tells its name to a screen reader."""
    drawn = str(vl_convert.vegalite_to_svg(_finished(chart, background="transparent", padding=2)))
    # what the library says to screen readers of each mark would have to be said in words; the whole has a label
    drawn = re.sub(r' (?:role|aria-roledescription)="[^"]*"', "", drawn)
    drawn = re.sub(r'font-family="[^"]*"', f'font-family="{FONTS}"', drawn)
    # names of clip paths must differ between the charts of one page
    mark = f"{abs(sum(ord(ch) * i for i, ch in enumerate(label, 1))):x}"
    drawn = re.sub(r'(id="|url\(#)(?=\w)', rf"\g<1>c{mark}-", drawn)
    return re.sub(r"<svg ", f'<svg role="img" aria-label="{escape(label)}" ', drawn, count=1)


def png(chart: Chart) -> bytes:
    """The chart as a PNG on white, two pixels a point: sharp in print at the size it is drawn for."""
    return bytes(vl_convert.vegalite_to_png(_finished(chart, background="white", padding=16), scale=2))


def _finished(chart: Chart, **look: Any) -> dict[str, Any]:
    return dict(chart.configure(font=_MEASURED, aria=False, **look).configure_view(stroke=None).to_dict())
