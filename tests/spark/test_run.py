"""`audit run --engine spark` gives what DuckDB alone gives, also after the program was killed on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from support.both import difference
from support.life import MONTHS, month_of, write

from pipeline.demo import make_county
from pipeline.run import run_audit

ROOT = Path(__file__).parents[2]
MONTH = MONTHS[1]
# As conftest.SMALL, in the form of a file of the bureau's.
CONF = """
# tables of a few rows
spark.sql.shuffle.partitions        1
spark.sql.adaptive.enabled          false
spark.sql.codegen.wholeStage=false
spark.sql.codegen.factoryMode       NO_CODEGEN
spark.driver.memory                 2g
spark.driver.extraJavaOptions       -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
"""


def start(drop: Path, month: str, out: Path, conf: Path, *more: str, few: int = 0) -> subprocess.Popen[str]:
    """`audit run --engine spark` in a process of its own; `few`: what DuckDB answers, by default nothing."""
    args = ["run", "--drop", str(drop), "--month", month, "--out", str(out), "--engine", "spark"]
    args += ["--spark-conf", str(conf), "--spark-few", str(few)]
    return subprocess.Popen(
        [sys.executable, "-c", "from pipeline.cli import main; main()", *args, *more],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def tables_written(out: Path) -> int:
    return len(list(out.glob(".work-*/spark/tables-*/*")))


def until(condition: Callable[[], bool], run: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 600
    while not condition():
        assert run.poll() is None, run.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.05)


def same_outputs(ours: Path, theirs: Path, also: str = "") -> None:
    """Findings, links, rejects and measures, row for row; the town workbooks by name.

    `also`: before the name of a file that theirs took from elsewhere.
    """
    for name in ("findings", "links", "rejects", "completeness"):
        a, b = (pl.read_parquet(folder / f"{name}.parquet") for folder in (ours, theirs))
        assert difference(a, b.with_columns(pl.col(pl.String).str.replace_all(also, "", literal=True))) == "", name
    for name in ("findings.csv", "not_run.csv"):
        assert (ours / name).read_bytes() == (theirs / name).read_bytes().replace(also.encode(), b"")
    assert {p.name for p in ours.rglob("*")} == {p.name for p in theirs.rglob("*")}


@pytest.fixture(scope="module")
def conf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("conf") / "spark-defaults.conf"
    path.write_text(CONF, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def drop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = write(month_of(2), tmp_path_factory.mktemp("life") / "drop")
    pl.read_csv(made / "车辆.csv", infer_schema=False).write_parquet(made / "车辆.parquet")
    (made / "车辆.csv").unlink()
    return made


@pytest.fixture(scope="module")
def ours(drop: Path) -> Path:
    """What DuckDB alone makes of the drop."""
    run_audit(drop, MONTH, drop.parent / "ours")
    return drop.parent / "ours" / MONTH


def finished(run: subprocess.Popen[str], out: Path, ours: Path, also: str = "") -> str:
    """Wait for a run; its outputs are DuckDB's, and nothing else is in OUT. What it printed."""
    text = run.communicate()[0]
    assert run.returncode == 0, text
    same_outputs(ours, out / MONTH, also)
    assert {p.name for p in out.iterdir()} == {MONTH, "ledger.duckdb"}
    return text


def test_a_run_on_spark_gives_what_duckdb_gives(tmp_path: Path, conf: Path, drop: Path, ours: Path) -> None:
    """With a department's data, and a copy of what comes out, on another file system."""
    out, elsewhere = tmp_path / "结 果", tmp_path / "另处"
    left = shutil.copytree(drop, tmp_path / "drop")
    elsewhere.mkdir()
    (left / "车辆.parquet").rename(elsewhere / "车辆.parquet")
    (left / "audit.toml").write_text('[[source]]\nparquet = "viewfs://county/车辆.parquet"\ndataset = "vehicle"\n')
    with_mount = tmp_path / "spark-defaults.conf"
    mount = f"spark.hadoop.fs.viewfs.mounttable.county.linkFallback {elsewhere.as_uri()}\n"
    with_mount.write_text(conf.read_text() + mount, encoding="utf-8")
    run = start(left, MONTH, out, with_mount, "--spark-out", "viewfs://county/results", few=60)
    text = finished(run, out, ours, "viewfs://county/")
    results = elsewhere / "results" / MONTH
    for name in ("findings.parquet", "links.parquet", "manifest.json"):
        assert (results / name).read_bytes() == (out / MONTH / name).read_bytes()
    assert {p.name for p in tmp_path.iterdir()} == {out.name, elsewhere.name, left.name, with_mount.name}
    mine = [p for p in (elsewhere / "results").rglob("*") if p.stat().st_mode & 0o077]
    assert mine == [] and not list(results.glob(".*.new"))
    stages = {s["stage"]: s["engine"] for s in json.loads((out / MONTH / "run.json").read_text())["stages"]}
    assert {s for s, engine in stages.items() if engine == "spark"} == {"start", "identity", "linkage", "findings"}
    assert stages["ledger"] == "duckdb"
    assert "WARN" not in text and "Exception" not in text


@pytest.mark.long
def test_a_killed_run_leaves_nothing_and_the_next_is_whole(tmp_path: Path, conf: Path, drop: Path, ours: Path) -> None:
    out = tmp_path / "out"
    run = start(drop, MONTH, out, conf)
    until(lambda: tables_written(out) > 60, run)  # in the middle of linkage
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    assert not (out / MONTH).exists()
    finished(start(drop, MONTH, out, conf), out, ours)


@pytest.mark.long
def test_a_killed_executor_changes_nothing(tmp_path: Path, conf: Path, drop: Path, ours: Path) -> None:
    """Two executors in processes of their own, of which one dies in the middle: its work is done again."""
    out = tmp_path / "out"
    run = start(drop, MONTH, out, conf, "--spark-master", "local-cluster[2,1,1024]")
    until(lambda: tables_written(out) > 40, run)
    listed = subprocess.run(["pgrep", "-f", "CoarseGrainedExecutorBackend"], capture_output=True, text=True, check=True)
    executors = [int(p) for p in listed.stdout.split() if os.getsid(int(p)) == os.getsid(run.pid)]
    os.kill(executors[0], signal.SIGKILL)
    finished(run, out, ours)


@pytest.mark.long
def test_the_demonstration_county_comes_out_the_same(tmp_path: Path) -> None:
    """20,000 people, whole, with Spark's own settings."""
    make_county(tmp_path / "demo", people=20_000, seed=1, month="2022-10")
    run_audit(tmp_path / "demo" / "drop", "2022-10", tmp_path / "ours")
    empty = tmp_path / "spark-defaults.conf"
    empty.write_text("", encoding="utf-8")
    run = start(tmp_path / "demo" / "drop", "2022-10", tmp_path / "out", empty)
    text = run.communicate()[0]
    assert run.returncode == 0, text
    same_outputs(tmp_path / "ours" / "2022-10", tmp_path / "out" / "2022-10")
