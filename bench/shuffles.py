"""`python -m bench.shuffles EVENTLOG`: what a run on Spark read, shuffled and spilt, by the run's stages.

EVENTLOG: the file that Spark writes where its settings say `spark.eventLog.enabled true`, `spark.eventLog.dir …` and
`spark.eventLog.rolling.enabled false`; as it is or compressed with zstd. One that is still being written is read as far
as it goes.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

_MADE = re.compile(r"table (\w+)$")  # as the engine describes its work to Spark
# The first table that a stage makes; what stands before them is identity.
_FIRST = {"shared_pair": "linkage", "known_person": "findings"}
_GIB = 2**30


@dataclass
class Work:
    """Bytes, seconds of processor of the executors, tasks."""

    statements: int = 0
    tasks: int = 0
    cpu: float = 0.0
    read: int = 0
    shuffled: int = 0
    spilt: int = 0
    written: int = 0

    def add(self, metrics: dict[str, Any]) -> None:
        self.tasks += 1
        self.cpu += metrics["Executor CPU Time"] / 1e9
        self.read += metrics["Input Metrics"]["Bytes Read"]
        self.shuffled += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
        self.spilt += metrics["Disk Bytes Spilled"]
        self.written += metrics["Output Metrics"]["Bytes Written"]

    def __str__(self) -> str:
        sizes = (("read", self.read), ("shuffled", self.shuffled), ("spilt", self.spilt), ("written", self.written))
        told = ", ".join(f"{name} {size / _GIB:.3f} GiB" for name, size in sizes)
        return f"{self.statements} statements, {self.tasks} tasks, {self.cpu:.1f} s of processor, {told}"


def events(path: Path) -> Iterator[dict[str, Any]]:
    """The log's events, a JSON text a line; a last line that is not whole is left out."""
    raw = path.read_bytes()
    if raw[:4] == b"\x28\xb5\x2f\xfd":
        raw = _unpacked(raw)
    for line in raw.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            return


def _unpacked(raw: bytes) -> bytes:
    out = []
    with pa.CompressedInputStream(pa.BufferReader(raw), "zstd") as stream:
        try:
            while part := stream.read(2**20):
                out.append(part)
        except OSError:  # still being written
            pass
    return b"".join(out)


def work_of(path: Path) -> tuple[dict[str, Work], dict[str, Work]]:
    """What was done, by the run's stages and by the table that a statement made ('' = one that made none)."""
    by_stage: dict[str, Work] = defaultdict(Work)
    by_table: dict[str, Work] = defaultdict(Work)
    table: dict[str, str] = {}
    stage_of: dict[str, str] = {}
    statement: dict[int, str] = {}
    now = "identity"
    for event in events(path):
        kind = event["Event"].rpartition(".")[2]
        if kind == "SparkListenerSQLExecutionStart":
            found = _MADE.match(event.get("description") or "")
            name = found[1] if found else ""
            now = _FIRST.get(name, now)
            key = str(event["executionId"])
            table[key], stage_of[key] = name, now
        elif kind == "SparkListenerJobStart":
            key = event["Properties"].get("spark.sql.execution.id", "")
            for stage in event["Stage IDs"]:
                statement[stage] = key
        elif kind == "SparkListenerTaskEnd" and event.get("Task Metrics"):
            key = statement.get(event["Stage ID"], "")
            by_stage[stage_of.get(key, now)].add(event["Task Metrics"])
            by_table[table.get(key, "")].add(event["Task Metrics"])
    for key, name in table.items():
        by_stage[stage_of[key]].statements += 1
        by_table[name].statements += 1
    return by_stage, by_table


def main() -> None:
    by_stage, by_table = work_of(Path(sys.argv[1]))
    for name, work in by_stage.items():
        print(f"{name}: {work}")
    largest = sorted(by_table.items(), key=lambda item: -item[1].shuffled)[:12]
    print("most shuffled for:")
    for name, work in largest:
        print(f"  {name or '(rows asked for)'}: {work}")


if __name__ == "__main__":
    main()
