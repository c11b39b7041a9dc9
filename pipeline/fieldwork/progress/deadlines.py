"""What is due when: the group report so many working days after the last visit, and the notice's stages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pipeline.errors import BadInput
from pipeline.fieldwork.workdays import Workdays
from pipeline.policy import Policy

AHEAD, TODAY, LATE, DONE, DONE_LATE = "未到期", "今日到期", "已逾期", "按期完成", "逾期完成"


@dataclass(frozen=True)
class Stage:
    """A stage of the notice and its last day."""

    name: str
    until: dt.date

    def state(self, today: dt.date) -> str:
        """Whether its last day is still ahead; nobody tells the program when a stage was closed."""
        if today < self.until:
            return f"还有{(self.until - today).days}天"
        return TODAY if today == self.until else f"已过{(today - self.until).days}天"


@dataclass(frozen=True)
class Due:
    """`due`: the last day; `counted_from`: the visit's day it is counted from; `final`: no visit is outstanding."""

    counted_from: dt.date
    due: dt.date
    final: bool


def report_due(last_visit: dt.date, *, final: bool, policy: Policy, workdays: Workdays) -> Due:
    """The report's last day: field.report_days working days after `last_visit`, that day not counted.

    BadInput for a year whose working days are not known.
    """
    return Due(last_visit, workdays.after(last_visit, int(policy.figures["field.report_days"])), final)


def state_of(due: dt.date, done_on: dt.date | None, today: dt.date) -> str:
    """The state of something due, done or not: one of the words above."""
    if done_on is not None and done_on <= today:
        return DONE if done_on <= due else DONE_LATE
    if today < due:
        return AHEAD
    return TODAY if today == due else LATE


def stages_of(policy: Policy, year: int) -> list[Stage]:
    """The stages of the notice in `year`, by their last days. BadInput for a day that there is not."""
    found = []
    for name, until in policy.lists["lists.stages"]:
        try:
            day = dt.date.fromisoformat(f"{year}-{until}")
        except ValueError as e:
            raise BadInput(
                f"the last day of stage '{name}' is no day of {year}",
                file=policy.override.file if policy.override else policy.pack.id,
                column="lists.stages",
                remedy="write it as MM-DD",
            ) from e
        found.append(Stage(name, day))
    return sorted(found, key=lambda s: s.until)


def first_month_unpaid(decided_on: dt.date, policy: Policy) -> str:
    """The first month no longer paid, 'YYYY-MM': field.stop_after_months after the month of the decision."""
    months = decided_on.year * 12 + decided_on.month - 1 + int(policy.figures["field.stop_after_months"])
    return f"{months // 12:04d}-{months % 12 + 1:02d}"
