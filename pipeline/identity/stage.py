"""The identity stage: from typed tables to tables of distinct ID numbers and names.

Tables made:
  identity_pair  a row each distinct ID number and name ('' = none) in the drop: no, id_number (null = none), name,
                 birth_date, sex, in_register, on_roster, n (rows); of the number id_key, id_state, id_birth, id_sex,
                 id_tail, id_ends (see `id_numbers.described`); of the name the numbers of `names.name_numbers`
  id_numbers     id_number, id_key, id_state, id_birth, id_sex (a view)
  names          name, name_key, mandarin, cantonese, shape, and the numbers of `names.name_numbers`: the names of those
                 pairs, and of account holders, carers, institutions and spouses
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import polars as pl

from pipeline.contract import DATASETS, ROSTERS
from pipeline.engine.duck import DuckEngine
from pipeline.identity.id_numbers import described
from pipeline.identity.names import name_keys, name_numbers, sound_keys

# Which columns of a dataset name the person it is about: (ID number, name). A payment is about its payee.
PERSON_FIELDS: dict[str, tuple[str, str]] = {
    d.id: ("id_number", "name") for d in DATASETS.values() if d.has("id_number") and d.has("name")
} | {"payment": ("payee_id_number", "payee_name")}

# Columns that name somebody besides: they are compared with names, but nobody is looked for by them.
_NAMED_BESIDE = {
    "dibao": ("account_holder",),
    "tekun": ("account_holder", "carer_name", "institution"),
    "marriage": ("spouse_name",),
}


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
            f"{str(dataset_id in ROSTERS).lower()} AS on_roster FROM {dataset_id}"
        )
    return " UNION ALL ".join(parts)


def _other_names(engine: DuckEngine, present: set[str]) -> pl.Series:
    """The distinct names of `_NAMED_BESIDE`."""
    parts = [f"SELECT {c} AS name FROM {d}" for d, columns in _NAMED_BESIDE.items() if d in present for c in columns]
    if not parts:
        return pl.Series("name", [], dtype=pl.String)
    return engine.rows(f"SELECT DISTINCT name FROM ({' UNION ALL '.join(parts)}) WHERE name IS NOT NULL")["name"]


def make_comparable(engine: DuckEngine, present: set[str]) -> None:
    """Make the tables of this stage on `engine` from the typed tables of the datasets in `present`."""
    pairs = engine.rows(
        "SELECT id_number, name, min(birth_date) AS birth_date, min(sex) AS sex, bool_or(in_register) AS in_register, "
        f"bool_or(on_roster) AS on_roster, count(*) AS n FROM ({_pairs_sql(present)}) GROUP BY id_number, name"
    )
    with ThreadPoolExecutor(1) as beside:  # numbers and names leave each other room
        numbered = beside.submit(_described, pairs)
        names = _comparable_names(pl.concat([pairs["name"], _other_names(engine, present)]).unique())
        engine.drop("names")
        engine.load("names", names)
        pairs = numbered.result()
    numbers = [c for c in names.columns if c.endswith("_no") or c == "wild"]
    pairs = pairs.join(names.select("name", *numbers), on="name", how="left").with_row_index("no")
    engine.drop("identity_pair")
    engine.load("identity_pair", pairs.with_columns(pl.col("no").cast(pl.Int64)))
    engine.run(
        "SELECT DISTINCT id_number, id_key, id_state, id_birth, id_sex FROM identity_pair WHERE id_number IS NOT NULL",
        into="id_numbers",
        view=True,
    )


def _described(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with what their numbers say; nulls for those without one."""
    known, none = pairs.filter(pl.col("id_number").is_not_null()), pairs.filter(pl.col("id_number").is_null())
    told = described(known["id_number"]).drop("id_number")
    return pl.concat([known.hstack(told), none], how="diagonal")


def _comparable_names(names: pl.Series) -> pl.DataFrame:
    """Distinct names → name, name_key, mandarin, cantonese, shape, and their numbers."""
    names = names.filter(names != "")
    keyed = pl.DataFrame({"name": names, "name_key": name_keys(names)})
    sounds = name_numbers(sound_keys(keyed["name_key"]))
    return keyed.join(sounds, on="name_key", how="left").sort("name")
