"""The towns' sheets of gaps, from real checks: a line a person or household, a box a gap, every source, by village."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from checks_county import DOCUMENTS, MONTH, county, found, household, items, member
from publish_sample import Policy, sample

from checks.catalogue import rules
from pipeline.contract import DATASETS
from pipeline.engine.duck import DuckEngine
from pipeline.findings import record_checks
from pipeline.findings.rows import FINDING_SCHEMA
from pipeline.ledger import Ledger
from pipeline.publish import write_tables, write_workbooks
from pipeline.publish.publication import Publication
from pipeline.publish.tables import NOT_RUN, REJECTS

Rows = list[dict[str, object]]


def published(engine: DuckEngine, folder: Path) -> Publication:
    """The county's failing rows as findings, ready to be written."""
    checked = found(engine, "archive")
    engine.load("finding_rows", pl.DataFrame(schema=FINDING_SCHEMA))
    record_checks(engine, checked)
    Ledger(folder / "ledger.duckdb").compare(engine, MONTH)
    for id, shape in DATASETS.items():
        if not engine.exists(id):
            engine.create(id, shape.table_schema())
    engine.create("rejects", {c: "BIGINT" if c == "row" else "VARCHAR" for c in REJECTS})
    engine.create("not_run", dict.fromkeys(NOT_RUN, "VARCHAR"))
    return replace(sample(0), engine=engine, rules=list(rules().values()), policy=Policy())


def sheets(engine: DuckEngine, folder: Path, town: str = "长来") -> tuple[Rows, Rows]:
    """The town's lines of 数据缺项 and 档案缺件."""
    pub = published(engine, folder)
    write_workbooks(pub, folder)
    write_tables(pub, folder)
    book = openpyxl.load_workbook(folder / "towns" / f"{town}.xlsx")
    out = []
    for name in ("数据缺项", "档案缺件"):
        lines = list(book[name].iter_rows(min_row=3, values_only=True))
        out.append([dict(zip(map(str, lines[0]), r, strict=True)) for r in lines[1:]])
    return out[0], out[1]


@pytest.fixture(scope="module")
def gaps(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Rows, Rows]:
    rows = household({"sex": None, "health": None, "village": "三村"}, {"village": "三村"})
    rows += household({"village": None}, no="DB2", first=4)
    rows += household({"name": None, "village": "二村"}, no="DB3", first=5)
    rows += household(
        {"village": "二村", "category": "X"}, {"village": "二村", "labour_capacity": None}, no="DB4", first=6
    )
    archive = items(documents=("申请书",)) + items("DB2") + items("DB3", signed_by=None) + items("DB4")
    folder = tmp_path_factory.mktemp("gaps")
    return folder, *sheets(county(rows, archive), folder)


def test_gaps_of_a_person_share_a_line_with_a_box_each(gaps: tuple[Path, Rows, Rows]) -> None:
    _, data, _ = gaps
    line = next(r for r in data if r["家庭编号"] == "DB1")
    assert line["缺漏项目"] == "健康状况\n性别"
    assert line["疑点说明"] == "□ 1. “健康状况”为空，请补录。\n□ 2. “性别”为空，请补录。"
    assert line["来源"] == "低保.xlsx〔名册〕第00001行" and line["姓名"] == member(1)["name"]
    assert str(line["疑点编号"]).count("\n") == 1, "the machine has two"


def test_one_gap_has_a_box_and_no_number(gaps: tuple[Path, Rows, Rows]) -> None:
    _, data, _ = gaps
    line = next(r for r in data if r["家庭编号"] == "DB3")
    assert (line["疑点说明"], line["缺漏项目"]) == ("□ “姓名”为空，请补录。", "姓名")
    codes = next(r for r in data if r["家庭编号"] == "DB4" and "救助分类" in str(r["缺漏项目"]))
    assert str(codes["疑点说明"]).startswith("□ “救助分类”填为“X”，不在代码表内（应为：")


def test_lines_go_from_village_to_village_and_unknown_ones_last(gaps: tuple[Path, Rows, Rows]) -> None:
    _, data, archive = gaps
    assert [(r["村居"], r["家庭编号"]) for r in data] == [
        ("三村", "DB1"), ("二村", "DB3"), ("二村", "DB4"), ("二村", "DB4"), (None, "DB2"),
    ]  # fmt: skip
    assert [r["序号"] for r in data] == [1, 2, 3, 4, 5]
    assert [r["家庭编号"] for r in archive] == ["DB1", "DB3"]


def test_documents_of_a_household_share_a_line_and_all_their_sources_are_named(gaps: tuple[Path, Rows, Rows]) -> None:
    _, _, archive = gaps
    lacking, unsigned = archive
    assert str(lacking["缺漏项目"]).split("\n")[0] == "核对授权书" and str(lacking["缺漏项目"]).count("\n") == 7
    text = str(lacking["疑点说明"])
    assert text.count("□") == 8 and "□ 1. 档案缺少“核对授权书”，未经授权不得核对其经济状况，请补签归档。" in text
    assert lacking["来源"] == "低保.xlsx〔名册〕第00001行", "what is absent has no row of its own"
    # two documents, each with its row in the archive's list, and the household's own row
    assert sorted(str(unsigned["来源"]).split("\n")) == [
        "低保.xlsx〔名册〕第00005行",
        "档案.csv第DB3007行",
        "档案.csv第DB3009行",
    ]
    told = str(unsigned["疑点说明"]).split("\n")
    assert [t[:4] for t in told] == ["□ 1.", "□ 2."] and all("请补签；见档案.csv第" in t for t in told)


def test_nothing_is_capped_and_the_tables_keep_a_row_an_id(tmp_path: Path) -> None:
    blank = dict.fromkeys(("sex", "health", "village", "phone", "address", "area", "category", "cause", "start_month",
                           "bank_account", "account_holder", "per_capita_income", "labour_capacity"))  # fmt: skip
    archive = items(signed_by=None, signed_on=None)
    archive = [r | {"record_id": f"档案_{n}.csv#-#{n}", "file": f"档案_{n}.csv"} for n, r in enumerate(archive)]
    (data,), (documents,) = sheets(county(household(blank), archive), tmp_path)
    assert str(data["疑点说明"]).count("□") == len(blank)
    table = pl.read_parquet(tmp_path / "findings.parquet").filter(category="data")
    assert table.height == len(blank) == str(data["疑点编号"]).count("\n") + 1
    assert str(documents["来源"]).count("\n") == 2 and "等共" not in str(documents["来源"])


def test_a_row_held_against_another_says_where_the_other_is(tmp_path: Path) -> None:
    again = {k: member(1)[k] for k in ("name", "birth_date", "id_number", "sex")}
    (line,), _ = sheets(county(household({}, again), items()), tmp_path)
    assert line["来源"] == "低保.xlsx〔名册〕第00002行"
    assert "与同户另一行（低保.xlsx【名册】第1行）身份证号相同" in str(line["疑点说明"])


def test_whom_it_is_about_is_said_where_a_line_is_about_several(tmp_path: Path) -> None:
    people = household({}, {"name": "乙丙丁"}, {"name": "戊己庚"})
    papers = items(documents=tuple(d for d in DOCUMENTS if d != "核对授权书"))
    papers += [papers[0] | {"record_id": "档案.csv#-#99", "document": f"核对授权书（{people[0]['name']}）"}]
    _, (line,) = sheets(county(people, papers), tmp_path)
    assert line["姓名"] == "乙丙丁\n戊己庚"
    text = str(line["疑点说明"])
    assert "□ 1. 乙丙丁（家庭编号DB1）的档案缺少“核对授权书”" in text and "□ 2. 戊己庚（家庭编号DB1）的档案" in text
