"""Pairs to level codes: one SELECT for all fields, one integer a pair, and back.

A pair's levels are packed into one BIGINT: Σ (level + 1) · place, 0 standing for no information. Patterns are then
counted and joined by one number, whatever the fields.
"""

from __future__ import annotations

import polars as pl

from pipeline.errors import BadInput
from pipeline.linkage.tables.kinds import Compared, compared
from pipeline.linkage.tables.spec import LinkSpec


class Levels:
    """All fields of a specification with their comparisons, in its order."""

    def __init__(self, spec: LinkSpec) -> None:
        self.ids = tuple(f.id for f in spec.fields)
        self.compared: tuple[Compared, ...] = tuple(compared(f) for f in spec.fields)
        self.places: list[int] = []
        place = 1
        for c in self.compared:
            self.places.append(place)
            place *= len(c.labels) + 1
        if place >= 1 << 62:
            raise BadInput(
                "the fields have too many levels together", file=spec.file, remedy="take fields or thresholds out"
            )

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """Field → labels, weakest first: what a model must fit."""
        return {f: c.labels for f, c in zip(self.ids, self.compared, strict=True)}

    def inner(self) -> str:
        """The columns x0, x1, … of the inner SELECT, over l. and r."""
        return ", ".join(f"{c.inner} AS x{i}" for i, c in enumerate(self.compared))

    def outer(self) -> str:
        """The code of a pair, over x0, x1, …"""
        parts = (
            f"(coalesce({c.outer.format(x=f'x{i}')}, -1) + 1) * CAST({place} AS BIGINT)"
            for i, (c, place) in enumerate(zip(self.compared, self.places, strict=True))
        )
        return f"CAST({' + '.join(parts)} AS BIGINT)"

    def decoded(self, codes: pl.DataFrame) -> pl.DataFrame:
        """A frame with `code` → the same with a column of levels each field (null = no information)."""
        columns = []
        for f, c, place in zip(self.ids, self.compared, self.places, strict=True):
            level = pl.col("code") // place % (len(c.labels) + 1)
            columns.append(pl.when(level > 0).then(level - 1).cast(pl.Int64).alias(f))
        return codes.with_columns(columns)

    def level_sql(self, field: str, code: str = "code") -> str:
        """One field's level + 1 (0 = no information) in SQL."""
        i = self.ids.index(field)
        return f"({code} // {self.places[i]} % {len(self.compared[i].labels) + 1})"

    def pattern_texts(self, codes: pl.Series, *, zh: dict[str, str] | None = None) -> pl.DataFrame:
        """Distinct codes → `code`, `pattern`: 'name=equal birth=unknown'; with `zh` (field → word) in Chinese."""
        frame = self.decoded(pl.DataFrame({"code": codes.unique().sort()}))
        parts = []
        for f, c in zip(self.ids, self.compared, strict=True):
            words = c.labels if zh is None else c.zh
            said = pl.col(f).replace_strict(
                list(range(len(words))),
                list(words),
                default="unknown" if zh is None else "未知",
                return_dtype=pl.String,
            )
            parts.append(pl.concat_str(pl.lit(f"{f if zh is None else zh[f]}="), said))
        return frame.select("code", pl.concat_str(parts, separator=" ").alias("pattern"))
