"""Starting Spark: local by default, or a cluster by its URL and a `spark-defaults.conf`; quiet, private, offline."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import BadInput

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOCAL = "local[*]"
# An appender must be there, or Spark puts its own in place.
_NO_LOG = """\
appender.none.type = Null
appender.none.name = none
rootLogger.level = off
rootLogger.appenderRef.none.ref = none
"""
_JAVA = re.compile(r'version "(\d+)')
_LEAST_JAVA = 17
# What an answer may depend on: a file of the bureau's does not set these.
_FIXED = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "false",
    # a file that is damaged or gone is told of, not passed over
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    # a folder `month=2022-10` says what it says
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    # Spark 4.3 trips over it where a UNION's branch gives one column twice ("the plan now became unresolved").
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.RemoveRedundantAliases",
}
_DEFAULTS = {
    "spark.app.name": "county-audit",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.io.encryption.enabled": "true",  # what it spills and shuffles; the key is nowhere but in memory
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.adaptive.skewJoin.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.maxConcurrentOutputFileWriters": "4",  # rows that go to several folders need not be sorted for it
    "spark.hadoop.fs.permissions.umask-mode": "077",  # what is written is its owner's
}
# Where the bureau says nothing of it: a run of minutes is over before the second compiler pays, and the quicker one
# needs room for what it makes; nothing is gained by collecting garbage in parallel, nor by doing it whenever classes
# have been loaded.
_JVM = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC -XX:MetaspaceSize=256m -Xms1g -Xmn512m"
# Of one machine: nothing listens but on itself.
_ON_THIS_MACHINE = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "4g",
    "spark.driver.maxResultSize": "0",
    "spark.sql.shuffle.partitions": "8",
    "spark.buffer.pageSize": "1m",  # each sort and each hash table takes one at least, 64 MiB of it by default
    "spark.driver.extraJavaOptions": _JVM,
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}


def read_conf(path: Path) -> dict[str, str]:
    """A `spark-defaults.conf`: a key and its value a line, blanks or `=` between. BadInput where a line is neither."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise BadInput("cannot be read as text", file=path.name, remedy="give a spark-defaults.conf") from e
    out: dict[str, str] = {}
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        key, *value = re.split(r"\s*=\s*|\s+", line, maxsplit=1)
        if not value or not key.startswith("spark."):
            raise BadInput(
                "is no setting of Spark's", file=path.name, row=number, remedy="write: spark.some.setting  value"
            )
        if key in _FIXED:
            raise BadInput(f"{key} is fixed: answers depend on it", file=path.name, row=number, remedy="take it out")
        out[key] = value[0].strip()
    return out


def start(scratch: Path, master: str = LOCAL, conf: Mapping[str, str] | None = None) -> SparkSession:
    """A session whose files lie under `scratch`. BadInput where pyspark or Java is missing, or no cluster answers."""
    check()
    from pyspark.sql import SparkSession

    local = master.startswith("local")
    settings = _DEFAULTS | (_ON_THIS_MACHINE if local else {}) | dict(conf or {}) | _FIXED
    settings |= {
        "spark.sql.warehouse.dir": f"file://{scratch}/warehouse"
    }  # not as_uri(): Hadoop takes a % as it stands
    if local:
        settings |= {"spark.local.dir": str(scratch / "local")}
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # which python3 is first in PATH does not matter
    # what goes wrong is told by whoever runs the statement; Spark's own words may hold what stands in a cell
    quiet = _quiet(scratch)
    settings["spark.driver.extraJavaOptions"] = " ".join(
        [
            settings.get("spark.driver.extraJavaOptions", ""),
            f"-Dlog4j2.configurationFile={quiet.as_uri()}",
            f'"-Djava.io.tmpdir={scratch}"',  # a path may have blanks
            f'"-Dderby.system.home={scratch}"',
        ]
    ).strip()
    logging.getLogger("SQLQueryContextLogger").disabled = True
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    builder = SparkSession.builder.master(master)
    for key, value in settings.items():
        builder = builder.config(key, value)
    try:
        with _errors_to(scratch / "spark.log"):
            session = builder.getOrCreate()
    except Exception as e:  # whatever the gateway makes of a JVM that does not come up
        raise BadInput(
            f"Spark does not start ({type(e).__name__})",
            remedy="see the master's address, the memory that is free and --spark-conf",
        ) from e
    session.sparkContext.setLogLevel("OFF")
    return session


def is_one_machine(session: SparkSession) -> bool:
    """Whether driver and executor are one process."""
    master = session.sparkContext.master
    return master is not None and (master == "local" or master.startswith("local["))


def check() -> None:
    """BadInput unless pyspark and Java 17 are there.

    pyspark is imported whole here, before the caller starts its threads: its modules import one another in circles, and
    another thread that imports them at the same time (Great Expectations does) would see one half made.
    """
    if importlib.util.find_spec("pyspark") is None:
        raise BadInput("pyspark is not installed", remedy="pip install 'county-audit[spark]'")
    importlib.import_module("pyspark.sql")
    _java()


@contextmanager
def _errors_to(path: Path) -> Iterator[None]:
    """What is started while this lasts writes its errors there, not between the program's own lines."""
    sys.stderr.flush()
    before = os.dup(2)
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.dup2(log, 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(log)


def _quiet(scratch: Path) -> Path:
    path = scratch / "log4j2.properties"
    path.write_text(_NO_LOG, encoding="utf-8")
    return path


def _java() -> None:
    """BadInput unless Java 17 or newer is there."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    remedy = "install a Java 17 runtime, such as openjdk-17-jre-headless"
    if not java:
        raise BadInput("Spark needs Java, and there is none", remedy=remedy)
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    except OSError as e:
        raise BadInput("Java cannot be started", file=Path(java).name, remedy=remedy) from e
    found = _JAVA.search(told)
    if not found or int(found[1]) < _LEAST_JAVA:
        raise BadInput(f"Spark needs Java {_LEAST_JAVA} or newer", remedy=remedy)
