"""Which columns of which datasets a rule reads, through all the shared tables between: from the SQL itself.

What a table's row shows is told apart from what decides whether the row is there: a rule that takes one column of
`roster` does not depend on the others, but does on whatever `roster` filters, joins or groups by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, build_scope

from pipeline.contract import DATASETS
from pipeline.engine.dialect import parse
from pipeline.engine.statements import Statement
from pipeline.findings.rules import Rule, shared_tables
from pipeline.identity import PERSON_FIELDS

Columns = frozenset[tuple[str, str]]  # (dataset, column)
_NONE: Columns = frozenset()
_WHOSE = ("own", "person", "tier")  # what linkage puts beside a record, from its number and name


@dataclass
class _Reads:
    """Of one SELECT: the columns behind each column that it gives, and those that decide which rows it gives."""

    given: dict[str, Columns] = field(default_factory=dict)
    rows: Columns = _NONE

    @property
    def all(self) -> Columns:
        return self.rows.union(*self.given.values())


def columns_read(rules: Iterable[Rule]) -> dict[str, Columns]:
    """Rule id → the (dataset, column) pairs that its findings rest on."""
    shared: dict[str, _Reads] = {}
    for statement in shared_tables():
        shared[statement.name] = _reads(statement, shared)
    return {rule.id: _reads(rule.file, shared).all for rule in rules}


def _reads(statement: Statement, shared: Mapping[str, _Reads]) -> _Reads:
    scope = build_scope(parse(statement))
    assert scope is not None, statement.place()
    return _Reader(shared).of(scope)


class _Reader:
    def __init__(self, shared: Mapping[str, _Reads]) -> None:
        self.shared = shared
        self.done: dict[int, _Reads] = {}

    def of(self, scope: Scope) -> _Reads:
        if id(scope) not in self.done:
            parts = scope.set_operation_scopes
            self.done[id(scope)] = self._union(parts) if parts else self._select(scope)
        return self.done[id(scope)]

    def _union(self, parts: list[Scope]) -> _Reads:
        """Branches are read by position, under the first one's names."""
        reads = [self.of(part) for part in parts]
        names = list(reads[0].given)
        given = {
            name: _NONE.union(*(list(r.given.values())[i] for r in reads if i < len(r.given)))
            for i, name in enumerate(names)
        }
        return _Reads(given, _NONE.union(*(r.rows for r in reads)))

    def _select(self, scope: Scope) -> _Reads:
        select = scope.expression
        assert isinstance(select, exp.Select)
        out = _Reads()
        rows: set[tuple[str, str]] = set()
        sources = [source for _, source in scope.selected_sources.values()]
        for source in sources:
            rows |= self.of(source).rows if isinstance(source, Scope) else self._table(source).rows
        for inner in scope.subquery_scopes:
            rows |= self.of(inner).all
        shown: set[int] = set()
        for n, item in enumerate(select.selects):
            found: set[tuple[str, str]] = set()
            for column in item.find_all(exp.Column):
                shown.add(id(column))
                found |= self._column(column, scope)
            if item.is_star:
                for source in sources:
                    reads = self.of(source) if isinstance(source, Scope) else self._table(source)
                    out.given.update(reads.given)
            else:
                out.given[item.alias_or_name or f"#{n}"] = frozenset(found)
        for column in scope.columns:
            if id(column) not in shown:
                rows |= self._column(column, scope)
        out.rows = frozenset(rows)
        return out

    def _column(self, column: exp.Column, scope: Scope | None) -> Columns:
        """What stands behind a column: by its table's alias, else in whatever source has it; outwards if need be."""
        while scope is not None:
            named = scope.selected_sources
            sources = [named[column.table]] if column.table in named else [] if column.table else list(named.values())
            found: Columns = _NONE
            for _, source in sources:
                reads = self.of(source) if isinstance(source, Scope) else self._table(source)
                found |= reads.given.get(column.name, _NONE)
            if found or (sources and column.table):
                return found
            scope = scope.parent if scope.is_subquery else None  # a CTE does not see the query around it
        return _NONE

    def _table(self, table: exp.Table) -> _Reads:
        """A dataset's own columns, or what a shared table was read from; nothing behind the tables of other stages."""
        if table.name not in DATASETS:
            return self.shared.get(table.name, _Reads())
        given = {c.id: frozenset({(table.name, c.id)}) for c in DATASETS[table.name].columns}
        if table.name in PERSON_FIELDS:
            whose = frozenset((table.name, c) for c in PERSON_FIELDS[table.name])
            given |= dict.fromkeys(_WHOSE, whose)
        return _Reads(given)
