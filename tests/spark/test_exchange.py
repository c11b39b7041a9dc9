"""Tables from DuckDB to Spark and back, changes of tables, and views that follow them."""

from __future__ import annotations

import datetime
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.both import BothEngines, difference

from pipeline.engine.duck import DuckEngine
from pipeline.engine.exchange import hand_back, hand_over
from pipeline.engine.spark import SparkEngine
from pipeline.engine.spark_session import read_conf
from pipeline.errors import BadInput

SCHEMA = {
    "record_id": "VARCHAR", "name": "VARCHAR", "on_day": "DATE", "amount": "DECIMAL(18,2)", "share": "DOUBLE",
    "n": "BIGINT", "covered": "BOOLEAN",
}  # fmt: skip
ROWS = pl.DataFrame(
    {
        "record_id": ["a#1", "a#2", "a#3"], "name": ["张三", None, ""],
        "on_day": [datetime.date(2022, 10, 31), None, None],
        "amount": [Decimal("12.50"), None, Decimal("-0.01")], "share": [0.5, None, 1e9], "n": [1, None, -3],
        "covered": [True, False, None],
    },
    schema_overrides={"amount": pl.Decimal(18, 2)},
)  # fmt: skip
# run in a process of its own: what it says of sys.modules must not depend on the tests before
WHOLE = (
    "import sys; from pipeline.engine.spark_session import check; was = 'pyspark' in sys.modules; check();"
    "print(was, 'SparkSession' in vars(sys.modules['pyspark.sql']), end='')"
)


# A folder of this machine, and a path that only Hadoop's file system is asked about.
@pytest.mark.parametrize("few", [0, 2, 100])
@pytest.mark.parametrize("place", ["", "elsewhere"])
def test_tables_go_there_and_back(session: Any, tmp_path: Path, place: str, few: int) -> None:
    duck = DuckEngine(scratch=tmp_path / "spill")
    duck.load("roster", ROWS, SCHEMA)
    duck.load("empty", ROWS.clear(), SCHEMA)
    spark = SparkEngine(
        tmp_path, place=str(tmp_path / place) if place else "", session=session, aside=duck if few else None, few=few
    )
    assert spark.local == (not place)
    hand_over(duck, spark, ["roster", "empty"])
    for table in ("roster", "empty"):
        assert difference(duck.rows(f"SELECT * FROM {table}"), spark.rows(f"SELECT * FROM {table}")) == ""
    spark.run('ALTER TABLE "roster" RENAME TO "typed_roster"')
    spark.run("SELECT *, n + 1 AS m FROM typed_roster", into="roster", view=True)
    spark.run("SELECT record_id, amount * 2 AS twice FROM roster WHERE n > 0", into="made")
    spark.run("SELECT record_id FROM roster", into="unread")
    spark.load("few", pl.DataFrame({"a": [1, 2]}))
    hand_back(spark, duck, changed=("made",))
    assert duck.rows("SELECT * FROM made").rows() == [("a#1", Decimal("25.00"))]
    assert duck.rows("SELECT m FROM roster ORDER BY record_id")["m"].to_list() == [2, None, -2]
    assert duck.count("few") == 2
    spark.run("SELECT a + 1 AS a FROM few", into="later")
    hand_back(spark, duck, changed=("made",))
    assert duck.exists("later") and not duck.exists("never")
    assert duck.rows("SELECT a FROM later ORDER BY a")["a"].to_list() == [2, 3]
    duck.drop("later")
    assert not duck.exists("later")
    duck.run("INSERT INTO made VALUES ('b', 1)")
    hand_back(spark, duck)  # again, as it stands now: Spark's own, or the table that both have
    assert duck.count("made") == (2 if few else 1)
    assert duck.count("unread") == 3
    spark.close()
    assert not list(tmp_path.glob("tables-*"))


def test_changes_of_tables_are_answered_alike(split: SparkEngine) -> None:
    both = BothEngines(DuckEngine(), split)
    both.load("t", ROWS, SCHEMA)
    both.load("s", pl.DataFrame({"record_id": ["a#1", "a#1", "a#2"], "name": ["李四", "李四", "王五"]}))
    both.load("one", pl.DataFrame({"record_id": ["a#1", "a#2"], "name": ["李四", None]}))
    both.run("SELECT name FROM t WHERE n IS NOT NULL", into="named", view=True)
    for sql in (
        "INSERT INTO t SELECT 'b', name, NULL, 3, NULL, 7, NULL FROM s",
        "UPDATE t SET name = m.name FROM one m WHERE t.record_id = m.record_id",
        "UPDATE t SET covered = false FROM s WHERE s.record_id = t.record_id AND t.n > 0",
        "UPDATE t SET name = '某', n = n + 1 WHERE record_id IN (SELECT record_id FROM s)",
        "DELETE FROM t WHERE name = '王五' OR n = -3",
        "DELETE FROM t d USING (SELECT record_id FROM one WHERE name IS NULL) AS o WHERE d.record_id = o.record_id",
        "DELETE FROM t WHERE share > 1 AND name NOT IN (SELECT name FROM s)",
    ):
        both.run(sql)
        both.rows("SELECT name FROM named ORDER BY name")
    assert both.differ == []
    assert both.count("t") == 3


def test_whoever_answers_a_statement_fails_as_the_engine_says(split: SparkEngine) -> None:
    split.load("v", pl.DataFrame({"secret": ["张三丰"]}))
    with pytest.raises(split.failure):
        split.rows("SELECT CAST(secret AS INTEGER) AS n FROM v")


def test_few_rows_are_duckdb_s_and_many_are_spark_s(session: Any, tmp_path: Path) -> None:
    """Spark is not told of a table before a statement of its own reads it, nor DuckDB of one that only Spark reads."""
    duck = DuckEngine(scratch=tmp_path / "spill")
    spark = SparkEngine(tmp_path, session=session, aside=duck, few=3)
    spark.load("small", pl.DataFrame({"a": [1, 2]}))
    spark.run("SELECT a + 1 AS a FROM small", into="made")
    there = spark.session.catalog.tableExists
    assert not there("small") and not there("made") and duck.count("made") == 2
    spark.load("large", pl.DataFrame({"a": [1, 2, 3, 4]}))
    assert not duck.exists("large")
    spark.run("SELECT l.a FROM large l JOIN made m ON m.a = l.a", into="met")
    assert there("large") and there("made") and not there("small") and not duck.exists("met")
    assert sorted(spark.rows("SELECT a FROM met")["a"]) == [2, 3] and duck.exists("met")
    spark.close()


def test_a_conf_that_is_none_is_refused_by_its_row(tmp_path: Path) -> None:
    path = tmp_path / "spark-defaults.conf"
    path.write_text("# ours\nspark.executor.memory  8g\nspark.executor.cores=4\n", encoding="utf-8")
    assert read_conf(path) == {"spark.executor.memory": "8g", "spark.executor.cores": "4"}
    for line in ("executor.memory 8g", "spark.executor.memory", "spark.sql.ansi.enabled false"):
        path.write_text(f"# ours\n{line}\n", encoding="utf-8")
        with pytest.raises(BadInput, match=r"file spark-defaults.conf, row 2"):
            read_conf(path)


def test_pyspark_is_whole_before_a_run_starts_its_threads() -> None:
    """Imported by two threads at once, its modules are seen half made (Great Expectations imports them beside)."""
    told = subprocess.run(
        [sys.executable, "-c", WHOLE], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    ).stdout
    assert told == "False True"
