"""A rule's scenarios, each on an engine of its own and linked once, so that a mutant costs a few milliseconds."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from bench.mutation.mutants import Mutant, mutants
from pipeline.contract import DATASETS
from pipeline.engine.dialect import check
from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import Statement
from pipeline.errors import AuditError
from pipeline.findings.around import READ_OF_ALL, READ_OF_LEADS, look_around
from pipeline.findings.rows import findings_of, split_held
from pipeline.findings.rules import Rule, load_rules, shared_tables, tables_made_elsewhere
from pipeline.findings.spec.grid import Scenario, load_tables, read_grid
from pipeline.findings.spec.judge import columns_of, in_words, policy_of, wanted
from pipeline.findings.stage import load_lists, parameters
from pipeline.identity import make_comparable
from pipeline.linkage import link
from pipeline.months import last_day, next_month
from pipeline.policy import pack_for

SPECS = Path(__file__).resolve().parents[2] / "tests" / "spec"


def shifted(month: str) -> dict[str, Any]:
    """The month and its last day one step later and earlier (a month; a day)."""
    year, number = int(month[:4]), int(month[5:])
    before = f"{year - (number == 1):04d}-{(number - 2) % 12 + 1:02d}"
    day = datetime.timedelta(days=1)
    return {
        "month_later": next_month(month),
        "month_earlier": before,
        "as_of_later": last_day(month) + day,
        "as_of_earlier": last_day(month) - day,
    }


_READS: dict[tuple[str, str], set[str]] = {}


def reads(statement: Statement) -> set[str]:
    """The tables that a statement reads."""
    key = (statement.path.parent.name, statement.name)
    if key not in _READS:
        known = {s.name for s in shared_tables()} | tables_made_elsewhere() | set(DATASETS)
        _READS[key] = check(statement, known)
    return _READS[key]


def behind(rule: Rule, beside: frozenset[str] = frozenset()) -> list[Statement]:
    """The shared tables that a rule reads, directly or through others, in the order they are made.

    beside: what is read beside the rule's own SELECT (`look_around`).
    """
    wanted_, out = reads(rule.file) | beside, []
    for statement in reversed(shared_tables()):
        if statement.name in wanted_:
            wanted_ |= reads(statement)
            out.append(statement)
    return out[::-1]


@dataclass
class Case:
    """One scenario, linked, with what the rule as it is finds there."""

    scenario: Scenario
    engine: DuckEngine
    params: dict[str, Any]
    rows: pl.DataFrame

    def judge(self, rule: Rule, rows: pl.DataFrame) -> str:
        """'' when these rows make the findings that the scenario expects."""
        around = look_around(self.engine, [rows])
        stands, _ = split_held(rows, around)
        found = findings_of(rule, stands, self.scenario.month, around).sort("record_id", "scheme", nulls_last=True)
        columns, expected = columns_of(self.scenario), wanted(self.scenario)
        told = list(found.iter_rows(named=True))
        if [in_words(f, columns) for f in told] != [{c: e[c] for c in columns} for e in expected]:
            return "rows"
        if any(e["summary"] not in f["summary"] for f, e in zip(told, expected, strict=True)):
            return "sentence"
        return ""


class Trial:
    """All scenarios of one rule, from the folder of its spec grid."""

    def __init__(self, rule: Rule, specs: Path = SPECS) -> None:
        self.rule = rule
        self.cases = [self._case(s) for s in read_grid(specs / f"{rule.id}.spec")]
        about_leads = any("person" in case.rows.columns for case in self.cases)
        self.beside = frozenset(READ_OF_LEADS if about_leads else ()) | frozenset(READ_OF_ALL)
        self.shared = behind(rule, self.beside)

    def _case(self, scenario: Scenario) -> Case:
        engine = DuckEngine(threads=1, locked=False)
        engine.con.execute("CREATE SCHEMA mutant")
        policy = policy_of(scenario)
        load_tables(engine, scenario.tables)
        make_comparable(engine, scenario.present)
        link(engine, scenario.present)
        load_lists(engine, policy, scenario.present)
        params = parameters(scenario.month, policy) | shifted(scenario.month)
        for statement in shared_tables():
            engine.run(statement.sql, params, into=statement.name)
        case = Case(scenario, engine, params, engine.rows(self.rule.sql, params))
        if told := case.judge(self.rule, case.rows):
            raise AuditError(f"{scenario.file}, '{scenario.title}': the rule as it is fails ({told})")
        return case

    def kills_rule(self, sql: str) -> bool | None:
        """Whether some scenario notices the rule's mutant; None where the engine cannot run it."""
        return self._any(lambda case: (case.engine.rows(sql, case.params), False))

    def kills_shared(self, name: str, sql: str) -> bool | None:
        """Whether some scenario notices the mutant of a shared table."""
        at = next(i for i, s in enumerate(self.shared) if s.name == name)

        def rows(case: Case) -> tuple[pl.DataFrame, bool]:
            case.engine.con.execute("SET search_path = 'mutant,main'")
            changed = {name} if _differs(case, name, sql) else set()
            for statement in self.shared[at + 1 :]:
                if reads(statement) & changed and _differs(case, statement.name, statement.sql):
                    changed.add(statement.name)
            read = reads(self.rule.file) & changed
            return case.engine.rows(self.rule.sql, case.params) if read else case.rows, bool(changed & self.beside)

        try:
            return self._any(rows)
        finally:
            for case in self.cases:
                case.engine.con.execute("SET search_path = 'main'")
                case.engine.con.execute("DROP SCHEMA mutant CASCADE")
                case.engine.con.execute("CREATE SCHEMA mutant")

    def _any(self, rows_of: Callable[[Case], tuple[pl.DataFrame, bool]]) -> bool | None:
        """`rows_of`: the rule's rows, and whether what is told beside them may differ though they do not."""
        broken = False
        for case in self.cases:
            try:
                rows, beside = rows_of(case)
                if not beside and rows.sort(rows.columns).equals(case.rows.sort(case.rows.columns)):
                    continue
                if case.judge(self.rule, rows):
                    return True
            except (duckdb.BinderException, duckdb.ParserException, pl.exceptions.DuplicateError):
                return None  # a branch that is left alone may lack its columns' names
            except (duckdb.DataError, KeyError, TypeError):
                broken = True  # it fails on the data, or is about no record or person that there is: noticed
        return broken

    def close(self) -> None:
        for case in self.cases:
            case.engine.close()


def _differs(case: Case, name: str, sql: str) -> bool:
    """Make a table beside the original, which it hides while the search path begins with its schema."""
    used = {k: v for k, v in case.params.items() if re.search(rf"\${k}\b", sql)}
    con = case.engine.con
    con.execute(f'CREATE OR REPLACE TABLE mutant."{name}" AS {sql}', used).fetchall()
    found = con.execute(
        f'SELECT count(*) FROM ((SELECT * FROM mutant."{name}" EXCEPT ALL SELECT * FROM main."{name}") '
        f'UNION ALL (SELECT * FROM main."{name}" EXCEPT ALL SELECT * FROM mutant."{name}"))'
    ).fetchall()
    return int(found[0][0]) > 0


# file (folder/stem) → mutants, with whether they were noticed (None: they do not run at all)
Told = dict[str, list[tuple[Mutant, bool | None]]]


def examined(rule_id: str, own: bool, shared: dict[str, list[Mutant]], specs: Path = SPECS) -> Told:
    """Try a rule's own mutants, and those of the shared tables that are behind it."""
    rule = rules_by_id()[rule_id]
    trial = Trial(rule, specs)
    out: Told = {}
    if own:
        file = f"{rule.category}/{rule.id}"
        out[file] = [(m, trial.kills_rule(m.sql)) for m in mutants(rule.file)]
    behind = {s.name for s in trial.shared}
    for name, some in shared.items():
        if name in behind:
            out[f"findings/{name}"] = [(m, trial.kills_shared(name, m.sql)) for m in some]
    trial.close()
    return out


def rules_by_id() -> dict[str, Rule]:
    return {r.id: r for r in load_rules(pack_for("2022-10").names)}
