"""One Spark session for all tests: a session takes ten seconds to start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.engine.duck import DuckEngine
from pipeline.engine.spark import SparkEngine
from pipeline.engine.spark_session import start

# Tables of a few rows: no code is compiled for them, and nothing is cut in parts that are all but empty.
SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.parquet.compression.codec": "uncompressed",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.memory": "2g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    started = start(tmp_path_factory.mktemp("spark"), "local[2]", SMALL)
    yield started
    started.stop()


@pytest.fixture
def spark(session: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    engine = SparkEngine(tmp_path_factory.mktemp("engine"), session=session)
    yield engine
    engine.close()


@pytest.fixture(params=[0, 3], ids=["all by Spark", "the least by DuckDB"])
def split(session: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SparkEngine]:
    """Spark alone, and Spark with a DuckDB that answers what reads three rows or fewer."""
    duck = DuckEngine(scratch=tmp_path / "spill")
    engine = SparkEngine(tmp_path, session=session, aside=duck if request.param else None, few=request.param)
    yield engine
    engine.close()
    duck.close()
