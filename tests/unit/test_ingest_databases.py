"""Tables of DuckDB, SQLite and a real PostgreSQL server, named in `audit.toml`."""

from __future__ import annotations

import datetime as dt
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pytest
from ingest_drops import ID_A, ID_B, make_drop, run

from pipeline.errors import BadInput
from pipeline.ingest import reasons

PASSWORD = "p@ss:w/ord"


@pytest.fixture(scope="session")
def postgres() -> Iterator[int]:
    """The port of a PostgreSQL server of the tests' own, on the loopback interface, in a temporary folder."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL's server is not installed (Debian: apt-get install postgresql)")
    binaries = found[-1].parent
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    secret = folder / "password"
    secret.write_text(PASSWORD)
    user = None
    if os.geteuid() == 0:  # PostgreSQL will not run as root
        user = "postgres" if "postgres" in [u.pw_name for u in pwd.getpwall()] else "nobody"
        for path in (folder, secret):
            shutil.chown(path, user)

    def call(*command: str) -> None:
        as_user = ["runuser", "-u", user, "--", *command] if user else list(command)
        subprocess.run(as_user, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    data = str(folder / "data")
    call(
        str(binaries / "initdb"),
        "-D",
        data,
        "-U",
        "audit",
        "-A",
        "scram-sha-256",
        f"--pwfile={secret}",
        "-E",
        "UTF8",
        "-N",
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    call(str(binaries / "pg_ctl"), "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start")
    try:
        yield port
    finally:
        call(str(binaries / "pg_ctl"), "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def entry(database: str, table: str, dataset: str, more: str = "") -> str:
    return f'[[source]]\ndatabase = "{database}"\ntable = "{table}"\ndataset = "{dataset}"\n{more}\n'


@pytest.mark.xdist_group("postgres")
def test_postgresql(tmp_path: Path, postgres: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(host="127.0.0.1", port=postgres, user="audit", password=PASSWORD, dbname="postgres") as con:
        con.execute("DROP SCHEMA IF EXISTS 车管 CASCADE")
        con.execute("CREATE SCHEMA 车管")
        con.execute('CREATE TABLE 车管."车辆 ""表""" (姓名 text, 身份证号 text, 号牌 text, 登记日期 date, 状态 text)')
        con.execute(
            'INSERT INTO 车管."车辆 ""表""" VALUES (%s,%s,%s,%s,%s), (%s,%s,%s,%s,%s), (NULL, NULL, %s, NULL, NULL)',
            ["甲", ID_A, "粤F1", dt.date(2020, 1, 2), "正常", "乙", "4.4E+17", "粤F2", None, "注销", "粤F3"],
        )
        con.execute("CREATE TABLE 个税 (姓名 text, 身份证号 bigint, 年度 int, 年收入 numeric(12,2))")
        con.execute("INSERT INTO 个税 VALUES ('甲', 440281199003071239, 2021, 1234.50)")
    monkeypatch.setenv("COUNTY_DB_PASSWORD", PASSWORD)
    address = f"postgresql://audit@127.0.0.1:{postgres}/postgres"
    secret = 'password_env = "COUNTY_DB_PASSWORD"'
    settings = entry(address, '车管.车辆 \\"表\\"', "vehicle", secret) + entry(address, "个税", "tax", secret)
    result = run(make_drop(tmp_path, {"audit.toml": settings}))
    place = f"127.0.0.1:{postgres}/postgres"
    assert result.rows("vehicle", "record_id", "id_number", "registered_on", "status") == [
        (f'{place}/车管.车辆 "表"#-#1', ID_A, dt.date(2020, 1, 2), "正常"),
        (f'{place}/车管.车辆 "表"#-#2', None, None, "注销"),
    ]
    assert result.account(f'{place}/车管.车辆 "表"') == (3, 2, 1, 0)
    assert result.rows("tax", "id_number", "year", "income") == [(ID_A, 2021, Decimal("1234.50"))]
    assert reasons.ID_SCIENTIFIC in result.reasons()
    assert all(len(a.sha256) == 64 for a in result.report.inputs)


@pytest.mark.xdist_group("postgres")
def test_postgresql_refusals_never_show_the_password(
    tmp_path: Path, postgres: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"postgresql://audit@127.0.0.1:{postgres}/postgres"
    secret = 'password_env = "COUNTY_DB_PASSWORD"'
    drop = make_drop(tmp_path, {"audit.toml": entry(address, "车辆", "vehicle", secret)})
    monkeypatch.delenv("COUNTY_DB_PASSWORD", raising=False)
    with pytest.raises(BadInput, match="COUNTY_DB_PASSWORD"):
        run(drop)
    monkeypatch.setenv("COUNTY_DB_PASSWORD", "wrong-secret")
    with pytest.raises(BadInput, match="cannot be read") as caught:
        run(drop)
    assert "wrong-secret" not in str(caught.value)
    monkeypatch.setenv("COUNTY_DB_PASSWORD", PASSWORD)
    with pytest.raises(BadInput, match="no table '车辆'"):
        run(drop)


def test_sqlite(tmp_path: Path) -> None:
    settings = entry("sqlite:库/a.db", '死亡 "名册"'.replace('"', '\\"'), "death", 'constants = { origin = "公安" }')
    drop = make_drop(tmp_path, {"audit.toml": settings, "库/a.db": b""})
    with sqlite3.connect(drop / "库" / "a.db") as con:
        con.execute('CREATE TABLE "死亡 ""名册""" ("姓 名" TEXT, 身份证号码, 死亡日期 TEXT)')
        con.executemany(
            'INSERT INTO "死亡 ""名册""" VALUES (?, ?, ?)',
            [("甲", ID_A, "2022-10-03"), ("乙", 440281195501011231, "20221004"), ("丙", 4.402811955010112e17, None)],
        )
    result = run(drop)
    assert result.rows("death", "row", "name", "id_number", "died_on", "origin") == [
        (1, "甲", ID_A, dt.date(2022, 10, 3), "公安"),
        (2, "乙", "440281195501011231", dt.date(2022, 10, 4), "公安"),
        (3, "丙", None, None, "公安"),
    ]
    assert result.reasons() == {reasons.ID_SCIENTIFIC}
    assert result.account("库/a.db") == (3, 3, 0, 0)


def test_two_tables_of_one_file_are_told_apart_by_their_names(tmp_path: Path) -> None:
    settings = entry("sqlite:a.db", "死者", "death") + entry("sqlite:a.db", "车", "vehicle")
    drop = make_drop(tmp_path, {"audit.toml": settings, "a.db": b""})
    with sqlite3.connect(drop / "a.db") as con:
        for table in ("死者", "车"):
            con.execute(f"CREATE TABLE {table} (姓名 TEXT, 身份证号 TEXT)")
            con.execute(f"INSERT INTO {table} VALUES ('甲', ?)", [ID_A])
    result = run(drop)
    assert result.rows("death", "record_id") == [("a.db#死者#1",)]
    assert result.rows("vehicle", "record_id") == [("a.db#车#1",)]
    assert [(a.path, a.sheet) for a in result.report.inputs if a.dataset != "dibao"] == [
        ("a.db", "死者"),
        ("a.db", "车"),
    ]


def test_duckdb(tmp_path: Path) -> None:
    settings = entry("duckdb:county.duckdb", "残疾", "disability")
    drop = make_drop(tmp_path, {"audit.toml": settings})
    with duckdb.connect(str(drop / "county.duckdb")) as con:
        con.execute("CREATE TABLE 残疾 (姓名 VARCHAR, 身份证号 VARCHAR, 残疾等级 VARCHAR, 发证日期 DATE)")
        con.execute("INSERT INTO 残疾 VALUES ('甲', ?, '一级', '2020-01-02'), ('乙', ?, '4', NULL)", [ID_A, ID_B])
    before = (drop / "county.duckdb").read_bytes()
    result = run(drop)
    assert result.rows("disability", "id_number", "level", "issued_on") == [
        (ID_A, "1", dt.date(2020, 1, 2)),
        (ID_B, "4", None),
    ]
    assert (drop / "county.duckdb").read_bytes() == before


def test_tables_and_files_that_are_not_there(tmp_path: Path) -> None:
    drop = make_drop(tmp_path, {"audit.toml": entry("sqlite:a.db", "t", "death"), "a.db": b""})
    with pytest.raises(BadInput, match="no table 't'"):
        run(drop)
    (drop / "a.db").write_bytes(b"this is not a database at all, it only bears the name of one" * 9)
    with pytest.raises(BadInput, match="cannot be read"):
        run(drop)
    (drop / "a.db").unlink()
    with pytest.raises(BadInput, match="there is no database"):
        run(drop)
    (drop / "audit.toml").write_text(entry("sqlite:../a.db", "t", "death"), encoding="utf-8")
    with pytest.raises(BadInput, match="outside the drop"):
        run(drop)
