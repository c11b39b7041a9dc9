"""Names, codes, towns, schemes and free text: folded to one spelling where the contract knows one, else as written."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import polars as pl

from pipeline.contract import CODES, COUNTY, TOWNS
from pipeline.contract.invisible import RUST_CLASS, visible
from pipeline.ingest import reasons
from pipeline.ingest.distinct import Read, read_distinct

_PLAIN_NAME = r"^[\x{4e00}-\x{9fff}]{2,}$"
_WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_UNTIDY_TEXT = rf"[０-９Ａ-Ｚａ-ｚ\s\x{{00}}-\x{{1f}}{RUST_CLASS}]"
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_ABOVE = tuple(COUNTY["above"])


def read_names(values: pl.Series) -> Read:
    """Names: NFKC, stray white space removed (single spaces stay in Latin names)."""
    done = values.str.contains(_PLAIN_NAME) & ~values.is_in(list(reasons.PLACEHOLDERS))
    return read_distinct(values, done, values, read_name)


def read_name(text: str) -> tuple[str | None, str | None]:
    folded = visible(unicodedata.normalize("NFKC", text)).strip(" '`’")
    folded = re.sub(r"\s+", "" if _HAN.search(folded) else " ", folded).strip()
    if not folded:
        return None, None
    upper = folded.upper().replace(" ", "")
    # a lone mark such as ? may be a name that an old encoding lost; it says nothing all the same
    if reasons.is_placeholder(upper) or upper.isdigit():
        return None, reasons.PLACEHOLDER
    return folded, None


def read_text(values: pl.Series) -> Read:
    """Free text as written: trimmed, white space runs made one space, full-width digits and letters made plain."""
    return read_distinct(values, ~values.str.contains(_UNTIDY_TEXT), values, lambda text: (tidy(text) or None, None))


def tidy(text: str) -> str:
    return re.sub(r"\s+", " ", visible(text.translate(_WIDE))).strip()


def _fold(text: str) -> str:
    return re.sub(r"\s", "", visible(unicodedata.normalize("NFKC", text))).casefold()


@cache
def _spellings(codes: str) -> dict[str, str]:
    out: dict[str, str] = {}
    for code, words in CODES[codes].items():
        out.update({_fold(word): code for word in words})
    return out | {_fold(code): code for code in CODES[codes]}


def read_codes(values: pl.Series, codes: str) -> Read:
    """Canonical codes; a value the list does not know stays as written, a placeholder it does not know is empty."""
    known = _spellings(codes)

    def read(text: str) -> tuple[str | None, str | None]:
        folded = _fold(text)
        if folded in known:
            return known[folded], None
        number = re.fullmatch(r"(\d+)\.0+", folded)
        if number and number[1] in known:
            return known[number[1]], None
        if reasons.is_placeholder(folded.upper()):
            return None, reasons.PLACEHOLDER
        return tidy(text) or None, None

    return read_distinct(values, values.is_in(list(CODES[codes])), values, read)


def read_towns(values: pl.Series) -> Read:
    """Towns in their short form; an unknown one stays as written."""
    return read_distinct(values, values.is_in(list(TOWNS)), values, read_town)


def read_town(text: str) -> tuple[str | None, str | None]:
    folded = re.sub(r"\s", "", visible(unicodedata.normalize("NFKC", text)))
    if not folded:
        return None, None
    if reasons.is_placeholder(folded.upper()):
        return None, reasons.PLACEHOLDER
    rest = folded
    for prefix in (*_ABOVE, str(COUNTY["county"])):
        rest = rest.removeprefix(prefix)
    for word in (folded, rest):
        if found := _town(word):
            return found, None
    for suffix in COUNTY["suffixes"]:
        if rest.endswith(suffix) and (found := _town(rest.removesuffix(suffix))):
            return found, None
    return tidy(text), None


@cache
def _town_names() -> dict[str, str]:
    aliases = {unicodedata.normalize("NFKC", also): town for town, names in TOWNS.items() for also in names}
    return aliases | {town: town for town in TOWNS}


def _town(word: str) -> str | None:
    return _town_names().get(word)
