"""Figures of the law in Chinese words: a value with its unit, and a whole pack as text or as data."""

from __future__ import annotations

from typing import Any

from pipeline.contract import scheme_zh
from pipeline.policy.pack import Policy
from pipeline.policy.packs import SECTIONS


def value_zh(policy: Policy, key: str) -> str:
    """A figure with its unit ('1套', '30%', '低保／特困、…'); nought and the empty list as the pack reads them."""
    about, value = policy.about[key], policy.value(key)
    if not value:
        return str(about.get("zero", "无" if isinstance(value, list) else f"0{about['unit']}"))
    if isinstance(value, list):
        return "、".join("／".join(map(scheme_zh, v)) if isinstance(v, list) else v for v in value)
    match about["unit"]:
        case "比例":
            return f"{_plain(100 * value)}%"
        case "月份":
            return f"{_plain(value)}月"
    return f"{_plain(value)}{about['unit']}"


def figure(policy: Policy, key: str) -> dict[str, Any]:
    """A figure as data: key, zh, value, unit, words, clause, source, verified, from (whose figure it is)."""
    about, changed = policy.about[key], key in policy.overridden
    value = policy.value(key)
    return {
        "key": key,
        "zh": about["zh"],
        "value": int(value) if isinstance(value, float) and value.is_integer() else value,
        "unit": about["unit"],
        "words": value_zh(policy, key),
        "clause": about["clause"],
        "source": "本单位自定，未与原文核对" if changed else about["source"],
        "verified": policy.verified(key),
        "from": policy.source if changed else policy.pack.source,
        "overridden": changed,
    }


def as_data(policy: Policy) -> dict[str, Any]:
    """The whole pack as data: what `run.json` keeps of it, and every figure."""
    return policy.record() | {"figures": [figure(policy, key) for key in policy.about]}


def as_text(policy: Policy) -> str:
    """The whole pack in words: every figure with its clause, what was read of it, and whose it is."""
    pack = policy.pack
    lines = [
        f"{pack.name}（{pack.id}），适用 {pack.valid_from} 至 {pack.valid_to}",
        f"校验值 {policy.sha256}",
    ]
    if policy.override:
        given = policy.override
        lines += [
            f"另有替换数字的文件 {given.file}，出自 {given.source}，校验值 {given.sha256}，"
            f"给出{len(given.values)}项，其中{len(policy.overridden)}项与政策包不同"
        ]
    lines.append(f"共{len(policy.about)}项，{len(policy.unverified)}项未与原文核对（标“未核对”）")
    section = ""
    for key in policy.about:
        if (name := key.split(".")[0]) != section:
            section = name
            lines += ["", f"{SECTIONS[name]} [{name}]"]
        f = figure(policy, key)
        mark = "已核对" if f["verified"] else "未核对"
        whose = f"（取自 {f['from']}，替换了政策包的数字）" if f["overridden"] else ""
        lines += [
            f"  {f['zh']}：{f['words']}{whose}",
            f"      {key} · {f['clause']} · {f['source']} · {mark}",
        ]
    return "\n".join(lines)


def _plain(value: Any) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
