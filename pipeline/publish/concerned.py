"""Towns that a finding or a pair concerns beside the one that its row is written under.

- A roster row that is written under no town of the county, in a file that is one town's: that town sends the row, and
  is the one that can put it right.
- A person on two towns' rosters: a finding about them stands in one town, and the other pays them too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.contract import DATASETS, ROSTERS, TOWNS
from pipeline.engine.duck import DuckEngine
from pipeline.ingest.words import read_town
from pipeline.linkage.records import typed_table
from pipeline.publish.words import OPEN

_BETWEEN = re.compile(r"[\s_\-－—.,，、()（）\[\]【】0-9年月]+")
_NO_NAMES = ("花名册", "名册", "名单", "台账")  # what a file is called beside its dataset and its town
_SHARED = ("ineligible", "payment", "care")  # a gap is put right where its row stands; a lead is on no roster
_TOWNS = ", ".join(f"'{town}'" for town in TOWNS)


def filed_under(engine: DuckEngine) -> dict[str, str]:
    """record_id → the town whose file it stands in, of roster rows that are written under no town of the county.

    Certain only: file and sheet name one town and no other, and no row of theirs is written under another one.
    """
    found: dict[str, str] = {}
    for roster in ROSTERS:
        table = typed_table(engine, roster)
        astray = engine.rows(
            f'SELECT record_id FROM "{table}" WHERE coalesce(town NOT IN ({_TOWNS}), true) ORDER BY record_id'
        )["record_id"].to_list()
        named = {place: town for place in {r.rpartition("#")[0] for r in astray} if (town := _town_of_file(place))}
        if not named:
            continue
        beside = engine.rows(
            f"SELECT DISTINCT regexp_replace(record_id, '#[^#]*$', '') AS place, town FROM \"{table}\" "
            f"WHERE town IN ({_TOWNS}) ORDER BY ALL"
        ).iter_rows()
        for place, town in beside:
            if named.get(place, town) != town:
                del named[place]
        found |= {r: named[place] for r in astray if (place := r.rpartition("#")[0]) in named}
    return found


def _town_of_file(place: str) -> str | None:
    """The one town that a file's or a sheet's name tells: '低保/低保_梅花镇.xlsx#名单' → '梅花'."""
    file, _, sheet = place.rpartition("#")
    stem = file.rpartition("/")[2].rpartition(".")[0]
    found = {town for name in (stem, sheet) for town in _towns_in(name)}
    return found.pop() if len(found) == 1 else None


def _towns_in(name: str) -> set[str]:
    for word in sorted((*(w for d in DATASETS.values() for w in (d.zh, d.id)), *_NO_NAMES), key=len, reverse=True):
        name = name.replace(word, " ")
    read = (read_town(piece)[0] for piece in _BETWEEN.split(name) if piece)
    return {town for town in read if town in TOWNS}


@dataclass(frozen=True)
class _Row:
    """A row of a roster that is not stopped: whose it is, and where."""

    record: str
    person: str
    town: str
    household: tuple[str, str]


def also_in(engine: DuckEngine, month: str) -> dict[str, list[str]]:
    """Fingerprint of an open finding → the other towns that it concerns: those whose rows are evidence of it, and those
    on whose rosters everybody stands whom the evidence is about.

    Not where that town has a finding of the same rule about the household there.
    """
    if not engine.exists("reached_record"):
        return {}
    query = (
        "SELECT fingerprint, rule_id, town, scheme, household_no, evidence FROM findings "
        f"WHERE status IN ({_quoted(OPEN)}) AND category IN ({_quoted(_SHARED)}) ORDER BY fingerprint"
    )
    findings = list(engine.rows(query).iter_rows(named=True))
    own = {(f["rule_id"], f["scheme"], f["household_no"]) for f in findings}
    about = {f["fingerprint"]: [item["record_id"] for item in json.loads(f["evidence"] or "[]")] for f in findings}
    person = _persons(engine, {r for some in about.values() for r in some})
    rows = _rows(engine, month, set(person.values()))
    by_record, by_person = {r.record: r for r in rows}, _by_person(rows)
    found: dict[str, list[str]] = {}
    for f in findings:
        records = about[f["fingerprint"]]
        people = {p for r in records if (p := person.get(r))}
        everybody = set.intersection(*({r.town for r in by_person.get(p, ())} for p in people)) if people else set()
        beside = [by_record[r] for r in records if r in by_record]
        beside += [row for p in people for row in by_person.get(p, ()) if row.town in everybody]
        towns = {row.town for row in beside if (f["rule_id"], *row.household) not in own} - {f["town"]}
        if towns:
            found[f["fingerprint"]] = [town for town in TOWNS if town in towns]
    return found


def _by_person(rows: Iterable[_Row]) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = {}
    for row in rows:
        found.setdefault(row.person, []).append(row)
    return found


def _rows(engine: DuckEngine, month: str, people: set[str]) -> list[_Row]:
    """These people's roster rows that are not stopped, in the county's towns."""
    parts = [
        f"SELECT record_id, '{roster}' AS scheme, household_no, town FROM \"{typed_table(engine, roster)}\" "
        f"WHERE town IN ({_TOWNS}) AND coalesce(stop_month > $month, true)"
        for roster in ROSTERS
        if DATASETS[roster].has("stop_month")
    ]
    query = (
        f"SELECT t.record_id, r.person, t.town, t.scheme, t.household_no FROM ({' UNION ALL '.join(parts)}) t "
        "JOIN reached_record r ON r.record_id = t.record_id "
        "WHERE r.person IN (SELECT unnest($people)) ORDER BY t.record_id"
    )
    found = engine.rows(query, {"month": month, "people": sorted(people)}).iter_rows() if people else ()
    return [_Row(record, who, town, (scheme, number)) for record, who, town, scheme, number in found]


def _persons(engine: DuckEngine, records: Iterable[str]) -> dict[str, str]:
    query = "SELECT record_id, person FROM reached_record WHERE record_id IN (SELECT unnest($wanted))"
    wanted = sorted(records)
    return dict(engine.rows(query, {"wanted": wanted}).iter_rows()) if wanted else {}


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
