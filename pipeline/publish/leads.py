"""A town's findings as the lines of its sheets: who stands on which sheet, what is joined, in which order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pipeline.contract import DATASETS, ROSTERS, TOWNS
from pipeline.ledger.causes import words
from pipeline.publish import gaps
from pipeline.publish.concerned import also_in, filed_under
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
    chance,
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
    Col("把握", 7, "centre"),
    Col("疑点说明", 34),
    Col("涉及金额（元）", 11, "money"),
    Col("依据", 15),
    Col("来源", 17),
    Col("首次发现", 8, "centre"),
    Col("状态", 5, "centre"),
    Col("镇核实结果", 9, "reply", choices=ANSWERS),
    Col("核实说明", 14, "reply"),
    Col("核实人/日期", 9, "reply"),
)
_SOURCES_SHOWN = 6
_SCHEMES = {roster: DATASETS[roster].zh for roster in ROSTERS}
_RANK = {severity: i for i, severity in enumerate(SEVERITIES)}
_COLUMNS = (
    "fingerprint, rule_id, category, severity, confidence, scheme, town, village, household_no, name, id_number, "
    "record_id, screened, evidence, summary, basis, match_probability, money, hukou_no"
)


@dataclass(frozen=True)
class Line:
    """One line of a sheet, standing for one finding or for several that are answered together."""

    cells: tuple[Any, ...]  # COLUMNS from 疑点编号 to 状态
    town: str  # as written
    findings: int
    order: tuple[Any, ...]
    fields: str = ""  # of gaps: what they are about
    rules: tuple[str, ...] = ()


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

    `groups`: town → sheet → the findings of each line. `held`: town → leads about people who may be enrolled after all,
    until somebody has judged the link; they are no findings yet. `settled`: town → status → findings in no sheet, for
    they need no answer (resolved, dismissed). `filed`, `shared`: town → what stands in another's sheets and concerns it
    too, see `pipeline.publish.concerned`.
    """

    groups: dict[str, dict[str, list[Group]]]
    held: dict[str, list[Group]]
    settled: dict[str, dict[str, int]]
    titles: dict[str, str]
    short: dict[str, str]
    filed: dict[str, list[Group]] = field(default_factory=dict)
    shared: dict[str, list[Group]] = field(default_factory=dict)

    def size(self, town: str) -> int:
        """How many lines the town's sheets take together."""
        return sum(len(groups) for groups in self.groups.get(town, {}).values())

    def lines(self, town: str) -> dict[str, list[Line]]:
        """Sheet → lines, sorted by severity, need, village, household; gaps by village and household."""
        return {name: self._sorted(groups) for name, groups in self.groups.get(town, {}).items()}

    def held_lines(self, town: str) -> list[Line]:
        """The leads that are held back, sorted likewise."""
        return self._sorted(self.held.get(town, []))

    def filed_lines(self, town: str) -> list[Line]:
        """Those of rows that the town sent under no town of the county, sorted likewise."""
        return self._sorted(self.filed.get(town, []))

    def shared_lines(self, town: str) -> list[Line]:
        """Those of other towns about people on this one's rosters too, sorted likewise."""
        return self._sorted(self.shared.get(town, []))

    def _sorted(self, groups: list[Group]) -> list[Line]:
        return sorted((_line(group, self.titles, self.short) for group in groups), key=lambda line: line.order)


def collect(pub: Publication) -> Leads:
    """The publication's findings as `Leads`.

    A household's leads of 疑似漏保 share a line, as do a person's gaps of data and a household's gaps of archive:
    each is one visit, one answer.
    """
    found = list(pub.engine.rows(f"SELECT {_COLUMNS}, status, first_month, cause FROM findings").iter_rows(named=True))
    under, beside = filed_under(pub.engine), also_in(pub.engine, pub.month)
    sheets: dict[str, dict[str, dict[tuple[Any, ...], Group]]] = {}
    filed: dict[str, dict[tuple[Any, ...], Group]] = {}
    shared: dict[str, dict[tuple[Any, ...], Group]] = {}
    settled: dict[str, dict[str, int]] = {}
    for f in found:
        town = town_of(f["town"])
        if f["status"] not in OPEN:
            counts = settled.setdefault(town, {})
            counts[f["status"]] = counts.get(f["status"], 0) + 1
            continue
        group = sheets.setdefault(town, {}).setdefault(sheet_of(f["category"], f["screened"]), {})
        group.setdefault(_together(f), []).append(f)
        if home := under.get(f["record_id"]):
            filed.setdefault(home, {}).setdefault((f["category"], *_together(f)), []).append(f)
        for other in beside.get(f["fingerprint"], ()):
            shared.setdefault(other, {}).setdefault(_together(f), []).append(f)
    groups = {town: {name: list(of.values()) for name, of in by_sheet.items()} for town, by_sheet in sheets.items()}
    held: dict[str, dict[tuple[Any, ...], Group]] = {}
    for f in held_back(pub):
        held.setdefault(town_of(f["town"]), {}).setdefault(_together(f), []).append(f)
    return Leads(
        groups, _listed(held), settled, pub.titles, short_numbers(f["fingerprint"] for f in found),
        _listed(filed), _listed(shared),
    )  # fmt: skip


def _listed(by_town: dict[str, dict[tuple[Any, ...], Group]]) -> dict[str, list[Group]]:
    return {town: list(of.values()) for town, of in by_town.items()}


def held_back(pub: Publication) -> list[dict[str, Any]]:
    """The leads that are no findings until somebody has judged whether the person is enrolled after all."""
    if not pub.engine.exists("held_rows"):
        return []
    unknown = "NULL AS status, NULL AS first_month, NULL AS cause"
    query = f"SELECT {_COLUMNS}, {unknown} FROM held_rows ORDER BY rule_id, record_id"
    return list(pub.engine.rows(query).iter_rows(named=True))


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
    money = [f["money"] for f in group if f["money"] is not None]
    mended = first["category"] in gaps.CATEGORIES
    cells = (
        _each(group, "fingerprint", short),
        _each(group, "village"),
        _each(group, "scheme", _SCHEMES),
        _each(group, "household_no"),
        "\n".join(name for name, _ in people),
        "\n".join(number for _, number in people),
        _each(group, "rule_id", titles),
        SEVERITIES.get(first["severity"], first["severity"] or ""),
        _confidence(group),
        gaps.told(group) if mended else numbered([_told(f) for f in group]),
        float(sum(money)) if money else "",
        _each(group, "basis"),
        gaps.sources(group) if mended else sources(f["evidence"] for f in group),
        min((f["first_month"] for f in group if f["first_month"]), default=""),
        _each(group, "status", STATUSES),
    )
    rank = _RANK.get(first["severity"], 9)
    # lists of several sheets' findings have both kinds: gaps, which are ordered otherwise, follow the rest
    order: tuple[Any, ...] = (
        mended, rank, -_need(group), cells[1], cells[3], first["rule_id"], cells[5], first["fingerprint"],
    )  # fmt: skip
    if mended:  # a worker goes from village to village; where none is written, at the end
        order = (mended, not cells[1], cells[1], cells[3], rank, cells[4], first["fingerprint"])
    return Line(cells, first["town"] or "", len(group), order, gaps.fields(group) if mended else "", _rules(group))


def _rules(group: Group) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f["rule_id"] for f in group))


def _told(f: dict[str, Any]) -> str:
    """The finding's sentence; of one that came back, or came from another town, also why."""
    why = words()[f["cause"]]["zh"] if f["cause"] and (f["status"] == "reopened" or f["cause"] == "moved") else ""
    return (f["summary"] or "") + (f"（{STATUSES[f['status']]}：{why}）" if why else "")


def _confidence(group: Group) -> str:
    """In a word, that of the surest; where it is only probable, with the probability of its weakest link."""
    if any(f["confidence"] == "certain" for f in group):
        return CONFIDENCES["certain"]
    known = [f["match_probability"] for f in group if f["match_probability"] is not None]
    return "\n".join([CONFIDENCES["probable"], *([chance(max(known))] if known else [])])


def _need(group: Group) -> int:
    """How many needs stand together in a lead, a graver one counting more; 0 on other sheets, where none are joined."""
    if group[0]["category"] != "missing":
        return 0
    needs = {(f["rule_id"], f["id_number"] or f["record_id"]): f["severity"] for f in group}
    return sum(len(_RANK) - _RANK.get(severity, len(_RANK) - 1) for severity in needs.values())


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
