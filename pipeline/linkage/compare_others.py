"""Who and what else comes into a pair: the next best candidate, whom both were linked to, the member of both
households, the list in which both stand, a number that could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.compare_values import LEFT, RIGHT, values_of
from pipeline.linkage.compared import Other
from pipeline.linkage.county import county_spec

_NOBODY: tuple[Other | None, float | None] = (None, None)
# A person's record that tells most of them, whatever lists they stand in.
_BEST_KNOWN = "ORDER BY dataset = 'household_register' DESC, roster_order > 0 DESC, record_id LIMIT 1"


def rival_of(engine: DuckEngine, left: dict[str, Any], right: dict[str, Any]) -> tuple[Other | None, float | None]:
    """The candidate that came next, or first, beside this one, and its probability; None where there was nobody else.

    left, right: rows of `person_record`. Where linkage weighed the pair from the right record's side, its candidates
    are looked through. A pair that gave way to another record of the same person is told that record.
    """
    for asked, other in ((left, right), (right, left)):
        persons = {"own": asked["own"], "other": other["own"], "person": other["person"]}
        pair = engine.rows(
            "SELECT reason, right_person FROM pair_decision "
            "WHERE left_person = $own AND right_person IN ($other, $person)",
            persons,
        )
        if not pair.height:
            continue
        found = engine.rows(
            "SELECT right_person, probability FROM pair_decision "
            "WHERE left_person = $own AND right_person NOT IN ($other, $person) "
            "ORDER BY weight DESC NULLS LAST, right_person LIMIT 1",
            persons,
        ).rows()
        if not found and pair["reason"][0] == "rival":
            found = engine.rows(
                "SELECT left_person, probability FROM pair_decision "
                "WHERE right_person IN ($other, $person) AND left_person <> $own "
                "AND reason <> 'below' ORDER BY weight DESC NULLS LAST, left_person LIMIT 1",
                persons,
            ).rows()
        return (_other(engine, "own = $p OR person = $p", {"p": str(found[0][0])}), found[0][1]) if found else _NOBODY
    return _NOBODY


def not_set_apart(
    engine: DuckEngine, left: dict[str, Any], right: dict[str, Any], settled: Mapping[str, Any], weight: float
) -> bool:
    """Whether the candidate next to this one, at least a bit behind, is the same person's other record, or up as such:
    of two records of one person neither speaks against the other.

    weight: the pair's own, as linkage has it.
    """
    if settled["runner_up"] is None or (settled["probability"] or 0.0) < 0.99 or settled["runner_up"] > weight - 1:
        return False
    for asked, other in ((left, right), (right, left)):
        persons = {"own": asked["own"], "other": other["own"], "person": other["person"]}
        if not engine.rows(
            "SELECT 1 FROM pair_decision WHERE left_person = $own AND right_person IN ($other, $person)", persons
        ).height:
            continue
        found = engine.rows(
            "SELECT d.right_person AS p, d.decision = 'review' AND d.probability + $chance > 1.005 AS beside "
            "FROM pair_decision d WHERE d.left_person = $own AND d.right_person NOT IN ($other, $person) "
            "ORDER BY d.weight DESC NULLS LAST, d.right_person LIMIT 1",
            persons | {"chance": settled["probability"]},
        ).rows()
        if not found:
            return False
        next_, beside = str(found[0][0]), bool(found[0][1])
        both = persons | {"next": next_}
        merged = engine.rows(
            "SELECT 1 FROM person_record WHERE own = $next AND person = $person LIMIT 1",
            {"next": next_, "person": other["person"]},
        ).height
        asked_too = engine.rows(
            "SELECT 1 FROM pair_decision WHERE decision <> 'reject' AND ((left_person = $next AND right_person IN "
            "($other, $person)) OR (right_person = $next AND left_person IN ($other, $person))) LIMIT 1",
            {k: v for k, v in both.items() if k != "own"},
        ).height
        return bool(merged or (beside and asked_too))
    return False


def third_of(engine: DuckEngine, left: dict[str, Any], right: dict[str, Any]) -> Other | None:
    """The person whom both turned out to be, where neither record is that person's own."""
    return _other(
        engine, "own = $p AND own NOT IN ($l, $r)", {"p": left["person"], "l": left["own"], "r": right["own"]}
    )


def best_known(engine: DuckEngine, which: str, params: dict[str, str]) -> dict[str, Any] | None:
    """The row of `person_record` that tells most, of those for which the condition holds; None where there is none."""
    rows = engine.rows(f"SELECT * FROM person_record WHERE {which} {_BEST_KNOWN}", params)
    return rows.row(0, named=True) if rows.height else None


def _other(engine: DuckEngine, which: str, params: dict[str, str]) -> Other | None:
    row = best_known(engine, which, params)
    return Other(str(row["record_id"]), values_of(row)) if row else None


def member_of_both(engine: DuckEngine, left: dict[str, Any], right: dict[str, Any]) -> tuple[str, str] | None:
    """Records of somebody else who stands in the left record's household and, in another list, with the right person.

    None where there is no such member: the two are no kin (see sql/linkage/68_kin.sql).
    """
    found = engine.rows(
        "SELECT m.person, g.group_no, g.dataset FROM group_member l "
        "JOIN group_member m ON m.group_no = l.group_no AND m.dataset = l.dataset "
        "JOIN group_member g ON g.person = m.person AND (g.group_no <> l.group_no OR g.dataset <> l.dataset) "
        "JOIN group_member r ON r.group_no = g.group_no AND r.dataset = g.dataset "
        "WHERE l.group_no = $group AND l.dataset = $dataset AND m.person <> $left AND m.person <> $right "
        # who is of the first household already is no kin found in another
        "AND r.person = $right AND r.person NOT IN ("
        "SELECT own FROM group_own WHERE group_no = $group AND dataset = $dataset) "
        "ORDER BY g.dataset = 'household_register' DESC, g.dataset, g.group_no, m.person LIMIT 1",
        {"group": left["group_no"], "dataset": left["dataset"], "left": left["own"], "right": right["person"]},
    )
    if not found.height:
        return None
    mate, group, dataset = found.row(0)
    return (
        _row_of(engine, mate, left["group_no"], left["dataset"]),
        _row_of(engine, mate, group, dataset),
    )


def _row_of(engine: DuckEngine, person: str, group: str, dataset: str) -> str:
    rows = engine.rows(
        "SELECT record_id FROM person_record WHERE group_no = $group AND dataset = $dataset "
        "AND (own = $p OR person = $p) ORDER BY record_id LIMIT 1",
        {"p": person, "group": group, "dataset": dataset},
    )
    return str(rows.item()) if rows.height else ""


def both_in(around: Mapping[str, list[dict[str, Any]]]) -> tuple[str, str, str] | None:
    """A list in which a person stands once and both persons have a row, with the rows; the first, by each's records."""
    for dataset, whole in county_spec().once_lists:
        for left in around[LEFT]:
            for right in around[RIGHT]:
                if left["dataset"] == right["dataset"] == dataset and (whole or left["group_no"] == right["group_no"]):
                    return dataset, str(left["record_id"]), str(right["record_id"])
    return None


def refused_number(engine: DuckEngine, record_id: str) -> str:
    """Why the ID number that a record registers could not be read, as the rejects have it; '' where it could."""
    if not engine.exists("rejects"):
        return ""
    found = engine.rows(
        "SELECT reason FROM rejects WHERE \"column\" IN ('id_number', 'payee_id_number') "
        "AND file || '#' || sheet || '#' || CAST(row AS VARCHAR) = $id",
        {"id": record_id},
    )["reason"].to_list()
    return str(found[0]) if found else ""
