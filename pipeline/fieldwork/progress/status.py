"""How far the field work is: visits, reports and notices, what is due, done and late, by group and town."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.draw.paper import in_order
from pipeline.draw.results import UNVERIFIED
from pipeline.fieldwork.papers.cases import Case
from pipeline.fieldwork.papers.notices import Stops
from pipeline.fieldwork.plan import Plan
from pipeline.fieldwork.progress.deadlines import Due, Stage, report_due, stages_of, state_of
from pipeline.fieldwork.workdays import Workdays
from pipeline.policy import Policy


@dataclass(frozen=True)
class Line:
    """Visits of a group and town ('' = the whole group).

    `planned`: drawn and planned; `done`: with a conclusion, `unverified` (无法核实) among them; `late`: not done and
    planned for an earlier day; `today`: not done and planned for today; `ahead`: the rest. `stops`: concluded 停保,
    `noticed` of them with a numbered notice, `lacking` of them without what a notice wants. Days are None where there
    is none: the last planned, the last visit.
    """

    party: int
    town: str
    planned: int
    done: int
    unverified: int
    late: int
    today: int
    ahead: int
    stops: int
    noticed: int
    lacking: int
    last_planned: dt.date | None
    last_visit: dt.date | None


@dataclass(frozen=True)
class Group:
    """A group's visits, its towns', and its report: when it is due, handed in, and in which state."""

    line: Line
    towns: tuple[Line, ...]
    due: Due
    handed_on: dt.date | None
    state: str
    late_by: int  # working days past the last day, 0 where it is not late


@dataclass(frozen=True)
class Status:
    """Everything on `today`. `unverified`: a sentence a figure that no text was compared with; `notes`: what is odd."""

    month: str
    today: dt.date
    groups: tuple[Group, ...]
    stages: tuple[Stage, ...]
    unplanned: int
    unverified: tuple[str, ...]
    notes: tuple[str, ...]


def status_of(
    plan: Plan, cases: Sequence[Case], stops: Stops, handed: Mapping[int, dt.date], today: dt.date, policy: Policy,
    workdays: Workdays,
) -> Status:  # fmt: skip
    """The status of a plan. BadInput for a year whose working days are not known."""
    groups = tuple(
        _group([c for c in cases if c.stop.party == party], stops, handed.get(party), today, policy, workdays)
        for party in sorted({c.stop.party for c in cases})
    )
    stages = tuple(stages_of(policy, int(plan.month[:4])))
    used = ("lists.stages", "field.report_days")
    return Status(
        plan.month, today, groups, stages, len(plan.unplanned),
        tuple(f"{policy.about[k]['zh']}：{policy.about[k]['source']}" for k in used if not policy.verified(k)),
        tuple(_notes(plan, cases, stages, today)),
    )  # fmt: skip


def _group(
    cases: Sequence[Case], stops: Stops, handed_on: dt.date | None, today: dt.date, policy: Policy, workdays: Workdays
) -> Group:
    due = due_of(cases, policy, workdays)
    party = cases[0].stop.party
    late = workdays.between(due.due, min(handed_on or today, today))
    return Group(
        _line(party, "", cases, stops, today),
        tuple(
            _line(party, town, [c for c in cases if c.stop.town == town], stops, today)
            for town in in_order({c.stop.town for c in cases})
        ),
        due, handed_on, state_of(due.due, handed_on, today), late,
    )  # fmt: skip


def due_of(cases: Sequence[Case], policy: Policy, workdays: Workdays) -> Due:
    """When a group's report is due: counted from its last visit, or from the last planned day while any is outstanding.

    A household that is late does not put the day off.
    """
    visited = [c.visit.visited_on for c in cases if c.visit and c.visit.visited_on]
    waiting = [c.stop.day for c in cases if c.conclusion is None]
    return report_due(max([*visited, *waiting]), final=not waiting, policy=policy, workdays=workdays)


def _line(party: int, town: str, cases: Sequence[Case], stops: Stops, today: dt.date) -> Line:
    waiting = [c.stop.day for c in cases if c.conclusion is None]
    own = {c.stop.unit for c in cases}
    ending = [s for s in stops.all if s.case.stop.unit in own]
    return Line(
        party, town, len(cases), len(cases) - len(waiting), sum(c.conclusion == UNVERIFIED for c in cases),
        sum(day < today for day in waiting), waiting.count(today), sum(day > today for day in waiting),
        len(ending), sum(s.number is not None and not s.lacking for s in ending), sum(bool(s.lacking) for s in ending),
        max((c.stop.day for c in cases), default=None),
        max((c.visit.visited_on for c in cases if c.visit and c.visit.visited_on), default=None),
    )  # fmt: skip


def _notes(plan: Plan, cases: Sequence[Case], stages: Sequence[Stage], today: dt.date) -> list[str]:
    """What does not fit together: plans beyond the stage, visits dated after today."""
    out = []
    visits = next((s for s in stages if s.name == "入户核查"), None)
    last = max((s.day for s in plan.stops), default=None)
    if visits and last and last > visits.until:
        out.append(f"计划的最后一天{last}晚于入户核查阶段的截止日{visits.until}")
    if future := sum(bool(c.visit and c.visit.visited_on and c.visit.visited_on > today) for c in cases):
        out.append(f"{future}户（人）的入户日期晚于今天，请核对台账")
    return out
