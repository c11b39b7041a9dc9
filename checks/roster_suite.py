"""A roster's data suite: its expectations, made from the contract and `data/<roster>.toml`.

Completeness (`required_field_empty`) is asked of rows active in the audit month, and of stopped ones only where the
data file says so (停保原因). Validity (ID numbers, codes, towns, months, amounts, names) is asked of every row, since a
wrong value stays wrong after a stop; who is head, who is listed twice and when the household was last reviewed are
asked of active rows, since a household is its active rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.catalogue import NO_REVIEW_LINKS, Scope, load, reason_absent, rules
from checks.conditions import When, at_least, at_most, none_of, not_before, one_of, same, vacant
from checks.conditions import filled as is_filled
from checks.conditions import name as quoted
from checks.maker import Maker
from checks.model import Check, NotRun, Suite
from checks.roster_table import table_name
from pipeline.contract import CODES, TOWNS, column_zh, dataset
from pipeline.engine.duck import DuckEngine


def roster_suite(engine: DuckEngine, scope: Scope, roster: str) -> tuple[Suite, list[NotRun]]:
    """The suite over `check_<roster>`, and the ids among it that cannot run on this drop."""
    spec = load(roster)
    maker = Maker(spec)
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
            checks += [_name_conflict(maker)] if want else _identity_conflicts(maker)
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
            reads={c: quoted(c) for c in pair if shape.has(c)},
            fault=entry["fault"],
        )


def _amounts(make: Maker) -> Iterator[Check]:
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


def _name_conflict(make: Maker) -> Check:
    return make.check(
        "name_conflict",
        vacant("register_record_id"),
        "姓名与户籍登记一致（按身份证号比对）",
        field="name",
        reads={"name": "register_name", "id_number": "id_number"},
        evidence=("'household_register'", "register_record_id"),
    )


def _identity_conflicts(make: Maker) -> Iterator[Check]:
    """Two people on one number, and one person on two: each is told in its own words."""
    yield make.check(
        "identity_conflict",
        vacant("other_record_id"),
        "一个身份证号在各名册中只对应一人",
        field="name",
        identity="id_number",
        reads={"name": "other_name", "id_number": "id_number"},
        evidence=("other_dataset", "other_record_id"),
        conflict="的身份证号在{other_roster}名册中登记为“{other_name}”（{other_place}），一号两名，请核实身份",
    )
    yield make.check(
        "identity_conflict",
        vacant("second_record_id"),
        "一个人在各处只登记一个身份证号",
        field="id_number",
        identity="id_number/second",
        part="second",
        reads={"id_number": "second_number"},
        entry={"severity": "medium"},
        confidence="probable",
        evidence=("second_dataset", "second_record_id"),
        conflict="在{second_list}登记为另一个号码{second_number}（{second_place}），{second_agrees}一致，疑为换号，"
        "请核实并统一",
    )
    yield make.check(
        "identity_conflict",
        vacant("long_record_id"),
        "15位旧号已换成18位号码",
        field="id_number",
        identity="id_number/old_form",
        part="old_form",
        reads={"id_number": "long_number"},
        entry={"severity": "low"},
        evidence=("long_dataset", "long_record_id"),
        conflict="：系统仍登15位旧号，{long_list}中已登记18位号码{long_number}（{long_place}），请更新",
    )
