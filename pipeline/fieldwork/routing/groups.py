"""The two groups of towns, read from a TOML file: each group's staff visit only the other group's towns."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import BadInput
from pipeline.ingest.words import read_town
from pipeline.notation import toml

DEFAULT = Path(__file__).with_name("groups.toml")
_OTHER = {1: 2, 2: 1}
_FORM = 'write two tables [[group]], each with number = 1 or 2 and towns = ["…"]'


@dataclass(frozen=True)
class Groups:
    """`towns`: group (1, 2) → its towns in their short form, in the file's order."""

    towns: dict[int, tuple[str, ...]]

    def home(self, town: str) -> int | None:
        """The group whose staff come from this town; None for a town of no group."""
        return next((n for n, towns in self.towns.items() if town in towns), None)

    def visitors_of(self, town: str) -> int | None:
        """The group that visits this town."""
        home = self.home(town)
        return None if home is None else _OTHER[home]

    def visited_by(self, group: int) -> tuple[str, ...]:
        """The towns that a group visits."""
        return self.towns[_OTHER[group]]


def read_groups(path: Path = DEFAULT) -> Groups:
    """Read the groups. BadInput for a file that does not name two groups, or a town twice."""
    try:
        data = toml(path.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as e:
        raise BadInput("the groups of towns cannot be read", file=path.name, remedy="give a readable file") from e
    except tomllib.TOMLDecodeError as e:
        raise BadInput(f"not TOML: {e}", file=path.name, remedy=_FORM) from e
    if unknown := sorted(set(data) - {"source", "group"}):
        raise BadInput("no such key", file=path.name, column=unknown[0], remedy=_FORM)
    tables = data.get("group")
    if not isinstance(tables, list) or [_number(t) for t in tables] not in ([1, 2], [2, 1]):
        raise BadInput("there must be a group 1 and a group 2, and no other", file=path.name, remedy=_FORM)
    found = {t["number"]: _towns(t, path.name) for t in tables}
    if twice := sorted(set(found[1]) & set(found[2])):
        raise BadInput(f"{twice[0]} stands in both groups", file=path.name, remedy="name each town once")
    return Groups({n: found[n] for n in (1, 2)})


def _number(table: Any) -> Any:
    return table.get("number") if isinstance(table, dict) and set(table) == {"number", "towns"} else None


def _towns(table: dict[str, Any], file: str) -> tuple[str, ...]:
    written = table["towns"]
    if not isinstance(written, list) or not written or not all(isinstance(t, str) and t.strip() for t in written):
        raise BadInput(f"group {table['number']} names no towns", file=file, remedy=_FORM)
    towns = [read_town(t)[0] or t for t in written]
    if twice := next((t for t in towns if towns.count(t) > 1), None):
        raise BadInput(f"{twice} stands twice in group {table['number']}", file=file, remedy="name each town once")
    return tuple(towns)
