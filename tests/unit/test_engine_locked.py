"""A statement reaches no file outside the folder of its run, loads no extension and changes no configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.engine.duck import DuckEngine, SqlError


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{outside}/x.csv')",
        "SELECT * FROM '{outside}/x.csv'",
        "SELECT * FROM glob('{outside}/*')",
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY (SELECT 1) TO '{outside}/y.csv'",
        "COPY (SELECT 1) TO '{inside}/../outside/y.csv'",
        "ATTACH '{outside}/y.duckdb' AS y",
        "INSTALL httpfs",
        "LOAD '{outside}/x.duckdb_extension'",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET temp_file_encryption = false",
        "RESET lock_configuration",
    ],
)
def test_what_a_statement_may_not_do(tmp_path: Path, sql: str) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "x.csv").write_text("name\nsomebody\n")
    engine = DuckEngine(scratch=inside / "spill")
    before = sorted(outside.iterdir())
    with pytest.raises(SqlError):
        engine.rows(sql.format(outside=outside, inside=inside))
    assert sorted(outside.iterdir()) == before
    engine.write("SELECT 1 AS n", inside / "own.parquet")
    assert engine.rows(f"SELECT n FROM '{inside / 'own.parquet'}'").rows() == [(1,)]
    engine.close()
