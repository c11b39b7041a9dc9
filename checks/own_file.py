"""The lines of a bureau's file of checks, each refused with file, line and remedy where it is not as it should be."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

from pipeline.contract import ROSTERS, dataset
from pipeline.errors import BadInput

_TEXTS = "a list of texts"
_KEYS: dict[str, dict[str, str]] = {
    "document": {
        "scheme": "text", "zh": "text", "words": _TEXTS, "never": _TEXTS, "of": "text", "when": "text",
        "where": "table", "household_enough": "true or false", "signed_and_dated": "true or false", "basis": "text",
        "severity": "text",
    },
    "expectation": {
        "scheme": "text", "field": "text", "check": "text", "value": "a number", "values": _TEXTS, "other": "text",
        "grain": "text", "when": "text", "where": "table", "basis": "text", "severity": "text", "fault": "text",
        "zh": "text",
    },
}  # fmt: skip
_KEYS["change"] = _KEYS["document"] | {"also": _TEXTS, "drop": "true or false"}
_NEEDED = {"document": ("scheme", "zh"), "change": ("scheme", "zh"), "expectation": ("scheme", "field", "check")}
_ONE_OF = {
    "scheme": ROSTERS,
    "of": ("active", "stopped"),
    "severity": ("high", "medium", "low"),
    "grain": ("person", "household"),
}
# What a check wants beside its field, and the kinds of column that it can be asked of (none: any).
CHECKS: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "filled": (None, ()),
    "one_of": ("values", ("VARCHAR",)),
    "none_of": ("values", ("VARCHAR",)),
    "at_least": ("value", ("DECIMAL(18,2)", "DOUBLE", "BIGINT")),
    "at_most": ("value", ("DECIMAL(18,2)", "DOUBLE", "BIGINT")),
    "same": ("other", ()),
    "not_before": ("other", ("DATE", "VARCHAR")),
}
_TYPES = {"text": str, "true or false": bool, "table": dict, _TEXTS: list}


@dataclass(frozen=True)
class Entry:
    """One line: its kind (document, change, expectation), its values, and where it stands."""

    kind: str
    values: dict[str, Any]
    file: str
    line: int

    @property
    def scheme(self) -> str:
        return str(self.values["scheme"])

    def wrong(self, what: str, remedy: str) -> BadInput:
        return BadInput(f"{self.file}:{self.line}: {self.kind}: {what}", remedy=remedy)

    def clause(self) -> dict[str, Any]:
        """The clause as the bureau gives it; nobody has compared it with a text."""
        return {"basis": self.values.get("basis", f"本单位要求（{self.file}）"), "verified": False}


def read_entries(file: str, text: str, data: dict[str, Any]) -> list[Entry]:
    """The entries of one file, each key, value and column known. BadInput otherwise."""
    if unknown := [k for k in data if k not in _KEYS]:
        raise BadInput(
            f"{file}:{_line(text, [unknown[0]])}: unknown key '{unknown[0]}'", remedy=f"one of {', '.join(_KEYS)}"
        )
    out = []
    for kind, entries in data.items():
        if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
            raise BadInput(f"{file}:{_line(text, [kind])}: '{kind}' must be a list of {{ … }}", remedy="see the README")
        for values in entries:
            words = [str(values[k]) for k in ("scheme", "zh", "field", "check") if k in values]
            entry = Entry(kind, values, file, _line(text, words))
            _known(entry)
            out.append(entry)
    return out


def _line(text: str, words: list[str]) -> int:
    """The first line, counted from 1, that holds all these words (TOML itself tells no lines of values)."""
    at = [n for n, line in enumerate(text.splitlines(), 1) if all(w in line for w in words)]
    return at[0] if at else 1


def _known(entry: Entry) -> None:
    keys = _KEYS[entry.kind]
    for key, value in entry.values.items():
        if key not in keys:
            near = difflib.get_close_matches(key, keys, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"one of {', '.join(keys)}"
            raise entry.wrong(f"unknown key '{key}'", hint)
        if not _is(value, keys[key]):
            raise entry.wrong(f"'{key}' must be {keys[key]}", f"correct {key}")
    if lacking := [k for k in _NEEDED[entry.kind] if k not in entry.values]:
        raise entry.wrong(f"'{lacking[0]}' is missing", f"add {lacking[0]} = …")
    for key, allowed in _ONE_OF.items():
        if key in entry.values and entry.values[key] not in allowed:
            raise entry.wrong(f"unknown {key} '{entry.values[key]}'", f"one of {', '.join(allowed)}")
    for column in entry.values.get("where", {}):
        _column(entry, column)
    if entry.kind == "expectation":
        _checkable(entry)


def _is(value: Any, kind: str) -> bool:
    if kind == "a number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == _TEXTS:
        return isinstance(value, list) and bool(value) and all(isinstance(v, str) and v for v in value)
    return isinstance(value, _TYPES[kind]) and value != ""


def _column(entry: Entry, column: str) -> str:
    """The column's SQL type."""
    shape = dataset(entry.scheme)
    if not shape.has(column):
        near = difflib.get_close_matches(column, shape.by_id, n=3)
        hint = f"nearest: {', '.join(near)}" if near else "docs/datasets.md lists the columns"
        raise entry.wrong(f"the roster {entry.scheme} has no column '{column}'", hint)
    return shape.by_id[column].sql_type


def _checkable(entry: Entry) -> None:
    values = entry.values
    kind = _column(entry, values["field"])
    if values["check"] not in CHECKS:
        raise entry.wrong(f"unknown check '{values['check']}'", f"one of {', '.join(CHECKS)}")
    wants, kinds = CHECKS[values["check"]]
    if wants and wants not in values:
        raise entry.wrong(f"'{wants}' is missing", f"{values['check']} needs {wants} = …")
    if kinds and kind not in kinds:
        raise entry.wrong(
            f"{values['check']} cannot be asked of '{values['field']}'", "another check, or another field"
        )
    if wants == "other" and _column(entry, values["other"]) != kind:
        raise entry.wrong(f"'{values['field']}' and '{values['other']}' are not of one kind", "compare two alike")
    if values.get("grain") == "household" and values["check"] != "filled":
        raise entry.wrong("grain is for the check filled alone", "take it out")
