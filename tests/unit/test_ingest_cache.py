"""Files read before and unchanged come from the cache, and make the same tables; whatever is doubtful is read anew."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import stat
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from pipeline import vault
from pipeline.cache import Cache, key
from pipeline.contract import DATASETS
from pipeline.engine.duck import DuckEngine
from pipeline.ingest import ingest

Tables = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    rows = [
        "家庭编号,姓名,身份证号,镇街,户月保障金",
        "DB1,王小明,440281199003071239,长来镇,1.2万",
        "DB2,李四,,长来镇,看不懂",
    ]
    (folder / "低保.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    pl.DataFrame({"name": ["王小明"], "id_number": ["440281199003071239"], "plate": ["粤F1"]}).write_parquet(
        folder / "vehicle.parquet"
    )
    book = xlsxwriter.Workbook(folder / "死亡.xlsx")
    for name in ("一月", "二月"):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["姓名", "身份证号", "死亡日期", "", "备考"])
        sheet.write_row(1, 0, ["张三", "440281199003071239", "2022-10-03", "多出来的"])
    book.close()
    return folder


def read(drop: Path, scratch: Path, cache: Path | None) -> tuple[Tables, object]:
    scratch.mkdir(exist_ok=True)
    engine = DuckEngine()
    report = ingest(drop, engine, scratch=scratch, cache=Cache(cache) if cache else None)
    tables = {t: engine.rows(f'SELECT * FROM "{t}" ORDER BY ALL').rows() for t in (*DATASETS, "rejects")}
    engine.close()
    return tables, (report.inputs, report.told, report.present)


def test_the_same_tables_with_and_without(drop: Path, tmp_path: Path) -> None:
    plain = read(drop, tmp_path / "s", None)
    assert plain[0]["rejects"] and len(plain[0]["death"]) == 2
    first, again = (read(drop, tmp_path / "s", tmp_path / "cache") for _ in range(2))
    assert plain == first == again
    entries = list((tmp_path / "cache").iterdir())
    assert len(entries) == 3
    for path in (tmp_path / "cache").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def kept(cache: Path, dataset: str) -> tuple[Path, Path]:
    """The entry of a file by what its rows hold: about.json, and the rows."""
    for about in cache.glob("*/about.json"):
        rows = next(about.parent.glob("*.kept.arrow"))
        if pl.read_ipc(rows)["file"][0].startswith(dataset):
            return about, rows
    raise AssertionError(dataset)


def test_an_unchanged_file_is_not_read_again(drop: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    read(drop, tmp_path / "s", cache)
    about, rows = kept(cache, "vehicle")
    pl.read_ipc(rows.read_bytes()).with_columns(plate=pl.lit("粤F9")).write_ipc(rows)
    told = json.loads(about.read_text())
    told["files"][rows.name] = hashlib.sha256(rows.read_bytes()).hexdigest()
    about.write_text(json.dumps(told | {"whole": key(told["about"], told["files"])}))
    tables, _ = read(drop, tmp_path / "s", cache)
    assert "粤F9" in str(tables["vehicle"]), "what the cache holds was taken"
    pl.DataFrame({"name": ["王小明"], "id_number": ["440281199003071239"], "plate": ["粤F2"]}).write_parquet(
        drop / "vehicle.parquet"
    )
    tables, _ = read(drop, tmp_path / "s", cache)
    assert "粤F2" in str(tables["vehicle"]) and len(list(cache.iterdir())) == 3, "the old entry is gone"


@pytest.mark.parametrize("harm", ["cut", "no account", "no rows"])
def test_a_damaged_entry_is_read_anew(drop: Path, tmp_path: Path, harm: str) -> None:
    cache = tmp_path / "cache"
    first = read(drop, tmp_path / "s", cache)
    about, rows = kept(cache, "vehicle")
    if harm == "cut":
        rows.write_bytes(rows.read_bytes()[:-20])
    elif harm == "no account":
        about.write_text("[{")
    else:
        rows.unlink()
    assert read(drop, tmp_path / "s", cache) == first
    assert read(drop, tmp_path / "s", cache) == first


def test_another_name_in_the_drop_is_another_file(drop: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    read(drop, tmp_path / "s", cache)
    (drop / "低保.csv").rename(drop / "低保_长来.csv")
    tables, _ = read(drop, tmp_path / "s", cache)
    assert all("低保_长来.csv" in str(row) for row in tables["dibao"])


def test_a_table_of_a_database_file_is_kept_by_its_name(drop: Path, tmp_path: Path) -> None:
    """Two tables of one file: the same bytes, and each its own rows."""
    with sqlite3.connect(drop / "税务.sqlite") as con:
        con.execute("CREATE TABLE old (name TEXT, id_number TEXT, plate TEXT)")
        con.execute("CREATE TABLE new (name TEXT, id_number TEXT, plate TEXT)")
        con.execute("INSERT INTO old VALUES ('王小明', '440281199003071239', '粤F旧')")
        con.execute("INSERT INTO new VALUES ('王小明', '440281199003071239', '粤F新')")
    con.close()
    entry = '[[source]]\ndatabase = "sqlite:税务.sqlite"\ndataset = "vehicle"\ntable = "{}"\n'
    settings, cache = drop / "audit.toml", tmp_path / "cache"
    settings.write_text(entry.format("old"), encoding="utf-8")
    first, again = (read(drop, tmp_path / "s", cache) for _ in range(2))
    assert first == again and "粤F旧" in str(first[0]["vehicle"]) and len(list(cache.iterdir())) == 4
    settings.write_text(entry.format("new"), encoding="utf-8")
    tables, _ = read(drop, tmp_path / "s", cache)
    assert "粤F新" in str(tables["vehicle"]) and "粤F旧" not in str(tables["vehicle"])


def test_what_is_kept_is_sealed_where_there_is_a_key_and_read_anew_where_that_changed(
    drop: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    plain = read(drop, tmp_path / "s", cache)
    vault.write_new_key(tmp_path / "key")
    with vault.in_use(vault.key_of((tmp_path / "key").read_text(), "the test")):
        assert read(drop, tmp_path / "s", cache) == plain
        kept_files = [p for p in cache.rglob("*") if p.is_file() and p.name != "about.json"]
        assert len(kept_files) >= 5 and all(p.suffix == ".age" for p in kept_files)
        assert read(drop, tmp_path / "s", cache) == plain
    assert read(drop, tmp_path / "s", cache) == plain
    assert not list(cache.rglob("*.age"))
