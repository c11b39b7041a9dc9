"""What is planted for each check: variants as small functions over a household of the scheme, registered here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from pipeline.demo.gaps.case import GapCase

ALL = ("dibao", "tekun", "borderline", "expenditure", "temporary")
FAMILIES = ("dibao", "borderline", "expenditure")
ENROLLED = ("dibao", "tekun", "borderline", "expenditure")
Planter = Callable[..., None]


@dataclass(frozen=True)
class Gap:
    """One variant of one scheme: `kind` is positive or near-miss, `item` the field or document, where there is one."""

    rule_id: str
    kind: str
    name: str
    scheme: str
    item: str | None
    planter: Planter
    keywords: dict[str, Any]
    alone: bool  # on a household that no other gap is on

    @property
    def of_archive(self) -> bool:
        return self.rule_id.startswith(("archive", "document", "authorisation"))

    def plant(self, case: GapCase) -> None:
        self.planter(case, **self.keywords)


GAPS: list[Gap] = []


def _register(
    kind: str,
    rule_id: str,
    name: str,
    *,
    item: str | None = None,
    schemes: tuple[str, ...] = ALL,
    alone: bool = False,
    **keywords: Any,
) -> Callable[[Planter], Planter]:
    def keep(planter: Planter) -> Planter:
        GAPS.extend(Gap(rule_id, kind, name, scheme, item, planter, keywords, alone) for scheme in schemes)
        return planter

    return keep


positive = partial(_register, "positive")  # a gap
near_miss = partial(_register, "near-miss")  # what looks like the gap and is none
