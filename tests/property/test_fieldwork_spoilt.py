"""Ledgers spoilt at random: nothing breaks, every begun row is taken or goes back, an unspoilt one is always taken."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.fieldwork.answers.collect import collect, read_visit_side
from pipeline.fieldwork.columns import ANSWERS
from pipeline.ledger import opened
from pipeline.ledger.visits import read_visits
from tests.unit.fieldwork_sample import GOOD, HEAD, TODAY, Prepared, columns, prepare

ROUNDS = 24
JUNK: tuple[Any, ...] = (
    None, "", " ", "　", "是", "否", "相符", "无法核实", "代签", "未签", "赵一", "赵一、钱二", "10月",
    "2022-10-18", "18/10/2022",
    "2022-02-30", "#N/A", "=1/0", "=A1", "-", "@x", "\u200b", "长" * 600, "001-3", "7", 0, 1, -1, 3.5, 44852, 1e20,
    True, dt.date(2022, 10, 18),
    dt.datetime(1900, 1, 10), dt.datetime(2022, 10, 18, 8), dt.time(8, 30), dt.timedelta(days=3),
)  # fmt: skip


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("field"))


def test_a_spoilt_ledger_loses_no_good_row(field: Prepared, tmp_path: Path) -> None:
    side = read_visit_side(field.plan_file, [field.certificate])
    stops = field.plan.ledgers()[1, "长来"]
    sent_back = 0
    for seed in range(ROUNDS):
        rng = random.Random(seed)
        book = openpyxl.load_workbook(field.ledgers["长来"])
        page = book["台账"]
        at = columns(page)
        spoilt = set(rng.sample(range(len(stops)), rng.randrange(len(stops))))
        for i in range(len(stops)):
            for heading, value in GOOD.items():
                page.cell(HEAD + 1 + i, at[heading]).value = value
            for _ in range(rng.randrange(1, 4) if i in spoilt else 0):
                heading = rng.choice((*(a.zh for a in ANSWERS), "单元编号", "家庭编号", "户主（对象）", "系统登记"))
                page.cell(HEAD + 1 + i, at[heading]).value = rng.choice(JUNK)
        if rng.random() < 0.5:
            page.delete_cols(at[rng.choice(("系统登记", "照片编号", "安排", "序号"))])
        if rng.random() < 0.3:
            page.insert_rows(1, rng.randrange(1, 4))
        page.title = rng.choice(("台账", "Sheet1", "长来（新）"))
        book.save(tmp_path / "a.xlsx")
        ledger = tmp_path / f"{seed}.duckdb"
        done = collect([tmp_path / "a.xlsx"], ledger, tmp_path / f"out{seed}", side=side, run_folder=None, today=TODAY)
        with opened(ledger) as con:
            kept = set(read_visits(con)["unit"])
        assert {s.unit for i, s in enumerate(stops) if i not in spoilt} <= kept
        assert done.visit_rows + done.sent_back + done.unfilled == len(stops), seed
        assert len(kept) == done.visits.new == done.visit_rows
        for back in done.backs:
            sent_back += len(back.rows)
            assert all(bad.told() for bad in back.rows)
            assert openpyxl.load_workbook(done.files[0])["台账"].max_row == HEAD + len(back.rows)
    assert sent_back > ROUNDS
