"""One question for two persons in the towns' workbooks: what it decides, who else it may be, what is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.ledger.rulings import LINK
from pipeline.linkage.explain.asking import Side, how_to_look, why_asked
from pipeline.masking import Masker
from pipeline.publish import review
from pipeline.publish.pages.pairs import Linked
from pipeline.publish.questions import _rivals
from pipeline.publish.words import each_place, places
from tests.unit.asked_sample import published
from tests.unit.replies_sample import REVIEW, audited, kept, reply, take, why

# One number under two names: the second one's stands in three lists.
ONE_NUMBER = """
month: 2022-10
== asked
dibao
household_no | name   | id_number | town | birth_date
H1           | 张小三 | @1        | 长来 |
temporary
grant_no | name   | id_number | town
L1       | 张小三 | @1        | 长来
household_register
hukou_no | name   | id_number | town | relation
K1       | 李四光 | @1        | 坪石 | 户主
vehicle
name   | id_number | plate
李四光 | @1        | 粤F1
李四光 | @1        | 粤F2
expect: nothing
"""
# Two brothers, one slip each from the number of an account whose name lost a character.
BROTHERS = """
month: 2022-10
== asked
dibao
household_no | name   | id_number          | town
H1           | 张明辉 | 440281199001010019 | 长来
H2           | 张明晖 | 440281199001010211 | 北乡
household_register
hukou_no | name   | id_number          | town
K1       | 张明辉 | 440281199001010019 | 长来
K1       | 张明晖 | 440281199001010211 | 北乡
deposit
name  | id_number          | institution | balance
张明? | 440281199001010219 | 农行        | 3
expect: nothing
"""
# A person on two towns' rosters whose number stands under another name elsewhere.
TWO_TOWNS = """
month: 2022-10
== asked
dibao
household_no | name   | id_number | town
H1           | 张小三 | @1        | 长来
H2           | 张小三 | @1        | 北乡
household_register
hukou_no | name   | id_number | town
K1       | 李四光 | @1        | 坪石
expect: nothing
"""


def by_heading(page: review.Page) -> list[Mapping[str, object]]:
    return [dict(zip((c.heading for c in review.COLUMNS), row, strict=False)) for row in page.rows]


def test_a_number_on_many_records_of_one_person_is_one_question(engine: DuckEngine, tmp_path: Path) -> None:
    pages = review.rows(published(engine, tmp_path, ONE_NUMBER))
    assert set(pages) == {"长来"} and pages["长来"].pairs == 6
    (row,) = by_heading(pages["长来"])
    assert (row["救助类别"], row["家庭编号"]) == ("低保\n临时救助", "H1\nL1")
    assert (row["名册姓名"], row["对方姓名"]) == ("张小三", "李四光")
    assert each_place(str(row["名册来源"])) == ["dibao#1", "temporary#1"]
    assert each_place(str(row["对方来源"])) == ["household_register#1", "vehicle#1", "vehicle#2"]
    assert row["对方数据"] == "户籍\n车辆" and "本行一次答复6对记录。" in str(row["说明"])
    assert str(row["怎样核实"]).startswith("看张小三的身份证：号码与名册不同的，更正名册")


def test_one_answer_settles_every_pair_of_a_question(engine: DuckEngine, tmp_path: Path) -> None:
    run = audited(published(engine, tmp_path, ONE_NUMBER), tmp_path)
    done = take(tmp_path, reply(run, tmp_path / "a.xlsx", {(REVIEW, 0): ("不是同一人", "核过", "赵一")}), run=run)
    assert (done.reply_rows, done.rulings, done.sent_back) == (1, 6, 0)
    ruled = kept(tmp_path, LINK)
    assert set(ruled["verdict"]) == {"different"} and ruled["subject"].n_unique() == 6


def test_a_place_that_nobody_asked_about_goes_back(engine: DuckEngine, tmp_path: Path) -> None:
    run = audited(published(engine, tmp_path, ONE_NUMBER), tmp_path)
    links = pl.read_parquet(run / "links.parquet")
    links.filter(pl.col("record_id") != "vehicle#2").write_parquet(run / "links.parquet")
    done = take(tmp_path, reply(run, tmp_path / "a.xlsx", {(REVIEW, 0): ("同一人", None, "赵一")}), run=run)
    assert done.rulings == 0 and "没有这一对" in why(done)[REVIEW, 0]["对方来源"]


def test_both_candidates_of_a_record_are_seen_beside_each_other(engine: DuckEngine, tmp_path: Path) -> None:
    pages = review.rows(published(engine, tmp_path, BROTHERS))
    (ours,), (theirs,) = by_heading(pages["长来"]), by_heading(pages["北乡"])
    assert (ours["名册姓名"], theirs["名册姓名"]) == ("张明辉", "张明晖") and ours["可能性"] == "50%"
    told = str(ours["说明"])
    assert "另有同样相符或更相符的人选，分不清是哪一个" in told
    assert "另有人选：张明晖（北乡，证件号4402**********0211，household_register#2，可能性50%）。" in told
    assert "对方这个人共有2个待比对的人选" in told
    assert str(ours["怎样核实"]).endswith("分清是张明辉（尾号0019）、张明晖（尾号0211）中的哪一个。")


def test_a_rival_is_as_probable_as_the_question_about_it_says() -> None:
    """Two persons may have been weighed from either side; what the workbook asks of them is what it says of them."""
    own = {"asked": "x", "one": "x", "other": "a", "weight": 20.0, "reason": "", "probability": 0.5}
    rival = own | {"other": "b", "weight": 21.0, "probability": 0.92}
    asked = {frozenset({"x", "a"}): 0.5, frozenset({"x", "b"}): 0.9995}
    (told,) = _rivals(own, ("a", "x"), {"x": [own, rival]}, asked)
    assert (told.person, told.instead_of, told.probability, told.nearly) == ("b", "a", 0.9995, True)
    (told,) = _rivals(own, ("a", "x"), {"x": [own, rival]}, {})
    assert told.probability == 0.92


def test_a_person_on_two_towns_rosters_is_asked_about_in_both(engine: DuckEngine, tmp_path: Path) -> None:
    pub = published(engine, tmp_path, TWO_TOWNS)
    pages = review.rows(pub)
    assert set(pages) == {"长来", "北乡"}
    # on the page as in the workbooks
    linked = Linked(pub, Masker.of(()))
    assert [sorted(linked.towns(k)) for k in linked.links if k["decision"] == "review"] == [["北乡", "长来"]] * 2
    assert {page.pairs for page in pages.values()} == {2}
    for town, first in (("长来", "dibao#1"), ("北乡", "dibao#2")):
        (row,) = by_heading(pages[town])
        assert set(each_place(str(row["名册来源"]))) == {"dibao#1", "dibao#2"}
        assert each_place(str(row["名册来源"]))[0] == first
        assert "镇街不同（" + town + "／坪石）" in str(row["说明"])


def test_what_a_department_hid_or_left_out_is_not_asked_of_a_town() -> None:
    ours = Side("名册", "dibao", "欧阳静", "440281201371274315", None, "长来")
    for number, told in (("44028120130127****", "对方隐去的号码不必追查"), (None, "对方数据没有号码，不必追查")):
        theirs = Side("对方", "property", "欧阳静", number, None, None)
        assert how_to_look({"name": "equal", "id": "area_birth"}, (ours, theirs), []) == (
            f"看欧阳静的身份证、户口簿，更正名册上的号码；问本人有无不动产中的这一登记（不动产权证）；{told}。"
        )
    masked = replace(ours, number="440281********1234")
    assert "名册上的号码换成没有隐去的" in how_to_look({"name": "equal"}, (masked, theirs), [])
    assert "号码有隐去的位，分不清是不是同一个" in why_asked({"name": "equal"}, 0.9, "held_number", 0, (masked, ours))


def test_places_of_one_sheet_share_a_line_and_are_taken_apart_again() -> None:
    records = ["部门/医保.xlsx#往年#12", "死亡.csv#-#3", "部门/医保.xlsx#往年#30", "第1、2批.csv#-#5", "dibao#1"]
    lines = places(records)
    assert lines == ["医保.xlsx〔往年〕第12、30行", "死亡.csv第3行", "第1、2批.csv第5行", "dibao#1"]
    assert each_place("\n".join(lines)) == [
        "医保.xlsx〔往年〕第12行", "医保.xlsx〔往年〕第30行", "死亡.csv第3行", "第1、2批.csv第5行", "dibao#1",
    ]  # fmt: skip
