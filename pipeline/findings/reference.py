"""Rules in Chinese words: one rule or all of them, as text or as data, with the values of the figures they read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pipeline.contract import scheme_zh
from pipeline.findings.rules import CATEGORIES, Rule
from pipeline.policy import Policy
from pipeline.policy.words import figure, value_zh
from pipeline.record_words import CATEGORIES as CATEGORIES_ZH
from pipeline.record_words import SEVERITIES as SEVERITIES_ZH

_FIGURE = re.compile(r"\{([a-z_]+\.[^{}]+)\}")


def logic_zh(rule: Rule, policy: Policy) -> str:
    """What the rule flags and what not, with the figures' values."""
    return _FIGURE.sub(lambda found: value_zh(policy, found[1]), rule.logic)


def needs_zh(rule: Rule) -> str:
    """The datasets without which the rule does not run: '发放明细、死亡', '户籍、（死亡或服刑）'; 名册 for none."""
    groups = ["或".join(map(scheme_zh, group)) for group in rule.one_of]
    named = [*map(scheme_zh, rule.needs), *(f"（{g}）" if rule.needs or len(groups) > 1 else g for g in groups)]
    return "、".join(named) or "名册"


def as_data(rule: Rule, policy: Policy) -> dict[str, Any]:
    """One rule as data; `figures` as `pipeline.policy.words.figure` makes them."""
    return {
        "id": rule.id,
        "title": rule.title,
        "category": rule.category,
        "severity": rule.severity,
        "logic": logic_zh(rule, policy),
        "schemes": list(rule.schemes),
        "needs": list(rule.needs),
        "one_of": [list(group) for group in rule.one_of],
        "partly": list(rule.partly),
        "basis": rule.basis,
        "figures": [figure(policy, key) for key in rule.policy],
        "sentence": rule.summary,
        "verify": rule.verify,
        "own": rule.own,
        "replaces": rule.replaces,
    }


def said(rule: Rule, policies: Sequence[Policy]) -> list[tuple[str, str]]:
    """(label, text) of all that is said of a rule, in order; a figure's label has its key in backticks.

    Under several policies, in the order of time, logic and figures are told once and again where they change.
    """
    told = [
        ("列出", _logic(rule, policies)),
        ("严重程度", SEVERITIES_ZH[rule.severity]),
        ("名册", "、".join(map(scheme_zh, rule.schemes))),
        ("需要", needs_zh(rule)),
        ("缺了只作部分核查", "、".join(map(scheme_zh, rule.partly))),
        ("依据", rule.basis),
        *((f"政策数字 `{key}`", _figure(key, policies)) for key in rule.policy),
        ("句子", rule.summary),
        ("怎样核实", rule.verify),
    ]
    return [(label, text) for label, text in told if text]


def spans(policies: Sequence[Policy]) -> str:
    """The policy packs by name, with their months."""
    return "；".join(f"{p.name}（{p.pack.valid_from}至{p.pack.valid_to}）" for p in policies)


def _logic(rule: Rule, policies: Sequence[Policy]) -> str:
    texts = dict.fromkeys(logic_zh(rule, p) for p in policies)
    logic = next(iter(texts))
    if len(texts) > 1:
        logic += "".join(f"\n  {p.pack.valid_from}起：{logic_zh(rule, p)}" for p in policies[1:])
    return logic


def _figure(key: str, policies: Sequence[Policy]) -> str:
    told = [(p.pack.valid_from, figure(p, key)) for p in policies]
    zh, words = told[0][1]["zh"], {f["words"] for _, f in told}
    behind = [_behind(f) for _, f in told]
    if len(words) > 1:
        return f"{zh} " + "；".join(
            f"{since}起 {f['words']}（{text}）" for (since, f), text in zip(told, behind, strict=True)
        )
    if len(set(behind)) == 1:
        return f"{zh} {told[0][1]['words']}（{behind[0]}）"
    later = "；".join(f"{since}起：{text}" for (since, _), text in zip(told, behind, strict=True))
    return f"{zh} {told[0][1]['words']}（{later}）"


def _behind(f: dict[str, Any]) -> str:
    """What stands behind a figure: clause, whether it was verified, and whose it is where not the pack's."""
    whose = f"，取自 {f['from']}" if f["overridden"] else ""
    return f"{f['clause']}；{'已核对' if f['verified'] else '未核对'}{whose}"


def show(rule: Rule, policy: Policy) -> str:
    """One rule in words."""
    whose = "（本单位规则，替换了自带的同名规则）" if rule.replaces else "（本单位规则）" if rule.own else ""
    lines = [f"{rule.title} {rule.id}{whose}", f"类别：{CATEGORIES_ZH[rule.category]}"]
    lines += [f"{label.replace('`', '')}：{text}" for label, text in said(rule, [policy])]
    if rule.policy:
        lines.append(f"政策数字取自：{spans([policy])}")
    return "\n".join(lines)


def listing(rules: Sequence[Rule]) -> str:
    """All rules, a line each, by category."""
    lines: list[str] = []
    for category in CATEGORIES:
        of = [r for r in rules if r.category == category]
        if of:
            lines += ["", f"{CATEGORIES_ZH[category]} {category}（{len(of)}条）"]
        for rule in of:
            own = "　本单位规则" if rule.own else ""
            lines.append(
                f"  {rule.id}　{rule.title}　{SEVERITIES_ZH[rule.severity]}　需要{needs_zh(rule)}　{rule.basis}{own}"
            )
    return "\n".join(lines[1:])
