"""Why a finding is there, or no longer there: the first of these that can be shown from what two runs know.

Roster before department: whoever left the roster leaves every list. Where a rule's wording changed and the records did
not, it is the rule; where nothing changed at all, the clock.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.contract import ROSTERS
from pipeline.ledger.facts import Facts, Rosters

# Fewer rows than this may leave a town's roster in a month without anybody having forgotten to send it.
_A_TOWN = 3
Record = tuple[str, int]  # dataset, hash of what the record says


@dataclass(frozen=True)
class Subject:
    """Who and what a finding is about. `evidence`: hash of the evidence's values; `records`: what they stand on."""

    rule: str
    category: str | None
    scheme: str | None
    town: str | None
    household_no: str | None
    name: str | None
    id_number: str | None
    evidence: str
    records: frozenset[Record] = frozenset()

    @property
    def datasets(self) -> set[str]:
        """The datasets without which nothing can be said of it."""
        own = {self.scheme} if self.scheme in ROSTERS and self.category != "missing" else set()
        return {d for d, _ in self.records} | {d for d in own if d}


@dataclass(frozen=True)
class Side:
    """One run: its facts and rosters. `still`: records of the other side that stand in this one's data too."""

    facts: Facts | None
    rosters: Rosters | None = None
    still: frozenset[Record] = frozenset()


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Cause → zh, en."""
    text = Path(__file__).with_name("causes.toml").read_text(encoding="utf-8")
    return {k: dict(v) for k, v in tomllib.loads(text).items()}


def unexamined(gone: Subject, now: Side, then: Side | None) -> str | None:
    """Why this month cannot say whether a finding of the month before still holds; None when it can."""
    if now.facts is None:
        return None
    absent = gone.datasets - now.facts.datasets
    if now.facts.hash_of(gone.rule, gone.scheme) is None:
        needed = set(now.facts.reads.get(gone.rule, ())) | gone.datasets
        return "dataset_absent" if needed - now.facts.datasets else "rule_not_run"
    if absent:
        return "dataset_absent"
    if then and then.rosters and now.rosters and gone.town and gone.scheme:
        place = (gone.scheme, gone.town)
        if then.rosters.towns[place] >= _A_TOWN and not now.rosters.towns[place]:
            return "town_absent"
    for rule, dataset, town in now.facts.doubtful:
        if rule == gone.rule and dataset in gone.datasets and town in ("", gone.town):
            return "data_doubtful"
    return None


def why_gone(gone: Subject, now: Side, then: Side | None) -> str | None:
    """Why a finding that was examined is no longer found; None where the two runs are not known well enough."""
    if now.facts is None or then is None or then.facts is None:
        return None
    if _newly_ruled(gone, now.facts, then.facts):
        return "linkage_changed"
    if _roster_changed(gone, now, then):
        return "roster_changed"
    missing = {dataset for dataset, content in gone.records if (dataset, content) not in now.still}
    if missing:
        return "roster_changed" if missing <= set(ROSTERS) else "data_changed"
    return _rule_or_clock(gone, now.facts, then.facts)


def why_found(about: Subject, before: Subject | None, now: Side, then: Side | None) -> str | None:
    """Why a finding is there that was not there, or says what it did not say, the month before."""
    if then is None:
        return "first_month"
    if now.facts is None or then.facts is None:
        return None
    rule_then = then.facts.hash_of(about.rule, about.scheme)
    if rule_then is None and (about.datasets | set(now.facts.reads.get(about.rule, ()))) - then.facts.datasets:
        return "not_examined_before"
    if about.datasets - then.facts.datasets:
        return "not_examined_before"
    if (set(now.facts.reads.get(about.rule, ())) & then.facts.datasets) - now.facts.datasets:
        return "dataset_absent"  # what would have spared it is not there
    if _roster_changed(about, now, then):
        return "roster_changed"
    known = then.rosters.contents if then.rosters else frozenset()
    if any(d in ROSTERS and content not in known for d, content in about.records):
        return "roster_changed"
    if _newly_ruled(about, now.facts, then.facts):
        return "linkage_changed"
    if before is not None and before.records - about.records - {r for r in before.records if r[0] in ROSTERS}:
        return "data_changed"
    return _rule_or_clock(about, now.facts, then.facts)


def _roster_changed(about: Subject, now: Side, then: Side) -> bool:
    """Whether the household's, or the unenrolled person's, standing on the rosters is another one."""
    if now.rosters is None or then.rosters is None:
        return False
    if about.category == "missing" or not about.household_no:
        return now.rosters.person(about.id_number) != then.rosters.person(about.id_number)
    here = (about.scheme, about.household_no)
    return now.rosters.household(*here) != then.rosters.household(*here)


def _newly_ruled(about: Subject, now: Facts, then: Facts) -> bool:
    """Whether people have decided, since the month before, who one of its records is about."""
    return any(now.ruled.get(record, frozenset()) - then.decided for record in about.records)


def _rule_or_clock(about: Subject, now: Facts, then: Facts) -> str:
    """The rest: the rule's wording or figures, who was taken for whom, other records, or the passing of time."""
    if now.hash_of(about.rule, about.scheme) != then.hash_of(about.rule, about.scheme):
        return "rule_changed"
    others = {d for d, _ in about.records if d not in ROSTERS} | set(now.reads.get(about.rule, ()))
    if any(now.files.get(d) != then.files.get(d) for d in others):
        return "data_changed"
    return "linkage_changed" if now.linkage != then.linkage else "time_passed"
