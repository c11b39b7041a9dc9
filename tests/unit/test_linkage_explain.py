"""An explained pair: the table, the sentence, the picture, the page. What is said must follow from the pair."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from compared_sample import PAIRS

from pipeline.errors import BadInput
from pipeline.linkage.compared import FieldCompared, Other, Weighed
from pipeline.linkage.county import county_spec
from pipeline.linkage.explain import (
    explain_file,
    explain_page,
    explain_text,
    sentence,
    sentence_of_pattern,
    wording,
)
from pipeline.linkage.explain.differences import marks, pieces, positions
from pipeline.linkage.explain.verdicts import next_step

SENTENCES = {
    "repaired_digit": "姓名、出生日期、性别、村居一致；身份证号只有第17位不同（1／7），死亡数据所登号码通不过校验；"
    "身份证号除登记差错外一致，认定为同一人，可能性99.9%以上，其次的人选可信程度不及其万分之一。",
    "swap": "姓名、出生日期、性别、镇街一致；身份证号第13、14位前后颠倒，户籍数据所登号码通不过校验；"
    "身份证号除登记差错外一致，认定为同一人，可能性99.9%以上，比对中没有别的人选。",
    "masked": "姓名、性别、镇街、联系电话一致；身份证号隐去8位，其余10位一致；"
    "综合认定为同一人，可能性99.9%以上，其次的人选可信程度不及其万分之一。",
    "homophone_no_number": "出生日期、性别、地址一致；姓名粤语同音（黄丽珍／王丽珍，不计声调），户籍数据没有身份证号；"
    "综合认定为同一人，可能性99.9%，其次的人选可信程度约为其3000分之一。",
    "wildcard": "出生日期、性别、村居一致；姓名除缺失的字外一致（欧?福／欧燊福），双方都没有身份证号；"
    "综合认定为同一人，可能性99.9%以上，比对中没有别的人选。",
    "household_evidence": "姓名、性别、村居一致；户籍数据没有身份证号，出生日期差一个数字（2012-04-17／2012-04-11），"
    "两家另有一名成员已认定为同一人；有家庭成员印证，认定为同一人，可能性99.9%以上，"
    "其次的人选可信程度不及其万分之一。",
    "twin_refused": "出生日期、性别、地址、家庭编号一致；双方都没有身份证号；姓相同而名不同（谭建军／谭建华）；"
    "另有更相符的人选，其可信程度是此人的一万倍以上，不认作同一人。",
    "father_and_son": "姓名、性别、地址、家庭编号一致；出生日期不同（1950-01-15／1976-06-22）；"
    "两人各有校验无误、另有数据印证的身份证号，号码有7位不同，不是同一人。",
    "head_s_number_on_a_child": "村居、家庭编号一致；姓相同而名不同（张国强／张小梅），"
    "出生日期不同（1965-03-02／2012-08-09），性别不同；两条记录登的是同一个身份证号，却像是两个人，"
    "后一条所登出生日期与号码中的不符，可能登了别人的号码，请人工核对。",
    "changed_number": "姓名、出生日期、性别、村居一致；两个身份证号都有效，第5、6、18位不同；"
    "可能性55%，不足以认定，另有人选与其不相上下，请人工核对。",
    "old_form": "出生日期、性别、镇街一致；姓名写法不同（繁简、异体字或间隔号），实为同名（锺桂英／钟桂英），"
    "身份证号一新一旧，旧15位号码升位后一致；身份证号一致，姓名相符，认定为同一人。",
    "two_confirmed": "姓名、出生日期、性别一致；镇街不同（乐城／三溪）；两人各有校验无误、另有数据印证的身份证号，"
    "号码第16、17位不同，不是同一人。",
}


@pytest.mark.parametrize(("said", "value"), [("镇街", "乐城"), ("住址文字", "3组12号")])
def test_an_address_without_its_town_is_called_an_address(said: str, value: str) -> None:
    pair = PAIRS["swap"]
    fields = [replace(f, left=value, right=value) if f.field == "place" else f for f in pair.fields]
    told = replace(pair, fields=tuple(fields))
    assert sentence(told).startswith(f"姓名、出生日期、性别、{said}一致")


def test_a_rival_who_may_be_the_same_person_is_not_passed_over() -> None:
    """A probability of 0.99 beside an equal rival would contradict itself, were it not said why."""
    told = replace(PAIRS["changed_number"], probability=0.99)
    assert sentence(told).endswith(
        "另有人选与其不相上下，此人与户籍数据所登的可能是同一人，也可能是两人，不自动认定，请人工核对。"
    )


def test_a_number_that_is_not_compared_is_said_to_be_perhaps_anothers() -> None:
    pair = PAIRS["masked"]
    number = {"left": "440229195508297131", "right": "440281199703080564", "level": None, "weight": 0.0}
    birth = {"left": "1997-03-08", "right": "1997-03-08", "level": "equal"}
    changed = {"id": number, "birth": birth}
    told = replace(pair, fields=tuple(replace(f, **changed.get(f.field, {})) for f in pair.fields))
    assert "身份证号无从比较（" in sentence(told) and "所登号码与同一行的出生日期不符，可能是别人的号码）" in sentence(
        told
    )


def test_the_other_candidate_and_the_family_member_are_named_by_their_rows() -> None:
    one, other = "部门/户籍.csv#-#7", "低保/低保_长来镇.xlsx#名册#9"
    who = Other(one, {"name": "邓新", "id": "440281199001010017", "sex": "男", "birth": None, "place": "长来"})
    told = replace(PAIRS["household_evidence"], rival=who, member=(other, one))
    assert "另有一名成员已认定为同一人（低保_长来镇.xlsx〔名册〕第9行与户籍.csv第7行）" in sentence(told)
    assert sentence(told).endswith("其次的人选（邓新，户籍.csv第7行）可信程度不及其万分之一。")
    gone = sentence(replace(PAIRS["twin_refused"], rival=who))
    assert "另有更相符的人选（邓新，户籍.csv第7行），其可信程度" in gone
    assert "户籍.csv第7行：邓新，男，440281199001010017，长来" in explain_page(told) and one in explain_text(told)
    assert "440281199001010017" not in explain_page(told, masked=True)


def test_a_refused_pair_does_not_boast_a_probability_that_a_better_one_left_out() -> None:
    """The better candidate may be the same person, and was not counted against this one: 44 % would mislead."""
    c = PAIRS["twin_refused"]
    refused = replace(c, reason="below", probability=0.44, runner_up=c.weight + 8)
    assert "44%" not in sentence(refused) and "约为此人的300倍" in sentence(refused)


@pytest.mark.parametrize("kind", PAIRS)
def test_sentence(kind: str) -> None:
    assert sentence(PAIRS[kind]) == SENTENCES[kind]


def test_sentence_follows_the_decision_not_the_weights() -> None:
    c = replace(PAIRS["repaired_digit"], runner_up=None)
    assert "请人工核对" in sentence(replace(c, decision="review", reason="below", probability=0.4))
    refused = sentence(replace(c, decision="reject", reason="below", probability=0.004))
    assert refused.endswith("证据不足，可能性0.4%，比对中没有别的人选，不认作同一人。")
    taken = sentence(replace(c, decision="reject", reason="rival", probability=0.004))
    assert "对方已由更相符的另一行对上（一人只对一行），不认作同一人" in taken
    close = sentence(replace(c, decision="review", reason="rival", probability=0.48, runner_up=c.weight - 3))
    assert "分不清是哪一个" in close and "约为其8分之一" in close


def test_masked_sentence_quotes_no_digit() -> None:
    assert "第17位不同，" in sentence(PAIRS["repaired_digit"], masked=True)
    for c in PAIRS.values():
        assert not re.search(r"(?<!\d)\d／\d(?!\d)", sentence(c, masked=True))


@pytest.mark.parametrize(
    ("pattern", "weight", "probability", "decision", "told"),
    [
        ("name=homophone id=one_off birth=equal sex=equal place=village once=free", 17.0, 0.62, "review",
         "出生日期、性别、村居一致；姓名读音相同，身份证号只差一位；可能性62%，不足以认定，请人工核对。"),
        ("name=unlike id=equal birth=other sex=unknown", None, None, "review",
         "身份证号一致；姓名不同，出生日期不同；同一个号码下是两个名字，可能有一方登错，请人工核对。"),
        ("name=equal id=unknown birth=unknown sex=equal", -2.0, 0.31, "review",
         "姓名、性别一致；身份证号无从比较，出生日期无从比较；可能性31%，不符之处重于相符之处，不足以认定，请人工核对。"),
        ("name=equal id=equal", None, None, "link", "姓名、身份证号一致；认定为同一人。"),
        ("name=surname birth=equal", 3.0, 0.0002, "reject",
         "出生日期一致；姓相同而名不同；可能性不到0.1%，不认作同一人。"),
        ("", None, None, "review", "不足以认定，请人工核对。"),
    ],
)  # fmt: skip
def test_sentence_of_a_links_row(
    pattern: str, weight: float | None, probability: float | None, decision: str, told: str
) -> None:
    assert sentence_of_pattern(pattern, weight, probability, decision) == told


def test_sentence_of_a_links_row_with_values_says_which_digit() -> None:
    values = {"id": ("44028119560312471X", "44028119560312477X"), "name": ("甲", "乙")}
    told = sentence_of_pattern("id=one_off", 1.0, 0.5, "review", values, ("名册", "对方"))
    assert told.startswith("身份证号只有第17位不同，对方所登号码通不过校验；")


def test_names_that_only_other_records_write_alike_are_not_said_to_agree() -> None:
    told = sentence_of_pattern("name=equal sex=equal", 1.0, 0.5, "review", {"name": ("李窖", "李皓")})
    assert told.startswith("性别一致；姓名按各自的其他记录一致（这两条写作李窖／李皓）；")
    told = sentence_of_pattern("name=equal birth=equal", 1.0, 0.5, "review", {"name": ("陈国强", "陳國强")})
    assert told.startswith("姓名、出生日期一致；")
    told = sentence_of_pattern("birth=equal", 1.0, 0.5, "review", {"birth": ("1990-01-02", "1990-01-03")})
    assert told.startswith("出生日期按各自的其他记录一致（这两条写作1990-01-02／1990-01-03）；")


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ("4402811956031247**", "身份证号隐去2位，其余第7位不同"),
        ("4402819156031247**", "身份证号隐去2位，其余只有第7、8位前后颠倒"),
    ],
)
def test_hidden_digits_are_not_said_to_differ(other: str, told: str) -> None:
    number = "44028119560312471X" if "颠倒" in told else "44028129560312471X"
    for level in ("other", "area_birth"):
        said = sentence_of_pattern(f"id={level}", 1.0, 0.5, "review", {"id": (number, other)}, ("名册", "对方"))
        assert said.startswith((told + "，", told + "；"))


def test_every_level_of_the_county_can_be_said() -> None:
    for f in county_spec().fields:
        for level in f.levels:
            said = wording.agreeing(f.id, level) or wording.clause(f.id, level)
            assert said or level == "free"
            # said with a phrase of its own: none falls back on the bare label
            assert wording.agreeing(f.id, level) or level in wording._phrases()["say"][f.id]
    named = {*wording._phrases()["agree"], *wording._phrases()["say"], *wording._phrases()["absent"]}
    assert named == {f.id for f in county_spec().fields}
    assert wording.clause("cause", "near") == "causenear" and wording.level_zh("cause", "near") == "near"


def test_marks_by_position_and_by_alignment() -> None:
    assert positions("440281", "440291") == [5] and positions("1", "12") is None and positions(None, "1") is None
    left, right = marks(FieldCompared("id", "440281720315002", "440281197203150025", "old_form", 1.0))
    assert [i for i, m in enumerate(right) if m != "same"] == [6, 7, 17] and set(left) == {"same"}
    left, right = marks(FieldCompared("id", "1122", "1212", "swap", 1.0))
    assert pieces("1122", left) == [("1", "same"), ("12", "differs"), ("2", "same")]
    assert set(marks(FieldCompared("household", "DB1", "HK9", "kin", 1.0))[0]) == {"same"}
    assert set(marks(FieldCompared("id", "1122", "1212", None, 0.0))[0]) == {"same"}
    assert marks(FieldCompared("name", "欧?福", "欧燊福", "wildcard", 1.0))[0] == ["same", "explained", "same"]


def test_text_shows_values_as_they_stand() -> None:
    text = explain_text(PAIRS["repaired_digit"])
    lines = text.splitlines()
    number = next(i for i, line in enumerate(lines) if line.startswith(" id "))
    at = lines[number].index("44028119560312471X") + 16
    assert lines[number + 1][at] == "^" and lines[number + 1].count("^") == 2
    assert "one_off" in lines[number] and lines[number].endswith("+19.40")
    assert any(re.match(r"prior +-17\.60", line) for line in lines)
    assert any(re.match(r"total +\+34\.10", line) for line in lines)
    assert any(re.match(r"probability +>0\.9999", line) for line in lines)
    assert any(re.match(r"runner-up +-4\.70 +its total; \+38\.80 bits", line) for line in lines)
    assert "repaired_id: the ID number agrees once repaired" in text and "no information" in text
    assert lines[-2] == SENTENCES["repaired_digit"] and "\x1b" not in text
    assert (
        lines[-1] == "下一步：请报县局转请数据来源部门更正死亡数据死亡.xlsx〔2022〕第88行的身份证号（以身份证为准）。"
    )
    assert "probability" not in explain_text(PAIRS["father_and_son"])


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        ("head_s_number_on_a_child", "先查后一条低保_长来镇.xlsx〔名册〕第61行本人的身份证，改正登错的一行"),
        ("changed_number", "向本人或家属核实两条记录是否同一人"),
        ("swap", "请报县局转请数据来源部门更正户籍数据户籍.csv第88行的身份证号（以身份证为准）"),
        ("father_and_son", ""),
        ("old_form", ""),
        (
            "wildcard",
            "请补登低保名册低保_长来镇.xlsx〔名册〕第12行的身份证号；"
            "补全低保名册低保_长来镇.xlsx〔名册〕第12行姓名中缺的字（以身份证为准）",
        ),
    ],
)
def test_what_is_to_be_done_next(kind: str, step: str) -> None:
    assert next_step(PAIRS[kind]) == step


def test_of_one_person_a_birth_date_that_differs_is_to_be_put_right() -> None:
    assert next_step(PAIRS["household_evidence"]).endswith(
        "的身份证号；核对两边不一的出生日期，改正登错的一边（以身份证为准）"
    )


def test_of_a_doubtful_pair_the_number_that_lacks_is_asked_for() -> None:
    asked = replace(PAIRS["homophone_no_number"], decision="review", reason="below")
    ours = "低保名册低保_长来镇.xlsx〔名册〕第12行"
    assert next_step(asked) == f"查{ours}本人的身份证，问其有无户籍数据户籍.csv第88行的登记（户口簿），再作判断"
    cells = tuple(replace(f, left=None) if f.field == "id" else f for f in asked.fields)
    assert next_step(replace(asked, fields=cells)) == f"核取{ours}本人的身份证号，再作判断"


def test_of_a_pair_with_a_rival_both_candidates_are_named_and_looked_at() -> None:
    who = Other("户籍.csv#-#7", {"name": "邓新", "id": None, "sex": "男", "birth": None, "place": None})
    c = PAIRS["homophone_no_number"]
    asked = replace(c, decision="review", reason="below", probability=0.4975, runner_up=c.weight - 0.02, rival=who)
    told = replace(asked, rival_chance=0.5025)
    assert "另有人选（邓新，户籍.csv第7行，可能性50%）与其不相上下" in sentence(told)
    assert next_step(told).endswith("，并分清是不是邓新，再作判断")
    namesake = replace(who, said=dict(who.said) | {"name": next(f.right for f in c.fields if f.field == "name")})
    assert "并分清是不是另一个" in next_step(replace(told, rival=namesake))
    far = replace(told, runner_up=c.weight - 12)
    assert "分清" not in next_step(far) and "邓新，户籍.csv第7行）" in sentence(far)
    assert "0.5025" in explain_text(told) and "户籍.csv第7行：邓新，男，可能性50%" in explain_page(told)


def test_where_linkage_weighed_other_records_too_its_own_weight_is_told() -> None:
    weighed = Weighed(
        40.5, {"name": "equal", "place": None}, ("低保.xlsx#名册#12", "低保.xlsx#名册#14"), ("户籍.csv#-#88",)
    )
    told = replace(PAIRS["wildcard"], weighed=weighed)
    text, page = explain_text(told), explain_page(told)
    assert re.search(r"linked by +\+40\.50 .*\nits total .*\n +there: name equal, place no information", text)
    assert "of one: 低保.xlsx#名册#12, 低保.xlsx#名册#14" in text
    assert "比对按两个人的全部记录计算，上表只是其中两条；比对时姓名“相同”、住址没有信息。" in page
    assert "两人的记录：低保.xlsx〔名册〕第12、14行；户籍.csv第88行" in page
    assert "比对所用的合计" in page and "下列分量只供参考" not in page
    assert "全部记录" not in explain_page(PAIRS["wildcard"])


def test_where_a_value_is_from_is_told_apart_from_the_value() -> None:
    """The note is no part of what is compared: nothing of it is marked as differing."""
    pair = PAIRS["swap"]
    noted = [replace(f, notes=("", "见户籍：户籍.csv第9行")) if f.field == "place" else f for f in pair.fields]
    page = explain_page(replace(pair, fields=tuple(noted)))
    assert '<small class="note">见户籍：户籍.csv第9行</small>' in page
    assert "（见户籍：户籍.csv第9行）" in explain_text(replace(pair, fields=tuple(noted)))
    assert {m for f in noted if f.field == "place" for side in marks(f) for m in side} == {"same"}


def test_a_home_written_more_shortly_is_not_marked_as_another() -> None:
    left, right = marks(FieldCompared("place", "坪石", "乐昌市坪石镇黄塘社区229号", "town", 2.9))
    assert set(left) == {"same"} and set(right) == {"same", "explained"}
    assert "differs" in marks(FieldCompared("place", "坪石塔头", "坪石镇黄塘", "town", 2.9))[1]


def test_a_number_found_elsewhere_is_to_be_added_to_the_row_that_lacks_it() -> None:
    c = PAIRS["father_and_son"]
    notes = ("见户籍：户籍.csv第9行，本行所登号码有误", "")
    told = replace(c, fields=tuple(replace(f, notes=notes) if f.field == "id" else f for f in c.fields))
    row = "低保名册低保_长来镇.xlsx〔名册〕第12行"
    assert next_step(told) == f"请补正{row}的身份证号，可参照户籍：户籍.csv第9行"


def test_page() -> None:
    page = explain_page(PAIRS["repaired_digit"], thresholds=(0.05, 0.98))
    assert SENTENCES["repaired_digit"] in page and page.count("<svg") == 1
    assert '4402811956031247<span class="differs">1</span>X' in page
    assert '4402811956031247<span class="differs">7</span>X' in page
    assert "低保_长来镇.xlsx〔名册〕第12行" in page and "死亡.xlsx〔2022〕第88行" in page
    assert "本页含完整证件号和姓名" in page
    assert "<script" not in page and not re.findall(r'(?:src|href)\s*=\s*"', page) and "default-src 'none'" in page
    assert page == explain_page(PAIRS["repaired_digit"], thresholds=(0.05, 0.98))


@pytest.mark.parametrize("kind", PAIRS)
def test_masked_page_holds_no_number_in_full(kind: str) -> None:
    page = re.sub(r"<[^>]*>", "", re.sub(r"<svg.*?</svg>", "", explain_page(PAIRS[kind], masked=True), flags=re.S))
    for f in PAIRS[kind].fields:
        if f.field in ("id", "phone", "account"):
            assert not [v for v in (f.left, f.right) if v and "*" not in v and v in page]
    assert "已部分隐去" in page and not re.search(r"\d{12}", page)


def test_files_by_suffix() -> None:
    c = PAIRS["swap"]
    assert explain_file(c, ".html").startswith(b"<!doctype html>")
    assert explain_file(c, ".SVG").startswith(b"<svg") and explain_file(c, ".png").startswith(b"\x89PNG")
    with pytest.raises(BadInput, match=r"'\.pdf'.*\.html, \.svg, \.png"):
        explain_file(c, ".pdf")


def test_a_sentence_does_not_load_the_charts() -> None:
    code = (
        "import sys; from pipeline.linkage.explain import sentence_of_pattern as s;"
        "s('name=equal', 1.0, 0.5, 'review');"
        "sys.exit('altair' in sys.modules or 'jinja2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0
