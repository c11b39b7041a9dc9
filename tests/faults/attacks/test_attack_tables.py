"""Parquet and database files made to do harm."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.attack import ID, NAME, laid, refused, tried


def drop_with(tmp_path: Path, kind: str, table: str) -> Path:
    literal = table.replace("\\", "\\\\").replace('"', '\\"')
    text = f'[[source]]\ndatabase = "{kind}:a.db"\ntable = "{literal}"\ndataset = "death"\n'
    return laid(tmp_path, {"audit.toml": text})


def duck(drop: Path, *statements: str) -> None:
    with duckdb.connect(str(drop / "a.db")) as con:
        for statement in statements:
            con.execute(statement)


def lite(drop: Path, *statements: str) -> None:
    con = sqlite3.connect(drop / "a.db")
    for statement in statements:
        con.execute(statement)
    con.commit()
    con.close()


GOOD = f"CREATE TABLE t AS SELECT '{NAME}' AS 姓名, '{ID}' AS 身份证号, '2022-10-03' AS 死亡日期"


def test_a_parquet_file_of_a_billion_rows(tmp_path: Path) -> None:
    drop = laid(tmp_path, {})
    table = pa.table({"姓名": pa.array([NAME]).dictionary_encode().take(pa.array([0] * 1_000_000)),
                      "身份证号": pa.array([ID]).dictionary_encode().take(pa.array([0] * 1_000_000))})  # fmt: skip
    with pq.ParquetWriter(drop / "死亡.parquet", table.schema, compression="zstd") as writer:
        for _ in range(100):
            writer.write_table(table, row_group_size=1_000_000)
    assert (drop / "死亡.parquet").stat().st_size < 1_000_000
    message = refused(drop)
    assert "死亡.parquet" in message and "100000000 rows" in message


@pytest.mark.parametrize("length", [100_000, 3 << 20])
def test_a_parquet_file_of_one_long_text_many_times(tmp_path: Path, length: int) -> None:
    drop = laid(tmp_path, {})
    long = pa.array(["x" * length]).dictionary_encode().take(pa.array([0] * 90_000))
    few = pa.array([NAME] * 90_000).dictionary_encode()
    pq.write_table(pa.table({"姓名": few, "身份证号": few, "户籍地址": long}), drop / "死亡.parquet")
    assert (drop / "死亡.parquet").stat().st_size < 1 << 20
    assert "more than can be right" in refused(drop)


def test_a_parquet_file_with_texts_that_are_none(tmp_path: Path) -> None:
    """Text in name only: the bytes are no UTF-8."""
    drop = laid(tmp_path, {})
    column = pa.array([NAME.encode("gb18030")]).cast(pa.binary())
    text = pa.Array.from_buffers(pa.string(), 1, column.buffers())
    pq.write_table(pa.table({"姓名": text, "身份证号": [ID]}), drop / "死亡.parquet")
    assert "damaged" in refused(drop)


def test_a_parquet_file_whose_name_is_a_pattern(tmp_path: Path) -> None:
    drop = laid(tmp_path, {})
    pq.write_table(pa.table({"姓名": [NAME], "身份证号": [ID]}), drop / "死亡 [ab]*?'.parquet")
    assert list(tried(drop).accounts.values())[1] == (1, 1, 0, 0)


def test_a_parquet_file_of_other_kinds_of_columns(tmp_path: Path) -> None:
    drop = laid(tmp_path, {})
    pq.write_table(
        pa.table(
            {"姓名": [NAME], "身份证号": [ID], "死亡日期": [[1, 2]], "户籍地址": [{"a": 1}], "性别": [b"\xff\x00"]}
        ),
        drop / "死亡.parquet",
    )
    rows = tried(drop).rows["death"]
    assert rows.select("name", "id_number", "died_on", "sex").rows() == [(NAME, ID, None, None)]


@pytest.mark.parametrize(
    "table",
    ["v", "{}/other.csv", "read_csv('{}/other.csv')", "t; DROP TABLE t", 't" UNION SELECT * FROM "v',
     "duckdb_settings()", "information_schema.tables", "source", "sqlite_master"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_table_that_is_a_program_or_another_file(tmp_path: Path, kind: str, table: str) -> None:
    (tmp_path / "other.csv").write_text("姓名,身份证号\nSECRET,1\n")
    drop = drop_with(tmp_path, kind, table.format(tmp_path))
    view = (
        f"SELECT * FROM read_csv('{tmp_path}/other.csv')"
        if kind == "duckdb"
        else "SELECT name AS 姓名, sql AS 身份证号 FROM sqlite_master"
    )
    (duck if kind == "duckdb" else lite)(drop, GOOD, f"CREATE VIEW v AS {view}")
    before = (drop / "a.db").read_bytes()
    message = refused(drop)
    assert "a.db" in message and "SECRET" not in message
    assert (drop / "a.db").read_bytes() == before


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_view_that_never_ends(tmp_path: Path, kind: str) -> None:
    drop = drop_with(tmp_path, kind, "v")
    endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n AS 姓名, n AS 身份证号 FROM c"
    (duck if kind == "duckdb" else lite)(drop, f"CREATE VIEW v AS {endless}")
    assert "no table 'v'" in refused(drop)


def test_a_table_of_a_billion_rows(tmp_path: Path) -> None:
    drop = drop_with(tmp_path, "duckdb", "t")
    duck(drop, f"CREATE TABLE t AS SELECT '{NAME}' AS 姓名, '{ID}' AS 身份证号 FROM range(20000000)")
    assert (drop / "a.db").stat().st_size < 12_000_000
    assert "20000000 rows" in refused(drop)


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_good_table_is_read_and_nothing_written_beside_it(tmp_path: Path, kind: str) -> None:
    drop = drop_with(tmp_path, kind, "t")
    (duck if kind == "duckdb" else lite)(drop, GOOD)
    if kind == "sqlite":
        lite(drop, "PRAGMA journal_mode = WAL")
    before = sorted(p.name for p in drop.iterdir())
    assert tried(drop).accounts["a.db"] == (1, 1, 0, 0)
    assert sorted(p.name for p in drop.iterdir()) == before


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
@pytest.mark.parametrize(
    "content", [b"", b"x" * 5000, b"SQLite format 3\x00" + b"\xff" * 4096, bytes(8) + b"DUCK" + b"\xff" * 9000]
)
def test_a_database_that_is_none(tmp_path: Path, kind: str, content: bytes) -> None:
    drop = drop_with(tmp_path, kind, "t")
    (drop / "a.db").write_bytes(content)
    assert "a.db" in refused(drop)
