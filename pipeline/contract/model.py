"""The contract's declarations as frozen objects.

Shapes: `DATASETS` maps a dataset id to a `Dataset`; a `Dataset` holds its `Column`s in the order of its blank
template (household or grant number, person columns, own columns). `CODES` maps a code list to {canonical: spellings}.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.contract.invisible import visible

_HERE = Path(__file__).parent

# The columns that ingest puts before a dataset's own ones in every typed table.
META_COLUMNS: dict[str, str] = {"record_id": "VARCHAR", "file": "VARCHAR", "sheet": "VARCHAR", "row": "BIGINT"}

SQL_TYPES: dict[str, str] = {
    "text": "VARCHAR",
    "identifier": "VARCHAR",  # names something: compared letter for letter
    "name": "VARCHAR",
    "id_number": "VARCHAR",
    "sex": "VARCHAR",
    "code": "VARCHAR",
    "level": "VARCHAR",
    "town": "VARCHAR",
    "scheme": "VARCHAR",
    "month": "VARCHAR",  # YYYY-MM
    "period": "VARCHAR",  # YYYY, or as written
    "date": "DATE",
    "date_or_month": "DATE",
    "money": "DECIMAL(18,2)",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "year": "BIGINT",
    "boolean": "BOOLEAN",
}

_BRACKETED = re.compile(r"[(\[{<【〔〈《「『][^)\]}>】〕〉》」』]*[)\]}>】〕〉》」』]")
_BLANK = re.compile(r"\s+|[*＊:：]")


@dataclass(frozen=True)
class Column:
    """One column: its id, Chinese heading, type (a key of `SQL_TYPES`), further headings, code list, unit."""

    id: str
    zh: str
    type: str
    also: tuple[str, ...] = ()
    codes: str | None = None
    unit: str | None = None
    required: bool = False

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.type]


@dataclass(frozen=True)
class Dataset:
    """One dataset: `kind` is roster, bureau or sector; `names` are the file stems that claim a file for it."""

    id: str
    zh: str
    kind: str
    columns: tuple[Column, ...]
    names: tuple[str, ...] = ()
    by_id: dict[str, Column] = field(default_factory=dict, compare=False, repr=False)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(c.id for c in self.columns if c.required)

    @property
    def stems(self) -> tuple[str, ...]:
        """Names that a file of this dataset may begin with: its id, its Chinese name, other names."""
        return (self.id, self.zh, *self.names)

    @property
    def household(self) -> str:
        """The column that names a roster's household: of temporary aid, which has none, the grant."""
        return "household_no" if self.has("household_no") else "grant_no"

    def has(self, column: str) -> bool:
        return column in self.by_id

    def table_schema(self) -> dict[str, str]:
        """Column → DuckDB type of the typed table, the record's place first."""
        return META_COLUMNS | {c.id: c.sql_type for c in self.columns}


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))


def _column(spec: dict[str, Any], required: list[str]) -> Column:
    if spec["type"] not in SQL_TYPES:
        raise ValueError(f"datasets.toml: column {spec['id']}: unknown type {spec['type']}")
    return Column(
        id=spec["id"],
        zh=spec["zh"],
        type=spec["type"],
        also=tuple(spec.get("also", ())),
        codes=spec.get("codes") or {"sex": "sex", "scheme": "scheme"}.get(spec["type"]),
        unit=spec.get("unit"),
        required=spec["id"] in required,
    )


def _datasets() -> dict[str, Dataset]:
    raw = _load("datasets.toml")
    person = {c["id"]: c for c in raw["person"]["columns"]}
    out: dict[str, Dataset] = {}
    for spec in raw["dataset"]:
        own = [_column(c, spec["required"]) for c in spec["columns"]]
        who = [_column(person[c], spec["required"]) for c in spec["person"]]
        # the number that names the household or case comes before the person, as in real registers
        lead = own[:1] if own and own[0].required and spec["kind"] != "sector" and who else []
        columns = tuple(lead + who + own[len(lead) :])
        out[spec["id"]] = Dataset(
            id=spec["id"],
            zh=spec["zh"],
            kind=spec["kind"],
            columns=columns,
            names=tuple(spec.get("names", ())),
            by_id={c.id: c for c in columns},
        )
    return out


def heading_key(text: str) -> str:
    """A heading as compared: NFKC, lower case, no blanks, invisible marks or bracketed remarks; perhaps nothing."""
    folded = visible(unicodedata.normalize("NFKC", text))
    return _BLANK.sub("", _BRACKETED.sub("", folded)).lower()


DATASETS: dict[str, Dataset] = _datasets()
ROSTERS: tuple[str, ...] = tuple(d.id for d in DATASETS.values() if d.kind == "roster")
BUREAU: tuple[str, ...] = tuple(d.id for d in DATASETS.values() if d.kind == "bureau")
SECTORS: tuple[str, ...] = tuple(d.id for d in DATASETS.values() if d.kind == "sector")
SCHEMES: tuple[str, ...] = tuple(r for r in ROSTERS if r != "temporary")  # the four that enrol households
# The indicators of 生活自理能力 that a care assessment tells: its columns of yes and no.
CARE_INDICATORS: tuple[str, ...] = tuple(c.id for c in DATASETS["care_assessment"].columns if c.type == "boolean")

_codes = _load("codes.toml")
CODES: dict[str, dict[str, tuple[str, ...]]] = {
    name: {code: tuple(spellings) for code, spellings in values.items()} for name, values in _codes.items()
}
_towns = _load("towns.toml")
COUNTY: dict[str, Any] = {k: v for k, v in _towns.items() if k != "towns"}
TOWNS: dict[str, tuple[str, ...]] = {town: tuple(also) for town, also in _towns["towns"].items()}


def dataset(id: str) -> Dataset:
    """The dataset of this id. KeyError when there is none."""
    return DATASETS[id]


@cache
def heading_map(dataset_id: str) -> dict[str, str]:
    """Every recognised heading of a dataset (as `heading_key`) → column id. Ids and Chinese names win over synonyms."""
    columns = DATASETS[dataset_id].columns
    out: dict[str, str] = {}
    for column in columns:
        for text in column.also:
            out.setdefault(heading_key(text), column.id)
    for column in columns:
        out[heading_key(column.zh)] = column.id
    for column in columns:
        out[heading_key(column.id)] = column.id
    return out


def scheme_zh(scheme: str | None) -> str:
    """The Chinese name of a scheme id; the text itself when it is none."""
    return DATASETS[scheme].zh if scheme in DATASETS else (scheme or "")


def column_zh(dataset_id: str, column_id: str) -> str:
    """The Chinese heading of a column; the id itself when the dataset has no such column."""
    found = DATASETS[dataset_id].by_id.get(column_id) if dataset_id in DATASETS else None
    return found.zh if found else column_id
