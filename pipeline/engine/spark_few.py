"""Few rows on one machine: a statement over them is one task, and what it makes stays in Spark's memory.

To cut a few thousand rows in parts, to send them round, to compile code for them and to write them as files costs a
hundred times what the rows themselves do. Where all that a statement reads is few, every table is one part, so that
joins, sums and windows need no exchange; nothing is compiled; and the rows that come out are held (Spark calls it a
local checkpoint: they cannot be computed again, which matters only where an executor can be lost and the program not).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Of all tables that a statement reads, together.
FEW = 100_000
_SETTINGS = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.maxSinglePartitionBytes": "1000000000g",  # what joins might make is reckoned far too large
    "spark.sql.adaptive.enabled": "false",  # nothing to adapt to
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


class Regime:
    """Switches a session between its own settings and those for few rows; what `conf` sets stays as it says."""

    def __init__(self, session: SparkSession, conf: Mapping[str, str]) -> None:
        self._session = session
        self._few = {k: v for k, v in _SETTINGS.items() if k not in conf}
        self._own = {k: str(session.conf.get(k)) for k in self._few}
        self._is_few = False

    def switch(self, few: bool) -> None:
        if few != self._is_few:
            for key, value in (self._few if few else self._own).items():
                self._session.conf.set(key, value)
            self._is_few = few


def hold(frame: DataFrame, rows: int = -1) -> tuple[DataFrame, int]:
    """The frame's rows (`rows` of them, where that is known) in one part in Spark's memory, and how many there are."""
    held = frame.coalesce(1).localCheckpoint()
    rows = held.count() if rows < 0 else rows
    # the limit takes nothing away: it tells the planner how many rows there are
    return held.limit(rows), rows


def is_one_machine(session: SparkSession) -> bool:
    """Whether driver and executor are one process."""
    master = session.sparkContext.master
    return master is not None and (master == "local" or master.startswith("local["))
