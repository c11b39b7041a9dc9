"""What people ruled about pairs of records, laid over what the model decided, before any rule runs.

A record is known again next month, and in other datasets, by what it says of its person: number and name; without a
number, by dataset, name, birth date, town and household. A ruling is used where both sides are known again; a side
without a number only where a single record answers to it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.context import Context
from pipeline.linkage.records import records_sql
from pipeline.linkage.settle import forget_settled

_FACTS = "dataset, record_id, id_number, name, birth_date, town, group_no"

_PAIR = {"ruling": pl.Int64, "a": pl.String, "b": pl.String, "same": pl.Boolean}


@dataclass(frozen=True)
class RuledPair:
    """Two sides (as `side` writes them) that somebody ruled to be one person, or two."""

    ours: str
    theirs: str
    same: bool


def side(record: Mapping[str, Any]) -> str:
    """What a record says of its person, as text; `record`: the columns of `person_record`."""
    number, name = record["id_number"], record["name"] or ""
    if number:
        return json.dumps([number, name], ensure_ascii=False)
    birth = record["birth_date"].isoformat() if record["birth_date"] else None
    facts = [record["dataset"], name, birth, record["town"], record["group_no"]]
    return json.dumps([None, *facts], ensure_ascii=False)


def asked_sides(engine: DuckEngine) -> list[tuple[str, str, str, str, str]]:
    """The pairs in review: roster record, dataset, record, and the side of each."""
    query = f"""SELECT {_FACTS} FROM reached_record WHERE record_id IN (
        SELECT unnest([roster_record_id, record_id]) FROM links WHERE decision = 'review')"""
    sides = {r["record_id"]: side(r) for r in engine.rows(query).iter_rows(named=True)}
    pairs = engine.rows(
        "SELECT roster_record_id, dataset, record_id FROM links WHERE decision = 'review' ORDER BY ALL"
    ).iter_rows()
    return [(a, dataset, b, sides[a], sides[b]) for a, dataset, b in pairs if a in sides and b in sides]


def rule_persons(engine: DuckEngine, context: Context, pairs: Sequence[RuledPair]) -> None:
    """Merge whom people ruled to be one and part whom they ruled to be two.

    Leaves `ruled_pair`: the pairs of records that the rulings are about, and the ruling's place in `pairs`.
    """
    engine.drop("ruled_pair")
    engine.create("ruled_pair", {"ruling": "BIGINT", "a": "VARCHAR", "b": "VARCHAR", "same": "BOOLEAN"})
    if not pairs:
        return
    records = _answering(engine, context, pairs)
    placed: set[str] = set()
    for number, pair in enumerate(pairs):
        ours, theirs = records.get(pair.ours, []), records.get(pair.theirs, [])
        found = [(a, b) for a in ours for b in theirs if a["record_id"] != b["record_id"]]
        for a, b in {(a["own"], b["own"]): (a, b) for a, b in found if a["own"] != b["own"]}.values():
            _settle(engine, a["own"], b["own"], pair.same, placed)
        both = [(number, a["record_id"], b["record_id"], pair.same) for a, b in found]
        engine.load("ruled_pair", pl.DataFrame(both, schema=_PAIR, orient="row"))
    forget_settled(engine)


def reject_ruled(engine: DuckEngine) -> None:
    """In `links`, the pairs that people ruled to be two persons are rejected, not asked about again."""
    engine.run(
        "UPDATE links SET decision = 'reject' FROM ruled_pair r WHERE NOT r.same AND links.decision = 'review' "
        "AND ((links.roster_record_id = r.a AND links.record_id = r.b) "
        "OR (links.roster_record_id = r.b AND links.record_id = r.a))"
    )


def _answering(engine: DuckEngine, context: Context, pairs: Iterable[RuledPair]) -> dict[str, list[dict[str, Any]]]:
    """Side → this month's records that answer to it; none where several answer to one without a number."""
    wanted = {text for pair in pairs for text in (pair.ours, pair.theirs)}
    facts = [json.loads(text) for text in wanted]
    numbers = sorted({f[0] for f in facts if f[0]})
    names = sorted({f[2] for f in facts if not f[0]})
    engine.drop("ruled_value")
    rows = [*(("number", n) for n in numbers), *(("name", n) for n in names)]
    engine.load("ruled_value", pl.DataFrame(rows, schema={"kind": pl.String, "value": pl.String}, orient="row"))
    among = (
        "id_number IN (SELECT value FROM ruled_value WHERE kind = 'number') "
        "OR (id_number IS NULL AND name IN (SELECT value FROM ruled_value WHERE kind = 'name'))"
    )
    query = f"SELECT {_FACTS}, own FROM ({records_sql(context.datasets, among)}) ORDER BY record_id"
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in engine.rows(query).iter_rows(named=True):
        if (text := side(record)) in wanted:
            found[text].append(record)
    engine.drop("ruled_value")
    return {text: some for text, some in found.items() if len(some) == 1 or json.loads(text)[0]}


def _settle(engine: DuckEngine, ours: str, theirs: str, same: bool, placed: set[str]) -> None:
    """One pair of persons. Who has no sound number of their own goes where the ruling says.

    `placed`: who has gone where a ruling said; another ruling brings others to them, and does not take them away.
    """
    sound = set(engine.rows("SELECT person FROM standing WHERE person IN ($a, $b)", {"a": ours, "b": theirs})["person"])
    loose, other = (ours, theirs) if ours not in sound or theirs in sound else (theirs, ours)
    if same and loose in placed:
        loose, other = other, loose
        if loose in sound or loose in placed:
            return
    params = {"loose": loose, "other": _final(engine, other)}
    if same:
        placed.add(loose)
        if params["other"] == loose:
            return
        pattern = (
            "(SELECT min(pattern) FROM pair_decision WHERE (left_person = $loose AND "
            "right_person = $other) OR (left_person = $other AND right_person = $loose))"
        )
        engine.run("DELETE FROM person_merge WHERE person = $loose", params)
        engine.run(
            f"INSERT INTO person_merge SELECT $loose, $other, 'probabilistic', NULL, 1.0, NULL, {pattern}", params
        )
        engine.run("UPDATE person_merge SET merged = $other WHERE merged = $loose", params)
    elif _final(engine, loose) == params["other"]:
        gone = loose if _final(engine, loose) != loose else other
        engine.run("DELETE FROM person_merge WHERE person = $gone", {"gone": gone})


def _final(engine: DuckEngine, person: str) -> str:
    found = engine.rows("SELECT merged FROM person_merge WHERE person = $person", {"person": person})["merged"]
    return str(found[0]) if found.len() else person
