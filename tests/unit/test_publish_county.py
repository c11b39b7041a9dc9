"""The county's workbook, the run's record and the blank templates."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from publish_sample import MONTH, Publication, sample, with_linkage

from pipeline.contract import TOWNS
from pipeline.processes import beside
from pipeline.publish import Workbooks, county_job, write_county, write_run_json
from pipeline.publish.quality import quality
from pipeline.publish.words import CATEGORIES, few


@pytest.fixture(scope="module")
def pub() -> Publication:
    return sample()


@pytest.fixture(scope="module")
def book(pub: Publication, tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    path = write_county(pub, tmp_path_factory.mktemp("county") / MONTH)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return openpyxl.load_workbook(path)


@pytest.mark.parametrize("apart", [True, False])
def test_whoever_writes_it_the_bytes_are_the_same(pub: Publication, tmp_path: Path, apart: bool) -> None:
    here = write_county(pub, tmp_path / "here").read_bytes()
    there = tmp_path / "there"
    with beside(apart=apart, first=os.getpid) as worker:
        workbooks = Workbooks(pub, there, worker=worker)
        workbooks.also(county_job(pub, there))
        towns = workbooks.finish()
    assert (there / "county.xlsx").read_bytes() == here
    assert len(towns) > 1 and {path.parent.name for path in towns} == {"towns"}


def rows(book: openpyxl.Workbook, name: str) -> list[dict[str, object]]:
    found = list(book[name].iter_rows(min_row=3, values_only=True))
    return [dict(zip(found[0], r, strict=True)) for r in found[1:]]


def test_sheets(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == [
        "说明", "总览", "涉及金额", "数据完整", "档案完整", "环比", "来源数据", "输入文件", "退回单元格", "未核查",
        "政策参数", "比对情况",
    ]  # fmt: skip


def test_overview_adds_up(pub: Publication, book: openpyxl.Workbook) -> None:
    found = rows(book, "总览")
    lines = [r for r in found if r["序号"] is not None]
    assert len(lines) == len(pub.rules) and sum(int(str(r["合计"])) for r in lines) == 400
    for r in found:
        assert sum(int(str(r[t])) for t in TOWNS) == r["合计"]
    assert found[-1]["疑点类型"] == "合计" and found[-1]["合计"] == 400
    totals = {str(r["疑点类型"]): r["合计"] for r in found if r["序号"] is None}
    assert totals["疑似漏保小计"] == sum(int(str(r["合计"])) for r in lines if r["类别"] == "疑似漏保")
    truth = pub.engine.rows("SELECT count(*) FROM findings WHERE town = '长来' AND rule_id = 'vehicle_owned'").item()
    assert next(r for r in lines if r["疑点类型"] == "名下有机动车")["长来"] == truth
    assert book["总览"].conditional_formatting


def test_each_list_states_its_expected_false_flags(pub: Publication, book: openpyxl.Workbook) -> None:
    query = """SELECT category, coalesce(screened, false) AND category = 'missing', count(*),
                      count(*) FILTER (confidence = 'certain'), sum(1 - match_probability)
               FROM findings GROUP BY ALL"""
    cover = {r[0]: r[1:4] for r in book["说明"].iter_rows(values_only=True)}
    seen = 0
    for category, screened, n, certain, wrong in pub.engine.rows(query).iter_rows():
        name = "疑似漏保（有排除情形）" if screened else CATEGORIES[category]
        told, count, expected = cover[name]
        assert count == n and told.startswith(f"确定{certain}条，可能{n - certain}条")
        assert ("未推算" in told) == (category in ("data", "archive"))
        assert expected == f"预计误报{few(wrong)}条"
        seen += 1
    assert seen == 7
    lines = [r for r in rows(book, "总览") if r["序号"] is not None]
    one = next(r for r in lines if r["疑点类型"] == "名下有机动车")
    query = "SELECT sum(1 - match_probability) FROM findings WHERE rule_id = 'vehicle_owned'"
    assert one["预计误报"] == few(pub.engine.rows(query).item()) != "0"


def test_money_at_stake_by_rule_and_town(pub: Publication, book: openpyxl.Workbook) -> None:
    query = "SELECT rule_id, town, sum(money) AS yuan FROM findings WHERE money IS NOT NULL GROUP BY ALL"
    found = {(pub.titles[r], t): float(yuan) for r, t, yuan in pub.engine.rows(query).iter_rows()}
    lines = rows(book, "涉及金额")
    shown = {(r["疑点类型"], t): r[t] for r in lines[:-1] for t in TOWNS if r[t] is not None}
    assert shown == found and len({rule for rule, _ in shown}) == 2
    assert lines[-1]["合计（元）"] == pytest.approx(sum(found.values()))
    overview = {r["疑点类型"]: r["涉及金额（元）"] for r in rows(book, "总览")}
    assert overview["合计"] == overview["资金发放小计"] == pytest.approx(sum(found.values()))
    assert overview["名下有机动车"] is None


def test_completeness_counts_the_people_without_a_gap(pub: Publication, book: openpyxl.Workbook) -> None:
    data = rows(book, "数据完整")
    bad = pub.engine.rows(
        "SELECT count(DISTINCT d.record_id) FROM dibao d JOIN findings f ON f.record_id = d.record_id"
        " WHERE f.category = 'data' AND f.scheme = 'dibao'"
    ).item()
    assert bad > 0
    assert data[-1]["镇街"] == "全县" and data[-1]["核查行数"] == 1140 and data[-1]["有缺漏行数"] == bad
    assert data[-1]["齐全率"] == pytest.approx((1140 - bad) / 1140)
    assert len(data) == len(TOWNS) + 1 and "特困" in str(book["数据完整"]["A2"].value)
    assert rows(book, "档案完整")[-1]["核查户数"] == 1140


def test_without_suites_completeness_says_not_examined(tmp_path: Path) -> None:
    pub = sample(0)
    rules = [r for r in pub.rules if r.category not in ("data", "archive")]
    pub.engine.run(
        "INSERT INTO not_run VALUES ('document_missing', '缺少材料', 'archive', 'check', "
        "'缺少数据：档案目录（archive）')"
    )
    write_county(replace(pub, suites=[], rules=rules), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "county.xlsx")
    assert book["档案完整"]["A4"].value == "未核查：缺少数据：档案目录（archive）"
    assert str(book["数据完整"]["A4"].value).startswith("未核查：")


def test_month_on_month(pub: Publication, book: openpyxl.Workbook, tmp_path: Path) -> None:
    line = next(r for r in rows(book, "环比") if r["疑点类型"] == "名下有机动车")
    assert (line["上月待核实"], line["增减"]) == (30, int(str(line["本月待核实"])) - 30)
    assert line["本月待核实"] == int(str(line["新增"])) + int(str(line["延续"])) + int(str(line["复发"]))
    write_county(replace(pub, previous=None), tmp_path)
    first = openpyxl.load_workbook(tmp_path / "county.xlsx")
    assert "首月" in str(first["环比"]["A2"].value)
    assert {r["上月待核实"] for r in rows(first, "环比")} == {None}


def test_a_file_of_two_sheets_that_came_before_is_one_file(pub: Publication) -> None:
    one, two, *others = pub.inputs
    inputs = [one, replace(two, path=one.path, sheet="另一张", sha256=one.sha256), *others]
    again = replace(pub, inputs=inputs, same_files=frozenset({one.sha256}), month_before="2022-08")
    assert [i.path for i in again.repeated] == [one.path]
    assert again.repeated_zh == "与2022年8月文件完全相同", "no month in between was audited"
    assert again.repeated_told == ("byte for byte as in 2022-08: 1 of the files (dibao), a notice only",)
    assert pub.repeated == () == pub.repeated_told


def test_accounts(pub: Publication, book: openpyxl.Workbook) -> None:
    files = rows(book, "输入文件")
    assert len(files) == len(pub.inputs) + 1
    for f in files:
        assert f["读入行数"] == int(str(f["留用"])) + int(str(f["整行退回"])) + int(str(f["跳过"]))
    rejects = rows(book, "退回单元格")
    assert [(r["栏目"], r["原文"]) for r in rejects] == [
        ("身份证号", "4.40281E+17"), ("整行", None), ("登记日期", "=1+1"),
    ]  # fmt: skip
    cell = book["退回单元格"]["F6"]
    assert cell.value == "=1+1" and cell.data_type == "s" and cell.quotePrefix
    assert [(r["名称"], r["原因"]) for r in rows(book, "未核查")] == [
        ("在服刑仍在册", "缺少服刑数据"), ("未按期巡访", "缺少巡访记录"),
    ]  # fmt: skip
    assert len(rows(book, "政策参数")) == 2
    assert rows(book, "比对情况")[0] == {
        "序号": 1, "数据": "死亡", "比对方式": "证件号一致", "同一人": 18, "待人工比对": 18, "不是同一人": 0,
        "合计": 36,
    }  # fmt: skip


def test_quality_of_the_linkage(tmp_path: Path) -> None:
    pub = with_linkage(sample(0))
    book = openpyxl.load_workbook(write_county(pub, tmp_path))
    assert book.sheetnames[-2:] == ["比对质量", "候选查找"]
    lines = {(r["方面"], r["项目"]): r for r in rows(book, "比对质量")}
    assert [lines["比对结果", zh]["数值"] for zh in ("同一人", "待人工比对", "不是同一人")] == ["138", "27", "3"]
    # 120 links at 0.999
    assert (
        lines["预计认错", "由模型认定为同一人"]["数值"] == "120" and lines["预计认错", "其中预计认错"]["数值"] == "0.1"
    )
    assert lines["比对模型", "训练所用数据"]["数值"] == "示范数据"
    assert lines["数据变化", "身份证号"]["数值"] == "明显偏移" and "0.312" in str(lines["数据变化", "身份证号"]["说明"])
    weights = [int(str(r["数值"])) for (kind, _), r in lines.items() if kind == "证据分量"]
    assert sum(weights) == 129
    assert rows(book, "候选查找")[0] == {
        "序号": 1, "查找依据": "出生日期、性别与镇街（姓名缺失或有缺字）", "找到（对）": 88_031, "独有（对）": 22_480,
        "最大一组（条）": 1870, "放弃（对）": 3120,
    }  # fmt: skip
    about = [r[0] for r in book["说明"].iter_rows(values_only=True)]
    assert "比对质量" in about and "候选查找" in about


def test_linkage_in_run_json(tmp_path: Path) -> None:
    run = json.loads(write_run_json(with_linkage(sample(0)), tmp_path, []).read_text(encoding="utf-8"))["linkage"]
    assert run["decisions"] == {"link": 138, "review": 27, "reject": 3}
    assert (run["modelled_links"], run["expected_false_links"]) == (120, 0.12)
    assert run["model"]["version"] == "2022.1" and run["model"]["reach"] == 0.9987
    assert run["drift"][0] == {"field": "id", "psi": 0.312, "word": "明显偏移"}
    assert {b["block"]: b["dropped"] for b in run["blocking"]}["birth_sex_town"] == 3120
    bars = run["weights"]["bars"]
    assert bars[0] == {"at": 16, "link": 0, "review": 5} and [b["at"] for b in bars] == list(range(16, 60, 4))
    plain = json.loads(write_run_json(sample(0), tmp_path, []).read_text(encoding="utf-8"))["linkage"]
    assert plain["model"] is None and plain["drift"] == plain["blocking"] == plain["weights"]["bars"] == []


def test_run_json(pub: Publication, tmp_path: Path) -> None:
    stages = [{"name": "ingest", "seconds": 1.5, "peak_mib": 300}]
    path = write_run_json(pub, tmp_path, stages)
    run = json.loads(path.read_text(encoding="utf-8"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (run["version"], run["month"], run["stages"], run["not_run"]) == ("0.1.0", MONTH, stages, 2)
    assert run["policy"]["sha256"] == "ab" * 32
    assert len(run["inputs"]) == len(pub.inputs)
    assert set(run["inputs"][0]) == {
        "path", "sheet", "dataset", "sha256", "rows_read", "rows_kept", "rows_rejected", "rows_skipped",
    }  # fmt: skip
    assert sum(run["findings"]["by_rule"].values()) == run["findings"]["total"] == 400
    names = pub.engine.rows("SELECT name FROM findings UNION SELECT id_number FROM findings")["name"].to_list()
    assert not [n for n in names if n in path.read_text(encoding="utf-8")]


def test_a_rule_without_findings_is_counted_as_nought(tmp_path: Path) -> None:
    run = json.loads(write_run_json(sample(0), tmp_path, []).read_text(encoding="utf-8"))
    assert run["findings"]["by_rule"]["vehicle_owned"] == 0


def test_an_expected_number_of_wrong_links_that_is_small_is_not_told_as_none(tmp_path: Path) -> None:
    pub = with_linkage(sample(0))
    pub.engine.run("SELECT * REPLACE (CASE WHEN match_probability IS NOT NULL THEN 0.9999997 END AS match_probability) "
                   "FROM links", into="surer_links")  # fmt: skip
    surer = pub.engine.rows("SELECT * FROM surer_links")
    pub.engine.drop("links")
    pub.engine.load("links", surer)
    q = quality(pub)
    assert q.modelled == 120 and 0 < q.false_links < 0.001 and few(q.false_links) == "不到0.1"
    book = openpyxl.load_workbook(write_county(pub, tmp_path))
    assert [r["数值"] for r in rows(book, "比对质量") if r["项目"] == "其中预计认错"] == ["不到0.1"]
