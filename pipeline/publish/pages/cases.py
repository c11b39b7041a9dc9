"""The month's findings as the pages show them: masked, each with its evidence and with how that is tied to the person.

A case is shown whole in one place, its town's page; every list's row leads there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pipeline.contract import DATASETS, scheme_zh
from pipeline.ledger.causes import words
from pipeline.masking import Masker, mask_name, mask_number
from pipeline.publish.leads import town_of
from pipeline.publish.pages import hiding
from pipeline.publish.pages.ties import Tie, Ties
from pipeline.publish.publication import Publication
from pipeline.publish.scores import KINDS
from pipeline.publish.words import (
    CONFIDENCES,
    OPEN,
    SEVERITIES,
    STATES,
    chance,
    month_zh,
    place,
    short_numbers,
)

# Where somebody lives or owns a house says who it is.
_UNSHOWN = frozenset({"address", "location", "village", "phone", "bank_account"})
# Checks about the person rather than a field of the row (checks/people.py).
_ABOUT_PERSON = frozenset({"patrol_unmatched", "assessment_unmatched"})
_COLUMNS = (
    "fingerprint, rule_id, category, severity, confidence, scheme, town, household_no, name, id_number, record_id, "
    "screened, evidence, summary, basis, status, first_month, match_probability, money, cause"
)
_ORDER = {s: i for i, s in enumerate((*SEVERITIES, None))}


@dataclass(frozen=True)
class Evidence:
    """One piece: the dataset and place it stands in, what was read, and how the record is tied to the person."""

    dataset: str
    place: str
    values: tuple[tuple[str, str], ...]
    tie: Tie | None = None


@dataclass(frozen=True)
class Gap:
    """What a finding of data or archive says is missing: of which scheme, in which unit, which fields or documents.

    `unit`: the row (data) or household (archive), as the completeness counts them. Not shown.
    """

    kind: str
    scheme: str
    unit: str
    fields: tuple[str, ...]


@dataclass
class Case:
    """A finding, masked. `key` is its 疑点编号, and its anchor on the town's page."""

    key: str
    town: str
    rule: str
    title: str
    category: str
    severity: str
    status: str
    screened: bool
    scheme: str
    household: str
    person: str
    number: str
    sentence: str
    basis: str
    verify: str
    certain: bool
    sure: str
    money: float | None
    since: str
    why: str
    place: str
    probability: float | None
    gap: Gap | None = None
    evidence: tuple[Evidence, ...] = field(default_factory=tuple)

    @property
    def open(self) -> bool:
        return self.status in OPEN

    @property
    def state(self) -> str:
        return STATES.get(self.status, self.status)

    @property
    def degree(self) -> str:
        return SEVERITIES.get(self.severity, self.severity or "")


@dataclass(frozen=True)
class Cases:
    """All cases, the gravest first; and what they were masked with."""

    all: Sequence[Case]
    masker: Masker
    held: Sequence[Case] = ()

    @cached_property
    def open(self) -> list[Case]:
        return [c for c in self.all if c.open]

    @cached_property
    def by_key(self) -> Mapping[str, Case]:
        return {c.key: c for c in self.all}


def cases_of(pub: Publication, masker: Masker | None = None) -> Cases:
    """Every finding of the month, and those of the month before of which this month can say nothing."""
    masker = masker or hiding.masker_of(pub)
    found = _rows(pub, "findings", _COLUMNS)
    # numbered as the towns' workbooks number them
    short = short_numbers(pub.engine.rows("SELECT fingerprint FROM findings")["fingerprint"].to_list())
    rows = [(f, short[f["fingerprint"]]) for f in found]
    rows += [(f, f["fingerprint"].upper()) for f in _rows(pub, "unexamined", _COLUMNS)]
    held = _rows(pub, "held_rows", _COLUMNS)
    evidence = {id(f): json.loads(f["evidence"] or "[]") for f, _ in rows}
    evidence |= {id(f): json.loads(f["evidence"] or "[]") for f in held}
    wanted = {i["record_id"] for items in evidence.values() for i in items if i.get("record_id")}
    ties = Ties.of(pub.engine, wanted)
    make = _Maker(pub, masker, ties)
    made = [make.case(f, key, evidence[id(f)]) for f, key in rows]
    waiting = [make.case(f, f["fingerprint"].upper(), evidence[id(f)]) for f in held]
    return Cases(sorted(made, key=_order), masker, sorted(waiting, key=_order))


def _order(c: Case) -> tuple[Any, ...]:
    return (_ORDER.get(c.severity, 9), c.rule, c.town, c.household, c.key)


def _rows(pub: Publication, table: str, columns: str) -> list[dict[str, Any]]:
    if not pub.engine.exists(table):
        return []
    have = set(pub.engine.columns(table))
    # what is held back has no state yet
    shown = ", ".join(c if c in have else f"NULL AS {c}" for c in columns.split(", "))
    return list(pub.engine.rows(f"SELECT {shown} FROM {table} ORDER BY fingerprint").iter_rows(named=True))


def _gap(f: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> Gap | None:
    if f["category"] not in KINDS or f["status"] == "resolved":
        return None
    values = [item.get("values") or {} for item in items]
    fields = [v.get("field") or v.get("document") for v in values]
    if f["rule_id"] in _ABOUT_PERSON:
        fields = ["person"]
    unit = f["record_id"] if f["category"] == "data" else f["household_no"] or f["record_id"]
    return Gap(f["category"], f["scheme"] or "", unit or "", tuple(dict.fromkeys(str(x) for x in fields if x)))


class _Maker:
    """Makes cases; places and sentences that come again are masked once."""

    def __init__(self, pub: Publication, masker: Masker, ties: Ties) -> None:
        self.titles, self.verify, self.masker, self.ties = pub.titles, pub.verify, masker, ties
        self.files: dict[str, str] = {}

    def case(self, f: Mapping[str, Any], key: str, items: list[dict[str, Any]]) -> Case:
        meant = {f["name"], *hiding.named(items)}
        p = f["match_probability"]
        certain = f["confidence"] == "certain"
        sure = CONFIDENCES.get(f["confidence"], f["confidence"] or "")
        cause = words().get(f["cause"] or "", {}).get("zh", "")
        records = {f["record_id"], *(i.get("record_id") for i in items)}
        return Case(
            key=key,
            town=town_of(f["town"]),
            rule=f["rule_id"],
            title=self.titles.get(f["rule_id"], f["rule_id"]),
            category=f["category"],
            severity=f["severity"],
            status=f["status"] or "",
            screened=bool(f["screened"]),
            scheme=scheme_zh(f["scheme"]),
            household=self.masker.text(f["household_no"]),
            person=mask_name(f["name"]),
            number=mask_number(f["id_number"]),
            sentence=self.masker.text(f["summary"], meant),
            basis=f["basis"] or "",
            verify=self.verify.get(f["rule_id"], ""),
            certain=certain,
            sure=sure if certain or p is None else f"{sure} {chance(p)}",
            money=None if f["money"] is None else float(f["money"]),
            since=month_zh(f["first_month"]) if f["first_month"] else "",
            why=cause,
            place=self.place(f["record_id"]),
            probability=p,
            gap=_gap(f, items),
            evidence=tuple(self.evidence(i, meant, records, f["record_id"]) for i in items if isinstance(i, dict)),
        )

    def evidence(
        self, item: Mapping[str, Any], meant: set[str | None], records: set[str | None], own: str | None
    ) -> Evidence:
        dataset, record = item.get("dataset") or "", item.get("record_id")
        known = DATASETS[dataset].by_id if dataset in DATASETS else {}
        values = []
        for column, value in (item.get("values") or {}).items():
            if column in known and column not in _UNSHOWN and value is not None:
                values.append((known[column].zh, self.value(known[column].type, value, meant)))
        tie = self.ties.between(own, records, record) if record else None
        return Evidence(scheme_zh(dataset), self.place(record), tuple(values), tie)

    def value(self, kind: str, value: Any, meant: set[str | None]) -> str:
        match kind:
            case "name":
                return mask_name(str(value))
            case "id_number":
                return mask_number(str(value))
            case "boolean":
                return "是" if value else "否"
            case "scheme":
                return scheme_zh(str(value))
        return self.masker.text(str(value), meant)

    def place(self, record: str | None) -> str:
        """File, sheet and row; a file may be called after a person."""
        where = place(record)
        file, mark, row = where.rpartition("第")
        if file not in self.files:
            self.files[file] = self.masker.text(file)
        return self.files[file] + mark + row
