"""The desk's words (words.toml) and its three kinds of item."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """What can be said of an item: what is kept, the key, the word, how it looks, whether it wants a reason."""

    id: str
    key: str
    zh: str
    tone: str
    reason: bool = False


@dataclass(frozen=True)
class Kind:
    """One queue: its kind in the ledger, its path on the page, its name, what is counted, its verdicts."""

    id: str
    path: str
    zh: str
    unit: str
    verdicts: tuple[Verdict, ...]

    def verdict(self, name: str) -> Verdict | None:
        return next((v for v in self.verdicts if v.id == name), None)


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


@cache
def kinds() -> dict[str, Kind]:
    """Path → kind, in the order of the page's tabs."""
    found = (
        Kind(name, k["path"], k["zh"], k["unit"], tuple(Verdict(**v) for v in k["verdict"]))
        for name, k in _read()["kind"].items()
    )
    return {kind.path: kind for kind in found}


def views() -> dict[str, str]:
    """View → its name."""
    return dict(_read()["view"])


def orders(kind: str) -> dict[str, str]:
    """Order → its name, as this kind of item has it."""
    names = dict(_read()["order"])
    names["score"] = _read()["order_of"].get(kind, names["score"])
    return names


def verdict_zh(kind: str, verdict: str) -> str:
    """A verdict's word."""
    return next((v["zh"] for v in _read()["kind"][kind]["verdict"] if v["id"] == verdict), verdict)
