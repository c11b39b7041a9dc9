"""The towns' workbooks, read back as another program would read them."""

from __future__ import annotations

import random
import stat
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import fastexcel
import openpyxl
import polars as pl
import pytest
from publish_sample import MONTH, RULES, Publication, finding, sample, with_linkage
from support.pages import table

from pipeline.contract import TOWNS
from pipeline.errors import AuditError
from pipeline.publish import leads, towns, workbook, write_workbooks
from pipeline.publish.sheets import Col, Sheet
from pipeline.publish.words import CATEGORIES

LEADS = ["疑似不符合条件", "疑似漏保", "疑似漏保（有排除情形）", "资金发放", "护理照料", "数据缺项", "档案缺件"]
SHEETS = ["说明", *LEADS, "待人工比对"]
pytestmark = pytest.mark.xdist_group("towns")
BY_ID = {r.id: r for r in RULES}
RNG = random.Random(3)


def one(rule: str, i: int, town: str | None = "白石", **changes: object) -> dict[str, object]:
    return finding(i, BY_ID[rule], town, RNG, **changes)


EXTRA = [
    one("vehicle_owned", 9001, name='=HYPERLINK("http://x")', village="+塘", summary="@SUM(1)", household_no="-1",
        severity="high"),
    one("business_registered", 9002, severity="medium", village="a"),
    one("homes_over_limit", 9003, severity="high", village="z"),
    one("deceased_on_roster", 9004, status="resolved"),
    one("deceased_on_roster", 9005, status="dismissed"),
    # one household of the register: two people, three leads; and a stranger
    one("severe_disability_uncovered", 9010, id_number="A1", name="甲", screened=False, severity="medium",
        hukou_no="H1"),
    one("monitored_uncovered", 9011, id_number="A2", name="乙", household_no="JC1", screened=False, hukou_no="H1"),
    one("monitored_uncovered", 9012, id_number="A9", name="丙", household_no="JC2", screened=False),
    # two gaps of one person; one of another
    one("required_field_empty", 9020, record_id="r#-#1", name="丁", id_number="D"),
    one("id_number_invalid", 9021, record_id="r#-#1", name="丁", id_number="D"),
    one("required_field_empty", 9022, record_id="r#-#2"),
    # one household's archive
    one("document_missing", 9030, household_no="DB9"),
    one("document_unsigned", 9031, household_no="DB9"),
    # towns nobody knows
    one("vehicle_owned", 9040, None),
    one("vehicle_owned", 9041, "长莱墟"),
]  # fmt: skip


@pytest.fixture(scope="module")
def pub() -> Publication:
    return sample(extra=EXTRA)


@pytest.fixture(scope="module")
def out(pub: Publication, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("towns") / MONTH
    seen: list[tuple[int, int]] = []
    paths = write_workbooks(pub, folder, progress=lambda done, all_: seen.append((done, all_)))
    assert seen == [(i, 20) for i in range(1, 21)] and len(paths) == 20
    return folder / "towns"


def test_a_workbook_for_every_town_and_one_for_the_unknown(out: Path) -> None:
    assert {p.stem for p in out.iterdir()} == {*TOWNS, "未知镇街"}
    assert {stat.S_IMODE(p.stat().st_mode) for p in out.iterdir()} == {0o600}
    assert stat.S_IMODE(out.stat().st_mode) == 0o700


def test_every_open_finding_stands_in_its_own_town_once(pub: Publication, out: Path) -> None:
    frame = pub.engine.rows("SELECT fingerprint, town FROM findings WHERE status IN ('new', 'continuing', 'reopened')")
    expected = {(f[:10].upper(), leads.town_of(t)) for f, t in frame.iter_rows()}
    found: list[tuple[str, str]] = []
    for path in out.iterdir():
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == SHEETS
        for name in LEADS:
            for row in table(book[name]):
                found += [(number, path.stem) for number in str(row.get("疑点编号") or "").split("\n") if number]
    assert len(found) == len(expected) == 413 and set(found) == expected


def test_order_joining_and_words(out: Path) -> None:
    book = openpyxl.load_workbook(out / "白石.xlsx")
    rows = table(book["疑似不符合条件"])
    assert [r["程度"] for r in rows] == ["高", "高", "中"] and [r["村居"] for r in rows] == ["+塘", "z", "a"]
    assert [r["序号"] for r in rows] == [1, 2, 3]
    missing = table(book["疑似漏保"])
    assert [r["姓名"] for r in missing] == ["乙\n甲", "丙"] or [r["姓名"] for r in missing] == ["丙", "乙\n甲"]
    joined = next(r for r in missing if "甲" in str(r["姓名"]))
    assert joined["身份证号"] == "A2\nA1" and joined["程度"] == "高"
    assert str(joined["疑点说明"]).startswith("1. ") and "\n2. " in str(joined["疑点说明"])
    assert joined["疑点类型"] == "监测对象未纳入\n重度残疾未纳入"
    data = table(book["数据缺项"])
    assert len(data) == 2 and sorted(str(r["疑点编号"]).count("\n") for r in data) == [0, 1]
    assert [str(r["疑点编号"]).count("\n") for r in table(book["档案缺件"])] == [1]
    first = rows[1]
    assert first["救助类别"] == "低保" and first["把握"] in ("确定", "可能\n97%") and first["状态"] in ("新增", "延续")
    assert first["来源"].split("\n")[0] == "低保_白石.xlsx〔名册〕第9007行" and str(first["来源"]).count("\n") == 1


def test_money_stands_where_there_is_any_and_adds_up(pub: Publication, out: Path) -> None:
    query = "SELECT sum(money) FROM findings WHERE town = '长来' AND status IN ('new', 'continuing', 'reopened')"
    book = openpyxl.load_workbook(out / "长来.xlsx")
    rows = table(book["资金发放"])
    assert sum(float(str(r["涉及金额（元）"])) for r in rows) == float(pub.engine.rows(query).item()) > 0
    cell = next(c for c in book["资金发放"][4] if c.value == rows[0]["涉及金额（元）"])
    assert cell.data_type == "n" and cell.number_format == "#,##0.00"
    assert all("涉及金额（元）" not in table(book[name])[0] for name in ("疑似不符合条件", "疑似漏保", "数据缺项"))


def test_probable_says_how_probable(out: Path) -> None:
    rows = [r for p in out.iterdir() for r in table(openpyxl.load_workbook(p)["护理照料"]) if r["疑点编号"]]
    assert {r["把握"] for r in rows} == {"确定", "可能\n97%"}
    gaps = [r for p in out.iterdir() for r in table(openpyxl.load_workbook(p)["档案缺件"]) if r["疑点编号"]]
    assert {r["把握"] for r in gaps} == {"确定", "可能"}, "a gap hangs on no link"


def test_leads_are_ranked_by_need(tmp_path: Path) -> None:
    def lead(i: int, rule: str, village: str, hukou: str, severity: str, **more: object) -> dict[str, object]:
        return one(rule, i, "白石", screened=False, village=village, hukou_no=hukou, severity=severity, **more)

    extra = [
        lead(9101, "severe_disability_uncovered", "a", "K1", "medium"),
        lead(9102, "severe_disability_uncovered", "b", "K2", "medium", id_number="B"),
        lead(9103, "monitored_uncovered", "b", "K2", "medium", id_number="B"),
        lead(9105, "severe_disability_uncovered", "c", "K3", "high"),
        lead(9106, "severe_disability_uncovered", "d", "K4", "medium", id_number="D1"),
        lead(9107, "severe_disability_uncovered", "d", "K4", "medium", id_number="D2"),
        lead(9108, "monitored_uncovered", "d", "K4", "low", id_number="D2"),
    ]
    pub = sample(0, extra=extra)
    lines = leads.collect(pub).lines("白石")["疑似漏保"]
    assert [(line.cells[1], line.findings) for line in lines] == [("c", 1), ("d", 3), ("b", 2), ("a", 1)]


def test_leads_that_wait_for_a_judgement_have_a_sheet_of_their_own(tmp_path: Path) -> None:
    pub = with_linkage(sample(60))
    waiting = one("severe_disability_uncovered", 9200, "长来", name="王丽珍", summary="可能就是低保家庭的黄丽珍。",
                  record_id="部门/户籍.csv#-#2", evidence="[]", screened=False)  # fmt: skip
    pub.engine.run("CREATE TABLE held_rows AS SELECT * EXCLUDE (status, first_month) FROM findings LIMIT 0")
    frame = pl.DataFrame([waiting], schema_overrides={"money": pl.Decimal(18, 2)}).drop("status", "first_month")
    pub.engine.load("held_rows", frame)
    write_workbooks(pub, tmp_path)
    book = openpyxl.load_workbook(tmp_path / "towns" / "长来.xlsx")
    assert book.sheetnames == [*SHEETS[:-1], "疑似漏保（待比对）", SHEETS[-1]]
    (row,) = table(book["疑似漏保（待比对）"])
    assert (row["姓名"], row["疑点说明"]) == ("王丽珍", "可能就是低保家庭的黄丽珍。")
    assert not {"疑点编号", "状态", "镇核实结果"} & set(row), "the answer is given where the two records stand"
    told = [str(r["说明"]) for r in table(book["待人工比对"]) if r["对方姓名"] == "王丽珍"]
    assert len(told) == 3
    assert all(t.endswith("如不是同一人，王丽珍有漏保线索（重度残疾未纳入），请一并入户。") for t in told)
    cover = {r[0]: r[2] for r in book["说明"].iter_rows(values_only=True)}
    assert cover["疑似漏保（待比对）"] == 1
    assert openpyxl.load_workbook(tmp_path / "towns" / "五山.xlsx").sheetnames == SHEETS


def test_the_unknown_town_s_rows_say_what_was_written(out: Path) -> None:
    rows = table(openpyxl.load_workbook(out / "未知镇街.xlsx")["疑似不符合条件"])
    assert sorted(str(r["镇街（原文）"]) for r in rows) == ["None", "长莱墟"]


def test_settled_findings_are_counted_on_the_cover_only(out: Path) -> None:
    book = openpyxl.load_workbook(out / "白石.xlsx")
    cover = {r[0]: r[1] for r in book["说明"].iter_rows(values_only=True)}
    assert cover["不再列出"] == "已排除1条，已消除1条：无需再次核实，不在各表之内"
    assert all(r["疑点类型"] != "已死亡仍在册" for r in table(book["疑似不符合条件"]))


def test_no_cell_can_run(out: Path) -> None:
    page = openpyxl.load_workbook(out / "白石.xlsx")["疑似不符合条件"]
    row = next(r for r in page.iter_rows(min_row=4) if "HYPERLINK" in str(r[5].value))
    assert {c.data_type for c in row if isinstance(c.value, str)} == {"s"}
    assert row[5].value == '=HYPERLINK("http://x")' and row[5].quotePrefix and row[10].value == "@SUM(1)"
    for path in out.iterdir():
        with zipfile.ZipFile(path) as parts:
            names = parts.namelist()
            xml = "".join(parts.read(n).decode() for n in names if n.startswith("xl/worksheets/"))
        assert "<f>" not in xml and "hyperlink" not in xml and not [n for n in names if "external" in n]


def test_numbers_are_text_and_replies_have_a_list(out: Path) -> None:
    page = openpyxl.load_workbook(out / "长来.xlsx")["疑似不符合条件"]
    headings = [c.value for c in page[3]]
    number = page.cell(4, headings.index("身份证号") + 1)
    assert number.data_type == "s" and number.number_format == "@" and len(str(number.value)) == 18
    (rule,) = page.data_validations.dataValidation
    assert rule.formula1 == '"属实,不属实,正在核实,已整改"'
    column = openpyxl.utils.get_column_letter(headings.index("镇核实结果") + 1)
    assert str(rule.sqref) == f"{column}4:{column}{page.max_row}"
    assert all(page.cell(4, headings.index(h) + 1).value is None for h in ("镇核实结果", "核实说明", "核实人/日期"))


def test_laid_out_for_printing(out: Path) -> None:
    book = openpyxl.load_workbook(out / "长来.xlsx")
    for name in SHEETS[1:]:
        page = book[name]
        assert page.title in str(page["A1"].value) and str(page["A1"].value).startswith("乐昌市长来　2022年10月")
        assert page.page_setup.orientation == "landscape" and page.page_setup.paperSize == 9
        assert page.sheet_properties.pageSetUpPr.fitToPage and page.page_setup.fitToHeight == 0
        assert page.print_title_rows == "$3:$3" and page.freeze_panes == "A4"
        assert "&P" in page.oddFooter.center.text or "第" in page.oddFooter.center.text
    assert book["疑似不符合条件"].auto_filter.ref


def test_a_sheet_without_rows_says_why(tmp_path: Path) -> None:
    pub = sample(0)
    pub = replace(pub, rules=[r for r in pub.rules if r.category != "care"])
    pub.engine.run("DELETE FROM links")
    write_workbooks(pub, tmp_path)
    book = openpyxl.load_workbook(tmp_path / "towns" / "长来.xlsx")
    assert book["资金发放"]["A4"].value == "本月无" and book["待人工比对"]["A4"].value == "本月无"
    assert book["护理照料"]["A4"].value == "未核查：缺少巡访记录"
    assert "在服刑仍在册（缺少服刑数据）" in str(book["疑似不符合条件"]["A2"].value)
    assert {p.stem for p in (tmp_path / "towns").iterdir()} == set(TOWNS)
    pub.engine.run("DELETE FROM not_run")
    assert replace(pub).nothing("care") == "未核查：本版程序尚无这一类规则"


def test_the_cover_is_one_page_and_names_all_that_was_not_examined(tmp_path: Path) -> None:
    pub = sample(0)
    pub.engine.run("DELETE FROM not_run")
    missed = [
        (r.id, r.title, r.category, "rule", f"部分核查：缺少{d}数据，未作排除") for r in RULES for d in ("死亡", "服刑")
    ]
    columns = ("id", "title", "category", "kind", "reason")
    pub.engine.load("not_run", pl.DataFrame(missed, schema=dict.fromkeys(columns, pl.String), orient="row"))
    write_workbooks(replace(pub), tmp_path)
    page = openpyxl.load_workbook(tmp_path / "towns" / "长来.xlsx")["说明"]
    assert page.sheet_properties.pageSetUpPr.fitToPage
    # one page is meant where the file does not say otherwise
    assert page.page_setup.fitToWidth in (None, 1) and page.page_setup.fitToHeight in (None, 1)
    cells = [[c.value for c in row] for row in page.iter_rows()]
    start = next(i for i, row in enumerate(cells) if str(row[0]).startswith("本月未核查或只核查了一部分"))
    assert cells[start + 1] == ["工作表", "规则或检查", "项数", "原因"]
    told = [row for row in cells[start + 2 :] if row[0]]
    assert len(told) == 2 * len({r.category for r in RULES})
    for sheet, titles, count, reason in told:
        mine = {r.title for r in RULES if CATEGORIES[r.category] == sheet}
        assert set(str(titles).split("、")) == mine and count == len(mine) and str(reason).startswith("部分核查")
    states = {row[0]: row[3] for row in cells[:start] if row[0] in LEADS}
    assert set(states.values()) == {"只核查了一部分，见本页末表"}


def test_a_lost_row_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    sheet = Sheet("甲", "题", (Col("序号", 5), Col("值", 9)), [(1, "a"), (2, "b")])
    book = workbook.Book("题", MONTH, [], [sheet], "脚")
    workbook.write_book(book, path)
    with pytest.raises(AuditError, match="read back, it has 5 rows instead of 6"):
        workbook._read_back(path.read_bytes(), path.name, {"说明": 1, "甲": 6}, book)


def test_the_same_audit_gives_the_same_bytes_without_temporary_files(
    pub: Publication, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))  # a temporary file would raise
    write_workbooks(pub, tmp_path / "again")
    changed = [p.name for p in out.iterdir() if p.read_bytes() != (tmp_path / "again/towns" / p.name).read_bytes()]
    assert changed == []


def test_many_findings_are_written_by_two_processes(tmp_path: Path) -> None:
    assert towns._WORTH_A_POOL < 6_500
    paths = write_workbooks(sample(6_500), tmp_path)
    assert len(paths) == 19
    found = 0
    for path in paths:
        book = fastexcel.read_excel(path)
        for name in LEADS:
            numbers = book.load_sheet(name, header_row=2, use_columns=[1], dtypes="string").to_polars()["疑点编号"]
            found += sum(text.count("\n") + 1 for text in numbers.drop_nulls())
    assert found == 6_500


def test_writing_a_workbook_does_not_load_the_charts() -> None:
    code = "import sys, pipeline.publish.workbook; sys.exit('altair' in sys.modules or 'duckdb' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0
