"""The options of every command that audits a month, declared once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

_PATH = click.Path(path_type=Path)
# Each reaches its command under the name that `run_audit` gives it.
_SETTINGS = (
    click.option("--policy", "policy_file", type=_PATH, help="A TOML file whose figures take the place of the pack's."),
    click.option("--ledger", "ledger_file", type=_PATH, help="The bureau's ledger (default: OUT/ledger.duckdb)."),
    click.option(
        "--model", "model_file", type=_PATH, help="A linkage model (default: the one that comes with the program)."
    ),
    click.option("--rules", "rules_folder", type=_PATH, help="A folder with rules of one's own: <category>/<id>.sql."),
    click.option(
        "--checks", "checks_folder", type=_PATH, help="A folder with documents and expectations of one's own: *.toml."
    ),
    click.option(
        "--passwords", "passwords_file", type=_PATH, help="A TOML file: a password for every town's workbook."
    ),
    click.option("--cache", type=_PATH, help="A folder that keeps what was read and judged, for the next run."),
    click.option(
        "--memory-limit", "memory", metavar="SIZE",
        help="What the database may take, like 4GiB (default: half of what is free).",
    ),
    click.option(
        "--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", show_default=True,
        help="Where identity, linkage and rules run: here, or on Apache Spark.",
    ),
    click.option("--spark-master", metavar="URL", help="Spark's master (default: local[*], this machine's cores)."),
    click.option("--spark-conf", type=_PATH, help="A spark-defaults.conf."),
    click.option(
        "--spark-dir", metavar="PATH", help="Where Spark's tables go, any path that Hadoop knows (default: under OUT)."
    ),
    click.option(
        "--spark-few", type=click.IntRange(0), metavar="ROWS",
        help="What reads no more rows is answered here instead (default: 1,000,000; 0: Spark answers all).",
    ),
    click.option(
        "--spark-out", metavar="PATH",
        help="Put findings.parquet and links.parquet there as well, under the month: any path that Hadoop knows.",
    ),
)  # fmt: skip


def run_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command these options; it hands them on to `run_audit`, those about Spark as one."""

    @wraps(command)
    def called(
        *,
        engine: str,
        spark_master: str | None,
        spark_conf: Path | None,
        spark_dir: str | None,
        spark_few: int | None,
        spark_out: str | None,
        **given: Any,
    ) -> Any:
        from pipeline.engine.second import settings

        return command(spark=settings(engine, spark_master, spark_conf, spark_dir, spark_out, spark_few), **given)

    for option in reversed(_SETTINGS):
        called = option(called)
    return called
