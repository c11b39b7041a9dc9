"""What a comparison with the truth says, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field


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
class LinkScore:
    """One group of links: a tier (precision) or a hardness of true pairs (recall)."""

    group: str
    truth: int | None
    made: int | None
    precision: float | None
    recall: float | None
    recall_with_review: float | None = None


@dataclass(frozen=True)
class Score:
    """Everything the comparison says. `files` lists only the row accounts that differ."""

    rules: list[RuleScore]
    links: list[LinkScore]
    traps: int
    traps_sprung: int
    files: int
    files_agree: int
    differing: list[str]
    rejects: int
    rejects_found: int
    rejects_unplanned: int
    other_rules: dict[str, int] = field(default_factory=dict)

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

    def text(self) -> str:
        """The comparison as a plain-text table."""
        head = f"{'rule':29}{'truth':>6}{'found':>6}{'prec':>8}{'recall':>8}{'wrong':>6}{'missed':>7}{'twice':>6}"
        head += f"{'near':>5}{'sev':>8}{'harder':>9}"
        lines = [head]
        for r in self.rules:
            if not r.run:
                lines.append(f"{r.rule_id:29}{r.truth:6}   not run")
                continue
            severity = f"{r.severity_agrees}/{r.severity_sure}"
            lines.append(
                f"{r.rule_id:29}{r.truth:6}{r.found:6}{show(r.precision):>8}{show(r.recall):>8}{r.wrong:6}{r.missed:7}"
                f"{r.duplicates:6}{r.near_misses_hit:5}{severity:>8}{f'{r.harder_found}/{r.harder}':>9}"
            )
        lines += [f"rules that ran: precision {show(self.precision)}, recall {show(self.recall)}", ""]
        lines.append(f"{'links':29}{'truth':>8}{'made':>8}{'prec':>8}{'recall':>8}{'with review':>13}")
        for k in self.links:
            truth, made = ("-" if v is None else str(v) for v in (k.truth, k.made))
            lines.append(
                f"{k.group:29}{truth:>8}{made:>8}{show(k.precision):>8}{show(k.recall):>8}{show(k.recall_with_review):>13}"
            )
        lines += [f"pairs that must not link: {self.traps_sprung} of {self.traps} linked", ""]
        lines.append(f"row accounts: {self.files_agree} of {self.files} files and sheets agree")
        lines += [f"  {text}" for text in self.differing[:20]]
        lines.append(
            f"rejects: {self.rejects_found} of {self.rejects} as planted, {self.rejects_unplanned} not planted"
        )
        return "\n".join(lines)


def ratio(a: int, b: int) -> float | None:
    return a / b if b else None


def show(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
