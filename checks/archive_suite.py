"""An archive checklist as a suite: for each document of `data/<roster>_archive.toml`, is it there, signed, dated.

An active household is asked for the documents `of = "active"`, a household all of whose rows are stopped for those
`of = "stopped"` alone. A household without a single item in the archive is told once (`archive_absent`).
"""

from __future__ import annotations

from checks.archive_table import WHOLE, table_name
from checks.catalogue import load, rules
from checks.conditions import When, one_of
from checks.model import Check, Suite

_SAID = {
    "document_missing": "已归档",
    "authorisation_missing": "已归档",
    "document_unsigned": "已签字",
    "document_undated": "已注明日期",
}

_EMPTY = {"document_unsigned": {"signed_by": "NULL"}, "document_undated": {"signed_on": "NULL"}}


def archive_suite(roster: str) -> Suite:
    """The suite over `check_<roster>_archive`."""
    spec = load(f"{roster}_archive")
    name = f"{roster}_archive"

    def check(rule_id: str, column: str, document: str, title: str, basis: str | None) -> Check:
        rule = rules()[rule_id]
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
            severity=rule.severity,
            confidence=rule.confidence,
            basis=basis or rule.basis,
            evidence=item,
            about_field=False,
        )

    checks = [check("archive_absent", "present", WHOLE, "在保家庭建有档案", None)]
    for document in spec["document"]:
        zh, missing = document["zh"], document.get("missing", "document_missing")
        asked = [(missing, "present")]
        if document.get("signed_and_dated"):
            asked += [("document_unsigned", "signed"), ("document_undated", "dated")]
        checks += [
            check(rule_id, column, zh, f"“{zh}”{_SAID[rule_id]}", document.get("basis")) for rule_id, column in asked
        ]
    return Suite(name, spec["title"], spec["unit"], roster, "archive", table_name(roster), tuple(checks))
