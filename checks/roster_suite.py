"""A roster's data suite: its expectations, made from the contract and `data/<roster>.toml`.

Completeness (`required_field_empty`) is asked of rows active in the audit month, and of stopped ones only where the
data file says so (停保原因). Validity (ID numbers, codes, towns, months, amounts, names) is asked of every row, since a
wrong value stays wrong after a stop; who is head, who is listed twice and when the household was last reviewed are
asked of active rows, since a household is its active rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.catalogue import NO_LINKS, Scope, not_run, reason_absent
from checks.conditions import When, at_least, at_most, none_of, not_before, one_of, same, vacant
from checks.conditions import filled as is_filled
from checks.maker import Maker
from checks.model import Check, NotRun, Suite
from checks.own_suite import own_expectations
from checks.roster_identity import identity_conflicts, name_conflict
from checks.roster_table import table_name
from pipeline.contract import CODES, TOWNS, column_zh, dataset
from pipeline.engine.quoting import identifier as quoted


def roster_suite(scope: Scope, roster: str, *, linked: bool = True) -> tuple[Suite, list[NotRun]]:
    """The suite over `check_<roster>`, and the ids among it that cannot run on this drop.

    `linked`: whether linkage has left its table.
    """
    spec = scope.spec(roster)
    maker = Maker(spec)
    checks = [
        *_required(maker),
        *_id_numbers(maker),
        *_codes(maker),
        *_households(maker),
        *_order(maker),
        *_amounts(maker),
        *own_expectations(maker),
    ]
    idle: list[NotRun] = []
    for rule_id, want in (("name_conflict", "household_register"), ("identity_conflict", None)):
        reason = reason_absent(want) if want and want not in scope.present else "" if linked else NO_LINKS
        if reason:
            idle += not_run(spec["title"], [rule_id], reason)
        else:
            checks += [name_conflict(maker)] if want else identity_conflicts(maker)
    name = f"{roster}_data"
    return Suite(name, spec["title"], spec["unit"], roster, "data", table_name(roster), tuple(checks)), idle


def _required(make: Maker) -> Iterator[Check]:
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


def _id_numbers(make: Maker) -> Iterator[Check]:
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


def _codes(make: Maker) -> Iterator[Check]:
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


def _households(make: Maker) -> Iterator[Check]:
    within = f"{make.spec['fellow']}内"
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
        f"{within}身份证号不重复",
        field="id_number",
        identity="person",
        repeat_place="{first_id_source}",
        sameness="身份证号相同{repeat_advice}",
    )
    yield make.check(
        "person_repeated",
        vacant("repeat_by_name"),
        f"{within}姓名和出生日期不重复",
        field="name",
        identity="person",
        reads={"name": "name", "birth_date": "birth_date"},
        confidence="probable",
        repeat_place="{first_name_source}",
        sameness="姓名和出生日期相同，疑为重复登记，请核实删并",
    )
    if "review" in make.spec:
        review = make.spec["review"]
        field = review["field"]
        by = {review["by"]: quoted("household_" + review["by"])} if "by" in review else {}
        yield make.check(
            "review_overdue",
            not_before("household_reviewed_on", "review_due_before", When("household_active")),
            f"“{column_zh(make.roster, field)}”在复核周期内",
            field=field,
            reads={field: "household_reviewed_on", **by},
            entry=review,
            household_last_review_on="{household_reviewed_on}",
        )


def _order(make: Maker) -> Iterator[Check]:
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
            reads={c: quoted(c) for c in entry.get("reads", pair) if shape.has(c)},
            fault=entry["fault"],
        )


def _amounts(make: Maker) -> Iterator[Check]:
    active = make.spec["when"]["household_active"]["zh"]
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
                f"{active}的“{zh}”不为零",
                field=field,
                part="zero",
                reads={field: quoted(value)},
                value=f"{{{value}}}",
                fault=f"{active}不应为零",
            )
        if "above" in entry:
            mark = "" if entry["verified"] else "，倍数待核定"
            # the value of a household, or a sum that is each person's or grant's already
            head = "" if entry.get("per") == "value" else "人均"
            own = f"人均{{{field}_per_head}}元，" if head else ""
            yield make.check(
                "amount_out_of_range",
                not_before(f"{value}_limit", value, When("household_active")),
                f"“{zh}”{head}不超过全县中位数的{entry['above']}倍{mark}",
                field=field,
                part="above",
                reads={field: quoted(value)},
                value=f"{{{value}}}",
                fault=f"{own}超过全县{head}中位数{{{field}_median}}元的{entry['above']}倍{mark}",
            )
