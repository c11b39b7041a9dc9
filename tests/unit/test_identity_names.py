"""Names made comparable: keys and sounds."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.identity.names import WILDCARD, name_keys, sound_keys


def key(name: str) -> str:
    return str(name_keys(pl.Series([name]))[0])


def sounds(name: str) -> tuple[str, str]:
    row = sound_keys(pl.Series([key(name)])).row(0, named=True)
    return row["mandarin"], row["cantonese"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("張國強", "张国强"),
        ("陳東華", "陈东华"),
        ("鍾麗", "钟丽"),
        ("葉龍", "叶龙"),
        ("劉曉燕", "刘晓燕"),
        ("閻明", "闫明"),
        ("蕭紅", "肖红"),
        ("張喆", "张哲"),
        ("李堃", "李坤"),
    ],
)
def test_traditional_and_variant_characters_come_to_the_simplified_one(written: str, meant: str) -> None:
    assert key(written) == key(meant)


@pytest.mark.parametrize("dot", list("·•‧・･⋅∙.．"))
def test_dots_do_not_count(dot: str) -> None:
    assert key(f"阿依古丽{dot}买买提") == "阿依古丽买买提"


@pytest.mark.parametrize("sign", ["?", "？", "*", "＊", "□", "�", "\ue000", "\uf8ff", "\U000f0001", "\U00100001"])
def test_lost_characters_are_one_wildcard_each(sign: str) -> None:
    assert key(f"张{sign}强") == f"张{WILDCARD}强"


def test_blanks_width_and_case_do_not_count() -> None:
    assert key(" 张　三 ") == "张三"
    assert key("ＡＬＩ·mao") == "ALIMAO"


def test_a_key_never_depends_on_the_neighbours() -> None:
    alone = [key(n) for n in ("张干", "張乾", "後", "王后")]
    together = name_keys(pl.Series(["张干", "張乾", "後", "王后", "發"]))
    assert alone == together.to_list()[:4]


def test_nothing_left_is_an_empty_key_and_null_stays_null() -> None:
    assert name_keys(pl.Series(["·", None, ""], dtype=pl.String)).to_list() == ["", None, ""]
    assert name_keys(pl.Series([], dtype=pl.String)).len() == 0
    assert sound_keys(pl.Series([], dtype=pl.String)).height == 0


@pytest.mark.parametrize(
    ("name", "first", "later"),
    [
        ("单", "shan", "dan"),
        ("解", "xie", "jie"),
        ("仇", "qiu", "chou"),
        ("任", "ren", "ren"),
        ("曾", "zeng", "ceng"),
        ("查", "zha", "cha"),
        ("区", "ou", "qu"),
        ("华", "hua", "hua"),
        ("朴", "piao", "pu"),
        ("盖", "ge", "gai"),
        ("缪", "miao", "mou"),
        ("翟", "zhai", "di"),
        ("覃", "qin", "tan"),
    ],
)
def test_surnames_are_read_as_surnames_at_the_beginning_only(name: str, first: str, later: str) -> None:
    assert sounds(name + "明")[0] == f"{first} ming "
    assert sounds("王" + name)[0] == f"wang {later} "


def test_compound_surnames_come_first() -> None:
    assert sounds("单于明")[0] == "chan yu ming "
    assert sounds("尉迟恭")[0] == "yu chi gong "
    assert sounds("万俟卨")[0].startswith("mo qi ")


@pytest.mark.parametrize(("one", "other"), [("张伟", "章玮"), ("刘艳", "刘燕"), ("李红", "李宏"), ("區明", "欧明")])
def test_homophones_share_the_mandarin_sound(one: str, other: str) -> None:
    assert sounds(one)[0] == sounds(other)[0]


def test_huang_and_wang_sound_alike_in_cantonese_alone() -> None:
    mandarin, cantonese = zip(sounds("黄明"), sounds("王明"), strict=True)
    assert cantonese[0] == cantonese[1] == "wong ming "
    assert mandarin[0] != mandarin[1]


def test_names_that_sound_otherwise_differ() -> None:
    assert sounds("张伟") != sounds("张强")
    assert sounds("李明")[0] != sounds("李明明")[0]


def test_wildcards_and_letters_stand_for_themselves() -> None:
    assert sounds("张?") == ("zhang ?", "zoeng ?")
    assert sounds("ALI")[0] == "ALI"
