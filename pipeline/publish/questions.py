"""What people are asked about pairs in review: one question for two persons, whichever of their records it shows in.

A number that stands on a roster row and on eleven records of somebody else is one question, not eleven.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.explain.wording import one_number, pattern_levels
from pipeline.publish.rivals import records_of

Link = dict[str, Any]  # a row of `links`
_REVIEW = "SELECT roster_record_id, record_id FROM links WHERE decision = 'review'"
_NEAR = 10.0  # bits: a candidate a thousand times less likely is no rival to be told
_MOST = 3  # rivals told
# asked: whom linkage asked about, as it stood then; one, other: who the two turned out to be. Two records of one person
# are no rivals of each other.
_DECIDED = """
WITH named AS (
  SELECT d.left_person AS asked, coalesce(a.merged, d.left_person) AS one, coalesce(b.merged, d.right_person) AS other,
         d.weight, d.probability, d.reason
  FROM pair_decision d
  LEFT JOIN person_merge a ON a.person = d.left_person
  LEFT JOIN person_merge b ON b.person = d.right_person
  WHERE d.weight IS NOT NULL
)
SELECT * FROM named
WHERE one <> other AND (one IN (SELECT unnest($some)) OR other IN (SELECT unnest($some)))
ORDER BY weight DESC, probability DESC, asked, other, reason
"""


@dataclass(frozen=True)
class Rival:
    """Somebody else whom the uncertain record may be about: a record of theirs, and how probable that is.

    instead_of: the person of the question whose place the rival would take. nearly: as likely as that person, or more.
    """

    person: str
    record: str
    instead_of: str
    probability: float | None
    nearly: bool


@dataclass(frozen=True)
class Question:
    """Whether two persons are one: every pair in review that asks it, `persons` of the first one's two records.

    reason: why linkage did not settle it, '' where no model weighed it (see sql/linkage/82_judged.sql).
    """

    links: tuple[Link, ...]
    persons: tuple[str, str]
    reason: str
    rivals: tuple[Rival, ...]


def questions(engine: DuckEngine) -> tuple[list[Question], dict[str, str]]:
    """The questions of the pairs in review, in the order of their first pairs; and record_id → who it is about."""
    found, person = asked_together(engine)
    decided = _decided(engine, {p for pair in found for p in pair})
    shown = {frozenset(pair): max((k["match_probability"] for k in of), key=_sure) for pair, of in found.items()}
    out = []
    for pair, of in found.items():
        of.sort(key=_telling)
        persons = (person[of[0]["roster_record_id"]], person[of[0]["record_id"]])
        own = next((d for d in decided.get(pair[0], ()) if {d["one"], d["other"]} == {*pair}), None)
        out.append(Question(tuple(of), persons, (own or {}).get("reason") or "", _rivals(own, pair, decided, shown)))
    return _with_records(engine, out), person


def asked_together(engine: DuckEngine) -> tuple[dict[tuple[str, str], list[Link]], dict[str, str]]:
    """Two persons → the pairs in review that ask whether they are one; and record_id → who it is about."""
    links = list(engine.rows("SELECT * FROM links WHERE decision = 'review' ORDER BY ALL").iter_rows(named=True))
    person = _persons(engine, links)
    found: dict[tuple[str, str], list[Link]] = {}
    for link in links:
        one, other = sorted((person[link["roster_record_id"]], person[link["record_id"]]))
        found.setdefault((one, other), []).append(link)
    return found, person


def _sure(probability: float | None) -> float:
    return -1.0 if probability is None else probability


def _telling(link: Link) -> tuple[Any, ...]:
    """Of one question's pairs: one number under two names before the rest, then the two records that say most."""
    pattern = link["pattern"] or ""
    return (
        not one_number(pattern_levels(pattern)), link["match_probability"] is None, pattern.count("=unknown"),
        link["dataset"] != "household_register", link["roster_record_id"], link["record_id"],
    )  # fmt: skip


def _persons(engine: DuckEngine, links: Iterable[Link]) -> dict[str, str]:
    """record_id → who it is about; the record itself where linkage left nothing about it."""
    out = {r: r for link in links for r in (link["roster_record_id"], link["record_id"])}
    if engine.exists("reached_record"):
        wanted = f"SELECT unnest([roster_record_id, record_id]) FROM ({_REVIEW})"
        out |= dict(
            engine.rows(f"SELECT record_id, person FROM reached_record WHERE record_id IN ({wanted})").iter_rows()
        )
    return out


def _decided(engine: DuckEngine, some: set[str]) -> dict[str, list[dict[str, Any]]]:
    """Person → the candidate pairs that linkage decided about and in which the person stands."""
    out: dict[str, list[dict[str, Any]]] = {}
    if engine.exists("pair_decision"):
        for d in engine.rows(_DECIDED, {"some": sorted(some)}).iter_rows(named=True):
            for person in (d["one"], d["other"]):
                out.setdefault(person, []).append(d)
    return out


def _rivals(
    own: Mapping[str, Any] | None,
    pair: tuple[str, str],
    decided: Mapping[str, Sequence[dict[str, Any]]],
    shown: Mapping[frozenset[str], float | None],
) -> tuple[Rival, ...]:
    """Whom linkage weighed beside the pair: the other candidates of whom it asked about, else who keeps the person.

    shown: two persons → how probable the question about them says it is, which is said of a rival as well.
    """
    if own is None:
        return ()
    if own["reason"] == "rival":
        some = [
            (d["one"], own["one"], d) for d in decided.get(own["other"], ())
            if d["other"] == own["other"] and d["reason"] != "below"
        ]  # fmt: skip
    else:
        some = [(d["other"], own["other"], d) for d in decided.get(own["one"], ()) if d["asked"] == own["asked"]]
    best: dict[str, Rival] = {}
    for who, instead, d in some:
        if who not in pair and d["weight"] >= own["weight"] - _NEAR:
            likely = shown.get(frozenset({who, *pair} - {instead})) or d["probability"]
            best.setdefault(who, Rival(who, "", instead, likely, d["weight"] > own["weight"] - 1))
    return tuple(best.values())[:_MOST]


def _with_records(engine: DuckEngine, found: Sequence[Question]) -> list[Question]:
    """The same, each rival with a record; whoever stands on none that a person could look up is left out."""
    persons = sorted({r.person for q in found for r in q.rivals})
    if not persons:
        return list(found)
    told = dict(records_of(engine, pl.Series(persons, dtype=pl.String), "review_rival").iter_rows())
    return [
        Question(
            q.links, q.persons, q.reason,
            tuple(
                Rival(r.person, told[r.person], r.instead_of, r.probability, r.nearly)
                for r in q.rivals if r.person in told
            ),
        )
        for q in found
    ]  # fmt: skip
