"""Records as linkage sees them: one view over all datasets that name a person, and who each record is about.

Leaves the view `written_record`, what the records of all datasets say themselves. Leaves each person dataset as a view
over its typed table (renamed `typed_<dataset>`) with three more columns: `own` (who the record is about by its own ID
number and name; the record itself where they do not say), `person` (what the records of one person share once linkage
has merged the loose ones) and `tier` (how sure that is). Leaves also the view `person_record` over them all.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.contract import DATASETS, ROSTERS
from pipeline.engine.duck import DuckEngine
from pipeline.identity import PERSON_FIELDS
from pipeline.linkage.county import CountySpec

# Column of `person_record` → the datasets' own columns that may hold it, and its type where none does.
_COLUMNS: dict[str, tuple[tuple[str, ...], str]] = {
    "birth_date": (("birth_date",), "DATE"),
    "sex": (("sex",), "VARCHAR"),
    "town": (("town",), "VARCHAR"),
    "village": (("village",), "VARCHAR"),
    "address": (("address",), "VARCHAR"),
    "phone": (("phone",), "VARCHAR"),
    "account": (("bank_account",), "VARCHAR"),
}


def name_persons(engine: DuckEngine, spec: CountySpec, datasets: Sequence[str]) -> None:
    """Put a view over each typed person table that says who each record is about, and one over all of `datasets`."""
    for dataset_id, (number, name) in PERSON_FIELDS.items():
        engine.run(f'ALTER TABLE "{dataset_id}" RENAME TO "typed_{dataset_id}"')
        engine.run(named(f"typed_{dataset_id}", number, name), into=dataset_id, view=True)
    every = " UNION ALL ".join(_written(spec, dataset_id) for dataset_id in datasets)
    engine.run(every, into="written_record", view=True, often=True)
    engine.run(records_sql(datasets), into="person_record", view=True)


def typed_table(engine: DuckEngine, dataset_id: str) -> str:
    """Where the dataset's own rows stand: under another name once a view is in their place that looks everybody up."""
    typed = f"typed_{dataset_id}"
    return typed if engine.exists(typed) else dataset_id


def named(rows: str, number: str, name: str) -> str:
    """One SELECT: the rows of a table or query (with `record_id`), and own, person and tier beside them.

    number, name: which columns say whose they are.
    """
    return (
        "SELECT o.*, coalesce(m.merged, o.own) AS person, coalesce(m.tier, 'exact_id') AS tier FROM ("
        f"SELECT t.*, CASE WHEN t.{number} IS NULL OR (a.id_number IS NOT NULL AND a.person IS NULL) "
        f"THEN t.record_id ELSE coalesce(a.person, t.{number}) END AS own FROM {rows} t "
        f"LEFT JOIN person_alias a ON a.id_number = t.{number} AND a.name = coalesce(t.{name}, '')"
        ") o LEFT JOIN person_merge m ON m.person = o.own"
    )


def records_sql(datasets: Sequence[str], among: str = "") -> str:
    """One SELECT over `datasets`, a row a record: dataset, roster_order (0 = no roster), record_id, id_number, name
    ('' = none), birth_date, sex, town, village, address, phone, account, group_no (household), own, person, tier.

    `among`: a condition over the columns from id_number to group_no. It is asked first: who a record is about is looked
    up only for the records that are left.
    """
    listed = ", ".join(f"'{dataset_id}'" for dataset_id in datasets)
    conditions = [f"dataset IN ({listed})", *([f"({among})"] if among else [])]
    # of all datasets at once: a list that is looked up is hashed once, not once a dataset
    return named(f"(SELECT * FROM written_record WHERE {' AND '.join(conditions)})", "id_number", "name")


def _written(spec: CountySpec, dataset_id: str) -> str:
    """What the records of a dataset say themselves."""
    number, name = PERSON_FIELDS[dataset_id]
    order = ROSTERS.index(dataset_id) + 1 if dataset_id in ROSTERS else 0
    columns = DATASETS[dataset_id]
    found = []
    for column, (own_names, kind) in _COLUMNS.items():
        held = next((c for c in own_names if columns.has(c)), None)
        found.append(f"{held} AS {column}" if held else f"CAST(NULL AS {kind}) AS {column}")
    household = spec.household_of(dataset_id)
    group = f"'{household[0]}:' || {household[1]}" if household else "CAST(NULL AS VARCHAR)"
    return (
        f"SELECT '{dataset_id}' AS dataset, {order} AS roster_order, record_id, {number} AS id_number, "
        f"coalesce({name}, '') AS name, {', '.join(found)}, {group} AS group_no FROM typed_{dataset_id}"
    )
