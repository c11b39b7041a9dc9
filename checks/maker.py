"""Makes the checks of one roster's data suite: what its rule says, unless the entry of the data file says otherwise."""

from __future__ import annotations

from typing import Any

from checks.catalogue import rules
from checks.conditions import Condition
from checks.model import Check, Rule
from pipeline.contract import column_zh
from pipeline.engine.quoting import identifier as quoted


def clause_of(rule: Rule, spec: dict[str, Any], entry: dict[str, Any]) -> tuple[str, bool]:
    """The clause and whether it was verified: the entry's own, else what its file says of the rule, else the rule's."""
    if "basis" in entry:
        return entry["basis"], bool(entry["verified"])
    if rule.id in spec.get("basis", {}):
        return spec["basis"][rule.id]["text"], bool(spec["basis"][rule.id]["verified"])
    return rule.basis, rule.verified


class Maker:
    """`spec` = `data/<roster>.toml`."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec, self.roster = spec, spec["roster"]

    def check(
        self,
        rule_id: str,
        condition: Condition,
        title: str,
        *,
        field: str,
        reads: dict[str, str] | None = None,
        identity: str | None = None,
        part: str = "",
        entry: dict[str, Any] | None = None,
        confidence: str | None = None,
        evidence: tuple[str, str] | None = None,
        **words: str,
    ) -> Check:
        rule, entry = rules()[rule_id], entry or {}
        clause = clause_of(rule, self.spec, entry)
        return Check(
            key="/".join(p for p in (f"{self.roster}_data", rule_id, field, part) if p),
            rule=rule,
            title=title,
            condition=condition,
            identity=identity or field,
            reads=reads if reads is not None else {field: quoted(field)},
            words={
                "household": "{household_text}",
                "field": column_zh(self.roster, field),
                "fellow": self.spec["fellow"],
                **words,
            },
            severity=entry.get("severity", rule.severity),
            confidence=confidence or rule.confidence,
            basis=clause[0],
            verified=clause[1],
            evidence=evidence,
        )
