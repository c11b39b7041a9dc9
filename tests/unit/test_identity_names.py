"""Names made comparable: keys and sounds."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.identity.names import WILDCARD, lost, name_keys, name_numbers, sound_keys
from pipeline.identity.shapes import shape_of


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
        ("曽桜沢", "曾樱泽"),
        ("羣峯", "群峰"),
    ],
)
def test_traditional_and_variant_characters_come_to_the_simplified_one(written: str, meant: str) -> None:
    assert key(written) == key(meant)


def test_a_character_of_its_own_is_no_other_s_variant() -> None:
    assert key("芸") != key("艺")  # the Japanese form of the one is the other


@pytest.mark.parametrize("dot", list("·•‧・･⋅∙.．"))
def test_dots_do_not_count(dot: str) -> None:
    assert key(f"阿依古丽{dot}买买提") == "阿依古丽买买提"


@pytest.mark.parametrize("sign", ["?", "？", "*", "＊", "□", "�", "\ue000", "\uf8ff", "\U000f0001", "\U00100001"])
def test_lost_characters_are_one_wildcard_each(sign: str) -> None:
    assert key(f"张{sign}强") == f"张{WILDCARD}强"
    assert lost(f"张{sign}强") and not lost("张·强")


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


# --- looks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("海", "梅", True),
        ("晴", "睛", True),
        ("未", "末", True),
        ("红", "江", True),
        ("三", "四", False),
        ("鸡", "鸣", False),  # what they share is a radical that hundreds have
        ("明", "月", False),
    ],
)
def test_characters_of_the_same_parts_look_alike(one: str, other: str, alike: bool) -> None:
    shapes = shape_of([one, other])
    assert (shapes[one] == shapes[other]) == alike


def test_a_character_that_looks_like_no_other_stands_for_itself() -> None:
    assert shape_of(["鸟", "x"]) == {"鸟": "鸟", "x": "x"}


# --- numbers for names ------------------------------------------------------------------------------------------------


def numbered(*names: str) -> dict[str, dict[str, int | bool | None]]:
    """Name → its numbers."""
    keys = {n: key(n) for n in names}
    rows = {r["name_key"]: r for r in name_numbers(pl.Series(list(keys.values()))).iter_rows(named=True)}
    return {n: rows[k] for n, k in keys.items()}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("张三丰", "張三豐", {"name_no", "mandarin_no", "cantonese_no", "shape_no", "surname_no", "surname_sound_no",
                            "given_no", "head_no", "ends_no"}),
        ("张红", "章宏", {"mandarin_no", "surname_sound_no"}),
        ("黄明", "王明", {"cantonese_no", "given_no"}),
        ("陈芳海", "陈芳梅", {"shape_no", "surname_no", "surname_sound_no", "head_no"}),
        ("李德", "李德全", {"surname_no", "surname_sound_no", "head_no"}),
        ("周全", "周德全", {"surname_no", "surname_sound_no", "ends_no"}),
        ("赵文彬", "钱文彬", {"given_no"}),
        ("赵", "钱", set()),
    ],
)  # fmt: skip
def test_what_two_names_share_has_one_number(one: str, other: str, same: set[str]) -> None:
    found = numbered(one, other)
    numbers = [c for c in found[one] if c.endswith("_no")]
    assert {c for c in numbers if found[one][c] is not None and found[one][c] == found[other][c]} == same


def test_a_lost_character_has_no_number() -> None:
    found = numbered("张?", "?三", "张三")
    assert [found[n]["wild"] for n in ("张?", "?三", "张三")] == [True, True, False]
    assert {c for c, v in found["张?"].items() if c.endswith("_no") and v is not None} == {
        "surname_no",
        "surname_sound_no",
    }
    assert {c for c, v in found["?三"].items() if c.endswith("_no") and v is not None} == {"given_no"}
    assert found["张?"]["surname_no"] == found["张三"]["surname_no"]
    assert found["?三"]["given_no"] == found["张三"]["given_no"]


def test_numbers_tell_apart_just_what_the_sounds_and_shapes_tell_apart() -> None:
    """Over every pair of some hundred names: one number where the texts are the same, and only there."""
    surnames, given = "张章黄王单仇曾任欧区萧肖", ("红", "宏", "芳海", "芳梅", "德·全", "未", "末")
    keys = pl.Series([key(s + g) for s in surnames for g in given] + [key("单于红"), key("尉迟宏"), key("AB")]).unique()
    texts, numbers = sound_keys(keys), name_numbers(keys)
    both = texts.join(numbers, on="name_key")
    for text, number in (("name_key", "name_no"), *((w, f"{w}_no") for w in ("mandarin", "cantonese", "shape"))):
        assert both[text].n_unique() == both[number].n_unique() == both.select(text, number).n_unique(), text
    assert both["mandarin"].n_unique() < both.height and both["shape"].n_unique() < both.height


def test_numbers_of_no_names_are_none() -> None:
    assert name_numbers(pl.Series([], dtype=pl.String)).height == 0
    assert {v for c, v in numbered("·")["·"].items() if c.endswith("_no")} == {None}


def test_numbers_leave_room_for_a_birth_date_beside_them() -> None:
    """Keys are numbers times 100,000 and a day, in 63 bits."""
    for row in numbered("张三丰", "欧阳明月", "阿里·木").values():
        assert all(0 <= v < (2**63 - 1) // 100_000 - 1 for c, v in row.items() if c.endswith("_no") and v is not None)
