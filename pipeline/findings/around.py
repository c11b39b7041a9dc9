"""What findings say beside their rule's rows: who the records are about, how sure that is, what screens a lead.

Everything is looked up once for the rows of all rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipeline.contract import DATASETS
from pipeline.engine.duck import DuckEngine
from pipeline.identity import PERSON_FIELDS

Key = tuple[str, str]  # dataset, record_id
# The shared tables that are read here, of all findings and of leads.
READ_OF_ALL = ("known_person",)
READ_OF_LEADS = ("screening", "under_review", "resident")


@dataclass(frozen=True)
class Known:
    """Who a record is about, and the probability that it is: 1.0 under a number of its own.

    number: whether the number that ties it to others is a valid one (a mended record's is, by its probability).
    """

    person: str
    probability: float
    number: bool


@dataclass(frozen=True)
class Around:
    """What `look_around` found.

    subjects: (dataset, record_id) → name, id_number, town, village of the records the findings are about.
    known: who the subjects and the evidence are about.
    rows: (scheme, household_no, person) → `Known` of the surest row of that person in that household.
    least: the probability from which two records are linked; stands for a link whose own is not known.
    screening: lead → disqualifying evidence in its register household.
    held: person → enrolled roster rows that may be the person's, which somebody has yet to judge.
    homes: lead → its register household's number.
    """

    subjects: dict[Key, dict[str, Any]]
    known: dict[Key, Known]
    rows: dict[tuple[str, str, str], Known]
    least: float
    screening: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    held: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)


def look_around(engine: DuckEngine, rows: Sequence[pl.DataFrame]) -> Around:
    """Look up what the rows of all rules need (each frame begins with `FIXED`)."""
    about: dict[str, set[str]] = defaultdict(set)
    wanted: dict[str, set[str]] = defaultdict(set)
    leads: set[str] = set()
    households: set[tuple[str, str]] = set()
    for frame in rows:
        for dataset, record in (
            ("subject_dataset", "record_id"),
            ("evidence_dataset", "evidence_record_id"),
            ("via_dataset", "via_record_id"),
        ):
            if dataset not in frame.columns:
                continue
            for dataset_id, record_id in frame.select(dataset, record).unique().iter_rows():
                if record_id is not None:
                    wanted[dataset_id].add(record_id)
                    if dataset == "subject_dataset":
                        about[dataset_id].add(record_id)
        households |= set(frame.select("scheme", "household_no").unique().drop_nulls().iter_rows())
        if "person" in frame.columns:
            leads |= set(frame["person"]) - {None}
    least = _least(engine)
    return Around(
        subjects=_subjects(engine, about),
        known=_known(engine, wanted, least),
        rows=_household_rows(engine, households, least),
        least=least,
        **_of_leads(engine, leads),
    )


def _subjects(engine: DuckEngine, about: dict[str, set[str]]) -> dict[Key, dict[str, Any]]:
    subjects: dict[Key, dict[str, Any]] = {}
    for dataset_id, wanted in sorted(about.items()):
        columns = DATASETS[dataset_id]
        number, name = PERSON_FIELDS[dataset_id]
        town = "town" if columns.has("town") else "CAST(NULL AS VARCHAR)"
        village = "village" if columns.has("village") else "CAST(NULL AS VARCHAR)"
        found = engine.rows(
            f"SELECT record_id, {name} AS name, {number} AS id_number, {town} AS town, {village} AS village "
            f"FROM {dataset_id} WHERE record_id IN (SELECT unnest($wanted))",
            {"wanted": sorted(wanted)},
        )
        subjects |= {(dataset_id, r["record_id"]): r for r in found.iter_rows(named=True)}
    return subjects


def _least(engine: DuckEngine) -> float:
    """The probability from which linkage links."""
    return float(engine.rows("SELECT link_at FROM link_model").item()) if engine.exists("link_model") else 0.0


# A record's own key is a valid number, or was mended with a probability, or neither: no number, or somebody else's.
# A probability that was rounded to 1 is none of a valid number.
_SURENESS = (
    "t.person, t.own, CASE WHEN m.person IS NULL THEN 1.0 ELSE least(coalesce(m.probability, $least), 0.999999) "
    "END AS probability, m.person IS NOT NULL OR coalesce(k.sound, false) AS number FROM {table} t "
    "LEFT JOIN person_merge m ON m.person = t.own LEFT JOIN known_person k ON k.person = t.own"
)


def _known(engine: DuckEngine, wanted: dict[str, set[str]], least: float) -> dict[Key, Known]:
    known: dict[Key, Known] = {}
    for dataset_id, records in sorted(wanted.items()):
        if dataset_id not in PERSON_FIELDS:
            continue
        found = engine.rows(
            f"SELECT t.record_id, {_SURENESS.format(table=dataset_id)} WHERE t.record_id IN (SELECT unnest($wanted))",
            {"wanted": sorted(records), "least": least},
        )
        for r in found.iter_rows(named=True):
            known[dataset_id, r["record_id"]] = Known(r["person"], r["probability"], r["number"])
    return known


def _household_rows(
    engine: DuckEngine, households: set[tuple[str, str]], least: float
) -> dict[tuple[str, str, str], Known]:
    """The surest row of each person in each of the households."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for scheme, household_no in households:
        if scheme in DATASETS and DATASETS[scheme].has("household_no"):
            wanted[scheme].add(household_no)
    rows: dict[tuple[str, str, str], Known] = {}
    for scheme, numbers in sorted(wanted.items()):
        found = engine.rows(
            f"SELECT t.household_no, {_SURENESS.format(table=scheme)} WHERE t.household_no IN (SELECT unnest($wanted))",
            {"wanted": sorted(numbers), "least": least},
        )
        for r in found.iter_rows(named=True):
            key, row = (scheme, r["household_no"], r["person"]), Known(r["person"], r["probability"], r["number"])
            best = rows.get(key)
            if best is None or (row.number, row.probability) > (best.number, best.probability):
                rows[key] = row
    return rows


def _of_leads(engine: DuckEngine, leads: set[str]) -> dict[str, Any]:
    """`screening`, `held` and `homes` of the leads."""
    if not leads:
        return {}
    wanted = {"wanted": sorted(leads)}
    screening: dict[str, list[dict[str, Any]]] = defaultdict(list)
    held: dict[str, list[dict[str, Any]]] = defaultdict(list)
    query = (
        "SELECT DISTINCT unit, dataset, record_id, shows FROM screening "
        "WHERE unit IN (SELECT unnest($wanted)) ORDER BY ALL"
    )
    for r in engine.rows(query, wanted).iter_rows(named=True):
        screening[r["unit"]].append(r)
    query = (
        "SELECT DISTINCT person, scheme, household_no, name, roster_record_id FROM under_review "
        "WHERE person IN (SELECT unnest($wanted)) ORDER BY ALL"
    )
    for r in engine.rows(query, wanted).iter_rows(named=True):
        held[r["person"]].append(r)
    query = (
        "SELECT person, min(hukou_no) AS hukou_no FROM resident "
        "WHERE person IN (SELECT unnest($wanted)) AND hukou_no IS NOT NULL GROUP BY person"
    )
    homes = dict(engine.rows(query, wanted).iter_rows())
    return {"screening": dict(screening), "held": dict(held), "homes": homes}


def probability(
    group: Sequence[dict[str, Any]], pieces: Iterable[Key], around: Around, *, absent: bool = False
) -> float:
    """The weakest link of those that a finding hangs on; 1.0 where all are valid numbers with agreeing names.

    Records about one person hang together by links: the subject's row, the evidence, the records that the rule names as
    between them, and the person's row in the household. A payment names a household, and hangs on a link only where
    other evidence is about its payee. A link's probability is that of both its records.

    absent: the finding says that its people are on no roster, which hangs on their numbers though nothing is linked.
    """
    first = group[0]
    subject = (first["subject_dataset"], first["record_id"])
    records = {*pieces, *((r["via_dataset"], r["via_record_id"]) for r in group if r.get("via_record_id"))}
    tied: dict[str, dict[Key, Known]] = defaultdict(dict)
    for key in sorted(records):
        if key[0] != "payment" and (known := around.known.get(key)):
            tied[known.person][key] = known
    for key in sorted({*(k for k in records if k[0] == "payment"), subject}):
        known = around.known.get(key)
        # the head's row stands for the household: it matters where the finding is about that person
        if known and (known.person in tied or (key == subject and first["subject"] == known.person)):
            tied[known.person][key] = known
    household = (first["scheme"], first["household_no"])
    for person, of_person in tied.items():
        row = around.rows.get((*household, person))
        if row and household[0] not in {dataset_id for dataset_id, _ in of_person}:
            of_person[household[0], ""] = row
    return min((_weakest(list(of_person.values()), around.least, absent) for of_person in tied.values()), default=1.0)


def _weakest(records: list[Known], least: float, absent: bool) -> float:
    """The least sure link among records of one person."""
    lowest = sorted(record.probability for record in records)[:2]
    found = 1.0
    for value in lowest:
        found *= value
    # one wrong number on several records ties them, but it is no valid number
    tied = len(records) > 1 or absent
    return found * least if tied and not all(record.number for record in records) else found
