"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.engine.duck import DuckEngine

# Engines that run the same SQL in this process. Spark's tests are tests/spark: they run both beside each other.
ENGINES = ("duckdb",)
SPARK = Path(__file__).parent / "spark"
# Folders, and a module of Spark's, whose tests audit whole counties.
_WHOLE_RUNS = ("golden", "browser", "faults", "test_statements.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--spark", action="store_true", help="run tests/spark too: needs pyspark and Java 17")
    parser.addoption("--long", action="store_true", help="with the tests that take many minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`long` tests run with --long only; the modules that take longest begin, so that the workers end together."""
    for item in items:
        if item.get_closest_marker("long") and not config.getoption("--long"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: LONG=1"))
    items.sort(key=lambda item: not any(folder in _WHOLE_RUNS for folder in item.path.parts))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if collection_path == SPARK and not config.getoption("--spark") else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not config.getoption("--spark"):
        n = len(list(SPARK.glob("test_*.py")))
        terminalreporter.write_line(f"left to make test-spark: the second engine ({n} modules of tests/spark)")


def open_engine(kind: str) -> DuckEngine:
    """A fresh engine of this kind, in memory. Tests have few rows: a second thread would only be woken for nothing."""
    assert kind == "duckdb", kind
    return DuckEngine(threads=1)


@pytest.fixture(scope="session", params=ENGINES)
def engine_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def engine(engine_kind: str) -> Iterator[DuckEngine]:
    """One engine a module: a test that needs its tables empty loads them itself (`support.grid.load_tables`)."""
    made = open_engine(engine_kind)
    yield made
    made.close()
