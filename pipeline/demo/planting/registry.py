"""What is planted for each rule: positives and near-misses, each variant a small function registered here.

A planting function takes the county (and the keywords of its registration), changes it, and returns the subject:
a `Case` (household rules) or a pid (person rules).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline.demo.model import Case, County

Subject = Case | int
Planter = Callable[..., Subject]


@dataclass(frozen=True)
class Variant:
    rule_id: str
    kind: str  # positive | near-miss
    name: str
    planter: Planter
    keywords: dict[str, Any]


VARIANTS: list[Variant] = []


def positive(rule_id: str, name: str, **keywords: Any) -> Callable[[Planter], Planter]:
    """Register a way to break the rule."""
    return _register(rule_id, "positive", name, keywords)


def near_miss(rule_id: str, name: str, **keywords: Any) -> Callable[[Planter], Planter]:
    """Register a case that looks like a breach and is none."""
    return _register(rule_id, "near-miss", name, keywords)


def _register(rule_id: str, kind: str, name: str, keywords: dict[str, Any]) -> Callable[[Planter], Planter]:
    def keep(planter: Planter) -> Planter:
        VARIANTS.append(Variant(rule_id, kind, name, planter, keywords))
        return planter

    return keep


def plant_all(c: County) -> None:
    """Plant every rule: its positives by turns of their variants, every near-miss at least once."""
    for rule in dict.fromkeys(v.rule_id for v in VARIANTS):
        for kind, wanted in (("positive", c.positives), ("near-miss", c.near_misses)):
            mine = [v for v in VARIANTS if v.rule_id == rule and v.kind == kind]
            count = wanted if kind == "positive" else max(wanted, len(mine))
            for i in range(count):
                _plant(c, mine[i % len(mine)])


def _plant(c: County, variant: Variant) -> None:
    subject = variant.planter(c, **variant.keywords)
    case, pid = (subject, None) if isinstance(subject, Case) else (None, subject)
    c.mark(variant.rule_id, variant.kind, variant.name, case=case, pid=pid)
    pids = set(case.pids) if case else {int(subject)} if not isinstance(subject, Case) else set()
    # most subjects are written cleanly, so that the rule is what is measured; some hang on a hard link
    loud = c.rng.random() < 0.15 and not pids & c.quiet
    (c.loud if loud else c.quiet).update(pids)
