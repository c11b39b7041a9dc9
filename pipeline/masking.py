"""People's names and numbers hidden in what is shown to more than need them: 李**, 4402**********123X.

A sentence is made long before it is shown, so names are found in it again: every name that stands in the month's data
is looked for, the longest first. A name that is also a word of the program's own sentences ("平均", "安全") is hidden
only where it is known to be meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

# Runs that could be an ID number, a certificate made of one, a telephone, an account or a household's number.
_LONG = re.compile(r"\d{15,}[Xx]?|(?<![0-9A-Za-z])\d{11,14}(?![0-9A-Za-z])")
# Of so many characters or more, what stays at both ends.
_KEPT = ((15, 4, 4), (11, 3, 4), (0, 1, 1))
_LONGEST, _SHORTEST = 15, 2  # characters of a name that is looked for in sentences
# Surnames of two characters: both stay.
COMPOUND = frozenset(
    "欧阳 司徒 上官 诸葛 司马 夏侯 皇甫 尉迟 公孙 慕容 令狐 端木 独孤 东方 南宫 长孙 宇文 万俟".split()
)


def mask_name(name: str | None) -> str:
    """'李春兰' → '李**'; a surname of two characters stays whole. A single character is hidden."""
    text = (name or "").strip()
    if len(text) < 2:
        return "*" * len(text)
    kept = 2 if text[:2] in COMPOUND and len(text) > 2 else 1
    return text[:kept] + "*" * (len(text) - kept)


def mask_number(number: str | None) -> str:
    """'44028119…123X' → '4402**********123X': prefecture and end stay. Of 11 to 14 characters (telephones) three and
    four stay, else two.
    """
    text = (number or "").strip()
    first, last = next((first, last) for least, first, last in _KEPT if len(text) >= least)
    hidden = len(text) - first - last
    return text[:first] + "*" * hidden + text[len(text) - last :] if hidden > 0 else "*" * len(text)


def mask_numbers(text: str) -> str:
    """The text with every long run of digits hidden but for both ends."""
    return _LONG.sub(lambda found: mask_number(found[0]), text)


@dataclass(frozen=True)
class Masker:
    """Hides `names` in texts, and every number in them. `words`: the program's own texts, whose words are no names."""

    names: frozenset[str]
    words: str = ""

    @classmethod
    def of(cls, names: Iterable[str | None], words: Iterable[str] = ()) -> Masker:
        """A masker for these names; blanks and single characters count for nothing."""
        return cls(frozenset(n for n in names if n and len(n) >= _SHORTEST), "\n".join(words))

    @cached_property
    def common(self) -> frozenset[str]:
        """The names, of those short enough to be looked for in sentences, that are also words."""
        lengths = _lengths(n for n in self.names if len(n) <= _LONGEST)
        words = (self.words[i : i + n] for i, first in enumerate(self.words) for n in lengths.get(first, ()))
        return self.names.intersection(words)

    @cached_property
    def _sought(self) -> frozenset[str]:
        """The names that are looked for in every sentence."""
        return frozenset(n for n in self.names - self.common if len(n) <= _LONGEST)

    @cached_property
    def _lengths(self) -> Mapping[str, tuple[int, ...]]:
        return _lengths(self._sought)

    def text(self, text: str | None, also: Iterable[str | None] = ()) -> str:
        """The text with names and numbers hidden. `also`: names that are meant here, were they words as well."""
        if not text:
            return ""
        meant = {n for n in also if n and len(n) >= _SHORTEST and n not in self._sought}
        for name in sorted(meant, key=lambda n: (-len(n), n)) if meant else ():
            text = text.replace(name, mask_name(name))
        return mask_numbers(self._names(text))

    def _names(self, text: str) -> str:
        lengths, sought = self._lengths, self._sought
        pieces: list[str] = []
        at = kept = 0
        while at < len(text):
            for n in lengths.get(text[at], ()):
                if (word := text[at : at + n]) in sought:
                    pieces += (text[kept:at], mask_name(word))
                    at = kept = at + n
                    break
            else:
                at += 1
        return "".join((*pieces, text[kept:])) if pieces else text


def _lengths(names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """First character → the lengths of the names that begin with it, the longest first."""
    found: dict[str, set[int]] = {}
    for name in names:
        found.setdefault(name[0], set()).add(len(name))
    return {first: tuple(sorted(lengths, reverse=True)) for first, lengths in found.items()}
