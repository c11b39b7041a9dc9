"""ID numbers and other numbers that name something, as text; what lost its digits is refused, never guessed.

Whether a kept number is a possible ID (length, check digit, date) is the data checks' business, not ours.
"""

from __future__ import annotations

import re
import unicodedata

import polars as pl
from stdnum.cn import ric

from pipeline.contract.invisible import CLASS
from pipeline.ingest import reasons
from pipeline.ingest.distinct import Read, nulls, read_distinct

EXACT_DIGITS = 15  # a spreadsheet number keeps this many digits, no more

_HALF = 32  # of the step between two numbers of eighteen digits in a spreadsheet

_PLAIN_ID = r"^[1-9][0-9]{16}[0-9X]$|^[1-9][0-9]{14}$"  # \d would take in full-width digits
_PLAIN_IDENTIFIER = r"^[0-9A-Za-z\p{Han}]+$"
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+\d+|\d\.\d+E\d+")  # a plain 3E12 may be a house
_EIGHTEEN = re.compile(r"[1-9][0-9]{17}")
_NUMERIC = re.compile(r"(\d+)\.0*")
_MASK_RUN = re.compile(r"(?<=[0-9])X{2,}(?=[0-9X])|(?<=[0-9])X{3,}$")
_DROP = re.compile(rf"[\s'’‘`´\"{CLASS}]")
_REPEATED = [digit * length for digit in "123456789" for length in (15, 18)]
_SUSPICIOUS = [*_REPEATED, *reasons.DUMMY_NUMBERS]


def fold_id(text: str) -> str:
    """NFKC, no white space, apostrophes or invisible marks, upper case, × as X."""
    bare = _DROP.sub("", unicodedata.normalize("NFKC", text)).upper().replace("×", "X").replace("‐", "-")
    return bare if bare.isascii() else unicodedata.normalize("NFKC", bare)  # an accent may have lost its space


def read_ids(values: pl.Series, numeric: pl.Series | None = None) -> Read:
    """ID numbers as cleaned text. `numeric` marks cells that Excel holds as numbers of more than 15 digits."""
    done = values.str.contains(_PLAIN_ID) & ~values.str.ends_with("000") & ~values.is_in(_SUSPICIOUS)
    read, why = read_distinct(values, done, values, read_id)
    return _refuse_numeric(read, why, numeric)


def read_id(text: str) -> tuple[str | None, str | None]:
    """One ID number: (cleaned, None), or (None, reason), or (None, None) when nothing is there."""
    folded = fold_id(text)
    if not folded:
        return None, None
    if reasons.is_placeholder(folded) or reasons.is_dummy_number(folded):
        return None, reasons.PLACEHOLDER
    if _SCIENTIFIC.fullmatch(folded):
        return None, reasons.ID_SCIENTIFIC
    number = _NUMERIC.fullmatch(folded)
    if number:  # a number that some program wrote with a decimal point
        folded = number[1]
        if len(folded) > EXACT_DIGITS:
            return None, reasons.ID_NUMBER
        if reasons.is_dummy_number(folded):
            return None, reasons.PLACEHOLDER
    if not any(c.isdigit() for c in folded):
        return None, reasons.ID_NO_DIGIT
    if len(folded) == 18 and folded.isdigit() and folded.endswith("000") and not _check_holds(folded):
        return None, reasons.ID_ZEROS
    return _MASK_RUN.sub(lambda run: "*" * len(run[0]), folded), None


def _check_holds(number: str) -> bool:
    return str(ric.calc_check_digit(number)) == number[-1]


def left_of(values: pl.Series, why: pl.Series) -> pl.Series:
    """ID numbers of which a spreadsheet lost the end, masked: the digits that it surely kept, then * (else null).

    A spreadsheet keeps fifteen digits. Where another program gave it the whole number, it kept the nearest multiple of
    64: beside a whole thousand the fifteenth digit may be the next one's, and is not told.
    """
    at = why.is_in([reasons.ID_ZEROS, reasons.ID_NUMBER]).arg_true()
    return nulls(len(values)).scatter(at, [_left(text) for text in values.gather(at).cast(pl.String).to_list()])


def _left(text: str) -> str | None:
    digits = fold_id(text).partition(".")[0]
    if not _EIGHTEEN.fullmatch(digits):
        return None
    tail = int(digits[EXACT_DIGITS:])
    kept = EXACT_DIGITS if tail == 0 or _HALF <= tail <= 1000 - _HALF else EXACT_DIGITS - 1
    return digits[:kept] + "*" * (18 - kept)


def read_identifiers(values: pl.Series, numeric: pl.Series | None = None) -> Read:
    """Household, certificate, account and telephone numbers as text, NFKC and without white space."""
    done = (
        values.str.contains(_PLAIN_IDENTIFIER)
        & ~values.is_in(list(reasons.PLACEHOLDERS))
        & ~values.str.contains("^0+$")
    )
    done = done & ~values.str.contains(r"^\dE\d+$")
    read, why = read_distinct(values, done, values, read_identifier)
    return _refuse_numeric(read, why, numeric)


def read_identifier(text: str) -> tuple[str | None, str | None]:
    """One number that names something: (cleaned, None), or (None, reason), or (None, None) when nothing is there."""
    folded = _DROP.sub("", unicodedata.normalize("NFKC", text))
    if not folded:
        return None, None
    if reasons.is_placeholder(folded.upper()) or set(folded) == {"0"}:
        return None, reasons.PLACEHOLDER
    if _SCIENTIFIC.fullmatch(folded.upper()):
        return None, reasons.ID_SCIENTIFIC
    number = _NUMERIC.fullmatch(folded)
    if number:
        if set(number[1]) == {"0"}:
            return None, reasons.PLACEHOLDER
        return (number[1], None) if len(number[1]) <= EXACT_DIGITS else (None, reasons.ID_NUMBER)
    return folded, None


def _refuse_numeric(read: pl.Series, why: pl.Series | None, numeric: pl.Series | None) -> Read:
    if numeric is None or not numeric.any():
        return read, why
    why = (why if why is not None else nulls(len(read))).scatter(numeric.arg_true(), reasons.ID_NUMBER)
    return read.set(numeric, None), why
