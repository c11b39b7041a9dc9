"""The day of a town's reply: of the audit month or later; for a lead that was open before, of an earlier visit too."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from tests.unit.publish_sample import sample, with_linkage
from tests.unit.replies_sample import HEAD, INELIGIBLE, audited, columns, kept, number_of, opened, reply, take, why


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Leads of 2022-10, those that continue first seen in 2022-08."""
    return audited(with_linkage(sample()), tmp_path_factory.mktemp("run"))


def row_of(run: Path, state: str) -> int:
    page = openpyxl.load_workbook(run / "towns" / "长来.xlsx")[INELIGIBLE]
    at = columns(page)["状态"]
    return next(i for i in range(page.max_row) if page.cell(HEAD + 1 + i, at).value == state)


@pytest.mark.parametrize(
    ("who", "day"),
    [
        ("赵一 2022-09-15", dt.date(2022, 9, 15)),
        ("赵一 2022-08-01", dt.date(2022, 8, 1)),
        ("赵一 9月15日", dt.date(2022, 9, 15)),
        (dt.datetime(2022, 9, 15), dt.date(2022, 9, 15)),
        ("赵一 10.20", dt.date(2022, 10, 20)),
    ],
)
def test_an_earlier_visit_answers_a_continuing_lead(run: Path, tmp_path: Path, who: object, day: dt.date) -> None:
    i = row_of(run, "延续")
    done = take(tmp_path, reply(run, tmp_path / "a.xlsx", {(INELIGIBLE, i): ("属实", None, who)}), run=run)
    assert done.rulings == 1 and not done.backs
    assert kept(tmp_path)["decided_on"].to_list() == [day]


def test_none_before_the_lead_was_first_seen(run: Path, tmp_path: Path) -> None:
    i = row_of(run, "延续")
    file = reply(run, tmp_path / "a.xlsx", {(INELIGIBLE, i): ("属实", None, "赵一 2022-07-31")})
    done = take(tmp_path, file, run=run)
    assert done.rulings == 0
    assert why(done)[INELIGIBLE, i] == {"核实人/日期": "2022-07-31 早于本条疑点发现或复发的月份"}


def test_a_new_lead_was_not_open_in_an_earlier_month(run: Path, tmp_path: Path) -> None:
    i = row_of(run, "新增")
    done = take(
        tmp_path, reply(run, tmp_path / "a.xlsx", {(INELIGIBLE, i): ("属实", None, "赵一 2022-09-15")}), run=run
    )
    assert why(done)[INELIGIBLE, i] == {"核实人/日期": "2022-09-15 早于核查月份"}


@pytest.mark.parametrize("with_run", [True, False])
def test_a_lead_that_came_back_is_open_since_then_only(run: Path, tmp_path: Path, with_run: bool) -> None:
    i = row_of(run, "延续")
    lead = pl.read_parquet(run / "findings.parquet").filter(
        pl.col("fingerprint").str.starts_with(number_of(run, i).lower())
    )["fingerprint"][0]
    life = [("2022-07", "new"), ("2022-08", "resolved"), ("2022-09", "reopened"), ("2022-10", "continuing")]
    with opened(tmp_path / "l.duckdb") as con:
        for number, (month, status) in enumerate(life, 1):
            con.execute("INSERT INTO run (run_no, month, standing) VALUES (?, ?, true)", [number, month])
            con.execute(
                "INSERT INTO finding (run_no, month, fingerprint, status, first_month) VALUES (?, ?, ?, ?, '2022-07')",
                [number, month, lead, status],
            )
    for day, word in (("2022-08-15", "早于本条疑点发现或复发的月份"), ("2022-09-02", "")):
        file = reply(run, tmp_path / f"{day}.xlsx", {(INELIGIBLE, i): ("属实", None, f"赵一 {day}")})
        done = take(tmp_path, file, run=run if with_run else None, out=day)
        assert word in str(why(done)) and done.rulings == (not word)
