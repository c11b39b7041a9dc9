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
        "own": rule.own,
        "replaces": rule.replaces,
    }


def show(rule: Rule, policy: Policy) -> str:
    """One rule in words."""
    whose = "（本单位规则，替换了自带的同名规则）" if rule.replaces else "（本单位规则）" if rule.own else ""
    lines = [
        f"{rule.title} {rule.id}{whose}",
        f"类别：{CATEGORIES_ZH[rule.category]}；严重程度：{SEVERITIES_ZH[rule.severity]}",
        f"列出：{logic_zh(rule, policy)}",
    ]
    if rule.schemes:
        lines.append(f"名册：{'、'.join(map(scheme_zh, rule.schemes))}")
    lines.append(f"需要：{needs_zh(rule)}")
    if rule.partly:
        lines.append(f"没有这些数据也运行，但只是部分核查：{'、'.join(map(scheme_zh, rule.partly))}")
    lines.append(f"依据：{rule.basis}")
    if rule.policy:
        lines.append(f"政策数字（{policy.pack.valid_from}至{policy.pack.valid_to}，{policy.name}）：")
        for f in (figure(policy, key) for key in rule.policy):
            mark = "已核对" if f["verified"] else "未核对"
            whose = f"，取自 {f['from']}" if f["overridden"] else ""
            lines.append(f"  {f['zh']}：{f['words']}（{f['key']}；{f['clause']}；{mark}{whose}）")
    else:
        lines.append("政策数字：无")
    lines.append(f"句子：{rule.summary}")
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
