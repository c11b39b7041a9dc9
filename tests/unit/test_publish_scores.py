"""The scores as published: a sheet and a page a scheme, a map of all, `completeness.parquet`, the county's totals."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from publish_sample import Publication, sample, with_scores

from pipeline.contract import TOWNS
from pipeline.publish import heat, scores, write_county, write_page, write_run_json, write_tables

SIZES = {t: 10 + n for n, t in enumerate(TOWNS)}
ALL = sum(SIZES.values())


@pytest.fixture(scope="module")
def pub() -> Publication:
    return with_scores(sample(0))


@pytest.fixture(scope="module")
def page(pub: Publication, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_page(pub, tmp_path_factory.mktemp("page")).read_text(encoding="utf-8")


def test_the_table_has_a_row_a_town_and_field_with_last_month_s(pub: Publication, tmp_path: Path) -> None:
    write_tables(pub, tmp_path)
    frame = pl.read_parquet(tmp_path / "completeness.parquet")
    assert tuple(frame.columns) == scores.COLUMNS and frame.height == 5 * (2 * len(TOWNS) - 1)
    (one,) = frame.filter(scheme="dibao", town="长来", field="village").iter_rows(named=True)
    n = SIZES["长来"]
    assert (one["kind"], one["zh"], one["asked"], one["complete"]) == ("data", "村居", n, n - 2)
    assert one["share"] == pytest.approx((n - 2) / n) and one["share_before"] == pytest.approx((n - 1) / n)
    assert one["change"] == pytest.approx(-1 / n)
    new = frame.filter(pl.col("field") == "核对授权书")
    assert new.height and new["change"].null_count() == new["share_before"].null_count() == new.height
    write_tables(sample(0), tmp_path)
    assert pl.read_parquet(tmp_path / "completeness.parquet").shape == (0, len(scores.COLUMNS))


def test_a_county_s_total_over_all_fields(pub: Publication, tmp_path: Path) -> None:
    totals = scores.totals(pub)
    assert list(totals) == [("dibao", "data"), ("dibao", "archive"), ("tekun", "data"), ("tekun", "archive")]
    data = totals["dibao", "data"]
    assert (data.asked, data.complete) == (3 * ALL, 3 * ALL - 3 * len(TOWNS))
    assert (data.asked_before, data.complete_before) == (3 * ALL, 3 * ALL - 3 * len(TOWNS) + 2)
    assert totals["tekun", "data"].asked == 3 * (ALL - SIZES["白石"])
    archive = totals["dibao", "archive"]
    assert archive.asked == 2 * ALL and archive.asked_before == ALL, "last month did not ask for what is new"
    assert archive.change == 0, "and what is new does not count as a change: 申请书 was and is whole"
    run = json.loads(write_run_json(pub, tmp_path, []).read_text(encoding="utf-8"))
    assert run["completeness"][0] == {
        "scheme": "dibao", "kind": "data", "asked": data.asked, "complete": data.complete, "share": data.share,
        "share_before": data.share_before,
    }  # fmt: skip
    assert run["doubtful_sources"][0]["sentence"] == pub.faults[0].sentence


def sheet(book: openpyxl.Workbook, name: str) -> list[dict[str, object]]:
    rows = list(book[name].iter_rows(min_row=3, values_only=True))
    return [dict(zip(map(str, rows[0]), r, strict=True)) for r in rows[1:]]


def test_a_sheet_a_scheme_the_worst_field_first(pub: Publication, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_county(pub, tmp_path))
    assert [n for n in book.sheetnames if n.endswith("完整率")] == ["低保完整率", "特困完整率"]
    lines = sheet(book, "低保完整率")
    assert [(r["类别"], r["项目"]) for r in lines] == [
        ("数据", "村居"), ("数据", "联系电话"), ("数据", "身份证号"), ("档案", "核对授权书"), ("档案", "申请书"),
        ("数据", "合计"), ("档案", "合计"),
    ]  # fmt: skip
    worst = lines[0]
    assert (worst["核查数"], worst["齐全数"]) == (ALL, ALL - 2 * len(TOWNS))
    assert worst["全县"] == pytest.approx((ALL - 2 * len(TOWNS)) / ALL)
    assert worst["长来"] == pytest.approx((SIZES["长来"] - 2) / SIZES["长来"]) and lines[2]["长来"] == 1
    assert worst["增减（百分点）"] == pytest.approx(round(-100 / ALL, 1)) and lines[3]["上月"] is None
    assert lines[5]["核查数"] == 3 * ALL
    assert all(r.get("白石") is None for r in sheet(book, "特困完整率"))
    cell = book["低保完整率"]["H4"]
    assert cell.number_format.endswith("0.0%") and book["低保完整率"].conditional_formatting
    assert sheet(book, "来源数据")[0]["说明"] == pub.faults[0].sentence
    cover = {r[0]: r[1] for r in book["说明"].iter_rows(values_only=True)}
    assert "按镇街" in str(cover["低保完整率"]) and cover["来源数据存疑"] is not None


def test_a_page_a_scheme_has_a_number_in_every_cell(pub: Publication, tmp_path: Path) -> None:
    write_page(pub, tmp_path)
    maps = {p.stem: p.read_text(encoding="utf-8") for p in (tmp_path / "pages" / "gaps").glob("*.html")}
    assert set(maps) == {"dibao-data", "dibao-archive", "tekun-data", "tekun-archive"}
    body = maps["dibao-data"].split('<table class="heat">')[1].split("</table>")[0]
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', body)
    assert [name for name, _ in rows] == ["村居", "联系电话", "身份证号", "合计"]
    cells = re.findall(r'<td class="h(\d)">([^<]*)(?:<small>([^<]*)</small>)?</td>', rows[0][1])
    assert len(cells) == 1 + len(TOWNS)
    assert cells[1 + list(TOWNS).index("长来")][1:] == (
        scores.shown((SIZES["长来"] - 2) / SIZES["长来"]), f"{-100 / SIZES['长来']:+.1f}",
    )  # fmt: skip
    assert all(text for _, text, _ in cells) and sum(bool(c) for _, _, c in cells[1:]) == 1
    assert {(step, text) for step, text, _ in re.findall(r'<td class="h(\d)">([^<]*)()</td>', rows[2][1])} == {
        ("0", "100")
    }
    assert '<th scope="col">白石</th>' in maps["dibao-data"] and "白石" not in maps["tekun-data"].split("<tbody>")[0]


def test_the_overview_maps_schemes_by_town(page: str) -> None:
    body = page.split('<table class="heat">')[1].split("</table>")[0]
    rows = re.findall(r'<tr><th scope="row"><a [^>]*>(.*?)</a></th>(.*?)</tr>', body)
    assert [name for name, _ in rows] == ["低保数据", "低保档案", "特困数据", "特困档案"]
    assert all(row.count("<td") == 2 + len(TOWNS) for _, row in rows) and rows[2][1].count("–") == 1
    assert "本月来源数据存疑：1 处" in page and "车辆：身份证号为空40.2%（402/1,000行）" in page
    assert f"<strong>{heat.totals(with_scores(sample(0)))[0].share}%</strong>" in page


def test_the_page_s_totals_are_to_be_published(pub: Publication) -> None:
    first, second = heat.totals(pub)[:2]
    share = (3 * ALL - 3 * len(TOWNS)) / (3 * ALL)
    assert (first.scheme, first.kind_zh, first.share) == ("低保", "数据", scores.shown(share))
    assert first.change == f"{round(-200 / (3 * ALL), 1):+.1f}" and second.before
    without = heat.totals(replace(pub, before=None))
    assert {(t.before, t.change) for t in without} == {("", "")}


def test_without_scores_there_is_no_empty_map(tmp_path: Path) -> None:
    text = write_page(sample(0), tmp_path).read_text(encoding="utf-8")
    assert "完整率（%）" not in text and "存疑：" not in text and 'href="#scores"' not in text


@pytest.mark.parametrize(
    ("complete", "asked", "said", "step"),
    [
        (1, 1, "100", 0), (99_999, 100_000, "99.9", 1), (98, 100, "98.0", 1), (9799, 10_000, "97.9", 2),
        (95, 100, "95.0", 2), (9, 10, "90.0", 3), (8, 10, "80.0", 4), (79, 100, "79.0", 5), (0, 7, "0.0", 5),
        (29, 100, "29.0", 5), (0, 0, "", 6),
    ],
)  # fmt: skip
def test_a_hundred_is_said_only_of_what_is_whole(complete: int, asked: int, said: str, step: int) -> None:
    shown = heat.cell(scores.Cell(asked, complete))
    assert (shown.share, shown.step) == (said, step)
