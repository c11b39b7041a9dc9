"""The certificate of a round: what was drawn from what by which seed, as JSON that anybody can check.

Beside the JSON stand the drawn units as a list (the recipe of the README writes the same bytes) and the paper.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.draw import files
from pipeline.draw.frame import Frame, PolicyMark, Rate
from pipeline.draw.frame import read as read_frame
from pipeline.draw.select import Drawn, Stratum, check_seed, same_seed, select, ticket
from pipeline.draw.words import once
from pipeline.errors import BadInput
from pipeline.notation import json_of

FORMAT = 1
RANDOM, EXTRA = "random", "extra"
TICKET = "SHA-256 of UTF-8: seed, line feed, unit; 64 lower-case hex digits; smallest first"


@dataclass(frozen=True)
class Earlier:
    """An earlier round, as a later one keeps it. `drawn`: (draw, unit)."""

    round: int
    sha256: str
    seed: str
    frame_sha256: str
    drawn: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Certificate:
    """One round of the random draw."""

    month: str
    round: int
    frame_file: str
    frame_sha256: str
    frame_units: int
    dibao: str
    left_out: tuple[tuple[str, str, int], ...]
    absent: tuple[str, ...]
    policy: PolicyMark
    rates: tuple[Rate, ...]
    seed: str
    seed_note: str
    earlier: tuple[Earlier, ...]
    strata: tuple[Stratum, ...]
    drawn: tuple[Drawn, ...]
    version: str = __version__

    @property
    def stem(self) -> str:
        """The name of its files without their endings."""
        return f"draw-{self.month}-round{self.round}"

    def list_text(self) -> str:
        """The drawn units: draw, town, care class, ticket, unit, parted by TAB, in the order of their bytes."""
        return "".join(f"{d.draw}\t{d.town}\t{d.care}\t{d.ticket}\t{d.unit}\n" for d in self.drawn)

    def json_text(self) -> str:
        return json.dumps(self._data(), ensure_ascii=False, indent=1) + "\n"

    def _data(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "kind": RANDOM,
            "tool": "county-audit",
            "version": self.version,
            "month": self.month,
            "round": self.round,
            "frame": {
                "file": self.frame_file, "sha256": self.frame_sha256, "units": self.frame_units, "dibao": self.dibao,
                "left_out": [{"roster": r, "reason": why, "count": n} for r, why, n in self.left_out],
                "absent": list(self.absent),
            },
            "policy": {"name": self.policy.name, "sha256": self.policy.sha256, "override": self.policy.override},
            "rates": [
                {"draw": r.draw, "care": r.care, "rate": f"{r.share.numerator}/{r.share.denominator}",
                 "figure": r.figure, "clause": r.clause, "verified": r.verified}
                for r in self.rates
            ],
            "ticket": TICKET,
            "seed": self.seed,
            "seed_note": self.seed_note,
            "earlier": [
                {"round": e.round, "sha256": e.sha256, "seed": e.seed, "frame_sha256": e.frame_sha256,
                 "drawn": [list(d) for d in e.drawn]}
                for e in self.earlier
            ],
            "strata": [s._asdict() for s in self.strata],
            "drawn": [d._asdict() for d in self.drawn],
        }  # fmt: skip


def make(
    frame_file: Path,
    seed: str,
    seed_note: str,
    number: int = 1,
    *,
    frame_sha256: str | None = None,
    earlier_files: Sequence[Path] = (),
) -> Certificate:
    """Draw round `number` from a frozen frame. `frame_sha256`: as published (default: the frame's own .sha256).

    Round N needs the certificates of rounds 1 to N-1. BadInput for a changed frame, a seed used before, a note left
    out, or earlier certificates that are not whole.
    """
    frame, digest = read_frame(frame_file), files.sha256(frame_file)
    if (known := files.published(frame_file, frame_sha256)) != digest:
        raise BadInput(
            f"the frame was changed after its SHA-256 was published: it is {digest}, published was {known}",
            file=frame_file.name,
            remedy="draw from the frame that was published, or freeze and publish it anew before there is a seed",
        )
    check_seed(seed)
    if not (note := " ".join(seed_note.split())):
        raise BadInput("--seed-note is empty", remedy="say where the seed came from, who threw or read it, and when")
    earlier = _earlier(earlier_files, number, seed)
    before = {once(draw, unit) for e in earlier for draw, unit in e.drawn}
    drawn, strata = select(frame.lines, frame.shares, seed, before)
    return Certificate(
        month=frame.month, round=number, frame_file=frame_file.name, frame_sha256=digest,
        frame_units=len(frame.lines), dibao=frame.dibao, left_out=frame.left_out, absent=frame.absent,
        policy=frame.policy, rates=frame.rates, seed=seed, seed_note=note, earlier=earlier,
        strata=tuple(strata), drawn=tuple(drawn),
    )  # fmt: skip


def _earlier(paths: Sequence[Path], number: int, seed: str) -> tuple[Earlier, ...]:
    found: list[Earlier] = []
    for path in paths:
        c = read(path)
        if any(d.ticket != ticket(c.seed, d.unit) for d in c.drawn):
            raise BadInput(
                "the certificate was changed: a ticket is not that of its seed and unit",
                file=path.name,
                remedy="give the certificate as it was written; `audit draw verify` says what differs",
            )
        drawn = tuple((d.draw, d.unit) for d in c.drawn)
        found.append(Earlier(c.round, files.sha256(path), c.seed, c.frame_sha256, drawn))
    found.sort(key=lambda e: e.round)
    if [e.round for e in found] != list(range(1, number)):
        has = ", ".join(str(e.round) for e in found) or "none"
        raise BadInput(
            f"round {number} needs the certificates of every earlier round, each once; given: {has}",
            remedy="name each by --earlier, and the round by --round",
        )
    for e in found:
        if same_seed(e.seed, seed):
            raise BadInput(
                f"this is the seed of round {e.round}", remedy="throw or read a fresh one: each round has its own"
            )
    return tuple(found)


def frame_of(c: Certificate) -> Frame:
    """The frame's head as the certificate keeps it, without lines: what a drop's units are laid into."""
    return Frame(c.month, c.dibao, True, c.policy, c.rates, c.left_out, c.absent, ())


def load(path: Path) -> dict[str, Any]:
    """A certificate's JSON. BadInput when it is none."""
    try:
        data = json_of(path.read_bytes().decode("utf-8-sig"))
    except OSError as e:
        raise BadInput("the certificate cannot be read", file=path.name, remedy="give a readable file") from e
    except (UnicodeDecodeError, json.JSONDecodeError) as e:
        raise _bad(path, "it is no JSON file") from e
    if not isinstance(data, dict) or data.get("kind") not in (RANDOM, EXTRA) or data.get("format") != FORMAT:
        raise _bad(path, "it is no certificate of a draw, or of another version")
    return data


def read(path: Path) -> Certificate:
    """Read the certificate of a random draw. BadInput for anything else, an extra draw's too."""
    data = load(path)
    if data["kind"] == EXTRA:
        raise BadInput(
            "it is the certificate of an extra draw by risk, which stands apart from the random ones",
            file=path.name,
            remedy="give certificates of the random draw (draw-…-round….json)",
        )
    try:
        frame, policy = data["frame"], data["policy"]
        return Certificate(
            month=str(data["month"]),
            round=int(data["round"]),
            frame_file=str(frame["file"]),
            frame_sha256=str(frame["sha256"]),
            frame_units=int(frame["units"]),
            dibao=str(frame["dibao"]),
            left_out=tuple((e["roster"], e["reason"], int(e["count"])) for e in frame["left_out"]),
            absent=tuple(frame["absent"]),
            policy=PolicyMark(policy["name"], policy["sha256"], policy["override"]),
            rates=tuple(
                Rate(r["draw"], r["care"], Fraction(r["rate"]), r["figure"], r["clause"], bool(r["verified"]))
                for r in data["rates"]
            ),
            seed=str(data["seed"]),
            seed_note=str(data["seed_note"]),
            earlier=tuple(
                Earlier(int(e["round"]), e["sha256"], e["seed"], e["frame_sha256"],
                        tuple((str(d), str(u)) for d, u in e["drawn"]))
                for e in data["earlier"]
            ),
            strata=tuple(Stratum(**s) for s in data["strata"]),
            drawn=tuple(Drawn(**d) for d in data["drawn"]),
            version=str(data["version"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as e:
        raise _bad(path, "a part of the certificate is lacking or of a wrong kind") from e


def _bad(path: Path, what: str) -> BadInput:
    return BadInput(what, file=path.name, remedy="give the JSON that `audit draw make` wrote, unchanged")
