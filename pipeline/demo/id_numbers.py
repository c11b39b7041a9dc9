"""Resident ID numbers (GB 11643) as NumPy text arrays: made, and spoilt the way clerks and spreadsheets spoil them.

All functions are vectorised over arrays of shape (n,). The numbers are made up; the area codes are real ones.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Text = npt.NDArray[np.str_]
Ints = npt.NDArray[np.int64]

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
_CHECK = np.array(list("10X98765432"))

HOME_AREA = "440281"  # the county today …
FORMER_AREA = "440225"  # … and before 1994
OTHER_AREAS = (
    "440204", "440203", "440222", "440224", "440229", "440282", "431022", "431025", "431003", "360723", "450327",
    "522631", "510525", "441823",
)  # fmt: skip
PERMIT_AREAS = ("810000", "820000", "830000")  # residence permits of Hong Kong, Macao and Taiwan residents
CARD_PREFIX = "944840"  # a foreigner's permanent residence card: 9, province, nationality


def letters(text: Text, width: int) -> npt.NDArray[np.str_]:
    """The array as single characters, shape (n, width)."""
    return np.asarray(np.ascontiguousarray(text.astype(f"U{width}")).view("U1").reshape(len(text), width))


def joined(chars: npt.NDArray[np.str_]) -> Text:
    """The inverse of `letters`."""
    return np.asarray(np.ascontiguousarray(chars).view(f"U{chars.shape[1]}").ravel())


def check_digit(first17: Text) -> Text:
    """The 18th character of each 17-digit body."""
    digits = letters(first17, 17).view(np.uint32).astype(np.int64) - ord("0")
    return np.asarray(_CHECK[(digits @ _WEIGHTS) % 11])


def valid(numbers: Text) -> npt.NDArray[np.bool_]:
    """Whether each 18-character number's check digit is right (digits before it are taken for granted)."""
    chars = letters(numbers, 18)
    return np.asarray(check_digit(joined(chars[:, :17])) == chars[:, 17])


def build(area: Text, birth: npt.NDArray[np.datetime64], sequence: Ints) -> Text:
    """18-digit numbers of area (6 digits), birth date and sequence (1-999, odd for men)."""
    day = np.char.replace(np.datetime_as_string(birth, unit="D"), "-", "")
    body = np.char.add(np.char.add(area.astype("U6"), day), np.char.zfill(sequence.astype("U3"), 3))
    return np.char.add(body, check_digit(body)).astype("U18")


def slip(numbers: Text, rng: np.random.Generator) -> Text:
    """One digit of the first 17 mistyped: the check then always fails."""
    chars = letters(numbers, 18).copy()
    at = rng.integers(0, 17, len(numbers))
    row = np.arange(len(numbers))
    digit = chars[row, at].astype(np.int64)
    chars[row, at] = ((digit + rng.integers(1, 10, len(numbers))) % 10).astype("U1")
    return joined(chars)


def swap(numbers: Text, rng: np.random.Generator) -> Text:
    """Two unequal neighbours among the first 17 digits exchanged; a number without such a pair gets a slip."""
    chars = letters(numbers, 18).copy()
    unequal = chars[:, :16] != chars[:, 1:17]
    chosen = np.where(unequal, rng.random(unequal.shape), -1.0).argmax(axis=1)
    row = np.arange(len(numbers))
    left, right = chars[row, chosen].copy(), chars[row, chosen + 1].copy()
    chars[row, chosen], chars[row, chosen + 1] = right, left
    out = joined(chars)
    none = ~unequal.any(axis=1)
    if none.any():
        out[none] = slip(numbers[none], rng)
    return out


def digit_lost(numbers: Text, rng: np.random.Generator) -> Text:
    """One of the first 17 digits left out: 17 characters."""
    kept = np.arange(18)[None, :] != rng.integers(0, 17, len(numbers))[:, None]
    return joined(letters(numbers, 18)[kept].reshape(-1, 17))


def digit_doubled(numbers: Text, rng: np.random.Generator) -> Text:
    """One of the first 17 digits typed twice: 19 characters."""
    at = rng.integers(0, 17, len(numbers))[:, None]
    place = np.arange(19)[None, :]
    return joined(np.take_along_axis(letters(numbers, 18), np.where(place > at, place - 1, place), axis=1))


def old_form(numbers: Text) -> Text:
    """The 15-digit form: without century and check digit. Only for births of 19xx."""
    chars = letters(numbers, 18)
    return joined(np.concatenate([chars[:, :6], chars[:, 8:17]], axis=1))


def masked(numbers: Text, rng: np.random.Generator) -> Text:
    """`440281********1234`, or for one in four `44028119650101****`."""
    chars = letters(numbers, 18).copy()
    end = rng.random(len(numbers)) < 0.25
    chars[~end, 6:14] = "*"
    chars[end, 14:] = "*"
    return joined(chars)


def renewed(numbers: Text, taken: set[str], rng: np.random.Generator) -> Text:
    """Valid numbers that are not `taken` (which they join): these ones, or others of the same area, day and sex."""
    out = []
    for number in numbers.tolist():
        body = number[:17]
        fresh = body + str(check_digit(np.array([body]))[0])
        while fresh in taken:
            sequence = int(rng.integers(0, 499)) * 2 + (1 if number[16] in "13579" else 2)
            body = f"{number[:14]}{sequence:03d}"
            fresh = body + str(check_digit(np.array([body]))[0])
        taken.add(fresh)
        out.append(fresh)
    return np.array(out, dtype="U18")


def rounded(numbers: Text) -> Text:
    """What a spreadsheet keeps of 18 digits: fifteen, and three noughts."""
    chars = letters(numbers, 18).copy()
    chars[:, 15:] = "0"
    return joined(chars)


def scientific(numbers: Text) -> Text:
    """What a spreadsheet shows of a number: `4.40281E+17`. Meant for numbers that do not end in X."""
    chars = letters(numbers, 18)
    body = np.char.add(np.char.add(joined(chars[:, :1]), "."), joined(chars[:, 1:6]))
    return np.char.add(body, "E+17").astype("U18")
