"""Excel workbooks, new and old, and Parquet: headings, furniture rows, sheets, numbers that lost their end."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlwt
from ingest_drops import DEATHS, ID_A, ID_B, ROSTER_HEADINGS, make_drop, run, workbook

from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.ingest import ingest, reasons


def test_merged_two_row_headers(tmp_path: Path) -> None:
    drop = make_drop(tmp_path, {}, roster=False)
    rows = [
        ["名册"],
        ["家庭\n编号", "人员身份信息", None, None, "户月保障金（元）", "备注"],
        [None, "姓 名", "证件\n号码（必填）", "镇街", None, None],
        ["DB1", "王小明", ID_A, "长来", "1.2万", "x"],
    ]
    workbook(drop / "低保.xlsx", {"Sheet1": rows})
    result = run(drop)
    assert result.rows("dibao", "row", "household_no", "name", "id_number", "town", "monthly_amount") == [
        (4, "DB1", "王小明", ID_A, "长来", Decimal("12000.00"))
    ]
    assert result.account("低保.xlsx", "Sheet1") == (4, 1, 0, 3)
    assert any("备注" in sentence for sentence in result.report.told)


def test_furniture_rows_are_skipped_and_faceless_rows_rejected(tmp_path: Path) -> None:
    drop = make_drop(tmp_path, {}, roster=False)
    rows = [
        ["乐昌市长来镇2022年10月城乡低保对象名册"],
        ["填报单位：　　　填报日期："],
        ["家庭编号", "姓名", "身份证号", "镇街", "户月保障金"],
        ["DB1", "王小明", ID_A, "长来", 500],
        [],
        ["DB1", "李  四", None, "长来", 500],
        ["小 计", None, None, None, 1000],
        ["乐昌市长来镇2022年10月城乡低保对象名册"],
        ["家庭编号", "姓名", "身份证号", "镇街", "户月保障金"],
        ["DB2", "合计", ID_B, "长来", 1],  # a name all the same: it has a household and a number
        ["DB3", None, "无", "长来", 300],
        ["DB4", None, "4.40281E+17", "长来", 300],
        [None, None, None, None, 7],
        ["　", " ", None],
        [None, "合\u3000计", None, None, 1600],
        ["制表人：　　　审核人：　　　单位负责人：　　　（盖章）"],
        ["备注：以上人员均已公示"],
        ["（盖章）"],
        [None, None],
    ]
    workbook(drop / "低保_长来.xlsx", {"花名册": rows})
    result = run(drop)
    assert [r[0] for r in result.rows("dibao", "row")] == [4, 6, 10]
    assert result.account("低保_长来.xlsx", "花名册") == (18, 3, 3, 12)
    assert sorted((r[2], r[3]) for r in result.rejects()) == [
        (11, ""),
        (11, "id_number"),
        (12, ""),
        (12, "id_number"),
        (13, ""),
    ]


def test_excel_rows_keep_the_sheets_own_numbers(tmp_path: Path) -> None:
    drop = make_drop(tmp_path, {}, roster=False)
    shifted = [[], [], [None, None, *ROSTER_HEADINGS], [], [None, None, "DB1", "王小明", ID_A, "长来"], [], [], [None]]
    workbook(drop / "低保.xlsx", {"A": shifted})
    result = run(drop)
    assert result.rows("dibao", "record_id") == [("低保.xlsx#A#5",)]
    assert result.account("低保.xlsx", "A") == (5, 1, 0, 4)


def test_every_visible_sheet_with_headings_is_read_and_the_others_told(tmp_path: Path) -> None:
    drop = make_drop(tmp_path, {}, roster=False)
    row = ["DB1", "王小明", ID_A, "长来"]
    sheets = {
        "长来": [ROSTER_HEADINGS, row],
        "梅花": [ROSTER_HEADINGS, ["DB2", "李四", ID_B, "梅花"]],
        "旧": [ROSTER_HEADINGS, row],
        "填表说明": [["请按要求填写"], ["不得漏填"]],
        "汇总": [["镇街", "村居", "户数"], ["长来", "一村", 3]],
        "空": [],
    }
    workbook(drop / "低保.xlsx", sheets, hidden=["旧"])
    result = run(drop)
    assert [(a.sheet, a.rows_kept) for a in result.report.inputs] == [("长来", 1), ("梅花", 1)]
    for sheet, word in (("旧", "隐藏"), ("填表说明", "表头"), ("汇总", "表头"), ("空", "为空")):
        assert any(f"工作表“{sheet}”" in told and word in told for told in result.report.told), sheet


def test_long_numbers_of_excel_have_lost_their_end_and_short_ones_not(tmp_path: Path) -> None:
    drop = make_drop(tmp_path, {}, roster=False)
    rows = [
        [*ROSTER_HEADINGS, "银行账号", "联系电话"],
        ["DB1", "甲", 440281201502148224, "长来", 6217281000001198, 13800138000],
        ["DB2", "乙", "440281201502148224", "长来", "6217281000001198", "0751-5551234"],
        ["DB3", "丙", 440281900307123, "长来", 621728100000119, None],
        [12345, "丁", ID_A, "长来", "6.21728E+15", None],
    ]
    workbook(drop / "低保.xlsx", {"A": rows})
    result = run(drop)
    assert result.rows("dibao", "household_no", "id_number", "bank_account", "phone") == [
        ("DB1", None, None, "13800138000"),
        ("DB2", "440281201502148224", "6217281000001198", "0751-5551234"),
        ("DB3", "440281900307123", "621728100000119", None),
        ("12345", ID_A, None, None),
    ]
    assert [(r[2], r[3]) for r in result.rejects()] == [(2, "bank_account"), (2, "id_number"), (5, "bank_account")]
    assert result.reasons() == {reasons.ID_NUMBER, reasons.ID_SCIENTIFIC}


def test_what_a_spreadsheet_left_of_a_departments_number_is_kept_masked(tmp_path: Path) -> None:
    """Fifteen digits tell people apart; the cell is refused all the same, and a roster's stays a gap to be mended."""
    drop = make_drop(tmp_path, {}, roster=False)
    workbook(drop / "低保.xlsx", {"A": [ROSTER_HEADINGS, ["DB1", "甲", "440281201502148000", "长来"]]})
    rows = [
        ["姓名", "身份证号", "死亡日期"],
        ["甲", "440281201502148000", "2022-09-01"],
        ["乙", 440281201502148224, "2022-09-01"],
        ["丙", 440281201502148992, "2022-09-01"],  # a whole thousand, or the number before it
        ["丁", "4.40281E+17", "2022-09-01"],
        [None, "440281201502148000", "2022-09-01"],
        ["戊", ID_A, "2022-09-01"],
    ]
    workbook(drop / "死亡.xlsx", {"A": rows})
    result = run(drop)
    assert result.rows("dibao", "id_number") == [(None,)]
    assert result.rows("death", "row", "id_number") == [
        (2, "440281201502148***"), (3, "440281201502148***"), (4, "44028120150214****"), (5, None), (7, ID_A),
    ]  # fmt: skip
    refused = [(r[2], r[3]) for r in result.rejects() if r[0] == "死亡.xlsx"]
    assert refused[:4] == [(2, "id_number"), (3, "id_number"), (4, "id_number"), (5, "id_number")]
    assert {r[2] for r in result.rejects() if r[0] == "死亡.xlsx"} == {2, 3, 4, 5, 6}
    assert result.account("死亡.xlsx", "A") == (7, 5, 1, 1), "what is left of a number makes nobody of a nameless row"


def test_old_xls_workbooks_are_read_alike(tmp_path: Path) -> None:
    drop = make_drop(tmp_path, {}, roster=False)
    book = xlwt.Workbook()
    sheet = book.add_sheet("名单")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for c, heading in enumerate([*ROSTER_HEADINGS, "出生日期"]):
        sheet.write(2, c, heading)
    cells = [
        ["DB1", "甲", 440281201502148224, "长来", dt.date(1990, 3, 7)],
        ["DB2", "乙", "440281201502148224", "长来", "1990年3月7日"],
        ["DB3", "丙", 440281900307123, "长来", 32939],
    ]
    for r, row in enumerate(cells, start=3):
        for c, value in enumerate(row):
            sheet.write(r, c, value, day) if isinstance(value, dt.date) else sheet.write(r, c, value)
    book.save(str(drop / "低保.xls"))
    result = run(drop)
    birthday = dt.date(1990, 3, 7)
    assert result.rows("dibao", "row", "id_number", "birth_date") == [
        (4, None, birthday),
        (5, "440281201502148224", birthday),
        (6, "440281900307123", birthday),
    ]
    assert result.reasons() == {reasons.ID_NUMBER}
    assert result.account("低保.xls", "名单") == (6, 3, 0, 3)


def test_formula_errors_are_rejected_and_formula_like_text_stays_text(tmp_path: Path) -> None:
    import xlsxwriter

    drop = make_drop(tmp_path, {}, roster=False)
    with xlsxwriter.Workbook(str(drop / "低保.xlsx")) as book:
        sheet = book.add_worksheet("A")
        sheet.write_row(0, 0, [*ROSTER_HEADINGS, "户月保障金"])
        sheet.write_row(1, 0, ["DB1", "王小明", ID_A, "长来"])
        sheet.write_formula(1, 4, "=1/0", None, "#DIV/0!")
        sheet.write_string(2, 0, "=HYPERLINK(1)")
        sheet.write_row(2, 1, ["李四", ID_B, "长来", 5])
    result = run(drop)
    assert result.rejects() == [("低保.xlsx", "A", 2, "monthly_amount", "#DIV/0!")]
    assert result.rows("dibao", "household_no") == [("DB1",), ("=HYPERLINK(1)",)]


def test_typed_parquet_is_taken_as_it_is(tmp_path: Path) -> None:
    drop = make_drop(tmp_path, {})
    frame = pl.DataFrame(
        {
            "姓名": ["甲", "乙", None],
            "身份证号": [440281199003071239, 440281900307123, None],
            "截止日期": [dt.date(2022, 10, 3), None, dt.date(2022, 1, 1)],
            "余额": [Decimal("1.25"), Decimal("-3.00"), None],
        }
    )
    frame.write_parquet(drop / "金融资产.parquet")
    pl.DataFrame({"name": ["甲"], "id_number": [4.402811990030712e17], "income": [0.1 + 0.2]}).write_parquet(
        drop / "tax.parquet"
    )
    result = run(drop)
    assert result.rows("deposit", "row", "id_number", "as_of", "balance") == [
        (1, ID_A, dt.date(2022, 10, 3), Decimal("1.25")),
        (2, "440281900307123", None, Decimal("-3.00")),
    ]
    assert result.rows("tax", "id_number", "income") == [(None, Decimal("0.30"))]
    assert result.account("金融资产.parquet") == (3, 2, 1, 0)
    assert reasons.ID_SCIENTIFIC in result.reasons()


def test_a_parquet_file_without_any_text(tmp_path: Path) -> None:
    drop = make_drop(tmp_path, {})
    pl.DataFrame(
        {"name": pl.Series([None, None], dtype=pl.Int64), "id_number": [440281199003071239, None]}
    ).write_parquet(drop / "tax.parquet")
    result = run(drop)
    assert result.rows("tax", "id_number") == [(ID_A,)]
    assert result.account("tax.parquet") == (1, 1, 0, 0)  # a blank row at the end is no row of the file


def test_worker_processes_read_workbooks_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop = make_drop(tmp_path, {"死亡.csv": DEATHS})
    for town, number in (("长来", ID_A), ("梅花", ID_B), ("三溪", "440281201502148224")):
        workbook(drop / f"低保_{town}.xlsx", {"A": [ROSTER_HEADINGS, ["DB", town, number, town], [None, None, "无"]]})
    alone = run(drop)
    monkeypatch.setattr("pipeline.ingest.workers.WORKER_BYTES", 0)
    calls: list[tuple[str, int, int]] = []
    together = DuckEngine()
    report = ingest(drop, together, scratch=tmp_path, progress=lambda *call: calls.append(call))
    assert report == alone.report
    for table in ("dibao", "death", "rejects"):
        assert together.rows(f"SELECT * FROM {table}").equals(alone.engine.rows(f"SELECT * FROM {table}"))
    assert [(done, total) for _, done, total in calls] == [(n, 5) for n in range(1, 6)]
    (drop / "低保_梅花.xlsx").write_bytes(b"PK cut")
    with pytest.raises(BadInput, match="cut off or damaged"):
        ingest(drop, DuckEngine(), scratch=tmp_path)
