"""Both ledgers of a month, written into the run's own folder: the same drop and ledger give the same bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.ledger.compared import Comparison
from pipeline.monthly.changes import changes_book
from pipeline.monthly.gathered import gather
from pipeline.monthly.visits import visits_book
from pipeline.policy import Policy
from pipeline.private import folder
from pipeline.publish.publication import Publication
from pipeline.publish.workbook import write_book

FOLDER = "monthly"
CHANGES, VISITS = "比对台账.xlsx", "脱贫停救家庭走访预警台账.xlsx"


@dataclass(frozen=True)
class Told:
    """What the month's job has to say in a line and a few more."""

    overdue: int = 0
    visits_overdue: int = 0
    silent: Sequence[str] = field(default_factory=tuple)  # months, towns and datasets that are missing, in English


def write_ledgers(
    pub: Publication, comparison: Comparison, policy: Policy, visited: dict[str, dt.date], missed: Sequence[str],
    out: Path,
) -> Told:  # fmt: skip
    """Write 比对台账 and 走访、预警台账 into `out`/monthly.

    `visited`: unit of a draw → the day of its last visit in the bureau's ledger; `missed`: months without a run.
    """
    month = gather(pub, comparison, policy, missed)
    place = folder(out / FOLDER)
    write_book(changes_book(month), place / CHANGES, pub.password_of(place / CHANGES))
    book, late = visits_book(month, visited)
    write_book(book, place / VISITS, pub.password_of(place / VISITS))
    return Told(len(month.overdue), late, month.silent_english)
