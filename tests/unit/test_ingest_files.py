"""Files as they come: formats, encodings, headers, furniture rows, row numbers, and the account of every row."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingest_drops import ID_A, ID_B, ID_C, ROSTER_HEADINGS, make_drop, run, workbook

from pipeline.contract import DATASETS
from pipeline.engine.duck import DuckEngine
from pipeline.errors import AuditError, BadInput
from pipeline.ingest import InputAccount, ingest, reasons

CSV = "姓名,身份证号,死亡日期\n王小明,440281199003071239,2022-10-03\n李四,44028119550101123X,20221004\n"


def test_every_dataset_has_a_typed_table_and_absent_ones_are_empty(tmp_path: Path) -> None:
    result = run(make_drop(tmp_path, {"死亡.csv": CSV}))
    assert result.report.present == {"dibao", "death"}
    for dataset in DATASETS.values():
        types = dict(result.engine.rows(f"SELECT column_name, column_type FROM (DESCRIBE {dataset.id})").rows())
        assert types == dataset.table_schema()
        assert result.engine.count(dataset.id) == {"dibao": 1, "death": 2}.get(dataset.id, 0)
    assert result.engine.columns("rejects") == ["file", "sheet", "row", "column", "raw", "reason"]


def test_record_ids_hold_path_sheet_and_row(tmp_path: Path) -> None:
    drop = make_drop(tmp_path, {"部门/死亡.csv": CSV})
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
    text = CSV + "𠀀某,440281900307123,44837\n" if encoding != "gbk" else CSV
    result = run(make_drop(tmp_path, {"死亡.csv": text.replace("\n", newline).encode(encoding)}))
    rows = result.rows("death", "row", "name", "died_on")
    assert rows[:2] == [(2, "王小明", dt.date(2022, 10, 3)), (3, "李四", dt.date(2022, 10, 4))]
    assert encoding == "gbk" or rows[2] == (4, "𠀀某", dt.date(2022, 10, 3))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt"])
def test_delimiters_are_found_whatever_the_suffix(tmp_path: Path, delimiter: str, suffix: str) -> None:
    result = run(make_drop(tmp_path, {f"死亡{suffix}": "死亡名册，一、二\n\n" + CSV.replace(",", delimiter)}))
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
    text = CSV + f"赵六,{ID_C},2022-10-05,多出,一格\n钱七,{ID_C},2022-10-05,,\n"
    result = run(make_drop(tmp_path, {"死亡.csv": text}))
    assert [r[0] for r in result.rows("death", "row")] == [2, 3, 5]
    assert result.rejects() == [("死亡.csv", "-", 4, "", f"赵六 | {ID_C} | 2022-10-05")]
    assert result.reasons() == {reasons.OVERFLOW}
    assert result.account("死亡.csv") == (5, 3, 1, 1)


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


def test_worker_processes_read_workbooks_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop = make_drop(tmp_path, {"死亡.csv": CSV})
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


def test_a_parquet_file_without_any_text(tmp_path: Path) -> None:
    drop = make_drop(tmp_path, {})
    pl.DataFrame(
        {"name": pl.Series([None, None], dtype=pl.Int64), "id_number": [440281199003071239, None]}
    ).write_parquet(drop / "tax.parquet")
    result = run(drop)
    assert result.rows("tax", "id_number") == [(ID_A,)]
    assert result.account("tax.parquet") == (1, 1, 0, 0)  # a blank row at the end is no row of the file


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
