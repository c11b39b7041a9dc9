"""Group reports, lists, the results table; a bureau's own templates; what is refused."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from docx import Document
from papers_sample import Field, small_field, words

from pipeline import vault
from pipeline.errors import BadInput
from pipeline.fieldwork.papers.make_templates import TEMPLATES, template
from pipeline.fieldwork.papers.papers import plan_of
from pipeline.fieldwork.papers.render import Papers
from pipeline.fieldwork.papers.template_names import NAMES, NOTICE, REPORT, explained
from pipeline.ledger.rulings import add_rulings
from pipeline.ledger.store import opened

D = dt.date


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Field:
    return small_field(tmp_path_factory.mktemp("field"))


@pytest.fixture
def field(base: Field, tmp_path: Path) -> Field:
    return Field(Path(shutil.copytree(base.folder, tmp_path / "field")))


def report(field: Field, group: str) -> str:
    return words(field.out / f"小组核查报告-{group}.docx")


def test_a_report_counts_and_tells_every_case(field: Field) -> None:
    one, two = field.stops("dibao", party=1)[:2]
    field.visit(one, "停保", note="有车")
    field.visit(two, "调整", note="少一人", persons="不符")
    by = field.stops("borderline", party=1)[0]
    field.visit(
        by, "无法核实", met="否", signature="未签", signed_by="", proxy_reason="外出", note="无人在家", income="未查"
    )
    zc = field.stops("expenditure", party=1)[0]
    field.visit(zc, "纳入", signed_by="代签", proxy_reason="不识字", note="母亲一级残疾")
    field.papers()
    text = report(field, "第一组")
    own = [s for s in field.plan.stops if s.party == 1]
    assert f"应核查{len(own)}户（人），已有核查结论4户（人），没有结论{len(own) - 4}户（人）" in text
    assert "核查乐城、长来。" in text and "draw-2022-10-round1.json" in text
    for told in ("拟停保1户（人）：", "拟调整1户（人）：", "拟纳入1户（人）：", "无法核实1户（人）："):
        assert told in text
    assert f"{one.household_no}）。2022年10月" in text and "核查人员记录：有车。" in text
    assert "经查，人员与系统、档案不符。" in text
    assert "未见到本人；核查记录未签字（外出）；说明：无人在家。" in text
    assert "核查记录由他人代签名（不识字）" in text
    assert "未查收入" in text and "没有核查结论的" in text
    # the list of all: a row a household, with its conclusion
    table = Document(str(field.out / "小组核查报告-第一组.docx")).tables[-1]
    rows = [[c.text for c in row.cells] for row in table.rows][1:]
    assert [r[3].split("\n")[1] for r in rows] == [s.household_no for s in own]
    assert [r[6] for r in rows].count("未查") == len(own) - 4
    other = report(field, "第二组")
    assert one.household_no not in other and "拟停保0户（人）。" in other and "尚未入户" in other


def test_the_tables_of_a_report_add_up(field: Field) -> None:
    for n, stop in enumerate(s for s in field.plan.stops if s.party == 1):
        if n % 2:
            field.visit(stop, ("继续保障", "停保", "调整")[n % 3], note="…")
    field.papers()
    for table in Document(str(field.out / "小组核查报告-第一组.docx")).tables[:2]:
        rows = [[c.text for c in row.cells] for row in table.rows]
        body = [[int(x) for x in r[1:]] for r in rows[1:-1]]
        total = [int(x) for x in rows[-1][1:]]
        assert [sum(c) for c in zip(*body, strict=True)] == total
        for planned, done, *conclusions, waiting in [*body, total]:
            assert planned == done + waiting and done == sum(conclusions)


def test_the_report_says_when_it_is_due(field: Field) -> None:
    own = [s for s in field.plan.stops if s.party == 1]
    field.papers()
    assert "尚有未完成的户，按计划的最后一天2022年10月12日后7个工作日内推算" in report(field, "第一组")
    for stop in own:
        field.visit(stop, "继续保障", D(2022, 10, 17))
    field.papers()
    assert "报送期限：2022年10月26日（最后一次入户2022年10月17日后7个工作日内）。" in report(field, "第一组")


def test_without_an_audit_it_is_said_that_findings_were_not_looked_up(field: Field) -> None:
    field.visit(field.stops("dibao")[0], "停保", note="有车")
    field.papers(run=False)
    assert "没有给出信息比对结果" in report(field, "第一组")
    assert "粤F00001" not in words(field.notices()[0])
    cover = pl.read_excel(field.out / "停保注销清单.xlsx", sheet_name="说明", has_header=False, engine="calamine")
    assert any("没有给出信息比对结果" in str(v) for row in cover.rows() for v in row)


def test_the_lists(field: Field) -> None:
    db, by = field.stops("dibao")[0], field.stops("borderline")[0]
    flagged, differs, same, ended = field.stops("tekun")[:4]
    field.visit(db, "停保", note="有车")
    field.visit(by, "纳入", note="父亲二级残疾，未列入保障")
    field.visit(flagged, "继续保障")
    care = {s.unit: s for s in (differs, same, ended)}
    classes = {unit: _drawn_class(field, unit) for unit in care}
    wrong = {"全自理": "失能", "半失能": "全自理", "失能": "半失能"}
    field.visit(differs, "调整", self_care=wrong[classes[differs.unit]], note="能力有变")
    field.visit(same, "继续保障", self_care=classes[same.unit])
    field.visit(ended, "停保", self_care=wrong[classes[ended.unit]], note="已有劳动能力")
    field.papers()
    stopped = field.sheet("停保注销清单", "停保注销清单")
    assert [r["家庭编号"] for r in stopped] == [s.household_no for s in field.plan.stops if s in (db, ended)]
    assert all(len(r["证件号"]) == 18 and r["停发起"] == "2022年11月" for r in stopped)
    [included] = field.sheet("纳入办理清单", "纳入办理清单")
    assert (included["家庭编号"], included["核查情况"]) == (by.household_no, "核查人员记录：父亲二级残疾，未列入保障。")
    reassess = {r["家庭编号"]: r for r in field.sheet("护理复评清单", "护理复评清单")}
    assert set(reassess) == {flagged.household_no, differs.household_no}
    assert "应为全护理" in reassess[flagged.household_no]["为什么复评"]
    assert reassess[differs.household_no]["核实自理能力"] == wrong[classes[differs.unit]]


def test_what_towns_confirmed_outside_the_draw_is_listed_too(field: Field) -> None:
    assert _confirmed(field) == ([], [])
    flagged = field.stops("tekun")[0]
    field.visit(flagged, "继续保障")
    with opened(field.ledger) as con:
        told = pl.DataFrame(
            [
                {"kind": "finding", "subject": subject, "verdict": verdict, "reason": "入户看过", "decided_by": "王某",
                 "decided_on": D(2022, 10, 20)}
                for subject, verdict in (("f4", "confirmed"), ("f6", "confirmed"), ("f7", "confirmed"),
                                         ("f8", "confirmed"), ("gone", "confirmed"))
            ]
        )  # fmt: skip
        add_rulings(con, told)
    [omitted], [level] = _confirmed(field)
    assert (omitted["户主"], omitted["证件号"], omitted["疑点"]) == (
        "漏某",
        "440281194001011234",
        "持有一级残疾证，未在册。",
    )
    assert omitted["镇街核实"] == "入户看过，王某，2022-10-20"
    # f8 is no matter of the level; f4's person stands on the first sheet
    assert level["家庭编号"] == "TK999"
    [visited] = field.sheet("护理复评清单", "护理复评清单")
    assert visited["家庭编号"] == flagged.household_no and "镇街已核实的疑点" in visited["为什么复评"]
    with opened(field.ledger) as con:
        add_rulings(con, pl.DataFrame([{"kind": "finding", "subject": "f6", "verdict": "dismissed"}]))
    assert _confirmed(field)[0] == []


def _confirmed(field: Field) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    field.papers()
    return field.sheet("纳入办理清单", "镇街核实的漏保"), field.sheet("护理复评清单", "镇街核实的疑点")


def _drawn_class(field: Field, unit: str) -> str:
    """The care class of a tekun unit, from the sample's rule."""
    return ("全自理", "全自理", "半失能", "失能", "全自理")[int(unit[-3:]) % 5]


def test_a_bureaus_own_template_is_used(field: Field, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    document = Document(io.BytesIO(template(NOTICE)))
    document.paragraphs[0].runs[0].text = "某某县社会救助局 {{ 证件号 }}"
    document.save(str(own / f"{NOTICE}.docx"))
    stop = field.stops("dibao")[0]
    field.visit(stop, "停保", note="有车")
    field.papers(templates=own)
    number = field.sheet("停保注销清单", "停保注销清单")[0]["证件号"]
    assert words(field.notices()[0]).startswith(f"某某县社会救助局 {number}\n")
    assert "拟停保" in report(field, "第一组")  # the template that is not there is the program's


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ 不存在 }}", "不存在"),
        ("{% if %}", "cannot be filled in"),
        ("{{ ''.__class__.__mro__ }}", "cannot be filled in"),
        ("{{ '一' + 1 }}", "cannot be filled in"),
        ("{{ 1 / 0 }}", "cannot be filled in"),
    ],
)
def test_a_template_that_asks_for_what_there_is_not_is_refused(
    field: Field, tmp_path: Path, text: str, told: str
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    document = Document()
    document.add_paragraph(text)
    document.save(str(own / f"{REPORT}.docx"))
    with pytest.raises(BadInput, match=told) as e:
        field.papers(templates=own)
    assert "小组核查报告.docx" in str(e.value) and not field.out.exists()


def test_folders_of_templates_that_are_not_right_are_refused(field: Field, tmp_path: Path) -> None:
    own = tmp_path / "own"
    with pytest.raises(BadInput, match="no such folder"):
        field.papers(templates=own)
    own.mkdir()
    with pytest.raises(BadInput, match="holds no template"):
        field.papers(templates=own)
    (own / "停救通知.docx").write_bytes(b"")
    with pytest.raises(BadInput, match=r"停救通知\.docx: it is none of the templates"):
        field.papers(templates=own)
    (own / "停救通知.docx").rename(own / f"{REPORT}.docx")
    with pytest.raises(BadInput, match=r"not a Word file"):
        field.papers(templates=own)


def test_every_name_of_the_templates_is_explained_and_every_explained_one_is_given() -> None:
    import re
    import zipfile

    text = explained()
    for name in TEMPLATES:
        with zipfile.ZipFile(io.BytesIO(template(name))) as file:
            xml = re.sub("<[^>]+>", "", file.read("word/document.xml").decode())
        loops = set(re.findall(r"for (\S+) in", xml))
        used = set(re.findall(r"\{\{ (\w+)", xml)) | set(re.findall(r"in (\w+) %", xml))
        used |= set(re.findall(r"(?:if|else) (?:not )?(\w+)", xml))
        unknown = used - loops - set(NAMES[name]) - {"loop"}
        assert not unknown, (name, unknown)
        assert all(f"{{{{ {key} }}}}" in text for key in NAMES[name])


def test_a_reports_values_are_those_explained(field: Field) -> None:
    from pipeline.fieldwork.papers.cases import cases_of
    from pipeline.fieldwork.papers.notices import notice_values, numbered
    from pipeline.fieldwork.papers.register import Entry
    from pipeline.fieldwork.papers.report import report_values
    from pipeline.fieldwork.progress.status import due_of
    from pipeline.fieldwork.workdays import Workdays
    from pipeline.ledger.store import opened
    from pipeline.policy import pack_for

    policy = pack_for("2022-10")
    field.visit(field.stops("dibao")[0], "停保", note="有车")
    with opened(field.ledger) as con:
        cases = cases_of(field.plan, con)
        stops = numbered(cases, con, "2022-10", D(2022, 10, 26))
    due = due_of([c for c in cases if c.stop.party == 1], policy, Workdays())
    values = report_values(field.plan, 1, cases, due, looked_up=False, days=7, today=D(2022, 10, 26))
    assert set(values) == set(NAMES[REPORT])
    entry = Entry("甲", "", 1, 1, "", "", None, "")
    assert set(notice_values(stops.noticed[0], entry, policy)) == set(NAMES[NOTICE])


def test_an_earlier_report_that_somebody_wrote_in_is_kept(field: Field) -> None:
    field.papers()
    path = field.out / "小组核查报告-第一组.docx"
    path.write_bytes(b"filled in by hand")
    done = field.papers()
    assert done.kept == ("小组核查报告-第一组.旧1.docx",)
    assert (field.out / "小组核查报告-第一组.旧1.docx").read_bytes() == b"filled in by hand"
    assert "核查报告" in words(path)


class Looking(Papers):
    """Papers that note what lies in the private room while the next one is made."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def paper(self, name: str, values: Mapping[str, Any]) -> bytes:
        self.seen |= {p.name for p in vault.room().rglob("*.docx")}
        return super().paper(name, values)


def test_what_is_not_yet_in_its_place_lies_in_the_private_room(field: Field) -> None:
    """Killed there, it is wiped by the next start."""
    papers = Looking()
    field.papers(papers=papers)
    assert papers.seen and papers.seen <= {p.name for p in field.out.rglob("*.docx")}
    assert not list(vault.room().rglob("*.docx"))


def test_inputs_that_do_not_belong_together_are_refused(field: Field, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="other certificates"):
        plan_of(field.plan_file, [field.plan_file])
    with pytest.raises(BadInput, match="no such ledger"):
        Field(field.folder).ledger.unlink()
        field.papers()
    assert not field.ledger.exists() and not field.out.exists()
    shutil.copytree(field.run, tmp_path / "other")
    (field.run / "run.json").write_text(json.dumps({"month": "2022-09"}), encoding="utf-8")
    from pipeline.ledger.store import opened

    with opened(field.ledger):
        pass
    with pytest.raises(BadInput, match="the audit is of 2022-09, the plan of 2022-10"):
        field.papers()
    for roster in field.drop.glob("*.csv"):
        roster.write_text(roster.read_text(encoding="utf-8").replace("DB", "DX"), encoding="utf-8")
    with pytest.raises(BadInput, match="households are not in the drop"):
        field.papers(run=False)
    assert not field.out.exists()
