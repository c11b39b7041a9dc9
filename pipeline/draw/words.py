"""The names of draws, schemes and care classes, and how a unit is written."""

from __future__ import annotations

import re

from pipeline.contract import scheme_zh

# draw → (Chinese name, scheme of its units). `new_dibao` and `dibao` are one draw over two populations.
DRAWS: dict[str, tuple[str, str]] = {
    "new_dibao": ("低保（当年新增）", "dibao"),
    "dibao": ("低保（全部在册）", "dibao"),
    "tekun": ("特困", "tekun"),
    "borderline": ("低保边缘", "borderline"),
    "expenditure": ("支出型", "expenditure"),
    "care": ("护理等级", "tekun"),
}
NO_CARE = "-"  # the care class of draws that have none
UNASSESSED = "未评估"
# care class → the figure of the policy that says which part of it is drawn
CARE_FIGURES: dict[str, str] = {
    "全自理": "draw.care",
    "半失能": "draw.care_dependent",
    "失能": "draw.care_dependent",
    UNASSESSED: "draw.care",
}
# reasons why an active row or household of a roster is in no frame
NO_NUMBER, NO_START, REJECTED = "no_household_number", "no_start_month", "row_rejected"
_REASONS = {NO_NUMBER: "行无家庭编号", NO_START: "户无起保月份，不知是否当年新增", REJECTED: "行整行退回"}

_SHARED = re.compile(r"#[0-9]+$")


def figure_of(draw: str, care: str) -> str:
    """The policy figure that holds a draw's rate. All of dibao is drawn at the rate of the new."""
    if draw == "care":
        return CARE_FIGURES[care]
    return "draw.new_dibao" if draw == "dibao" else f"draw.{draw}"


def unit_id(scheme: str, household_no: str, place: int | None = None) -> str:
    """'dibao:DB440281000317'; the second of the tekun persons under one number is 'tekun:TK7#2'."""
    return f"{scheme}:{household_no}" + (f"#{place}" if place is not None else "")


def household_of(unit: str) -> str:
    """The unit's household: the unit itself, but for tekun persons who share a number."""
    return _SHARED.sub("", unit) if unit.startswith("tekun:") else unit


def scheme_of(unit: str) -> str:
    return unit.partition(":")[0]


def once(draw: str, unit: str) -> tuple[bool, str]:
    """What a later round may not draw again: a unit, for visits and for care levels apart."""
    return draw == "care", unit


def left_out_zh(roster: str, reason: str, count: int) -> str:
    """'低保3行无家庭编号'."""
    return f"{scheme_zh(roster)}{count}{_REASONS[reason]}"
