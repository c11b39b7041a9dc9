"""How a record of the evidence is tied to the person on the roster: the link behind it, in words and as a picture."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.explain import sentence_of_pattern
from pipeline.publish.pages.picture import Weights, picture
from pipeline.publish.words import TIERS, chance


@dataclass(frozen=True)
class Tie:
    """One link: by what it was found, how probable it is ('' by the number itself), a sentence, a picture ('' none)."""

    tier: str
    chance: str
    sentence: str
    picture: str


@lru_cache(maxsize=4096)
def _sentence(pattern: str | None, weight: float | None, probability: float | None, decision: str) -> str:
    return sentence_of_pattern(pattern, weight, probability, decision)


def tie_of(link: Mapping[str, Any], weights: Weights) -> Tie:
    """A row of `links` (tier, match_weight, match_probability, decision, pattern) as it is shown."""
    p = link["match_probability"]
    return Tie(
        tier=TIERS.get(link["tier"], link["tier"] or ""),
        chance="" if p is None else chance(p),
        sentence=_sentence(link["pattern"], link["match_weight"], p, link["decision"]),
        picture=picture(link["pattern"], link["match_weight"], weights),
    )


class Ties:
    """The links of a set of records."""

    def __init__(self, links: Mapping[str, Sequence[Mapping[str, Any]]], weights: Weights) -> None:
        self._links, self._weights = links, weights

    @classmethod
    def of(cls, engine: DuckEngine, records: Collection[str]) -> Ties:
        """The links that were taken for one person and in which any of these records stands on the other side."""
        engine.drop("page_record")
        engine.load("page_record", pl.DataFrame({"record_id": sorted(records)}, schema={"record_id": pl.String}))
        rows = engine.rows(
            "SELECT l.* FROM links l WHERE decision = 'link' AND record_id IN (SELECT record_id FROM page_record) "
            "ORDER BY record_id, match_probability DESC NULLS FIRST, roster_record_id"
        )
        engine.drop("page_record")
        links: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows.iter_rows(named=True):
            links.setdefault(row["record_id"], []).append(row)
        return cls(links, Weights.of(engine))

    def between(self, own: str | None, records: Collection[str | None], record: str) -> Tie | None:
        """The link of `record` with the finding's own row, else with another of its rows, else its surest one."""
        found = self._links.get(record)
        if not found or record == own:
            return None
        best = next((k for k in found if k["roster_record_id"] == own), None)
        best = best or next((k for k in found if k["roster_record_id"] in records), found[0])
        return tie_of(best, self._weights)
