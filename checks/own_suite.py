"""A bureau's own expectations as checks (what must be filled stands with the roster's own required fields)."""

from __future__ import annotations

from collections.abc import Iterator

from checks.catalogue import OWN_RULE
from checks.conditions import Condition, When, at_least, at_most, none_of, not_before, one_of, same
from checks.maker import Maker
from checks.model import Check
from pipeline.contract import column_zh
from pipeline.engine.quoting import identifier as quoted


def own_expectations(make: Maker) -> Iterator[Check]:
    """One check a line of `expectation`, told under `own_check`."""
    for n, entry in enumerate(make.spec.get("expectation", ())):
        field, kind, when = entry["field"], entry["check"], When("when_" + entry["when"])
        other = column_zh(make.roster, entry.get("other", ""))
        listed, value = "、".join(entry.get("values", ())), entry.get("value")
        condition: Condition
        match kind:
            case "one_of":
                condition, want = one_of(field, entry["values"], when), f"是{listed}之一"
                fault = f"填为“{{{field}}}”，应为{listed}之一"
            case "none_of":
                condition, want = none_of(field, entry["values"], when), f"不是{listed}"
                fault = f"填为“{{{field}}}”，不应这样填"
            case "at_least":
                condition, want = at_least(field, entry["value"], when), f"不小于{value}"
                fault = f"为{{{field}}}，小于{value}"
            case "at_most":
                condition, want = at_most(field, entry["value"], when), f"不大于{value}"
                fault = f"为{{{field}}}，大于{value}"
            case "same":
                condition, want = same(field, entry["other"], when), f"与“{other}”一致"
                fault = f"为{{{field}}}，与“{other}”{{{entry['other']}}}不一致"
            case _:
                condition, want = not_before(field, entry["other"], when), f"不早于“{other}”"
                fault = f"为{{{field}}}，早于“{other}”{{{entry['other']}}}"
        zh = column_zh(make.roster, field)
        yield make.check(
            OWN_RULE,
            condition,
            entry.get("zh", f"{make.spec['when'][entry['when']]['zh']}的“{zh}”{want}"),
            field=field,
            part=f"{kind}_{n}",
            identity=f"{field}/{kind}/{entry.get('other', listed or value)}",
            reads={c: quoted(c) for c in (field, entry.get("other")) if c},
            entry=entry,
            fault=entry.get("fault", fault),
        )
