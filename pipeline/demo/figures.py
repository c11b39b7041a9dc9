"""The policy figures the demonstration county is built on. No law here: they come from the month's policy pack."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.policy import pack_for


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


def figures_for(month: str) -> Figures:
    """The figures in force in `month`. BadInput when no pack covers it."""
    policy = pack_for(month)

    def section(name: str) -> dict[str, float]:
        return {k.removeprefix(name + "."): v for k, v in policy.figures.items() if k.startswith(name + ".")}

    return Figures(
        standard=section("standard"),
        income_line=section("income_line"),
        asset_months={k: int(v) for k, v in section("asset_months").items()},
        care_pay=section("care_pay"),
        limits=section("limits"),
        pension_excluded=tuple(policy.lists["lists.pension_excluded"]),
        vehicle_exempt=tuple(policy.lists["lists.vehicle_exempt"]),
        business_exempt=tuple(policy.lists["lists.business_exempt"]),
        exclusive_schemes=tuple(frozenset(pair) for pair in policy.lists["lists.exclusive_schemes"]),
    )
