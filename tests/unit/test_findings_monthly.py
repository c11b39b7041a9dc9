"""Rules about the audit month's payments, in a month of which none came: not examined, and so nothing is resolved."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest
from support.months import keep_month

from pipeline.engine.dialect import DialectError
from pipeline.findings import load_rules
from pipeline.findings.rules import parse_rule
from pipeline.findings.stage import NotRun
from pipeline.policy import pack_for

NAMES = pack_for("2022-10").names
PEOPLE = {
    "D1": ("张三丰", "440281196001010010"),
    "D2": ("李小四", "440281196002020020"),
    "T1": ("王五一", "440281196003030039"),
}
RULES = ("amount_mismatch", "enrolled_without_payment")


def drop(folder: Path, paid: str) -> Path:
    """Two households of dibao and one of tekun; D2 is never paid, D1 once too much. `paid`: lines of 发放明细."""
    folder.mkdir(parents=True)
    dibao = [f"{no},{name},{number},长来,户主,500,2022-01" for no, (name, number) in PEOPLE.items() if no != "T1"]
    head = "家庭编号,姓名,身份证号,镇街,与户主关系,户月保障金,起保月份"
    (folder / "低保.csv").write_text("\n".join([head, *dibao]), encoding="utf-8")
    head = "特困编号,姓名,身份证号,镇街,基本生活费,照料护理费,起保月份"
    tekun = f"T1,{','.join(PEOPLE['T1'])},长来,900,100,2022-01"
    (folder / "特困.csv").write_text(f"{head}\n{tekun}", encoding="utf-8")
    (folder / "发放明细.csv").write_text(f"发放月份,救助类别,家庭编号,发放金额\n{paid}", encoding="utf-8")
    return folder


def told(not_run: Iterable[NotRun]) -> dict[str, str]:
    """Rule → which payments it wants, of the two rules. Two rosters are absent in every drop here: that is left out."""
    return {n.id: n.reason for n in not_run if n.id in RULES and "发放明细" in n.reason}


def statuses(out: Path, month: str) -> set[tuple[str, str, str, str]]:
    """(rule, household, status, cause) of the two rules' findings in the ledger."""
    with duckdb.connect(out / "ledger.duckdb", read_only=True) as con:
        rows = con.execute(
            "SELECT f.rule_id, d.household_no, f.status, f.cause FROM finding f JOIN detail d ON d.no = f.detail "
            "WHERE f.month = $month",
            {"month": month},
        ).fetchall()
    return {row for row in rows if row[0] in RULES}


OCTOBER = "2022-10,低保,D1,600\n2022-10,特困,T1,1000"
FOUND = {("amount_mismatch", "D1"), ("enrolled_without_payment", "D2")}


@pytest.fixture(scope="module")
def october(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger's folder after October, when both schemes were paid."""
    folder = tmp_path_factory.mktemp("october")
    assert told(keep_month(drop(folder / "10", OCTOBER), "2022-10", folder / "out")) == {}
    assert {(rule, no) for rule, no, *_ in statuses(folder / "out", "2022-10")} == FOUND
    return folder / "out"


@pytest.fixture
def out(october: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(october, tmp_path / "out"))


@pytest.mark.parametrize(
    ("paid", "reasons"),
    [
        (OCTOBER, dict.fromkeys(RULES, "发放明细没有2022-11的记录，未核查")),
        (f"{OCTOBER}\n2022-11,特困,T1,1000",
         dict.fromkeys(RULES, "部分核查：发放明细没有2022-11的低保记录，没有核查低保")),
    ],
    ids=["of none of the schemes", "of one scheme"],
)  # fmt: skip
def test_a_month_without_payments_is_not_examined(
    out: Path, tmp_path: Path, paid: str, reasons: dict[str, str]
) -> None:
    assert told(keep_month(drop(tmp_path / "11", paid), "2022-11", out)) == reasons
    assert statuses(out, "2022-11") == {(*about, "not_examined", "data_doubtful") for about in FOUND}


def test_a_month_with_payments_of_both_is_examined(out: Path, tmp_path: Path) -> None:
    right = "2022-11,低保,D1,500\n2022-11,低保,D2,500\n2022-11,特困,T1,1000"
    assert told(keep_month(drop(tmp_path / "11", f"{OCTOBER}\n{right}"), "2022-11", out)) == {}
    assert {status for *_, status, _ in statuses(out, "2022-11")} == {"resolved"}


def test_a_scheme_that_is_not_paid_monthly_is_not_asked_for(tmp_path: Path) -> None:
    """低保边缘 brings no money: no payments of it is nothing amiss. Tekun's, where none ever came, are amiss."""
    folder = drop(tmp_path / "10", "2022-10,低保,D1,500\n2022-10,低保,D2,500")
    (folder / "低保边缘.csv").write_text(
        "家庭编号,姓名,身份证号,镇街,认定月份\nB1,赵六海,440281196004040048,长来,2022-01", encoding="utf-8"
    )
    assert told(keep_month(folder, "2022-10", tmp_path / "out")) == dict.fromkeys(
        RULES, "部分核查：发放明细没有2022-10的特困记录，没有核查特困"
    )


def test_only_what_is_needed_and_told_by_month_can_be_monthly(tmp_path: Path) -> None:
    text = next(r for r in load_rules(NAMES) if r.id == "amount_mismatch").file.path.read_text(encoding="utf-8")
    path = tmp_path / "payment" / "amount_mismatch.sql"
    path.parent.mkdir()
    path.write_text(text.replace("-- monthly: payment", "-- monthly: death"), encoding="utf-8")
    with pytest.raises(DialectError, match=r"amount_mismatch\.sql, line 9: 'death' is not needed, or not by month"):
        parse_rule(path, NAMES)
