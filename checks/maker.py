"""Makes the checks of one roster's data suite: what its rule says, unless the entry of the data file says otherwise."""

from __future__ import annotations

from typing import Any

from checks.catalogue import rules
from checks.conditions import Condition
from checks.conditions import name as quoted
from checks.model import Check
from pipeline.contract import column_zh


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
        return Check(
            key="/".join(p for p in (f"{self.roster}_data", rule_id, field, part) if p),
            rule=rule,
            title=title,
            condition=condition,
            identity=identity or field,
            reads=reads if reads is not None else {field: quoted(field)},
            words={"household": "{household_text}", "field": column_zh(self.roster, field), **words},
            severity=entry.get("severity", rule.severity),
            confidence=confidence or rule.confidence,
            basis=entry.get("basis", rule.basis),
            evidence=evidence,
        )
