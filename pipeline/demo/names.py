"""Made-up Chinese names with a believable skew, and the ways clerks and old systems spoil them.

Frequencies are rough: a few surnames and characters carry most people, so that a shared name says little and a
rare one much. Drawn vectorised; a name is `surname + given`, both kept, since children take the father's surname.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.demo.characters import everyday, lookalikes, same_cantonese, same_mandarin, variants

Words = npt.NDArray[np.str_]

# Weight → surnames.
_WEIGHTED: dict[float, str] = {
    60: "李",
    58: "陈",
    52: "黄",
    50: "张",
    40: "王 刘",
    36: "邓",
    30: "朱",
    28: "何 罗",
    22: "丘 林 谭 杨 吴",
    20: "周 梁",
    18: "欧 肖 曾 谢 钟 廖",
    16: "沈",
    14: "叶",
    12: "邝 郑",
    11: "徐",
    10: "骆 胡 郭",
    9: "温 范",
    8: "孙 邱 唐 许 彭",
    7: "马 冯",
    6: "高 蓝 薛 雷 潘 蔡 余 卢",
    5: "龙 袁 苏",
    4: "蒋 江 覃 邹 欧阳",
    3: "段 魏 吕 丁 姚 戴 付 宋",
    2.5: "区",
    2: "傅 任 杜 韩 石",
    1.5: "白 严 游",
    1: "俞",
    0.8: "解 单 华 缪 翟 司徒",
    0.6: "仇 查 阎 闫",
    0.4: "朴 上官",
    0.3: "盖",
    0.2: "种 诸葛",
    0.15: "尉迟",
    0.1: "万俟",
}
_SURNAMES = {name: weight for weight, group in _WEIGHTED.items() for name in group.split()}
LONG_SURNAMES = tuple(name for name in _SURNAMES if len(name) > 1)

_MALE_OLD = (
    "国建明华志德文军平生荣辉贵福强林光金祥新海成春木水火才发昌富清忠龙伟东根胜亮松庆友仁义永良英树秋喜万宝锡汉炳耀锦兴"
)
_FEMALE_OLD = "秀英玉兰桂珍凤梅红芳莲娇香花琼月金春妹丽素云群菊燕霞爱娥翠连招带娣银荷彩萍贞美淑冬喜清玲雪招满"
_MALE_NEW = "浩宇子轩俊杰梓豪文博嘉伟志鹏天佑明泽晨睿辰皓铭家乐宏诚凯锋毅斌涛鑫磊超健华强东林旭昊骏奕泓楷"
_FEMALE_NEW = "欣怡梓涵诗雨婷思佳琪雅静慧敏晓丽莹倩颖薇蕾洁琳瑶雯媛妍悦馨彤语桐可儿芷若紫晴心玥瑜璐嘉曼"
_RARE = "䶮堃喆赟翀龑垚淼曌彧婳頔昶旻晟祎甯玘珺㛃"
_RARE_WIDE = "𬭎𬘭𬣙"  # beyond the basic plane: lost in old encodings, kept by GB18030 and UTF-8
RARE = _RARE + _RARE_WIDE

_ETHNIC_FIRST = (
    "买买提",
    "阿布都",
    "阿依古丽",
    "古丽娜",
    "艾合买提",
    "扎西",
    "卓玛",
    "阿木",
    "吉克",
    "木呷",
    "帕提古丽",
    "努尔",
)
_ETHNIC_LAST = ("吐尔逊", "热合曼", "依明", "次仁", "达瓦", "日达", "伍合", "阿依", "肉孜", "卡德尔", "旺堆", "拉姆")
DOT = "·"
DOTS = "•‧・･⋅."

# Surnames that a clerk writes for one another by ear, in Mandarin and in Cantonese.
_SURNAMES_BY_EAR = {
    "mandarin": "付傅 傅付 肖萧 阎闫 闫阎 丘邱 邱丘 钟种 余俞 戴代 欧区 区欧 罗骆 骆罗".split(),
    "cantonese": "黄王 王黄 吴伍".split(),
}


def _skew(n: int) -> npt.NDArray[np.float64]:
    weights = 1.0 / (np.arange(n) + 4.0)
    return np.asarray(weights / weights.sum())


def draw_surnames(rng: np.random.Generator, n: int) -> Words:
    """`n` surnames."""
    weights = np.array(list(_SURNAMES.values()))
    return rng.choice(np.array(list(_SURNAMES)), n, p=weights / weights.sum())


def draw_given(rng: np.random.Generator, male: npt.NDArray[np.bool_], year: npt.NDArray[np.int64]) -> Words:
    """Given names of one or two characters for sex and year of birth; about 7 in 1,000 hold a rare character."""
    n = len(male)
    first, second = np.empty(n, "U1"), np.empty(n, "U1")
    for chars, mask in (
        (_MALE_OLD, male & (year < 1985)),
        (_MALE_NEW, male & (year >= 1985)),
        (_FEMALE_OLD, ~male & (year < 1985)),
        (_FEMALE_NEW, ~male & (year >= 1985)),
    ):
        unique = np.array(list(dict.fromkeys(chars)))
        k = int(mask.sum())
        first[mask] = rng.choice(unique, k, p=_skew(len(unique)))
        # the second character's own order, so that the commonest pairs are not doubled characters
        second[mask] = rng.choice(np.roll(unique, len(unique) // 2), k, p=_skew(len(unique)))
    rare = rng.random(n) < 0.007
    second[rare] = rng.choice(np.array([*_RARE, *_RARE_WIDE]), int(rare.sum()))
    single = rng.random(n) < np.where(year < 1970, 0.10, 0.22)
    return np.where(single, np.where(rare, second, first), np.char.add(first, second)).astype("U2")


def draw_ethnic(rng: np.random.Generator, n: int) -> Words:
    """Names of other peoples, in two parts with a middle dot."""
    left, right = rng.choice(np.array(_ETHNIC_FIRST), n), rng.choice(np.array(_ETHNIC_LAST), n)
    return np.char.add(np.char.add(left, DOT), right)


def characters() -> list[str]:
    """The characters of the given names drawn here, rare ones apart."""
    return list(dict.fromkeys(_MALE_OLD + _FEMALE_OLD + _MALE_NEW + _FEMALE_NEW))


@cache
def _homophones(language: str) -> dict[str, list[str]]:
    """Character → what a clerk may write for it: another character of names, or an everyday one where none is."""
    alike = same_mandarin if language == "mandarin" else same_cantonese
    near, wide = alike(characters(), characters()), alike(characters(), sorted(everyday()))
    return {char: near.get(char) or wide[char] for char in characters() if char in near or char in wide}


@cache
def _lookalikes() -> dict[str, list[str]]:
    return lookalikes(characters())


def _exchange(name: str, table: Mapping[str, list[str]], rng: np.random.Generator, first: int = 1) -> str:
    """The name with one character (from `first` on) as one of those in the table; unchanged where none has any."""
    places = [i for i in range(first, len(name)) if name[i] in table]
    if not places:
        return name
    at = int(rng.choice(places))
    return name[:at] + str(rng.choice(table[name[at]])) + name[at + 1 :]


def by_ear(name: str, rng: np.random.Generator, language: str = "mandarin") -> str:
    """One character of the given name, else the surname, as another of the same sound; unchanged when none is known.

    By the Cantonese ear only what sounds otherwise in Mandarin.
    """
    given = _exchange(name, _homophones(language), rng)
    surnames = {pair[0]: [pair[1]] for pair in _SURNAMES_BY_EAR[language]}
    return given if given != name else _exchange(name[:1], surnames, rng, 0) + name[1:]


def surnames_by_ear() -> dict[str, str]:
    """Surname → the one of those taken for it that stands for them all."""
    out: dict[str, str] = {}
    for pair in _SURNAMES_BY_EAR["mandarin"] + _SURNAMES_BY_EAR["cantonese"]:
        out[pair[0]] = out[pair[1]] = out.get(pair[0], out.get(pair[1], pair[0]))
    return out


def lookalike(name: str, rng: np.random.Generator) -> str:
    """One character of the given name as one that looks like it (海 for 梅); unchanged when none is known."""
    return _exchange(name, _lookalikes(), rng)


def variant(name: str, rng: np.random.Generator) -> str:
    """One character in another written form than the usual ones (誌 for 志); unchanged when none is known."""
    return _exchange(name, variants(), rng, 0)


@cache
def _to_traditional() -> Any:
    from opencc import OpenCC

    return OpenCC("s2t")


def traditional(name: str) -> str:
    """The name in traditional characters."""
    return str(_to_traditional().convert(name))


def wildcard(name: str, rng: np.random.Generator) -> str:
    """One character of the given name lost: `?`, `□` or `*`; a rare one by preference."""
    rare = [i for i in range(1, len(name)) if name[i] in _RARE or ord(name[i]) > 0xFFFF]
    at = rare[0] if rare else len(name) - 1
    return name[:at] + str(rng.choice(["?", "□", "*"])) + name[at + 1 :]


def other_dot(name: str, rng: np.random.Generator) -> str:
    """Another middle dot in an ethnic name, or none."""
    return name.replace(DOT, str(rng.choice([*DOTS, ""])))


def one_lost(name: str, rng: np.random.Generator) -> str:
    """A name of three or more characters without its last or middle one."""
    return name if len(name) < 3 else (name[:-1] if rng.random() < 0.5 else name[:1] + name[2:])


def one_added(name: str, rng: np.random.Generator) -> str:
    """A name of two or three characters with its last one twice, or with a character of names at its end."""
    if len(name) > 3:
        return name
    return name + (name[-1] if rng.random() < 0.5 else str(rng.choice(characters())))


_WAYS: dict[str, Callable[[str, np.random.Generator], str]] = {
    "by_ear": by_ear,
    "by_ear_cantonese": lambda name, rng: by_ear(name, rng, "cantonese"),
    "traditional": lambda name, rng: traditional(name),
    "variant": variant,
    "wildcard": wildcard,
    "one_lost": one_lost,
    "one_added": one_added,
    "lookalike": lookalike,
    "other_dot": other_dot,
}
KINDS = tuple(_WAYS)


def misspelt(name: str, kind: str, rng: np.random.Generator) -> str:
    """The name spoilt in one of the `KINDS`; unchanged where that cannot befall it."""
    return _WAYS[kind](name, rng)
