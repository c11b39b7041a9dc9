"""A town's findings as the lines of its sheets: who stands on which sheet, what is joined, in which order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.contract import TOWNS, scheme_zh
from pipeline.publish.publication import Publication
from pipeline.publish.sheets import Col
from pipeline.publish.words import (
    CATEGORIES,
    CONFIDENCES,
    OPEN,
    SCREENED,
    SEVERITIES,
    STATUSES,
    UNKNOWN_TOWN,
    numbered,
    place,
    short_numbers,
)

ANSWERS: tuple[str, ...] = ("属实", "不属实", "正在核实", "已整改")
COLUMNS: tuple[Col, ...] = (
    Col("序号", 4.5, "centre"),
    Col("疑点编号", 11.5, "id"),
    Col("村居", 7.5),
    Col("救助类别", 6, "centre"),
    Col("家庭编号", 10, "id"),
    Col("姓名", 7.5),
    Col("身份证号", 19.5, "id"),
    Col("疑点类型", 10.5),
    Col("程度", 4.5, "severity"),
    Col("把握", 4.5, "centre"),
    Col("疑点说明", 34),
    Col("依据", 15),
    Col("来源", 17),
    Col("首次发现", 8, "centre"),
    Col("状态", 5, "centre"),
    Col("镇核实结果", 9, "reply", choices=ANSWERS),
    Col("核实说明", 14, "reply"),
    Col("核实人/日期", 9, "reply"),
)
# The unknown town's workbook says what was written in place of a town.
COLUMNS_WITH_TOWN: tuple[Col, ...] = (*COLUMNS[:2], Col("镇街（原文）", 9), *COLUMNS[2:])

_SOURCES_SHOWN = 6
_RANK = {severity: i for i, severity in enumerate(SEVERITIES)}
_LEADS = """
SELECT f.fingerprint, f.rule_id, f.category, f.severity, f.confidence, f.scheme, f.town, f.village, f.household_no,
       f.name, f.id_number, f.record_id, f.screened, f.evidence, f.summary, f.basis, f.status, f.first_month, r.hukou_no
FROM findings f LEFT JOIN (
  SELECT id_number, min(hukou_no) AS hukou_no FROM household_register
  WHERE coalesce(status, '正常') = '正常' AND id_number IN (SELECT id_number FROM findings WHERE category = 'missing')
  GROUP BY id_number
) r ON f.category = 'missing' AND f.id_number = r.id_number
"""


@dataclass(frozen=True)
class Line:
    """One line of a sheet, standing for one finding or for several that are answered together."""

    cells: tuple[str, ...]  # COLUMNS from 疑点编号 to 状态
    town: str  # as written
    findings: int
    order: tuple[Any, ...]


def town_of(town: str | None) -> str:
    """The workbook a row belongs to: its town, or the one for rows whose town is not on the list."""
    return town if town in TOWNS else UNKNOWN_TOWN


def sheet_of(category: str, screened: bool | None) -> str:
    """The sheet's name. Screened leads have their own, so that a town visits the likely ones first."""
    return SCREENED if category == "missing" and screened else CATEGORIES[category]


def lines(pub: Publication) -> tuple[dict[str, dict[str, list[Line]]], dict[str, dict[str, int]]]:
    """(town → sheet → lines, sorted by severity, village, household; town → status → findings left out as settled).

    A household's leads of 疑似漏保 share a line, as do a person's gaps of data and a household's gaps of archive:
    each is one visit, one answer. Findings that are resolved or dismissed need no answer and stand in no sheet.
    """
    found = list(pub.engine.rows(_LEADS).iter_rows(named=True))
    short = short_numbers(f["fingerprint"] for f in found)
    sheets: dict[str, dict[str, dict[tuple[Any, ...], list[dict[str, Any]]]]] = {}
    settled: dict[str, dict[str, int]] = {}
    for f in found:
        town = town_of(f["town"])
        if f["status"] not in OPEN:
            counts = settled.setdefault(town, {})
            counts[f["status"]] = counts.get(f["status"], 0) + 1
            continue
        group = sheets.setdefault(town, {}).setdefault(sheet_of(f["category"], f["screened"]), {})
        group.setdefault(_together(f), []).append(f)
    titles = pub.titles
    return {
        town: {
            name: sorted((_line(group, titles, short) for group in groups.values()), key=lambda line: line.order)
            for name, groups in by_sheet.items()
        }
        for town, by_sheet in sheets.items()
    }, settled


def _together(f: dict[str, Any]) -> tuple[Any, ...]:
    """The key of findings that share a line."""
    household = (f["scheme"], f["household_no"])
    if f["category"] == "missing":
        if f["hukou_no"]:
            return ("register", f["hukou_no"])
        return household if f["household_no"] else ("person", f["id_number"] or f["record_id"] or f["fingerprint"])
    if f["category"] == "data" and f["record_id"]:
        return ("record", f["record_id"])
    if f["category"] in ("data", "archive") and f["household_no"]:
        return household
    return ("finding", f["fingerprint"])


def _line(group: list[dict[str, Any]], titles: dict[str, str], short: dict[str, str]) -> Line:
    group.sort(key=lambda f: (_RANK.get(f["severity"], 9), f["rule_id"], f["record_id"] or "", f["fingerprint"]))
    first = group[0]
    # a name and its number keep to the same line of their cells
    people = list(dict.fromkeys((f["name"] or "", f["id_number"] or "") for f in group if f["name"] or f["id_number"]))
    confidence = "certain" if any(f["confidence"] == "certain" for f in group) else "probable"
    cells = (
        _each(short[f["fingerprint"]] for f in group),
        _each(f["village"] for f in group),
        _each(scheme_zh(f["scheme"]) for f in group),
        _each(f["household_no"] for f in group),
        "\n".join(name for name, _ in people),
        "\n".join(number for _, number in people),
        _each(titles.get(f["rule_id"], f["rule_id"]) for f in group),
        SEVERITIES.get(first["severity"], first["severity"] or ""),
        CONFIDENCES[confidence],
        numbered([f["summary"] or "" for f in group]),
        _each(f["basis"] for f in group),
        sources(f["evidence"] for f in group),
        min((f["first_month"] for f in group if f["first_month"]), default=""),
        _each(STATUSES.get(f["status"], f["status"]) for f in group),
    )
    order = (_RANK.get(first["severity"], 9), cells[1], cells[3], first["rule_id"], cells[5], first["fingerprint"])
    return Line(cells, first["town"] or "", len(group), order)


def _each(values: Iterable[str | None]) -> str:
    """The distinct values, a line each, in the order met."""
    return "\n".join(dict.fromkeys(v for v in values if v))


def sources(evidence: Iterable[str | None]) -> str:
    """The file and row of every piece of evidence, a line each; beyond six, how many more."""
    found = dict.fromkeys(
        place(item.get("record_id")) for text in evidence if text for item in json.loads(text) if isinstance(item, dict)
    )
    found.pop("", None)
    shown = list(found)[:_SOURCES_SHOWN]
    return "\n".join([*shown, f"等共{len(found)}处"] if len(found) > len(shown) else shown)


def table(found: Sequence[Line], *, with_town: bool) -> list[tuple[Any, ...]]:
    """The lines as numbered rows of `COLUMNS` (or `COLUMNS_WITH_TOWN`), reply columns left out."""
    if with_town:
        return [(i, line.cells[0], line.town, *line.cells[1:]) for i, line in enumerate(found, 1)]
    return [(i, *line.cells) for i, line in enumerate(found, 1)]


def per_sheet(found: dict[str, list[Line]]) -> dict[str, int]:
    """Sheet → findings on it."""
    return {name: sum(line.findings for line in group) for name, group in found.items()}
