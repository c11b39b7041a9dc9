"""The counts behind the county's workbook and page. Only counts: nothing here names a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.contract import DATASETS, ROSTERS, TOWNS
from pipeline.publish.publication import Publication
from pipeline.publish.words import CATEGORIES, OPEN, SEVERITIES, UNKNOWN_TOWN

_COUNT_COLUMNS = ("n", "count", "len")


@dataclass(frozen=True)
class Row:
    """A rule (or check) with its figures: open findings by town, by status, and of the month before (None: unknown)."""

    id: str
    title: str
    category: str
    severity: str
    basis: str
    towns: dict[str, int]
    statuses: dict[str, int]
    before: int | None

    @property
    def total(self) -> int:
        return sum(self.towns.values())


@dataclass(frozen=True)
class Completeness:
    """One roster in one town: rows (or households) examined and those without a finding of the category."""

    roster: str
    town: str
    examined: int
    complete: int


def towns(pub: Publication) -> list[str]:
    """The contract's towns, and the unknown one when findings or people stand there."""
    unions = " UNION ALL ".join(f'SELECT town FROM "{t}"' for t in ("findings", *ROSTERS))
    seen = pub.engine.rows(f"SELECT DISTINCT town FROM ({unions})")["town"].to_list()
    return [*TOWNS, UNKNOWN_TOWN] if any(t not in TOWNS for t in seen) else list(TOWNS)


def by_rule(pub: Publication) -> list[Row]:
    """Every rule and check that ran or found something, by category, severity and size."""
    counted: dict[str, dict[str, dict[str, int]]] = {}
    known: dict[str, tuple[str, str, str]] = {}
    query = """SELECT rule_id, category, max(severity) AS severity, min(basis) AS basis, town, status, count(*) AS n
               FROM findings GROUP BY rule_id, category, town, status ORDER BY ALL"""
    for rule, category, severity, basis, town, status, n in pub.engine.rows(query).iter_rows():
        known[rule] = (category, severity, basis or "")
        cell = counted.setdefault(rule, {"towns": {}, "statuses": {}})
        cell["statuses"][status] = cell["statuses"].get(status, 0) + n
        if status in OPEN:
            place = town if town in TOWNS else UNKNOWN_TOWN
            cell["towns"][place] = cell["towns"].get(place, 0) + n
    known |= {r.id: (r.category, r.severity, r.basis) for r in pub.rules}
    before = _before(pub.previous)
    rows = [
        Row(
            id=rule,
            title=pub.titles.get(rule, rule),
            category=category,
            severity=severity,
            basis=basis,
            towns=counted.get(rule, {}).get("towns", {}),
            statuses=counted.get(rule, {}).get("statuses", {}),
            before=None if before is None else before.get(rule, 0),
        )
        for rule, (category, severity, basis) in known.items()
    ]
    categories, severities = list(CATEGORIES), list(SEVERITIES)
    return sorted(
        rows,
        key=lambda r: (categories.index(r.category), severities.index(r.severity), -r.total, r.id),
    )


def _before(previous: pl.DataFrame | None) -> dict[str, int] | None:
    """Open findings a rule in the month before."""
    if previous is None:
        return None
    count = next((c for c in _COUNT_COLUMNS if c in previous.columns), None)
    still = previous.filter(pl.col("status").is_in(OPEN)) if "status" in previous.columns else previous
    sums = still.group_by("rule_id").agg(pl.len() if count is None else pl.col(count).sum())
    return {str(rule): int(n) for rule, n in sums.iter_rows()}


def severities(pub: Publication) -> dict[tuple[str, str], int]:
    """(category, severity) → open findings."""
    query = "SELECT category, severity, status, count(*) FROM findings GROUP BY ALL ORDER BY ALL"
    out: dict[tuple[str, str], int] = {}
    for category, severity, status, n in pub.engine.rows(query).iter_rows():
        if status in OPEN:
            out[category, severity] = out.get((category, severity), 0) + n
    return out


def completeness(pub: Publication, category: str) -> list[Completeness]:
    """Rows (category 'data') or households ('archive') of each roster examined, by town. [] when no suite ran."""
    out: list[Completeness] = []
    for roster in pub.examined(category):
        number = "household_no" if DATASETS[roster].has("household_no") else "grant_no"
        key = "record_id" if category == "data" else f'"{number}"'
        found = "record_id" if category == "data" else "household_no"
        # a household stands in the town of its first row; a row without number is a household of its own
        query = f"""
          WITH unit AS (SELECT coalesce({key}, record_id) AS unit, arg_min(town, record_id) AS town
                        FROM "{roster}" GROUP BY 1),
          bad AS (SELECT DISTINCT {found} AS unit FROM findings WHERE category = $category AND scheme = $roster
                  AND status IN ('new', 'continuing', 'reopened'))
          SELECT u.town, count(*) AS examined, count(*) FILTER (b.unit IS NULL) AS complete
          FROM unit u LEFT JOIN bad b ON b.unit = u.unit GROUP BY 1"""
        sums: dict[str, list[int]] = {}
        for town, examined, complete in pub.engine.rows(query, {"category": category, "roster": roster}).iter_rows():
            cell = sums.setdefault(town if town in TOWNS else UNKNOWN_TOWN, [0, 0])
            cell[0] += examined
            cell[1] += complete
        out += [Completeness(roster, town, *sums[town]) for town in (*TOWNS, UNKNOWN_TOWN) if town in sums]
    return out


def links(pub: Publication) -> list[dict[str, Any]]:
    """dataset, tier, link, review, reject: counts of links, in the contract's order of datasets."""
    query = """SELECT dataset, tier, count(*) FILTER (decision = 'link') AS link,
                      count(*) FILTER (decision = 'review') AS review, count(*) FILTER (decision = 'reject') AS reject
               FROM links GROUP BY dataset, tier ORDER BY dataset, tier"""
    order = list(DATASETS)
    found = list(pub.engine.rows(query).iter_rows(named=True))
    return sorted(found, key=lambda r: (order.index(r["dataset"]) if r["dataset"] in order else 99, r["tier"]))


def rejected(pub: Publication) -> list[tuple[str, str, int]]:
    """(file, reason, cells or rows rejected), most first."""
    query = "SELECT file, reason, count(*) AS n FROM rejects GROUP BY file, reason ORDER BY n DESC, file, reason"
    return list(pub.engine.rows(query).iter_rows())


def people(pub: Publication) -> dict[str, dict[str, int]]:
    """Town → roster → rows on it; only rosters and towns that have any."""
    out: dict[str, dict[str, int]] = {}
    for roster in ROSTERS:
        query = f'SELECT town, count(*) FROM "{roster}" GROUP BY town ORDER BY town'
        for town, n in pub.engine.rows(query).iter_rows():
            counts = out.setdefault(town if town in TOWNS else UNKNOWN_TOWN, {})
            counts[roster] = counts.get(roster, 0) + n
    return out
