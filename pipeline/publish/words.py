"""The Chinese words of everything published, and the small texts made from a record's place or number."""

from __future__ import annotations

import re
from collections.abc import Iterable

CATEGORIES: dict[str, str] = {
    "ineligible": "疑似不符合条件",
    "missing": "疑似漏保",
    "payment": "资金发放",
    "care": "护理照料",
    "data": "数据缺项",
    "archive": "档案缺件",
}
SCREENED = "疑似漏保（有排除情形）"
REVIEW = "待人工比对"
SEVERITIES: dict[str, str] = {"high": "高", "medium": "中", "low": "低"}
CONFIDENCES: dict[str, str] = {"certain": "确定", "probable": "可能"}
STATUSES: dict[str, str] = {
    "new": "新增",
    "continuing": "延续",
    "reopened": "复发",
    "resolved": "已消除",
    "dismissed": "已排除",
}
OPEN: tuple[str, ...] = ("new", "continuing", "reopened")  # what a town still has to answer
TIERS: dict[str, str] = {
    "exact_id": "证件号一致",
    "repaired_id": "证件号修正后一致",
    "probabilistic": "姓名等信息综合比对",
    "household": "家庭成员印证",
}
DECISIONS: dict[str, str] = {"link": "同一人", "review": "待人工比对", "reject": "不是同一人"}
UNKNOWN_TOWN = "未知镇街"

_FORMULA_LIKE = re.compile(r"[=+\-@\x00-\x1f\x7f]")
_SHORT = 10  # hex digits of a finding's short number: long enough for 50,000, short enough for the telephone


def formula_like(text: str) -> bool:
    """Whether a spreadsheet could take the text for a formula or command."""
    return bool(_FORMULA_LIKE.match(text))


def month_zh(month: str) -> str:
    """'2022-10' → '2022年10月'; anything else as it is."""
    year, _, number = month.partition("-")
    return f"{year}年{int(number)}月" if year.isdigit() and number.isdigit() else month


def mask(id_number: str | None) -> str:
    """An ID number with its birth date and sequence hidden: first six and last four stay of 15 digits or more."""
    text = id_number or ""
    if len(text) >= 15:
        return text[:6] + "*" * (len(text) - 10) + text[-4:]
    return text[:1] + "*" * max(len(text) - 2, 0) + text[-1:] if len(text) > 2 else "*" * len(text)


def place(record_id: str | None) -> str:
    """'低保/低保_长来镇.xlsx#名册#12' → '低保_长来镇.xlsx〔名册〕第12行'; text and Parquet files have no sheet."""
    if not record_id:
        return ""
    parts = record_id.rsplit("#", 2)
    if len(parts) != 3:
        return record_id
    file, sheet, row = parts
    return f"{file.rpartition('/')[2]}{'' if sheet in ('', '-') else f'〔{sheet}〕'}第{row}行"


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
