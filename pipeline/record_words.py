"""How a finding's state, a record, its numbers and a link are put into Chinese, wherever a person reads them."""

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
NOT_EXAMINED = "not_examined"  # of the month before, and this month could not say whether it is still so
STATES: dict[str, str] = STATUSES | {NOT_EXAMINED: "未核查"}
TIERS: dict[str, str] = {
    "exact_id": "证件号一致",
    "repaired_id": "证件号修正后一致",
    "probabilistic": "姓名等信息综合比对",
    "household": "家庭成员印证",
}
COUNTY_WIDE = "全县"
UNKNOWN_TOWN = "未知镇街"  # where rows stand whose town is blank or not on the list
_LINK_AT = 0.999026  # the probability from which the model that comes with the program links
DECISIONS: dict[str, str] = {"link": "同一人", "review": "待人工比对", "reject": "不是同一人"}

_HARMLESS = re.compile(r"[=0-9０-９年月日时分号元万千亿￥¥$%.,，。:：/\\~～Ee+*#?？!×√\-— ]{0,40}")
_LONG_DIGITS = re.compile(r"[0-9０-９]{9}")
_ROWS = re.compile(r"(.*)第([0-9]+(?:、[0-9]+)+)行", re.DOTALL)


def veiled(text: str | None) -> str:
    """A cell that could not be read, fit to be shown: dates, amounts and marks as they are, of all else the first sign.

    What stands in a wrong column may be anybody's name or number.
    """
    text = text or ""
    if _HARMLESS.fullmatch(text) and not _LONG_DIGITS.search(text):
        return text
    return f"{text[0]}…（共{len(text)}字）"


def place(record_id: str | None) -> str:
    """'低保/低保_长来镇.xlsx#名册#12' → '低保_长来镇.xlsx〔名册〕第12行'; text and Parquet files have no sheet."""
    if not record_id:
        return ""
    parts = record_id.rsplit("#", 2)
    if len(parts) != 3:
        return record_id
    file, sheet, row = parts
    return f"{file.rpartition('/')[2]}{'' if sheet in ('', '-') else f'〔{sheet}〕'}第{row}行"


def places(record_ids: Iterable[str]) -> list[str]:
    """The places of several records in the order met, a line a file and sheet: '医保.xlsx〔往年〕第12、30行'."""
    rows: dict[str, list[str]] = {}
    for text in dict.fromkeys(place(r) for r in record_ids):
        where, mark, row = text.rpartition("第")
        rows.setdefault(where + mark or text, []).append(row.removesuffix("行") if mark else "")
    return [f"{where}{'、'.join(found)}行" if found[0] else where for where, found in rows.items()]


def each_place(text: str) -> list[str]:
    """What `places` wrote, lines or one: every single place again."""
    out = []
    for line in text.split("\n"):
        several = _ROWS.fullmatch(line.strip())
        out += [f"{several[1]}第{row}行" for row in several[2].split("、")] if several else [line.strip()]
    return [p for p in out if p]


def part(x: float) -> str:
    """A part of 1 in per cent, without idle zeros: 0.98 → '98%', 0.0215 → '2.2%'."""
    return f"{100 * x:.1f}".removesuffix(".0") + "%"


def decimals(probability: float, edge: float) -> int:
    """With how many decimals of a per cent a probability below `edge` is seen to be; 1 for any other."""
    if not 0.985 <= probability < edge:
        return 1
    return next((n for n in range(1, 5) if round(probability, n + 2) < round(edge, n + 2)), 4)


def chance(probability: float, edge: float = _LINK_AT) -> str:
    """A probability in per cent: one decimal near 0 and 1, and never 0 % or 100 %; more where it would be rounded up to
    `edge`, from which a pair is linked.
    """
    if (near := decimals(probability, edge)) > 1:
        return f"{probability:.{near}%}"
    if probability >= 0.9995:
        return "99.9%以上"
    if probability < 0.0005:
        return "不到0.1%"
    return f"{probability:.1%}" if probability >= 0.985 or probability < 0.015 else f"{probability:.0%}"
