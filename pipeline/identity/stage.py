"""The identity stage: from typed tables to tables of distinct ID numbers and names.

Tables made:
  identity_pair  a row each distinct ID number and name ('' = none) in the drop: no, id_number (null = none), name,
                 birth_date, sex, in_register, on_roster, lists (where it stands, a bit a dataset: see
                 `LIST_BITS`), n (rows); of the number id_key, id_state, id_birth, id_sex, id_tail, id_ends (see
                 `id_numbers.numbers_sql`)
  names          name, name_key, and the numbers of `names.name_numbers`: the names of those pairs, and of account
                 holders, carers, institutions and spouses
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import polars as pl

from pipeline.contract import DATASETS, ROSTERS
from pipeline.engine.duck import DuckEngine
from pipeline.identity.id_numbers import numbers_sql
from pipeline.identity.names import name_keys, name_numbers

# Which columns of a dataset name the person it is about: (ID number, name). A payment is about its payee.
PERSON_FIELDS: dict[str, tuple[str, str]] = {
    d.id: ("id_number", "name") for d in DATASETS.values() if d.has("id_number") and d.has("name")
} | {"payment": ("payee_id_number", "payee_name")}

# Dataset → its bit in `lists`.
LIST_BITS = {dataset_id: 1 << n for n, dataset_id in enumerate(PERSON_FIELDS)}

# Columns that name somebody besides: they are compared with names, but nobody is looked for by them.
_NAMED_BESIDE = {
    "dibao": ("account_holder",),
    "tekun": ("account_holder", "carer_name", "institution"),
    "marriage": ("spouse_name",),
}

# The table `names`.
NAMES = {"name": "VARCHAR", "name_key": "VARCHAR"} | {
    f"{part}_no": "BIGINT"
    for part in (
        "name", "mandarin", "cantonese", "shape", "surname", "surname_sound", "given", "head", "ends",
    )
} | {"wild": "BOOLEAN"}  # fmt: skip


# The least of the two codes of `sex`; what else stands there (其他) says nothing. As numbers: Spark sorts all rows of a
# sum that keeps a text.
_ANY_SEX = "CASE min(CASE sex WHEN '女' THEN 0 WHEN '男' THEN 1 END) WHEN 0 THEN '女' WHEN 1 THEN '男' END"


def _pairs_sql(present: set[str]) -> str:
    """One SELECT over all datasets that are there: every row's ID number, name, birth date, sex."""
    parts = []
    for dataset_id, (number, name) in PERSON_FIELDS.items():
        if dataset_id not in present:
            continue
        columns = DATASETS[dataset_id]
        birth = "birth_date" if columns.has("birth_date") else "CAST(NULL AS DATE)"
        sex = "sex" if columns.has("sex") else "CAST(NULL AS VARCHAR)"
        parts.append(
            f"SELECT {number} AS id_number, coalesce({name}, '') AS name, {birth} AS birth_date, {sex} AS sex, "
            f"{str(dataset_id == 'household_register').lower()} AS in_register, "
            f"{str(dataset_id in ROSTERS).lower()} AS on_roster, {LIST_BITS[dataset_id]} AS list FROM {dataset_id}"
        )
    return " UNION ALL ".join(parts)


def _names_sql(present: set[str]) -> str:
    """The distinct names of `person_row` and of `_NAMED_BESIDE`."""
    beside = [f"SELECT {c} FROM {d}" for d, columns in _NAMED_BESIDE.items() if d in present for c in columns]
    every = " UNION ".join(["SELECT name FROM person_row", *beside])
    return f"SELECT name FROM ({every}) WHERE name <> ''"


def make_comparable(engine: DuckEngine, present: set[str]) -> None:
    """Make the tables of this stage on `engine` from the typed tables of the datasets in `present`."""
    engine.run(_pairs_sql(present), into="person_row", view=True, often=True)
    beside = engine.beside()
    try:
        with ThreadPoolExecutor(1) as other:  # numbers in the engine, names beside it
            engine.drop("names")
            names = other.submit(beside.map, _names_sql(present), _comparable_names, NAMES, into="names")
            engine.run(
                f"SELECT id_number, name, min(birth_date) AS birth_date, {_ANY_SEX} AS sex, "
                "bool_or(in_register) AS in_register, bool_or(on_roster) AS on_roster, bit_or(list) AS lists, "
                "count(*) AS n FROM person_row GROUP BY id_number, name",
                into="written_pair",
            )
            engine.number(numbers_sql("SELECT * FROM written_pair"), into="identity_pair", column="no")
            engine.drop("written_pair")
            names.result()
    finally:
        beside.close()
        engine.drop("person_row")


def _comparable_names(distinct: pl.DataFrame) -> pl.DataFrame:
    """Distinct names (name) → the columns of `NAMES`."""
    names = distinct["name"]
    return name_numbers(name_keys(names)).insert_column(0, names)
