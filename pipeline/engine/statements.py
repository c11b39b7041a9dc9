"""The SQL loader: named statements from `sql/`, their `-- key: value` headers, and the engine's macros."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

SQL = Path(__file__).resolve().parents[2] / "sql"

_HEADER = re.compile(r"^-- ([a-z_]+):\s*(.*)$")
_MORE = re.compile(r"^--   (.*)$")


@dataclass(frozen=True)
class Statement:
    """One SELECT and its header. `name` is the file's stem without a leading number (`10_roster` → `roster`)."""

    name: str
    path: Path
    header: dict[str, str]
    sql: str


def read_statement(path: Path) -> Statement:
    """Parse one file. Header lines are `-- key: value`, continued by lines that begin with `--` and three blanks."""
    header: dict[str, str] = {}
    last: str | None = None
    lines = path.read_text(encoding="utf-8").splitlines()
    body_from = 0
    for i, line in enumerate(lines):
        if found := _HEADER.match(line):
            last = found[1]
            header[last] = found[2].strip()
        elif last and (more := _MORE.match(line)):
            header[last] += " " + more[1].strip()
        elif not line.startswith("--"):
            body_from = i
            break
    return Statement(
        name=re.sub(r"^\d+_", "", path.stem), path=path, header=header, sql="\n".join(lines[body_from:]).strip()
    )


def read_folder(folder: str) -> list[Statement]:
    """The statements directly in `sql/<folder>`, in file order."""
    return [read_statement(p) for p in sorted((SQL / folder).glob("*.sql"))]


def macros(engine: str) -> str:
    """The script that gives an engine the project's own functions."""
    return (SQL / "macros" / f"{engine}.sql").read_text(encoding="utf-8")
