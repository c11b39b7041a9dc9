"""The groups of towns and the staff list: as people keep them, and what is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import BadInput
from pipeline.fieldwork.routing.groups import read_groups
from pipeline.fieldwork.routing.staff import id_key, read_staff
from pipeline.fieldwork.routing.stafflist import blank, write_blank
from tests.unit.draw_sample import person
from tests.unit.fieldwork_sample import STAFF, write_staff


def test_the_groups_are_those_of_the_notice() -> None:
    groups = read_groups()
    assert [len(groups.towns[n]) for n in (1, 2)] == [10, 9]
    assert groups.home("梅办") == 1 and groups.home("两江") == 2 and groups.home("外县") is None
    assert groups.visited_by(1) == groups.towns[2]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[[group]]\nnumber = 1\ntowns = ['长来']", "a group 1 and a group 2"),
        ("[[group]]\nnumber = 1\ntowns = ['长来']\n[[group]]\nnumber = 2\ntowns = ['长来镇']", "both groups"),
        ("[[group]]\nnumber = 1\ntowns = ['长来', '长来镇']\n[[group]]\nnumber = 2\ntowns = ['坪石']", "twice"),
        ("[[group]]\nnumber = 1\ntowns = []\n[[group]]\nnumber = 2\ntowns = ['坪石']", "names no towns"),
        ("group = 3", "a group 1 and a group 2"),
        ("teams = 3", "no such key"),
        ("[[group", "not TOML"),
    ],
)
def test_groups_that_are_not_right_are_refused(tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "groups.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=word):
        read_groups(file)


def test_a_staff_list_as_people_keep_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["乐昌市核查人员名单"])
    page.append(["序号", "姓 名", "单位（镇街）", "联系电话", "组别", "在册亲属", "可用日期"])
    page.append(
        [1, "赵 一", "坪石镇", 13800000001, None, f"张三、李四（{person(7)}）\n{person(9)}", "2022-10-18至2022-10-20"]
    )
    page.append([2, "钱二", "民政局", "", "第2组", "无", "2022年10月18日、2022/10/21"])
    page.append([3, "孙三", "长来", None, 2, None, dt.date(2022, 10, 19)])
    book.save(tmp_path / "staff.xlsx")
    staff, digest = read_staff(tmp_path / "staff.xlsx", read_groups())
    assert len(digest) == 64
    assert [(m.name, m.town, m.party, m.phone) for m in staff] == [
        ("赵一", "坪石", 1, "13800000001"), ("钱二", "", 2, ""), ("孙三", "长来", 2, ""),
    ]  # fmt: skip
    assert staff[0].names == {"张三", "李四"} and staff[0].ids == {person(7), person(9)}
    assert [staff[0].free_on(dt.date(2022, 10, d)) for d in (17, 18, 20, 21)] == [False, True, True, False]
    assert staff[1].free_on(dt.date(2022, 10, 21)) and not staff[1].free_on(dt.date(2022, 10, 19))
    assert staff[2].free_on(dt.date(2022, 10, 19)) and not staff[2].free_on(dt.date(2022, 10, 20))


@pytest.mark.parametrize(
    ("row", "column", "word"),
    [
        (("", "坪石", "", ""), "姓名", "without a name"),
        (("赵一", "外县", "", ""), "单位", "neither group"),
        (("赵一", "", "", ""), "单位", "not filled in"),
        (("赵一", "坪石", "", "张三44028"), "在册亲属", "neither a name nor an ID number"),
    ],
)
def test_a_staff_list_that_cannot_be_used(
    tmp_path: Path, row: tuple[str, str, str, str], column: str, word: str
) -> None:
    file = write_staff(tmp_path / "staff.csv", (*STAFF[1:], row))
    with pytest.raises(BadInput, match=word) as e:
        read_staff(file, read_groups())
    assert e.value.row == 7 and e.value.column is not None and column in e.value.column
    assert "44028" not in str(e.value) and "赵一" not in str(e.value)


@pytest.mark.parametrize("days", ["下周", "10月18日", "2022-10-20至2022-10-18", "2022-10-32"])
def test_days_that_cannot_be_read_are_refused(tmp_path: Path, days: str) -> None:
    (tmp_path / "s.csv").write_text(f"姓名,单位,可用日期\n赵一,坪石,{days}\n", encoding="utf-8")
    with pytest.raises(BadInput, match="days that cannot be read"):
        read_staff(tmp_path / "s.csv", read_groups())


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("名,镇\n赵一,坪石\n", "姓名 and 单位"),
        ("姓名,单位\n", "names nobody"),
        ("姓名,单位\n赵一,坪石\n赵一,坪石镇\n", "is person 1 again"),
        ("姓名,单位,镇街\n赵一,坪石,坪石\n", "two columns say the same"),
        ("姓名,单位,组别\n赵一,坪石,2\n", "belongs to group 1"),
        ("姓名,单位,组别\n赵一,坪石,3\n", "no such group"),
    ],
)
def test_lists_that_are_no_staff_lists(tmp_path: Path, text: str, word: str) -> None:
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=word):
        read_staff(tmp_path / "s.csv", read_groups())


def test_an_old_number_is_the_new_one() -> None:
    new = person(3)
    assert id_key(new[:6] + new[8:17]) == new
    assert id_key(new.lower()) == new and id_key("4402811") == "" and id_key(None) == ""


def test_the_blank_list_is_read_back_and_names_nobody(tmp_path: Path) -> None:
    file = write_blank(tmp_path / "核查人员.xlsx")
    assert file.read_bytes() == blank()
    with pytest.raises(BadInput, match="names nobody"):
        read_staff(file, read_groups())
    with pytest.raises(BadInput, match=r"\.xlsx"):
        write_blank(tmp_path / "list.csv")
