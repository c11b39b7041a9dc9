"""The policy figures the demonstration county is built on. No law here: they come from the month's policy pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figures:
    """Named like the sections of a policy file. Money in yuan, months and days as whole numbers."""

    standard: dict[str, float]
    income_line: dict[str, float]
    asset_months: dict[str, int]
    care_pay: dict[str, float]
    limits: dict[str, float]
    pension_excluded: tuple[str, ...]
    vehicle_exempt: tuple[str, ...]
    business_exempt: tuple[str, ...]
    exclusive_schemes: tuple[frozenset[str], ...]

    def line(self, area: str) -> float:
        """The monthly standard of 城市 or 农村; of 城市 where the area is unknown."""
        return self.standard["rural" if area == "农村" else "urban"]


# Used only when no policy pack can be read: believable figures, not the law.
_PLACEHOLDER: dict[str, Any] = {
    "standard": {"urban": 746, "rural": 553},
    "income_line": {"dibao": 1.0, "borderline": 1.5, "tekun": 1.0},
    "asset_months": {"dibao": 12, "tekun": 12, "borderline": 24, "expenditure": 24},
    "care_pay": {"全自理": 34.4, "半护理": 516, "全护理": 1032},
    "limits": {"homes": 1, "medical_self_paid": 20000, "patrol_days": 31, "death_grace_months": 0, "reassess_from_month": 10},
    "lists": {
        "pension_excluded": ["城乡居民"],
        "vehicle_exempt": ["残疾人机动轮椅车", "摩托车", "轻便摩托车", "电动自行车"],
        "business_exempt": ["农民专业合作社"],
        "exclusive_schemes": [
            ["dibao", "tekun"], ["dibao", "borderline"], ["dibao", "expenditure"], ["tekun", "borderline"],
            ["tekun", "expenditure"], ["borderline", "expenditure"], ["tekun", "child_welfare"],
        ],
    },
}  # fmt: skip


def figures_for(month: str) -> Figures:
    """The figures in force in `month`."""
    return from_mapping(_PLACEHOLDER)


def from_mapping(raw: dict[str, Any]) -> Figures:
    """Figures of a mapping shaped like a policy file."""
    lists = raw["lists"]
    return Figures(
        standard={k: float(v) for k, v in raw["standard"].items()},
        income_line={k: float(v) for k, v in raw["income_line"].items()},
        asset_months={k: int(v) for k, v in raw["asset_months"].items()},
        care_pay={k: float(v) for k, v in raw["care_pay"].items()},
        limits={k: float(v) for k, v in raw["limits"].items()},
        pension_excluded=tuple(lists["pension_excluded"]),
        vehicle_exempt=tuple(lists["vehicle_exempt"]),
        business_exempt=tuple(lists["business_exempt"]),
        exclusive_schemes=tuple(frozenset(pair) for pair in lists["exclusive_schemes"]),
    )
