"""ID numbers as clerks and spreadsheets leave them: mistyped, shortened, masked, lost, or merely untidy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.demo import id_numbers

Flags = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

BROKEN = ("slip", "swap")  # a wrong number: mended only against a sound one
REPAIRABLE = (*BROKEN, "old_form")
LOST = ("scientific", "placeholder", "rounded")  # the cell must be rejected
GONE = ("missing", "masked", *LOST)
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
        for name in kinds:
            out |= self.kind == name
        return out


def write_numbers(
    number: npt.NDArray[np.str_], kind: Objects, rng: np.random.Generator, *, has_birth: bool, lower_x: float
) -> WrittenNumbers:
    """Spoil each 18-digit number in the way its `kind` says, where that is possible.

    Without a birth date on the record, slips spare the birth date in the number: nothing else could tell it.
    """
    kind = _possible(number, kind)
    out = number.astype(object)
    as_number = np.zeros(len(number), dtype=bool)
    at = {name: np.flatnonzero(kind == name) for name in KINDS}
    for name, spoil in (("slip", id_numbers.slip), ("swap", id_numbers.swap)):
        if len(at[name]):
            out[at[name]] = spoil(number[at[name]], rng, outside_birth=not has_birth).astype(object)
    # three noughts at the end are what a spreadsheet leaves of a number, so no slip may look so
    for i in (*at["slip"].tolist(), *at["swap"].tolist()):
        if str(out[i]).endswith("000"):
            kind[i], out[i] = "", str(number[i])
    whole: tuple[tuple[str, Callable[[npt.NDArray[np.str_]], npt.NDArray[np.str_]]], ...] = (
        ("old_form", id_numbers.old_form),
        ("masked", id_numbers.masked),
        ("scientific", id_numbers.scientific),
        ("rounded", id_numbers.rounded),
    )
    for name, reshape in whole:
        if len(at[name]):
            out[at[name]] = reshape(number[at[name]]).astype(object)
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


def _possible(number: npt.NDArray[np.str_], kind: Objects) -> Objects:
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
