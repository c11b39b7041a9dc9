"""The linkage stage: exact ID with the name-conflict guard, then repaired ID.

Reads the typed tables and the identity tables. Leaves:
  links            the contract's table
  <dataset>        every person dataset as a view over its typed table (renamed `typed_<dataset>`) with two more
                   columns: `person` (what the records of one person share) and `tier` (how sure the number was)
  reached_record   the records of everybody on a roster, or under review as such, whatever the dataset

The probabilistic tier stands between `repair` and `person_alias` when it comes: it adds rows to the alias table.
"""

from __future__ import annotations

from pipeline.contract import DATASETS, ROSTERS
from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import Statement, macros, read_folder
from pipeline.identity import PERSON_FIELDS

# A payment names its payee, but the contract's links stop at persons: rosters, sectors, assessments, named patrols.
_NOT_LINKED = ("payment",)


def link(engine: DuckEngine, present: set[str]) -> None:
    """Run the stage on `engine` for the datasets in `present` (the others stay empty)."""
    for statement in macros(engine.name).split(";\n"):
        if statement.strip():
            engine.run(statement)
    steps = {s.name: s for s in read_folder("linkage")}
    for name in ("pair_key", "shared_key", "key_owner", "key_conflict", "repair_candidate", "repair", "person_alias"):
        _make(engine, steps[name])
    _name_persons(engine)
    engine.run(_records_sql(ROSTERS, "true"), into="roster_record")
    _make(engine, steps["reached_person"])
    linked = [d for d in PERSON_FIELDS if d in present and d not in _NOT_LINKED]
    engine.run(_records_sql(linked, "t.person IN (SELECT person FROM reached_person)"), into="reached_record")
    _make(engine, steps["links"])
    _make(engine, steps["doubtful"])
    _review_doubtful(engine, steps["repair_review"], linked)


def _make(engine: DuckEngine, step: Statement) -> None:
    engine.run(step.sql, into=step.name)


def _name_persons(engine: DuckEngine) -> None:
    """Put a view over each typed person table that says who each record is about."""
    for dataset_id, (number, name) in PERSON_FIELDS.items():
        engine.run(f'ALTER TABLE "{dataset_id}" RENAME TO "typed_{dataset_id}"')
        engine.run(
            f"SELECT t.*, CASE WHEN t.{number} IS NULL OR (a.id_number IS NOT NULL AND a.person IS NULL) "
            f"THEN t.record_id ELSE coalesce(a.person, t.{number}) END AS person, "
            f"coalesce(a.tier, 'exact_id') AS tier FROM typed_{dataset_id} t "
            f"LEFT JOIN person_alias a ON a.id_number = t.{number} AND a.name = coalesce(t.{name}, '')",
            into=dataset_id,
            view=True,
        )


def _records_sql(datasets: list[str] | tuple[str, ...], where: str) -> str:
    """One SELECT: dataset, roster_order (0 = no roster), record_id, id_number, name, birth_date, sex, person, tier."""
    parts = []
    for dataset_id in datasets:
        number, name = PERSON_FIELDS[dataset_id]
        columns = DATASETS[dataset_id]
        birth = "t.birth_date" if columns.has("birth_date") else "CAST(NULL AS DATE)"
        sex = "t.sex" if columns.has("sex") else "CAST(NULL AS VARCHAR)"
        order = ROSTERS.index(dataset_id) + 1 if dataset_id in ROSTERS else 0
        parts.append(
            f"SELECT '{dataset_id}' AS dataset, {order} AS roster_order, t.record_id, t.{number} AS id_number, "
            f"coalesce(t.{name}, '') AS name, {birth} AS birth_date, {sex} AS sex, t.person, t.tier "
            f"FROM {dataset_id} t WHERE {where}"
        )
    return " UNION ALL ".join(parts)


def _review_doubtful(engine: DuckEngine, step: Statement, linked: list[str]) -> None:
    """Add the repairs that a person must decide to `links`."""
    if not engine.count("doubtful"):
        return
    sound = _records_sql(linked, "t.person IN (SELECT id_key FROM doubtful)")
    broken = _records_sql(linked, "t.id_number IN (SELECT id_number FROM doubtful)")
    engine.run(f"{sound} UNION {broken}", into="doubtful_record")
    _make(engine, step)
    engine.run(
        "INSERT INTO links SELECT r.* FROM repair_review r WHERE NOT EXISTS ("
        "SELECT 1 FROM links l WHERE l.roster_record_id = r.roster_record_id AND l.record_id = r.record_id)"
    )
    engine.run(
        "INSERT INTO reached_record SELECT d.* FROM doubtful_record d "
        "WHERE d.record_id IN (SELECT record_id FROM repair_review UNION SELECT roster_record_id FROM repair_review) "
        "AND d.record_id NOT IN (SELECT record_id FROM reached_record)"
    )
