"""The grades of 走访预警: who is followed up for a risk, and who is on the list for having been poor once."""

from __future__ import annotations

import openpyxl
import pytest

from pipeline.run import run_audit

LISTED = {  # household of the monitoring list: kind, risk cleared
    "J1": ("脱贫户", "否"),
    "J2": ("脱贫不稳定户", "是"),
    "J3": ("脱贫户", "是"),
    "J4": ("边缘易致贫户", ""),
    "J5": ("突发严重困难户", "否"),  # stopped as D5
    "J6": ("脱贫户", ""),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """Household → grade and what it rests on, as the workbook tells them."""
    work = tmp_path_factory.mktemp("visits")
    folder = work / "drop"
    folder.mkdir()
    letters = "张李王赵钱孙"
    people = {no: (f"{letters[n]}小明", f"44028119600{n + 1}010010") for n, no in enumerate(LISTED)}
    name, number = people["J5"]
    (folder / "低保.csv").write_text(
        "家庭编号,姓名,身份证号,镇街,与户主关系,起保月份,停保月份,停保原因\n"
        "D1,周大海,440281195001010017,长来,户主,2020-01,,\n"
        f"D5,{name},{number},长来,户主,2020-01,2022-09,收入超过标准\n",
        encoding="utf-8",
    )
    rows = [f"{no},{','.join(people[no])},长来,{kind},2021-01,{cleared}" for no, (kind, cleared) in LISTED.items()]
    head = "监测户编号,姓名,身份证号,镇街,监测类别,纳入月份,风险消除"
    (folder / "监测对象.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    run_audit(folder, "2022-10", work / "out", ledgers=True)
    page = openpyxl.load_workbook(work / "out/2022-10/monthly/脱贫停救家庭走访预警台账.xlsx")["走访预警"]
    lines = list(page.iter_rows(values_only=True))
    start = next(i for i, line in enumerate(lines) if "预警" in line)
    at = [lines[start].index(c) for c in ("家庭编号", "预警", "预警依据")]
    return {str(line[at[0]]): (str(line[at[1]]), str(line[at[2]])) for line in lines[start + 1 :] if line[at[0]]}


def test_a_risk_is_that_of_the_monitored_kinds_alone(graded: dict[str, tuple[str, str]]) -> None:
    assert graded["J1"] == graded["J3"] == graded["J6"] == ("绿", "脱贫户，没有漏保线索")
    assert graded["J2"] == ("黄", "监测对象（脱贫不稳定户），风险已消除")
    assert "J4" not in graded, "its risk is not cleared: it was not lifted"
    grade, why = graded["D5"]
    assert grade == "红" and "监测对象（突发严重困难户），风险未消除" in why
