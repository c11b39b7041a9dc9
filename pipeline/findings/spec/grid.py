"""Text grids: what a spec says goes in and what must come out.

A file holds scenarios, each independent of the others:

    month: 2022-10                      (before the first scenario: for all of them)

    == a title that says what is shown
    month: 2023-01                      (this scenario only)
    policy: limits.homes = 2            (a bureau's own figure, in TOML)

    dibao
    household_no | name | id_number | town
    H1           | 张三 | @1        | 乐城

    expect
    record_id | severity | screened | evidence | summary
    dibao#1   | high     | 否       | death#1  | 一段摘要

A section is a dataset's id, a heading of contract columns and a row a record; the records are `<dataset>#1`, … in
order. A section with a heading alone is a dataset that came empty; a dataset without a section is absent. Blank cells
are null, 是/否 booleans, `@n` made-up ID numbers (`people`). `expect: nothing` is a near-miss. In an expected row only
record_id, severity, evidence and summary must stand; evidence is record ids between blanks, summary a fragment.
Lines that begin with # are remarks.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.contract import DATASETS
from pipeline.errors import BadInput
from pipeline.findings.spec.people import number
from pipeline.ingest.cells import POLARS_TYPES

REQUIRED = ("record_id", "severity", "evidence", "summary")
OPTIONAL = ("screened", "confidence", "scheme", "household_no", "name", "town", "money")


class GridError(BadInput):
    """A grid that cannot be read: file, line and what is wrong."""


@dataclass
class Scenario:
    """One independent case: the tables that come in, and the findings expected (each a row of texts)."""

    file: str
    title: str
    month: str
    policy: list[str] = field(default_factory=list)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    expected: list[dict[str, str]] | None = None

    @property
    def present(self) -> set[str]:
        return set(self.tables)


def read_grid(path: Path) -> list[Scenario]:
    """The scenarios of one file. GridError where it is not as the module says."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise GridError(f"{path.name}: cannot be read as UTF-8 text") from e
    return _Reader(path.name).read(text)


class _Reader:
    def __init__(self, file: str) -> None:
        self.file, self.line = file, 0
        self.month = ""
        self.scenarios: list[Scenario] = []
        self.section: str | None = None
        self.heading: list[str] | None = None

    def fail(self, what: str) -> GridError:
        return GridError(f"{self.file}, line {self.line}: {what}")

    def read(self, text: str) -> list[Scenario]:
        for self.line, raw in enumerate(text.splitlines(), 1):
            line = raw.strip()
            if not line or line.startswith("#"):
                continue
            self._take(line)
        for scenario in self.scenarios:
            if scenario.expected is None:
                raise GridError(f"{self.file}, '{scenario.title}': nothing is expected, not even 'expect: nothing'")
        return self.scenarios

    def _take(self, line: str) -> None:
        if line.startswith("== "):
            self.scenarios.append(Scenario(self.file, line[3:].strip(), self.month))
            self.section = self.heading = None
            return
        if line.startswith("month:"):
            month = line.removeprefix("month:").strip()
            if self.scenarios:
                self.scenarios[-1].month = month
            else:
                self.month = month
            return
        if not self.scenarios:
            raise self.fail("a line before the first scenario")
        scenario = self.scenarios[-1]
        if line.startswith("policy:"):
            scenario.policy.append(line.removeprefix("policy:").strip())
        elif line == "expect: nothing":
            scenario.expected, self.section = [], None
        elif "|" not in line and (line in DATASETS or line == "expect"):
            self.section, self.heading = line, None
            if line == "expect":
                scenario.expected = []
            else:
                scenario.tables.setdefault(line, [])
        elif self.section is None:
            raise self.fail(f"'{line}' is no dataset")
        else:
            self._row(scenario, [cell.strip() for cell in line.split("|")])

    def _row(self, scenario: Scenario, cells: list[str]) -> None:
        assert self.section is not None
        if self.heading is None:
            known = (*REQUIRED, *OPTIONAL) if self.section == "expect" else DATASETS[self.section].by_id
            if unknown := [c for c in cells if c not in known]:
                raise self.fail(f"unknown column '{unknown[0]}' of {self.section}")
            if self.section == "expect" and (wanting := [c for c in REQUIRED if c not in cells]):
                raise self.fail(f"expect lacks '{wanting[0]}'")
            self.heading = cells
            return
        if len(cells) != len(self.heading):
            raise self.fail(f"{len(cells)} cells under {len(self.heading)} columns")
        row = dict(zip(self.heading, cells, strict=True))
        if self.section == "expect":
            assert scenario.expected is not None
            scenario.expected.append(row)
            return
        columns = DATASETS[self.section].by_id
        try:
            typed = {c: typed_value(text, columns[c].sql_type) for c, text in row.items()}
        except KeyError as e:
            raise self.fail(f"{e} is neither 是 nor 否") from e
        except (ValueError, ArithmeticError) as e:
            raise self.fail(str(e)) from e
        rows = scenario.tables[self.section]
        place = len(rows) + 1
        rows.append({"record_id": f"{self.section}#{place}", "file": self.section, "sheet": "-", "row": place} | typed)


def typed_value(text: str, sql_type: str) -> Any:
    """A cell as the typed table holds it; blank is null."""
    if text == "":
        return None
    if text.startswith("@"):
        return number(text)
    match sql_type:
        case "DATE":
            return datetime.date.fromisoformat(text)
        case "BOOLEAN":
            return {"是": True, "否": False}[text]
        case "BIGINT":
            return int(text)
        case "DOUBLE":
            return float(text)
        case "DECIMAL(18,2)":
            return Decimal(text)
    return text


def load_tables(engine: Any, tables: dict[str, list[dict[str, Any]]]) -> None:
    """Every dataset's typed table on `engine`, in place of what was there; the ones that are absent stay empty."""
    for dataset in DATASETS.values():
        for name in (dataset.id, f"typed_{dataset.id}"):
            engine.drop(name)
        schema = dataset.table_schema()
        engine.create(dataset.id, schema)
        if rows := tables.get(dataset.id):
            frame = pl.DataFrame(rows, schema={c: POLARS_TYPES[t] for c, t in schema.items()})
            engine.load(dataset.id, frame)
