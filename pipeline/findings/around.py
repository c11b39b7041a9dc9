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
from pipeline.linkage.records import named

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
    places: lead → town and village by the register, where its rows agree on them.
    """

    subjects: dict[Key, dict[str, Any]]
    known: dict[Key, Known]
    rows: dict[tuple[str, str, str], Known]
    least: float
    screening: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    held: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[str, str | None]] = field(default_factory=dict)


def look_around(engine: DuckEngine, rows: Sequence[pl.DataFrame]) -> Around:
    """Look up what the rows of all rules need (each frame begins with `FIXED`)."""
    cited, households, leads = _cited(rows)
    least = _least(engine)
    subjects, known = _records(engine, cited, least)
    return Around(
        subjects=subjects,
        known=known,
        rows=_household_rows(engine, households, least),
        least=least,
        **_of_leads(engine, leads),
    )


def _cited(rows: Sequence[pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame, set[str]]:
    """What the rows speak of: records (dataset, record_id, subject: a finding is about it), households (scheme,
    household_no), and persons."""
    records = [
        frame.select(
            pl.col(dataset).cast(pl.String).alias("dataset"),
            pl.col(record).cast(pl.String).alias("record_id"),
            pl.lit(dataset == "subject_dataset").alias("subject"),
        )
        for frame in rows
        for dataset, record in (
            ("subject_dataset", "record_id"),
            ("evidence_dataset", "evidence_record_id"),
            ("via_dataset", "via_record_id"),
        )
        if dataset in frame.columns
    ]
    kinds = {"scheme": pl.String, "household_no": pl.String}
    households = [frame.select(pl.col(c).cast(t) for c, t in kinds.items()) for frame in rows]
    cited = pl.concat(
        [pl.DataFrame(schema={"dataset": pl.String, "record_id": pl.String, "subject": pl.Boolean}), *records]
    )
    return (
        cited.drop_nulls("record_id").group_by("dataset", "record_id").agg(pl.col("subject").any()),
        pl.concat([pl.DataFrame(schema=kinds), *households]).drop_nulls().unique(),
        {person for frame in rows if "person" in frame.columns for person in frame["person"]} - {None},
    )


def _least(engine: DuckEngine) -> float:
    """The probability from which linkage links."""
    return float(engine.rows("SELECT link_at FROM link_model").item()) if engine.exists("link_model") else 0.0


# A record's own key is a valid number, or was mended with a probability, or neither: no number, or somebody else's.
# A probability that was rounded to 1 is none of a valid number.
_SURENESS = (
    "SELECT t.*, CASE WHEN m.person IS NULL THEN 1.0 ELSE least(coalesce(m.probability, $least), 0.999999) "
    "END AS probability, m.person IS NOT NULL OR coalesce(k.sound, false) AS number FROM cited_row t "
    "LEFT JOIN person_merge m ON m.person = t.own LEFT JOIN known_person k ON k.person = t.own"
)


def _sure(engine: DuckEngine, cited: pl.DataFrame, parts: Sequence[str], least: float) -> list[dict[str, Any]]:
    """The rows of these SELECTs from `cited` and typed tables, each with who it is about, and how sure that is.

    They must have record_id, id_number and name. They stand in a table before they are looked up: an engine that knows
    how few they are looks for them among all persons once, not for all persons among the rows of each dataset.
    """
    if not parts:
        return []
    engine.drop("cited")
    engine.load("cited", cited)
    engine.run(named(f"({' UNION ALL '.join(parts)})", "id_number", "name"), into="cited_row")
    found = engine.rows(_SURENESS, {"least": least}).to_dicts()
    engine.drop("cited_row")
    engine.drop("cited")
    return found


def _records(
    engine: DuckEngine, cited: pl.DataFrame, least: float
) -> tuple[dict[Key, dict[str, Any]], dict[Key, Known]]:
    """`subjects` and `known` of the cited records, each of which is read once."""
    parts = []
    for dataset_id in cited["dataset"].unique().sort():
        if dataset_id not in PERSON_FIELDS:
            continue
        number, name = PERSON_FIELDS[dataset_id]
        place = [c if DATASETS[dataset_id].has(c) else f"CAST(NULL AS VARCHAR) AS {c}" for c in ("town", "village")]
        parts.append(
            f"SELECT '{dataset_id}' AS dataset, record_id, {name} AS name, {number} AS id_number, {', '.join(place)} "
            f"FROM typed_{dataset_id} WHERE record_id IN (SELECT record_id FROM cited WHERE dataset = '{dataset_id}')"
        )
    about = set(cited.filter("subject").select("dataset", "record_id").iter_rows())
    subjects: dict[Key, dict[str, Any]] = {}
    known: dict[Key, Known] = {}
    for r in _sure(engine, cited, parts, least):
        key = (r["dataset"], r["record_id"])
        known[key] = Known(r["person"], r["probability"], r["number"])
        if key in about:
            subjects[key] = r
    return subjects, known


def _household_rows(engine: DuckEngine, households: pl.DataFrame, least: float) -> dict[tuple[str, str, str], Known]:
    """The surest row of each person in each of the households (scheme, household_no)."""
    parts = [
        f"SELECT '{scheme}' AS scheme, household_no, record_id, {PERSON_FIELDS[scheme][1]} AS name, "
        f"{PERSON_FIELDS[scheme][0]} AS id_number FROM typed_{scheme} "
        f"WHERE household_no IN (SELECT household_no FROM cited WHERE scheme = '{scheme}')"
        for scheme in households["scheme"].unique().sort()
        if scheme in PERSON_FIELDS and DATASETS[scheme].has("household_no")
    ]
    rows: dict[tuple[str, str, str], Known] = {}
    for r in _sure(engine, households, parts, least):
        key, row = (r["scheme"], r["household_no"], r["person"]), Known(r["person"], r["probability"], r["number"])
        best = rows.get(key)
        if best is None or (row.number, row.probability) > (best.number, best.probability):
            rows[key] = row
    return rows


def _of_leads(engine: DuckEngine, leads: set[str]) -> dict[str, Any]:
    """`screening`, `held`, `homes` and `places` of the leads."""
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
    query = (
        "SELECT person, min(town) AS town, CASE WHEN count(DISTINCT village) = 1 THEN min(village) END AS village "
        "FROM household_register WHERE person IN (SELECT unnest($wanted)) AND coalesce(status = '正常', true) "
        "GROUP BY person HAVING count(DISTINCT town) = 1"
    )
    places = {person: (town, village) for person, town, village in engine.rows(query, wanted).iter_rows()}
    return {"screening": dict(screening), "held": dict(held), "homes": homes, "places": places}


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
