"""The weights behind a link, field by field, as a small drawing: what speaks for one person and what against.

Drawn by hand rather than by the charting library: a page of pairs shows hundreds, and each is a few bars. The whole
picture of one pair, with its rivals and thresholds, is `audit explain` (pipeline/linkage/explain/waterfall.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.explain.wording import field_zh, level_zh, pattern_levels, signed

_LABEL, _WIDTH, _BESIDE, _ROW = 250, 260, 52, 20  # px: texts, bars, figures beside them, a line's height
_TRIFLE = 0.05  # bits that no line is worth


@dataclass(frozen=True)
class Weights:
    """field → level → bits, of the model that a run used."""

    bits: tuple[tuple[str, tuple[tuple[str, float], ...]], ...] = ()

    @classmethod
    def of(cls, engine: DuckEngine) -> Weights:
        """What linkage left in `link_level`; without that table, nothing."""
        if not engine.exists("link_level"):
            return cls()
        found: dict[str, list[tuple[str, float]]] = {}
        for name, level, bits in engine.rows("SELECT field, level, weight FROM link_level ORDER BY ALL").iter_rows():
            found.setdefault(name, []).append((level, bits))
        return cls(tuple((name, tuple(levels)) for name, levels in found.items()))

    def as_map(self) -> Mapping[str, Mapping[str, float]]:
        return {name: dict(levels) for name, levels in self.bits}


@dataclass(frozen=True)
class Bar:
    """One line: what is said, from where to where it goes (bits), whether it is a sum."""

    label: str
    start: float
    end: float
    total: bool = False


def bars(pattern: str | None, weight: float | None, weights: Weights) -> list[Bar]:
    """The fields that say anything, what the sum holds beside them, and the sum. [] where no model weighed the pair."""
    of = weights.as_map()
    if weight is None or not of:
        return []
    at, out = 0.0, []
    for name, level in pattern_levels(pattern).items():
        bits = of.get(name, {}).get(level or "")
        if bits is not None:
            out.append(Bar(f"{field_zh(name)}：{level_zh(name, level or '')}", at, at + bits))
            at += bits
    if abs(weight - at) >= _TRIFLE:
        out.append(Bar("其他（如姓名是否常见）", at, weight))
    return [*out, Bar("合计", 0.0, weight, total=True)]


@lru_cache(maxsize=4096)
def picture(pattern: str | None, weight: float | None, weights: Weights) -> str:
    """The drawing as an SVG element with classes `for`, `against` and `sum`; '' where there is nothing to draw."""
    lines = bars(pattern, weight, weights)
    if not lines:
        return ""
    low = min(0.0, *(min(b.start, b.end) for b in lines))
    high = max(0.0, *(max(b.start, b.end) for b in lines))
    unit = _WIDTH / max(high - low, 1.0)
    total_width, height = _LABEL + _WIDTH + _BESIDE, _ROW * len(lines) + 2
    told = "；".join(f"{b.label} {signed(b.end - b.start)}" for b in lines)
    out = [
        f'<svg role="img" aria-label="各项信息的证据分量：{escape(told)}" width="{total_width}" height="{height}" '
        f'viewBox="0 0 {total_width} {height}">'
    ]
    zero = _LABEL + (0 - low) * unit
    out.append(f'<path class="zero-line" d="M{zero:.1f} 0V{height}"/>')
    for i, bar in enumerate(lines):
        left, right = (_LABEL + (v - low) * unit for v in sorted((bar.start, bar.end)))
        kind = "sum" if bar.total else "for" if bar.end >= bar.start else "against"
        middle = i * _ROW + _ROW * 0.7
        out.append(
            f'<text x="{_LABEL - 8}" y="{middle:.1f}" text-anchor="end">{escape(_short(bar.label))}</text>'
            f'<rect class="{kind}" x="{left:.1f}" y="{i * _ROW + 4}" width="{max(right - left, 1):.1f}" '
            f'height="{_ROW - 8}"/><text x="{right + 5:.1f}" y="{middle:.1f}">{signed(bar.end - bar.start)}</text>'
        )
    return "".join((*out, "</svg>"))


def _short(label: str, most: int = 20) -> str:
    return label if len(label) <= most else label[: most - 1] + "…"
