"""A finished audit's folder, OUT/<month>, as whatever comes after it reads it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from pipeline import vault
from pipeline.errors import BadInput


@dataclass(frozen=True)
class Finished:
    """OUT/<month> of `audit run`. Whatever it lacks is a BadInput: it holds no finished audit then."""

    folder: Path

    @cached_property
    def run(self) -> dict[str, Any]:
        """`run.json`."""
        try:
            told: dict[str, Any] = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
            str(told["month"])
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise not_finished(self.folder) from e
        return told

    @property
    def month(self) -> str:
        """YYYY-MM."""
        return str(self.run["month"])

    def table(self, name: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The table `name`.parquet, opened with the key where it is sealed; all columns, or those named."""
        try:
            return vault.read_parquet(self.folder / f"{name}.parquet", columns=list(columns) if columns else None)
        except (OSError, ValueError, pl.exceptions.PolarsError) as e:
            raise not_finished(self.folder) from e

    def not_run(self) -> int:
        """How many rules and checks did not run, or only in part."""
        try:
            return pl.read_csv(self.folder / "not_run.csv", infer_schema=False).height
        except (OSError, pl.exceptions.PolarsError) as e:
            raise not_finished(self.folder) from e


def not_finished(folder: Path) -> BadInput:
    """The refusal of a folder that holds no finished audit."""
    return BadInput("the folder holds no finished audit", file=folder.name, remedy="give OUT/<month> of `audit run`")
