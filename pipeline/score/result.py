"""What a comparison with the truth says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.score.gaps import GapScore
from pipeline.score.links import LinksScore


@dataclass(frozen=True)
class RuleScore:
    """One rule: `truth` findings that must be found, `found` findings written, and how they agree."""

    rule_id: str
    truth: int
    found: int
    hits: int
    wrong: int
    missed: int
    duplicates: int
    tolerated: int
    harder: int  # findings that hang on a hard link, and
    harder_found: int  # those of them that were found
    severity_agrees: int  # of
    severity_sure: int  # hits whose severity no hard link changes
    near_misses_hit: int
    run: bool

    @property
    def precision(self) -> float | None:
        return ratio(self.hits, self.hits + self.wrong)

    @property
    def recall(self) -> float | None:
        return ratio(self.hits, self.truth)


@dataclass(frozen=True)
class Score:
    """Everything the comparison says. `files` lists only the row accounts that differ."""

    rules: list[RuleScore]
    links: LinksScore
    files: int
    files_agree: int
    differing: list[str]
    rejects: int
    rejects_found: int
    rejects_unplanned: int
    other_rules: dict[str, int] = field(default_factory=dict)
    gaps: list[GapScore] = field(default_factory=list)

    @property
    def built(self) -> list[RuleScore]:
        """The rules that the audit ran."""
        return [r for r in self.rules if r.run]

    @property
    def precision(self) -> float | None:
        """Over all findings of the rules that ran."""
        hits = sum(r.hits for r in self.built)
        return ratio(hits, hits + sum(r.wrong for r in self.built))

    @property
    def recall(self) -> float | None:
        return ratio(sum(r.hits for r in self.built), sum(r.truth for r in self.built))

    @property
    def gap_precision(self) -> float | None:
        """Over all gaps in system data and archives."""
        hits = sum(g.hits for g in self.gaps)
        return ratio(hits, hits + sum(g.wrong for g in self.gaps))

    @property
    def gap_recall(self) -> float | None:
        return ratio(sum(g.hits for g in self.gaps), sum(g.truth for g in self.gaps))

    @property
    def traps(self) -> int:
        """Pairs that must not be linked."""
        return sum(k.pairs for k in self.links.traps)

    @property
    def traps_sprung(self) -> int:
        return sum(k.sprung for k in self.links.traps)

    def text(self) -> str:
        """The comparison as plain text: the few figures that matter, then the tables."""
        from pipeline.score.text import written

        return written(self)

    def save(self, file: Path) -> None:
        """Write every figure, the lost and the wrong pairs as JSON, and all judged pairs as Parquet beside it.

        BadInput when the folder is not there.
        """
        from pipeline.score.save import save

        save(self, file)


def ratio(a: int, b: int) -> float | None:
    return a / b if b else None
