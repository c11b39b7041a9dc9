"""The county while it is being built: people, roster households (cases), sector records, and what was planted.

Rosters and everything planted are Python rows (a few thousand); the general population's sector records are frames,
made last, for the register households that nothing was planted on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from pipeline.demo.figures import Figures
from pipeline.demo.months import AuditMonth
from pipeline.demo.people import People

Row = dict[str, Any]


class NothingLeft(LookupError):
    """The county is too small for all that is planted in it."""


@dataclass
class Case:
    """One household on a roster: its rows, a row a member, head first. Each row carries `pid`."""

    scheme: str
    no: str
    home: int
    rows: list[Row]
    taken: bool = False
    payments: list[Row] = field(default_factory=list)
    months_unpaid: set[str] = field(default_factory=set)

    @property
    def head(self) -> Row:
        return self.rows[0]

    @property
    def pids(self) -> list[int]:
        return [int(r["pid"]) for r in self.rows]

    def set(self, **values: Any) -> None:
        """Write these values on every row."""
        for row in self.rows:
            row.update(values)


@dataclass(frozen=True)
class Planted:
    """A subject planted for a rule: `kind` is positive or near-miss; a household (scheme, household_no) or a pid."""

    rule_id: str
    kind: str
    variant: str
    scheme: str | None
    household_no: str | None
    pid: int | None


@dataclass
class County:
    """Everything the demonstration county is made of."""

    rng: np.random.Generator
    month: AuditMonth
    figures: Figures
    people: People
    positives: int  # wanted positives a rule
    near_misses: int
    cases: dict[str, list[Case]] = field(default_factory=dict)
    grants: list[Row] = field(default_factory=list)
    records: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    own: set[tuple[str, int]] = field(default_factory=set)
    planted: list[Planted] = field(default_factory=list)
    quiet: set[int] = field(default_factory=set)  # pids whose records get no identity noise
    loud: set[int] = field(default_factory=set)  # pids whose records get more than the usual noise
    apart: set[int] = field(default_factory=set)  # pids on whom something is planted that nothing else may touch
    likenesses: list[tuple[int, int, str]] = field(default_factory=list)  # planted: two pids and what makes them alike
    earlier: dict[int, str] = field(default_factory=dict)  # pid → the number before the present one
    reserved: set[int] = field(default_factory=set)  # register households kept out of the general background
    spare: dict[str, list[int]] = field(default_factory=dict)  # shape → unassigned register households
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    strangers: list[int] = field(default_factory=list)  # people with a record in the register and nowhere else
    serial: int = 0
    clean: bool = False  # identities are written as they are, every cell can be read
    enrolled: float = 1.0  # how many times the usual share of people is on rosters

    def add(self, dataset: str, pid: int, **values: Any) -> Row:
        """A sector or bureau record of a person; the background then leaves that person out of this dataset."""
        row = {"pid": pid, **values}
        self.records[dataset].append(row)
        self.own.add((dataset, pid))
        return row

    def without(self, dataset: str, pids: Iterable[int]) -> None:
        """Keep the background from giving these people records in `dataset`."""
        self.own.update((dataset, pid) for pid in pids)

    def take(self, *schemes: str, need: Callable[[Case], bool] | None = None) -> Case:
        """An unplanted case of the first of the schemes that still has one. NothingLeft when none is."""
        for scheme in schemes:
            for case in self.cases[scheme]:
                if not case.taken and (need is None or need(case)):
                    case.taken = True
                    return case
        raise NothingLeft(f"no {'/'.join(schemes)} household is left to plant on")

    def take_home(self, *shapes: str, need: Callable[[range], bool] | None = None) -> range:
        """The pids of a register household of one of these shapes, taken out of the general population."""
        for shape in shapes:
            pool = self.spare.get(shape, [])
            for at, home in enumerate(pool):
                members = self.people.of_home(home)
                if need is None or need(members):
                    del pool[at]
                    self.reserved.add(home)
                    return members
        raise NothingLeft(f"no register household of shape {'/'.join(shapes)} is left to plant on")

    def mark(self, rule: str, kind: str, variant: str, *, case: Case | None = None, pid: int | None = None) -> None:
        """Note what was planted; `kind` is 'positive' or 'near-miss'."""
        scheme, number = (case.scheme, case.no) if case else (None, None)
        self.planted.append(Planted(rule, kind, variant, scheme, number, pid))

    def next_serial(self) -> int:
        """A running number for certificates, plates and accounts."""
        self.serial += 1
        return self.serial

    def pick(self, options: Iterable[Any]) -> Any:
        """One of the options, each as likely."""
        values = list(options)
        return values[int(self.rng.integers(0, len(values)))]

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return int(self.rng.integers(low, high + 1))
