"""The counts behind the county's workbook and page. Only counts: nothing here names a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipeline.contract import DATASETS, ROSTERS, TOWNS
from pipeline.publish.publication import Publication
from pipeline.publish.words import CATEGORIES, OPEN, SCREENED, SEVERITIES, UNKNOWN_TOWN

_COUNT_COLUMNS = ("n", "count", "len")
# decimals, for a sum of floats depends on the order in which the threads add
_MONEY = "CAST(sum(CAST(money AS DECIMAL(18, 2))) AS DOUBLE) AS money"
_FALSE = "CAST(coalesce(sum(CAST(1 - match_probability AS DECIMAL(18, 9))), 0) AS DOUBLE) AS false_flags"


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
    money: dict[str, float] = field(default_factory=dict)  # town → yuan at stake; only towns where something is
    false_flags: float = 0  # open findings expected to be about somebody else: the sum of 1 − p

    @property
    def total(self) -> int:
        return sum(self.towns.values())

    @property
    def at_stake(self) -> float:
        return sum(self.money.values())


@dataclass(frozen=True)
class List:
    """A list of the towns' workbooks: its open findings, and how many of them are expected to be about somebody else.

    false_flags: the sum of 1 − p of the weakest links; unrated: probable findings without a probability, not in it.
    """

    name: str
    total: int
    certain: int
    unrated: int
    false_flags: float
    money: float | None


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
    money: dict[str, dict[str, float]] = {}
    wrong: dict[str, float] = {}
    query = f"""SELECT rule_id, category, max(severity) AS severity, min(basis) AS basis, town, status, count(*) AS n,
                       {_MONEY}, {_FALSE}
                FROM findings GROUP BY rule_id, category, town, status ORDER BY ALL"""
    for rule, category, severity, basis, town, status, n, yuan, false in pub.engine.rows(query).iter_rows():
        known[rule] = (category, severity, basis or "")
        cell = counted.setdefault(rule, {"towns": {}, "statuses": {}})
        cell["statuses"][status] = cell["statuses"].get(status, 0) + n
        if status in OPEN:
            place = town if town in TOWNS else UNKNOWN_TOWN
            cell["towns"][place] = cell["towns"].get(place, 0) + n
            wrong[rule] = wrong.get(rule, 0) + false
            if yuan is not None:
                here = money.setdefault(rule, {})
                here[place] = round(here.get(place, 0) + yuan, 2)
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
            money=money.get(rule, {}),
            false_flags=round(wrong.get(rule, 0), 6),
        )
        for rule, (category, severity, basis) in known.items()
    ]
    categories, severities = list(CATEGORIES), list(SEVERITIES)
    return sorted(
        rows,
        key=lambda r: (categories.index(r.category), severities.index(r.severity), -r.total, r.id),
    )


def lists(pub: Publication) -> list[List]:
    """The lists of the towns' workbooks that hold findings, in the workbook's order; screened leads by themselves."""
    query = f"""SELECT category, coalesce(screened, false) AND category = 'missing' AS screened, count(*) AS n,
                       count(*) FILTER (confidence = 'certain') AS certain,
                       count(*) FILTER (confidence <> 'certain' AND match_probability IS NULL) AS unrated,
                       {_FALSE}, {_MONEY}
                FROM findings WHERE status IN ('new', 'continuing', 'reopened') GROUP BY ALL ORDER BY ALL"""
    names = {c: i for i, c in enumerate(CATEGORIES)}
    found = sorted(pub.engine.rows(query).iter_rows(), key=lambda r: (names[r[0]], r[1]))
    return [
        List(SCREENED if screened else CATEGORIES[category], n, certain, unrated, round(false, 6), yuan)
        for category, screened, n, certain, unrated, false, yuan in found
    ]


def held(pub: Publication) -> int:
    """How many leads wait for somebody to judge whether the person is enrolled after all."""
    return pub.engine.count("held_rows") if pub.engine.exists("held_rows") else 0


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
        key = "record_id" if category == "data" else f'"{DATASETS[roster].household}"'
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
