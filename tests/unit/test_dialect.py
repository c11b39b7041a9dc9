"""The dialect check and the SQL loader: what both engines answer alike, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.engine.dialect import ALIKE, LINKAGE, DialectError, check, linkage_statements
from pipeline.engine.statements import SQL, Statement, macros, read_folder, read_statement


def statement(folder: Path, sql: str) -> Statement:
    path = folder / "x.sql"
    path.write_text(f"-- id: x\n-- title: 标题\n{sql}\n", encoding="utf-8")
    return read_statement(path)


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("SELECT a FROM t WHERE a IS DISTINCT FROM $month", {"t"}),
        ("WITH own AS (SELECT a FROM t) SELECT own.a FROM own JOIN u ON u.a = own.a", {"t", "u"}),
        ("SELECT a FROM t UNION ALL SELECT a FROM u", {"t", "u"}),
        ("SELECT sum(a) FILTER (WHERE b) OVER (PARTITION BY c) FROM t", {"t"}),
        (
            "SELECT month_index(m), month_of(d), name_level(a, b, c, d, a, b, c, d), birth_level(a, b), "
            "adjacent_swap(a, b), slip(a, b), date_of(a), birth_inside(a), whole_number(a), rounded(a, 2) FROM t",
            {"t"},
        ),
        ("SELECT a // 12, a % 2, a / 12, md FROM t QUALIFY row_number() OVER (ORDER BY a) = 1", {"t"}),
    ],
)
def test_the_common_dialect_passes_and_its_tables_are_told(tmp_path: Path, sql: str, reads: set[str]) -> None:
    assert check(statement(tmp_path, sql), {"t", "u"}) == reads


@pytest.mark.parametrize(
    ("sql", "line", "what"),
    [
        ("SELECT\n date_diff('month', a, b) FROM t", 4, "function date_diff"),
        ("SELECT date_trunc('month', a) FROM t", 3, "function date_trunc"),
        ("SELECT a,\n\n hash(a) FROM t", 5, "function hash"),
        ("SELECT regexp_replace(a, 'x', '') FROM t", 3, "function regexp_replace"),
        ("SELECT jaro_winkler_similarity(a, b) FROM t", 3, "function jaro_winkler_similarity"),
        ("SELECT random() FROM t", 3, "function random"),
        ("SELECT now() FROM t", 3, "function now"),
        ("SELECT list_filter(a, x -> x > 1) FROM t", 3, "function list_filter"),
        ("SELECT a\nFROM t\nWHERE a = $month\n  AND now() > b\n  AND b", 6, "function now"),
        ("SELECT unnest(a) FROM t", 3, "function unnest"),
        ("SELECT a FROM t WHERE EXISTS (\n SELECT strptime(a, '%Y') FROM t)", 4, "function strptime"),
        ("SELECT a FROM read_csv('x.csv')", 3, "function read_csv"),
        ("SELECT a,\n x[1:4] FROM t", 4, "bracket differs"),
        ("SELECT x[1] FROM t", 3, "bracket differs"),
        ("SELECT a\nFROM t\nWHERE d + INTERVAL 1 MONTH > d", 5, "interval differs"),
        ("SELECT a,\n a / 0 FROM t", 4, "division by zero"),
        ("SELECT a % 0 FROM t", 3, "division by zero"),
        ("SELECT a,\n try_cast(a AS DATE) FROM t", 4, "try_cast differs"),
        ("SELECT a,\n round(a, 2) FROM t", 4, "round(x, n) differs"),
        ("SELECT avg(a) FROM t", 3, "function avg"),
        ("SELECT upper(a) FROM t", 3, "function upper"),
        ("SELECT array_agg(a ORDER BY b) FROM t", 3, "function array_agg"),
        ("SELECT string_agg(a, ',') FROM t", 3, "string_agg without ORDER BY"),
        ("SELECT substr(a, 0, 2) FROM t", 3, "substr from 0"),
        ("SELECT strftime(a, '%j') FROM t", 3, "strftime with this format"),
        ("SELECT CAST(a / 2 AS VARCHAR) FROM t", 3, "a double as text"),
        ("SELECT CAST(max(area_m2) AS VARCHAR) FROM t", 3, "a double as text"),
        ("SELECT CAST(a AS TIMESTAMP) FROM t", 3, "a cast to timestamp"),
        ("SELECT a\nFROM t\nWHERE died_on - birth_date > 3", 5, "date minus date"),
        ("SELECT a FROM t WHERE $as_of - min(died_on) > 3", 3, "date minus date"),
        ("SELECT (a / 2) // 3 FROM t", 3, "// of other than whole numbers"),
        ("SELECT a FROM t WHERE a ILIKE 'x'", 3, "ilike differs"),
        ("SELECT row_number() OVER (PARTITION BY a) FROM t", 3, "without ORDER BY"),
        ("SELECT DISTINCT ON (a) b FROM t", 3, "DISTINCT ON"),
        ("SELECT * REPLACE (1 AS a) FROM t", 3, "* REPLACE"),
        ("SELECT a FROM t UNION BY NAME SELECT a FROM t", 3, "UNION BY NAME"),
        ("SELECT a FROM t ASOF JOIN t u ON t.a >= u.a", 3, "asof join differs"),
        ("SELECT a FROM t USING SAMPLE 10", 3, "sample differs"),
        ("SELECT a FROM t LIMIT 3", 3, "LIMIT without ORDER BY"),
        ("WITH RECURSIVE r AS (SELECT a FROM t UNION ALL SELECT a FROM r) SELECT a FROM r", 3, "a recursive query"),
        ("SELECT a, count(*) FROM t GROUP BY ROLLUP (a)", 3, "rollup differs"),
        ("SELECT COLUMNS('a') FROM t", 3, "function columns"),
        ("SELECT a\nFROM t\nJOIN secret ON true", 5, "unknown or undeclared table secret"),
        ("SELECT (SELECT max(a)\n FROM secret) FROM t", 4, "unknown or undeclared table secret"),
        ("WITH own AS (SELECT a FROM secret) SELECT a FROM own", 3, "unknown or undeclared table secret"),
        ("SELECT a FROM 'file.csv'", 3, "unknown or undeclared table file.csv"),
    ],
)
def test_what_differs_is_refused_with_file_line_and_name(tmp_path: Path, sql: str, line: int, what: str) -> None:
    with pytest.raises(DialectError) as refused:
        check(statement(tmp_path, sql), {"t"})
    assert str(refused.value).startswith(f"{tmp_path.name}/x.sql, line {line}: ")
    assert what in str(refused.value)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM t; SELECT a FROM t",
        "DROP TABLE t",
        "INSERT INTO t VALUES (1)",
        "DELETE FROM t",
        "WITH d AS (DELETE FROM t RETURNING a) SELECT a FROM d",
        "VALUES (1)",
        "ATTACH 'x'",
        "",
    ],
)
def test_anything_but_one_select_is_refused(tmp_path: Path, sql: str) -> None:
    with pytest.raises(DialectError, match=r"x\.sql(, line 3)?: must be exactly one SELECT"):
        check(statement(tmp_path, sql), {"t"})


@pytest.mark.parametrize("sql", ["SELECT a FROM t WHERE (((", "SELECT 'open FROM t"])
def test_what_cannot_be_parsed_is_refused(tmp_path: Path, sql: str) -> None:
    with pytest.raises(DialectError, match=r"x\.sql, line 3: cannot be parsed: [A-Z].*[^>]$"):
        check(statement(tmp_path, sql), {"t"})


def test_a_header_is_read_with_its_continuations(tmp_path: Path) -> None:
    path = tmp_path / "20_thing.sql"
    path.write_text("-- id: thing\n-- summary: one\n--   and two\n-- a remark\nSELECT 1\n-- inside\n", encoding="utf-8")
    read = read_statement(path)
    assert (read.name, read.header) == ("thing", {"id": "thing", "summary": "one and two"})
    assert read.sql == "SELECT 1\n-- inside"
    assert (read.lines, read.body) == ({"id": 1, "summary": 2}, 5)


def test_a_sentence_that_goes_on_in_chinese_gets_no_blank(tmp_path: Path) -> None:
    path = tmp_path / "thing.sql"
    path.write_text(
        "-- logic: 一句。\n--   二句{limits.homes}\n--   {name}有 A\n--   和B\nSELECT 1\n", encoding="utf-8"
    )
    assert read_statement(path).header["logic"] == "一句。二句{limits.homes}{name}有 A 和B"


def test_statements_come_in_file_order_without_their_numbers() -> None:
    names = [s.name for s in read_folder("findings")]
    assert names.index("roster") < names.index("household") < names.index("member")
    assert not any(n[0].isdigit() for n in names)


def test_a_statement_of_linkage_that_differs_is_refused(tmp_path: Path) -> None:
    for sql in ("SELECT log2(a) FROM t", "SELECT date_diff('day', a, b) FROM t"):
        assert check(statement(tmp_path, sql), None, LINKAGE) == {"t"}
        with pytest.raises(DialectError):
            check(statement(tmp_path, sql), None)
    for sql in ("SELECT hamming(a, b) FROM t", "SELECT date_diff('month', a, b) FROM t", "SELECT a[1:4] FROM t"):
        with pytest.raises(DialectError):
            check(statement(tmp_path, sql), None, LINKAGE)


def test_the_statements_of_linkage_are_checked() -> None:
    assert [s.name for s in linkage_statements()] == [s.name for s in read_folder("linkage")]


def test_both_engines_have_the_same_macros() -> None:
    made = {
        engine: [line.split(f"{word} ")[1].split("(")[0] for line in macros(engine).splitlines() if f"{word} " in line]
        for engine, word in (("duckdb", "MACRO"), ("spark", "FUNCTION"))
    }
    assert made["duckdb"] == made["spark"]


def test_every_engine_macro_is_known_to_the_check() -> None:
    made = {line.split("MACRO ")[1].split("(")[0] for line in macros("duckdb").splitlines() if "MACRO " in line}
    assert {"name_level", "month_index", "month_of"} <= made <= ALIKE
    assert (SQL / "macros" / "duckdb.sql").exists()
