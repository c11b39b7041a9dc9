"""A bureau's own checks: TOML files of a folder that it names, each line a document, a change or an expectation.

    document    = [{ scheme = "dibao", zh = "收入证明", words = ["收入证明", "收入声明"] }]
    change      = [{ scheme = "tekun", zh = "供养协议或照料协议", also = ["托养协议"] }]
    expectation = [{ scheme = "dibao", field = "employment_status", check = "filled" }]

Data only: nothing in the folder is run as a program. Every file is checked before a run begins.
"""

from __future__ import annotations

import copy
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checks.catalogue import load
from checks.own_file import Entry, read_entries
from pipeline.contract import column_zh
from pipeline.engine.quoting import identifier as name
from pipeline.engine.quoting import literal
from pipeline.errors import BadInput
from pipeline.notation import toml

_COPIED = ("signed_and_dated", "household_enough", "severity", "of")


@dataclass(frozen=True)
class OwnChecks:
    """`files`: name, sha256 and how many of each kind, for the run's record. `specs`: the suites' data as changed."""

    files: list[dict[str, str | int]]
    specs: Mapping[str, dict[str, Any]] = field(hash=False)


def read_own_checks(folder: Path) -> OwnChecks:
    """Every `*.toml` of the folder, in the order of their names. BadInput, naming file and line, where one is wrong."""
    if not folder.is_dir():
        raise BadInput("the checks are not a folder", file=folder.name, remedy="give the folder with your *.toml files")
    if programs := sorted(p.name for p in folder.rglob("*.py")):
        raise BadInput(
            "a program is not read from the folder of checks", file=programs[0],
            remedy="write the expectation as a line of a .toml file; the README shows how",
        )  # fmt: skip
    paths = sorted(p for p in folder.glob("*.toml") if p.is_file())
    if not paths:
        raise BadInput("the folder has no checks", file=folder.name, remedy="put a .toml file into it")
    specs: dict[str, dict[str, Any]] = {}
    files: list[dict[str, str | int]] = []
    for path in paths:
        raw = path.read_bytes()
        try:
            text = raw.decode("utf-8-sig")
            data = toml(text)
        except UnicodeDecodeError as e:
            raise BadInput("cannot be read as UTF-8 text", file=path.name, remedy="save it as UTF-8") from e
        except tomllib.TOMLDecodeError as e:
            raise BadInput(f"is not TOML: {e}", file=path.name, remedy="correct that line") from e
        entries = read_entries(path.name, text, data)
        for entry in entries:
            _APPLY[entry.kind](entry, specs)
        counts = {f"{k}s": sum(e.kind == k for e in entries) for k in _APPLY}
        files.append({"file": path.name, "sha256": hashlib.sha256(raw).hexdigest(), **counts})
    return OwnChecks(files, specs)


def _spec(specs: dict[str, dict[str, Any]], suite: str) -> dict[str, Any]:
    return specs.setdefault(suite, copy.deepcopy(load(suite)))


def _documents(entry: Entry, specs: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _spec(specs, f"{entry.scheme}_archive")["document"]
    return found


def _add_document(entry: Entry, specs: dict[str, dict[str, Any]]) -> None:
    zh = entry.values["zh"]
    if any(d["zh"] == zh for d in _documents(entry, specs)):
        raise entry.wrong(f"the checklist has '{zh}' already", "write it under `change`")
    made = {"zh": zh, "of": "active", "parts": [_part(entry, specs, [zh])]} | entry.clause()
    made |= {k: entry.values[k] for k in _COPIED if k in entry.values} | _when(entry, specs)
    _documents(entry, specs).append(made)


def _change_document(entry: Entry, specs: dict[str, dict[str, Any]]) -> None:
    documents, zh = _documents(entry, specs), entry.values["zh"]
    document = next((d for d in documents if d["zh"] == zh), None)
    if document is None:
        raise entry.wrong(f"the checklist has no '{zh}'", "it has " + "、".join(d["zh"] for d in documents))
    if entry.values.get("drop"):
        documents.remove(document)
        return
    if "also" in entry.values:
        if len(document["parts"]) > 1:
            raise entry.wrong(f"'{zh}' is made of several papers", "give all its names as `words`")
        part = _spec(specs, f"{entry.scheme}_archive")["part"][document["parts"][0]]
        words = [*part["words"], *entry.values["also"]]
        document["parts"] = [_part(entry, specs, words, part.get("never", []))]
    elif "words" in entry.values:
        document["parts"] = [_part(entry, specs, [])]
    document |= {k: entry.values[k] for k in _COPIED if k in entry.values} | _when(entry, specs)
    if "basis" in entry.values:
        document |= entry.clause()


def _part(entry: Entry, specs: dict[str, dict[str, Any]], words: list[str], never: list[str] | None = None) -> str:
    """A part of the checklist that these words, or the entry's own, give."""
    parts = _spec(specs, f"{entry.scheme}_archive")["part"]
    key = f"own_{len(parts)}"
    parts[key] = {
        "words": entry.values.get("words", words),
        "never": entry.values.get("never", never or []),
    }
    return key


def _when(entry: Entry, specs: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The name of the condition that the entry holds under: one of the roster's, or one made of `where`."""
    if "when" in entry.values:
        known = _spec(specs, entry.scheme)["when"]
        if entry.values["when"] not in known:
            told = "；".join(f"{k}（{w['zh']}）" for k, w in known.items())
            raise entry.wrong(f"unknown condition '{entry.values['when']}'", f"one of {told}, or `where`")
        return {"when": entry.values["when"]}
    if "where" not in entry.values:
        return {}
    conditions = _spec(specs, entry.scheme)["when"]
    key = f"own_{len(conditions)}"
    parts, words = ["active = 1"], []
    for column, value in entry.values["where"].items():
        values = value if isinstance(value, list) else [value]
        parts.append(f"{name(column)} IN ({', '.join(literal(v) for v in values)})")
        words.append(f"“{column_zh(entry.scheme, column)}”为{'或'.join(map(str, values))}")
    conditions[key] = {"zh": f"{conditions['active']['zh']}中{'、'.join(words)}的", "sql": " AND ".join(parts)}
    return {"when": key}


def _add_expectation(entry: Entry, specs: dict[str, dict[str, Any]]) -> None:
    spec = _spec(specs, entry.scheme)
    given = entry.values
    grain = given.get("grain", "person")
    when = _when(entry, specs) or {"when": "active" if grain == "person" else "household_active"}
    severity = {"severity": given["severity"]} if "severity" in given else {}
    if given["check"] == "filled":
        if any(r["field"] == given["field"] and r["when"] == when["when"] for r in spec["required"]):
            zh = column_zh(entry.scheme, given["field"])
            raise entry.wrong(f"'{given['field']}'（{zh}） is asked for already", "take the line out")
        spec["required"].append({"field": given["field"], "grain": grain} | when | severity | entry.clause())
        return
    spec.setdefault("expectation", []).append(given | when | entry.clause())


_APPLY = {"document": _add_document, "change": _change_document, "expectation": _add_expectation}
