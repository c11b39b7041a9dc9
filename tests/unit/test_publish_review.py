"""The towns' sheets of pairs to compare: who stands beside whom, in which town, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from publish_sample import sample, with_linkage
from support.pages import table

from pipeline.contract import TOWNS
from pipeline.publish import review, write_workbooks


def test_pairs_to_compare_show_masked_numbers(tmp_path: Path) -> None:
    write_workbooks(sample(0), tmp_path)
    out = tmp_path / "towns"
    town = next(iter(TOWNS))
    rows = table(openpyxl.load_workbook(out / f"{town}.xlsx")["待人工比对"])
    assert len(rows) == 3
    assert rows[0]["对方数据"] == "死亡" and rows[0]["对方姓名"] == "黄春花" and rows[0]["救助类别"] == "低保"
    assert rows[0]["家庭编号"] == f"{town}0004" and rows[0]["名册证件号（部分隐去）"] == "4402**********004X"
    assert str(rows[0]["说明"]).startswith("身份证号一致；姓名不同（")
    assert "性别不同；同一个号码下是两个名字，可能有一方登错，请人工核对。" in str(rows[0]["说明"])
    assert rows[0]["对方来源"] == "死亡.csv第2行" and rows[0]["比对方式"] == "证件号一致"
    assert rows[0]["可能性"] is None
    assert table(openpyxl.load_workbook(out / "白石.xlsx")["待人工比对"])[0]["序号"] == "本月无"


def test_candidates_of_one_record_stand_together(tmp_path: Path) -> None:
    pub = with_linkage(sample(0))
    pub.engine.run("DELETE FROM links WHERE tier = 'exact_id'")
    write_workbooks(pub, tmp_path)
    rows = table(openpyxl.load_workbook(tmp_path / "towns" / "长来.xlsx")["待人工比对"])
    # 新村 comes after 塘头, but belongs to the candidates of the register's row 2; what was refused stands nowhere
    assert [(r["村居"], r["对方来源"], r["可能性"]) for r in rows] == [
        ("塘头", "户籍.csv第2行", "37%"), ("塘头", "户籍.csv第2行", "20%"), ("新村", "户籍.csv第2行", "41%"),
    ]  # fmt: skip
    told = str(rows[2]["说明"])
    assert told.startswith("出生日期、性别、镇街一致；姓名读音相同（黄丽珍／王丽珍），对方没有身份证号；可能性41%")
    assert told.endswith("对方这个人共有3个待比对的人选，请一并比对。")
    (one, other) = table(openpyxl.load_workbook(tmp_path / "towns" / "北乡.xlsx")["待人工比对"])
    assert one["对方来源"] == "户籍.csv第3行" and other["对方来源"] == "户籍.csv第4行"
    assert "名册这个人共有2个待比对的人选，对方这个人共有5个待比对的人选" in str(one["说明"])


def test_rows_of_review_do_not_depend_on_the_order_of_links() -> None:
    pub = with_linkage(sample(0))
    before = review.rows(pub)
    pub.engine.run("SELECT * FROM links ORDER BY record_id DESC, roster_record_id DESC", into="links_again")
    pub.engine.run("DELETE FROM links")
    pub.engine.run("INSERT INTO links SELECT * FROM links_again")
    assert review.rows(pub) == before and sum(len(page.rows) for page in before.values()) == 27


def test_a_pair_across_two_towns_stands_in_both(tmp_path: Path) -> None:
    pub = sample(0)
    pub.engine.run("DELETE FROM links")
    pub.engine.run(
        "INSERT INTO links VALUES ('低保/低保_长来.xlsx#名册#4', 'dibao', '低保/低保_北乡.xlsx#名册#4', 'exact_id',"
        " NULL, NULL, 'review', 'id=equal name=unlike birth=unknown sex=equal')"
    )
    write_workbooks(pub, tmp_path)
    for here, there in (("长来", "北乡"), ("北乡", "长来")):
        (row,) = table(openpyxl.load_workbook(tmp_path / "towns" / f"{here}.xlsx")["待人工比对"])
        assert (
            row["名册来源"] == f"低保_{here}.xlsx〔名册〕第4行" and row["对方来源"] == f"低保_{there}.xlsx〔名册〕第4行"
        )
        assert row["比对方式"] == "证件号一致"
