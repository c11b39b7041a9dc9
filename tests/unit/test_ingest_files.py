"""Files as they come: encodings, delimiters, row numbers, several files a dataset, and the account of every row."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingest_drops import DEATHS, ID_A, ID_B, ID_C, make_drop, run, workbook

from pipeline.contract import DATASETS
from pipeline.errors import AuditError
from pipeline.ingest import InputAccount, reasons
from pipeline.ingest.encoding import Encoding, blocks


def test_every_dataset_has_a_typed_table_and_absent_ones_are_empty(tmp_path: Path) -> None:
    result = run(make_drop(tmp_path, {"死亡.csv": DEATHS}))
    assert result.report.present == {"dibao", "death"}
    for dataset in DATASETS.values():
        types = dict(result.engine.rows(f"SELECT column_name, column_type FROM (DESCRIBE {dataset.id})").rows())
        assert types == dataset.table_schema()
        assert result.engine.count(dataset.id) == {"dibao": 1, "death": 2}.get(dataset.id, 0)
    assert result.engine.columns("rejects") == ["file", "sheet", "row", "column", "raw", "reason"]


def test_record_ids_hold_path_sheet_and_row(tmp_path: Path) -> None:
    drop = make_drop(tmp_path, {"部门/死亡.csv": DEATHS})
    workbook(drop / "医保_1.xlsx", {"一 月": [["2022年医保"], ["姓名", "身份证号"], [None], ["王小明", ID_A]]})
    pl.DataFrame({"姓名": ["王小明"], "证件号码": [ID_A]}).write_parquet(drop / "残疾.parquet")
    result = run(drop)
    assert [r[0] for r in result.rows("death", "record_id")] == ["部门/死亡.csv#-#2", "部门/死亡.csv#-#3"]
    assert result.rows("medical", "record_id", "file", "sheet", "row") == [
        ("医保_1.xlsx#一 月#4", "医保_1.xlsx", "一 月", 4)
    ]
    assert result.rows("disability", "record_id") == [("残疾.parquet#-#1",)]
    assert result.account("医保_1.xlsx", "一 月") == (4, 1, 0, 3)
    assert result.account("残疾.parquet") == (1, 1, 0, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, newline: str) -> None:
    text = DEATHS + "𠀀某,440281900307123,44837\n" if encoding != "gbk" else DEATHS
    result = run(make_drop(tmp_path, {"死亡.csv": text.replace("\n", newline).encode(encoding)}))
    rows = result.rows("death", "row", "name", "died_on")
    assert rows[:2] == [(2, "王小明", dt.date(2022, 10, 3)), (3, "李四", dt.date(2022, 10, 4))]
    assert encoding == "gbk" or rows[2] == (4, "𠀀某", dt.date(2022, 10, 3))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt"])
def test_delimiters_are_found_whatever_the_suffix(tmp_path: Path, delimiter: str, suffix: str) -> None:
    result = run(make_drop(tmp_path, {f"死亡{suffix}": "死亡名册，一、二\n\n" + DEATHS.replace(",", delimiter)}))
    assert result.rows("death", "row", "name") == [(4, "王小明"), (5, "李四")]
    assert result.account(f"死亡{suffix}") == (5, 2, 0, 3)


def test_a_record_is_numbered_by_the_line_it_begins_on(tmp_path: Path) -> None:
    text = (
        "名册,\n"
        '"姓\n名",身份证号,地址\n'  # lines 2-3
        "\n"
        f'甲乙,{ID_A},"一村\n二组\n三号"\n'  # lines 5-7
        f'丙丁,{ID_B},"他说""是"""\n'  # line 8
        f'戊己,{ID_C},旧"城"北\n'  # line 9: quotation marks inside a cell are only marks
        "\n\n"
    )
    result = run(make_drop(tmp_path, {"死亡.csv": text}))
    assert result.rows("death", "row", "name", "address") == [
        (5, "甲乙", "一村 二组 三号"),
        (8, "丙丁", '他说"是"'),
        (9, "戊己", '旧"城"北'),
    ]
    assert result.account("死亡.csv") == (6, 3, 0, 3)


def test_blocks_are_cut_at_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f'某{i},44028119900307{i:04},"{i}村\n乡{"x" * (i % 7)}"\n' if i % 3 else f"某{i},,\n" for i in range(120)]
    drop = make_drop(tmp_path, {"死亡.csv": "姓名,身份证号,地址\n" + "".join(lines)})
    whole = run(drop).rows("death", "row", "name", "address")
    monkeypatch.setattr("pipeline.ingest.encoding.blocks.__defaults__", (97,))
    assert run(drop).rows("death", "row", "name", "address") == whole
    assert len(whole) == 120 and whole[-1][1] == "某119"
    assert [row for row, _, _ in whole[:4]] == [2, 3, 5, 7]


def test_cells_beyond_the_headings_reject_the_record_whole(tmp_path: Path) -> None:
    text = DEATHS + f"赵六,{ID_C},2022-10-05,多出,一格\n钱七,{ID_C},2022-10-05,,\n"
    result = run(make_drop(tmp_path, {"死亡.csv": text}))
    assert [r[0] for r in result.rows("death", "row")] == [2, 3, 5]
    assert result.rejects() == [("死亡.csv", "-", 4, "", f"赵六 | {ID_C} | 2022-10-05")]
    assert result.reasons() == {reasons.OVERFLOW}
    assert result.account("死亡.csv") == (5, 3, 1, 1)


def test_a_heading_in_ten_thousands_is_converted_and_told(tmp_path: Path) -> None:
    text = f"姓名,身份证号,年度,年收入（万元）\n王小明,{ID_A},2021,1.25\n"
    result = run(make_drop(tmp_path, {"个税.csv": text}))
    assert result.rows("tax", "income") == [(Decimal("12500.00"),)]
    assert any("已换算" in sentence for sentence in result.report.told)


def test_the_exact_heading_wins_over_a_synonym_and_the_other_is_told(tmp_path: Path) -> None:
    text = f"证件号码,姓名,身份证号\n123,王小明,{ID_A}\n"
    result = run(make_drop(tmp_path, {"死亡.csv": text}))
    assert result.rows("death", "id_number") == [(ID_A,)]
    assert any("证件号码" in sentence and "未读取" in sentence for sentence in result.report.told)


def test_datasets_without_persons_are_identified_by_their_household(tmp_path: Path) -> None:
    text = "发放月份,救助类别,家庭编号,发放金额\n2022-10,低保,DB1,500\n2022-10,,DB2,500\n2022-10,,,500\n"
    visits = "家庭编号,巡访日期\nTK1,2022-10-01\n,2022-10-02\n"
    result = run(make_drop(tmp_path, {"发放明细.csv": text, "巡访记录.csv": visits}))
    assert result.account("发放明细.csv") == (4, 2, 1, 1)
    assert result.account("巡访记录.csv") == (3, 1, 1, 1)
    assert result.reasons() == {reasons.NO_HOUSEHOLD, reasons.NO_HOUSEHOLD_NO}


def test_several_files_feed_one_dataset_and_hidden_files_do_not_count(tmp_path: Path) -> None:
    head = "家庭编号,姓名,身份证号,镇街\n"
    files = {
        "低保_长来.csv": f"{head}A,甲,{ID_A},长来\n",
        "低保（梅花）.csv": f"{head}B,乙,{ID_B},梅花\n",
        "低保边缘 2022.csv": f"{head}C,丙,{ID_C},长来\n",
        "~$低保.xlsx": "lock",
        ".DS_Store": "x",
        "Thumbs.db": "x",
        "__MACOSX/低保.csv": "x",
    }
    result = run(make_drop(tmp_path, files, roster=False))
    assert [r[0] for r in result.rows("dibao", "household_no")] == ["A", "B"]
    assert [r[0] for r in result.rows("borderline", "household_no")] == ["C"]


def test_an_account_that_is_off_is_an_error() -> None:
    with pytest.raises(AuditError, match="5 rows read, but 3 kept, 1 rejected and 0 skipped"):
        InputAccount("a.csv", "-", "death", "", 5, 3, 1, 0)


def test_cells_under_no_heading_are_told(tmp_path: Path) -> None:
    result = run(make_drop(tmp_path, {"死亡.csv": f"姓名,,身份证号,\n甲,悄悄话,{ID_A},\n"}))
    assert [told for told in result.report.told if "没有表头" in told] == [
        "死亡.csv：第 2 列没有表头，其中的内容未读取"
    ]


ROW = st.sampled_from(["person", "blank", "faceless", "total", "heading", "wide", "signature"])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROW, max_size=12))
def test_every_row_is_counted_once_where_it_belongs(tmp_path: Path, kinds: list[str]) -> None:
    lines = {
        "person": "王小明,440281199003071239,2022-10-03",
        "blank": "",
        "faceless": ",,2022-10-03",
        "total": "合 计,,3",
        "heading": "姓名,身份证号,死亡日期",
        "wide": "王小明,440281199003071239,2022-10-03,多",
        "signature": "制表人：,,",
    }
    text = "\n".join(["姓名,身份证号,死亡日期", *(lines[kind] for kind in kinds)]) + "\n"
    result = run(make_drop(tmp_path, {"死亡.csv": text}))
    while kinds and kinds[-1] == "blank":
        kinds = kinds[:-1]
    rejected = kinds.count("faceless") + kinds.count("wide")
    kept = kinds.count("person")
    assert result.account("死亡.csv") == (1 + len(kinds), kept, rejected, 1 + len(kinds) - kept - rejected)
    assert [r[0] for r in result.rows("death", "row")] == [i for i, kind in enumerate(kinds, 2) if kind == "person"]


@pytest.mark.parametrize(("codec", "bom"), [("utf-8", 0), ("gb18030", 0), ("utf-16-le", 2)])
def test_what_is_appended_while_a_file_is_read_is_not_run_after(tmp_path: Path, codec: str, bom: int) -> None:
    path = tmp_path / "死亡.csv"
    path.write_bytes(b"\xff\xfe"[:bom] + ("王小明,一\n" * 40).encode(codec))
    reading = blocks(path, Encoding(codec, bom), path.name, size=64)
    got = next(reading)
    for block in reading:
        got += block
        with path.open("ab") as file:
            file.write("王小明,二\n".encode(codec))
        assert len(got) < 10_000
    assert got.decode() == "王小明,一\n" * 40
