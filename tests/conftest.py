"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.engine.duck import DuckEngine

# Engines that run the same SQL. A second one is a second name here and a branch in `open_engine`.
ENGINES = ("duckdb",)


def open_engine(kind: str) -> DuckEngine:
    """A fresh engine of this kind, in memory."""
    assert kind == "duckdb", kind
    return DuckEngine()


@pytest.fixture(scope="session", params=ENGINES)
def engine_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def engine(engine_kind: str) -> Iterator[DuckEngine]:
    """One engine a module: a test that needs its tables empty loads them itself (`support.grid.load_tables`)."""
    made = open_engine(engine_kind)
    yield made
    made.close()
