"""What a finished audit hands to the writers, and what was and was not examined in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pipeline.contract import DATASETS, ROSTERS
from pipeline.months import months_before
from pipeline.publish.words import month_zh

if TYPE_CHECKING:
    import polars as pl

    from pipeline.engine.duck import DuckEngine
    from pipeline.ledger.trends import Trends
    from pipeline.passwords import Passwords


class Input(Protocol):
    """One file or table read; rows_read = rows_kept + rows_rejected + rows_skipped."""

    @property
    def path(self) -> str: ...
    @property
    def sheet(self) -> str: ...
    @property
    def dataset(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def rows_read(self) -> int: ...
    @property
    def rows_kept(self) -> int: ...
    @property
    def rows_rejected(self) -> int: ...
    @property
    def rows_skipped(self) -> int: ...


class Rule(Protocol):
    """A rule, or a check of the suites, that ran."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def basis(self) -> str: ...


class Policy(Protocol):
    """The policy pack used; `unverified` are Chinese sentences on figures whose text was not seen."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def unverified(self) -> Sequence[str]: ...


class Suite(Protocol):
    """A validation suite's verdicts: `rows` examined; each expectation has title, unexpected, percent, success."""

    @property
    def title(self) -> str: ...
    @property
    def rows(self) -> int: ...
    @property
    def expectations(self) -> Sequence[Any]: ...


@dataclass(frozen=True)
class Missed:
    """A rule or check that did not run; `category` says on which sheet it is missed."""

    id: str
    title: str
    kind: str
    reason: str
    category: str


class Fault(Protocol):
    """Something doubtful about the month's data, in figures and in one Chinese sentence."""

    @property
    def rule_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def dataset(self) -> str: ...
    @property
    def column(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def sheet(self) -> str: ...
    @property
    def town(self) -> str: ...
    @property
    def n(self) -> int: ...
    @property
    def rows(self) -> int: ...
    @property
    def share(self) -> float: ...
    @property
    def limit(self) -> float | None: ...
    @property
    def before(self) -> float | None: ...
    @property
    def sentence(self) -> str: ...


@dataclass(frozen=True)
class Publication:
    """One month's audit. `engine` holds the typed tables, `findings`, `links`, `rejects` and `not_run`.

    `previous`: the month before, as rule_id, town, status and a count (`n`, `count` or `len`; without one each row is
    one finding); None in the first month. `faults`: what is doubtful about the month's data. `scores`: rows asked and
    complete by kind (data, archive), scheme, town and field; `planned`: the suites while their verdicts (`suites`) are
    still being reached; `before`: what the month before measured, None where nothing is known of it. `trends`: the
    months' history, None in the first one. `passwords`: of the workbooks, if any. `month_before`: the month compared
    with, `same_files`: SHA-256 of the inputs that it had byte for byte.
    """

    month: str
    engine: DuckEngine
    inputs: Sequence[Input]
    told: Sequence[str]
    rules: Sequence[Rule]
    policy: Policy
    suites: Sequence[Suite]
    version: str
    previous: pl.DataFrame | None = None
    faults: Sequence[Fault] = ()
    scores: pl.DataFrame | None = None
    before: pl.DataFrame | None = None
    trends: Trends | None = None
    planned: Sequence[Any] = ()
    passwords: Passwords | None = None
    month_before: str | None = None
    same_files: frozenset[str] = frozenset()

    def password_of(self, workbook: Path) -> str | None:
        """The password that the workbook is to be encrypted with; None where there are none."""
        return self.passwords.of(workbook) if self.passwords else None

    @cached_property
    def titles(self) -> dict[str, str]:
        """Rule or check id → Chinese title, of those that ran and those that did not."""
        return {m.id: m.title for m in self.missed} | {r.id: r.title for r in self.rules}

    @cached_property
    def verify(self) -> dict[str, str]:
        """Rule id → how a town finds out whether its lead holds. A check's own sentence says what is to be mended."""
        return {r.id: text for r in self.rules if (text := getattr(r, "verify", ""))}

    @cached_property
    def missed(self) -> tuple[Missed, ...]:
        """The rules and checks not run, each with its category."""
        frame = self.engine.rows("SELECT * FROM not_run ORDER BY kind DESC, id, title, reason")
        return tuple(_missed(row) for row in frame.iter_rows(named=True))

    @cached_property
    def repeated(self) -> tuple[Input, ...]:
        """The files that are byte for byte those of the month before: of several sheets or tables the first of each
        dataset.
        """
        files: dict[tuple[str, str], Input] = {}
        for i in self.inputs:
            if i.sha256 in self.same_files:
                files.setdefault((i.path, i.dataset), i)
        return tuple(files.values())

    @property
    def repeated_zh(self) -> str:
        """What is said of each of them."""
        before = self.month_before or ""
        last = "上月" if before == months_before(self.month, 1) else month_zh(before)
        return f"与{last}文件完全相同"

    @property
    def repeated_told(self) -> tuple[str, ...]:
        """A line about them for the terminal, or none; without their names, which may hold a person's."""
        if not self.repeated:
            return ()
        of = ", ".join(dict.fromkeys(i.dataset for i in self.repeated))
        return (f"byte for byte as in {self.month_before}: {len(self.repeated)} of the files ({of}), a notice only",)

    def ran(self, category: str) -> list[Rule]:
        return [r for r in self.rules if r.category == category]

    def missed_in(self, category: str) -> list[Missed]:
        return [m for m in self.missed if m.category == category]

    @property
    def partly(self) -> tuple[Missed, ...]:
        """Of the missed, those that ran all the same, on a part: for want of one dataset, or on some rosters only."""
        ran = {r.id for r in self.rules}
        return tuple(m for m in self.missed if m.id in ran)

    def nothing(self, category: str) -> str:
        """What a sheet of this category says when it has no rows: nothing found, or not examined and why."""
        if self.ran(category):
            return "本月无"
        reasons = list(dict.fromkeys(m.reason for m in self.missed_in(category)))
        return "未核查：" + ("；".join(reasons) if reasons else "本版程序尚无这一类规则")

    def caveat(self, category: str) -> str:
        """The rules of a category that did not run, or ran in part, in one sentence; '' when all ran."""
        because: dict[str, list[str]] = {}
        for m in self.missed_in(category):
            because.setdefault(m.reason, []).append(m.title)
        if not because:
            return ""
        told = "；".join(f"{'、'.join(dict.fromkeys(titles))}（{reason}）" for reason, titles in because.items())
        return f"本月未核查或只核查了一部分：{told}。"

    def examined(self, category: str) -> tuple[str, ...]:
        """The rosters whose suite of this category (data, archive) ran: by the suite's `scheme`, else its title."""
        found = {_roster_of(suite) for suite in (self.suites or self.planned) if _category_of(suite) == category}
        return tuple(r for r in ROSTERS if r in found)


def _category_of(suite: Any) -> str:
    return str(getattr(suite, "category", None) or ("archive" if "档案" in suite.title else "data"))


def _roster_of(suite: Any) -> str | None:
    known = getattr(suite, "scheme", None)
    if known in ROSTERS:
        return str(known)
    # the longest name wins: 低保边缘 holds 低保
    named = [r for r in ROSTERS if DATASETS[r].zh in suite.title]
    return max(named, key=lambda r: len(DATASETS[r].zh)) if named else None


def _missed(row: Mapping[str, Any]) -> Missed:
    # the heading above already says that it was not examined
    reason = (row["reason"] or "").removesuffix("，未核查")
    return Missed(row["id"], row["title"] or row["id"], row["kind"], reason, row["category"])
