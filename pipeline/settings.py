"""The drop's own configuration, `audit.toml`, as frozen, typed objects. Unknown keys are errors.

[[source]]
glob = "低保/*.xlsx"                 # files inside the drop …
dataset = "dibao"                    # … belong to this dataset (may be left out: then the file name says it)
sheet = "花名册"                      # one sheet only; several entries may each take a sheet of one workbook
header_row = 3                       # 1-based, as a spreadsheet shows it
encoding = "gb18030"
renames = { "证件" = "id_number" }    # heading → column id
constants = { town = "长来" }         # column id → value for absent or empty cells

[[source]]
database = "postgresql://reader@127.0.0.1/county"   # or duckdb:PATH, sqlite:PATH, the path inside the drop
table = "public.vehicles"
dataset = "vehicle"
password_env = "COUNTY_DB_PASSWORD"

[[source]]
parquet = "hdfs:///departments/vehicle/2022-10"     # a file or folder on any Hadoop file system
dataset = "vehicle"                                 # a department's, read with --engine spark
"""

from __future__ import annotations

import codecs
import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.contract import DATASETS, SECTORS
from pipeline.errors import BadInput
from pipeline.notation import toml

DROP_SETTINGS_FILE = "audit.toml"

_TEXT_KEYS = ("dataset", "glob", "database", "parquet", "table", "password_env", "sheet", "encoding")
_TABLE_KEYS = ("renames", "constants")
_KEYS = (*_TEXT_KEYS, "header_row", *_TABLE_KEYS)
_MAX_BYTES = 1 << 20
_ENCODINGS = frozenset(
    ("utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312", "utf-16", "utf-16-le", "utf-16-be", "big5", "big5hkscs", "cp950")
)  # in all of them a line end is a line end, whatever stands before it
_DATABASES = ("duckdb:", "sqlite:", "postgresql://", "postgres://")
# Hadoop can read from these too, from anywhere: what is in a drop must not make this machine ask a stranger's.
_ANYWHERE = frozenset(("http", "https", "ftp", "sftp"))


@dataclass(frozen=True)
class SourceEntry:
    """One `[[source]]`: which files (or which database table) it is about, and how they are to be read.

    `number` counts entries from 1, for messages. Exactly one of `glob`, `database` and `parquet` is set.
    """

    number: int
    dataset: str | None = None
    glob: str | None = None
    database: str | None = None
    parquet: str | None = None
    table: str | None = None
    password_env: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    encoding: str | None = None
    renames: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return f"[[source]] number {self.number}"


@dataclass(frozen=True)
class DropSettings:
    """Everything `audit.toml` says; empty when the drop has none."""

    sources: tuple[SourceEntry, ...] = ()


def load_drop_settings(drop: Path) -> DropSettings:
    """Read `audit.toml` of a drop. BadInput on broken TOML, unknown keys, datasets, columns or encodings."""
    path = drop / DROP_SETTINGS_FILE
    if not path.is_file():
        return DropSettings()
    if path.stat().st_size > _MAX_BYTES:
        raise _bad(f"it is larger than {_MAX_BYTES >> 10} KiB", "it is no such file: see who put it there")
    try:
        raw = toml(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _bad("it is not UTF-8 text", "save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise _bad(f"it is not valid TOML: {error}", "mend the line named") from error
    unknown = sorted(set(raw) - {"source"})
    if unknown:
        raise _bad(f"unknown key '{unknown[0]}'", "the file holds [[source]] entries only")
    entries = raw.get("source", [])
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise _bad("'source' is not a list of tables", "write [[source]] with double brackets")
    return DropSettings(tuple(_entry(spec, number) for number, spec in enumerate(entries, start=1)))


def _bad(what: str, remedy: str) -> BadInput:
    return BadInput(what, file=DROP_SETTINGS_FILE, remedy=remedy)


def _entry(spec: dict[str, Any], number: int) -> SourceEntry:
    where = f"[[source]] number {number}"
    for key in spec:
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(_KEYS)}"
            raise _bad(f"{where}: unknown key '{key}'", hint)
    for key in _TEXT_KEYS:
        if key in spec and (not isinstance(spec[key], str) or not spec[key].strip()):
            raise _bad(f"{where}: '{key}' must be a non-empty text", f'write {key} = "…"')
    for key in _TABLE_KEYS:
        if key in spec and not isinstance(spec[key], dict):
            raise _bad(f"{where}: '{key}' must be a table", f"write {key} = {{ … = … }}")
    header_row = spec.get("header_row")
    if header_row is not None and (not isinstance(header_row, int) or isinstance(header_row, bool) or header_row < 1):
        raise _bad(f"{where}: 'header_row' must be a whole number from 1", "count rows as the spreadsheet does")
    for key in _TABLE_KEYS:
        for name, value in spec.get(key, {}).items():
            if isinstance(value, dict | list):
                raise _bad(f"{where}: '{key}' gives '{name}' more than one value", "write one text or number")
    entry = SourceEntry(
        number=number,
        header_row=header_row,
        **{key: spec.get(key) for key in _TEXT_KEYS},
        renames={str(k): str(v) for k, v in spec.get("renames", {}).items()},
        constants={str(k): _constant(v) for k, v in spec.get("constants", {}).items()},
    )
    _check(entry)
    return entry


def _constant(value: Any) -> str:
    """TOML dates, numbers and booleans as the text a cell would hold."""
    return ("是" if value else "否") if isinstance(value, bool) else str(value)


def _check(entry: SourceEntry) -> None:
    where = entry.label
    if [entry.glob, entry.database, entry.parquet].count(None) != 2:
        raise _bad(
            f"{where}: it needs one of 'glob', 'database' and 'parquet'",
            "say which files or which database it is about",
        )
    if entry.dataset is not None and entry.dataset not in DATASETS:
        names = {zh: d.id for d in DATASETS.values() for zh in d.stems}
        near = difflib.get_close_matches(entry.dataset, [*DATASETS, *names], n=3, cutoff=0.4)
        raise _bad(
            f"{where}: unknown dataset '{entry.dataset}'",
            f"nearest: {', '.join(names.get(n, n) for n in near) or 'none'}",
        )
    if entry.database is not None:
        if not entry.database.startswith(_DATABASES):
            raise _bad(f"{where}: 'database' must begin with one of {', '.join(_DATABASES)}", "see the README")
        if entry.table is None or entry.dataset is None:
            raise _bad(f"{where}: a database needs 'table' and 'dataset'", "name both")
        for key in ("sheet", "header_row", "encoding"):
            if getattr(entry, key) is not None:
                raise _bad(f"{where}: '{key}' has no meaning for a database", f"take '{key}' out")
    else:
        for key in ("table", "password_env"):
            if getattr(entry, key) is not None:
                raise _bad(f"{where}: '{key}' is for databases", f"take '{key}' out, or give 'database'")
    if entry.parquet is not None:
        _check_parquet(entry)
    if entry.encoding is not None:
        try:
            known_encoding = codecs.lookup(entry.encoding).name in _ENCODINGS
        except (LookupError, ValueError):  # a name with a zero byte in it is a ValueError
            known_encoding = False
        if not known_encoding:
            raise _bad(f"{where}: unknown encoding '{entry.encoding}'", "utf-8, gb18030, utf-16 or big5")
    known = DATASETS[entry.dataset].by_id if entry.dataset else {c: None for d in DATASETS.values() for c in d.by_id}
    for key, names_ in (("renames", entry.renames.values()), ("constants", entry.constants)):
        for column in names_:
            if column not in known:
                near = difflib.get_close_matches(column, list(known), n=3, cutoff=0.4)
                raise _bad(
                    f"{where}: '{key}' names no column '{column}' of {entry.dataset or 'any dataset'}",
                    f"nearest: {', '.join(near) or ', '.join(known)}",
                )


def _check_parquet(entry: SourceEntry) -> None:
    """Whether the path could be one of Hadoop's; what is there is asked when Spark has started."""
    where = entry.label
    if entry.dataset not in SECTORS:
        raise _bad(
            f"{where}: 'parquet' needs the 'dataset' of a department",
            "rosters and the bureau's own records come as files or from a database, which this machine reads",
        )
    for key in ("sheet", "header_row", "encoding"):
        if getattr(entry, key) is not None:
            raise _bad(f"{where}: '{key}' has no meaning for Parquet", f"take '{key}' out")
    try:
        at = urlsplit(entry.parquet or "")
    except ValueError as error:
        raise _bad(f"{where}: 'parquet' is no address", "write it like hdfs://host/folder") from error
    if not at.scheme or not at.path.startswith("/"):
        raise _bad(
            f"{where}: 'parquet' must name a file system and a path from its root",
            "write it like hdfs://host/folder, s3a://bucket/folder or file:///folder; of files in the drop give 'glob'",
        )
    if at.scheme.lower() in _ANYWHERE:
        raise _bad(
            f"{where}: nothing is fetched by {at.scheme}", "copy the file into the drop, or to a Hadoop file system"
        )
    if ":" in at.netloc.rpartition("@")[0]:
        raise _bad(f"{where}: 'parquet' holds a password", "take it out, and give it to Spark (--spark-conf)")
