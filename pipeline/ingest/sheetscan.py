"""What a sheet's XML tells before a reader spends memory on it: its extent, and whether it holds long numbers.

The reader lays a sheet out as a full rectangle, so one stray cell far away would cost gigabytes. And it gives numbers
as text, so that an ID kept as a number cannot be told from one kept as text.

`SheetScan` is quick and sees what spreadsheet programs write. Where a sheet is wide, long but nearly empty, or written
in a way that they do not write, `Extent` measures every cell.
"""

from __future__ import annotations

import re

import polars as pl

MAX_CELLS = 60_000_000  # of the rectangle: a sheet of a million rows and fifty columns
SPARSE_CELLS = 20_000_000  # a rectangle larger than this, and hardly a cell in it, is no table
MIN_DENSITY = 0.01
_NARROW = 52  # columns A … AZ: wider sheets are measured
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384  # of a spreadsheet program

_OVERLAP = 64
_TAG = 1 << 16  # bytes: no tag is longer
# A number cell of 16 digits or more, or with a positive exponent: an ID or account that has lost its end.
# Cells of text refer to the shared strings by short numbers, so this finds number cells (and formulas' texts) only.
_LONG_NUMBER = r"v>\s*[0-9](?:[0-9]{15}|[0-9.]*[eE]\+?[0-9])"
_LONG_SHEET = r'r="[A-Z]+[0-9]{6}'
# A cell to be measured: wide, beyond the millionth row, or not begun as spreadsheet programs begin it (<c r="B2").
_BEGUN = r'c(?:[>/]|\s+(?:[^r\s]|r(?:[^=]|=[^"]|="[^A-Z])))'
_ODD = r'r="(?:[B-Z][A-Z]|[A-Z]{3,})[0-9]|r="[A-Z]+[0-9]{7}|<' + _BEGUN
_ODD_WITH_PREFIX = r"<[^\s<>/:]+:" + _BEGUN
_LIVE = re.compile(rb'<(?:[^\s<>/:]+:)?(row|c)(?:\s[^<>]*?)??(?:\sr\s*=\s*["\']\s*([A-Za-z]*)([0-9]*)[^<>]*)?>')


class SheetScan:
    """Fed a sheet's XML in pieces, in order, and told its end. `odd`: only `Extent` can say how large it is."""

    def __init__(self) -> None:
        self.long_numbers = False
        self._odd = False
        self._long = False
        self._cells = 0
        self._tail = b""

    def feed(self, piece: bytes) -> None:
        """Take in the next piece."""
        xml = self._tail + piece
        cut = xml.rfind(b"<")
        if cut >= 0 and len(xml) - cut < _TAG:
            whole, self._tail = xml[:cut], xml[cut:]  # so that no character is cut in two
        else:
            whole, self._tail = xml, xml[-_OVERLAP:]
        self._look(whole)
        self._cells += piece.count(b"<c ")

    def end(self) -> None:
        """There is no more."""
        self._look(self._tail)
        self._tail = b""

    def _look(self, xml: bytes) -> None:
        """Polars' matcher is several times as fast as Python's on these patterns, and takes bytes as they lie."""
        try:
            text = pl.Series([xml]).cast(pl.String)
        except pl.exceptions.ComputeError:  # not UTF-8
            text = pl.Series([xml.decode("utf-8", "ignore")])
        self.long_numbers = self.long_numbers or bool(text.str.contains(_LONG_NUMBER)[0])
        self._odd = self._odd or bool(text.str.contains(_ODD)[0])
        if b":c" in xml:  # few programs write a prefix, and looking for it takes three times as long
            self._odd = self._odd or bool(text.str.contains(_ODD_WITH_PREFIX)[0])
        self._long = self._long or bool(text.str.contains(_LONG_SHEET)[0])

    @property
    def odd(self) -> bool:
        nearly_empty = self._cells < MIN_DENSITY * _NARROW * MAX_ROWS
        return self._odd or (self._long and nearly_empty)


class Extent:
    """Fed the same pieces: the rows and columns of the rectangle that holds every cell, and how many cells there are.

    A row or cell that does not say where it stands stands after the one before, as readers take it.
    """

    def __init__(self) -> None:
        self.rows = self.columns = self.cells = 0
        self._row = self._column = 0
        self._tail = b""

    def feed(self, piece: bytes) -> None:
        """Take in the next piece."""
        xml = self._tail + piece
        cut = xml.rfind(b"<")
        # a tag without an end is kept for the next piece, but no longer than a tag can sensibly be
        whole, self._tail = (xml[:cut], xml[cut:]) if cut >= 0 and len(xml) - cut < _TAG else (xml, b"")
        for kind, letters, digits in _LIVE.findall(whole):
            if kind == b"row":
                self._row, self._column = int(digits[:12]) if digits else self._row + 1, 0
                continue
            self._column = _number(letters.upper()[:6]) if letters else self._column + 1
            row = int(digits[:12]) if digits else self._row
            self.cells += 1
            self.rows, self.columns = max(self.rows, row), max(self.columns, self._column)

    @property
    def too_large(self) -> bool:
        """Whether the rectangle of all cells is larger than any table, or nearly empty."""
        area = self.rows * self.columns
        return (
            self.rows > MAX_ROWS
            or self.columns > MAX_COLUMNS
            or area > MAX_CELLS
            or (area > SPARSE_CELLS and self.cells < area * MIN_DENSITY)
        )


def _number(letters: bytes) -> int:
    """A column's number from its letters: A = 1, AA = 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
