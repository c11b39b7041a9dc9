"""The towns' workbooks come back with replies: each becomes a ruling, or goes back with its reason."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from pipeline.errors import BadInput
from pipeline.ledger import opened
from pipeline.ledger.rulings import LINK
from pipeline.publish.publication import Publication
from tests.unit.publish_sample import sample, with_linkage
from tests.unit.replies_sample import HEAD, INELIGIBLE, REVIEW, audited, columns, kept, number_of, reply, take, why


@pytest.fixture(scope="module")
def pub() -> Publication:
    return with_linkage(sample())


@pytest.fixture(scope="module")
def run(pub: Publication, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audited(pub, tmp_path_factory.mktemp("run"))


def test_every_verdict_becomes_a_ruling(run: Path, tmp_path: Path) -> None:
    words = {"属实": "confirmed", "不属实": "dismissed", "正在核实": "in_process", "已整改": "mended"}
    cells = {(INELIGIBLE, i): (word, f"说明{i}", "赵一 2022-10-20") for i, word in enumerate(words)}
    done = take(tmp_path, reply(run, tmp_path / "a.xlsx", cells), run=run)
    assert (done.reply_rows, done.rulings, done.sent_back) == (4, 4, 0) and done.unanswered > 0
    findings = pl.read_parquet(run / "findings.parquet")
    rows = kept(tmp_path).to_dicts()
    assert [r["verdict"] for r in rows] == list(words.values())
    for i, r in enumerate(rows):
        assert r["subject"].upper().startswith(number_of(run, i))
        text = findings.filter(pl.col("fingerprint") == r["subject"])["evidence"][0]
        assert r["evidence"] == hashlib.sha256(text.encode()).hexdigest()
        assert (r["reason"], r["decided_by"], r["decided_on"]) == (f"说明{i}", "赵一", dt.date(2022, 10, 20))
        assert r["month"] == "2022-10" and r["valid_until"] is None and r["source"].startswith(f"a.xlsx#{INELIGIBLE}#")


def test_a_line_of_several_findings_is_answered_for_all(run: Path, tmp_path: Path) -> None:
    page = openpyxl.load_workbook(run / "towns" / "长来.xlsx")["档案缺件"]
    at = columns(page)["疑点编号"]
    numbers = [str(page.cell(HEAD + 1 + i, at).value) for i in range(page.max_row - HEAD)]
    i = next(i for i, n in enumerate(numbers) if "\n" in n) if any("\n" in n for n in numbers) else 0
    take(tmp_path, reply(run, tmp_path / "a.xlsx", {("档案缺件", i): ("已整改", None, None)}), run=run)
    assert {s[:10].upper() for s in kept(tmp_path)["subject"]} == set(numbers[i].split())


def test_the_same_file_twice_adds_nothing_and_a_change_stands_before_the_earlier(run: Path, tmp_path: Path) -> None:
    old = reply(run, tmp_path / "a.xlsx", {(INELIGIBLE, 0): ("正在核实", None, "赵一")})
    new = reply(run, tmp_path / "b.xlsx", {(INELIGIBLE, 0): ("属实", "已购车", "赵一 10.28")})
    assert take(tmp_path, old, run=run).rulings == 1
    assert take(tmp_path, old, run=run).rulings == 0
    assert take(tmp_path, new, run=run).rulings == 1
    assert take(tmp_path, old, run=run).rulings == 0
    assert kept(tmp_path)["verdict"].to_list() == ["confirmed"]
    assert kept(tmp_path, history=True)["verdict"].to_list() == ["in_process", "confirmed"]
    assert kept(tmp_path)["decided_on"].to_list() == [dt.date(2022, 10, 28)]


@pytest.mark.parametrize(
    ("cells", "column", "word"),
    [
        (("真的", "", ""), "镇核实结果", "只能填写：属实、不属实、正在核实、已整改"),
        ((None, "已经查过", "赵一"), "镇核实结果", "没有选核实结果"),
        ((None, None, "赵一 2022-10-20"), "镇核实结果", "没有选核实结果"),
        (("不属实", None, "赵一 2022-10-20"), "核实说明", "要写明"),
        (("属实", None, "赵一 2022-10-32"), "核实人/日期", "日期不存在"),
        (("属实", None, "赵一 2022-12-20"), "核实人/日期", "晚于今天"),
        (("属实", None, "赵一/2022.9.1"), "核实人/日期", "早于核查月份"),
        (("属实", "长" * 501, None), "核实说明", "超过500字"),
    ],
)
def test_a_wrong_reply_goes_back_and_the_one_beside_it_is_kept(
    run: Path, tmp_path: Path, cells: tuple[Any, Any, Any], column: str, word: str
) -> None:
    good = ("属实", "", "赵一")
    done = take(tmp_path, reply(run, tmp_path / "a.xlsx", {(INELIGIBLE, 0): cells, (INELIGIBLE, 1): good}), run=run)
    assert (done.reply_rows, done.rulings) == (1, 1)
    assert list(why(done)) == [(INELIGIBLE, 0)]
    told = why(done)[INELIGIBLE, 0]
    assert list(told) == [column] and word in told[column]


@pytest.mark.parametrize(
    ("who", "name", "day"),
    [
        ("赵一", "赵一", None),
        ("赵一/2022-10-20", "赵一", dt.date(2022, 10, 20)),
        ("2022年10月20日 赵一", "赵一", dt.date(2022, 10, 20)),
        ("赵一、钱二 20221020", "赵一、钱二", dt.date(2022, 10, 20)),
        ("赵一10.20", "赵一", dt.date(2022, 10, 20)),
        ("赵一 11月3日", "赵一", dt.date(2022, 11, 3)),
        ("赵一 13800000001", "赵一 13800000001", None),
        (dt.datetime(2022, 10, 20), None, dt.date(2022, 10, 20)),
        (44854, None, dt.date(2022, 10, 20)),
        (None, None, None),
    ],
)
def test_person_and_day_in_one_cell(run: Path, tmp_path: Path, who: Any, name: str | None, day: dt.date | None) -> None:
    done = take(tmp_path, reply(run, tmp_path / "a.xlsx", {(INELIGIBLE, 0): ("属实", None, who)}), run=run)
    assert done.rulings == 1 and done.unsigned_replies == (name is None)
    row = kept(tmp_path).row(0, named=True)
    assert (row["decided_by"], row["decided_on"]) == (name, day)


def test_pairs_are_known_by_where_the_records_stand(run: Path, tmp_path: Path) -> None:
    words = ("同一人", "不是同一人", "无法判断")
    cells = {(REVIEW, i): (word, "认识本人", "赵一 10.20") for i, word in enumerate(words)}
    done = take(tmp_path, reply(run, tmp_path / "a.xlsx", cells), run=run)
    assert done.rulings == 3 and not done.backs
    rows = kept(tmp_path, LINK)
    assert rows["verdict"].to_list() == ["same", "different", "unknown"]
    links = pl.read_parquet(run / "links.parquet").filter(pl.col("decision") == "review")
    columns = ("roster_record_id", "record_id", "dataset", "match_probability")
    told = {"|".join((*sorted((a, b)), d)): p for a, b, d, p in links.select(columns).rows()}
    assert [told[s] for s in rows["subject"]] == rows["probability"].to_list(), "how often was the model right?"
    known = set(told)
    assert set(rows["subject"]) <= known and all(s.startswith("低保/") for s in rows["subject"])
    assert set(rows["evidence"]) == {None}


def test_pairs_need_the_audit_and_findings_do_not(run: Path, tmp_path: Path) -> None:
    with opened(tmp_path / "l.duckdb") as con:
        found = pl.read_parquet(run / "findings.parquet")["fingerprint"].to_list()
        con.executemany(
            "INSERT INTO finding (run_no, month, fingerprint) VALUES (1, '2022-10', ?)", [[f] for f in found]
        )
    file = reply(run, tmp_path / "a.xlsx", {(REVIEW, 0): ("同一人", None, None), (INELIGIBLE, 0): ("属实", None, None)})
    done = take(tmp_path, file, run=None)
    assert done.rulings == 1 and "--run" in why(done)[REVIEW, 0][""]
    row = kept(tmp_path).row(0, named=True)
    assert row["evidence"] is None and row["month"] == "2022-10"
    # with the audit the same answer says more: what it rests on
    assert take(tmp_path, file, run=run).rulings == 2


def test_two_towns_that_disagree_about_a_pair(run: Path, tmp_path: Path) -> None:
    one = reply(run, tmp_path / "a.xlsx", {(REVIEW, 0): ("同一人", None, None), (REVIEW, 1): ("同一人", None, None)})
    two = reply(run, tmp_path / "b.xlsx", {(REVIEW, 0): ("不是同一人", None, None)})
    done = take(tmp_path, one, two, run=run)
    assert done.rulings == 1 and done.reply_rows == 1
    assert [b.sheet.file for b in done.backs] == ["a.xlsx", "b.xlsx"]
    assert all("两处填写的结果不同" in text for row in why(done).values() for text in row.values())


def test_files_of_one_name_and_a_file_named_twice(run: Path, tmp_path: Path) -> None:
    for folder, town in (("a", "长来"), ("b", "北乡")):
        (tmp_path / folder).mkdir()
        reply(
            run,
            tmp_path / folder / "回复.xlsx",
            {(INELIGIBLE, 0): ("属实", None, None), (INELIGIBLE, 1): ("x", None, None)},
            town,
        )
    files = [tmp_path / "a" / "回复.xlsx", tmp_path / "b" / "回复.xlsx", tmp_path / "a" / "回复.xlsx"]
    done = take(tmp_path, *files, run=run)
    assert (done.reply_rows, done.sent_back) == (2, 2)
    assert [f.name for f in done.files] == ["退回-回复.xlsx", "退回-回复-2.xlsx"]


@pytest.mark.parametrize("number", ["0000000000", "", "12", "长来1号"])
def test_a_number_that_is_none_is_told(run: Path, tmp_path: Path, number: str) -> None:
    book = openpyxl.load_workbook(reply(run, tmp_path / "a.xlsx", {(INELIGIBLE, 0): ("属实", None, None)}))
    page = book[INELIGIBLE]
    page.cell(HEAD + 1, columns(page)["疑点编号"]).value = number
    book.save(tmp_path / "a.xlsx")
    done = take(tmp_path, tmp_path / "a.xlsx", run=run)
    assert done.rulings == 0 and "编号" in why(done)[INELIGIBLE, 0]["疑点编号"]


def test_a_renamed_sheet_with_columns_deleted_is_still_known(run: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(reply(run, tmp_path / "a.xlsx", {(INELIGIBLE, 0): ("属实", "查实", "赵一")}))
    page = book[INELIGIBLE]
    page.title = "报县"
    for heading in ("依据", "来源", "核实人/日期"):
        page.delete_cols(columns(page)[heading])
    for name in book.sheetnames:
        if name != "报县":
            del book[name]
    book.save(tmp_path / "a.xlsx")
    done = take(tmp_path, tmp_path / "a.xlsx", run=run)
    assert done.rulings == 1 and done.unsigned_replies == 1


def test_without_the_reply_column_nothing_is_taken(run: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(run / "towns" / "长来.xlsx")
    for page in book.worksheets:
        if "镇核实结果" in columns(page):
            page.delete_cols(columns(page)["镇核实结果"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(BadInput, match=r"a\.xlsx: nothing can be taken: no sheet of it"):
        take(tmp_path, tmp_path / "a.xlsx", run=run)


def test_replies_of_another_month_are_refused(run: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(reply(run, tmp_path / "a.xlsx", {(INELIGIBLE, 0): ("属实", None, None)}))
    for page in book.worksheets:
        page["A1"].value = str(page["A1"].value).replace("10月", "9月")
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(BadInput, match="replies of 2022-09, the audit given is of 2022-10"):
        take(tmp_path, tmp_path / "a.xlsx", run=run)


def test_what_goes_back_is_marked_and_can_be_mended_there(run: Path, tmp_path: Path) -> None:
    cells = {(INELIGIBLE, 2): ("乱填", "=1+1", "赵一"), (REVIEW, 0): ("是他", None, None)}
    done = take(tmp_path, reply(run, tmp_path / "长来.xlsx", cells), run=run)
    back = tmp_path / "out" / "退回-长来.xlsx"
    assert done.files == [back]
    book = openpyxl.load_workbook(back)
    assert book.sheetnames == [INELIGIBLE, REVIEW]
    page = book[INELIGIBLE]
    at = columns(page)
    assert page.max_row == HEAD + 1
    assert page.cell(HEAD + 1, at["疑点编号"]).value == number_of(run, 2)
    cell = page.cell(HEAD + 1, at["镇核实结果"])
    assert cell.value == "乱填" and cell.fill.fgColor.rgb == "FFF1948A"
    assert "只能填写" in page.cell(HEAD + 1, at["退回原因"]).value
    assert all(c.data_type != "f" for p in book for row in p.iter_rows() for c in row)
    cell.value = "属实"
    page.cell(HEAD + 1, at["核实说明"]).value = "已核实"
    book[REVIEW].cell(HEAD + 1, columns(book[REVIEW])["镇核实结果"]).value = "同一人"
    book.save(tmp_path / "改.xlsx")
    again = take(tmp_path, tmp_path / "改.xlsx", run=run)
    assert again.rulings == 2 and not again.backs
