"""The visit ledgers: prefilled from system, archive and findings, with cells that take what they should, for A4."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.draw.files import write
from pipeline.errors import BadInput
from pipeline.fieldwork.columns import ANSWERS
from pipeline.fieldwork.households import Household, read_homes
from pipeline.fieldwork.ledgers.ledger import ledgers
from pipeline.fieldwork.ledgers.ledgersheet import KNOWN
from pipeline.fieldwork.ledgers.prefill import archive_text, leads_text, read_leads, system_text
from tests.unit.draw_sample import MONTH
from tests.unit.fieldwork_sample import HEAD, Prepared, columns, prepare


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("field"))


def sheet(field: Prepared, town: str = "长来") -> Worksheet:
    return openpyxl.load_workbook(field.ledgers[town])["台账"]


def test_a_workbook_a_group_and_town_with_every_stop_once(field: Prepared) -> None:
    assert set(field.ledgers) == {"乐城", "长来", "坪石"}
    assert field.ledgers["坪石"].name == "入户核查台账_2022-10_第二组_坪石.xlsx"
    units = []
    for town in field.ledgers:
        page = sheet(field, town)
        at = columns(page)
        assert list(at) == [*(h for h, _ in KNOWN), *(a.zh for a in ANSWERS), "本人签名或按手印（纸质台账）"]
        rows = list(page.iter_rows(min_row=HEAD + 1, values_only=True))
        of = [s for s in field.plan.stops if s.town == town]
        assert [r[at["单元编号"] - 1] for r in rows] == [s.unit for s in of]
        assert [r[at["核查人"] - 1] for r in rows] == ["\n".join(v.name for v in field.plan.pair(s)) for s in of]
        units += [s.unit for s in of]
    assert sorted(units) == sorted(field.plan.by_unit)


def test_answers_have_lists_and_rules_and_nothing_else_is_open(field: Prepared) -> None:
    page = sheet(field)
    at = columns(page)
    rules = {str(v.sqref).split(":")[0].rstrip("0123456789"): v for v in page.data_validations.dataValidation}
    letters = {h: page.cell(HEAD, c).column_letter for h, c in at.items()}
    for a in ANSWERS:
        rule = rules[letters[a.zh]]
        assert rule.promptTitle == a.zh and rule.prompt == a.told
        if a.choices:
            assert rule.type == "list" and rule.formula1 == f'"{",".join(a.choices)}"'
        assert not page.cell(HEAD + 1, at[a.zh]).protection.locked or a.id == "self_care"
    assert rules[letters["入户日期"]].type == "date" and rules[letters["在家人数"]].type == "whole"
    assert page.protection.sheet and all(page.cell(HEAD + 1, at[h]).protection.locked for h, _ in KNOWN)


def test_it_prints_on_two_pages_side_by_side(field: Prepared) -> None:
    page = sheet(field)
    assert page.page_setup.orientation == "landscape" and page.page_setup.paperSize == 9
    assert [b.id for b in page.col_breaks.brk] == [len(KNOWN)]
    assert page.print_title_rows == "$1:$3" and page.print_title_cols == "$A:$C"
    assert page.freeze_panes == "D4"


def test_the_same_plan_gives_the_same_bytes(field: Prepared) -> None:
    again = ledgers(field.plan, read_homes(field.drop, MONTH, field.plan.by_unit), None)
    assert [c for _, c in sorted(again.items())] == [p.read_bytes() for p in sorted(field.ledgers.values())]


def test_what_was_not_examined_is_said(field: Prepared) -> None:
    page = sheet(field)
    at = columns(page)
    assert page.cell(HEAD + 1, at["疑点线索"]).value == "没有对照核查结果"
    assert page.cell(HEAD + 1, at["档案情况"]).value == "本月没有档案目录，未核对"
    cover = [
        c for row in openpyxl.load_workbook(field.ledgers["长来"])["说明"].iter_rows(values_only=True) for c in row
    ]
    assert "没有对照核查结果，“疑点线索”一栏未核对" in cover
    assert "本月没有档案目录，“档案情况”一栏未核对" in cover


def drop_with(folder: Path, dibao: str, archive: str = "") -> Path:
    write(folder, {"低保.csv": dibao.encode()} | ({"档案目录.csv": archive.encode()} if archive else {}))
    return folder


HEADINGS = (
    "家庭编号,姓名,身份证号,镇街,与户主关系,救助分类,户月保障金,起保月份,停保月份,残疾类别,残疾等级,劳动能力,健康状况\n"
)
DIBAO = (
    HEADINGS
    + "D1,张三,440281199003071239,长来,户主,B,1060,2022-03,,肢体,二级,无,重病\n"
    + "D1,李四,,长来,配偶,B,1060,2022-03,,,,有,健康\n"
    + "D1,王五,440281199003071239,长来,子,B,1060,2022-03,2022-05,,,,\n"
    + "D2,=cmd,440281199003071239,长来,户主,A,500,2020-01,2022-06,,,,\n"
)
ARCHIVE = (
    "救助类别,家庭编号,材料名称,是否归档,签字人,签字日期\n低保,D1,申请书,是,张三,2022-03-01\n低保,D1,授权书,是,,\n"
    "低保,D1,收入证明,否,,\n低保,D1,残疾证复印件,是,张三,2022-03-01\n"
)


def home_of(folder: Path, unit: str, *, archive: str = "") -> tuple[Household, bool]:
    homes = read_homes(drop_with(folder, DIBAO, archive), MONTH, [unit, "dibao:none"])
    assert list(homes.by_unit) == [unit]
    return homes.by_unit[unit], homes.archive


def test_the_system_s_figures_and_members(tmp_path: Path) -> None:
    home, _ = home_of(tmp_path / "d", "dibao:D1")
    assert system_text(home) == (
        "低保，2人，救助分类B，户月保障金1060元，起保月份2022-03\n"
        "1. 张三（户主，证号尾号1239，肢体残疾二级，劳动能力无，重病）\n2. 李四（配偶，证号未登记，劳动能力有，健康）"
    )
    assert [r["name"] for r in home.people] == ["张三", "李四", "王五"]
    stopped, _ = home_of(tmp_path / "e", "dibao:D2")
    assert system_text(stopped).startswith("低保，1人，2022-06起已停保，救助分类A")


def test_the_archive_says_what_is_missing_and_unsigned(tmp_path: Path) -> None:
    home, listed = home_of(tmp_path / "d", "dibao:D1", archive=ARCHIVE)
    assert archive_text(home, listed=listed) == (
        "已归档3项\n缺：收入证明\n未登记签字人：授权书\n病残证明：残疾证复印件"
    )
    other, listed = home_of(tmp_path / "e", "dibao:D2", archive=ARCHIVE)
    assert archive_text(other, listed=listed) == "档案目录中没有此户"


def run_folder(folder: Path, month: str = MONTH, count: int = 3) -> Path:
    folder.mkdir()
    rows = [
        {"fingerprint": f"f{i}", "rule_id": "r", "category": "ineligible", "severity": ("low", "high")[i % 2],
         "scheme": "dibao", "household_no": "D1", "name": "张三", "record_id": None, "status": "new",
         "summary": f"张三户（家庭编号D1）的第{i}条；见低保.csv第2行。"}
        for i in range(count)
    ]  # fmt: skip
    rows += [
        rows[0] | {"fingerprint": "gone", "status": "resolved"},
        rows[0] | {"fingerprint": "o", "household_no": "D9"},
    ]
    pl.DataFrame(rows).write_parquet(folder / "findings.parquet")
    (folder / "run.json").write_text(json.dumps({"month": month}))
    (folder / "not_run.csv").write_text("id,title\nx,y\n")
    return folder


def test_open_findings_are_told_the_graver_first(tmp_path: Path) -> None:
    home, _ = home_of(tmp_path / "d", "dibao:D1")
    leads = read_leads(run_folder(tmp_path / "run"), MONTH)
    assert leads_text(home, leads) == (
        "1.【疑似不符合条件·高】第1条。\n2.【疑似不符合条件·低】第0条。\n3.【疑似不符合条件·低】第2条。"
    )
    other, _ = home_of(tmp_path / "e", "dibao:D2")
    assert leads_text(other, leads) == "没有疑点（部分规则没有运行）"
    many = read_leads(run_folder(tmp_path / "many", count=12), MONTH)
    assert leads_text(home, many).splitlines()[-1] == "等共12条" and len(leads_text(home, many).splitlines()) == 9


def test_an_audit_of_another_month_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="the audit is of 2022-09"):
        read_leads(run_folder(tmp_path / "run", "2022-09"), MONTH)
    with pytest.raises(BadInput, match="no finished audit"):
        read_leads(tmp_path, MONTH)


def test_persons_under_one_number_have_each_their_own(tmp_path: Path) -> None:
    tekun = "特困编号,姓名,身份证号,镇街,生活自理能力\n"
    tekun += "T1,甲,440281199003071239,长来,全自理\nT1,乙,440281195003071235,长来,失能\n"
    write(tmp_path / "d", {"特困.csv": tekun.encode()})
    homes = read_homes(tmp_path / "d", MONTH, ["tekun:T1#1", "tekun:T1#2", "tekun:T1"]).by_unit
    # in the order of their numbers
    assert [[r["name"] for r in homes[f"tekun:T1#{i}"].rows] for i in (1, 2)] == [["乙"], ["甲"]]
    assert all(len(homes[u].people) == 2 for u in homes) and len(homes["tekun:T1"].rows) == 2
    records = {r["name"]: r["record_id"] for r in homes["tekun:T1"].people}
    folder = run_folder(tmp_path / "run")
    frame = pl.read_parquet(folder / "findings.parquet").with_columns(
        pl.lit("tekun").alias("scheme"), pl.lit("T1").alias("household_no"), pl.lit(records["甲"]).alias("record_id")
    )
    frame.write_parquet(folder / "findings.parquet")
    leads = read_leads(folder, MONTH)
    assert leads_text(homes["tekun:T1#1"], leads).startswith("没有疑点")
    assert leads_text(homes["tekun:T1#2"], leads).startswith("1.")


def test_no_cell_can_run(field: Prepared, tmp_path: Path) -> None:
    """A name that begins like a formula stays a text."""
    stop = replace(field.plan.stops[0], unit="dibao:D2", scheme="dibao", household_no="D2", name="=cmd", address="+1")
    plan = replace(field.plan, stops=(stop,))
    homes = read_homes(drop_with(tmp_path / "d", DIBAO), MONTH, ["dibao:D2"])
    (content,) = ledgers(plan, homes, None).values()
    (tmp_path / "l.xlsx").write_bytes(content)
    page = openpyxl.load_workbook(tmp_path / "l.xlsx")["台账"]
    assert page.cell(HEAD + 1, 2).value == "=cmd" and page.cell(HEAD + 1, 2).data_type == "s"
    assert page.cell(HEAD + 1, 2).quotePrefix
