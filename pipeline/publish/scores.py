"""The scores as published: by scheme, town and field or document, the county's totals, and against last month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from pipeline.contract import ROSTERS, TOWNS
from pipeline.publish.publication import Publication
from pipeline.publish.words import UNKNOWN_TOWN

KINDS: dict[str, str] = {"data": "数据", "archive": "档案"}
COLUMNS = (
    "kind", "scheme", "town", "field", "zh", "asked", "complete", "share", "asked_before", "complete_before",
    "share_before", "change",
)  # fmt: skip
_KEY = ["kind", "scheme", "town", "field"]


@dataclass(frozen=True)
class Cell:
    """Rows asked and complete, now and a month before (None where it is not known).

    `comparable`: now, of what last month is known of; None where that is all of it.
    """

    asked: int
    complete: int
    asked_before: int | None = None
    complete_before: int | None = None
    comparable: tuple[int, int] | None = None

    @property
    def share(self) -> float | None:
        return self.complete / self.asked if self.asked else None

    @property
    def share_before(self) -> float | None:
        return (
            self.complete_before / self.asked_before if self.asked_before and self.complete_before is not None else None
        )

    @property
    def change(self) -> float | None:
        """The share less last month's, of what was asked in both months; None where there is none."""
        asked, complete = self.comparable or (self.asked, self.complete)
        return None if not asked or self.share_before is None else complete / asked - self.share_before


@dataclass(frozen=True)
class Field:
    """One field or document of a scheme: the county's cell and each town's."""

    kind: str
    scheme: str
    id: str
    zh: str
    county: Cell
    towns: Mapping[str, Cell] = field(default_factory=dict)


def table(pub: Publication) -> pl.DataFrame:
    """`completeness.parquet`: a row a kind, scheme, town and field (`COLUMNS`), shares between 0 and 1."""
    found = pub.scores
    if found is None:
        found = pl.DataFrame(schema=_schema([*_KEY, "zh"], ["asked", "complete"]))
    before = pl.DataFrame(schema=_schema(_KEY, ["asked_before", "complete_before"]))
    if pub.before is not None:
        before = pub.before.filter(pl.col("kind").is_in(list(KINDS))).select(
            "kind", scheme="subject", town="town", field="item", asked_before="rows", complete_before="good"
        )
    joined = found.join(before, on=_KEY, how="left", maintain_order="left").with_columns(
        share=pl.col("complete") / pl.col("asked"),
        share_before=pl.col("complete_before") / pl.col("asked_before"),
    )
    return joined.with_columns(change=pl.col("share") - pl.col("share_before")).select(COLUMNS)


def _schema(texts: list[str], counts: list[str]) -> dict[str, type[pl.DataType]]:
    return {**dict.fromkeys(texts, pl.String), **dict.fromkeys(counts, pl.Int64)}


def fields(pub: Publication) -> list[Field]:
    """Every field and document by scheme, the worst of the county first."""
    cells: dict[tuple[str, str, str, str], dict[str, Cell]] = {}
    columns = ("kind", "scheme", "field", "zh", "town", "asked", "complete", "asked_before", "complete_before")
    for kind, scheme, id, zh, town, *counts in table(pub).select(columns).iter_rows():
        cells.setdefault((kind, scheme, id, zh), {})[town] = Cell(*counts)
    made = [Field(*key, county=total(towns.values()), towns=towns) for key, towns in cells.items()]
    kinds = list(KINDS)
    return sorted(
        made, key=lambda f: (ROSTERS.index(f.scheme), kinds.index(f.kind), f.county.share or 0, -f.county.asked)
    )


def total(cells: Iterable[Cell]) -> Cell:
    """The cells added up; last month's of those of which it is known (a field that is new has none)."""
    listed = list(cells)
    before = [c for c in listed if c.asked_before is not None and c.complete_before is not None]
    return Cell(
        sum(c.asked for c in listed),
        sum(c.complete for c in listed),
        sum(c.asked_before or 0 for c in before) if before else None,
        sum(c.complete_before or 0 for c in before) if before else None,
        (sum(c.asked for c in before), sum(c.complete for c in before)) if len(before) < len(listed) else None,
    )


def totals(pub: Publication) -> dict[tuple[str, str], Cell]:
    """(scheme, kind) → all its fields together: the figure a bureau may publish."""
    out: dict[tuple[str, str], list[Cell]] = {}
    for f in fields(pub):
        out.setdefault((f.scheme, f.kind), []).append(f.county)
    return {key: total(cells) for key, cells in out.items()}


def by_town(found: Iterable[Field]) -> dict[str, Cell]:
    """Each town's cells over these fields together, in the contract's order."""
    listed = list(found)
    sums = {t: total(f.towns[t] for f in listed if t in f.towns) for t in (*TOWNS, UNKNOWN_TOWN)}
    return {t: cell for t, cell in sums.items() if cell.asked}


def points(change: float | None) -> float | None:
    """A change in percentage points, to a tenth."""
    return None if change is None else round(100 * change, 1) + 0.0


def shown(share: float | None) -> str:
    """A share in per cent to a tenth, cut off rather than rounded: 100 only where all is complete."""
    if share is None:
        return ""
    if share == 1:
        return "100"
    return f"{int(1000 * share + 1e-9) / 10:.1f}"
