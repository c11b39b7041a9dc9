"""ID numbers as clerks and spreadsheets leave them: mistyped, shortened, masked, lost, or merely untidy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.demo import id_numbers

Flags = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]
Text = npt.NDArray[np.str_]

BROKEN = ("slip", "swap")  # a wrong number: mended only against a sound one
REPAIRABLE = (*BROKEN, "old_form")
LOST = ("scientific", "placeholder", "rounded")  # the cell must be rejected
GONE = ("missing", "masked", "digit_lost", "digit_doubled", *LOST)  # what is left names nobody by itself
UNTIDY = ("full_width", "apostrophe", "spaced")
KINDS = (*REPAIRABLE, *GONE, *UNTIDY)

_PLACEHOLDERS = ("无", "000000", "暂无", "000000000000000000")
_WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


@dataclass(frozen=True)
class WrittenNumbers:
    """Numbers as written (None = empty), what was done to each (`KINDS` or ''), and which are spreadsheet numbers."""

    text: Objects
    kind: Objects
    as_number: Flags

    def is_one_of(self, kinds: tuple[str, ...]) -> Flags:
        out = np.zeros(len(self.kind), dtype=bool)
        for rows in _rows_of(self.kind, kinds).values():
            out[rows] = True
        return out


def _rows_of(kind: Objects, kinds: tuple[str, ...]) -> dict[str, npt.NDArray[np.int64]]:
    """Kind → its rows; most rows have none, so only the others are compared."""
    some = np.flatnonzero(kind != "")
    return {name: some[kind[some] == name] for name in kinds}


def write_numbers(number: Text, kind: Objects, rng: np.random.Generator, *, lower_x: float) -> WrittenNumbers:
    """Spoil each 18-digit number in the way its `kind` says, where that is possible."""
    kind = _possible(number, kind)
    out = number.astype(object)
    as_number = np.zeros(len(number), dtype=bool)
    at = _rows_of(kind, KINDS)
    spoilers: tuple[tuple[str, Callable[[Text], Text]], ...] = (
        ("slip", lambda n: id_numbers.slip(n, rng)),
        ("swap", lambda n: id_numbers.swap(n, rng)),
        ("digit_lost", lambda n: id_numbers.digit_lost(n, rng)),
        ("digit_doubled", lambda n: id_numbers.digit_doubled(n, rng)),
        ("old_form", id_numbers.old_form),
        ("masked", lambda n: id_numbers.masked(n, rng)),
        ("scientific", id_numbers.scientific),
        ("rounded", id_numbers.rounded),
    )
    for name, spoil in spoilers:
        if len(at[name]):
            out[at[name]] = spoil(number[at[name]]).astype(object)
    # three noughts at the end are what a spreadsheet leaves of a number, so no slip may look so
    for i in (*at["slip"].tolist(), *at["swap"].tolist()):
        if str(out[i]).endswith("000"):
            kind[i], out[i] = "", str(number[i])
    for name in ("old_form", "scientific"):
        as_number[at[name]] = rng.random(len(at[name])) < 0.5
    out[at["missing"]] = None
    out[at["placeholder"]] = rng.choice(np.array(_PLACEHOLDERS, dtype=object), len(at["placeholder"]))
    lower = np.char.endswith(number, "X") & (kind == "") & (rng.random(len(number)) < lower_x)
    untidy: tuple[tuple[npt.NDArray[np.int64], Callable[[str], str]], ...] = (
        (at["full_width"], lambda t: t.translate(_WIDE)),
        (at["apostrophe"], lambda t: "'" + t),
        (at["spaced"], lambda t: f"{t[:6]} {t[6:14]} {t[14:]}"),
        (np.flatnonzero(lower), str.lower),
    )
    for rows, write in untidy:
        for i in rows.tolist():
            out[i] = write(str(number[i]))
    return WrittenNumbers(out, kind, as_number)


def _possible(number: Text, kind: Objects) -> Objects:
    """`kind` without the impossible: no 15 digits after 1998 or on a permit, no X in a spreadsheet number."""
    kind = kind.copy()
    for i in np.flatnonzero(kind == "old_form").tolist():
        if not "1900" <= number[i][6:10] < "1999" or number[i][0] in "89":
            kind[i] = ""
    for i in np.flatnonzero(kind == "scientific").tolist():
        if number[i].endswith("X"):
            kind[i] = ""
    at = np.flatnonzero(kind == "rounded")
    if len(at):
        kind[at[id_numbers.valid(id_numbers.rounded(number[at]))]] = ""
    return kind
