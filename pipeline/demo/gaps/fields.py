"""Gaps in system data: fields left empty, codes and towns unknown, sums, months and reviews amiss, people twice."""

from __future__ import annotations

from datetime import timedelta

from pipeline.demo.gaps.case import GapCase
from pipeline.demo.gaps.registry import ENROLLED, FAMILIES, near_miss, positive

_RECOGNISED = ("borderline", "expenditure")


@positive("required_field_empty", "the person's village", item="village", fields=("village",))
@positive("required_field_empty", "sex and birth date", item="birth_date", fields=("sex", "birth_date"))
@positive(
    "required_field_empty", "area and account", item="area", schemes=("dibao", "tekun"), fields=("area", "bank_account")
)
@positive(
    "required_field_empty", "the income", item="per_capita_income", schemes=FAMILIES, fields=("per_capita_income",)
)
@positive("required_field_empty", "the validity", item="valid_until", schemes=_RECOGNISED, fields=("valid_until",))
@positive(
    "required_field_empty",
    "the spending",
    item="rigid_expenditure",
    schemes=("expenditure",),
    fields=("expenditure_kind", "rigid_expenditure"),
)
@positive("required_field_empty", "the review", item="last_review_on", schemes=FAMILIES, fields=("last_review_on",))
@positive("required_field_empty", "cause and health", item="cause", schemes=("dibao",), fields=("cause", "health"))
@positive(
    "required_field_empty", "the form of support", item="support_mode", schemes=("tekun",), fields=("support_mode",)
)
@positive(
    "required_field_empty",
    "kind and reason",
    alone=True,
    item="reason",
    schemes=("temporary",),
    fields=("kind", "reason"),
)
@positive(
    "required_field_empty",
    "day, size and phone",
    item="granted_on",
    schemes=("temporary",),
    fields=("granted_on", "household_size", "phone"),
)
def left_empty(g: GapCase, fields: tuple[str, ...]) -> None:
    g.set(start_month=g.county.month.back(40), **dict.fromkeys(fields))


@positive("required_field_empty", "the institution of one who lives in it", item="institution", schemes=("tekun",))
def institution_empty(g: GapCase) -> None:
    g.set(support_mode="集中")


@near_miss("required_field_empty", "no institution: lives at home", item="institution", schemes=("tekun",))
@near_miss("required_field_empty", "no stop reason: not stopped", item="stop_reason", schemes=ENROLLED)
def as_it_is(g: GapCase) -> None:
    pass


@positive("required_field_empty", "a stop without its reason", alone=True, item="stop_reason", schemes=ENROLLED)
def stopped_without_reason(g: GapCase) -> None:
    g.stop()
    g.set(stop_reason=None)


@near_miss("required_field_empty", "a stopped household's fields", alone=True, item="village", schemes=ENROLLED)
def empty_and_stopped(g: GapCase) -> None:
    g.stop()
    g.set(village=None, area=None, phone=None)


@near_miss("required_field_empty", "on the head's row alone", item="per_capita_income", schemes=FAMILIES)
def on_the_head(g: GapCase) -> None:
    for row in g.rows[1:]:
        row.update(per_capita_income=None, address=None, last_review_on=None)


@near_miss("required_field_empty", "never reviewed, too new for it", item="last_review_on", schemes=FAMILIES)
def too_new(g: GapCase) -> None:
    g.set(start_month=g.county.month.back(3), last_review_on=None)


@positive(
    "required_field_empty", "a disability without its level", alone=True, item="disability_level", schemes=FAMILIES
)
def level_empty(g: GapCase) -> None:
    g.last["disability_type"] = "肢体"
    g.paper("残疾证")


@positive("code_unknown", "a word outside the list", item="sex", field="sex", value="其他")
@positive("code_unknown", "a word outside the list", item="area", schemes=ENROLLED, field="area", value="城郊")
@positive(
    "code_unknown",
    "a word outside the list",
    alone=True,
    item="kind",
    schemes=("temporary",),
    field="kind",
    value="应急型",
)
@positive(
    "code_unknown",
    "a word outside the list",
    item="support_mode",
    schemes=("tekun",),
    field="support_mode",
    value="居家",
)
@positive("town_unknown", "a town of another county", item="town", field="town", value="仁化县丹霞街道")
def unknown_word(g: GapCase, field: str, value: str) -> None:
    g.last[field] = value


@positive("birth_date_conflict", "a year off", item="birth_date")
def born_otherwise(g: GapCase) -> None:
    g.last["birth_date"] -= timedelta(days=365)


@positive("sex_conflict", "the other one", item="sex")
def other_sex(g: GapCase) -> None:
    g.last["sex"] = "女" if g.last["sex"] == "男" else "男"


@positive("household_without_head", "everybody is another's", schemes=FAMILIES)
def no_head(g: GapCase) -> None:
    g.set(relation="其他")


@near_miss("household_without_head", "one relation is not filled in", schemes=FAMILIES)
def maybe_head(g: GapCase) -> None:
    g.set(relation="其他")
    g.head["relation"] = None


@positive("household_head_repeated", "two of them", schemes=FAMILIES)
def two_heads(g: GapCase) -> None:
    g.set(relation="户主")


@near_miss("household_head_repeated", "one has stopped", schemes=FAMILIES)
def former_head(g: GapCase) -> None:
    g.last.update(relation="户主", stop_month=g.county.month.back(2), stop_reason="迁出")


@positive("person_repeated", "the same row again", alone=True)
def twice(g: GapCase) -> None:
    g.rows.append(dict(g.last))


@near_miss("person_repeated", "once stopped, once again", alone=True, schemes=FAMILIES)
def back_again(g: GapCase) -> None:
    earlier = {"stop_month": g.county.month.back(9), "stop_reason": "外出务工", "start_month": g.county.month.back(50)}
    g.rows.append(g.last | earlier)


@positive(
    "month_order", "stopped before the start", alone=True, item="start_month", schemes=ENROLLED, start=-3, stop=-6
)
@near_miss(
    "month_order",
    "stopped in the month of the start",
    alone=True,
    item="start_month",
    schemes=ENROLLED,
    start=-6,
    stop=-6,
)
def stopped_when(g: GapCase, start: int, stop: int) -> None:
    g.stop()
    g.set(start_month=g.county.month.back(-start), stop_month=g.county.month.back(-stop))


@positive("month_order", "begins after the month", item="start_month", schemes=ENROLLED, ago=-1)
@near_miss("month_order", "begins in the month", item="start_month", schemes=ENROLLED, ago=0)
def begins(g: GapCase, ago: int) -> None:
    g.set(start_month=g.county.month.back(ago))


@positive("month_order", "valid until before it began", item="start_month", schemes=_RECOGNISED, months=1)
@near_miss("month_order", "valid until the month it began", item="start_month", schemes=_RECOGNISED, months=0)
def valid(g: GapCase, months: int) -> None:
    g.set(start_month=g.county.month.back(2), valid_until=g.county.month.day(2 + months, 31))


@positive(
    "amount_out_of_range",
    "a negative income",
    item="per_capita_income",
    schemes=FAMILIES,
    field="per_capita_income",
    value=-120.0,
)
@near_miss(
    "amount_out_of_range", "no income", item="per_capita_income", schemes=FAMILIES, field="per_capita_income", value=0.0
)
@positive(
    "amount_out_of_range",
    "a slipped decimal point",
    item="per_capita_income",
    schemes=_RECOGNISED,
    field="per_capita_income",
    value=66_000.0,
)
@positive(
    "amount_out_of_range",
    "no sum",
    item="monthly_amount",
    schemes=("dibao", "tekun"),
    field="monthly_amount",
    value=0.0,
)
@positive(
    "amount_out_of_range",
    "a slipped decimal point",
    item="monthly_amount",
    schemes=("dibao", "tekun"),
    field="monthly_amount",
    value=98_000.0,
)
@positive(
    "amount_out_of_range",
    "no spending",
    item="rigid_expenditure",
    schemes=("expenditure",),
    field="rigid_expenditure",
    value=0.0,
)
@positive(
    "amount_out_of_range",
    "a slipped decimal point",
    item="amount",
    schemes=("temporary",),
    field="amount",
    value=450_000.0,
)
@near_miss(
    "amount_out_of_range", "much, not too much", item="amount", schemes=("temporary",), field="amount", value=12_000.0
)
def amount(g: GapCase, field: str, value: float) -> None:
    g.set(**{field: value})


@positive("review_overdue", "a day more than the cycle", item="last_review_on", schemes=FAMILIES, days=1)
@near_miss("review_overdue", "a cycle to the day", item="last_review_on", schemes=FAMILIES, days=0)
def reviewed(g: GapCase, days: int) -> None:
    months = 6 if g.scheme == "dibao" else 12
    g.set(start_month=g.county.month.back(40), last_review_on=g.county.month.ago(months) - timedelta(days=days))
