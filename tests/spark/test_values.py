"""Functions and shapes over many values, on both engines: what the dialect check lets through is answered alike."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal

import polars as pl
import pytest
from support.both import difference

from pipeline.engine.dialect import ALIKE
from pipeline.engine.duck import DuckEngine
from pipeline.engine.spark import SparkEngine, SparkFailed
from pipeline.engine.statements import macros

ROWS = 3000
NAMES = ("张三", "张 三", "张三丰", "张叁", "李?", "?三", "欧阳娜娜", "欧阳娜", "王\\", "王%", "", "𠮷野家", "ABC", "ß")
TEXTS = ("2022-10-31", "1990-1-5", "1990-13-01", "0000-01-01", "1E2", "12", "-7", " 12 ", "12.5", "", "尾号", "a|b")


def _rows(seed: int) -> pl.DataFrame:
    """Values of every type, some null, some at the edges of their kind."""
    dice = random.Random(seed)

    def maybe(value: object) -> object:
        return None if dice.random() < 0.1 else value

    def day() -> datetime.date:
        return datetime.date(1900, 1, 1) + datetime.timedelta(days=dice.randrange(50_000))

    def number() -> str:
        text = "".join(dice.choice("0123456789") for _ in range(18))
        if dice.random() < 0.3:
            return text[:6] + day().strftime("%Y%m%d") + text[14:]
        return text if dice.random() < 0.5 else text[:9] + text[10] + text[9] + text[11:]

    rows = []
    for n in range(ROWS):
        one, day_one = number(), day()
        slipped = one[:7] + one[8] + one[7] + one[9:], one[:-1], one[:2] + one[3:], one[:3] + one[2:]
        day_two = dice.choice([day_one, day(), day_one.replace(day=1), day_one + datetime.timedelta(days=1)])
        rows.append(
            (
                n, maybe(dice.choice(NAMES)), maybe(dice.choice(NAMES)), maybe(dice.choice(TEXTS)), maybe(one),
                maybe(dice.choice([one, number(), *slipped])), maybe(day_one), maybe(day_two),
                maybe(dice.choice([dice.uniform(-1e4, 1e4), dice.randrange(10**6) / 1000 + 0.0005, 0.0, 1e9, 12.345])),
                maybe(Decimal(dice.randrange(-(10**6), 10**6)) / 100), maybe(dice.randrange(-50, 50)),
                maybe(dice.choice(["2022-10", "2021-02", "1999-12"])), maybe(dice.random() < 0.5),
                maybe(dice.randrange(4)), maybe(dice.randrange(4)),
            )
        )  # fmt: skip
    kinds = {
        "n": pl.Int64, "a": pl.String, "b": pl.String, "t": pl.String, "i": pl.String, "j": pl.String, "d": pl.Date,
        "e": pl.Date, "x": pl.Float64, "y": pl.Decimal(18, 2), "k": pl.Int64, "m": pl.String, "f": pl.Boolean,
        "s1": pl.Int64, "s2": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=kinds, orient="row")


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return _rows(7)


@pytest.fixture(scope="module")
def duck(frame: pl.DataFrame) -> DuckEngine:
    engine = DuckEngine()
    for statement in macros("duckdb").split(";\n"):
        if statement.strip():
            engine.run(statement)
    engine.load("v", frame)
    return engine


# By what they are about; each expression beside the row's number.
EXPRESSIONS = {
    "the project's own": (
        "name_level(a, s1, s2, k, b, s2, s1, k)", "adjacent_swap(i, j)", "adjacent_swap(a, b)", "slip(i, j)",
        "slip(a, b)", "slip(m, t)", "birth_level(d, e)",
        "month_index(m)", "month_of(d)", "months_before(d, 6)", "months_before(d, k)", "days_before(d, 90)",
        "days_before(d, k)", "rounded(x, 2)", "rounded(x / 7, 6)", "rounded(y, 1)", "date_of(t)", "whole_number(t)",
        "birth_inside(i)", "birth_inside(j)", "birth_inside(t)",
    ),
    "texts": (
        "length(a)", "substr(a, 2)", "substr(a, 1, 1)", "substr(i, length(i) - 3)", "left(a, 2)", "right(i, 4)",
        "strpos(a, '三')", "replace(a, '?', '_')", "a || b", "concat(a, b, 'x')", "trim(t)", "ltrim(t)", "rtrim(t)",
        "lpad(m, 9, '0')", "rpad(m, 3, '0')", "split_part(t, '|', 2)", "levenshtein(a, b)", "levenshtein(i, j)",
        "a LIKE b", "a LIKE '%三%'", "a NOT LIKE '_三'", "regexp_matches(t, '^[0-9]+$')", "sha256(a)", "a < b", "a = b",
        "'尾' || k", "greatest(a, b)", "least(a, b)", "nullif(a, b)", "coalesce(a, b, '无')", "a IN ('张三', 'ABC')",
    ),
    "numbers": (
        "x / k", "y / k", "k / 7", "y / 12 / 3", "k // 7", "(n * 100000000000) // 7", "k % 7", "y * 12", "x * y",
        "CAST(x AS DECIMAL(18, 2))", "CAST(x * 12 AS DECIMAL(18, 2))", "CAST(y AS DECIMAL(18, 1))",
        "CAST(y / 12 AS DECIMAL(18, 2))", "CAST(x AS BIGINT)", "CAST(y AS INTEGER)", "CAST(k AS DOUBLE) / 12",
        "CAST(y AS VARCHAR)", "CAST(k AS VARCHAR)", "abs(y)", "abs(x)", "round(x)", "round(y)",
        "CAST(floor(x) AS BIGINT)",
        "greatest(k, 3)", "least(y, 12)", "y > 3.5", "x BETWEEN 1 AND 100", "CASE WHEN y > k THEN y ELSE k END",
        "CAST(substr(m, 1, 4) AS INTEGER)",
    ),
    "dates": (
        "strftime(d, '%Y-%m-%d')", "strftime(d, '%Y%m%d')", "year(d)", "month(d)", "day(d)", "d < e", "greatest(d, e)",
        "d + 3", "CAST(d AS VARCHAR)", "CAST('2022-10-31' AS DATE) > d", "CAST(date_diff('day', d, e) AS BIGINT)",
        "d IS DISTINCT FROM e", "coalesce(d, e)",
    ),
    "conditions": (
        "f AND k > 3", "f OR k > 3", "NOT f", "f IS NULL", "k IN (SELECT s1 FROM v)", "k NOT IN (1, 2)",
        "k NOT IN (SELECT s1 FROM v)", "k IN (SELECT s1 FROM v WHERE s1 IS NOT NULL)",
        "k IN (SELECT s1 FROM v WHERE n < 0)", "CASE WHEN f OR k NOT IN (SELECT s1 FROM v) THEN 'a' END",
        "CAST(f AS VARCHAR)",
        "EXISTS (SELECT 1 FROM v w WHERE w.n = v.k)", "coalesce(k IN (SELECT s1 FROM v WHERE s1 IS NOT NULL), false)",
        "CASE s1 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END", "a IS NOT DISTINCT FROM b",
    ),
    "windows": (
        "row_number() OVER (PARTITION BY s1 ORDER BY x DESC NULLS LAST, n)", "rank() OVER (PARTITION BY s1 ORDER BY k)",
        "dense_rank() OVER (PARTITION BY s1 ORDER BY k DESC)", "lag(k) OVER (ORDER BY n)", "lead(a) OVER (ORDER BY n)",
        "sum(y) OVER (PARTITION BY s1)", "count(*) OVER (PARTITION BY a, s2)", "min(a) OVER (PARTITION BY s1)",
        "sum(y) FILTER (WHERE f) OVER (PARTITION BY s2)", "first_value(a) OVER (PARTITION BY s1 ORDER BY n)",
    ),
}  # fmt: skip

QUERIES = (
    "SELECT s1, sum(y) AS y, sum(k) AS k, count(*) AS n, count(a) AS a, count(DISTINCT a) AS d, min(d) AS e, "
    "max(x) AS x, bool_or(f) AS f, bool_and(f) AS g FROM v GROUP BY s1",
    "SELECT s1, string_agg(a, '、' ORDER BY a, n) AS a FROM v GROUP BY s1 HAVING count(*) > 1",
    "SELECT s1, sum(y) FILTER (WHERE k > 0) AS y FROM v GROUP BY ALL",
    "SELECT n, a FROM v QUALIFY row_number() OVER (PARTITION BY a ORDER BY k DESC, n) <= 2",
    "SELECT * EXCLUDE (x, y) FROM v WHERE k NOT IN (SELECT k FROM v WHERE k IS NOT NULL AND f)",
    "SELECT n FROM v WHERE f OR NOT (k IN (SELECT s1 FROM v) AND k > 1)",
    "SELECT n FROM v WHERE k NOT IN (SELECT s1 FROM v) OR k IN (SELECT s2 FROM v)",
    "SELECT v.n FROM v ANTI JOIN v w ON w.k = v.n",
    "SELECT a FROM v UNION SELECT b FROM v",
    "SELECT a FROM v EXCEPT SELECT b FROM v",
    "SELECT DISTINCT a, s1 FROM v",
    "SELECT a, a AS b FROM v UNION SELECT b, b FROM v",
    "WITH p AS (SELECT k, n FROM v WHERE f) SELECT l.n, r.n AS m FROM p l JOIN p r USING (k) WHERE l.n < r.n",
    "SELECT n, k FROM v ORDER BY k DESC, n LIMIT 10",
)  # fmt: skip


@pytest.fixture
def spark_values(spark: SparkEngine, frame: pl.DataFrame) -> SparkEngine:
    spark.load("v", frame)
    return spark


@pytest.mark.parametrize("about", EXPRESSIONS)
def test_expressions_are_answered_alike(about: str, duck: DuckEngine, spark_values: SparkEngine) -> None:
    listed = ", ".join(f"{e} AS e{n}" for n, e in enumerate(EXPRESSIONS[about]))
    sql = f"SELECT n, {listed} FROM v"
    ours, theirs = duck.rows(sql), spark_values.rows(sql)
    wrong = {
        e: told
        for n, e in enumerate(EXPRESSIONS[about])
        if (told := difference(ours.select("n", f"e{n}"), theirs.select("n", f"e{n}")))
    }
    assert not wrong


@pytest.mark.parametrize("sql", QUERIES)
def test_queries_are_answered_alike(sql: str, duck: DuckEngine, spark_values: SparkEngine) -> None:
    assert difference(duck.rows(sql), spark_values.rows(sql)) == ""


def test_every_function_that_passes_the_check_is_compared_here() -> None:
    text = " ".join([*(e for group in EXPRESSIONS.values() for e in group), *QUERIES]).lower()
    # sqlglot's other names for functions that are compared
    other = {
        "logical_and",
        "logical_or",
        "regexp_like",
        "str_position",
        "substring",
        "time_to_str",
        "group_concat",
        "sha2",
    }
    unseen = {f for f in ALIKE - other if f"{f}(" not in text and f" {f} " not in f" {text} "}
    assert unseen <= {"if", "is", "exists"}


def test_an_error_says_nothing_of_what_stood_in_the_cell(spark: SparkEngine) -> None:
    spark.load("v", pl.DataFrame({"secret": ["张三丰"]}))
    with pytest.raises(SparkFailed) as failed:
        spark.rows("SELECT CAST(secret AS INTEGER) AS n FROM v")
    assert "张三丰" not in str(failed.value) and failed.value.__cause__ is None
    assert "CAST_INVALID_INPUT" in str(failed.value)
