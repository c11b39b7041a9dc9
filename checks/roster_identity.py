"""What linkage found against a roster row's ID number, as expectations (the columns are made by `roster_numbers`)."""

from __future__ import annotations

from collections.abc import Iterator

from checks.conditions import vacant
from checks.maker import Maker
from checks.model import Check


def name_conflict(make: Maker) -> Check:
    return make.check(
        "name_conflict",
        vacant("register_record_id"),
        "姓名与户籍登记一致（按身份证号比对）",
        field="name",
        reads={"name": "register_name", "id_number": "id_number"},
        evidence=("'household_register'", "register_record_id"),
    )


def identity_conflicts(make: Maker) -> Iterator[Check]:
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
