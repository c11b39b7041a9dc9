"""Seconds and peak memory of a run's stages, and the engine each ran on."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Clock:
    """Seconds and peak memory of each stage (this process and its workers; Spark's own is not in it)."""

    stages: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str, engine: str = "duckdb") -> Iterator[None]:
        begun = time.perf_counter()
        yield
        peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        seconds = round(time.perf_counter() - begun, 3)
        self.stages.append({"stage": name, "engine": engine, "seconds": seconds, "peak_memory_mb": round(peak / 1024)})
