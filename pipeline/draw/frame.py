"""The frame: the units that may be drawn and the rates, frozen as a canonical text file before the seed is known.

UTF-8 without BOM, lines ended by LF, fields parted by TAB. First the header, each line begun by '#'; then a line a
unit and draw (draw, town, care class or '-', unit), in the order of their bytes. One content has one text, so that its
SHA-256 says it all. It holds no name and no ID number. docs/draw.md describes every line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from pipeline.draw.population import ALL, NEW, Population, like_id_numbers, unfit, units_of
from pipeline.draw.words import CARE_FIGURES, DRAWS, NO_CARE, figure_of
from pipeline.errors import BadInput
from pipeline.months import parse_month
from pipeline.policy import Policy, pack_for

FORMAT = "1"
_MAGIC = f"#audit-draw-frame\t{FORMAT}"


@dataclass(frozen=True)
class Rate:
    """The part of a draw's (and care class's) units that is drawn, and the policy figure it comes from."""

    draw: str
    care: str
    share: Fraction
    figure: str
    clause: str
    verified: bool

    def line(self) -> str:
        """The line of the frame's header."""
        return "\t".join(
            ("#rate", self.draw, self.care, str(self.share.numerator), str(self.share.denominator), self.figure,
             "verified" if self.verified else "unverified", self.clause)
        )  # fmt: skip


@dataclass(frozen=True)
class PolicyMark:
    """Whose rates: the pack's name, SHA-256 over pack and override, and the override's file ('' = none)."""

    name: str
    sha256: str
    override: str


@dataclass(frozen=True)
class Frame:
    """A frozen frame. `lines`: (draw, town, care, unit). `public`: whether it holds no number like an ID number."""

    month: str
    dibao: str
    public: bool
    policy: PolicyMark
    rates: tuple[Rate, ...]
    left_out: tuple[tuple[str, str, int], ...]
    absent: tuple[str, ...]
    lines: tuple[tuple[str, str, str, str], ...]

    @cached_property
    def text(self) -> str:
        head = [
            _MAGIC,
            f"#month\t{self.month}",
            f"#dibao\t{self.dibao}",
            f"#numbers\t{'public' if self.public else 'private'}",
            "\t".join(("#policy", self.policy.name, self.policy.sha256, self.policy.override or "-")),
            *(rate.line() for rate in self.rates),
            *(f"#left_out\t{roster}\t{reason}\t{count}" for roster, reason, count in self.left_out),
            *(f"#absent\t{roster}" for roster in self.absent),
            f"#units\t{len(self.lines)}",
        ]
        return "\n".join((*head, *("\t".join(line) for line in self.lines))) + "\n"

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def shares(self) -> dict[tuple[str, str], Fraction]:
        """(draw, care) → rate."""
        return {(r.draw, r.care): r.share for r in self.rates}


def rates_of(policy: Policy, dibao: str) -> tuple[Rate, ...]:
    """The rates of every draw, in the order of their names' bytes."""
    wanted = [d for d in DRAWS if d != ("dibao" if dibao == NEW else "new_dibao")]
    out = []
    for draw in wanted:
        for care in CARE_FIGURES if draw == "care" else (NO_CARE,):
            key = figure_of(draw, care)
            # repr of a float is the shortest decimal that reads back as it: the figure as the file wrote it
            share = Fraction(Decimal(repr(policy.figures[key])))
            clause = policy.source if key in policy.overridden else str(policy.about[key]["clause"])
            out.append(Rate(draw, care, share, key, " ".join(clause.split()), policy.verified(key)))
    return tuple(sorted(out, key=lambda r: (r.draw, r.care.encode())))


def build(population: Population, month: str, dibao: str, policy: PolicyMark, rates: tuple[Rate, ...]) -> Frame:
    """The frame of a population. BadInput when a household number or town cannot stand on a line of text."""
    if bad := unfit(population.units):
        raise BadInput(
            f"{bad} household numbers or towns of the rosters hold a character that is no text",
            remedy="correct them in the rosters",
        )
    lines = sorted(
        population.units.select("draw", "town", "care", "unit").rows(), key=lambda line: "\t".join(line).encode()
    )
    public = not like_id_numbers(population.units)
    return Frame(month, dibao, public, policy, rates, population.left_out, population.absent, tuple(lines))


def freeze(
    drop: Path, month: str, *, dibao: str = NEW, policy_file: Path | None = None, allow_id_numbers: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Frame:  # fmt: skip
    """The frame of a drop. BadInput when household numbers are ID numbers, unless `allow_id_numbers`."""
    policy = pack_for(parse_month(month), policy_file)
    mark = PolicyMark(policy.name, policy.sha256, policy.override.file if policy.override else "")
    frame = build(units_of(drop, month, dibao, progress=progress), month, dibao, mark, rates_of(policy, dibao))
    if not frame.public and not allow_id_numbers:
        raise BadInput(
            "household numbers of the rosters hold ID numbers: such a frame must not be published",
            remedy="number these households otherwise, or say --private and publish the frame's SHA-256 only",
        )
    return frame


def read(path: Path) -> Frame:
    """Read a frame file. BadInput, with the line, when it is not exactly as this module writes it."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as e:
        raise BadInput("the frame cannot be read", file=path.name, remedy="give the path of a readable file") from e
    except UnicodeDecodeError as e:
        raise _bad(path, "it is not UTF-8 text") from e
    rows = text.split("\n")
    if rows[0] != _MAGIC:
        raise _bad(path, "it is no frame, or of another version", 1)
    head: dict[str, list[list[str]]] = {}
    lines: list[tuple[str, str, str, str]] = []
    for number, row in enumerate(rows[1:-1], 2):
        fields = row.split("\t")
        if row.startswith("#"):
            head.setdefault(fields[0], []).append(fields[1:])
        elif len(fields) == 4 and fields[0] in DRAWS:
            lines.append((fields[0], fields[1], fields[2], fields[3]))
        else:
            raise _bad(path, "it is no line of a frame", number)
    try:
        frame = Frame(
            month=parse_month(head["#month"][0][0]),
            dibao=head["#dibao"][0][0],
            public=head["#numbers"][0][0] == "public",
            policy=PolicyMark(*(p if p != "-" else "" for p in head["#policy"][0])),
            rates=tuple(
                Rate(draw, care, Fraction(int(over), int(under)), figure, clause, mark == "verified")
                for draw, care, over, under, figure, mark, clause in head.get("#rate", [])
            ),
            left_out=tuple((roster, reason, int(n)) for roster, reason, n in head.get("#left_out", [])),
            absent=tuple(roster for (roster,) in head.get("#absent", [])),
            lines=tuple(lines),
        )
    except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError) as e:
        raise _bad(path, "its header is not whole") from e
    _check(path, frame, text)
    return frame


def _check(path: Path, frame: Frame, text: str) -> None:
    if frame.dibao not in (NEW, ALL):
        raise _bad(path, "its header is not whole")
    for number, (a, b) in enumerate(zip(text.split("\n"), frame.text.split("\n"), strict=False), 1):
        if a != b:
            raise _bad(path, "it is not as the program writes a frame", number)
    if text != frame.text:
        raise _bad(path, "lines are lacking at its end")
    twice = {(line[0], line[3]) for line in frame.lines}
    ordered = sorted(frame.lines, key=lambda line: "\t".join(line).encode())
    if len(twice) < len(frame.lines) or tuple(ordered) != frame.lines:
        raise _bad(path, "its lines are out of order, or a unit stands twice")
    lacking = sorted({(line[0], line[2]) for line in frame.lines} - set(frame.shares))
    if lacking or any(not 0 <= r.share <= 1 for r in frame.rates):
        raise _bad(path, "its header lacks a rate, or has one beyond 1")


def _bad(path: Path, what: str, row: int | None = None) -> BadInput:
    return BadInput(what, file=path.name, row=row, remedy="give the file that `audit draw frame` wrote, unchanged")


def again(frame: Frame, population: Population) -> Frame:
    """A frame of another population under the same month, rates and policy: what verification compares."""
    return build(population, frame.month, frame.dibao, frame.policy, frame.rates)
