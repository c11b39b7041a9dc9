"""One Spark session for all tests: a session takes ten seconds to start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.engine.spark import SparkEngine
from pipeline.engine.spark_session import start

# Tables of a few rows: no code is compiled for them, and nothing is cut in parts that are all but empty.
SMALL = {
    "spark.sql.shuffle.partitions": "2",
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
