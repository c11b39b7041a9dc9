"""A roster's data suite: its expectations, made from the contract and `data/<roster>.toml`.

Completeness (`required_field_empty`) is asked of rows active in the audit month, and of stopped ones only where the
data file says so (停保原因). Validity (ID numbers, codes, towns, months, amounts, names) is asked of every row, since a
wrong value stays wrong after a stop; who is head, who is listed twice and when the household was last reviewed are
asked of active rows, since a household is its active rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.catalogue import NO_REVIEW_LINKS, Scope, load, reason_absent, rules
from checks.conditions import Condition, When, at_least, at_most, none_of, not_before, one_of, same, vacant
from checks.conditions import filled as is_filled
from checks.conditions import name as quoted
from checks.model import Check, NotRun, Suite
from checks.roster_table import table_name
from pipeline.contract import CODES, TOWNS, column_zh, dataset
from pipeline.engine.duck import DuckEngine


class _Maker:
    """Makes the checks of one roster: fills in what its rule says unless the entry says otherwise."""

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


def roster_suite(engine: DuckEngine, scope: Scope, roster: str) -> tuple[Suite, list[NotRun]]:
    """The suite over `check_<roster>`, and the ids among it that cannot run on this drop."""
    spec = load(roster)
    maker = _Maker(spec)
    checks = [
        *_required(maker),
        *_id_numbers(maker),
        *_codes(maker),
        *_households(maker),
        *_order(maker),
        *_amounts(maker),
    ]
    idle: list[NotRun] = []
    linked = engine.exists("links")
    for rule_id, want in (("name_conflict", "household_register"), ("identity_conflict", None)):
        reason = reason_absent(want) if want and want not in scope.present else "" if linked else NO_REVIEW_LINKS
        if reason:
            idle.append((rule_id, f"{spec['title']}：{rules()[rule_id].title}", "check", reason))
        else:
            checks.append(_name_conflict(maker) if want else _identity_conflict(maker))
    name = f"{roster}_data"
    return Suite(name, spec["title"], spec["unit"], roster, "data", table_name(roster), tuple(checks)), idle


def _required(make: _Maker) -> Iterator[Check]:
    for entry in make.spec["required"]:
        field, household = entry["field"], entry["grain"] == "household"
        column = f"household_{field}" if household else field
        zh = column_zh(make.roster, field)
        when = make.spec["when"][entry["when"]]["zh"]
        yield make.check(
            "required_field_empty",
            is_filled(column, When("when_" + entry["when"])),
            f"{when}的“{zh}”已填写",
            field=field,
            reads={field: quoted(column)},
            entry=entry,
            who="{household_text}" if household else "{who}",
        )


def _id_numbers(make: _Maker) -> Iterator[Check]:
    for entry in make.spec["id_fault"]:
        yield make.check(
            "id_number_invalid",
            none_of("id_state", entry["states"]),
            entry["zh"],
            field="id_number",
            part=entry["states"][0],
            entry=entry,
            fault=entry["fault"],
        )
    shape = dataset(make.roster)
    if shape.has("birth_date"):
        yield make.check(
            "birth_date_conflict",
            same("birth_date", "id_birth_read"),
            "出生日期与身份证号一致",
            field="birth_date",
            reads={"birth_date": "birth_date", "id_number": "id_number"},
        )
    if shape.has("sex"):
        yield make.check(
            "sex_conflict",
            same("sex", "id_sex_read"),
            "性别与身份证号一致",
            field="sex",
            reads={"sex": "sex", "id_number": "id_number"},
        )


def _codes(make: _Maker) -> Iterator[Check]:
    for column in dataset(make.roster).columns:
        if column.codes and column.codes in CODES and column.type != "boolean":
            allowed = list(CODES[column.codes])
            yield make.check(
                "code_unknown",
                one_of(column.id, allowed),
                f"“{column.zh}”在代码表内",
                field=column.id,
                value=f"{{{column.id}}}",
                allowed="、".join(allowed),
            )
        if column.type == "town":
            yield make.check(
                "town_unknown",
                one_of(column.id, TOWNS),
                f"“{column.zh}”在本县名单内",
                field=column.id,
                value=f"{{{column.id}}}",
            )


def _households(make: _Maker) -> Iterator[Check]:
    if dataset(make.roster).has("relation"):
        heads = {"relation": "relation"}
        active = When("household_active")
        yield make.check(
            "household_without_head",
            at_least("household_heads", 1, active),
            "每户有一名户主",
            field="relation",
            reads=heads,
        )
        yield make.check(
            "household_head_repeated",
            at_most("household_heads", 1, active),
            "每户只有一名户主",
            field="relation",
            reads=heads,
        )
        yield make.check(
            "person_repeated",
            vacant("repeat_by_id"),
            "同一户内身份证号不重复",
            field="id_number",
            identity="person",
            repeat_place="{first_id_source}",
            sameness="身份证号相同{repeat_advice}",
        )
        yield make.check(
            "person_repeated",
            vacant("repeat_by_name"),
            "同一户内姓名和出生日期不重复",
            field="name",
            identity="person",
            reads={"name": "name", "birth_date": "birth_date"},
            confidence="probable",
            repeat_place="{first_name_source}",
            sameness="姓名和出生日期相同，疑为重复登记，请核实删并",
        )
    if "review" in make.spec:
        review = make.spec["review"]
        field, by = review["field"], review["by"]
        yield make.check(
            "review_overdue",
            not_before("household_reviewed_on", "review_due_before", When("household_active")),
            f"“{column_zh(make.roster, field)}”在复核周期内",
            field=field,
            reads={field: "household_reviewed_on", by: quoted("household_" + by)},
            household_last_review_on="{household_reviewed_on}",
        )


def _order(make: _Maker) -> Iterator[Check]:
    shape = dataset(make.roster)
    for entry in make.spec.get("order", ()):
        pair = (entry["earlier"], entry["later"])
        yield make.check(
            "month_order",
            not_before(entry["later"], entry["earlier"]),
            entry["zh"],
            field=pair[0],
            part=pair[1],
            identity="<".join(pair),
            reads={c: quoted(c) for c in pair if shape.has(c)},
            fault=entry["fault"],
        )


def _amounts(make: _Maker) -> Iterator[Check]:
    for entry in make.spec.get("amount", ()):
        field = entry["field"]
        zh, value = column_zh(make.roster, field), f"household_{field}"
        yield make.check(
            "amount_out_of_range",
            at_least(f"{value}_least", 0, When("household")),
            f"“{zh}”不为负数",
            field=field,
            part="negative",
            reads={field: quoted(f"{value}_least")},
            value=f"{{{value}_least}}",
            fault="为负数",
        )
        if entry.get("positive_while_active"):
            yield make.check(
                "amount_out_of_range",
                none_of(value, [0], When("household_active")),
                f"在保家庭的“{zh}”不为零",
                field=field,
                part="zero",
                reads={field: quoted(value)},
                value=f"{{{value}}}",
                fault="在保家庭不应为零",
            )
        if "above" in entry:
            mark = "，倍数待核定" if entry.get("verify") else ""
            yield make.check(
                "amount_out_of_range",
                not_before(f"{value}_limit", value, When("household_active")),
                f"“{zh}”人均不超过全县中位数的{entry['above']}倍{mark}",
                field=field,
                part="above",
                reads={field: quoted(value)},
                value=f"{{{value}}}",
                fault=f"人均{{{field}_per_head}}元，超过全县人均中位数{{{field}_median}}元的{entry['above']}倍{mark}",
            )


def _name_conflict(make: _Maker) -> Check:
    return make.check(
        "name_conflict",
        vacant("register_record_id"),
        "姓名与户籍登记一致（按身份证号比对）",
        field="name",
        reads={"name": "register_name", "id_number": "id_number"},
        evidence=("'household_register'", "register_record_id"),
    )


def _identity_conflict(make: _Maker) -> Check:
    return make.check(
        "identity_conflict",
        vacant("other_record_id"),
        "一个身份证号在各名册中只对应一人",
        field="name",
        identity="id_number",
        reads={"name": "other_name", "id_number": "id_number"},
        evidence=("other_dataset", "other_record_id"),
    )
