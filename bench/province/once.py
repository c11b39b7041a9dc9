"""`python -m bench.province.once DATA COUNTIES [--memory-limit 4GiB] [--kept KIND] [--engine ENGINE]`: a measured pass.

DATA: what `bench.province.counties` made. The typed tables are loaded; bare DuckDB scans each and hash-joins every
department with every roster on the ID number; then the project's identity, linkage and rules run over the same tables.
KIND: the tables are in a file encrypted for this process alone (sealed), a plain one (file), or none (memory).
ENGINE: with `spark` identity, linkage and rules run on Spark in local mode, its start among the steps.
Told of each step: seconds, seconds of processor (the Java machine's too), the process's peak memory in it, the most
that lay in the spill folder, bytes written.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.findings import bare
from bench.measure import told
from bench.province.counties import DEPARTMENTS, MONTH, TABLES, part
from pipeline.contract import DATASETS, ROSTERS
from pipeline.engine.duck import DuckEngine
from pipeline.engine.second import SparkSettings, working_on
from pipeline.findings import examine, load_rules
from pipeline.findings.stage import runnable
from pipeline.identity import make_comparable, warm_up
from pipeline.linkage import link
from pipeline.policy import pack_for

_MIB = 2**20
KEPT = ("sealed", "file", "memory")


class Watch:
    """What each step took: seconds, and in MiB its peak memory, its largest spill, and what it wrote to the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.peak = folder, 0.0
        self.steps: dict[str, dict[str, float]] = {}
        self._spilt = 0
        self._ended = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        Path("/proc/self/clear_refs").write_text("5")  # the kernel's high-water mark begins anew
        self._spilt = 0
        written, begun, cpu = _written(), time.perf_counter(), _processor()
        yield
        seconds, cpu = time.perf_counter() - begun, _processor() - cpu
        peak = _high_water()
        self.peak = max(self.peak, peak)
        figures = {
            "seconds": seconds, "cpu": cpu, "peak": peak, "spill": self._spilt / _MIB, "written": _written() - written,
        }  # fmt: skip
        self.steps[name] = {k: round(v, 1) for k, v in figures.items()}
        print(f"{name}: " + ", ".join(f"{k} {v:,}" for k, v in self.steps[name].items()), flush=True)

    def close(self) -> None:
        self._ended.set()

    def _look(self) -> None:
        while not self._ended.wait(0.2):
            self._spilt = max(self._spilt, sum(_size(f) for f in self.folder.glob("*")))


def _size(file: Path) -> int:
    try:
        return file.stat().st_blocks * 512
    except FileNotFoundError:  # gone since it was listed
        return 0


def _high_water() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


def _written() -> float:
    io = Path("/proc/self/io").read_text(encoding="utf-8")
    return int(re.findall(r"^write_bytes: (\d+)", io, re.MULTILINE)[0]) / _MIB


def _processor() -> float:
    """Seconds of processor of this process and of those that it started and that still run."""
    every = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:  # gone in the meantime
            continue
        every[int(stat.parent.name)] = int(told[1]), int(told[11]) + int(told[12])

    def of(process: int) -> int:
        return every[process][1] + sum(of(p) for p, (parent, _) in every.items() if parent == process)

    return of(os.getpid()) / os.sysconf("SC_CLK_TCK")


def load(engine: DuckEngine, data: Path, counties: int) -> None:
    """All typed tables of the contract, those of the first counties filled."""
    for dataset in DATASETS.values():
        engine.create(dataset.id, dataset.table_schema())
        if dataset.id in TABLES:
            files = ", ".join("'" + str(part(data, dataset.id, n)).replace("'", "''") + "'" for n in range(counties))
            engine.run(f'INSERT INTO "{dataset.id}" SELECT * FROM read_parquet([{files}])')


def once(data: Path, counties: int, memory: str | None, kept: str, without_bare: bool, spark: bool) -> str:
    policy = pack_for(MONTH)
    rules, present = load_rules(policy.names), set(TABLES)
    warm_up()  # in a run the slow libraries load while files are read
    with tempfile.TemporaryDirectory(dir=data) as scratch:
        file, spill = Path(scratch) / "county.duckdb", Path(scratch) / "spill"
        engine = DuckEngine(
            None if kept == "memory" else file, sealed=kept == "sealed", scratch=spill, memory_limit=memory,
            folders=(data.resolve(),),
        )  # fmt: skip
        watch = Watch(spill)
        with watch.step("load"):
            load(engine, data.resolve(), counties)
        if not without_bare:
            with watch.step("bare"):
                bare(engine)
        on, back = engine, lambda: None
        second = None
        if spark:
            with watch.step("start"):
                second = SparkSettings().open(Path(scratch), engine)
            with watch.step("handed"):
                on, back = working_on(engine, second)
        with watch.step("identity"):
            make_comparable(on, present)
        with watch.step("linkage"):
            link(on, present)
            back()
        with watch.step("rules"):
            examine(on, rules, MONTH, policy, present)
            back()
        counts = {d: engine.count(d) for d in (*ROSTERS, *DEPARTMENTS, "links", "finding_rows")}
        persons = int(engine.rows("SELECT count(DISTINCT person) AS n FROM roster_record")["n"][0])
        database = file.stat().st_size / _MIB if file.exists() else 0
        watch.close()
        engine.close()
        if second is not None:
            second.close()
    ours = sum(step["seconds"] for name, step in watch.steps.items() if name not in ("load", "bare"))
    figures: dict[str, Any] = {
        "counties": counties, "memory_limit": memory, "kept": kept, "steps": watch.steps,
        "peak_of_all": round(watch.peak), "database": round(database), "ours": round(ours, 1),
        "rules": len(runnable(rules, present)), "persons": persons,
        "roster": sum(counts[d] for d in ROSTERS), "sectors": sum(counts[d] for d in DEPARTMENTS),
        "links": counts["links"], "findings": counts["finding_rows"],
    }  # fmt: skip
    return told(**figures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("counties", type=int)
    parser.add_argument("--memory-limit")
    parser.add_argument("--kept", choices=KEPT, default="sealed")
    parser.add_argument("--without-bare", action="store_true")
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")
    options = parser.parse_args()
    print(
        once(
            options.data,
            options.counties,
            options.memory_limit,
            options.kept,
            options.without_bare,
            options.engine == "spark",
        )
    )


if __name__ == "__main__":
    main()
