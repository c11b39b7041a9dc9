"""How the checks' findings agree with the truth's gaps: by id and scheme, each by its row and field or document."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import polars as pl


@dataclass(frozen=True)
class GapScore:
    """One id of one scheme: `truth` gaps that must be found, `found` findings, and how they agree.

    `tolerated`: findings of gaps that count neither way. `near_misses_hit`: planted near-misses that were found.
    """

    rule_id: str
    scheme: str
    truth: int
    found: int
    hits: int
    wrong: int
    missed: int
    tolerated: int
    near_misses: int
    near_misses_hit: int

    @property
    def precision(self) -> float | None:
        return self.hits / (self.hits + self.wrong) if self.hits + self.wrong else None

    @property
    def recall(self) -> float | None:
        return self.hits / self.truth if self.truth else None


def score_gaps(found: pl.DataFrame, gaps: pl.DataFrame, planted: pl.DataFrame) -> list[GapScore]:
    """`found`: open findings; `gaps`, `planted`: tables of the truth. One score an id and scheme that has either."""
    ids = {*gaps["rule_id"], *planted["rule_id"]}
    mine = list(found.filter(pl.col("rule_id").is_in(list(ids))).iter_rows(named=True))
    by = {"truth": _group(gaps.to_dicts()), "found": _group(mine)}
    near = _group(planted.filter(pl.col("kind") == "near-miss").to_dicts())
    keys = sorted(by["truth"].keys() | by["found"].keys() | near.keys())
    return [_score(key, by["truth"].get(key, []), by["found"].get(key, []), near.get(key, [])) for key in keys]


def _group(rows: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    out: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        out[row["rule_id"], row["scheme"]].append(row)
    return out


def item_of(finding: dict[str, Any]) -> str | None:
    """The field or document that a finding is about, as its evidence says."""
    values = json.loads(finding["evidence"])[0]["values"]
    item: str | None = values.get("field") or values.get("document")
    return item


def _score(
    key: tuple[str, str], truth: list[dict[str, Any]], found: list[dict[str, Any]], near: list[dict[str, Any]]
) -> GapScore:
    at: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for i, gap in enumerate(truth):
        for record in gap["record_ids"]:
            at[record, gap["item"]].append(i)
    spared = {(n["household_no"], n["item"]) for n in near}
    taken: set[int] = set()
    struck: set[tuple[str, str | None]] = set()
    n: Counter[str] = Counter()
    for f in found:
        item = item_of(f)
        options = at.get((f["record_id"], item), []) + at.get((f["record_id"], None), [])
        free = sorted((i for i in options if i not in taken), key=lambda i: truth[i]["optional"])
        struck |= {s for s in ((f["household_no"], item), (f["household_no"], None)) if s in spared}
        if not free:
            # a second finding of what counts neither way, else an error
            n["tolerated" if any(truth[i]["optional"] for i in options) else "wrong"] += 1
            continue
        taken.add(free[0])
        n["tolerated" if truth[free[0]]["optional"] else "hits"] += 1
    must = {i for i, gap in enumerate(truth) if not gap["optional"]}
    return GapScore(
        *key, len(must), len(found), n["hits"], n["wrong"], len(must - taken), n["tolerated"], len(spared), len(struck)
    )
