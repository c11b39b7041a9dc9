"""What both ledgers are made of: every finding with its state, its towns and departments, and what did not come in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipeline.contract import DATASETS, ROSTERS, TOWNS, scheme_zh
from pipeline.ledger.compared import Comparison, Row
from pipeline.months import last_day
from pipeline.policy import Policy
from pipeline.publish.leads import town_of
from pipeline.publish.publication import Publication
from pipeline.publish.words import OPEN, month_zh, short_numbers

# A ruling that answers: the town has said what it found. In process is no answer yet, but it is no silence either.
ANSWERED = ("confirmed", "in_process", "mended", "dismissed")


@dataclass(frozen=True)
class Line:
    """A finding and what became of it."""

    row: Row
    number: str  # 疑点编号
    town: str
    verdict: str | None
    said: dict[str, Any]  # severity, summary, name … as last told

    @property
    def status(self) -> str:
        return self.row.state.status

    @property
    def open(self) -> bool:
        return self.status in OPEN


@dataclass(frozen=True)
class Month:
    """One month's findings, and its gaps. `as_of`: the day in the month to which what is due is reckoned."""

    pub: Publication
    policy: Policy
    comparison: Comparison
    as_of: dt.date
    lines: Sequence[Line]
    missed: Sequence[str]

    @property
    def month(self) -> str:
        return self.comparison.month

    def days(self, name: str) -> int:
        """A figure of the policy's section `monthly`."""
        return int(self.policy.figures[f"monthly.{name}"])

    @cached_property
    def overdue(self) -> list[Line]:
        """Open findings of earlier months that nobody has answered in time."""
        limit = dt.timedelta(days=self.days("answer_days"))
        return [
            line for line in self.lines
            if line.open and line.verdict not in ANSWERED and last_day(line.row.state.first_month) + limit < self.as_of
        ]  # fmt: skip

    @cached_property
    def people(self) -> dict[str, int]:
        """Town → rows on this month's rosters."""
        return _people(self.comparison.rosters)

    @cached_property
    def people_before(self) -> dict[str, int] | None:
        """The same of the month before; None where it is not known."""
        return _people(self.comparison.rosters_before) if self.comparison.rosters_before else None

    @cached_property
    def silent_towns(self) -> list[str]:
        """Towns that have nobody on any roster this month."""
        return [t for t in TOWNS if not self.people.get(t)]

    @cached_property
    def silent_rosters(self) -> list[tuple[str, str]]:
        """(town, roster) that had rows the month before and have none, of rosters that came in."""
        now, before = self.comparison.rosters, self.comparison.rosters_before
        if now is None or before is None:
            return []
        return sorted(
            (town, scheme) for (scheme, town), n in before.towns.items()
            if n and scheme in self.datasets and not now.towns[scheme, town] and town in TOWNS
            and town not in self.silent_towns
        )  # fmt: skip

    @property
    def datasets(self) -> frozenset[str]:
        return self.comparison.facts.datasets if self.comparison.facts else frozenset()

    @cached_property
    def silent_datasets(self) -> list[str]:
        """Datasets that came in the month before, and not now."""
        before = self.comparison.facts_before
        return [d for d in DATASETS if before and d in before.datasets and d not in self.datasets]

    @property
    def silent_english(self) -> list[str]:
        """What did not come in, a line each."""
        return [
            *(f"no run of {m}" for m in self.missed),
            *(f"dataset {d} came last month, and not now" for d in self.silent_datasets),
            *(f"{t} sent no roster" for t in self.silent_towns),
            *(f"{t} sent no roster of {s}" for t, s in self.silent_rosters),
        ]

    @property
    def silent_zh(self) -> list[tuple[str, str]]:
        """(what, which) for the workbooks."""
        return [
            *(("没有核查的月份", month_zh(m)) for m in self.missed),
            *(("上月有、本月未报送的数据", scheme_zh(d)) for d in self.silent_datasets),
            *(("上月和本月都没有报送的数据", scheme_zh(d)) for d in DATASETS
              if d not in self.datasets and d not in self.silent_datasets),
            *(("没有报送任何名册的镇街", t) for t in self.silent_towns),
            *(("有名册未报送的镇街", f"{t}：{scheme_zh(s)}") for t, s in self.silent_rosters),
        ]  # fmt: skip


def departments(line: Line) -> list[str]:
    """The departments' datasets that a finding rests on."""
    return sorted(d for d in line.row.about.datasets if d not in ROSTERS)


def gather(pub: Publication, comparison: Comparison, policy: Policy, missed: Sequence[str]) -> Month:
    """The month whose run stands on the publication's engine."""
    told = {
        r["fingerprint"]: r
        for table in ("findings", "unexamined")
        for r in pub.engine.rows(
            f"SELECT fingerprint, category, severity, screened, summary, name, scheme, household_no FROM {table}"
        ).iter_rows(named=True)
    }
    # as the towns' workbooks number them: by the findings' own order
    numbers = short_numbers(pub.engine.rows("SELECT fingerprint FROM findings")["fingerprint"].to_list())
    lines = []
    for row in comparison.rows:
        fingerprint = row.state.fingerprint
        if fingerprint in told:
            verdict = comparison.verdicts.get(row.state.life)
            number = numbers.get(fingerprint, fingerprint[:10].upper())
            lines.append(Line(row, number, town_of(row.about.town), verdict, told[fingerprint]))
    day = min(int(policy.figures["monthly.ledger_day"]), last_day(comparison.month).day)
    as_of = last_day(comparison.month).replace(day=max(day, 1))
    return Month(pub, policy, comparison, as_of, lines, missed)


def _people(rosters: Any) -> dict[str, int]:
    counted: dict[str, int] = {}
    for (_, town), n in rosters.towns.items() if rosters else ():
        counted[town_of(town)] = counted.get(town_of(town), 0) + n
    return counted
