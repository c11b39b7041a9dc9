"""Filled ledgers as they come back: sheets renamed, columns moved or gone, files that cannot be used."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import BadInput
from pipeline.fieldwork.answers.collect import Visits, read_visit_side, told
from tests.unit.collect_sample import Take, reasons, taker
from tests.unit.fieldwork_sample import GOOD, HEAD, Prepared, columns, fill, prepare


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("field"))


@pytest.fixture
def take(field: Prepared, tmp_path: Path) -> Take:
    return taker(field, tmp_path)


def test_a_renamed_sheet_with_lines_above_and_columns_moved_is_known(
    field: Prepared, take: Take, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: GOOD, 1: GOOD}))
    page = book["台账"]
    page.title = "长来改"
    page.insert_rows(1, 2)
    page.insert_cols(1)
    book["说明"].title = "封面"
    book.save(tmp_path / "b.xlsx")
    assert take(tmp_path / "b.xlsx").visits == (2, 0, 0)


def test_headings_broken_over_lines_are_known(field: Prepared, take: Take, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: GOOD}))
    page = book["台账"]
    for cell in page[HEAD]:
        cell.value = f"{cell.value[:2]}\n{cell.value[2:]} *"
    book.save(tmp_path / "a.xlsx")
    assert take(tmp_path / "a.xlsx").visits == (1, 0, 0)


@pytest.mark.parametrize(
    ("deleted", "new", "word"),
    [
        ("照片编号", 2, ""),
        ("系统登记", 2, ""),
        ("单元编号", 2, ""),
        ("家庭编号", 2, ""),
        ("核查结论", 0, "缺少“核查结论”一栏"),
        ("入户日期", 0, "缺少“入户日期”一栏"),
    ],
)
def test_a_deleted_column(field: Prepared, take: Take, tmp_path: Path, deleted: str, new: int, word: str) -> None:
    book = openpyxl.load_workbook(fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: GOOD, 1: GOOD}))
    page = book["台账"]
    page.delete_cols(columns(page)[deleted])
    book.save(tmp_path / "a.xlsx")
    done = take(tmp_path / "a.xlsx")
    assert done.visits.new == new
    assert all(word in text for row in reasons(done).values() for text in row.values())
    assert len(reasons(done)) == 2 - new


def test_without_both_numbers_nobody_can_tell_the_household(field: Prepared, take: Take, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: GOOD}))
    page = book["台账"]
    for heading in ("单元编号", "家庭编号"):
        page.delete_cols(columns(page)[heading])
    book.save(tmp_path / "a.xlsx")
    done = take(tmp_path / "a.xlsx")
    assert done.visits.new == 0
    assert reasons(done)[0] == {"": "没有“单元编号”和“家庭编号”两栏，不知是哪一户"}


def test_rows_sorted_in_part_are_noticed(field: Prepared, take: Take, tmp_path: Path) -> None:
    """Names and numbers moved against each other: the answers could be anybody's."""
    book = openpyxl.load_workbook(fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: GOOD, 1: GOOD, 2: GOOD}))
    page = book["台账"]
    c = columns(page)["户主（对象）"]
    one, two = page.cell(HEAD + 1, c), page.cell(HEAD + 2, c)
    one.value, two.value = two.value, one.value
    book.save(tmp_path / "a.xlsx")
    done = take(tmp_path / "a.xlsx")
    assert done.visits.new == 1 and set(reasons(done)) == {0, 1}


def test_a_household_twice_in_a_sheet(field: Prepared, take: Take, tmp_path: Path) -> None:
    stops = field.plan.ledgers()[1, "长来"]
    again = {"单元编号": stops[0].unit, "家庭编号": stops[0].household_no, "户主（对象）": stops[0].name}
    same = take(fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: GOOD, 1: GOOD | again}))
    assert same.visits == (1, 0, 0) and not same.backs
    other = fill(field.ledgers["长来"], tmp_path / "b.xlsx", {0: GOOD, 1: GOOD | again | {"在家人数": 4}, 2: GOOD})
    done = take(other, out="other")
    assert done.visits.new == 1 and set(reasons(done)) == {0, 1}


def test_merged_answers_hold_for_each_row(field: Prepared, take: Take, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: GOOD, 1: GOOD}))
    page = book["台账"]
    c = columns(page)["入户日期"]
    page.merge_cells(start_row=HEAD + 1, end_row=HEAD + 2, start_column=c, end_column=c)
    book.save(tmp_path / "a.xlsx")
    assert take(tmp_path / "a.xlsx").visits == (2, 0, 0)


def test_a_broken_file_among_good_ones_is_told_and_the_good_ones_taken(
    field: Prepared, take: Take, tmp_path: Path
) -> None:
    good = fill(field.ledgers["长来"], tmp_path / "good.xlsx", {0: GOOD})
    (tmp_path / "broken.xlsx").write_bytes(good.read_bytes()[:900])
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    openpyxl.Workbook().save(tmp_path / "blank.xlsx")
    done = take(tmp_path / "broken.xlsx", good, tmp_path / "old.xls", tmp_path / "blank.xlsx")
    assert done.visits.new == 1
    assert [r.file for r in done.refused] == ["broken.xlsx", "old.xls", "blank.xlsx"]
    assert all(r.zh for r in done.refused) and len(told(done)) == 3


@pytest.mark.parametrize("name", ["broken.xlsx", "absent.xlsx", "blank.xlsx"])
def test_when_nothing_can_be_used_nothing_is_written(take: Take, tmp_path: Path, name: str) -> None:
    if name == "broken.xlsx":
        (tmp_path / name).write_bytes(b"PK\x03\x04 cut off")
    elif name == "blank.xlsx":
        openpyxl.Workbook().save(tmp_path / name)
    with pytest.raises(BadInput, match=name):
        take(tmp_path / name)
    assert not (tmp_path / "out").exists() and not (tmp_path / "ledger.duckdb").exists()


def test_a_ledger_of_another_month_is_refused(field: Prepared, take: Take, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: GOOD}))
    for cell in book["台账"][1]:
        if cell.value:
            cell.value = str(cell.value).replace("10月", "9月")
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(BadInput, match="visit ledger of 2022-09"):
        take(tmp_path / "a.xlsx")


def test_the_plan_must_be_that_of_the_certificate(field: Prepared, tmp_path: Path) -> None:
    other = tmp_path / "draw.json"
    other.write_bytes(field.certificate.read_bytes() + b"\n")
    with pytest.raises(BadInput, match="other certificates"):
        read_visit_side(field.plan_file, [other])
    with pytest.raises(BadInput, match="go together"):
        read_visit_side(field.plan_file, [])
    assert isinstance(read_visit_side(field.plan_file, [field.certificate]), Visits)


def test_a_hidden_sheet_is_not_read(field: Prepared, take: Take, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: GOOD}))
    book.active = book.sheetnames.index("说明")
    book["台账"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(BadInput, match="no sheet of it"):
        take(tmp_path / "a.xlsx")


def test_no_name_or_number_stands_in_a_message(field: Prepared, take: Take, tmp_path: Path) -> None:
    """What goes to the terminal: file, sheet, row and column only."""
    done = take(fill(field.ledgers["长来"], tmp_path / "a.xlsx", {0: GOOD | {"核查人": "赵一、王七"}, 1: GOOD}))
    assert not done.refused
    assert all("王七" not in str(f) for f in done.files)
