"""The Chinese words of everything published, and the small texts made from a record's place or number."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.record_words import CATEGORIES as CATEGORIES
from pipeline.record_words import CONFIDENCES as CONFIDENCES
from pipeline.record_words import DECISIONS as DECISIONS
from pipeline.record_words import NOT_EXAMINED as NOT_EXAMINED
from pipeline.record_words import OPEN as OPEN
from pipeline.record_words import SEVERITIES as SEVERITIES
from pipeline.record_words import STATES as STATES
from pipeline.record_words import STATUSES as STATUSES
from pipeline.record_words import TIERS as TIERS
from pipeline.record_words import UNKNOWN_TOWN as UNKNOWN_TOWN
from pipeline.record_words import chance as chance
from pipeline.record_words import each_place as each_place
from pipeline.record_words import part as part
from pipeline.record_words import place as place
from pipeline.record_words import places as places

SCREENED = "疑似漏保（有排除情形）"
HELD = "疑似漏保（待比对）"
REVIEW = "待人工比对"
FILED = "镇街待核"  # rows that a town sent under no town of the county
SHARED = "另一镇街主办"  # findings of another town about people on this one's rosters too
NOT_RUN_KINDS: dict[str, str] = {"rule": "规则", "check": "检查"}

_FORMULA_LIKE = re.compile(r"[=+\-@\x00-\x1f\x7f]")
_SHORT = 10  # hex digits of a finding's short number: long enough for 50,000, short enough for the telephone


def formula_like(text: str) -> bool:
    """Whether a spreadsheet could take the text for a formula or command."""
    return bool(_FORMULA_LIKE.match(text))


def month_zh(month: str) -> str:
    """'2022-10' → '2022年10月'; anything else as it is."""
    year, _, number = month.partition("-")
    return f"{year}年{int(number)}月" if year.isdigit() and number.isdigit() else month


def few(x: float) -> str:
    """A small expected number: one decimal below ten, none above; never a nought that is none."""
    if x == 0:
        return "0"
    return "不到0.1" if x < 0.1 else f"{x:.1f}" if x < 10 else f"{x:,.0f}"


def short_numbers(fingerprints: Iterable[str]) -> dict[str, str]:
    """Fingerprint → the short number a sheet shows: its first digits in capitals, all of them where two would clash."""
    out: dict[str, str] = {}
    taken: dict[str, list[str]] = {}
    for fingerprint in fingerprints:
        out[fingerprint] = fingerprint[:_SHORT].upper()
        taken.setdefault(out[fingerprint], []).append(fingerprint)
    for clash in taken.values():
        if len(set(clash)) > 1:
            out |= {fingerprint: fingerprint.upper() for fingerprint in clash}
    return out


def numbered(sentences: list[str]) -> str:
    """Several sentences in one cell, each on a line of its own with its number; one stays as it is."""
    if len(sentences) == 1:
        return sentences[0]
    return "\n".join(f"{i}. {text}" for i, text in enumerate(sentences, 1))
