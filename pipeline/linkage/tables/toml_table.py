"""A table of a TOML file, its keys read with one line each: what is not known or of another kind is a BadInput."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Any

from pipeline.errors import BadInput


class TomlTable:
    """A table of the file and where it stands, for reading its keys with one line each."""

    def __init__(self, data: Any, where: str, known: Collection[str], file: str) -> None:
        self.where, self.file = where, file
        if not isinstance(data, dict):
            raise self.bad("it must be a table", "see docs/link_example.toml")
        self.data: dict[str, Any] = data
        for key in data:
            if key not in known:
                raise self.bad(f"unknown key '{key}'", nearest(key, known))

    def bad(self, what: str, remedy: str) -> BadInput:
        return BadInput(f"{self.where}: {what}" if self.where else what, file=self.file, remedy=remedy)

    def text(self, key: str, default: str | None = None) -> str | None:
        value = self.data.get(key, default)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise self.bad(f"'{key}' must be a non-empty text", f'write {key} = "…"')
        return value

    def must(self, key: str) -> str:
        if (value := self.text(key)) is None:
            raise self.bad(f"'{key}' is missing", f'write {key} = "…"')
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise self.bad(f"'{key}' must be a list of texts", f'write {key} = ["…"]')
        return tuple(value)

    def flag(self, key: str) -> bool:
        value = self.data.get(key, False)
        if not isinstance(value, bool):
            raise self.bad(f"'{key}' must be true or false", f"write {key} = true")
        return value

    def whole(self, key: str, default: int, least: int) -> int:
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.bad(f"'{key}' must be a whole number from {least}", f"write {key} = {default}")
        return value

    def share(self, key: str, default: float | None) -> float | None:
        value = self.data.get(key, default)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise self.bad(f"'{key}' must be a number from 0 to 1", f"write {key} = {default or 0.5:g}")
        return float(value)

    def tables(self, key: str) -> list[Any]:
        value = self.data.get(key, [])
        if not isinstance(value, list):
            raise self.bad(f"'{key}' is not a list of tables", f"write [[{key}]] with double brackets")
        return value


def nearest(name: str, known: Collection[str]) -> str:
    """What a misspelt name may have meant, as the remedy of an error."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(known)}"
