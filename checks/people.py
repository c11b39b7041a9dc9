"""The bureau's own records of tekun people, patrols and assessments: is each about somebody on a roster.

The table `check_<dataset>` holds a row a household number, or a person where the number is left out: `known` = 1 where
a roster has the number or a decided link ties a record of it to a roster row, 0 where neither is so; null where a link
still waits for a person, since that one is not unknown.
"""

from __future__ import annotations

from checks.catalogue import PEOPLE_ROSTER, PEOPLE_RULES, Scope, people_title, rules
from checks.conditions import one_of
from checks.model import Check, Suite
from checks.roster_numbers import source_sql
from pipeline.contract import ROSTERS, dataset
from pipeline.engine.duck import DuckEngine
from pipeline.engine.quoting import identifier as name
from pipeline.engine.quoting import literal


def table_name(dataset_id: str) -> str:
    return f"check_{dataset_id}"


def prepare_people(engine: DuckEngine, scope: Scope, dataset_id: str) -> None:
    """Build `check_<dataset>` from the records, the rosters and `links`, which must stand already."""
    numbers = " UNION ".join(
        f"SELECT trim({name(scope.spec(r)['household'])}) FROM {name(r)}" for r in ROSTERS if r in scope.present
    )
    engine.run(
        f"""
        WITH cells AS (
            SELECT *, nullif(trim(household_no), '') AS number FROM {name(dataset_id)}),
        tied AS (
            SELECT record_id, bool_or(decision = 'link') AS linked, bool_or(decision = 'review') AS asked
            FROM links WHERE dataset = {literal(dataset_id)} GROUP BY record_id),
        subjects AS (
            SELECT coalesce(c.number, c.id_number, c.name) AS subject, min(c.record_id) AS record_id,
                count(*) AS records, bool_or(coalesce(t.linked, false)) AS linked,
                bool_or(coalesce(t.asked, false)) AS asked
            FROM cells c LEFT JOIN tied t ON t.record_id = c.record_id GROUP BY subject)
        SELECT c.record_id, c.number AS household_no, c.name, c.id_number, c.town, NULL::VARCHAR AS village,
            concat(coalesce(c.name, '（姓名为空）'), '（编号', coalesce(c.number, '空'), '）') AS who,
            s.records, {source_sql("c")} AS source,
            CASE WHEN s.linked OR c.number IN ({numbers}) THEN 1 WHEN s.asked THEN NULL ELSE 0 END AS known
        FROM subjects s JOIN cells c ON c.record_id = s.record_id""",
        into=table_name(dataset_id),
    )


def people_suite(dataset_id: str) -> Suite:
    """The suite over `check_<dataset>`: one expectation."""
    rule, zh = rules()[PEOPLE_RULES[dataset_id]], dataset(dataset_id).zh
    check = Check(
        key=f"{dataset_id}_people/{rule.id}",
        rule=rule,
        title=f"{zh}中的人在名册上",
        condition=one_of("known", [1]),
        identity="person",
        reads={"household_no": "household_no", "name": "name"},
        words={},
        severity=rule.severity,
        confidence=rule.confidence,
        basis=rule.basis,
        verified=rule.verified,
        evidence=(literal(dataset_id), "record_id"),
        about_field=False,
    )
    unit = f"人的{zh}"
    return Suite(
        f"{dataset_id}_people", people_title(dataset_id), unit, PEOPLE_ROSTER, "data", table_name(dataset_id), (check,)
    )
