"""Parquet on a Hadoop file system as a department's data: rows, rejects and accounts are those of files in the drop."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.people import number

from pipeline.engine.duck import DuckEngine
from pipeline.engine.exchange import hand_back, hand_over
from pipeline.engine.spark import SparkEngine
from pipeline.errors import BadInput
from pipeline.ingest import IngestReport, ingest

ID_A, ID_B, ID_C = number("@1"), number("@2"), number("@3")
ROSTER = f"家庭编号,姓名,身份证号,镇街\nDB1,王小明,{ID_A},长来镇\n"
# What a department's export holds: good cells and bad, a row of nobody, a total, blank rows within and at the end.
CARS = [
    ("王小明", ID_A, "粤F1", "2022-10-03", None),
    ("李四", "4.40281E+17", "粤F2", "2022-13-01", "x"),
    (None, None, None, None, None),
    (None, None, "粤F3", "20221004", None),
    ("合计", None, "3", None, None),
    ("赵六", ID_B, "粤F4", "44837", None),
    (None, " ", None, "", None),
    (None, None, None, None, None),
]
MORE = [("孙七", ID_C, "粤F5", "无"), (None, None, None, None)]
HEADINGS = ["姓名", "身份证号", "号牌.号码", "登记 日期", "备注`"]
MOUNTED = "viewfs://county/departments"


def parquet(path: Path, rows: list[tuple[str | None, ...]], columns: list[str] = HEADINGS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    frame.write_parquet(path, row_group_size=3)
    return path


def drop_of(folder: Path, *settings: str, files: dict[str, bytes] | None = None) -> Path:
    folder.mkdir()
    (folder / "dibao.csv").write_text(ROSTER, encoding="utf-8")
    (folder / "audit.toml").write_text("\n".join(settings), encoding="utf-8")
    for name, content in (files or {}).items():
        (folder / name).write_bytes(content)
    return folder


def entry(path: str, dataset: str = "vehicle") -> str:
    return f'[[source]]\nparquet = "{path}"\ndataset = "{dataset}"\nrenames = {{ "号牌.号码" = "plate" }}\n'


def read(drop: Path, spark: SparkEngine | None = None) -> tuple[DuckEngine, IngestReport]:
    scratch = drop.parent / f"{drop.name}-work"
    scratch.mkdir(exist_ok=True)
    duck = DuckEngine(scratch=scratch / "spill", folders=[drop.parent])
    return duck, ingest(drop, duck, scratch=scratch, second=spark)


@pytest.fixture
def departments(session: Any, tmp_path: Path) -> Path:
    """A folder of this machine that Hadoop knows by another file system's name."""
    folder = tmp_path / "部门 数据"
    folder.mkdir()
    conf = session.sparkContext._jsc.hadoopConfiguration()
    conf.set("fs.viewfs.impl.disable.cache", "true")
    conf.set("fs.viewfs.mounttable.county.link./departments", folder.as_uri())
    return folder


@pytest.mark.parametrize("mounted", [True, False], ids=["in this program", "by workers, on this machine"])
def test_rows_rejects_and_accounts_are_those_of_files(
    departments: Path, tmp_path: Path, spark: SparkEngine, mounted: bool
) -> None:
    spark.near = mounted
    place = MOUNTED if mounted else f"file://{departments}"
    spark.session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "2")  # blank rows fall between batches
    first = parquet(departments / "车辆" / "part 甲.parquet", CARS)
    second = parquet(departments / "车辆" / "more" / "part-2.parquet", MORE, HEADINGS[:4])
    (departments / "车辆" / "_SUCCESS").write_text("")
    files = {"车辆_1.parquet": first.read_bytes(), "车辆_2.parquet": second.read_bytes()}
    glob = '[[source]]\nglob = "*.parquet"\ndataset = "vehicle"\nrenames = { "号牌.号码" = "plate" }\n'
    duck, ours = read(drop_of(tmp_path / "ours", glob, files=files))
    stored, theirs = read(drop_of(tmp_path / "theirs", entry(f"{place}/车辆")), spark)
    names = {
        f"{place}/车辆/part 甲.parquet": "车辆_1.parquet", f"{place}/车辆/more/part-2.parquet": "车辆_2.parquet",
    }  # fmt: skip

    def renamed(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
        texts = pl.col(pl.String).str.replace_many(names)
        return sorted(frame.with_columns(texts).rows(), key=repr)

    assert duck.count("vehicle") == 4 and duck.count("rejects") == 4
    for table, engine in (("vehicle", spark), ("rejects", stored)):
        assert renamed(engine.rows(f"SELECT * FROM {table}")) == sorted(
            duck.rows(f"SELECT * FROM {table}").rows(), key=repr
        )
    assert stored.count("vehicle") == 0, "rows that Spark has read do not come here"
    accounts = {names.get(a.path, a.path): (a.sha256, a.rows_read, a.rows_kept, a.rows_rejected, a.rows_skipped)
                for a in theirs.inputs}  # fmt: skip
    assert accounts == {
        a.path: (a.sha256, a.rows_read, a.rows_kept, a.rows_rejected, a.rows_skipped) for a in ours.inputs
    }
    assert accounts["车辆_1.parquet"] == (hashlib.sha256(first.read_bytes()).hexdigest(), 6, 3, 1, 2)
    assert theirs.present == ours.present == {"dibao", "vehicle"}


def test_a_table_of_both_comes_back_whole(departments: Path, tmp_path: Path, session: Any) -> None:
    """Of a department some is in the drop, some elsewhere, where folders tell a column; tables on a cluster's disks."""
    parquet(departments / "车辆" / "kind=小型" / "a.parquet", MORE, HEADINGS[:4])
    file = f"姓名,身份证号,号牌\n周八,{ID_C},粤F8\n".encode()
    places = {"near": "", "far": str(tmp_path / "disks")}
    engines = {name: SparkEngine(tmp_path, place=place, session=session) for name, place in places.items()}
    for where, engine in engines.items():
        duck, report = read(drop_of(tmp_path / where, entry(f"{MOUNTED}/车辆/"), files={"车辆.csv": file}), engine)
        assert [(a.path, a.rows_read, a.rows_kept) for a in report.inputs if a.dataset == "vehicle"] == [
            (f"{MOUNTED}/车辆/kind=小型/a.parquet", 2, 1), ("车辆.csv", 2, 1)
        ]  # fmt: skip
        hand_over(duck, engine, ["vehicle", "rejects"])
        engine.run('ALTER TABLE "vehicle" RENAME TO "typed_vehicle"')
        engine.run("SELECT * FROM typed_vehicle", into="vehicle", view=True)
        hand_back(engine, duck)
        for table in ("typed_vehicle", "vehicle"):
            found = duck.rows(f"SELECT plate, kind, record_id FROM {table} ORDER BY plate").rows()
            assert found == [
                ("粤F5", "小型", f"{MOUNTED}/车辆/kind=小型/a.parquet#-#1"), ("粤F8", None, "车辆.csv#-#2")
            ]  # fmt: skip
        assert engine.rows("SELECT count(*) FROM vehicle").item() == 2
        engine.close()
    assert not list(tmp_path.rglob("tables-*")) and not list(tmp_path.glob("copy-*"))


REFUSED = {
    f"{MOUNTED}/nowhere": "there is nothing at this path",
    f"{MOUNTED}/empty": "there is no file in this folder",
    f"{MOUNTED}/text": "Spark cannot read it as a table of Parquet",
    f"{MOUNTED}/cut": "Spark cannot read it as a table of Parquet",
    f"{MOUNTED}/two": "Spark cannot read it as a table of Parquet",
    f"{MOUNTED}/garbled": "Spark cannot read it as a table of Parquet",
    f"{MOUNTED}/other": "required columns are absent",
    f"{MOUNTED}/odd": "which Spark takes for a pattern",
    "nofs://county/x": "Spark has no file system for 'nofs:'",
    "s3a://county/x": "Spark has no file system for 's3a:'",
    "viewfs://unknown/x": "cannot be used",
    "file://county/x": "no path of a Hadoop file system",
}


def test_what_cannot_be_read_is_told_in_one_message(departments: Path, tmp_path: Path, spark: SparkEngine) -> None:
    (departments / "empty").mkdir()
    for name in ("text", "cut", "two", "garbled"):
        parquet(departments / name / "a.parquet", CARS)
    (departments / "text" / "a.parquet").write_text("姓名")
    whole = (departments / "cut" / "a.parquet").read_bytes()
    (departments / "cut" / "a.parquet").write_bytes(whole[: len(whole) // 2])
    pl.DataFrame({"姓名": [1.5]}).write_parquet(departments / "two" / "b.parquet")
    (departments / "garbled" / "a.parquet").write_bytes(not_utf8())
    parquet(departments / "other" / "a.parquet", [("甲", "乙")], ["单位", "职务"])
    parquet(departments / "odd" / "a[1].parquet", CARS)
    told = {}
    for n, path in enumerate(REFUSED):
        with pytest.raises(BadInput) as caught:
            read(drop_of(tmp_path / f"drop{n}", entry(path)), spark)
        told[path] = str(caught.value)
        assert caught.value.remedy and "\n" not in told[path] and "王小明" not in told[path]
    assert {path: what for path, what in REFUSED.items() if what not in told[path]} == {}, told


def not_utf8() -> bytes:
    """A Parquet file whose texts are said to be UTF-8 and are not."""
    texts = [pa.array([b"\xff\xfe\xc3"] * 2, pa.binary()).cast(pa.binary()).view(pa.string()) for _ in HEADINGS[:4]]
    made = io.BytesIO()
    pq.write_table(pa.table(dict(zip(HEADINGS, texts, strict=False))), made)
    return made.getvalue()


def test_the_same_file_by_two_entries_and_a_folder_for_tables_that_is_none(
    departments: Path, tmp_path: Path, spark: SparkEngine, session: Any
) -> None:
    parquet(departments / "车辆" / "a.parquet", MORE, HEADINGS[:4])
    twice = entry(f"{MOUNTED}/车辆"), entry(f"{MOUNTED}/车辆/a.parquet", "machinery").replace("plate", "kind")
    with pytest.raises(BadInput, match="two claims on one file"):
        read(drop_of(tmp_path / "drop", *twice), spark)
    with pytest.raises(BadInput, match="no file system for 'nofs:'"):
        SparkEngine(tmp_path, place="nofs://county/tables", session=session)
