"""The table that an archive checklist examines: `check_<roster>_archive`, a row a document asked of a household.

Columns: the household's (or the person's) roster row and place, `document`, `present` (0 or 1), `signed` and `dated`
(0 or 1 on a present document that must be signed and dated, else null), `subject` (whom the sentence names),
`item_record_id` (the archive's own row where there is one) and `source` (its place, else the roster row's).
Each active household has a row for `WHOLE`, its archive as such; one without any item is asked for nothing more. Each
number under which something is on file has a row for `ENROLLED`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import polars as pl

from checks.conditions import literal, name
from checks.roster_numbers import source_sql
from checks.roster_table import table_name as roster_table_name
from pipeline.contract import column_zh
from pipeline.engine.duck import DuckEngine

WHOLE = "整户档案"
ENROLLED = "名册登记"  # not a document: is the household that the archive is of on the roster
_MARKS = re.compile(r"[\s()\[\]{}<>【】〔〕〈〉《》「」『』]+")


def table_name(roster: str) -> str:
    return f"check_{roster}_archive"


def document_text(text: str) -> str:
    """A document's name as searched: NFKC, without white space and bracket marks (what they enclose is kept)."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text))


def parts_of(text: str, parts: dict[str, Any]) -> list[str]:
    """The parts that an archive item of this name gives, by the words of the checklist."""
    found = document_text(text)
    return [
        part
        for part, spec in parts.items()
        if any(word in found for word in spec["words"]) and not any(word in found for word in spec.get("never", ()))
    ]


def prepare_archive(engine: DuckEngine, spec: dict[str, Any], household: str) -> None:
    """Build `check_<roster>_archive` from the archive and `check_<roster>`, which must stand already."""
    roster = spec["roster"]
    table = table_name(roster)
    named = engine.rows(
        f"SELECT DISTINCT document FROM archive WHERE scheme = {literal(roster)} AND document IS NOT NULL"
    )
    texts = [(d, document_text(d), part) for d in sorted(named["document"]) for part in parts_of(d, spec["part"])]
    wants = [
        (d["zh"], d["of"], part, len(d["parts"]), bool(d.get("household_enough")), bool(d.get("signed_and_dated")))
        for d in spec["document"]
        for part in d["parts"]
    ]
    words, needs = f"{table}_words", f"{table}_needs"
    for target, rows, schema in (
        (words, texts, {"document": "VARCHAR", "text": "VARCHAR", "part": "VARCHAR"}),
        (
            needs,
            wants,
            {
                "document": "VARCHAR",
                "of": "VARCHAR",
                "part": "VARCHAR",
                "total": "BIGINT",
                "enough": "BOOLEAN",
                "sealed": "BOOLEAN",
            },
        ),
    ):
        engine.drop(target)
        engine.create(target, schema)
        if rows:
            engine.load(target, pl.DataFrame(rows, schema=list(schema), orient="row"))
    engine.run(_query(spec, household, words, needs), into=table)
    engine.drop(words)
    engine.drop(needs)


def _query(spec: dict[str, Any], household: str, words: str, needs: str) -> str:
    roster, key = spec["roster"], name(household)
    number = column_zh(roster, household)
    conditional = {d["zh"]: name("when_" + d["when"]) for d in spec["document"] if "when" in d}
    flags = "".join(f", max({c}) AS {c}" for c in dict.fromkeys(conditional.values()))
    asked_for = "true"
    if conditional:
        cases = " ".join(f"WHEN {literal(d)} THEN h.{c} = 1" for d, c in conditional.items())
        asked_for = f"CASE d.document {cases} ELSE true END"
    return f"""
        WITH people AS MATERIALIZED (
            SELECT {key} AS hh, record_id, name, id_number, town, village, who, household_text, source, active, stopped,
                household, household_active{"".join(", " + c for c in dict.fromkeys(conditional.values()))}
            FROM {roster_table_name(roster)} WHERE {key} IS NOT NULL),
        states AS (
            SELECT hh, CASE WHEN max(active) = 1 THEN 'active' WHEN max(stopped) = 1 THEN 'stopped' END AS state{flags}
            FROM people GROUP BY hh),
        items AS (
            SELECT record_id, household_no AS hh, document, signed_by, signed_on, coalesce(present, true) AS here
            FROM archive WHERE scheme = {literal(roster)} AND household_no IS NOT NULL),
        kept AS (SELECT hh, min(record_id) AS record_id FROM items WHERE here GROUP BY hh),
        given AS (
            SELECT i.*, n.document AS wanted, n.part, n.enough, w.text
            FROM items i JOIN {words} w ON w.document = i.document JOIN {needs} n ON n.part = w.part),
        -- an item that names a member of its household is that member's own
        own AS (
            SELECT g.record_id, g.hh, g.wanted, g.part, p.record_id AS member
            FROM given g JOIN people p ON p.hh = g.hh AND contains(g.text, p.name)
            WHERE g.here AND g.enough AND p.active = 1 AND length(p.name) > 1),
        shared AS (
            SELECT DISTINCT g.hh, g.wanted, g.part FROM given g
            WHERE g.here AND NOT EXISTS (SELECT 1 FROM own o WHERE o.record_id = g.record_id AND o.wanted = g.wanted)),
        shared_count AS (SELECT hh, wanted, count(*) AS n FROM shared GROUP BY hh, wanted),
        named AS (SELECT DISTINCT hh, wanted FROM own),
        told AS (
            SELECT hh, wanted, bool_or(signed_by IS NOT NULL) FILTER (here) AS signed,
                bool_or(signed_on IS NOT NULL) FILTER (here) AS dated,
                min(record_id) AS item_record_id
            FROM given GROUP BY hh, wanted),
        documents AS (SELECT DISTINCT document, "of", total, enough, sealed FROM {needs}),
        asked AS (
            SELECT h.hh, d.document, d.total, d.sealed, coalesce(s.n, 0) >= d.total AS shared_enough,
                m.hh IS NOT NULL AND coalesce(s.n, 0) < d.total AS by_person
            FROM states h JOIN documents d ON d."of" = h.state
            LEFT JOIN shared_count s ON s.hh = h.hh AND s.wanted = d.document
            LEFT JOIN named m ON m.hh = h.hh AND m.wanted = d.document
            WHERE {asked_for} AND (h.state = 'stopped' OR h.hh IN (SELECT hh FROM kept))),
        member_parts AS (
            SELECT hh, wanted, member, part FROM own
            UNION SELECT o.hh, o.wanted, o.member, s.part
            FROM (SELECT DISTINCT hh, wanted, member FROM own) o JOIN shared s ON s.hh = o.hh AND s.wanted = o.wanted),
        member_count AS (SELECT hh, wanted, member, count(*) AS n FROM member_parts GROUP BY hh, wanted, member),
        whole AS (
            SELECT p.record_id, {literal(WHOLE)} AS document, (k.hh IS NOT NULL)::SMALLINT AS present,
                NULL::SMALLINT AS signed, NULL::SMALLINT AS dated, p.household_text AS subject
            FROM people p LEFT JOIN kept k ON k.hh = p.hh WHERE p.household_active = 1
            UNION ALL
            SELECT p.record_id, a.document, a.shared_enough::SMALLINT,
                CASE WHEN a.sealed AND a.shared_enough THEN t.signed::SMALLINT END,
                CASE WHEN a.sealed AND a.shared_enough THEN t.dated::SMALLINT END, p.household_text
            FROM asked a JOIN people p ON p.hh = a.hh AND p.household = 1
            LEFT JOIN told t ON t.hh = a.hh AND t.wanted = a.document
            WHERE NOT a.by_person
            UNION ALL
            SELECT p.record_id, a.document, (coalesce(c.n, 0) >= a.total)::SMALLINT, NULL, NULL, p.who
            FROM asked a JOIN people p ON p.hh = a.hh AND p.active = 1
            LEFT JOIN member_count c ON c.hh = a.hh AND c.wanted = a.document AND c.member = p.record_id
            WHERE a.by_person)
        SELECT p.record_id, p.hh AS {key}, p.name, p.id_number, p.town, p.village, p.household_text, w.document,
            w.present, w.signed, w.dated, w.subject, t.item_record_id,
            CASE WHEN a.record_id IS NULL THEN p.source ELSE {source_sql("a")} END AS source
        FROM whole w JOIN people p ON p.record_id = w.record_id
        LEFT JOIN told t ON t.hh = p.hh AND t.wanted = w.document
        LEFT JOIN archive a ON a.record_id = t.item_record_id
        UNION ALL
        SELECT k.record_id, k.hh, NULL, NULL, NULL, NULL, {literal(number)} || k.hh, {literal(ENROLLED)},
            (k.hh IN (SELECT hh FROM people))::SMALLINT, NULL, NULL, {literal(number)} || k.hh, k.record_id,
            {source_sql("a")}
        FROM kept k JOIN archive a ON a.record_id = k.record_id"""
