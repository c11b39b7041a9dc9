"""Names made comparable: key, Mandarin sound and Cantonese sound of distinct names.

The key is the name after NFKC, traditional and variant characters to simplified, middle dots and spaces dropped, lost
characters as '?'. Characters are mapped one by one (over the distinct ones), so that a name's key never depends on
its neighbours. Libraries: OpenCC (simplification), pypinyin and ToJyutping (readings).
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

WILDCARD = "?"
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


def name_keys(names: pl.Series) -> pl.Series:
    """Names → keys ('' for a name of which nothing is left). Nulls stay null."""
    from opencc import OpenCC

    data = _data()
    text = names.str.normalize("NFKC").str.replace_all(r"\s+", "").str.to_uppercase()
    text = text.str.replace_all(_PRIVATE_USE, WILDCARD)
    simplify = OpenCC("t2s")
    table = {c: simplify.convert(c) for c in _distinct_characters(text) if not c.isascii()}
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


def sound_keys(keys: pl.Series) -> pl.DataFrame:
    """Distinct name keys → name_key, mandarin, cantonese: readings joined by spaces, e.g. 'zhang san '."""
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
        }
    )
