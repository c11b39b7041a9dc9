"""Names and values put into SQL text, where no parameter can stand."""

from __future__ import annotations

from typing import Any


def identifier(name: str) -> str:
    """A table's or column's name, whatever stands in it: the same for DuckDB, SQLite and PostgreSQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """A truth value, a number, or else a text (a path too), as an SQL literal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
