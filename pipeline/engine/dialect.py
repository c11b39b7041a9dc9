"""The dialect check: one SELECT, known tables, and only functions that DuckDB and Spark answer alike.

Refused are functions outside `ALIKE` (which holds the project's own macros too) and the shapes that were measured to
differ silently: list slices and subscripts, integer `INTERVAL` arithmetic, division by a literal zero.
"""

from __future__ import annotations

import logging
from collections.abc import Collection

import sqlglot
from sqlglot import expressions as exp

from pipeline.engine.statements import Statement
from pipeline.errors import AuditError

# It tells of statements that it only half understands; those are refused below, with a message of their own.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

# Names as sqlglot knows them, lower case.
ALIKE = frozenset(
    """
    abs and array_agg avg bool_and bool_or logical_and logical_or between case cast coalesce concat count dense_rank
    exists greatest if in is least length levenshtein lower lpad ltrim max min nullif or rank regexp_like
    replace round row_number rpad rtrim sha256 sha2 split_part str_position strpos substring substr sum time_to_str
    trim upper xor lag lead first_value string_agg group_concat
    name_level adjacent_swap birth_level month_index month_of months_before days_before
    """.split()
)
# sqlglot's own names for parts of a SELECT that are functions in its tree but not in the text.
_SHAPES = (exp.And, exp.Or, exp.Case, exp.If, exp.Cast, exp.Exists, exp.Xor)


class DialectError(AuditError):
    """A statement that would answer differently on the two engines, or reads what it does not say it needs."""


def line_of(statement: Statement, node: exp.Expr) -> int:
    """The line in the file where `node` stands, 1 = the first."""
    around: exp.Expr | None = node
    while around is not None:  # a node that sqlglot did not place stands where its neighbours do
        for inner in around.walk():
            if "start" in inner.meta:  # sqlglot's own "line" counts too many once a $parameter is passed
                return statement.body + statement.sql.count("\n", 0, int(inner.meta["start"]))
        around = around.parent
    return statement.body


def _written(statement: Statement, node: exp.Expr, name: str) -> str:
    """A function's name as the file has it: sqlglot's own may be another (date_diff is its DATEDIFF)."""
    begin, end = node.meta.get("start"), node.meta.get("end")
    return name if begin is None or end is None else statement.sql[begin : end + 1].lower()


def _divides_by_zero(node: exp.Expr) -> bool:
    divisor = node.expression
    return isinstance(divisor, exp.Literal) and not divisor.is_string and float(divisor.this) == 0


def parse(statement: Statement) -> exp.Query:
    """The statement's one SELECT. DialectError, with the line, when it is something else or several."""
    try:
        parsed = [p for p in sqlglot.parse(statement.sql, read="duckdb") if p is not None]
    except sqlglot.errors.SqlglotError as e:
        told = getattr(e, "errors", None) or [{}]
        line = statement.body + int(told[0].get("line") or 1) - 1
        what = str(told[0].get("description") or str(e)).splitlines()[0].partition(" for <class")[0]
        raise DialectError(f"{statement.place(line)}: cannot be parsed: {what}") from e
    except RecursionError as e:
        raise DialectError(f"{statement.place(statement.body)}: cannot be parsed: it is nested too deeply") from e
    if not parsed:
        raise DialectError(f"{statement.place()}: must be exactly one SELECT, and has none")
    wrong = next((p for p in parsed if not isinstance(p, exp.Select | exp.Union)), parsed[-1])
    if len(parsed) > 1 or wrong is not parsed[-1] or not isinstance(wrong, exp.Select | exp.Union):
        raise DialectError(f"{statement.place(line_of(statement, wrong))}: must be exactly one SELECT")
    tree = parsed[0]
    assert isinstance(tree, exp.Query)
    for node in tree.find_all(exp.DML, exp.DDL, exp.Command):
        if not isinstance(node, exp.Query):
            raise DialectError(f"{statement.place(line_of(statement, node))}: must be exactly one SELECT")
    return tree


def check(statement: Statement, tables: Collection[str]) -> set[str]:
    """Refuse the statement unless it is one SELECT over `tables` in the common dialect.

    Returns the tables it reads. Raises DialectError naming file, line and function or table.
    """
    tree = parse(statement)
    for node in tree.find_all(exp.Func):
        if isinstance(node, _SHAPES):
            continue
        name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
        if name not in ALIKE:
            raise DialectError(
                f"{statement.place(line_of(statement, node))}: function {_written(statement, node, name)} "
                "is not answered alike by both engines"
            )
    for shape in tree.find_all(exp.Slice, exp.Bracket, exp.Interval):
        raise DialectError(f"{statement.place(line_of(statement, shape))}: {shape.key} differs between the engines")
    for division in tree.find_all(exp.Div, exp.IntDiv, exp.Mod):
        if _divides_by_zero(division):
            raise DialectError(
                f"{statement.place(line_of(statement, division))}: division by zero differs between engines"
            )
    own = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    read = {t.name: t for t in tree.find_all(exp.Table) if t.name not in own}
    if unknown := sorted(set(read) - set(tables)):
        place = statement.place(line_of(statement, read[unknown[0]]))
        raise DialectError(f"{place}: unknown or undeclared table {unknown[0]}")
    return set(read)
