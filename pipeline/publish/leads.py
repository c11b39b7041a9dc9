"""A town's findings as the lines of its sheets: who stands on which sheet, what is joined, in which order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.contract import DATASETS, ROSTERS, TOWNS
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
    Col("家庭编号", 16, "id"),
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
_SCHEMES = {roster: DATASETS[roster].zh for roster in ROSTERS}
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


Group = list[dict[str, Any]]  # findings that share a line


@dataclass(frozen=True)
class Leads:
    """All findings, sorted into towns, sheets and lines; a town's lines are made when asked for.

    `groups`: town → sheet → the findings of each line. `settled`: town → status → findings in no sheet, for they need
    no answer (resolved, dismissed).
    """

    groups: dict[str, dict[str, list[Group]]]
    settled: dict[str, dict[str, int]]
    titles: dict[str, str]
    short: dict[str, str]

    def size(self, town: str) -> int:
        """How many lines the town's sheets take together."""
        return sum(len(groups) for groups in self.groups.get(town, {}).values())

    def lines(self, town: str) -> dict[str, list[Line]]:
        """Sheet → lines, sorted by severity, village, household."""
        return {
            name: sorted((_line(group, self.titles, self.short) for group in groups), key=lambda line: line.order)
            for name, groups in self.groups.get(town, {}).items()
        }


def collect(pub: Publication) -> Leads:
    """The publication's findings as `Leads`.

    A household's leads of 疑似漏保 share a line, as do a person's gaps of data and a household's gaps of archive:
    each is one visit, one answer.
    """
    found = list(pub.engine.rows(_LEADS).iter_rows(named=True))
    sheets: dict[str, dict[str, dict[tuple[Any, ...], Group]]] = {}
    settled: dict[str, dict[str, int]] = {}
    for f in found:
        town = town_of(f["town"])
        if f["status"] not in OPEN:
            counts = settled.setdefault(town, {})
            counts[f["status"]] = counts.get(f["status"], 0) + 1
            continue
        group = sheets.setdefault(town, {}).setdefault(sheet_of(f["category"], f["screened"]), {})
        group.setdefault(_together(f), []).append(f)
    groups = {town: {name: list(of.values()) for name, of in by_sheet.items()} for town, by_sheet in sheets.items()}
    return Leads(groups, settled, pub.titles, short_numbers(f["fingerprint"] for f in found))


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


def _line(group: Group, titles: dict[str, str], short: dict[str, str]) -> Line:
    group.sort(key=lambda f: (_RANK.get(f["severity"], 9), f["rule_id"], f["record_id"] or "", f["fingerprint"]))
    first = group[0]
    # a name and its number keep to the same line of their cells
    people = list(dict.fromkeys((f["name"] or "", f["id_number"] or "") for f in group if f["name"] or f["id_number"]))
    confidence = "certain" if any(f["confidence"] == "certain" for f in group) else "probable"
    cells = (
        _each(group, "fingerprint", short),
        _each(group, "village"),
        _each(group, "scheme", _SCHEMES),
        _each(group, "household_no"),
        "\n".join(name for name, _ in people),
        "\n".join(number for _, number in people),
        _each(group, "rule_id", titles),
        SEVERITIES.get(first["severity"], first["severity"] or ""),
        CONFIDENCES[confidence],
        numbered([f["summary"] or "" for f in group]),
        _each(group, "basis"),
        sources(f["evidence"] for f in group),
        min((f["first_month"] for f in group if f["first_month"]), default=""),
        _each(group, "status", STATUSES),
    )
    order = (_RANK.get(first["severity"], 9), cells[1], cells[3], first["rule_id"], cells[5], first["fingerprint"])
    return Line(cells, first["town"] or "", len(group), order)


def _each(group: Group, column: str, words: dict[str, str] | None = None) -> str:
    """The distinct values of a column, a line each, in the order met; put into words where there are any."""
    values = dict.fromkeys(f[column] for f in group if f[column])
    return "\n".join(values if words is None else (words.get(v, v) for v in values))


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
