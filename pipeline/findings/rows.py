"""From a rule's rows to findings: one finding a subject, its evidence as JSON, one Chinese sentence, a fingerprint."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from pipeline.contract import DATASETS, ROSTERS, scheme_zh
from pipeline.engine.duck import DuckEngine
from pipeline.findings.rules import FIXED, SEVERITIES, Rule
from pipeline.identity import PERSON_FIELDS

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
}
# Columns of a rule's rows that steer the finding instead of being quoted.
_STEERING = ("severity", "person")


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


@dataclass(frozen=True)
class Around:
    """What findings say beside their rule's rows, looked up once for all rules.

    subjects: (dataset, record_id) → name, id_number, town, village, tier of the records the findings are about.
    repaired: evidence records, as (dataset, record_id), that hang on a repaired ID number.
    screening: lead → disqualifying evidence in its register household.
    """

    subjects: dict[tuple[str, str], dict[str, Any]]
    repaired: set[tuple[str, str]]
    screening: dict[str, list[dict[str, Any]]]


def look_around(engine: DuckEngine, rows: Sequence[pl.DataFrame]) -> Around:
    """Look up what the rows of all rules need (each frame begins with `FIXED`)."""
    about, beside, leads = defaultdict(set), defaultdict(set), set()
    for frame in rows:
        for dataset_id, record_id in frame.select("subject_dataset", "record_id").unique().iter_rows():
            about[dataset_id].add(record_id)
        for dataset_id, record_id in frame.select("evidence_dataset", "evidence_record_id").unique().iter_rows():
            beside[dataset_id].add(record_id)
        if "person" in frame.columns:
            leads |= set(frame["person"])
    subjects: dict[tuple[str, str], dict[str, Any]] = {}
    for dataset_id, wanted in sorted(about.items()):
        columns = DATASETS[dataset_id]
        number, name = PERSON_FIELDS[dataset_id]
        town = "town" if columns.has("town") else "CAST(NULL AS VARCHAR)"
        village = "village" if columns.has("village") else "CAST(NULL AS VARCHAR)"
        found = engine.rows(
            f"SELECT record_id, {name} AS name, {number} AS id_number, {town} AS town, {village} AS village, tier "
            f"FROM {dataset_id} WHERE record_id IN (SELECT unnest($wanted))",
            {"wanted": sorted(wanted)},
        )
        subjects |= {(dataset_id, r["record_id"]): r for r in found.iter_rows(named=True)}
    repaired: set[tuple[str, str]] = set()
    for dataset_id, wanted in sorted(beside.items()):
        if dataset_id in PERSON_FIELDS and dataset_id != "payment":
            found = engine.rows(
                f"SELECT record_id FROM {dataset_id} "
                "WHERE tier <> 'exact_id' AND record_id IN (SELECT unnest($wanted))",
                {"wanted": sorted(wanted)},
            )
            repaired |= {(dataset_id, record_id) for record_id in found["record_id"]}
    screening: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if leads:
        found = engine.rows(
            "SELECT DISTINCT person, dataset, record_id, shows FROM screening "
            "WHERE person IN (SELECT unnest($wanted)) ORDER BY ALL",
            {"wanted": sorted(leads)},
        )
        for r in found.iter_rows(named=True):
            screening[r["person"]].append(r)
    return Around(subjects, repaired, screening)


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    dataset_id = row["subject_dataset"]
    place = ROSTERS.index(dataset_id) if dataset_id in ROSTERS else len(ROSTERS)
    return (place, row["record_id"], row["evidence_dataset"], row["evidence_record_id"])


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
            k: {c: plain(v) for c, v in r.items() if c not in FIXED and c not in _STEERING} for k, r in pieces.items()
        }
        evidence = [{"dataset": d, "record_id": i, "values": values[(d, i)]} for d, i in pieces]
        leads = [around.screening.get(r.get("person") or "", []) for r in group]
        against = {(s["dataset"], s["record_id"]): s for lead in leads for s in lead}
        evidence += [
            {"dataset": d, "record_id": i, "values": {"shows": s["shows"]}} for (d, i), s in sorted(against.items())
        ]
        severities = [r["severity"] for r in group if r.get("severity")] or [rule.severity]
        sure = who["tier"] == "exact_id" and not around.repaired & set(pieces)
        lead = _Quoted(
            values[next(iter(pieces))]
            | {
                "name": who["name"],
                "month": month,
                "scheme_zh": scheme_zh(first["scheme"]),
                "household_no": first["household_no"],
                "town": who["town"],
                "items": "；".join(
                    sorted({rule.items.get(d, rule.item).format_map(_Quoted(v)) for (d, _), v in values.items()})
                ),
            }
        )
        summary = rule.summary.format_map(lead)
        if against:
            summary += "。同户有排除情形：" + "；".join(dict.fromkeys(s["shows"] for s in against.values()))
        out.append(
            {
                "fingerprint": fingerprint(
                    rule.id, subject, [str(plain(r.get(c))) for r in group for c in rule.identity]
                ),
                "rule_id": rule.id,
                "category": rule.category,
                "severity": "low" if against else min(severities, key=SEVERITIES.index),
                "confidence": "certain" if sure else "probable",
                "scheme": first["scheme"],
                "town": who["town"],
                "village": who["village"],
                "household_no": first["household_no"],
                "name": who["name"],
                "id_number": who["id_number"],
                "record_id": first["record_id"],
                "screened": bool(against),
                "evidence": json.dumps(evidence, ensure_ascii=False, sort_keys=False),
                "summary": summary + "。",
                "basis": rule.basis,
            }
        )
    return pl.DataFrame(out, schema=FINDING_SCHEMA)
