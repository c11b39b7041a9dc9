"""The suites' verdicts, wherever Great Expectations reaches them: in this process, in another, or in an earlier run.

A verdict depends on the suite, the rows of its table and the month alone. Where all of them are what they were it is
the same verdict, with the same page, and Great Expectations need not even start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from checks.docs import column_names, write_index
from checks.model import Check, CheckRows, ExpectationResult, NotRun, Suite, SuiteResult
from checks.run_suite import RunChecks
from pipeline import cache
from pipeline.cache import Cache, Entry
from pipeline.clock import Clock
from pipeline.engine.duck import DuckEngine
from pipeline.engine.quoting import identifier as name
from pipeline.private import folder, owner_only, private
from pipeline.processes import Beside, uncollected

_CODE = ("checks", "pipeline")
_LIBRARIES = ("great_expectations", "duckdb", "duckdb-engine", "sqlalchemy", "jinja2")


@dataclass(frozen=True)
class Asked:
    """What Great Expectations is asked: the suites, the failing rows that SQL found of each expectation (by key).

    `names`: what the pages call columns and suites. `scratch`: a private folder for what it writes meanwhile.
    """

    month: str
    suites: Sequence[Suite]
    counts: Mapping[str, int]
    names: Mapping[str, str]
    scratch: Path


@dataclass(frozen=True)
class Verdict:
    """A suite's verdict and its pages, by their place in the folder of the checks."""

    result: SuiteResult
    pages: Mapping[str, str]


def names_of(suites: Sequence[Suite]) -> dict[str, str]:
    """Column, table or suite → its Chinese heading or title, as the pages have it."""
    names: dict[str, str] = {}
    for suite in suites:
        names |= column_names(suite) | {suite.name: suite.title, suite.table: suite.title}
    return names


@dataclass
class Validation:
    """Verdicts that are being reached: `begin` it, and `finish` it when they are wanted.

    `counts`: the failing rows by `Check.key`, as SQL found them. `kept`: the verdicts of earlier runs.
    """

    month: str
    suites: Sequence[Suite]
    not_run: Sequence[NotRun]
    counts: Mapping[str, int]
    kept: Cache | None = None
    _keys: dict[str, str] = field(default_factory=dict)
    _known: dict[str, Verdict] = field(default_factory=dict)
    _work: Future[tuple[list[Verdict], list[dict[str, Any]]]] | None = None

    @classmethod
    def of(cls, month: str, checked: CheckRows, run: RunChecks | None = None, kept: Cache | None = None) -> Validation:
        """What is said of the data as such (`run`) stands before what is said of their rows."""
        before = run or RunChecks()
        suites, idle = [*before.suites, *checked.suites], [*before.not_run, *checked.not_run]
        return cls(month, suites, idle, {**before.counts, **checked.counts}, kept)

    def begin(self, engine: DuckEngine, scratch: Path, worker: Beside, limit: str | None = None) -> None:
        """Hand the suites that no earlier run has a verdict of to the worker.

        Their tables stand in `engine`, which nobody writes to meanwhile; a process apart gets copies of them in
        `scratch`, and `limit` of memory.
        """
        names = names_of(self.suites)
        if self.kept is not None:
            self._keys = {s.name: _key(engine, s, self.month, self.counts, names) for s in self.suites}
            entries = {name: self.kept.recall(key) for name, key in self._keys.items()}
            self._known = {name: _recalled(entry) for name, entry in entries.items() if entry is not None}
        asked = [s for s in self.suites if s.name not in self._known]
        if not asked:
            return
        what = Asked(self.month, asked, self.counts, names, folder(scratch / "suites"))
        if worker.apart:
            file = scratch / "suites.duckdb"
            key = engine.lend((s.table for s in asked), file)
            self._work = worker.submit(_judged_apart, what, file, key, limit)
        else:
            self._work = worker.submit(_judged, what, engine.beside())

    def finish(self, out: Path, clock: Clock | None = None) -> list[SuiteResult]:
        """The verdicts in the suites' order, their pages and the index under `out`. AuditError: see `validate`."""
        made, stages = self._work.result() if self._work is not None else ([], [])
        if clock is not None:
            clock.stages += stages
        verdicts = self._known | {v.result.name: v for v in made}
        if self.kept is not None:
            for verdict in made:
                pages = {name: page.encode() for name, page in verdict.pages.items()}
                files = [(f"{n:03d}.html", page) for n, page in enumerate(pages.values())]
                self.kept.keep(self._keys[verdict.result.name], [asdict(verdict.result), list(pages)], files)
            self.kept.keep_only(self._keys.values())
        results = [verdicts[s.name].result for s in self.suites]
        folder(out)
        for suite in self.suites:
            for place, page in verdicts[suite.name].pages.items():
                _write(out, place, page)
        with private():
            write_index(out, self.month, results, list(self.not_run))
        owner_only(out / "index.html")
        return results


def _write(out: Path, place: str, page: str) -> None:
    at = out
    *above, name = place.split("/")
    for part in above:
        at = folder(at / part)
    with private():
        (at / name).write_text(page, encoding="utf-8")
    owner_only(at / name)


def _judged(asked: Asked, engine: DuckEngine) -> tuple[list[Verdict], list[dict[str, Any]]]:
    from checks.validation import judge  # the import takes seconds: only where a verdict is to be reached

    clock = Clock()
    with clock.stage("validation"), uncollected():
        verdicts = judge(engine, asked)
    engine.close()
    return verdicts, clock.stages


def _judged_apart(asked: Asked, file: Path, key: str, limit: str | None) -> tuple[list[Verdict], list[dict[str, Any]]]:
    with private():
        return _judged(asked, DuckEngine(file, lent=key, scratch=asked.scratch / "spill", memory_limit=limit))


def _key(engine: DuckEngine, suite: Suite, month: str, counts: Mapping[str, int], names: Mapping[str, str]) -> str:
    """Of everything that a suite's verdict and page depend on."""
    # Great Expectations is asked for counts alone, and of these columns: the order of the rows is of no account
    read = ", ".join(name(column) for column in sorted({c for check in suite.checks for c in _columns(check)}))
    table = f'(SELECT sha256(to_json(t)::VARCHAR) AS row_hash FROM (SELECT {read} FROM "{suite.table}") t)'
    rows = engine.rows(f"SELECT count(*), sha256(string_agg(row_hash, '' ORDER BY row_hash)) FROM {table}").row(0)
    checks = [[repr(check), counts.get(check.key)] for check in suite.checks]
    told = [suite.name, suite.title, suite.scheme, suite.category, suite.unit, suite.table]
    return cache.key(
        cache.program(_CODE, _LIBRARIES), month, told, checks, sorted(names.items()), engine.types(suite.table), rows
    )


def _columns(check: Check) -> set[str]:
    """The columns that an expectation reads."""
    condition = check.condition
    named = {str(value) for setting, value in condition.settings.items() if setting.startswith("column")}
    return named | ({condition.when.column} if condition.when else set())


def _recalled(entry: Entry) -> Verdict:
    fields, places = entry.about
    expectations = tuple(ExpectationResult(**e) for e in fields["expectations"])
    pages = {place: entry.text(f"{n:03d}.html") for n, place in enumerate(places)}
    return Verdict(SuiteResult(**{**fields, "expectations": expectations}), pages)
