"""Why a group's visits cannot be planned: the first thing that is lacking, in one sentence, proven and not guessed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence

from pipeline.errors import BadInput
from pipeline.fieldwork.routing.groups import Groups
from pipeline.fieldwork.routing.routes import Home
from pipeline.fieldwork.routing.staff import Member


def why_not(
    party: int,
    homes: Sequence[Home],
    staff: Sequence[Member],
    groups: Groups,
    days: Sequence[dt.date],
    capacity: int,
    teams: int | None,
    places: Callable[[str], str],
) -> BadInput | None:
    """What makes it impossible that a group's `staff` see all `homes` within `days`; None when nothing is sure to."""
    counts = Counter(h.town for h in homes)
    towns = "、".join(counts)
    if len(staff) < 2:
        return BadInput(
            f"group {party} has to visit {len(homes)} households in {towns}, two people each, and the staff list has "
            f"{_people(len(staff))} of it",
            remedy=f"add people from {'、'.join(groups.towns[party])}",
        )
    if not days:
        return BadInput("there is no working day between --from and --until", remedy="give a later --until")
    pairs = [_pairs(staff, day, teams) for day in days]
    if not any(pairs):
        return BadInput(
            f"group {party} has to visit {towns}, and on none of the {len(days)} working days are two of its "
            f"{len(staff)} people free",
            remedy="look at 可用日期 of the staff list, and at --from and --until",
        )
    for home in homes:
        fit = [m for m in staff if m.number not in home.barred]
        where = f"a household of {home.town} ({places(home.units[0])})"
        if len(fit) < 2:
            return BadInput(
                f"{where} can be visited by {_people(len(fit))} of the {len(staff)} in group {party}: the others are "
                "declared relatives, and two are needed",
                remedy=f"add people from {'、'.join(groups.towns[party])} who are no relatives",
            )
        if home.barred and not any(_pairs(fit, day, teams) for day in days):
            return BadInput(
                f"{where} can be visited by {len(fit)} people of group {party} who are no relatives, and on no working "
                "day are two of them free",
                remedy="look at 可用日期 of the staff list, and at --from and --until",
            )
    routes = sum(-(-n // capacity) for n in counts.values())
    if sum(pairs) < routes:
        return BadInput(
            f"group {party} has to make {routes} day routes of at most {capacity} households ({_told(counts)}), and "
            f"its {len(staff)} people make {sum(pairs)} pairs in all on the {len(days)} working days: "
            f"{routes - sum(pairs)} too few",
            remedy="add people or days, or raise --capacity" + ("" if teams is None else " or --teams"),
        )
    return None


def _pairs(staff: Sequence[Member], day: dt.date, teams: int | None) -> int:
    free = sum(m.free_on(day) for m in staff) // 2
    return free if teams is None else min(free, teams)


def _people(n: int) -> str:
    return "nobody" if n == 0 else f"only {n} person" if n == 1 else f"{n} people"


def _told(counts: Counter[str]) -> str:
    return "、".join(f"{town} {n}" for town, n in counts.items())
