"""The waterfall of a pair as bars beside the rows of a table: where each begins and ends, in parts of the width.

The steps are those of `audit explain`'s picture; only the drawing differs, for a page has to stand there at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log2

from pipeline.linkage.compared import Compared
from pipeline.linkage.explain.waterfall import Step, steps

WIDTH = 300.0  # of the drawing, in its own units
_MOST = 40.0  # bits: odds beyond them would only push the rest of the picture together
_TONES = {"起点与合计": "sum", "支持是同一人": "for", "反对是同一人": "against", "其他人选": "rival"}


@dataclass(frozen=True)
class Bar:
    """One bar: `x` and `width` in the drawing; `enter`, `leave`: where the lines from and to its neighbours stand."""

    label: str
    shown: str
    tone: str
    x: float
    width: float
    enter: float | None
    leave: float | None


@dataclass(frozen=True)
class Bars:
    """A waterfall: `zero` = where the odds are even; `link_at` = from where on the model links; `first` (prior), the
    fields' own bars, `last` (sums, rival).
    """

    zero: float
    link_at: float | None
    first: Bar
    by_field: dict[str, Bar]
    last: tuple[Bar, ...]


def bars(c: Compared, link_at: float | None = None) -> Bars:
    """The bars of a pair. `link_at`: the model's threshold (a probability), for a pair that it weighed."""
    found = steps(c)
    line = log2(link_at / (1 - link_at)) if link_at and 0 < link_at < 1 and c.probability is not None else None
    ends = [_clip(v) for s in found for v in (s.start, s.end)] + ([] if line is None else [line])
    low, high = floor(min([0.0, *ends]) - 1), ceil(max([0.0, *ends]) + 1)

    def x(bits: float) -> float:
        return round((_clip(bits) - low) / (high - low) * WIDTH, 1)

    def bar(n: int, s: Step) -> Bar:
        one, other = sorted((x(s.start), x(s.end)))
        tone = _TONES[s.kind]
        linked = n > 0 and tone != "rival"
        goes_on = n + 1 < len(found) and _TONES[found[n + 1].kind] != "rival"
        enters = s.end if tone == "sum" else s.start
        return Bar(s.label, s.shown, tone, one, max(round(other - one, 1), 1.0),
                   x(enters) if linked else None, x(s.end) if goes_on else None)  # fmt: skip

    drawn = [bar(n, s) for n, s in enumerate(found)]
    told = [f.field for f in c.fields if f.level is not None]
    return Bars(
        x(0),
        None if line is None else x(line),
        drawn[0],
        dict(zip(told, drawn[1:], strict=False)),
        tuple(drawn[1 + len(told) :]),
    )


def _clip(bits: float) -> float:
    return min(max(bits, -_MOST), _MOST)
