"""What two persons' records say of each other: `candidate` → `pair_level`, the levels of every field."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import Statement
from pipeline.linkage.context import make


def compare_candidates(engine: DuckEngine, steps: Mapping[str, Statement], *, anybody: bool = False) -> None:
    """`candidate` → `pair_level`; with `anybody` pairs of unlike names as well."""
    _fetch(engine, steps["description"], "sound_description", "candidate")
    engine.run(steps["key_level"].sql, {"anybody": anybody}, into="key_level")
    _fetch(engine, steps["near_record"], "known_record", "key_level")
    make(engine, steps, "record_level", "pair_level")


def _fetch(engine: DuckEngine, step: Statement, known: str, pairs: str) -> None:
    """Add to the table `known` what `step` says of the right persons of `pairs` that were not asked about before."""
    asked = f"{known}_of"
    if not engine.exists(asked):
        engine.create(asked, {"person": "VARCHAR"})
    engine.run(
        f"SELECT DISTINCT right_person AS person FROM {pairs} WHERE right_person NOT IN (SELECT person FROM {asked})",
        into="wanted_person",
    )
    if known == "known_record":
        want_records(engine, "wanted_person", "person")
    if engine.exists(known):
        if engine.count("wanted_person"):
            engine.run(f"INSERT INTO {known} {step.sql}")
    else:
        engine.run(step.sql, into=known)
    engine.run(f"INSERT INTO {asked} SELECT person FROM wanted_person")


def want_records(engine: DuckEngine, table: str, *columns: str) -> None:
    """Let `wanted_record` be the records under the numbers of these persons."""
    persons = " UNION ".join(f"SELECT {column} AS person FROM {table}" for column in columns)
    engine.run("DELETE FROM wanted_number")
    engine.run(
        "INSERT INTO wanted_number SELECT DISTINCT id_number FROM identity_pair WHERE id_number IS NOT NULL "
        f"AND id_key IN ({persons} UNION SELECT person FROM person_merge WHERE merged IN ({persons}))"
    )
