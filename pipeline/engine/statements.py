"""The SQL loader: named statements from `sql/`, their `-- key: value` headers, and the engine's macros."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

SQL = Path(__file__).resolve().parents[2] / "sql"

_HEADER = re.compile(r"^-- ([a-z_]+):\s*(.*)$")
_MORE = re.compile(r"^--   (.*)$")
_CHINESE_GAP = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uffef“”‘’…—}]) (?=[\u2e80-\u9fff\uff00-\uffef“”‘’…—{])")


@dataclass(frozen=True)
class Statement:
    """One SELECT and its header. `name` is the file's stem without a leading number (`10_roster` → `roster`).

    `lines`: header key → the line on which it stands; `body`: the line on which the SELECT begins (1 = the first).
    """

    name: str
    path: Path
    header: dict[str, str]
    sql: str
    lines: dict[str, int] = field(default_factory=dict)
    body: int = 1

    def place(self, line: int | None = None) -> str:
        """'care/x.sql' or 'care/x.sql, line 3': where something is wrong."""
        file = f"{self.path.parent.name}/{self.path.name}"
        return file if line is None else f"{file}, line {line}"


def read_statement(path: Path) -> Statement:
    """Parse one file. Header lines are `-- key: value`, continued by lines that begin with `--` and three blanks.

    Continuations are joined by a blank, but for one between two Chinese characters or signs.
    """
    header: dict[str, str] = {}
    places: dict[str, int] = {}
    last: str | None = None
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    body = len(lines)
    for i, line in enumerate(lines):
        if found := _HEADER.match(line):
            last = found[1]
            header[last] = found[2].strip()
            places[last] = i + 1
        elif last and (more := _MORE.match(line)):
            header[last] = _CHINESE_GAP.sub("", f"{header[last]} {more[1].strip()}")
        elif line.strip() and not line.startswith("--"):
            body = i
            break
    sql = "\n".join(lines[body:]).strip()
    return Statement(re.sub(r"^\d+_", "", path.stem), path, header, sql, places, body + 1)


def read_folder(folder: str) -> list[Statement]:
    """The statements directly in `sql/<folder>`, in file order."""
    return [read_statement(p) for p in sorted((SQL / folder).glob("*.sql"))]


def macros(engine: str) -> str:
    """The script that gives an engine the project's own functions."""
    return (SQL / "macros" / f"{engine}.sql").read_text(encoding="utf-8")


def macro_statements(engine: str) -> list[str]:
    """That script one statement at a time, for an engine that runs no more than one."""
    return [statement for statement in macros(engine).split(";\n") if statement.strip()]
