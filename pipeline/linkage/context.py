"""What the steps of linkage need beside the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import Statement
from pipeline.linkage.county import CountySpec
from pipeline.linkage.model import Model


@dataclass(frozen=True)
class Context:
    """Statements of `sql/linkage/` by name, the declaration, the model, the datasets whose records name a person."""

    steps: Mapping[str, Statement]
    spec: CountySpec
    model: Model
    datasets: tuple[str, ...]


def make(engine: DuckEngine, steps: Mapping[str, Statement], *names: str) -> None:
    """Run these statements, each into the table of its name."""
    for name in names:
        engine.run(steps[name].sql, {"anybody": False}, into=name)
