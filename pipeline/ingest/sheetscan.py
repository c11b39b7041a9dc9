"""What a sheet's XML tells before a reader spends memory on it: its extent, and whether it holds long numbers.

The reader lays a sheet out as a full rectangle, so one stray cell far away would cost gigabytes. And it gives numbers
as text, so that an ID kept as a number cannot be told from one kept as text.
"""

from __future__ import annotations

import re

import polars as pl

MAX_CELLS = 60_000_000  # of the rectangle: a sheet of a million rows and fifty columns
_NARROW = 52  # columns A … AZ: wider sheets are measured

_OVERLAP = 64
# A number cell of 16 digits or more, or with a positive exponent: an ID or account that has lost its end.
# Cells of text refer to the shared strings by short numbers, so this finds number cells (and formulas' texts) only.
_LONG_NUMBER = r"v>\s*[0-9](?:[0-9]{15}|[0-9.]*[eE]\+?[0-9])"
_WIDE = r'r="(?:[B-Z][A-Z]|[A-Z]{3})[0-9]'
_WIDE_CELL = re.compile(rb'r="([A-Z]{2,3})[0-9]')
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?\br="([0-9]{1,8})"')


class SheetScan:
    """Fed a sheet's XML in pieces, in order."""

    def __init__(self) -> None:
        self.long_numbers = False
        self.rows = 0
        self.columns = _NARROW
        self._tail = b""

    def feed(self, piece: bytes) -> None:
        """Take in the next piece. Polars' matcher is several times as fast as Python's on these patterns."""
        xml = self._tail + piece
        text = pl.Series([xml.decode("utf-8", "ignore")])
        if not self.long_numbers:
            self.long_numbers = bool(text.str.contains(_LONG_NUMBER)[0])
        if text.str.contains(_WIDE)[0]:
            self.columns = max(self.columns, *(_number(letters) for letters in set(_WIDE_CELL.findall(xml))))
        last = xml.rfind(b"row ")
        if last >= 0 and (found := _ROW.search(xml, max(0, xml.rfind(b"<", 0, last)))):
            self.rows = max(self.rows, int(found[1]))
        self._tail = piece[-_OVERLAP:]

    @property
    def too_large(self) -> bool:
        """Whether the rectangle of all cells is larger than any table."""
        return self.rows * self.columns > MAX_CELLS


def _number(letters: bytes) -> int:
    """A column's number from its letters: A = 1, AA = 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
