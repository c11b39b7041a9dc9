"""What a visit ledger tells of a household beforehand: what system, archive and findings say, in short texts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.contract import column_zh, scheme_zh
from pipeline.draw.words import household_of, unit_id
from pipeline.errors import BadInput
from pipeline.fieldwork.households import Household, Row
from pipeline.ledger.finished import Finished
from pipeline.record_words import CATEGORIES, OPEN, SEVERITIES

_OF_HOME: dict[str, tuple[str, ...]] = {
    "dibao": ("area", "category", "monthly_amount", "per_capita_income", "start_month", "last_review_on", "cause"),
    "tekun": ("area", "support_mode", "institution", "self_care", "care_level", "assessed_on", "monthly_amount",
              "care_amount", "carer_name", "start_month"),
    "borderline": ("area", "per_capita_income", "start_month", "valid_until", "last_review_on"),
    "expenditure": ("area", "per_capita_income", "expenditure_kind", "rigid_expenditure", "start_month", "valid_until"),
}  # fmt: skip
_OF_PERSON = ("health", "employment_status")
_LEVELS = {"1": "一级", "2": "二级", "3": "三级", "4": "四级"}
_PLACE = re.compile(r"；见[^；。]*行。$")
_PROOF = re.compile("残疾|病|诊断|鉴定")  # papers that the fourth check looks at
_MOST = 8  # findings told in a cell
_NONE, _NOT_COMPARED = "没有疑点", "没有对照核查结果"


@dataclass(frozen=True)
class Leads:
    """The open findings of a finished audit: household (as unit id) → its findings; `not_run`: rules that were not."""

    by_home: Mapping[str, list[dict[str, Any]]]
    not_run: int


def read_leads(folder: Path, month: str) -> Leads:
    """The findings of OUT/<month>. BadInput when the folder holds no finished audit, or one of another month."""
    audit = Finished(folder)
    frame, missed = audit.table("findings"), audit.not_run()
    if audit.month != month:
        what = f"the audit is of {audit.month}, the plan of {month}"
        raise BadInput(what, file=folder.name, remedy="give the plan's month")
    order = {s: i for i, s in enumerate(SEVERITIES)}
    rows = frame.filter(pl.col("status").is_in(OPEN) & pl.col("household_no").is_not_null()).to_dicts()
    rows.sort(key=lambda f: (order.get(f["severity"], len(order)), f["rule_id"], f["fingerprint"]))
    found: dict[str, list[dict[str, Any]]] = {}
    for f in rows:
        found.setdefault(unit_id(f["scheme"], f["household_no"]), []).append(f)
    return Leads(found, missed)


def system_text(home: Household) -> str:
    """What the roster says: the household's own figures, then a line a member."""
    head = home.head
    facts = [f"{column_zh(home.scheme, c)}{_value(head[c], c)}" for c in _OF_HOME[home.scheme] if _known(head.get(c))]
    first = f"{scheme_zh(home.scheme)}，{len(home.rows)}人"
    if head.get("stop_month"):
        first += f"，{head['stop_month']}起已停保"
    return "\n".join(["，".join([first, *facts]), *(f"{i}. {_person(r)}" for i, r in enumerate(home.rows, 1))])


def _person(row: Row) -> str:
    facts = [str(row["relation"])] if row.get("relation") else []
    facts.append(f"证号尾号{row['id_number'][-4:]}" if row.get("id_number") else "证号未登记")
    if row.get("disability_type") or row.get("disability_level"):
        facts.append(f"{row.get('disability_type') or ''}残疾{_LEVELS.get(str(row.get('disability_level')), '')}")
    if row.get("labour_capacity"):
        facts.append(f"劳动能力{row['labour_capacity']}")
    facts += [str(row[c]) for c in _OF_PERSON if _known(row.get(c))]
    return f"{row['name'] or '（姓名未登记）'}（{'，'.join(facts)}）"


def _known(value: Any) -> bool:
    return value is not None and value != ""


def _value(value: Any, column: str) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    if column.endswith(("amount", "income")) or column == "rigid_expenditure":
        return f"{float(value):.2f}".removesuffix(".00") + "元"
    return str(value)


def archive_text(home: Household, *, listed: bool) -> str:
    """What the archive list says. `listed`: whether the drop has such a list at all."""
    if not listed:
        return "本月没有档案目录，未核对"
    if not home.papers:
        return "档案目录中没有此户"
    there = [p for p in home.papers if p["present"] is not False]
    lines = [f"已归档{len(there)}项"]
    for label, papers in (
        ("缺", [p for p in home.papers if p["present"] is False]),
        ("未登记签字人", [p for p in there if not p["signed_by"]]),
        ("病残证明", [p for p in there if _PROOF.search(p["document"])]),
    ):
        if papers:
            lines.append(f"{label}：" + "、".join(dict.fromkeys(str(p["document"]) for p in papers)))
    return "\n".join(lines)


def leads_text(home: Household, leads: Leads | None) -> str:
    """The household's open findings, the graver first, a line each."""
    if leads is None:
        return _NOT_COMPARED
    found = leads.by_home.get(household_of(home.unit), [])
    if home.unit != household_of(home.unit):  # one person of several under a number: the others' are not this one's
        own = {r["record_id"] for r in home.rows}
        others = {r["record_id"] for r in home.people} - own
        found = [f for f in found if f["record_id"] not in others]
    if not found:
        return _NONE + ("（部分规则没有运行）" if leads.not_run else "")
    lines = [
        f"{i}.【{CATEGORIES.get(f['category'], '')}·{SEVERITIES.get(f['severity'], '')}】{_short(f)}"
        for i, f in enumerate(found[:_MOST], 1)
    ]
    return "\n".join([*lines, f"等共{len(found)}条"] if len(found) > _MOST else lines)


def _short(f: dict[str, Any]) -> str:
    """The sentence without what the ledger's row says already: who it is about, and the file and row at its end."""
    text = _PLACE.sub("。", f["summary"] or "")
    return re.sub(rf"^{re.escape(f['name'] or '（姓名为空）')}户?（[^）]*编号[^）]*）[的：]?", "", text)
