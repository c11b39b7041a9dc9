"""Ledgers come back right, wrong, half filled, spoilt: each row has one clear answer, and no good one is lost."""

from __future__ import annotations

import datetime as dt
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from pipeline.draw.results import read_results
from pipeline.fieldwork.answers.collect import collect, read_visit_side
from tests.unit.collect_sample import Take, kept, reasons, taker
from tests.unit.fieldwork_sample import GOOD, HEAD, TODAY, Prepared, columns, fill, prepare


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("field"))


@pytest.fixture
def take(field: Prepared, tmp_path: Path) -> Take:
    return taker(field, tmp_path)


def test_a_filled_ledger_is_kept_once(field: Prepared, take: Take, tmp_path: Path) -> None:
    file = fill(field.ledgers["长来"], tmp_path / "长来.xlsx", {0: GOOD, 1: GOOD | {"入户日期": "2022年10月17日"}})
    done = take(file)
    stops = field.plan.ledgers()[1, "长来"]
    assert done.visits == (2, 0, 0) and not done.backs and done.unfilled == len(stops) - 2
    rows = kept(tmp_path)
    assert rows["unit"].to_list() == sorted(s.unit for s in stops[:2])
    first = rows.filter(pl.col("unit") == stops[0].unit).row(0, named=True)
    assert first["draw"] == field.plan.certificates[0].sha256
    assert (first["town"], first["party"], first["conclusion"]) == ("长来", 1, "继续保障")
    assert first["visited_on"] == dt.date(2022, 10, 18)
    assert '"visitors":"' + "、".join(v.name for v in field.plan.pair(stops[0])) in first["answers"]
    assert take(file).visits == (0, 0, 2)
    assert kept(tmp_path, history=True).height == 2


def test_a_changed_answer_keeps_the_earlier_one_and_an_old_file_does_not_undo_it(
    field: Prepared, take: Take, tmp_path: Path
) -> None:
    old = fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: GOOD})
    changed = GOOD | {"核查结论": "停保", "核查说明": "已购车"}
    new = fill(field.ledgers["长来"], tmp_path / "b.xlsx", {0: changed})
    assert take(old).visits == (1, 0, 0)
    assert take(new).visits == (0, 1, 0)
    assert take(old).visits == (0, 0, 1)
    history = kept(tmp_path, history=True)
    assert history["version"].to_list() == [1, 2]
    assert history["conclusion"].to_list() == ["继续保障", "停保"]
    assert kept(tmp_path)["conclusion"].to_list() == ["停保"]
    # the first answer in a new file is a change again
    again = fill(field.ledgers["长来"], tmp_path / "c.xlsx", {0: GOOD})
    assert take(again).visits == (0, 1, 0)


@pytest.mark.parametrize(
    ("cells", "column", "word"),
    [
        ({"入户日期": "十月十八"}, "入户日期", "无法识别"),
        ({"入户日期": "2022-10-32"}, "入户日期", "不存在"),
        ({"入户日期": 10.2}, "入户日期", "无法识别"),
        ({"入户日期": dt.date(2022, 10, 26)}, "入户日期", "晚于今天"),
        ({"入户日期": dt.date(2022, 9, 30)}, "入户日期", "早于核查月份"),
        ({"入户日期": "30日"}, "入户日期", "无法识别"),
        ({"入户日期": "2月30日"}, "入户日期", "不存在"),
        ({"核查人": "赵一"}, "核查人", "两人"),
        ({"核查人": "赵一、李四"}, "核查人", "不是第一组的人"),
        ({"核查人": "赵一、王七"}, "核查人", "王七不在核查人名单内"),
        ({"核查人": "赵一、赵一"}, "核查人", "不在核查人名单内"),
        ({"见到本人": "见到"}, "见到本人", "只能填写：是、否"),
        ({"一查家境": "没问题"}, "一查家境", "只能填写：相符、不符、未查"),
        ({"一查家境": "不涉及"}, "一查家境", "只能填写"),
        ({"一查家境": "不符"}, "核查说明", "六查有“不符”"),
        ({"在家人数": "两个"}, "在家人数", "不是0至30的整数"),
        ({"在家人数": 300}, "在家人数", "不是0至30的整数"),
        ({"照片编号": dt.datetime(2022, 1, 4)}, "照片编号", "变成了日期"),
        ({"照片编号": "相机里"}, "照片编号", "001-004"),
        ({"照片编号": "007-003"}, "照片编号", "起止"),
        ({"签字人": "代签"}, "代签或未签的原因", "代签人"),
        ({"签字方式": "未签"}, "代签或未签的原因", "没有签字"),
        ({"签字人": None}, "签字人", "“本人”或“代签”"),
        ({"见到本人": "否", "核查说明": "外出"}, "签字人", "没有见到本人"),
        ({"核查结论": "保留"}, "核查结论", "只能填写：继续保障"),
        ({"核查结论": "停保"}, "核查说明", "结论是“停保”"),
        ({"核查结论": "=1/0"}, "核查结论", "公式"),
        ({"核查说明": "长" * 501}, "核查说明", "超过500字"),
        ({"单元编号": "dibao:无此户"}, "单元编号", "不在抽查名单内"),
        ({"家庭编号": "DB999"}, "家庭编号", "不是同一户"),
        ({"户主（对象）": "别人"}, "户主（对象）", "不是同一户"),
    ],
)
def test_a_wrong_cell_is_told_and_the_row_beside_it_kept(
    field: Prepared, take: Take, tmp_path: Path, cells: dict[str, Any], column: str, word: str
) -> None:
    file = fill(field.ledgers["长来"], tmp_path / "长来.xlsx", {0: GOOD | cells, 1: GOOD})
    done = take(file)
    assert done.visits.new == 1
    assert list(reasons(done)) == [0]
    assert list(reasons(done)[0]) == [column] and word in reasons(done)[0][column]


@pytest.mark.parametrize(
    "cells",
    [
        {"入户日期": "10月18日"}, {"入户日期": 44852}, {"入户日期": "20221018"}, {"入户日期": "２０２２.１０.１８"},
        {"入户日期": dt.datetime(2022, 10, 18, 9, 30)}, {"见到本人": "√"}, {"核查结论": " 继续 保障 "},
        {"核查人": "钱二 孙三"}, {"核查人": "孙三,赵一"}, {"在家人数": "1人"}, {"照片编号": 7}, {"照片编号": None},
        {"照片编号": "IMG_001~IMG_004；IMG_9"}, {"签字人": "代签", "代签或未签的原因": "女儿代签，本人双手残疾"},
        {"签字方式": "未签", "签字人": None, "代签或未签的原因": "本人拒签"},
        {"见到本人": "否", "签字人": "代签", "代签或未签的原因": "儿子代签，本人住院", "核查说明": "本人住院"},
    ],
)  # fmt: skip
def test_what_people_write_is_understood(field: Prepared, take: Take, tmp_path: Path, cells: dict[str, Any]) -> None:
    done = take(fill(field.ledgers["长来"], tmp_path / "长来.xlsx", {0: GOOD | cells}))
    assert done.visits.new == 1 and not done.backs


def test_nobody_there_needs_no_checks(field: Prepared, take: Take, tmp_path: Path) -> None:
    away = {
        "入户日期": dt.date(2022, 10, 18),
        "见到本人": "否",
        "核查结论": "无法核实",
        "核查说明": "举家外出，电话不通",
    }
    done = take(fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: away, 1: {**away, "核查说明": None}}))
    assert done.visits.new == 1
    assert "核查说明" in reasons(done)[1]


def test_a_half_filled_row_is_told_once_with_all_that_is_lacking(field: Prepared, take: Take, tmp_path: Path) -> None:
    done = take(fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: {"入户日期": dt.date(2022, 10, 18)}, 2: GOOD}))
    assert done.visits.new == 1
    (columns_of,) = reasons(done)[0].keys()
    assert "见到本人、一查家境" in columns_of and columns_of.endswith("核查结论")
    assert set(reasons(done)[0].values()) == {"没有填写"}


def test_only_the_planned_visitors_changed_is_not_a_visit(field: Prepared, take: Take, tmp_path: Path) -> None:
    done = take(fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: {"核查人": "孙三、赵一"}}))
    assert done.visits == (0, 0, 0) and not done.backs


def test_the_care_level_is_asked_for_where_it_was_drawn(field: Prepared, take: Take, tmp_path: Path) -> None:
    stops = field.plan.ledgers()[1, "长来"]
    rows = {i: {k: v for k, v in GOOD.items() if k != "自理能力"} for i in range(len(stops))}
    done = take(fill(field.ledgers["长来"], tmp_path / "a.xlsx", rows))
    asked = {i for i, s in enumerate(stops) if "care" in s.draws}
    assert asked and len(asked) < len(stops)
    assert set(reasons(done)) == asked
    assert all(set(r) == {"自理能力"} for r in reasons(done).values())


def test_what_goes_back_is_marked_and_can_be_mended_there(field: Prepared, take: Take, tmp_path: Path) -> None:
    wrong = GOOD | {"入户日期": "十月", "核查说明": "=1+1是原文", "核查结论": None}
    done = take(fill(field.ledgers["长来"], tmp_path / "长来.xlsx", {0: wrong, 1: GOOD}))
    back = tmp_path / "out" / "退回-长来.xlsx"
    assert back in done.files and stat.S_IMODE(back.stat().st_mode) == 0o600
    page = openpyxl.load_workbook(back)["台账"]
    at = columns(page)
    assert page.max_row == HEAD + 1
    cell = page.cell(HEAD + 1, at["入户日期"])
    assert cell.value == "十月" and cell.fill.fgColor.rgb == "FFF1948A" and "无法识别" in cell.comment.text
    told_there = page.cell(HEAD + 1, at["退回原因"]).value
    assert "入户日期：无法识别的日期" in told_there and "核查结论：没有填写" in told_there
    assert all(c.data_type != "f" for row in page.iter_rows() for c in row)
    mended = fill(back, tmp_path / "改.xlsx", {0: {"入户日期": dt.date(2022, 10, 18), "核查结论": "继续保障",
                                                  "核查说明": None}})  # fmt: skip
    again = take(mended)
    assert again.visits == (1, 0, 0) and not again.backs


def test_a_workbook_that_went_back_and_was_worked_in_is_not_written_over(
    field: Prepared, take: Take, tmp_path: Path
) -> None:
    file = fill(field.ledgers["长来"], tmp_path / "长来.xlsx", {0: GOOD | {"核查结论": None}})
    take(file)
    back = tmp_path / "out" / "退回-长来.xlsx"
    fill(back, back, {0: {"核查结论": "停保"}})
    done = take(back)
    assert (tmp_path / "out" / "退回-长来-2.xlsx") in done.files
    assert "核查说明" in reasons(done)[0]


def test_missing_overdue_and_proxies_are_listed(field: Prepared, take: Take, tmp_path: Path) -> None:
    proxy = GOOD | {"签字人": "代签", "代签或未签的原因": "女儿代签", "照片编号": None}
    take(fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: proxy, 1: GOOD | {"签字方式": "未签", "签字人": None,
                                                                       "代签或未签的原因": "拒签"}}))  # fmt: skip
    book = openpyxl.load_workbook(tmp_path / "out" / "收回汇总-2022-10.xlsx")
    assert book.sheetnames == ["说明", "按镇街汇总", "未入户", "代签和未签", "入户结果", "本次退回"]
    stops = field.plan.stops
    missing = list(book["未入户"].iter_rows(min_row=4, values_only=True))
    assert len(missing) == len(stops) - 2
    assert {row[5] for row in missing} == {s.unit for s in stops} - {s.unit for s in
                                                                    field.plan.ledgers()[1, "长来"][:2]}  # fmt: skip
    by_unit = {row[5]: row for row in missing}
    assert all(by_unit[s.unit][7] == (TODAY - s.day).days for s in stops if s.unit in by_unit)
    signs = list(book["代签和未签"].iter_rows(min_row=4, values_only=True))
    assert [(r[6], r[7], r[8]) for r in signs] == [("按手印", "代签", "女儿代签"), ("未签", None, "拒签")]
    towns = {row[1]: row for row in book["按镇街汇总"].iter_rows(min_row=4, values_only=True)}
    assert towns["长来"][2:10] == (len(field.plan.ledgers()[1, "长来"]), 2, towns["长来"][2] - 2, towns["长来"][2] - 2,
                                  0, 1, 1, 1)  # fmt: skip


def test_nothing_is_overdue_before_its_day(field: Prepared, take: Take, tmp_path: Path) -> None:
    file = fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: GOOD | {"入户日期": dt.date(2022, 10, 7)}})
    done = take(file, today=dt.date(2022, 10, 10))
    assert done.visits.new == 1
    assert sum(r.overdue(dt.date(2022, 10, 10)) for r in done.results) == 0


def test_conclusions_are_ready_for_the_estimate(field: Prepared, take: Take, tmp_path: Path) -> None:
    stops = field.plan.ledgers()[1, "长来"]
    take(fill(field.ledgers["长来"], tmp_path / "a.xlsx", dict.fromkeys(range(len(stops)), GOOD)))
    results = read_results(tmp_path / "out" / "核查结论-2022-10.csv")
    care = {s.unit for s in stops if "care" in s.draws}
    assert results.units == {s.unit for s in stops}
    assert {draw for draw, unit in results.by_unit if unit in care} >= {"care"}
    assert set(results.by_unit.values()) <= {"继续保障", "调整"}
    assert {v for (draw, _), v in results.by_unit.items() if draw != "care"} == {"继续保障"}
    assert "调整" in {v for (draw, _), v in results.by_unit.items() if draw == "care"}


def test_a_relative_may_not_have_gone(field: Prepared, tmp_path: Path) -> None:
    stop = field.plan.ledgers()[1, "长来"][0]
    number = next(v.number for v in field.plan.visitors if v.name == "赵一")
    stops = tuple(replace(s, barred=(number,)) if s.unit == stop.unit else s for s in field.plan.stops)
    (tmp_path / "plan.json").write_text(replace(field.plan, stops=stops).json_text(), encoding="utf-8")
    side = read_visit_side(tmp_path / "plan.json", [field.certificate])
    names = {"核查人": "赵一、钱二"}
    file = fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: GOOD | names, 1: GOOD | names})
    done = collect([file], tmp_path / "l.duckdb", tmp_path / "out", side=side, run_folder=None, today=TODAY)
    assert done.visits.new == 1
    assert reasons(done) == {0: {"核查人": "赵一是该户申报的亲属，应当回避"}}
