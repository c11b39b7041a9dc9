"""Every expectation in Chinese words: `audit checks list`, and the page `python -m checks.reference > docs/checks.md`.

A test keeps the page and the suites the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from checks.archive_suite import archive_suite
from checks.catalogue import PEOPLE_RULES, Scope, load, rules
from checks.model import Check, Suite
from checks.people import people_suite
from checks.roster_suite import roster_suite
from pipeline.contract import CODES, DATASETS, ROSTERS, dataset
from pipeline.record_words import SEVERITIES

_MONTH = "2000-01"  # the words are the same in every month


def every_suite(schemes: Sequence[str] = ROSTERS, own: Mapping[str, dict[str, Any]] | None = None) -> list[Suite]:
    """The suites of these schemes as a complete drop would run them."""
    scope = Scope(_MONTH, frozenset(DATASETS), own=own or {})
    out: list[Suite] = []
    for roster in schemes:
        out += [roster_suite(scope, roster)[0], archive_suite(scope, roster)]
    people = [people_suite(d) for d in PEOPLE_RULES]
    return [*out, *(s for s in people if s.scheme in schemes)]


def as_data(suite: Suite, own: Mapping[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """One suite as data: each expectation with rule id, clause and whether it was verified, severity, condition."""
    expectations = [
        {
            "key": check.key,
            "title": check.title,
            "rule_id": check.rule.id,
            "severity": check.severity,
            "condition": "；".join(_conditions(check, suite, own or {})),
            "basis": check.basis,
            "verified": check.verified,
        }
        for check in suite.checks
    ]
    return {"suite": suite.name, "title": suite.title, "expectations": expectations, "not_asked": _not_asked(suite)}


def listing(suites: Sequence[Suite], own: Mapping[str, dict[str, Any]] | None = None) -> str:
    """All expectations as text, a line each, with their condition below where they have one."""
    lines: list[str] = []
    for suite in suites:
        lines += ["", f"{suite.title} {suite.name}（{len(suite.checks)}项）"]
        for check in suite.checks:
            mark = "已核对" if check.verified else "未核对"
            lines.append(f"  {check.title}　{check.rule.id}　{SEVERITIES[check.severity]}　{check.basis}（{mark}）")
            if told := _conditions(check, suite, own or {}):
                lines.append(f"      {'；'.join(told)}")
        lines += [f"  不适用：{id} {title}：{why}" for id, title, why in _not_asked(suite)]
    return "\n".join(lines[1:])


def page() -> str:
    """The expectations of every suite as Markdown."""
    lines = [
        "# 数据校验项目和档案清单",
        "",
        "本页由 `python -m checks.reference > docs/checks.md` 从 `checks/data/` 生成，请勿手改。同样的内容可用 "
        "`audit checks list` 查看；本单位自己的项目用 `--checks` 加入。",
        "",
        "“已核对”指条文已与原文核对；“未核对”指没有核对，或依据业务惯例，请对照本单位的材料清单。",
    ]
    for suite in every_suite():
        lines += ["", f"## {suite.title} `{suite.name}`（{len(suite.checks)}项）", ""]
        lines += ["| 要求 | 编号 | 严重程度 | 条件 | 依据 | |", "|---|---|---|---|---|---|"]
        for check in suite.checks:
            told, grave = "；".join(_conditions(check, suite, {})), SEVERITIES[check.severity]
            mark = "已核对" if check.verified else "未核对"
            lines.append(f"| {check.title} | `{check.rule.id}` | {grave} | {told} | {check.basis} | {mark} |")
        if absent := _not_asked(suite):
            lines += ["", "不适用的检查：", "", *(f"- `{id}` {title}：{why}" for id, title, why in absent)]
    return "\n".join(lines) + "\n"


def _conditions(check: Check, suite: Suite, own: Mapping[str, dict[str, Any]]) -> list[str]:
    """When the expectation is asked, and what it takes for met, as far as its title does not say so."""
    if suite.category == "archive":
        return list(_document(check, suite, own))
    when = check.condition.when
    spec = own.get(suite.scheme, load(suite.scheme))
    told, subject = [], ""
    if when is not None and when.column.startswith("when_"):
        subject = spec["when"][when.column.removeprefix("when_")]["zh"]
    elif when is not None and when.column == "household_active":
        subject = spec["when"]["household_active"]["zh"]
    if subject and not check.title.startswith(subject):
        told.append(f"条件：{subject}")
    column = check.condition.settings.get("column")
    shape = dataset(suite.scheme)
    if check.rule.id == "code_unknown" and shape.has(str(column)):
        told.append(f"取值：{'、'.join(CODES[str(shape.by_id[str(column)].codes)])}")
    return told


def _document(check: Check, suite: Suite, own: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    spec = own.get(f"{suite.scheme}_archive", load(f"{suite.scheme}_archive"))
    document = next((d for d in spec["document"] if d["zh"] == check.identity), None)
    if document is None or not check.rule.id.endswith("_missing"):
        return
    whens = own.get(suite.scheme, load(suite.scheme))["when"]
    if document["of"] == "stopped":
        yield "条件：全户已停的家庭"
    elif "when" in document:
        yield f"条件：{whens[document['when']]['zh']}"
    if document.get("household_enough"):
        yield "一户一份即可，档案列明个人的按人"
    if document.get("signed_and_dated"):
        yield "须签字、注明日期"
    parts = ["／".join(spec["part"][p]["words"]) for p in document["parts"]]
    yield f"材料名称含：{' 和 '.join(parts)}"


def _not_asked(suite: Suite) -> list[tuple[str, str, str]]:
    if suite.category != "data" or not suite.name.endswith("_data"):
        return []
    return [(id, rules()[id].title, why) for id, why in load(suite.scheme).get("not_asked", {}).items()]


if __name__ == "__main__":
    sys.stdout.write(page())
