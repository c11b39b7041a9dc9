"""The county's workbook over the months: open findings by rule and by town, time to settle, how many hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.contract import TOWNS
from pipeline.publish.figures import Row
from pipeline.publish.publication import Publication
from pipeline.publish.sheets import Col, Sheet
from pipeline.publish.words import CATEGORIES, UNKNOWN_TOWN

ABOUT: tuple[tuple[str, str], ...] = (
    ("历月疑点", "近13个月每类疑点的待核实数，办结用时，核实后属实的比例"),
    ("历月镇街", "近13个月每个镇街的待核实数"),
)


def trend_sheets(pub: Publication, head: str, rules: Sequence[Row]) -> list[Sheet]:
    """Both sheets; none in the first month."""
    if pub.trends is None:
        return []
    return [_rules(pub, head, rules), _towns(pub, head)]


def _rules(pub: Publication, head: str, rules: Sequence[Row]) -> Sheet:
    t = pub.trends
    assert t is not None
    columns = (
        Col("序号", 5, "centre"), Col("类别", 14), Col("疑点类型", 24),
        *(Col(m, 8, "count", heat=True) for m in t.months),
        Col("已办结", 8, "count"), Col("办结用时（月）", 14, "count"), Col("已核实", 8, "count"),
        Col("属实", 8, "count"), Col("属实比例", 9, "percent"),
    )  # fmt: skip
    known = {r.id for r in rules}
    gone = sorted({rule for rule, _ in t.by_rule if rule not in known})
    named = [(CATEGORIES[r.category], r.title, r.id) for r in rules]
    named += [("本月没有运行", pub.titles.get(rule, rule), rule) for rule in gone]
    rows: list[tuple[Any, ...]] = []
    for i, (category, title, rule) in enumerate(named, 1):
        done, took = t.settled.get(rule, (0, None))
        held, judged = t.held(rule)
        counts = [t.by_rule.get((rule, m), 0) for m in t.months]
        share = held / judged if judged else None
        rows.append((i, category, title, *counts, done, took, judged, held, share))
    last = 3 + len(t.months)
    counted = (*range(3, last + 1), last + 2, last + 3)
    sums = ("", "合计", "", *(sum(row[c] for row in rows) if c in counted else None for c in range(3, last + 5)))
    remark = (
        "各月待核实数。办结＝已消除或已核实排除，用时为中位数，自首次发现的月份起。"
        "属实比例＝属实和已整改的，占已有结论的。"
    )
    return Sheet("历月疑点", f"{head}　历月疑点", columns, [*rows, sums], remark, total_rows=1, freeze_columns=3)


def _towns(pub: Publication, head: str) -> Sheet:
    t = pub.trends
    assert t is not None
    columns = (Col("序号", 5, "centre"), Col("镇街", 14), *(Col(m, 8, "count", heat=True) for m in t.months))
    counts: dict[tuple[str, str], int] = {}
    for (town, month), n in t.by_town.items():
        place = town if town in TOWNS else UNKNOWN_TOWN
        counts[place, month] = counts.get((place, month), 0) + n
    names = [*TOWNS, *([UNKNOWN_TOWN] if any(town == UNKNOWN_TOWN for town, _ in counts) else [])]
    rows: list[tuple[Any, ...]] = [
        (i, town, *(counts.get((town, m), 0) for m in t.months)) for i, town in enumerate(names, 1)
    ]
    sums = ("", "合计", *(sum(row[c] for row in rows) for c in range(2, 2 + len(t.months))))
    return Sheet(
        "历月镇街", f"{head}　历月镇街", columns, [*rows, sums], "各月待核实数。", total_rows=1, freeze_columns=2
    )
