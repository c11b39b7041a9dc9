"""What has to be hidden on the month's pages: every name in its data, and what the program's own words are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.contract import DATASETS
from pipeline.engine.statements import SQL
from pipeline.masking import Masker
from pipeline.publish.publication import Publication

_ROOT = Path(__file__).parents[3]
# Where the words of the findings' sentences stand.
_TEXTS = ("pipeline/contract/*.toml", "pipeline/findings/*.toml", "checks/*.py", "checks/data/*.toml")
# Values of evidence that name a person under a key that is no column: see the items of sql/rules.
_NAMED = frozenset({
    "owner", "member", "head", "dead_name", "adult_name", "holder_zh", "carer_zh", "spouse_zh", "spouse", "heir",
})  # fmt: skip
NAME_KEYS = _NAMED | {c.id for d in DATASETS.values() for c in d.columns if c.type == "name"}


def masker_of(pub: Publication) -> Masker:
    """A masker for the names in the month's tables, in its findings and in those carried over from earlier months."""
    own = (text for r in pub.rules for text in (r.title, r.basis))
    return Masker.of(_names(pub), (*program_words(), *own))


def _names(pub: Publication) -> Iterator[str | None]:
    engine = pub.engine
    columns = [(d.id, c.id) for d in DATASETS.values() for c in d.columns if c.type == "name"]
    union = " UNION ".join(f'SELECT "{column}" AS name FROM "{dataset}"' for dataset, column in columns)
    yield from engine.rows(union)["name"].to_list()
    for table in ("findings", "unexamined", "held_rows"):
        if engine.exists(table):
            for name, evidence in engine.rows(f"SELECT name, evidence FROM {table}").iter_rows():
                yield name
                yield from named(json.loads(evidence or "[]"))


def named(evidence: Iterable[dict[str, Any]]) -> list[str]:
    """The people that a finding's evidence names."""
    found = (
        v for item in evidence if isinstance(item, dict)
        for k, v in (item.get("values") or {}).items() if k in NAME_KEYS
    )  # fmt: skip
    return [v for v in found if isinstance(v, str)]


@cache
def program_words() -> tuple[str, ...]:
    """The texts from which sentences are made: what stands in them is a word, were somebody called so as well."""
    files = [p for pattern in _TEXTS for p in sorted(_ROOT.glob(pattern))] + sorted(SQL.glob("rules/*/*.sql"))
    return tuple(p.read_text(encoding="utf-8") for p in files)
