"""What a comparison shows of other records of the two persons, and a pair of a drop explained from its files."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from ingest_drops import make_drop
from support.people import valid

from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.linkage.asked import explain_pair, train_model
from pipeline.linkage.compare_others import not_set_apart
from pipeline.linkage.compare_settled import _telling, shown_first
from pipeline.linkage.compare_values import (
    LEFT,
    RIGHT,
    Told,
    tell_agreeing,
    tell_home,
    tell_towns,
    values_of,
)
from pipeline.linkage.model import default_model


def test_where_the_homes_agree_by_another_record_that_home_is_shown() -> None:
    """The row names a town alone, the person's row in the register the whole address."""
    home = {"address": "乐城镇塔头村1号", "village": "塔头村", "town": "乐城"}
    blank = dict.fromkeys(("name", "id_number", "birth_date", "sex", "phone", "account", "group_no"))
    full = blank | home | {"dataset": "dibao", "record_id": "d#-#1"}
    bare = blank | {"dataset": "employment", "address": None, "village": None, "town": "乐城", "record_id": "e#-#1"}
    register = full | {"dataset": "household_register", "record_id": "户籍.csv#-#9"}
    around = {LEFT: [full], RIGHT: [bare, register]}
    for level, shown in ((2, True), (3, True), (1, False), (None, False)):
        left, right = Told(values_of(full)), Told(values_of(bare))
        tell_home(left, right, level, around)
        assert left == Told(values_of(full))
        assert right.values["place"] == ("乐城镇塔头村1号" if shown else "乐城")
        assert right.notes == ({"place": "见户籍：户籍.csv第9行"} if shown else {})


def test_a_town_that_agrees_is_told_beside_an_address_that_does_not_name_it() -> None:
    blank = dict.fromkeys(("name", "id_number", "birth_date", "sex", "phone", "account", "group_no", "village"))
    moved = blank | {"dataset": "dibao", "record_id": "d#-#1", "address": "廊田镇上墩村17号", "town": "乐城"}
    bare = blank | {"dataset": "care_assessment", "record_id": "c#-#2", "address": None, "town": "乐城"}
    left, right = Told(values_of(moved)), Told(values_of(bare))
    tell_home(left, right, 1, {LEFT: [moved], RIGHT: [bare]})
    assert left.notes == {"place": "登记的镇街：乐城"} and right.notes == {}
    # by another record of the person
    away, register = bare | {"town": "坪石"}, moved | {"dataset": "household_register", "record_id": "户籍.csv#-#9"}
    left, right = Told(values_of(moved)), Told(values_of(away))
    tell_home(left, right, 1, {LEFT: [moved], RIGHT: [away, register]})
    assert right.values["place"] == "廊田镇上墩村17号"
    assert right.notes == {"place": "见户籍：户籍.csv第9行，登记的镇街：乐城"}


def test_the_record_compared_comes_before_the_person_s_others() -> None:
    rows = [{"record_id": record} for record in ("巡访#-#1", "户籍.csv#-#2", "评估.csv#-#3")]
    assert [r["record_id"] for r in shown_first(rows, "评估.csv#-#3")] == ["评估.csv#-#3", "巡访#-#1", "户籍.csv#-#2"]
    assert shown_first(rows, "another's") == rows


def test_the_towns_of_two_equal_addresses_are_told() -> None:
    home = {"address": "乐昌市乐城街道坝溪村27号", "village": "坝溪村", "dataset": "dibao", "record_id": "d#-#1"}
    blank = dict.fromkeys(("name", "id_number", "birth_date", "sex", "phone", "account", "group_no"))
    here, there = blank | home | {"town": "三溪"}, blank | home | {"town": "乐城"}
    for level, other, towns in ((0, there, ("三溪", "乐城")), (3, there, ("", "")), (0, here, ("", ""))):
        left, right = Told(values_of(here)), Told(values_of(other))
        assert tell_towns(left, right, level, {LEFT: [here], RIGHT: [other]}) == towns
        assert left.notes.get("place", "") == ("镇街：三溪" if towns[0] else "")
        assert right.notes.get("place", "") == ("镇街：乐城" if towns[0] else "")


def test_where_a_household_agrees_by_another_record_that_number_is_shown() -> None:
    blank = dict.fromkeys(("name", "id_number", "birth_date", "sex", "phone", "account", "address", "town", "village"))
    patrol = blank | {"dataset": "patrol", "record_id": "巡访#-#92", "group_no": "roster:TK177"}
    register = blank | {"dataset": "household_register", "record_id": "户籍.csv#-#2464", "group_no": "register:377"}
    paid = blank | {"dataset": "expenditure", "record_id": "发放明细.csv#-#1039", "group_no": "roster:TK177"}
    left, right = Told(values_of(patrol)), Told(values_of(register))
    tell_agreeing(left, right, "household", {LEFT: [patrol], RIGHT: [register, patrol | {"record_id": "p"}, paid]})
    assert left == Told(values_of(patrol)) and right.values["household"] == "TK177"
    assert right.notes["household"].startswith("见") and right.notes["household"].endswith("发放明细.csv第1039行")
    alone = Told(values_of(register))
    tell_agreeing(left, alone, "household", {LEFT: [patrol], RIGHT: [register]})
    assert alone == Told(values_of(register))


@pytest.mark.parametrize(
    ("chance", "decision", "between", "one"),
    [(1.0, "review", "review", True), (1.0, "review", "reject", False), (0.0004, "reject", "review", False),
     (0.0004, "reject", "merged", True)],
)  # fmt: skip
def test_two_records_of_one_person_are_no_rivals(chance: float, decision: str, between: str, one: bool) -> None:
    """The next candidate is up for review as the pair's other record, or is that person's already."""
    pairs = [("x", "a", 50.0, 1.0, "link"), ("x", "b", 30.0, chance, decision)]
    if between != "merged":
        pairs.append(("b", "a", 24.0, 0.99, between))
    small = DuckEngine()
    try:
        names = ["left_person", "right_person", "weight", "probability", "decision"]
        small.load("pair_decision", pl.DataFrame(pairs, orient="row", schema=names))
        persons = {"own": ["x", "a", "b"], "person": ["a", "a", "a" if between == "merged" else "b"]}
        small.load("person_record", pl.DataFrame(persons))
        x, a = {"own": "x", "person": "a"}, {"own": "a", "person": "a"}
        settled = {"runner_up": 30.0, "probability": 1.0}
        assert not_set_apart(small, x, a, settled, 50.0) is not_set_apart(small, a, x, settled, 50.0) is one
        assert not not_set_apart(small, x, a, settled, 30.5)
        assert not not_set_apart(small, x, a, settled | {"probability": 0.6}, 50.0)
    finally:
        small.close()


def test_the_records_that_gave_what_was_compared_stand_among_those_told() -> None:
    blank = dict.fromkeys(("name", "id_number", "birth_date", "sex", "phone", "account", "group_no", "address"))
    blank |= {"town": "云岩", "village": None, "dataset": "expenditure"}
    rows = [blank | {"record_id": f"发放#-#{n}", "name": "黄德军"} for n in range(9)]
    rows.append(blank | {"record_id": "残疾#-#423", "name": "黃德軍", "phone": "150"})
    others = [blank | {"record_id": "户籍#-#1055", "name": "黃德軍"}]
    told = _telling(rows, others, ["name", "phone", "place"])
    assert told[:2] == ("发放#-#0", "残疾#-#423") and len(told) == 6
    assert "残疾#-#423" not in _telling(rows, others, []) and _telling([], others, ["name"]) == ()


A, B = "dibao.csv#-#2", "医保.csv#-#2"
NUMBER = valid("440281", "19510501", 123)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drop of two files: a roster row without a number, and the person in a sector's file."""
    return make_drop(
        tmp_path_factory.mktemp("files"),
        {
            "dibao.csv": "家庭编号,姓名,身份证号,出生日期,镇街\nDB1,张三丰,,1951-05-01,乐城\n",
            "医保.csv": f"姓名,身份证号,镇街,个人自付\n张三丰,{NUMBER},乐城,5\n",
        },
        roster=False,
    )


def test_a_pair_of_a_drop_is_explained_in_words_and_on_a_page(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "pair.html"
    text = explain_pair(files, A, B, out=out)
    assert "张三丰" in text and "姓名" in text and "出生日期" in text
    assert NUMBER in out.read_text(encoding="utf-8")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_number_that_a_spreadsheet_cut_off_is_not_said_to_be_missing(tmp_path: Path) -> None:
    """On a roster it is refused and to be put right; a department's is compared as far as it is left."""
    cut = f"{NUMBER[:15]}000"
    drop = make_drop(
        tmp_path,
        {
            "dibao.csv": f"家庭编号,姓名,身份证号,出生日期,镇街\nDB1,张三丰,{cut},1951-05-01,乐城\n",
            "医保.csv": f"姓名,身份证号,镇街,个人自付\n张三丰,{NUMBER},乐城,5\n",
            "婚姻.csv": f"姓名,身份证号,配偶姓名,登记类型\n张三丰,{cut},李四妹,结婚\n",
        },
        roster=False,
    )
    text = explain_pair(drop, A, B)
    assert "低保名册所登身份证号不能用（号码末三位为000" in text and "没有身份证号" not in text
    assert "更正低保名册dibao.csv第2行的身份证号" in text and "补登" not in text
    text = explain_pair(drop, "婚姻.csv#-#2", B)
    assert f"{cut[:15]}***" in text and "隐去3位，其余15位一致" in text


@pytest.mark.parametrize(("end", "agree"), [("973", True), ("431", False)])
def test_a_number_that_a_spreadsheet_rounded_up_is_the_one_that_rounds_to_it(
    tmp_path: Path, end: str, agree: bool
) -> None:
    """...087973 is kept as ...088000 by a program that writes sixteen digits; ...087431 by none."""
    own = next(n for n in (valid("440225", "19690408", k) for k in range(700, 800)) if n[15] == end[0])
    raised = str(int(own[:15]) + 1)
    drop = make_drop(
        tmp_path,
        {
            "户籍.csv": f"户号,姓名,身份证号,出生日期\nK1,张三丰,{own},1969-04-08\n",
            "婚姻.csv": f"姓名,身份证号,配偶姓名,登记类型\n张三丰,{raised}000,李四妹,结婚\n",
        },
    )
    page = tmp_path / "pair.html"
    text = explain_pair(drop, "婚姻.csv#-#2", "户籍.csv#-#2", out=page)
    assert f"{raised}***" in text
    assert ("隐去3位，其余按表格软件对末三位的舍入一致" in text) is agree
    assert ("masked" in text) is agree and ("身份证号除末三位的舍入外一致，认定为同一人" in text) is agree
    assert ("证件号除末三位的舍入外一致" in page.read_text(encoding="utf-8")) is agree


def test_the_list_is_named_in_which_both_persons_have_a_row(tmp_path: Path) -> None:
    other = valid("440281", "19510501", 321)
    rows = "".join(f"张三丰,{n},1951-05-01,乐城,{k}\n" for n, k in ((NUMBER, "K1"), (other, "K2")))
    drop = make_drop(
        tmp_path,
        {
            "dibao.csv": f"家庭编号,姓名,身份证号,出生日期,镇街\nDB1,张三丰,{NUMBER},1951-05-01,乐城\n",
            "户籍.csv": f"姓名,身份证号,出生日期,镇街,户号\n{rows}",
        },
        roster=False,
    )
    assert "两人在户籍数据中各有一行（户籍.csv第2行、户籍.csv第3行）" in explain_pair(drop, A, "户籍.csv#-#3")


def test_a_masked_picture_by_a_bureau_s_own_model(files: Path, tmp_path: Path) -> None:
    own, out = replace(default_model(), matched_share=0.001), tmp_path / "pair.svg"
    (tmp_path / "own.json").write_text(own.to_json(), encoding="utf-8")
    text = explain_pair(files, B, A, out=out, model_file=tmp_path / "own.json", masked=True)
    assert text != explain_pair(files, B, A)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert NUMBER not in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"a": "nobody.csv#-#2"}, "no record of this id"),
        ({"drop": "no such folder"}, "the drop is not a folder"),
        ({"out": "pair.pdf"}, "no such kind of page"),
        ({"out": "nowhere/pair.html"}, "the folder of --out is not there"),
        ({"model_file": "no such.json"}, "cannot be read"),
    ],
)
def test_what_cannot_be_explained_is_said(files: Path, tmp_path: Path, how: dict[str, str], says: str) -> None:
    paths = {k: tmp_path / v for k, v in how.items() if k in ("out", "model_file", "drop")}
    with pytest.raises(BadInput, match=says):
        explain_pair(paths.pop("drop", files), how.get("a", A), B, **paths)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_said_before_the_drop_is_read(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (tmp_path / "pair.html").mkdir()
    with pytest.raises(BadInput, match="the output is a folder"):
        explain_pair(drop, A, B, out=tmp_path / "pair.html")
    with pytest.raises(BadInput, match="the folder of --out is not there"):
        train_model(drop, tmp_path / "nowhere" / "model.json", "ours")
