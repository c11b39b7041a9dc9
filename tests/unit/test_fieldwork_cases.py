"""Which visit stands, which findings are open, and how both are put into words."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from papers_sample import GOOD

from pipeline.fieldwork.households import Household
from pipeline.fieldwork.papers.cases import Case, Flag, Visit, cases_of
from pipeline.fieldwork.papers.evidence import (
    case_words,
    ended,
    flag_words,
    found_words,
    signature_words,
    visitors_words,
)
from pipeline.fieldwork.papers.notices import lacking, notice_values, numbered
from pipeline.fieldwork.papers.register import Entry, entry_of
from pipeline.fieldwork.plan import Plan, Source, Stop
from pipeline.ledger.rulings import FINDING, add_rulings
from pipeline.ledger.store import opened
from pipeline.ledger.visits import VisitRow, add_visits
from pipeline.policy import pack_for

D = dt.date
STOP = Stop(
    "dibao:DB1", ("new_dibao",), ("aa",), "dibao", "DB1", "r1", "长来", "上坪", "甲", "上坪1号", "", 1, (1, 2),
    D(2022, 10, 10), 1, 1,
)  # fmt: skip


def visit(**answers: Any) -> Visit:
    filled = {k: v for k, v in (GOOD | {"conclusion": "停保"} | answers).items() if v != ""}
    return Visit(1, D(2022, 10, 10), filled["conclusion"], filled, "made")


def flag(rule: str = "vehicle_owned", category: str = "ineligible") -> Flag:
    return Flag(rule, category, "high", "名下有车", "第十四条")


def plan(*stops: Stop) -> Plan:
    every = sorted({c for s in stops for c in s.certificates})
    return Plan(
        "2022-10", tuple(Source("random", f"{c}.json", c, 1) for c in every), ((1, ("坪石",)), (2, ("长来",))), 8,
        D(2022, 10, 10), None, "x", (), stops, (),
    )  # fmt: skip


def finding(n: int, **other: Any) -> dict[str, Any]:
    return {
        "fingerprint": f"f{n}", "rule_id": "vehicle_owned", "category": "ineligible", "severity": "high",
        "confidence": "certain", "scheme": "dibao", "town": "长来", "household_no": "DB1", "record_id": "r1",
        "status": "new", "summary": f"疑点{n}", "basis": "第十四条",
    } | other  # fmt: skip


def audit(folder: Path, *rows: dict[str, Any]) -> Path:
    folder.mkdir()
    pl.DataFrame(rows).write_parquet(folder / "findings.parquet")
    (folder / "run.json").write_text(json.dumps({"month": "2022-10"}), encoding="utf-8")
    return folder


def test_a_notice_may_rest_on_a_finding_alone_but_not_on_one_of_another_kind() -> None:
    assert lacking(Case(STOP, visit(), (flag(),))) == ()
    for category in ("payment", "care", "missing"):
        [told] = lacking(Case(STOP, visit(), (flag(category=category),)))
        assert "没有写明停保的事实" in told


def test_a_visit_without_its_day_gives_no_notice() -> None:
    assert lacking(Case(STOP, replace(visit(note="有车"), visited_on=None), ())) == ("没有入户日期",)


def test_everything_that_is_lacking_is_told_at_once() -> None:
    bare = Visit(1, None, "停保", {"conclusion": "停保"}, "made")
    assert len(lacking(Case(STOP, bare, ()))) == 4


def test_the_answer_recorded_last_stands_also_between_two_certificates(tmp_path: Path) -> None:
    stop = replace(STOP, certificates=("aa", "bb"))
    rows = [
        VisitRow(draw, stop.unit, stop.town, 1, D(2022, 10, day), conclusion, GOOD | {"conclusion": conclusion}, source)
        for draw, day, conclusion, source in (("aa", 10, "停保", "1"), ("bb", 10, "停保", "1"), ("aa", 12, "调整", "2"))
    ]
    with opened(tmp_path / "ledger.duckdb") as con:
        for row in rows:
            add_visits(con, [row])
        [case] = cases_of(plan(stop), con)
    assert (case.conclusion, case.visit and case.visit.visited_on) == ("调整", D(2022, 10, 12))


def test_visits_of_other_draws_are_not_looked_at(tmp_path: Path) -> None:
    row = VisitRow("zz", STOP.unit, STOP.town, 1, D(2022, 10, 10), "停保", GOOD, "1")
    with opened(tmp_path / "ledger.duckdb") as con:
        add_visits(con, [row])
        [case] = cases_of(plan(STOP), con)
    assert case.visit is None and case_words(case) == "尚无核查结果"


def test_open_findings_are_those_that_nobody_closed(tmp_path: Path) -> None:
    rows = [finding(1), finding(2, status="resolved"), finding(3), finding(4), finding(5, severity="low"),
            finding(6, household_no="DB2"), finding(7, category="data"), finding(8, scheme="tekun")]  # fmt: skip
    rulings = [("f1", "confirmed"), ("f3", "dismissed"), ("f4", "confirmed"), ("f4", "mended"), ("f5", "dismissed"),
               ("f5", "in_process")]  # fmt: skip
    with opened(tmp_path / "ledger.duckdb") as con:
        for n, (subject, verdict) in enumerate(rulings, 1):
            con.execute(
                "INSERT INTO ruling BY NAME SELECT ? AS ruling_no, 'finding' AS kind, ? AS subject, ? AS verdict, "
                "now()::TIMESTAMP AS recorded_at",
                [n, subject, verdict],
            )
        [case] = cases_of(plan(STOP), con, audit(tmp_path / "2022-10", *rows))
    assert [(f.summary, f.confirmed) for f in case.flags] == [("疑点1", True), ("疑点5", False)]


@pytest.mark.parametrize(("until", "open_again"), [("2022-10-31", False), ("2022-10-30", True)])
def test_a_dismissal_that_has_expired_by_the_end_of_the_month_closes_nothing(
    tmp_path: Path, until: str, open_again: bool
) -> None:
    with opened(tmp_path / "ledger.duckdb") as con:
        ruling = {"kind": FINDING, "subject": "f1", "verdict": "dismissed", "valid_until": dt.date.fromisoformat(until)}
        add_rulings(con, pl.DataFrame([ruling]))
        [case] = cases_of(plan(STOP), con, audit(tmp_path / "2022-10", finding(1)))
    assert bool(case.flags) == open_again


def test_persons_under_one_number_have_each_their_own_findings(tmp_path: Path) -> None:
    stops = [
        replace(STOP, unit=f"tekun:TK1#{n}", scheme="tekun", household_no="TK1", record_id=f"r{n}") for n in (1, 2)
    ]
    rows = [finding(n, scheme="tekun", household_no="TK1", record_id=f"r{n}") for n in (1, 2)]
    with opened(tmp_path / "ledger.duckdb") as con:
        cases = cases_of(plan(*stops), con, audit(tmp_path / "2022-10", *rows))
    assert [[f.summary for f in c.flags] for c in cases] == [["疑点1"], ["疑点2"]]


def test_the_dead_are_not_written_to(tmp_path: Path) -> None:
    """A dead head's family gets the notice; a household of the dead alone gets none; a dead member changes nothing."""
    stops = [replace(STOP, unit=f"dibao:DB{n}", household_no=f"DB{n}", record_id=f"r{n}") for n in (1, 2, 3)]
    rows = [
        finding(n, rule_id="deceased_on_roster", household_no=f"DB{n}", record_id="another" if n == 3 else f"r{n}")
        for n in (1, 2, 3)
    ]
    with opened(tmp_path / "ledger.duckdb") as con:
        for stop in stops:
            add_visits(con, [VisitRow("aa", stop.unit, "长来", 1, D(2022, 10, 10), "停保", GOOD, stop.unit)])
        cases = cases_of(plan(*stops), con, audit(tmp_path / "2022-10", *rows))
        found = numbered(cases, con, "2022-10", D(2022, 10, 26), alone=["dibao:DB2"])
    assert [s.case.stop.unit for s in found.noticed] == ["dibao:DB1", "dibao:DB3"]
    assert [s.case.stop.unit for s in found.died] == ["dibao:DB2"]
    entry = Entry("甲", "", 2, 2, "", "", None, "")
    to = [notice_values(s, entry, pack_for("2022-10"))["收件人"] for s in found.noticed]
    assert to == ["甲户的家庭成员", "甲"]


def test_people_of_another_household_are_not_named_to_this_one() -> None:
    split = Flag("household_split", "ineligible", "medium", "甲在低保家庭DB1；乙在低保家庭DB2。", "第四条")
    text, clause = flag_words(split, for_household=True)
    assert "DB2" not in text and "乙" not in text and clause == "第四条"
    assert flag_words(split, for_household=False) == (split.summary, "第四条")


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({}, "由本人签名"),
        ({"signature": "按手印"}, "由本人按手印"),
        ({"signed_by": "代签", "proxy_reason": "其子，不识字"}, "由他人代签名（其子，不识字）"),
        ({"signed_by": "代签"}, "由他人代签名（未写明原因）"),
        ({"signed_by": ""}, "已签名，未注明签字人"),
        ({"signature": "未签", "proxy_reason": "拒签"}, "未签字（拒签）"),
        ({"signature": ""}, "未签字"),
    ],
)
def test_who_signed(answers: dict[str, Any], told: str) -> None:
    assert signature_words(visit(**answers)) == told


def test_nothing_is_said_that_was_not_written() -> None:
    assert found_words(visit()) == []
    assert found_words(visit(lives_here="不清楚", home="未查", health="不涉及")) == []
    assert found_words(visit(home="不符", members_true="否", note="两层楼房\n有空调")) == [
        "经查，家境与系统、档案不符。",
        "走访邻居，邻居反映家庭成员与登记的不符。",
        "核查人员记录：两层楼房 有空调。",
    ]
    assert case_words(Case(STOP, visit(), ())).endswith("核查记录没有写明事实。")
    assert "没有写明事实" not in case_words(Case(STOP, visit(conclusion="继续保障"), ()))


def test_visitors_are_read_as_text_or_list() -> None:
    for given in ("张核、李查", "张核\n李查", "张核，李查", ["张核", "李查"]):
        assert visitors_words(visit(visitors=given)) == "张核、李查"
    assert visitors_words(visit(visitors="")) == ""


def test_sentences_end_once() -> None:
    assert [ended(t) for t in ("有车", "有车。", " 有车  两辆\n")] == ["有车。", "有车。", "有车 两辆。"]


def test_what_the_roster_says_of_a_household_and_of_a_person() -> None:
    rows: tuple[dict[str, Any], ...] = (
        {
            "name": "甲",
            "id_number": "1",
            "area": None,
            "start_month": "2020-03",
            "covered": True,
            "monthly_amount": 900.0,
        },
        {"name": "乙", "id_number": "2", "area": "农村", "start_month": "2019-01", "covered": False},
        {"name": "丙", "id_number": None, "area": "城市", "start_month": None, "covered": None},
    )
    home = Household("dibao:DB1", "dibao", "DB1", rows, rows, ())
    entry = entry_of(home)
    assert (entry.persons, entry.covered, entry.area, entry.since, entry.amount) == (3, 2, "农村", "2019-01", 900.0)
    person = {"name": "丁", "id_number": "3", "monthly_amount": 1000.0, "care_amount": 32.4, "care_level": "半护理"}
    home = Household("tekun:TK1", "tekun", "TK1", (person, person), (person, person), ())
    entry = entry_of(home)
    assert (entry.persons, entry.covered, entry.amount, entry.ability) == (1, 1, 1032.4, "半失能")
    assert (
        entry_of(replace(home, rows=({"name": "丁", "self_care": "失能", "care_level": "全自理"},))).ability == "失能"
    )
    assert entry_of(replace(home, rows=({"name": "丁"},))).amount is None
