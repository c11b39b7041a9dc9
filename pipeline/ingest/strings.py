"""How much text a workbook's cells would be: many may refer to one shared string, so that kilobytes are gigabytes.

`Strings` is quick: an upper bound from the longest string and the number of cells. Only where that is more than can be
right does `expanded` add up what every cell refers to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_STRING = re.compile(rb"<(?:[^\s<>/:]+:)?si[\s>/]")
_VALUE = re.compile(rb"<(?:[^\s<>/:]+:)?v(?:\s[^<>]*)?>(?:\s*([0-9]{1,9})\s*</|\s*[0-9.eE+-]+\s*</|)")
_OVERLAP = 1 << 12


class Strings:
    """Fed the shared strings' XML, and each sheet's."""

    def __init__(self) -> None:
        self._longest = self._run = self._ends = 0

    def feed_strings(self, piece: bytes) -> None:
        """Take in the next piece of the table of shared strings."""
        first, *rest = piece.split(b"<si>")
        self._run += len(first)
        self._longest = max(self._longest, self._run)
        if rest:
            self._longest = max(self._longest, *map(len, rest))
            self._run = len(rest[-1])

    def feed_sheet(self, piece: bytes) -> None:
        """Take in the next piece of a sheet."""
        self._ends += piece.count(b"</")  # of a value, its cell and its row: never fewer than cells

    @property
    def most(self) -> int:
        """Bytes that the cells' texts are at most."""
        return self._longest * self._ends


def lengths(pieces: Iterable[bytes]) -> list[int]:
    """The bytes of each shared string, its XML included."""
    begins: list[int] = []
    at, tail = 0, b""
    for piece in pieces:
        xml = tail + piece
        begins += [at - len(tail) + m.start() for m in _STRING.finditer(xml)]
        at += len(piece)
        cut = xml.rfind(b"<")
        tail = xml[cut:] if cut >= 0 and len(xml) - cut < _OVERLAP else b""
        if begins and tail and begins[-1] == at - len(tail):
            begins.pop()  # it is found again with the next piece
    if tail and _STRING.match(tail):
        begins.append(at - len(tail))
    return [end - begin for begin, end in zip(begins, [*begins[1:], at], strict=True)]


def expanded(pieces: Iterable[bytes], sizes: list[int], most: int) -> int:
    """Bytes of the strings that a sheet's cells refer to; it stops once there are more than `most`.

    A whole number is taken for a reference, and a value that is no number for one to the longest string.
    """
    total, tail, longest = 0, b"", max(sizes, default=0)
    for piece in pieces:
        xml = tail + piece
        cut = xml.rfind(b"<c")
        whole, tail = (xml[:cut], xml[cut:]) if cut > len(xml) - (1 << 16) and cut >= 0 else (xml, b"")
        for match in _VALUE.finditer(whole):
            number = match[1]
            if number is not None:
                total += sizes[n] if (n := int(number)) < len(sizes) else 0
            elif match[0].endswith(b">"):
                total += longest
        if total > most:
            break
    return total
