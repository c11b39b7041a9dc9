"""The county's linkage as data (county.toml): fields and their levels, blocking keys, household lists."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FAMILIES = ("number", "name", "birth", "contact", "household")


@dataclass(frozen=True)
class LinkField:
    """One field: `levels` weakest first, `words` the same in Chinese."""

    id: str
    zh: str
    levels: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """One blocking key; `key` is SQL over the columns of `on` (see county.toml)."""

    id: str
    zh: str
    on: str
    family: str
    key: str
    cap: int = 0
    split: str = ""
    one_of: str = ""
    left: str = ""
    strict: bool = False
    blind: tuple[str, ...] = ()


@dataclass(frozen=True)
class CountySpec:
    fields: tuple[LinkField, ...]
    blocks: tuple[Block, ...]
    once: tuple[str, ...]
    once_in_household: tuple[str, ...]
    households: dict[str, tuple[str, tuple[str, ...]]]

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """Field → its levels' labels, weakest first: what a model must fit."""
        return {f.id: f.levels for f in self.fields}

    @property
    def once_lists(self) -> list[tuple[str, bool]]:
        """(dataset, whole): lists in which a person stands once, in the whole list or only within a household."""
        return [(d, True) for d in self.once] + [(d, False) for d in self.once_in_household]

    def household_of(self, dataset: str) -> tuple[str, str] | None:
        """(numbering, column) of a dataset that puts people together."""
        for numbering, (column, datasets) in self.households.items():
            if dataset in datasets:
                return numbering, column
        return None


def _frozen(values: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}


@cache
def county_spec() -> CountySpec:
    """The declaration as it stands beside this module."""
    data: dict[str, Any] = tomllib.loads((Path(__file__).parent / "county.toml").read_text(encoding="utf-8"))
    fields = tuple(
        LinkField(name, f["zh"], tuple(label for label, _ in f["levels"]), tuple(word for _, word in f["levels"]))
        for name, f in data["fields"].items()
    )
    blocks = tuple(Block(**_frozen(b)) for b in data["block"])
    households = {name: (h["column"], tuple(h["datasets"])) for name, h in data["households"].items()}
    once = data["once"]
    return CountySpec(fields, blocks, tuple(once["datasets"]), tuple(once["in_household"]), households)
