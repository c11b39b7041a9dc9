"""The identity stage: from typed tables to tables of distinct ID numbers and names.

Tables made:
  identity_pair  id_number, name ('' = none), birth_date, sex, in_register, n: a row each distinct pair in the drop
  id_numbers     id_number, id_key, id_state, id_birth, id_sex (see `id_numbers.describe`)
  names          name, name_key, mandarin, cantonese
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import polars as pl

from pipeline.contract import DATASETS
from pipeline.engine.duck import DuckEngine
from pipeline.identity.id_numbers import describe
from pipeline.identity.names import name_keys, sound_keys

# Which columns of a dataset name the person it is about: (ID number, name). A payment is about its payee.
PERSON_FIELDS: dict[str, tuple[str, str]] = {
    d.id: ("id_number", "name") for d in DATASETS.values() if d.has("id_number") and d.has("name")
} | {"payment": ("payee_id_number", "payee_name")}


def _pairs_sql(present: set[str]) -> str:
    """One SELECT over all datasets that are there: every row's ID number, name, birth date, sex."""
    parts = []
    for dataset_id, (number, name) in PERSON_FIELDS.items():
        if dataset_id not in present:
            continue
        columns = DATASETS[dataset_id]
        birth = "birth_date" if columns.has("birth_date") else "CAST(NULL AS DATE)"
        sex = "sex" if columns.has("sex") else "CAST(NULL AS VARCHAR)"
        register = "true" if dataset_id == "household_register" else "false"
        parts.append(
            f"SELECT {number} AS id_number, coalesce({name}, '') AS name, {birth} AS birth_date, {sex} AS sex, "
            f"{register} AS in_register FROM {dataset_id} WHERE {number} IS NOT NULL"
        )
    return " UNION ALL ".join(parts)


def make_comparable(engine: DuckEngine, present: set[str]) -> None:
    """Make the tables of this stage on `engine` from the typed tables of the datasets in `present`."""
    engine.run(
        "SELECT id_number, name, min(birth_date) AS birth_date, min(sex) AS sex, bool_or(in_register) AS in_register, "
        f"count(*) AS n FROM ({_pairs_sql(present)}) GROUP BY id_number, name",
        into="identity_pair",
    )
    numbers = engine.rows("SELECT DISTINCT id_number FROM identity_pair")["id_number"]
    names = engine.rows("SELECT DISTINCT name FROM identity_pair WHERE name <> ''")["name"]
    with ThreadPoolExecutor(1) as beside:  # Polars and python-stdnum leave each other room
        described = beside.submit(describe, numbers)
        made = _comparable_names(names)
        engine.drop("names")
        engine.load("names", made)
        engine.drop("id_numbers")
        engine.load("id_numbers", described.result())


def _comparable_names(names: pl.Series) -> pl.DataFrame:
    """Distinct names → name, name_key, mandarin, cantonese."""
    keyed = pl.DataFrame({"name": names, "name_key": name_keys(names)})
    return keyed.join(sound_keys(keyed["name_key"]), on="name_key", how="left").sort("name")
