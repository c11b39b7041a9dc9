"""Small texts: places of records, short numbers, what counts as a formula."""

from __future__ import annotations

import pytest

from pipeline import record_words
from pipeline.linkage.model import default_model
from pipeline.publish import question_row, words


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


def test_what_a_pattern_does_not_name_is_read_from_the_records() -> None:
    here = {"name": "黄春花", "id_number": "1", "sex": "女", "town": "长来", "village": "塘头"}
    there = {"name": "黄春华", "id_number": "1", "sex": "男", "town": "长来", "village": "塘头"}
    assert question_row._pattern("id=old_form sex=unknown", here, there) == (
        "id=old_form sex=unknown name=unlike place=village"
    )
    assert question_row._pattern(None, here | {"village": None}, there) == "name=unlike id=equal sex=other place=town"
    assert question_row._pattern("place=address", here, {"town": "北乡"}) == "place=address"


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(1.0, "99.9%以上"), (0.9994, "99.9%"), (0.62, "62%"), (0.012, "1.2%"), (0.0001, "不到0.1%"), (0.0, "不到0.1%")],
)
def test_a_chance_is_never_certain(probability: float, shown: str) -> None:
    assert words.chance(probability) == shown


@pytest.mark.parametrize(
    ("probability", "edge", "shown"),
    [(0.9989, None, "99.89%"), (0.99902, None, "99.902%"), (0.99903, None, "99.9%"), (0.9984, None, "99.8%"),
     (0.9989, 0.99, "99.9%"), (0.9896, 0.99, "98.96%"), (0.9897, 0.999, "99.0%"), (0.9996, 0.9999, "99.96%")],
)  # fmt: skip
def test_a_chance_lies_on_its_side_of_the_threshold(probability: float, edge: float | None, shown: str) -> None:
    assert (words.chance(probability) if edge is None else words.chance(probability, edge)) == shown


def test_the_threshold_of_the_words_is_the_model_s() -> None:
    assert default_model().link_at == record_words._LINK_AT


def test_small_numbers() -> None:
    shown = [words.few(x) for x in (0, 0.04, 0.12, 9.94, 12.3, 1234.5)]
    assert shown == ["0", "不到0.1", "0.1", "9.9", "12", "1,234"]
    assert [words.part(x) for x in (0.98, 0.9987, 1.0)] == ["98%", "99.9%", "100%"]
