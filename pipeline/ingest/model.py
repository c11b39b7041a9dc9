"""What the parts of ingest hand to each other, all frozen and picklable.

A source is one claimed file or database table; a layout is where its headings stand; an account is its rows,
counted. Raw cells travel as Polars frames of text columns `c0`, `c1`, … beside a series of row numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from pipeline.contract import DATASETS, Dataset
from pipeline.errors import AuditError
from pipeline.settings import SourceEntry

NO_SHEET = "-"  # the sheet of text files, Parquet and database tables

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
EXCEL_SUFFIXES = (".xlsx", ".xls")
PARQUET_SUFFIXES = (".parquet",)


@dataclass(frozen=True)
class Source:
    """One claim: a file of the drop, one database table, or Parquet elsewhere, and the dataset it feeds.

    `name` is the path inside the drop with '/' (of a PostgreSQL table: server/database/table; of a file on a Hadoop
    file system: its whole address); it begins every record id of the source. `sheet` limits a workbook to one sheet, or
    tells apart several tables of one database file.
    """

    name: str
    path: Path
    dataset_id: str
    kind: str  # text | excel | parquet | database | stored (Parquet on a Hadoop file system)
    sheet: str | None = None
    header_row: int | None = None
    encoding: str | None = None
    renames: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    entry: SourceEntry | None = None

    @property
    def dataset(self) -> Dataset:
        return DATASETS[self.dataset_id]


@dataclass(frozen=True)
class Layout:
    """Where a table's headings stand. Rows are counted from 1; `last` is the last header row, 0 when there is none."""

    last: int
    positions: Mapping[str, int]  # column id → position of its cell
    headings: tuple[str, ...]  # the heading over each position, '' where there is none
    header_rows: tuple[tuple[str, ...], ...] = ()  # as written, to know them again in the body
    titles: frozenset[str] = frozenset()  # lone cells above the header, to know them again in the body
    scales: Mapping[str, Decimal] = field(
        default_factory=dict
    )  # column id → factor, where a heading states another unit
    told: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        return len(self.headings)


@dataclass(frozen=True)
class Counts:
    """Rows of one table: every one read is kept, rejected whole, or skipped."""

    read: int = 0
    kept: int = 0
    rejected: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.read + other.read,
            self.kept + other.kept,
            self.rejected + other.rejected,
            self.skipped + other.skipped,
        )


@dataclass(frozen=True)
class Piece:
    """One table read, cleaned and laid down in the scratch folder: Arrow files of kept rows and of rejects."""

    source: Source
    sheet: str
    sha256: str
    counts: Counts
    kept: tuple[Path, ...]
    rejects: tuple[Path, ...]
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class InputAccount:
    """The account of one file and sheet, as it stands in `run.json`."""

    path: str
    sheet: str
    dataset: str
    sha256: str
    rows_read: int
    rows_kept: int
    rows_rejected: int
    rows_skipped: int

    def __post_init__(self) -> None:
        if self.rows_read != self.rows_kept + self.rows_rejected + self.rows_skipped:
            raise AuditError(
                f"file {self.path}, sheet {self.sheet}: {self.rows_read} rows read, but {self.rows_kept} kept, "
                f"{self.rows_rejected} rejected and {self.rows_skipped} skipped — this is a fault of the program, "
                "please report it"
            )


@dataclass(frozen=True)
class IngestReport:
    """What ingest read. `told`: things to know that did not stop it, a sentence each. `present`: datasets with a file
    (or database table) in the drop.
    """

    inputs: list[InputAccount]
    told: list[str]
    present: set[str]


def place_zh(source: Source, sheet: str) -> str:
    """Where something stands, for the Chinese sentences of `told`: the file, and its sheet if it has any."""
    return source.name if sheet == NO_SHEET else f"{source.name}（工作表“{sheet}”）"
