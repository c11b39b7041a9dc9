"""The table that an archive checklist examines: `check_<roster>_archive`, a row a document asked of a household.

Columns: `document`, `present` (0 or 1), `signed` and `dated` (0 or 1 on a present document that must be signed and
dated, else null), `town`; and in numbers of rows, for a list may hold ten million items: `person` (the household's or
the person's row of `check_<roster>`), `item` (the archive's own row where there is one), `of_person` (whom the document
is asked of). The view `check_<roster>_archive_told` puts in words what these rows say: record_id, household, name,
place, `subject` (whom the sentence names), `item_record_id`, `source` (the item's place, else the roster row's).
Each active household has a row for `WHOLE`, its archive as such; one without any item is asked for nothing more. Each
number under which something is on file has a row for `ENROLLED`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import polars as pl

from checks.roster_numbers import source_sql
from checks.roster_table import table_name as roster_table_name
from pipeline.contract import column_zh
from pipeline.engine.duck import DuckEngine
from pipeline.engine.quoting import identifier as name
from pipeline.engine.quoting import literal

WHOLE = "整户档案"
ENROLLED = "名册登记"  # not a document: is the household that the archive is of on the roster
_MARKS = re.compile(r"[\s()\[\]{}<>【】〔〕〈〉《》「」『』]+")


def table_name(roster: str) -> str:
    return f"check_{roster}_archive"


def told_name(roster: str) -> str:
    return f"check_{roster}_archive_told"


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
    steps = _Steps(spec, household)
    named = engine.rows(
        f"SELECT DISTINCT document FROM archive WHERE scheme = {literal(roster)} AND document IS NOT NULL"
    )
    texts = [(d, document_text(d), part) for d in sorted(named["document"]) for part in parts_of(d, spec["part"])]
    engine.drop(steps.table("words"))
    engine.create(steps.table("words"), {"document": "VARCHAR", "text": "VARCHAR", "part": "VARCHAR"})
    if texts:
        engine.load(steps.table("words"), pl.DataFrame(texts, schema=["document", "text", "part"], orient="row"))
    wants = [
        (d["zh"], d["of"], part, 1 << bit, len(d["parts"]), bool(d.get("household_enough")),
         bool(d.get("signed_and_dated")))
        for d in spec["document"]
        for bit, part in enumerate(d["parts"])
    ]  # fmt: skip
    needs = {
        "wanted": "VARCHAR", "of": "VARCHAR", "part": "VARCHAR", "bit": "BIGINT", "total": "BIGINT",
        "enough": "BOOLEAN", "sealed": "BOOLEAN",
    }  # fmt: skip
    engine.drop(steps.table("needs"))
    engine.create(steps.table("needs"), needs)
    engine.load(steps.table("needs"), pl.DataFrame(wants, schema=list(needs), orient="row"))
    made = ["words", "needs"]
    # One statement after another, not one query: each gives its memory back before the next.
    for step, sql in steps.statements():
        engine.run(sql, into=steps.table(step))
        made.append(step)
    engine.run(steps.asked(), into=table_name(roster))
    for step in made:
        engine.drop(steps.table(step))
    engine.run(steps.told(), into=told_name(roster), view=True)


class _Steps:
    """The statements that lead to a roster's archive table, in order."""

    def __init__(self, spec: dict[str, Any], household: str) -> None:
        self.roster, self.household = spec["roster"], household
        self.when = {d["zh"]: name("when_" + d["when"]) for d in spec["document"] if "when" in d}

    def table(self, step: str) -> str:
        return f"{table_name(self.roster)}_{step}"

    def statements(self) -> Iterator[tuple[str, str]]:
        t, people, key = self.table, roster_table_name(self.roster), name(self.household)
        filed = f"archive WHERE scheme = {literal(self.roster)} AND household_no IS NOT NULL"
        yield (
            "households",
            f"SELECT number, row_number() OVER () AS hh FROM ("
            f"SELECT {key} AS number FROM {people} WHERE {key} IS NOT NULL UNION SELECT household_no FROM {filed})",
        )
        flags = list(dict.fromkeys(self.when.values()))
        yield (
            "states",
            f"SELECT h.hh, CASE WHEN max(active) = 1 THEN 'active' WHEN max(stopped) = 1 THEN 'stopped' END AS state"
            f"{''.join(f', max({c}) AS {c}' for c in flags)} "
            f"FROM {people} p JOIN {t('households')} h ON h.number = p.{key} GROUP BY h.hh",
        )
        yield (
            "items",
            "SELECT a.item, h.hh, a.document, coalesce(a.present, true) AS here, a.signed_by IS NOT NULL AS signed, "
            "a.signed_on IS NOT NULL AS dated "
            f"FROM (SELECT rowid AS item, * FROM {filed}) a JOIN {t('households')} h ON h.number = a.household_no",
        )
        yield "kept", f"SELECT hh, min(item) AS item FROM {t('items')} WHERE here GROUP BY hh"
        yield (
            "given",
            "SELECT i.item, i.hh, n.wanted, n.bit, n.enough, i.here, i.signed, i.dated, w.text "
            f"FROM {t('items')} i JOIN {t('words')} w ON w.document = i.document "
            f"JOIN {t('needs')} n ON n.part = w.part",
        )
        # an item that names a member of its household is that member's own
        yield (
            "own",
            f"SELECT g.item, g.hh, g.wanted, g.bit, p.rowid AS person FROM {t('given')} g "
            f"JOIN {t('households')} h ON h.hh = g.hh "
            f"JOIN {people} p ON p.{key} = h.number AND contains(g.text, p.name) "
            "WHERE g.here AND g.enough AND p.active = 1 AND length(p.name) > 1",
        )
        # `bits`: the parts given for the household as such, a bit each
        yield (
            "shared",
            "SELECT g.hh, g.wanted, coalesce(bit_or(g.bit) FILTER (g.here AND o.item IS NULL), 0) AS bits, "
            "bool_or(g.signed) FILTER (g.here) AS signed, bool_or(g.dated) FILTER (g.here) AS dated, "
            f"min(g.item) AS item, bool_or(o.item IS NOT NULL) AS named FROM {t('given')} g "
            f"LEFT JOIN (SELECT DISTINCT item, wanted FROM {t('own')}) o ON o.item = g.item AND o.wanted = g.wanted "
            "GROUP BY g.hh, g.wanted",
        )
        yield (
            "by_person",
            "SELECT o.wanted, o.person, bit_count(bit_or(o.bit) | any_value(s.bits)) AS parts "
            f"FROM {t('own')} o JOIN {t('shared')} s ON s.hh = o.hh AND s.wanted = o.wanted "
            "GROUP BY o.wanted, o.person",
        )

    def asked(self) -> str:
        """A row a document asked for: what `check_<roster>_archive` holds."""
        t, people, key = self.table, roster_table_name(self.roster), name(self.household)
        condition = "true"
        if self.when:
            cases = " ".join(f"WHEN {literal(d)} THEN h.{c} = 1" for d, c in self.when.items())
            condition = f"CASE d.wanted {cases} ELSE true END"
        return f"""
            WITH documents AS (SELECT DISTINCT wanted, "of", total, sealed FROM {t("needs")}),
            asked AS (
                SELECT h.hh, d.wanted, d.total, d.sealed, coalesce(bit_count(s.bits), 0) >= d.total AS enough,
                    coalesce(s.named, false) AND coalesce(bit_count(s.bits), 0) < d.total AS of_person,
                    s.signed, s.dated, s.item
                FROM {t("states")} h JOIN documents d ON d."of" = h.state
                LEFT JOIN {t("shared")} s ON s.hh = h.hh AND s.wanted = d.wanted
                WHERE {condition} AND (h.state = 'stopped' OR h.hh IN (SELECT hh FROM {t("kept")}))),
            people AS (
                SELECT p.rowid AS person, h.hh, p.town, p.active, p.household, p.household_active
                FROM {people} p JOIN {t("households")} h ON h.number = p.{key})
            SELECT {literal(WHOLE)} AS document, (k.hh IS NOT NULL)::SMALLINT AS present, NULL::SMALLINT AS signed,
                NULL::SMALLINT AS dated, p.town, p.person, NULL::BIGINT AS item, false AS of_person
            FROM people p LEFT JOIN {t("kept")} k ON k.hh = p.hh WHERE p.household_active = 1
            UNION ALL
            SELECT a.wanted, a.enough::SMALLINT, CASE WHEN a.sealed AND a.enough THEN a.signed::SMALLINT END,
                CASE WHEN a.sealed AND a.enough THEN a.dated::SMALLINT END, p.town, p.person, a.item, false
            FROM asked a JOIN people p ON p.hh = a.hh AND p.household = 1 WHERE NOT a.of_person
            UNION ALL
            SELECT a.wanted, (coalesce(c.parts, 0) >= a.total)::SMALLINT, NULL, NULL, p.town, p.person, a.item, true
            FROM asked a JOIN people p ON p.hh = a.hh AND p.active = 1
            LEFT JOIN {t("by_person")} c ON c.wanted = a.wanted AND c.person = p.person WHERE a.of_person
            UNION ALL
            SELECT {literal(ENROLLED)}, (k.hh IN (SELECT hh FROM {t("states")}))::SMALLINT, NULL, NULL, NULL, NULL,
                k.item, false
            FROM {t("kept")} k"""

    def told(self) -> str:
        """The same rows with who and where in words."""
        key, number = name(self.household), literal(column_zh(self.roster, self.household))
        return f"""
            SELECT coalesce(p.record_id, a.record_id) AS record_id, coalesce(p.{key}, a.household_no) AS {key}, p.name,
                p.id_number, c.town, p.village,
                coalesce(p.household_text, {number} || a.household_no) AS household_text,
                c.document, c.present, c.signed, c.dated,
                CASE WHEN c.of_person THEN p.who ELSE coalesce(p.household_text, {number} || a.household_no) END
                    AS subject,
                a.record_id AS item_record_id,
                CASE WHEN a.record_id IS NULL THEN p.source ELSE {source_sql("a")} END AS source
            FROM {table_name(self.roster)} c
            LEFT JOIN {roster_table_name(self.roster)} p ON p.rowid = c.person
            LEFT JOIN archive a ON a.rowid = c.item"""
