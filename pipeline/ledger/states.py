"""What has become of every finding: this month's beside those of the month before, and the rulings.

    new, continuing, reopened   found this month, and open: a town has to answer
    dismissed                   found, but somebody ruled that it does not hold, on the very evidence it still has
    resolved                    of the month before, examined this month, and no longer found
    not_examined                of the month before, and this month could not say whether it is still so

A finding is known by its fingerprint. Where only the household's number or the person's number changed, the new
fingerprint goes on with the old one's life: its age, its rulings.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.ledger.causes import Side, Subject, unexamined, why_found, why_gone
from pipeline.record_words import NOT_EXAMINED


@dataclass(frozen=True)
class Seen:
    """A finding as the month before left it."""

    about: Subject
    fingerprint: str
    life: str
    status: str
    first_month: str


@dataclass(frozen=True)
class Ruling:
    """The ruling that stands about a finding. `evidence`: of what values (None: of any)."""

    verdict: str
    valid_until: datetime.date | None
    evidence: str | None

    def dismisses(self, evidence: str, as_of: datetime.date) -> bool:
        return self.verdict == "dismissed" and self.holds_for(evidence) and not self.expired(as_of)

    def holds_for(self, evidence: str) -> bool:
        return self.evidence is None or self.evidence == evidence

    def expired(self, as_of: datetime.date) -> bool:
        return self.valid_until is not None and self.valid_until < as_of


@dataclass(frozen=True)
class State:
    """A finding's state this month. `before`: the row of the month before that it goes on from, or that has gone."""

    fingerprint: str
    status: str
    cause: str | None
    first_month: str
    life: str
    replaced: str | None = None
    before: Seen | None = None


@dataclass(frozen=True)
class Past:
    """What the ledger knows: the month before, by fingerprint; lives ever seen (fingerprint → life, first month)."""

    last: Mapping[str, Seen]
    ever: Mapping[str, tuple[str, str]]
    rulings: Mapping[str, Ruling]  # by life
    then: Side | None  # None: there is no month before


def states(found: Mapping[str, Subject], past: Past, now: Side, month: str, as_of: datetime.date) -> list[State]:
    """The state of every finding of this month and of the month before; `found`: fingerprint → what it says."""
    gone = {f: s for f, s in past.last.items() if f not in found}
    fresh = {f: s for f, s in found.items() if f not in past.last and f not in past.ever}
    heirs = _same_finding(fresh, gone)
    for old in heirs.values():
        del gone[old.fingerprint]
    places = _same_subject({f: s for f, s in fresh.items() if f not in heirs}, gone)
    out = []
    for fingerprint, about in found.items():
        before = past.last.get(fingerprint) or heirs.get(fingerprint)
        state = _found(fingerprint, about, before, past, now, month, as_of)
        if fingerprint in heirs and state.status == "continuing":
            state = replace(state, cause="renumbered")
        if place := places.get(fingerprint):
            state = replace(state, replaced=place.fingerprint, cause="took_place" if past.then else state.cause)
        out.append(state)
    taken = {old.fingerprint for old in places.values()}
    out += [_gone(seen, past, now, replaced=f in taken) for f, seen in gone.items() if seen.status != "resolved"]
    return out


def _found(
    fingerprint: str, about: Subject, before: Seen | None, past: Past, now: Side, month: str, as_of: datetime.date
) -> State:
    known = past.ever.get(fingerprint)
    life, first = (before.life, before.first_month) if before else known or (fingerprint, month)
    first = min(first, month)

    def state(status: str, cause: str | None) -> State:
        return State(fingerprint, status, cause, first, life, before=before)

    def why() -> str | None:
        return why_found(about, before.about if before else None, now, past.then)

    ruling = past.rulings.get(life)
    if ruling and ruling.dismisses(about.evidence, as_of):
        return state("dismissed", None if before and before.status == "dismissed" else "ruled")
    if before is None or before.status == "resolved":
        return state("reopened" if before or known else "new", why())
    if before.status == "dismissed":
        return state("reopened", _why_back(ruling, about) or why())
    if before.status == NOT_EXAMINED:
        return state("continuing", "examined_again")
    if before.about.town != about.town:
        return state("continuing", "moved")
    changed = before.about.evidence and before.about.evidence != about.evidence
    return state("continuing", why() if changed else None)


def _why_back(ruling: Ruling | None, about: Subject) -> str | None:
    """Why a dismissal no longer holds, unless it is that the evidence changed."""
    if ruling is None or ruling.verdict != "dismissed":
        return "ruling_changed"
    return "ruling_expired" if ruling.holds_for(about.evidence) else None


def _gone(seen: Seen, past: Past, now: Side, *, replaced: bool) -> State:
    cause = unexamined(seen.about, now, past.then)
    if cause and not replaced:
        return State(seen.fingerprint, NOT_EXAMINED, cause, seen.first_month, seen.life, before=seen)
    cause = "replaced" if replaced else why_gone(seen.about, now, past.then)
    return State(seen.fingerprint, "resolved", cause, seen.first_month, seen.life, before=seen)


Key = tuple[Any, ...]


def _same_finding(fresh: Mapping[str, Subject], gone: Mapping[str, Seen]) -> dict[str, Seen]:
    """New fingerprint → the vanished finding that it is, but for a number: the same evidence about the same person, or
    about a namesake in the same household.
    """

    def by_person(s: Subject) -> Key | None:
        return (s.rule, s.scheme, s.evidence, s.id_number) if s.id_number else None

    def by_name(s: Subject) -> Key | None:
        return (s.rule, s.scheme, s.evidence, s.household_no, s.name) if s.household_no and s.name else None

    found = _paired(fresh, gone, by_person)
    taken = {s.fingerprint for s in found.values()}
    rest = {f: s for f, s in fresh.items() if f not in found}
    return found | _paired(rest, {f: s for f, s in gone.items() if f not in taken}, by_name)


def _same_subject(fresh: Mapping[str, Subject], gone: Mapping[str, Seen]) -> dict[str, Seen]:
    """New fingerprint → the vanished finding of the same rule about the same household and person."""
    return _paired(
        fresh, gone,
        lambda s: (s.rule, s.scheme, s.household_no, s.id_number) if s.household_no or s.id_number else None,
    )  # fmt: skip


def _paired(
    fresh: Mapping[str, Subject], gone: Mapping[str, Seen], key: Callable[[Subject], Key | None]
) -> dict[str, Seen]:
    """Where one new and one vanished finding share a key that no other has."""
    new, old = _grouped((key(s), f) for f, s in fresh.items()), _grouped((key(s.about), f) for f, s in gone.items())
    return {
        new[k][0]: gone[old[k][0]]
        for k in new
        if k in old and len(new[k]) == len(old[k]) == 1 and gone[old[k][0]].about.evidence
    }


def _grouped(pairs: Iterable[tuple[Key | None, str]]) -> dict[Key, Sequence[str]]:
    out: dict[Key, list[str]] = defaultdict(list)
    for key, fingerprint in pairs:
        if key is not None:
            out[key].append(fingerprint)
    return dict(out)
