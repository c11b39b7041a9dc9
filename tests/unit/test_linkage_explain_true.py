"""What an explanation must not say: sentences that were once false of the records beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from compared_sample import PAIRS

from pipeline.linkage.compared import FieldCompared, Other
from pipeline.linkage.explain import (
    explain_page,
    explain_text,
    sentence,
    sentence_of_pattern,
)
from pipeline.linkage.explain.verdicts import held_words, next_step


def test_a_held_pair_s_sentence_does_not_deny_the_birth_date_it_names() -> None:
    """Two wrong numbers hold the birth date already: it agrees and does not count."""
    number = FieldCompared("id", "440281021307100885", "440281291307100885", "area_birth", 6.3)
    birth = FieldCompared("birth", "2013-07-10", "2013-07-10", None, 0.0)
    c = replace(PAIRS["homophone_no_number"], decision="review", reason="held_letter")
    told = replace(c, fields=tuple({"id": number, "birth": birth}.get(f.field, f) for f in c.fields))
    assert "出生日期、性别" in sentence(told)
    assert sentence(told).endswith("但姓名并不完全相同，两个号码又不一致，不自动认定，请人工核对。")
    assert held_words("held_letter", (None, "1"), ("a", "b")).endswith("没有一致的出生日期或号码")


@pytest.mark.parametrize(("decision", "ruled"), [("link", "认定为同一人"), ("review", "提请人工核对")])
def test_two_sound_numbers_are_not_said_to_have_settled_it(decision: str, ruled: str) -> None:
    c = replace(PAIRS["changed_number"], reason="two_numbers", probability=None, runner_up=None, decision=decision)
    why = f"按姓名、出生日期、性别、村居由规则{ruled}"
    assert sentence(c).endswith(f"；{why}。") and "哪一个是本人的" in next_step(c)
    page = explain_page(c)
    assert f"两个号码都有效而不同，{why}" in page and "直接判定" not in page and "怎样得出" not in page


def test_a_probability_short_of_the_threshold_is_not_shown_as_having_reached_it() -> None:
    c = replace(PAIRS["changed_number"], probability=0.9989, runner_up=None, link_at=0.999026)
    page = explain_page(c, thresholds=(0.5, 0.999026))
    assert "可能性99.89%，不足以认定" in sentence(c) and "认定须达99.90%" in page and "99.89%" in page
    assert "99.9%<" not in page
    linked = replace(c, probability=0.9992, decision="link")
    assert "可能性99.9%" in sentence(linked) and "认定须达99.9%" in explain_page(linked, thresholds=(0.5, 0.999026))


def test_no_odds_are_told_between_two_who_may_both_be_the_person() -> None:
    c = PAIRS["repaired_digit"]
    who = Other("医保.xlsx#-#9", dict.fromkeys(("name", "id", "sex", "birth", "place"), "甲"))
    assert "可信程度" in sentence(c) and "可信程度" in sentence(replace(c, rival=who, rival_chance=0.0001))
    assert sentence(replace(c, rival=who, rival_chance=0.9996)).endswith("认定为同一人，可能性99.9%以上。")
    one = replace(c, runner_up=None, beside=True)
    assert "人选" not in sentence(one) and "没有别的记录" not in explain_page(one)
    assert "不算另有其人" in explain_page(one) and "another record of the same person" in explain_text(one)


def test_a_pair_that_linkage_has_no_word_on_is_not_said_to_lack_evidence() -> None:
    c = replace(PAIRS["swap"], decision="reject", reason="below", probability=None)
    text, page = explain_text(c), explain_page(c)
    assert "no decision about the two is on record" in text and "too little evidence" not in text
    assert "没有这两条记录的比对结果，未认作同一人。" in text and "证据不足" not in page and "<b>未认定</b>" in page
    assert "没有别的记录与之相近" not in explain_page(PAIRS["swap"])


def test_two_equal_addresses_in_two_towns_are_said_to_be_equal() -> None:
    home = FieldCompared(
        "place", "乐城街道坝溪村27号", "乐城街道坝溪村27号", "other", -5.4, ("镇街：三溪", "镇街：乐城")
    )
    fields = tuple(home if f.field == "place" else f for f in PAIRS["two_confirmed"].fields)
    told = replace(PAIRS["two_confirmed"], fields=fields, towns=("三溪", "乐城"))
    assert "；地址文字相同而镇街不同（三溪／乐城）；" in sentence(told)
    assert '<small class="note">镇街：三溪</small>' in explain_page(told)


def test_two_rows_of_one_list_are_said_to_be() -> None:
    c = PAIRS["head_s_number_on_a_child"]
    once = FieldCompared("once", "低保", "低保", "taken", -7.9)
    told = replace(c, fields=tuple(once if f.field == "once" else f for f in c.fields))
    assert "低保名册中各有一行" in sentence(told) and "<td>各有一行</td>" in explain_page(told)


def test_the_list_in_which_both_have_a_row_is_named_with_the_rows() -> None:
    c = PAIRS["father_and_son"]
    once = FieldCompared("once", "低保", "户籍", "taken", -7.9)
    told = replace(
        c, fields=tuple(once if f.field == "once" else f for f in c.fields),
        both_in=("household_register", "户籍.csv#-#9", "户籍.csv#-#88"),
    )  # fmt: skip
    assert "两人在户籍数据中各有一行（户籍.csv第9行、户籍.csv第88行）" in sentence(told)
    page = explain_page(told)
    assert "<td>两人在户籍数据中各有一行</td>" in page and "户籍.csv第9行" in page


@pytest.mark.parametrize(
    ("level", "said"),
    [("other", "家庭编号相同，但两条记录在同一名册中各占一行"), ("kin", "同一家庭另有一名成员已认定为同一人")],
)
def test_two_rows_of_one_household_are_not_said_to_be_of_two(level: str, said: str) -> None:
    c = PAIRS["father_and_son"]
    home = FieldCompared("household", "DB440281000546", "DB440281000546", level, -4.0)
    told = replace(c, fields=tuple(home if f.field == "household" else f for f in c.fields))
    assert said in sentence(told)
    assert "不是同一家庭" not in explain_page(told) and "不在同一家庭" not in sentence(told)
    apart = replace(told, fields=tuple(replace(home, right="DB1") if f.field == "household" else f for f in c.fields))
    assert said not in sentence(apart)


def test_equal_birth_dates_that_do_not_count_are_not_said_to_be_beyond_comparison() -> None:
    c = PAIRS["father_and_son"]
    birth = FieldCompared("birth", "1965-05-25", "1965-05-25", None, 0.0)
    told = replace(c, fields=tuple(birth if f.field == "birth" else f for f in c.fields))
    assert "出生日期无从比较" not in sentence(told) and "出生日期" in sentence(told)


def test_a_pair_that_is_held_though_likely_is_not_said_to_be_too_little() -> None:
    pattern = "name=homophone birth=equal once=taken"
    assert "不足以认定" not in (held := sentence_of_pattern(pattern, 20.0, 0.9996, "review"))
    assert "可能性99.9%以上，但上述各项中有不相符的，不自动认定，请人工核对" in held
    assert "可能性73%，不足以认定，请人工核对" in sentence_of_pattern(pattern, 12.0, 0.73, "review")


def test_a_birth_date_written_amiss_beside_a_number_that_shows_it_is_told() -> None:
    c = PAIRS["masked"]
    birth = FieldCompared("birth", "1974-08-02", "1974-02-08", None, 0.0)
    told = replace(c, fields=tuple(birth if f.field == "birth" else f for f in c.fields))
    assert "所登出生日期不同（1974-08-02／1974-02-08）" in sentence(told)


def test_a_lost_character_that_a_department_wrote_is_for_it_to_fill_in() -> None:
    c = PAIRS["wildcard"]
    names = tuple(replace(f, left=f.right, right=f.left) if f.field == "name" else f for f in c.fields)
    turned = replace(c, fields=names)
    assert "报县局转请数据来源部门补全户籍数据户籍.csv第88行姓名中缺的字" in next_step(turned)
    slip = tuple(replace(f, right="440281195603124710") if f.field == "id" else f for f in turned.fields)
    wrong = "报县局转请数据来源部门更正户籍数据户籍.csv第88行的身份证号，补全该行姓名中缺的字"
    assert wrong in next_step(replace(turned, fields=slip))


def test_one_account_of_one_household_is_no_matter_to_look_into() -> None:
    c = PAIRS["head_s_number_on_a_child"]
    for house, asked in (("DB7", False), ("DB8", True)):
        values = {"account": ("6217", "6217", "equal"), "household": ("DB7", house, None)}
        cells = tuple(
            replace(f, left=v[0], right=v[1], level=v[2]) if (v := values.get(f.field)) else f for f in c.fields
        )
        assert ("核实领款人" in next_step(replace(c, fields=cells))) is asked


def test_two_probabilities_of_more_than_one_are_said_to_leave_each_other_out() -> None:
    c = PAIRS["homophone_no_number"]
    rival = Other("户籍.csv#-#7", {"name": "邓新", "id": None, "sex": "男", "birth": None, "place": None})
    told = replace(c, probability=0.9999, runner_up=c.weight - 7, rival=rival, rival_chance=0.008)
    assert "未计最强的那一个：可能就是同一人" in explain_page(told)
    assert "未计最强的那一个" not in explain_page(replace(told, probability=0.992))


@pytest.mark.parametrize(
    ("level", "rare", "sex"), [("unlike", False, False), ("surname", True, False), ("equal", True, True)]
)
def test_why_one_level_of_the_name_weighs_differently_from_page_to_page_is_said(
    level: str, rare: bool, sex: bool
) -> None:
    c = PAIRS["homophone_no_number"]
    page = explain_page(replace(c, fields=tuple(replace(f, level=level) if f.field == "name" else f for f in c.fields)))
    assert ("少见的比常见的分量重" in page) is rare and ("从性别、出生日期的分量中扣去" in page) is sex
