"""What linkage itself said of a pair: from whose side it asked, how it was settled, and by what weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.compare_others import third_of
from pipeline.linkage.compare_values import values_of
from pipeline.linkage.compared import Weighed
from pipeline.linkage.patterns import pattern_levels

_SHOWN = 6  # records of a person


def asked_from(engine: DuckEngine, asked: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether linkage's word on a pair was found by asking who the first record's person is."""
    found = engine.rows(
        "SELECT d.left_person = $own AS here FROM pair_decision d "
        "LEFT JOIN person_merge m ON m.person = d.left_person AND m.merged = d.right_person "
        "WHERE (d.left_person = $own AND d.right_person = $other) "
        "OR (d.left_person = $other AND d.right_person = $own) "
        "ORDER BY d.decision = 'link' DESC, m.person IS NOT NULL DESC, d.probability DESC NULLS LAST, d.left_person "
        "LIMIT 1",
        {"own": asked["own"], "other": other["own"]},
    )
    return bool(found.height and found.item())


def settled_as(engine: DuckEngine, left: dict[str, Any], right: dict[str, Any], same_key: bool) -> dict[str, Any]:
    """Tier, decision, probability, runner-up and reason, as linkage settled the pair."""
    persons = {"l": left["own"], "r": right["own"], "lp": left["person"], "rp": right["person"]}
    if left["person"] == right["person"]:  # what was asked of each beside a third says nothing of the two
        persons |= {"lp": left["own"], "rp": right["own"]}
    asked = engine.rows(
        "SELECT tier, probability, runner_up, decision, reason FROM pair_decision "
        "WHERE (left_person IN ($l, $lp) AND right_person IN ($r, $rp)) "
        "OR (left_person IN ($r, $rp) AND right_person IN ($l, $lp)) "
        "ORDER BY decision = 'link' DESC, probability DESC NULLS LAST LIMIT 1",
        persons,
    )
    if asked.height:
        return asked.row(0, named=True)
    blank = {"tier": "exact_id", "probability": None, "runner_up": None}
    if left["person"] == right["person"]:
        merged = engine.rows("SELECT tier, probability, runner_up FROM person_merge WHERE person IN ($l, $r)", persons)
        if merged.height == 2 and (third := third_of(engine, left, right)):
            weaker = merged.sort("probability", nulls_last=True).row(0, named=True)
            return weaker | {"decision": "link", "reason": "through", "third": third}
        if merged.height:
            row = merged.sort("probability", nulls_last=True).row(0, named=True)
            return row | {"decision": "link", "reason": row["tier"]}
        return blank | {"decision": "link", "reason": "same_id"}
    if same_key:
        return blank | {"decision": "review", "reason": "id_conflict"}
    sound = engine.rows(
        "SELECT count(DISTINCT id_key) FROM identity_pair "
        "WHERE id_key IN ($lp, $rp) AND id_state IN ('valid', 'old15')",
        persons,
    ).item()
    return {"tier": "probabilistic", "probability": None, "runner_up": None, "decision": "reject",
            "reason": "confirmed_apart" if sound == 2 else "below"}  # fmt: skip


def weighed(
    engine: DuckEngine, left: dict[str, Any], right: dict[str, Any], weight: float, levels: Mapping[str, str | None]
) -> Weighed | None:
    """The link's own weight; None where it is this one, or no model weighed the two.

    Linkage compares persons: of all their records the best level of each field counts, and who was linked before
    brings others along. So the two records alone may say more, or less.
    """
    pair = {"a": left["record_id"], "b": right["record_id"]}
    links = engine.rows(
        "SELECT match_weight, pattern FROM links WHERE match_weight IS NOT NULL "
        "AND ((roster_record_id = $a AND record_id = $b) OR (roster_record_id = $b AND record_id = $a))",
        pair,
    )
    if not links.height or abs(links["match_weight"][0] - weight) < 0.05:
        return None
    own, pattern = links.row(0)
    said = pattern_levels(pattern)
    met = engine.rows(
        "WITH met AS (SELECT person AS one, merged AS other, weight, pattern FROM person_merge "
        "UNION ALL SELECT left_person, right_person, weight, NULL FROM pair_decision) "
        "SELECT one, other, pattern FROM met WHERE abs(weight - $own) < 0.001 AND (one IN ($l, $r, $lp, $rp)) "
        "ORDER BY one NOT IN ($l, $r), one, other, pattern NULLS LAST LIMIT 1",
        {"own": own, "l": left["own"], "r": right["own"], "lp": left["person"], "rp": right["person"]},
    )
    found: list[list[dict[str, Any]]] = [[], []]
    if met.height:
        one, other, of_merge = met.row(0)
        if of_merge:  # the levels of that weight: the link's own may be those of another pair of records
            said = pattern_levels(of_merge)
        found = [_records(engine, "own = $one", one, other),
                 _records(engine, "(own = $other OR person = $other) AND own <> $one", one, other)]  # fmt: skip
        # the left record's person first
        if left["own"] != one and right["own"] == one:
            found.reverse()
        found = [shown_first(rows, shown["record_id"]) for rows, shown in zip(found, (left, right), strict=True)]
    differs = {f: said.get(f) for f in levels if levels[f] != said.get(f) and f in said}
    heard = [f for f, level in differs.items() if level is not None]
    records = [_telling(rows, others, heard) for rows, others in (found, reversed(found))]
    return Weighed(float(own), differs, records[0], records[1])


def _records(engine: DuckEngine, which: str, one: str, other: str) -> list[dict[str, Any]]:
    rows = engine.rows(
        f"SELECT * FROM person_record WHERE {which} ORDER BY roster_order = 0, record_id", {"one": one, "other": other}
    )
    return list(rows.iter_rows(named=True))


def shown_first(rows: list[dict[str, Any]], record: str) -> list[dict[str, Any]]:
    """A person's records, this one before the others."""
    return sorted(rows, key=lambda row: bool(row["record_id"] != record))


def _telling(rows: list[dict[str, Any]], others: list[dict[str, Any]], fields: list[str]) -> tuple[str, ...]:
    """The first few records of a person, those first that have what was compared: what the other's records have too."""
    first = rows[:1]  # the record shown
    values, against = [values_of(r) for r in rows], [values_of(r) for r in others]
    for field in fields:
        theirs = {v[field] for v in against} - {None}
        having = [r for r, v in zip(rows, values, strict=True) if v[field] is not None]
        same = [r for r in having if values_of(r)[field] in theirs]
        if (same or having) and not any(r in first for r in same or having):
            first.append((same or having)[0])
    return tuple(str(r["record_id"]) for r in [*first, *(r for r in rows if r not in first)][:_SHOWN])
