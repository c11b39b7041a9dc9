"""From a rule's rows to findings: one finding a subject, its evidence as JSON, one Chinese sentence, a fingerprint.

A finding also says how probable its weakest link is, and the yuan at stake where its rule has any.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections import defaultdict
from decimal import Decimal
from typing import Any

import polars as pl

from pipeline.contract import ROSTERS, scheme_zh
from pipeline.findings.around import Around, probability
from pipeline.findings.rules import FIXED, SEVERITIES, STEERING, Rule

FINDING_SCHEMA: dict[str, Any] = {
    "fingerprint": pl.String,
    "rule_id": pl.String,
    "category": pl.String,
    "severity": pl.String,
    "confidence": pl.String,
    "scheme": pl.String,
    "town": pl.String,
    "village": pl.String,
    "household_no": pl.String,
    "name": pl.String,
    "id_number": pl.String,
    "record_id": pl.String,
    "screened": pl.Boolean,
    "evidence": pl.String,
    "summary": pl.String,
    "basis": pl.String,
    # beside the contract's columns: the weakest link (null where the finding is none of records linked), yuan at
    # stake (null: none, or not known)
    "match_probability": pl.Float64,
    "money": pl.Decimal(18, 2),
    # not published: the register household that a lead belongs to
    "hukou_no": pl.String,
}


def fingerprint(rule_id: str, subject: str, evidence: list[str]) -> str:
    """32 hex digits that stay the same from month to month for one rule, one subject and the same evidence."""
    text = "\x1f".join([rule_id, subject, *sorted(set(evidence))])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def plain(value: Any) -> Any:
    """A value as JSON and sentences hold it: dates ISO, whole amounts without decimals."""
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


class _Quoted(dict[str, Any]):
    """Values for a sentence: an empty one reads 未载明."""

    def __missing__(self, key: str) -> str:
        raise KeyError(key)

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        return "未载明" if value is None or value == "" else value


# What a sentence says after a value makes no sense after 未载明: a unit, or what happened on the day.
_UNTOLD = (
    (re.compile("未载明平方米"), "面积未载明"),
    (re.compile("未载明元"), "未载明"),
    (re.compile("的未载明未载明(?=，)"), "的车辆（车型、号牌未载明）"),
    (re.compile("(?<=，)未载明登记(?=[），；。]|$)"), "登记日期未载明"),
)


def sentence(template: str, values: dict[str, Any]) -> str:
    """A rule's words over its values; where one is empty, what it lacks is named as a person would."""
    said = template.format_map(_Quoted(values))
    for pattern, words in _UNTOLD if "未载明" in said else ():
        said = pattern.sub(words, said)
    return said


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    dataset_id = row["subject_dataset"]
    place = ROSTERS.index(dataset_id) if dataset_id in ROSTERS else len(ROSTERS)
    return (place, row["record_id"], row["evidence_dataset"], row["evidence_record_id"])


def split_held(rows: pl.DataFrame, around: Around) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A rule's rows in two: those that stand, and those about a person who may yet turn out to be enrolled."""
    if "person" not in rows.columns or not around.held:
        return rows, rows.clear()
    held = pl.col("person").is_in(list(around.held)).fill_null(False)
    return rows.filter(~held), rows.filter(held)


def findings_of(rule: Rule, rows: pl.DataFrame, month: str, around: Around) -> pl.DataFrame:
    """Group a rule's rows by subject into findings (`FINDING_SCHEMA`), in the order of their subjects."""
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.iter_rows(named=True):
        grouped[row["subject"]].append(row)
    out = []
    for subject in sorted(grouped):
        group = sorted(grouped[subject], key=_order)
        first = group[0]
        who = around.subjects[(first["subject_dataset"], first["record_id"])]
        pieces = {(r["evidence_dataset"], r["evidence_record_id"]): r for r in reversed(group)}
        pieces = {k: pieces[k] for k in sorted(pieces)}
        values = {
            k: {c: plain(v) for c, v in r.items() if c not in FIXED and c not in STEERING} for k, r in pieces.items()
        }
        evidence = [{"dataset": d, "record_id": i, "values": values[(d, i)]} for d, i in pieces]
        leads = [around.screening.get(r.get("person") or "", []) for r in group]
        against = {(s["dataset"], s["record_id"]): s for lead in leads for s in lead}
        evidence += [
            {"dataset": d, "record_id": i, "values": {"shows": s["shows"]}} for (d, i), s in sorted(against.items())
        ]
        severities = [r["severity"] for r in group if r.get("severity")] or [rule.severity]
        chance = probability(group, pieces, around, absent=rule.category == "missing")
        people = [p for p in dict.fromkeys(r.get("person") for r in group) if p]
        town, village = _place(who, people, around)
        lead = values[next(iter(pieces))] | {
            "name": who["name"],
            "month": month,
            "scheme_zh": scheme_zh(first["scheme"]),
            "household_no": first["household_no"],
            "town": town,
            "items": "；".join(sorted({sentence(rule.items.get(d, rule.item), v) for (d, _), v in values.items()})),
        }
        summary = sentence(rule.summary, lead)
        if against:
            summary += "。同户有排除情形：" + "；".join(dict.fromkeys(s["shows"] for s in against.values()))
        if rows_held := list({r["roster_record_id"]: r for p in people for r in around.held.get(p, [])}.values()):
            summary += "。尚待比对：" + "；".join(map(_maybe, rows_held)) + "，如是同一人则已在册"
        out.append(
            {
                "fingerprint": fingerprint(
                    rule.id, subject, [str(plain(r.get(c))) for r in group for c in rule.identity]
                ),
                "rule_id": rule.id,
                "category": rule.category,
                "severity": "low" if against else min(severities, key=SEVERITIES.index),
                "confidence": "certain" if chance == 1 else "probable",
                "scheme": first["scheme"],
                "town": town,
                "village": village,
                "household_no": first["household_no"],
                "name": who["name"],
                "id_number": who["id_number"],
                "record_id": first["record_id"],
                "screened": bool(against),
                "evidence": json.dumps(evidence, ensure_ascii=False, sort_keys=False),
                "summary": summary + "。",
                "basis": rule.basis,
                "match_probability": round(chance, 6),
                "money": _money(rule, group),
                "hukou_no": min((around.homes[p] for p in people if p in around.homes), default=None),
            }
        )
    return pl.DataFrame(out, schema=FINDING_SCHEMA)


def _place(who: dict[str, Any], people: list[str], around: Around) -> tuple[str | None, str | None]:
    """Town and village of the record that the finding is about; where it tells none, of the lead by the register."""
    if who["town"] is None:
        for person in people:
            if person in around.places:
                return around.places[person]
    return who["town"], who["village"]


def _maybe(row: dict[str, Any]) -> str:
    """An enrolled row that may be the lead's, in words."""
    household, name = row["household_no"] or "（编号未填）", row["name"] or "（姓名未填）"
    return f"可能就是{scheme_zh(row['scheme'])}家庭{household}的{name}"


def _money(rule: Rule, group: list[dict[str, Any]]) -> Decimal | None:
    """The yuan at stake: the column that the rule names, which is the same on all rows of a subject."""
    known = [r[rule.money] for r in group if r[rule.money] is not None] if rule.money else []
    return max((Decimal(str(v)).quantize(Decimal("0.01")) for v in known), default=None)
