"""The draw itself, pure: tickets, how many of a stratum, who is drawn.

A unit's ticket is the SHA-256, as 64 lower-case hex digits, of the UTF-8 bytes of: the seed, one line feed (0x0A), the
unit id; nothing after it. Within a stratum (draw, town, care class) of N units, those with the smallest tickets are
drawn: ceil(rate × N), at least one, of those that no earlier round drew. The rate is a fraction, so that ceil is exact.

A person of tekun has one ticket in both draws, of visits and of care levels: who is drawn for one is likely drawn for
the other, and one visit does for both, while each draw by itself stays a simple random sample.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from pipeline.draw.words import once
from pipeline.errors import BadInput

Key = tuple[str, str, str]  # a stratum: draw, town, care class


class Drawn(NamedTuple):
    """A drawn unit and its ticket."""

    draw: str
    town: str
    care: str
    unit: str
    ticket: str


class Stratum(NamedTuple):
    """`units` of the frame, of which `earlier` were drawn in earlier rounds and `drawn` in this one."""

    draw: str
    town: str
    care: str
    units: int
    earlier: int
    drawn: int


def ticket(seed: str, unit: str) -> str:
    """The unit's ticket: 64 hex digits."""
    return hashlib.sha256(f"{seed}\n{unit}".encode()).hexdigest()


def size(units: int, rate: Fraction) -> int:
    """How many of a stratum of so many units: ceil(rate × units), at least one; none of none."""
    if units == 0:
        return 0
    return min(units, max(1, -(-units * rate.numerator // rate.denominator)))


def select(
    units: Iterable[tuple[str, str, str, str]],
    rates: Mapping[tuple[str, str], Fraction],
    seed: str,
    earlier: Collection[tuple[bool, str]] = (),
) -> tuple[list[Drawn], list[Stratum]]:
    """Draw from units (draw, town, care, unit) at rates by (draw, care); `earlier`: `once` of what was drawn before.

    Both lists are in the order of draw, town, care class; drawn units in the order of their tickets within it.
    """
    strata: dict[Key, list[str]] = {}
    for draw, town, care, unit in units:
        strata.setdefault((draw, town, care), []).append(unit)
    drawn: list[Drawn] = []
    counts: list[Stratum] = []
    for (draw, town, care), members in sorted(strata.items(), key=lambda s: tuple(part.encode() for part in s[0])):
        left = [unit for unit in members if once(draw, unit) not in earlier]
        wanted = size(len(members), rates[draw, care])
        chosen = sorted((ticket(seed, unit), unit) for unit in left)[:wanted]
        drawn += [Drawn(draw, town, care, unit, number) for number, unit in chosen]
        counts.append(Stratum(draw, town, care, len(members), len(members) - len(left), len(chosen)))
    return drawn, counts


def check_seed(seed: str) -> str:
    """The seed, if it is one line of text; BadInput otherwise. Whoever redoes the draw must type it exactly so."""
    if (
        not seed
        or seed != seed.strip()
        or any(unicodedata.category(ch).startswith(("C", "Z")) and ch != " " for ch in seed)
    ):
        raise BadInput(
            "the seed is empty, or begins, ends or is broken by blanks or unseen characters",
            remedy="write digits or letters, for example the dice in the order thrown: 4163325114",
        )
    return seed


def same_seed(a: str, b: str) -> bool:
    """Whether two seeds are one, written otherwise: 'A12 3' and 'a123'."""
    fold = [unicodedata.normalize("NFKC", s).casefold().replace(" ", "") for s in (a, b)]
    return fold[0] == fold[1]
