"""Small texts: masked numbers, places of records, short numbers, what counts as a formula."""

from __future__ import annotations

import pytest

from pipeline.publish import review, words


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("440281196001010047", "440281********0047"),
        ("440281600101004", "440281*****1004"),
        ("440281********1234", "440281********1234"),
        ("H123456", "H*****6"),
        ("12", "**"),
        (None, ""),
    ],
)
def test_mask(number: str | None, shown: str) -> None:
    assert words.mask(number) == shown


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        ("低保/低保_长来镇.xlsx#名册#12", "低保_长来镇.xlsx〔名册〕第12行"),
        ("death.parquet#-#3", "death.parquet第3行"),
        ("a#b.csv#-#7", "a#b.csv第7行"),
        ("", ""),
        (None, ""),
    ],
)
def test_place(record: str | None, shown: str) -> None:
    assert words.place(record) == shown


def test_short_numbers_grow_only_where_they_clash() -> None:
    short = words.short_numbers(["0123456789abcd", "0123456789ffff", "aaaaaaaaaabbbb"])
    assert short == {
        "0123456789abcd": "0123456789ABCD",
        "0123456789ffff": "0123456789FFFF",
        "aaaaaaaaaabbbb": "AAAAAAAAAA",
    }


def test_formula_like() -> None:
    assert all(words.formula_like(t) for t in ("=1", "+1", "-1", "@x", "\tx", "\x01"))
    assert not any(words.formula_like(t) for t in ("1-2", "黄", "", " =1"))


def test_month() -> None:
    assert [words.month_zh(m) for m in ("2022-10", "2022-03", "x")] == ["2022年10月", "2022年3月", "x"]


def test_pattern_tells_what_agrees_and_what_differs() -> None:
    here = {"name": "黄春花", "id_number": "1", "sex": "女", "village": "塘头"}
    there = {"name": "黄春华", "id_number": "1", "sex": "男", "village": "塘头"}
    agree, differ = review.compare(here, there, "id=old_form name=homophone birth=unknown sex=other", "death")
    assert agree == ["村居", "身份证号（旧15位号码）", "姓名（同音）"] and differ == ["性别"]
    assert review.compare(here, there, "name=surname", "death")[1] == ["性别", "姓名（只有姓相同）"]
    assert review.compare(here, there, None, "death") == (["身份证号", "村居"], ["姓名", "性别"])
