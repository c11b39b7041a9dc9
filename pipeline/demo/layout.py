"""What a file of the drop is: dataset, format, encoding, sheets, columns, and how untidy it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.contract import DATASETS

_FULL = ("name", "id_number", "sex", "birth_date", "town", "village", "address", "phone")
_MID = ("name", "id_number", "sex", "birth_date", "town", "village")
_LEAN = ("name", "id_number", "birth_date", "town")
_BARE = ("name", "id_number")

# The person columns each department's files carry.
PERSON_COLUMNS: dict[str, tuple[str, ...]] = {
    "dibao": _FULL, "tekun": _FULL, "borderline": _FULL, "expenditure": _FULL, "temporary": (*_MID, "phone"),
    "payment": (), "archive": (), "patrol": (*_BARE, "town"), "care_assessment": (*_BARE, "town"),
    "death": _MID, "household_register": (*_MID, "address"), "marriage": (*_BARE, "birth_date"),
    "vehicle": (*_BARE, "address"), "machinery": (*_LEAN, "phone"), "property": _BARE, "business": (*_BARE, "phone"),
    "employment": (*_LEAN, "sex"), "pension": _MID, "public_payroll": (*_BARE, "sex"), "housing_fund": _BARE,
    "tax": _BARE, "deposit": _BARE, "prison": (*_BARE, "sex", "birth_date", "address"),
    "disability": (*_MID, "address", "phone"), "medical": (*_BARE, "sex"), "monitored": _MID, "child_welfare": _MID,
    "disaster": (*_MID, "phone"),
}  # fmt: skip

# Columns that no rule reads, where a few unreadable cells are planted.
REJECT_COLUMNS: dict[str, tuple[str, ...]] = {
    "dibao": ("last_review_on",), "borderline": ("last_review_on",), "expenditure": ("rigid_expenditure",),
    "temporary": ("household_size",), "payment": ("paid_on",), "archive": ("signed_on",),
    "vehicle": ("registered_on",), "machinery": ("registered_on",), "property": ("registered_on", "area_m2"),
    "business": ("established_on", "capital"), "disability": ("issued_on",), "medical": ("total_cost",),
    "monitored": ("per_capita_income",), "disaster": ("loss",), "child_welfare": ("monthly_amount",),
}  # fmt: skip


SHEET_ROWS = 1_000_000  # what is put on one sheet at most: Excel holds 1,048,576 rows
BOOK_ROWS = 2_000_000  # and in one workbook: what unpacks to a gigabyte is refused as a bomb
WITHOUT_TOWN = "庆云"  # its dibao workbook lacks the town's column: the drop's audit.toml says it


@dataclass(frozen=True)
class Sheet:
    """One sheet (or the one table of a text file): its rows and how it is dressed."""

    name: str
    rows: np.ndarray  # positions in the dataset's frame
    title: str = ""
    unit: bool = False
    two_row_header: bool = False
    blanks: int = 0
    total: bool = False
    signature: bool = False
    orphans: int = 0


@dataclass(frozen=True)
class Plan:
    """One file of the drop. `kind`: xlsx, text, parquet or sqlite; `decoys`: a hidden sheet and a sheet of notes."""

    file: str
    dataset: str
    kind: str
    sheets: tuple[Sheet, ...]
    encoding: str = "utf-8"
    separator: str = ","
    decoys: bool = False
    table: str = ""
    omit: tuple[str, ...] = ()


def split_sheet(sheet: Sheet, most: int = SHEET_ROWS) -> list[Sheet]:
    """The sheet itself, or, where its rows are more than `most`, several that are numbered from 2 on."""
    if len(sheet.rows) <= most:
        return [sheet]
    parts = [sheet.rows[at : at + most] for at in range(0, len(sheet.rows), most)]
    names = [sheet.name, *(f"{sheet.name}{i}" for i in range(2, len(parts) + 1))]
    return [replace(sheet, name=name, rows=part) for name, part in zip(names, parts, strict=True)]


def split_book(sheets: Sequence[Sheet], most: int = BOOK_ROWS) -> list[tuple[Sheet, ...]]:
    """The sheets of each workbook: a further one begins where the rows would be more than `most`."""
    books: list[list[Sheet]] = [[]]
    for sheet in sheets:
        if books[-1] and sum(len(s.rows) for s in books[-1]) + len(sheet.rows) > most:
            books.append([])
        books[-1].append(sheet)
    return [tuple(sheets) for sheets in books]


def has_birth(dataset: str) -> bool:
    return "birth_date" in PERSON_COLUMNS[dataset]


def columns_of(plan: Plan) -> list[str]:
    """The columns a file carries, in the contract's order."""
    absent = set(_FULL) - set(PERSON_COLUMNS[plan.dataset]) | set(plan.omit)
    return [c.id for c in DATASETS[plan.dataset].columns if c.id not in absent]
