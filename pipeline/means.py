"""What a run works with, beside its data: room, memory, a worker, what earlier runs left for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.cache import Cache
from pipeline.processes import Beside


@dataclass(frozen=True)
class Means:
    """`work`: the run's private folder. `limit`: the database's memory. `worker`: does what this thread need not wait
    for. `kept`: the files read before; the other stages' caches lie in folders of it.
    """

    work: Path
    limit: str
    worker: Beside
    kept: Cache | None = None

    def cache(self, stage: str) -> Cache | None:
        """What earlier runs' stage of that name left."""
        return None if self.kept is None else Cache(self.kept.folder / stage, self.kept.told)
