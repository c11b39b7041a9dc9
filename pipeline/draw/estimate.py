"""What the random draw says about the whole: how many units are wrong or missed, with exact intervals.

A unit that was drawn but not verified may be either: the low end of an interval takes all such for right, the high end
all for wrong. Extra draws by risk are refused; results of units that no certificate drew are left out and told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.contract import scheme_zh
from pipeline.draw import certificate, files, flags
from pipeline.draw.certificate import Certificate
from pipeline.draw.frame import Frame
from pipeline.draw.frame import read as read_frame
from pipeline.draw.interval import Interval, Sampled, strata_interval, sum_interval
from pipeline.draw.results import ADJUSTED, INCLUDED, KEPT, STOPPED, UNVERIFIED, Results, read_results
from pipeline.draw.select import Key, ticket
from pipeline.draw.words import DRAWS, household_of, left_out_zh
from pipeline.errors import BadInput

ANY = "有误合计"
# measure → the conclusions that count for it
MEASURES: dict[str, frozenset[str]] = {
    ANY: frozenset({STOPPED, ADJUSTED, INCLUDED}),
    STOPPED: frozenset({STOPPED}),
    ADJUSTED: frozenset({ADJUSTED}),
    INCLUDED: frozenset({INCLUDED}),
}
ALL, FLAGGED, UNFLAGGED = "全部", "有疑点", "无疑点"
TOTAL = "all"  # the schemes together; care levels apart, they are of the same persons as tekun


@dataclass(frozen=True)
class Line:
    """One figure: of a draw (or all), a domain and a measure.

    units: the population. drawn, verified (a conclusion was reached), unverified (无法核实 or none), found: of the
    sample. covered: units of strata with a drawn unit; what follows is about these. likely: the estimated number of
    wrong units (None where nothing is verified). low, high: its interval, found included.
    """

    draw: str
    domain: str
    measure: str
    units: int
    covered: int
    drawn: int
    verified: int
    unverified: int
    found: int
    likely: float | None
    low: int
    high: int

    @property
    def rate(self) -> float | None:
        return self.likely / self.covered if self.likely is not None and self.covered else None

    @property
    def still_low(self) -> int:
        """At least so many are wrong beyond those found."""
        return self.low - self.found

    @property
    def still_high(self) -> int:
        return self.high - self.found


@dataclass(frozen=True)
class Estimate:
    """Every line, and what was left out or not examined, a Chinese sentence each."""

    month: str
    level: float
    certificates: tuple[tuple[str, int, str], ...]  # file, round, SHA-256
    results: tuple[str, str]  # file, SHA-256
    lines: tuple[Line, ...]
    notes: tuple[str, ...]


@dataclass
class _Cell:
    """One stratum of one domain while it is counted."""

    units: int = 0
    drawn: int = 0
    verified: int = 0
    found: int = 0

    def sampled(self, *, worst: bool) -> Sampled:
        return Sampled(self.units, self.drawn, self.found + (self.drawn - self.verified if worst else 0))


def estimate(
    certificate_files: Sequence[Path], results_file: Path, *, frame_file: Path | None = None,
    run_folder: Path | None = None, level: float = 0.95,
) -> Estimate:  # fmt: skip
    """The estimate from rounds of one frame and their results. With frame and audit also by flagged and unflagged.

    BadInput for certificates of different frames, a gap between rounds, an extra draw's certificate, or a frame or
    audit that does not belong to them.
    """
    rounds = _rounds(certificate_files)
    results = read_results(results_file)
    notes: list[str] = []
    drawn = [(d.draw, d.town, d.care, d.unit) for c in rounds for d in c.drawn]
    beyond = results.units - {unit for *_, unit in drawn}
    if beyond:
        notes.append(f"结果表中有{len(beyond)}个单元不在这些凭证的中签名单上（如按风险补充抽取的），未用于推算")
    sizes = {s[:3]: s.units - s.earlier for s in rounds[0].strata}
    cells = {ALL: _count(sizes, drawn, results)}
    cells |= _by_flag(rounds, drawn, results, frame_file, run_folder, notes)
    lines = [
        line
        for domain, by_measure in cells.items()
        for measure, of in by_measure.items()
        for line in _lines(domain, measure, of, level)
    ]
    order = [*DRAWS, TOTAL]
    lines.sort(key=lambda x: (order.index(x.draw), list(cells).index(x.domain), list(MEASURES).index(x.measure)))
    _tell_gaps(rounds, drawn, results, notes)
    return Estimate(
        rounds[0].month, level,
        tuple((p.name, certificate.read(p).round, files.sha256(p)) for p in certificate_files),
        (results_file.name, files.sha256(results_file)), tuple(lines), tuple(notes),
    )  # fmt: skip


def _rounds(paths: Sequence[Path]) -> list[Certificate]:
    """The certificates in the order of their rounds, checked to belong together."""
    found = sorted((certificate.read(p) for p in paths), key=lambda c: c.round)
    for c in found:
        if c.frame_sha256 != found[0].frame_sha256:
            raise BadInput(
                "the certificates are of different frames",
                file=paths[0].name,
                remedy="estimate the rounds of each frame by themselves",
            )
        if any(d.ticket != ticket(c.seed, d.unit) for d in c.drawn):
            raise BadInput(
                f"the certificate of round {c.round} was changed", remedy="`audit draw verify` says what differs"
            )
    if [c.round for c in found] != list(range(found[0].round, found[0].round + len(found))):
        raise BadInput(
            "a round stands twice, or one between two others is lacking", remedy="give the rounds in between, each once"
        )
    return found


def _count(
    sizes: Mapping[Key, int], drawn: Iterable[tuple[str, str, str, str]], results: Results
) -> dict[str, dict[Key, _Cell]]:
    """measure → stratum → counts."""
    out = {measure: {key: _Cell(units) for key, units in sizes.items()} for measure in MEASURES}
    for draw, town, care, unit in drawn:
        conclusion = results.of(draw, unit)
        for measure, wrong in MEASURES.items():
            cell = out[measure][draw, town, care]
            cell.drawn += 1
            cell.verified += conclusion not in (None, UNVERIFIED)
            cell.found += conclusion in wrong
    return out


def _by_flag(
    rounds: Sequence[Certificate], drawn: Sequence[tuple[str, str, str, str]], results: Results,
    frame_file: Path | None, run_folder: Path | None, notes: list[str],
) -> dict[str, dict[str, dict[Key, _Cell]]]:  # fmt: skip
    """The same counts of flagged and of unflagged units apart; nothing, and a note, without frame or audit.

    Given how many of a stratum's drawn units are unflagged, these are a random draw of its unflagged ones.
    """
    if frame_file is None or run_folder is None:
        notes.append("未给出抽样框（--frame）和核查结果（--run），没有分“有疑点”“无疑点”推算")
        return {}
    frame = _frame(frame_file, rounds[0])
    audit = flags.read_audit(run_folder)
    if audit.month != frame.month:
        raise BadInput(
            f"the audit is of {audit.month}, the draw of {frame.month}",
            file=run_folder.name,
            remedy="give the audit of the draw's month",
        )
    flagged = flags.flagged(audit)
    before = {(d, unit) for e in rounds[0].earlier for d, unit in e.drawn}
    left = [line for line in frame.lines if (line[0], line[3]) not in before]
    out = {}
    for domain, want in ((FLAGGED, True), (UNFLAGGED, False)):
        sizes: dict[Key, int] = {}
        for draw, town, care, unit in left:
            if (household_of(unit) in flagged) == want:
                sizes[draw, town, care] = sizes.get((draw, town, care), 0) + 1
        out[domain] = _count(sizes, [d for d in drawn if (household_of(d[3]) in flagged) == want], results)
    return out


def _frame(path: Path, c: Certificate) -> Frame:
    frame = read_frame(path)
    if frame.sha256 != c.frame_sha256:
        raise BadInput("it is not the frame that was drawn from", file=path.name, remedy=f"give {c.frame_file}")
    return frame


def _lines(domain: str, measure: str, cells: Mapping[Key, _Cell], level: float) -> list[Line]:
    """A line a draw that has units, and one of the schemes together."""
    groups = {draw: [c for (d, _, _), c in cells.items() if d == draw] for draw in DRAWS}
    groups = {draw: of for draw, of in groups.items() if any(c.units for c in of)}
    out = [_line(draw, domain, measure, [of], level) for draw, of in groups.items()]
    schemes = [of for draw, of in groups.items() if draw != "care"]
    return [*out, _line(TOTAL, domain, measure, schemes, level)] if schemes else out


def _line(draw: str, domain: str, measure: str, groups: Sequence[Sequence[_Cell]], level: float) -> Line:
    every = [c for of in groups for c in of]
    seen = [[c for c in of if c.drawn] for of in groups]
    low, high = (_interval(seen, level, worst=worst) for worst in (False, True))
    shares = [_likely(of) for of in seen if of]
    likely = None if not shares or any(s is None for s in shares) else sum(s for s in shares if s is not None)
    return Line(
        draw, domain, measure, sum(c.units for c in every), sum(c.units for of in seen for c in of),
        sum(c.drawn for c in every), sum(c.verified for c in every), sum(c.drawn - c.verified for c in every),
        sum(c.found for c in every), likely, low.low, high.high,
    )  # fmt: skip


def _interval(groups: Sequence[Sequence[_Cell]], level: float, *, worst: bool) -> Interval:
    sampled = [[c.sampled(worst=worst) for c in of] for of in groups if of]
    if not sampled:
        return Interval(0, 0)
    return strata_interval(sampled[0], level) if len(sampled) == 1 else sum_interval(sampled, level)


def _likely(cells: Sequence[_Cell]) -> float | None:
    """Estimated number of wrong units: each stratum's share of the verified; where none is, the others' share."""
    verified = sum(c.verified for c in cells)
    if not verified:
        return None
    pooled = sum(c.found for c in cells) / verified
    return sum(c.units * (c.found / c.verified if c.verified else pooled) for c in cells)


def _tell_gaps(
    rounds: Sequence[Certificate], drawn: Sequence[tuple[str, str, str, str]], results: Results, notes: list[str]
) -> None:
    told = [results.of(draw, unit) for draw, *_, unit in drawn]
    if missing := told.count(None):
        notes.append(f"{missing}个中签单元没有核查结论，推算下限按无误、上限按有误计")
    if unsure := told.count(UNVERIFIED):
        notes.append(f"{unsure}个中签单元{UNVERIFIED}，推算下限按无误、上限按有误计")
    if earlier := sum(s.earlier for s in rounds[0].strata):
        notes.append(f"此前各轮已抽的{earlier}个单元不在推算的总体之内（没有给出那几轮的凭证）")
    for one in rounds[0].left_out:
        notes.append(f"抽样框未列入：{left_out_zh(*one)}，推算不包括")
    for roster in rounds[0].absent:
        notes.append(f"没有{scheme_zh(roster)}名册，没有推算")


__all__ = ["ALL", "ANY", "FLAGGED", "KEPT", "MEASURES", "TOTAL", "UNFLAGGED", "Estimate", "Line", "estimate"]
