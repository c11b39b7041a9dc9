"""An archive checklist as a suite: for each document of `data/<roster>_archive.toml`, is it there, signed, dated.

An active household is asked for the documents `of = "active"`, a household all of whose rows are stopped for those
`of = "stopped"` alone. A household without a single item in the archive is told once (`archive_absent`); so is an
archive whose number no row of the roster bears (`archive_unmatched`).
"""

from __future__ import annotations

from typing import Any

from checks.archive_table import ENROLLED, WHOLE, table_name, told_name
from checks.catalogue import Scope, rules
from checks.conditions import When, one_of
from checks.maker import clause_of
from checks.model import Check, Suite

_SAID = {
    "document_missing": "已归档",
    "authorisation_missing": "已归档",
    "document_unsigned": "已签字",
    "document_undated": "已注明日期",
}

_EMPTY = {"document_unsigned": {"signed_by": "NULL"}, "document_undated": {"signed_on": "NULL"}}


def archive_suite(scope: Scope, roster: str) -> Suite:
    """The suite over `check_<roster>_archive`."""
    spec, own = scope.spec(f"{roster}_archive"), scope.spec(roster)
    household = own["when"]["household_active"]["zh"]
    name = f"{roster}_archive"

    def check(rule_id: str, column: str, document: str, title: str, entry: dict[str, Any]) -> Check:
        rule = rules()[rule_id]
        basis, verified = clause_of(rule, spec, entry)
        item = (
            "CASE WHEN item_record_id IS NULL THEN " + f"'{roster}' ELSE 'archive' END",
            "coalesce(item_record_id, record_id)",
        )
        return Check(
            key=f"{name}/{rule_id}/{document}",
            rule=rule,
            title=title,
            condition=one_of(column, [1], When("document", document)),
            identity=document,
            reads={"document": "document"} | _EMPTY.get(rule_id, {}),
            words={"household": "{household_text}", "field": document},
            severity=entry.get("severity", rule.severity),
            confidence=rule.confidence,
            basis=basis,
            verified=verified,
            evidence=item,
            about_field=False,
        )

    checks = [
        check("archive_absent", "present", WHOLE, f"{household}建有档案", {}),
        check("archive_unmatched", "present", ENROLLED, "档案中的编号在名册上", {}),
    ]
    for document in spec["document"]:
        zh, missing = document["zh"], document.get("missing", "document_missing")
        asked = [(missing, "present")]
        if document.get("signed_and_dated"):
            asked += [("document_unsigned", "signed"), ("document_undated", "dated")]
        checks += [check(rule_id, column, zh, f"“{zh}”{_SAID[rule_id]}", document) for rule_id, column in asked]
    return Suite(
        name, spec["title"], spec["unit"], roster, "archive", table_name(roster), tuple(checks), told=told_name(roster)
    )
