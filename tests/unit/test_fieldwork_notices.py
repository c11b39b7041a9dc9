"""停救通知书: who gets one and who not, numbers that stay, and not a word beyond the evidence."""

from __future__ import annotations

import datetime as dt
import resource
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from papers_sample import Field, small_field, words

from pipeline import vault
from pipeline.errors import BadInput
from pipeline.ledger.store import opened

D = dt.date


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Field:
    return small_field(tmp_path_factory.mktemp("field"))


@pytest.fixture
def field(base: Field, tmp_path: Path) -> Field:
    return Field(Path(shutil.copytree(base.folder, tmp_path / "field")))


def test_a_notice_says_what_the_evidence_says(field: Field) -> None:
    stop = field.stops("dibao")[0]
    note = "户内停放货车一辆，户主称用于营运"
    field.visit(stop, "停保", income="不符", lives_here="否", note=note, work_true="不清楚")
    assert field.papers().notices == 1
    text = words(field.notices()[0])
    assert "停救〔2022〕1号" in text and f"编号{stop.household_no}" in text and f"{stop.name}：" in text
    assert "2022年10月10日，核查人员张核、李查入户，见到本人，核查记录由本人签名。" in text
    assert "经查，收入与系统、档案不符。" in text
    assert "走访邻居，邻居反映该户不在此常住。" in text  # who did not know says nothing
    assert f"核查人员记录：{note}。" in text
    assert "低保家庭成员名下有机动车：粤F00001。（《最低生活保障审核确认办法》第十四条）" in text
    assert "依据《社会救助暂行办法》第十三条，决定自2022年11月起停止发放最低生活保障金。" in text
    assert "60日内" in text and "6个月内" in text and "2022年10月26日" in text
    for absent in ("已排除的收入疑点", "漏填", "家庭成员与登记的不符", "公示", "{{", "{%"):
        assert absent not in text


def test_without_findings_only_the_visit_speaks(field: Field) -> None:
    stop = field.stops("dibao")[1]
    field.visit(stop, "停保", note="全家已迁居外地")
    field.papers()
    text = words(field.notices()[0])
    assert "核查人员记录：全家已迁居外地。" in text and "信息比对" not in text and "邻居" not in text


def test_a_tekun_person_is_addressed_and_the_end_is_made_public(field: Field) -> None:
    field.visit(field.stops("tekun")[1], "停保", note="本人已恢复劳动能力")
    field.papers()
    text = words(field.notices()[0])
    assert "\n你（特困，" in text and "终止特困人员救助供养" in text and "公示7日" in text
    assert "第二十四条" in text and "保障对象" not in text


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"met": "否"}, "未见到本人，也没有写明原因"),
        ({"met": "", "note": "有车"}, "没有填是否见到本人"),
        ({"signature": "未签", "signed_by": "", "note": "有车"}, "核查记录未签字"),
        ({"signature": "未签", "signed_by": "", "proxy_reason": "拒签", "note": "有车"}, "核查记录未签字（拒签）"),
        ({"signed_by": "代签", "note": "有车"}, "核查记录由他人代签，没有写明原因"),
        ({"signed_by": "", "note": "有车"}, "核查记录没有注明签字人"),
        ({"income": "不符"}, "没有写明停保的事实"),
    ],
)
def test_what_lacks_something_gets_no_notice_and_is_told(field: Field, answers: dict[str, Any], told: str) -> None:
    stop = field.stops("dibao")[1]
    field.visit(stop, "停保", **answers)
    done = field.papers()
    assert (done.notices, done.waiting, field.notices()) == (0, 1, [])
    row = field.sheet("停保注销清单", "待补正")
    assert [r["家庭编号"] for r in row] == [stop.household_no] and told in row[0]["缺什么"]
    assert field.sheet("停保注销清单", "停保注销清单") == []


@pytest.mark.parametrize(
    "answers",
    [
        {"met": "否", "note": "本人住院，其子在家；户内有车"},
        {"signed_by": "代签", "proxy_reason": "本人不识字，其子代签", "note": "有车"},
        {"signature": "按手印", "note": "有车"},
    ],
)
def test_what_has_its_reason_gets_one(field: Field, answers: dict[str, Any]) -> None:
    field.visit(field.stops("dibao")[1], "停保", **answers)
    assert field.papers().notices == 1


def test_who_died_alone_is_cancelled_without_a_notice(field: Field) -> None:
    dead = field.stops("tekun")[-1]
    field.visit(
        dead, "停保", met="否", signature="未签", signed_by="", proxy_reason="已死亡", note="邻居称已于六月去世"
    )
    done = field.papers()
    assert (done.notices, done.died, done.waiting, field.notices()) == (0, 1, 0, [])
    [row] = field.sheet("停保注销清单", "停保注销清单")
    assert (row["家庭编号"], row["通知书"], row["停发起"]) == (dead.household_no, "本人已死亡，不发", "死亡次月")
    # without the finding it is an unsigned visit like any other
    assert field.papers(run=False).waiting == 1


@pytest.mark.parametrize("conclusion", ["继续保障", "调整", "纳入", "无法核实"])
def test_no_other_conclusion_gives_a_notice(field: Field, conclusion: str) -> None:
    field.visit(field.stops("dibao")[0], conclusion, note="有车")
    done = field.papers()
    assert (done.notices, done.waiting, field.notices()) == (0, 0, [])


def test_numbers_count_on_and_stay(field: Field) -> None:
    first, second, third = [*field.stops("dibao")[:2], field.stops("tekun")[0]]
    field.visit(second, "停保", note="有车")
    field.papers()
    before = {p.name: p.read_bytes() for p in field.notices()}
    assert list(before) == [f"停救通知书-2022-001-{second.town}.docx"]
    assert not field.papers().kept and {p.name: p.read_bytes() for p in field.notices()} == before
    field.visit(first, "停保", note="有车")
    field.visit(third, "停保", note="已有劳动能力")
    field.papers(D(2022, 10, 28))
    after = {p.name: p.read_bytes() for p in field.notices()}
    assert len(after) == 3 and before.items() <= after.items()
    assert [int(name.split("-")[2]) for name in after] == [1, 2, 3]
    assert "2022年10月28日" in words(field.notices()[1]) and "2022年10月26日" in words(field.notices()[0])


def test_another_year_begins_at_one_and_an_earlier_day_is_refused(field: Field) -> None:
    one, two, three = field.stops("dibao")
    field.visit(one, "停保", note="有车")
    field.papers()
    field.visit(two, "停保", note="有车")
    with pytest.raises(BadInput, match="notices of 2022-10-26 are numbered already"):
        field.papers(D(2022, 10, 25))
    assert len(field.notices()) == 1
    field.papers(D(2023, 1, 4))
    field.visit(three, "停保", note="有车")
    field.papers(D(2023, 1, 5))
    assert [p.name[6:14] for p in field.notices()] == ["2022-001", "2023-001", "2023-002"]
    assert "决定自2023年2月起" in words(field.notices()[1])


def test_a_changed_answer_takes_the_notice_back_but_not_its_number(field: Field) -> None:
    one, two = field.stops("dibao")[:2]
    field.visit(one, "停保", note="有车")
    field.visit(two, "停保", note="有房")
    field.papers()
    gone = field.notices()[0].name
    field.visit(one, "继续保障", note="车已于上月转出")
    done = field.papers()
    assert done.notices == 1 and done.void == (f"作废-{gone}",)
    assert [p.name for p in field.notices()] == [f"停救通知书-2022-002-{two.town}.docx"]
    assert (field.out / "停救通知书" / f"作废-{gone}").is_file()
    changed = field.sheet("停保注销清单", "编号后有变")
    assert [(r["通知书"], r["现在的结论"]) for r in changed] == [("停救〔2022〕1号", "继续保障")]
    field.visit(one, "停保", note="复核：车仍在名下")
    field.papers(D(2022, 11, 2))
    assert field.notices()[0].name == gone
    assert "2022年10月26日" in words(field.notices()[0])  # the day of its number


def test_another_visit_is_another_decision_under_the_same_number(field: Field) -> None:
    stop = field.stops("dibao")[0]
    field.visit(stop, "停保", note="有车")
    field.papers()
    field.visit(stop, "停保", D(2022, 11, 3), note="复核：车仍在名下")
    with pytest.raises(
        BadInput, match=r"visited on 2022-11-03, after the day of the decision — give --issued 2022-11-03"
    ):
        field.papers(D(2022, 11, 2))
    field.papers(D(2022, 11, 4))
    text = words(field.notices()[0])
    assert "停救〔2022〕1号" in text and "2022年11月3日，核查人员" in text and "2022年11月4日" in text
    assert "自2022年12月起" in text
    [row] = field.sheet("停保注销清单", "编号后有变")
    assert "原决定日期2022-10-26" in row["怎样处理"]
    before = field.notices()[0].read_bytes()
    field.papers(D(2022, 11, 9))  # no visit since: nothing is decided again
    assert field.notices()[0].read_bytes() == before


def test_a_correction_that_takes_the_signature_away_voids_the_paper(field: Field) -> None:
    stop = field.stops("dibao")[0]
    field.visit(stop, "停保", note="有车")
    field.papers()
    name = field.notices()[0].name
    field.visit(stop, "停保", note="有车", signature="未签", signed_by="", proxy_reason="拒签")
    done = field.papers()
    assert (done.notices, done.waiting, done.void, field.notices()) == (0, 1, (f"作废-{name}",), [])
    assert field.sheet("停保注销清单", "待补正")[0]["已有编号"] == "停救〔2022〕1号"


def test_a_decision_is_not_dated_before_the_visit(field: Field) -> None:
    field.visit(field.stops("dibao")[0], "停保", note="有车")
    with pytest.raises(BadInput, match="after the day of the decision"):
        field.papers(D(2022, 10, 9))
    assert not field.out.exists()


def test_a_correction_of_the_facts_is_told_and_the_earlier_paper_kept(field: Field) -> None:
    stop = field.stops("dibao")[0]
    field.visit(stop, "停保", note="有车")
    field.papers()
    field.visit(stop, "停保", note="有车两辆")
    done = field.papers()
    name = field.notices()[0].name
    old = name.replace(".docx", ".旧1.docx")
    assert f"停救通知书/{old}" in done.kept
    assert "有车两辆" in words(field.out / "停救通知书" / name)
    assert "有车。" in words(field.out / "停救通知书" / old)
    assert "请重新送达" in field.sheet("停保注销清单", "编号后有变")[0]["怎样处理"]


def test_a_number_is_not_kept_when_the_papers_could_not_be_written(field: Field) -> None:
    field.visit(field.stops("dibao")[0], "停保", note="有车")
    field.out.write_text("a file in the folder's place")
    with pytest.raises(BadInput, match="a file, not a folder"):
        field.papers()
    with opened(field.ledger) as con:
        assert con.execute("SELECT count(*) FROM notice").fetchone() == (0,)


def test_a_finding_that_a_ruling_dismissed_is_not_quoted(field: Field) -> None:
    field.visit(field.stops("dibao")[0], "停保", note="全家迁出")
    with opened(field.ledger) as con:
        con.execute(
            "INSERT INTO ruling BY NAME SELECT 1 AS ruling_no, 'finding' AS kind, 'f1' AS subject, "
            "'confirmed' AS verdict, now()::TIMESTAMP AS recorded_at"
        )
        assert "粤F00001" in _only(field)
        con.execute(
            "INSERT INTO ruling BY NAME SELECT 2 AS ruling_no, 'finding' AS kind, 'f1' AS subject, "
            "'dismissed' AS verdict, now()::TIMESTAMP AS recorded_at"
        )
    assert "粤F00001" not in _only(field)


def _only(field: Field) -> str:
    field.papers()
    return words(field.notices()[0])


def test_text_of_the_visitors_cannot_become_a_template_or_break_the_paper(field: Field) -> None:
    note = "甲<乙> & {{ 户主 }} {% for x in y %}\x0b\x00末"
    field.visit(field.stops("dibao")[0], "停保", note=note)
    field.papers()
    assert "甲&lt;乙&gt; &amp; {{ 户主 }} {% for x in y %} 末" in words(field.notices()[0])


def test_only_the_owner_can_read_it(field: Field) -> None:
    field.visit(field.stops("dibao")[0], "停保", note="有车")
    field.papers()
    for path in [field.out, *field.out.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert not list(field.out.rglob(".new-*"))


def test_no_paper_bears_a_number_that_the_ledger_could_not_keep(field: Field, tmp_path: Path) -> None:
    """The ledger cannot be sealed again, as on a full disk; the papers themselves would have had room."""
    vault.write_new_key(tmp_path / "key")
    field.visit(field.stops("dibao")[0], "停保", note="有车")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with vault.in_use(vault.key_of((tmp_path / "key").read_text(), "the test")):
        with opened(field.ledger):
            pass
        resource.setrlimit(resource.RLIMIT_FSIZE, (vault.sealed_name(field.ledger).stat().st_size // 2, hard))
        try:
            with pytest.raises(BadInput, match="no room left"):
                field.papers()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert [p for p in field.out.rglob("*") if p.is_file()] == []
        with opened(field.ledger) as con:
            assert con.execute("SELECT count(*) FROM notice").fetchone() == (0,)
        assert field.papers().notices == 1 and len(field.notices()) == 1
