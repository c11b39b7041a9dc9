"""Names and numbers hidden in texts: everybody, and nothing else."""

from __future__ import annotations

import pytest

from pipeline.masking import Masker, mask_name, mask_number, mask_numbers


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("李春兰", "李**"), ("李兰", "李*"), ("欧阳春兰", "欧阳**"), ("欧阳", "欧*"), ("买买提·艾力", "买*****"),
        ("李", "*"), ("", ""), (None, ""), (" 李春兰 ", "李**"), ("Li Wei", "L*****"),
    ],
)  # fmt: skip
def test_the_surname_stays(name: str | None, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("44028119700101123X", "4402**********123X"), ("440281700101123", "4402*******1123"),
        ("440281********1234", "4402**********1234"), ("13800138000", "138****8000"), ("H123456", "H*****6"),
        ("12345", "1***5"), ("12", "**"), ("", ""), (None, ""),
    ],
)  # fmt: skip
def test_both_ends_of_a_number_stay(number: str | None, shown: str) -> None:
    assert mask_number(number) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("身份证号44028119700101123X有误", "身份证号4402**********123X有误"),
        ("残疾证44028119700101123141", "残疾证4402************3141"),
        ("ID440281197001011234", "ID4402**********1234"),  # letters before it do not hide it
        ("户号4402810005963上", "户号440******5963上"),
        ("家庭编号DB440281000281", "家庭编号DB440281000281"),  # the bureau's own number, by which a case is found
        ("2022-10发放1158.50元，尾号0282，粤F004530", "2022-10发放1158.50元，尾号0282，粤F004530"),
    ],
)  # fmt: skip
def test_only_long_numbers_are_hidden(text: str, shown: str) -> None:
    assert mask_numbers(text) == shown


def test_every_name_of_the_data_is_found_the_longest_first() -> None:
    masker = Masker.of(["李春", "李春兰", "王建国", None, "", "李"])
    assert masker.text("李春兰的丈夫王建国，其弟李春；李某") == "李**的丈夫王**，其弟李*；李某"


def test_a_name_that_is_also_a_word_is_hidden_where_it_is_meant() -> None:
    masker = Masker.of(["安全", "王建国"], words=["不安全的房屋"])
    assert masker.common == {"安全"}
    assert masker.text("房屋不安全，王建国") == "房屋不安全，王**"
    assert masker.text("安全死亡后仍发放", also=["安全"]) == "安*死亡后仍发放"


def test_a_name_is_taken_as_it_is_written_and_no_pattern() -> None:
    masker = Masker.of(["陈.*", "买买提·艾力"])
    assert masker.text("陈建国与陈.*与买买提·艾力") == "陈建国与陈**与买*****"
