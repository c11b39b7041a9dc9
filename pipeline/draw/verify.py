"""Redo a draw from its certificate and say exactly what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.draw import certificate, files, frame
from pipeline.draw.certificate import Certificate
from pipeline.draw.population import units_of
from pipeline.draw.select import Drawn, Stratum, same_seed, select, ticket
from pipeline.draw.words import once
from pipeline.policy import pack_for

Progress = Callable[[str, int, int], None]


@dataclass
class Verdict:
    """`differences`: a sentence each, none where the draw holds. `notes`: what was checked, and what was not."""

    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify(
    certificate_file: Path, *, drop: Path | None = None, frame_file: Path | None = None,
    earlier_files: Sequence[Path] = (), policy_file: Path | None = None, progress: Progress | None = None,
) -> Verdict:  # fmt: skip
    """Redo the draw from a frame file, or from the drop (read and frozen again), or both.

    BadInput when a file cannot be read; a draw that does not hold is no error but differences.
    """
    c = certificate.read(certificate_file)
    found = Verdict()
    _within(c, found)
    _earlier(c, earlier_files, found)
    given = frame.read(frame_file) if frame_file else None
    if given:
        _hash(c, given.sha256, "the frame file", found)
        _head(c, given, found)
    if drop:
        again = _from_drop(c, drop, given, policy_file, found, progress)
        given = given or again
    if given is None:
        found.notes.append("neither frame nor drop was given: the draw was not redone")
        return found
    _redo(c, given, found)
    return found


def _within(c: Certificate, found: Verdict) -> None:
    """What the certificate alone must agree in: tickets with the seed, counts with the list, no unit twice."""
    for d in c.drawn:
        if d.ticket != ticket(c.seed, d.unit):
            found.differences.append(f"unit {d.unit} ({d.draw}): the ticket is not that of the seed and the unit")
    counted = Counter((d.draw, d.town, d.care) for d in c.drawn)
    stated = {(s.draw, s.town, s.care): s.drawn for s in c.strata}
    for key in sorted(set(counted) | set(stated)):
        if counted[key] != stated.get(key, 0):
            found.differences.append(
                f"stratum {_name(key)}: {stated.get(key, 0)} drawn by the count, {counted[key]} on the list"
            )
    before = {once(draw, unit) for e in c.earlier for draw, unit in e.drawn}
    for (draw, unit), times in Counter((d.draw, d.unit) for d in c.drawn).items():
        if times > 1 or once(draw, unit) in before:
            found.differences.append(f"unit {unit} ({draw}): drawn more than once")
    for e in c.earlier:
        if same_seed(e.seed, c.seed):
            found.differences.append(f"the seed is that of round {e.round}")
    if [e.round for e in c.earlier] != list(range(1, c.round)):
        found.differences.append(f"round {c.round}: the earlier rounds are not each there once")


def _earlier(c: Certificate, paths: Sequence[Path], found: Verdict) -> None:
    given = {files.sha256(p): p for p in paths}
    for e in c.earlier:
        if path := given.pop(e.sha256, None):
            if tuple((d.draw, d.unit) for d in certificate.read(path).drawn) != e.drawn:
                found.differences.append(f"round {e.round}: its drawn units are not those that the certificate keeps")
        else:
            found.notes.append(f"round {e.round}: taken as the certificate keeps it, its own was not given")
    for path in given.values():
        found.differences.append(f"{path.name} is not one of the earlier rounds that the certificate names")


def _hash(c: Certificate, digest: str, what: str, found: Verdict) -> None:
    if digest == c.frame_sha256:
        found.notes.append(f"{what} has the certificate's SHA-256")
    else:
        found.differences.append(f"{what} has SHA-256 {digest}, the certificate says {c.frame_sha256}")


def _head(c: Certificate, f: frame.Frame, found: Verdict) -> None:
    for what, ours, theirs in (
        ("month", c.month, f.month), ("choice of dibao", c.dibao, f.dibao), ("policy", c.policy, f.policy),
        ("count of units", c.frame_units, len(f.lines)), ("units left out", c.left_out, f.left_out),
        ("absent rosters", c.absent, f.absent),
    ):  # fmt: skip
        if ours != theirs:
            found.differences.append(f"{what}: the certificate has {ours}, the frame {theirs}")
    _rates(c.rates, f.rates, "the frame", found)


def _rates(ours: Sequence[frame.Rate], theirs: Sequence[frame.Rate], whose: str, found: Verdict) -> None:
    a, b = ({(r.draw, r.care): r.share for r in rates} for rates in (ours, theirs))
    for key in sorted(set(a) | set(b)):
        if a.get(key) != b.get(key):
            found.differences.append(f"rate {'/'.join(key)}: the certificate has {a.get(key)}, {whose} {b.get(key)}")


def _from_drop(
    c: Certificate, drop: Path, given: frame.Frame | None, policy_file: Path | None, found: Verdict,
    progress: Progress | None,
) -> frame.Frame:  # fmt: skip
    """The frame frozen again from the drop, and what in it is not as it was."""
    again = frame.again(certificate.frame_of(c), units_of(drop, c.month, c.dibao, progress=progress))
    _hash(c, again.sha256, "the frame made again from the drop", found)
    if c.policy.override and policy_file is None:
        found.notes.append(f"the rates come from {c.policy.override}, which was not given: not compared with it")
    else:
        policy = pack_for(c.month, policy_file)
        _rates(c.rates, frame.rates_of(policy, c.dibao), f"the policy ({policy.name})", found)
        if policy.sha256 != c.policy.sha256:
            found.notes.append("the policy's file is another than at the draw; only its rates were compared")
    if again.sha256 != c.frame_sha256:
        _lines(given, again, found)
        _head(c, again, found)
    return again


def _lines(given: frame.Frame | None, again: frame.Frame, found: Verdict) -> None:
    if given is None:
        found.notes.append("which units of the frame differ is told where the frame is given too (--frame)")
        return
    was, now = set(given.lines), set(again.lines)
    found.differences += [f"in the frame, not in the drop: {' '.join(line)}" for line in sorted(was - now)]
    found.differences += [f"in the drop, not in the frame: {' '.join(line)}" for line in sorted(now - was)]


def _redo(c: Certificate, f: frame.Frame, found: Verdict) -> None:
    before = {once(draw, unit) for e in c.earlier for draw, unit in e.drawn}
    known = {(r.draw, r.care): r.share for r in c.rates}
    lines = [line for line in f.lines if (line[0], line[2]) in known]
    drawn, strata = select(lines, known, c.seed, before)
    _strata(c.strata, strata, found)
    was, now = ({(d.draw, d.town, d.care, d.unit): d for d in some} for some in (c.drawn, drawn))
    stands = set(f.lines)
    for key in sorted(set(was) - set(now)):
        why = "its ticket is not among the smallest" if key in stands else "it is not in the frame"
        found.differences.append(f"drawn by the certificate, not when redone: {_unit(was[key])} ({why})")
    for key in sorted(set(now) - set(was)):
        found.differences.append(f"drawn when redone, not by the certificate: {_unit(now[key])}")
    if not found.differences:
        found.notes.append(f"redone: the same {len(drawn)} units in {len(strata)} strata")


def _strata(ours: Sequence[Stratum], theirs: Sequence[Stratum], found: Verdict) -> None:
    a, b = ({s[:3]: s for s in some} for some in (ours, theirs))
    for key in sorted(set(a) | set(b)):
        if a.get(key) != b.get(key):
            found.differences.append(
                f"stratum {_name(key)}: certificate {_counts(a.get(key))}; redone {_counts(b.get(key))}"
            )


def _counts(s: Stratum | None) -> str:
    return f"{s.units} units, {s.earlier} earlier, {s.drawn} drawn" if s else "none"


def _name(key: Sequence[str]) -> str:
    return "/".join(key)


def _unit(d: Drawn) -> str:
    return f"{d.unit} ({_name(d[:3])})"
