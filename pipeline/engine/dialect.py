"""The dialect check: one SELECT, known tables, and only what DuckDB and Spark answer alike.

Refused are functions outside `ALIKE` (which holds the project's own macros too) and the shapes of `shapes.py` that were
measured to differ. What differs and can be set right by translation (`translate.py`) is not refused.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from functools import cache

import sqlglot
from sqlglot import expressions as exp

from pipeline.engine.shapes import Nodes, differing
from pipeline.engine.statements import Statement, read_folder
from pipeline.errors import AuditError

# It tells of statements that it only half understands; those are refused below, with a message of their own.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

# Names as sqlglot knows them, lower case. Not here, since they differ: upper and lower beyond ASCII, avg of decimals,
# array_agg with an order, the last digit of round(x, n).
ALIKE = frozenset(
    """
    abs and between bool_and bool_or logical_and logical_or case cast coalesce concat count day dense_rank
    exists first_value greatest if in is least left length levenshtein lpad ltrim max min month nullif or rank
    regexp_like replace right round row_number rpad rtrim sha256 sha2 split_part str_position strpos substring substr
    sum time_to_str trim lag lead string_agg group_concat year
    name_level adjacent_swap slip birth_level month_index month_of months_before days_before rounded date_of
    birth_inside whole_number
    """.split()
)
# What linkage may use besides: logarithms and powers agree but for the last bit, and are rounded before they are kept;
# floor is of another type, and cast; date_diff counts days only.
LINKAGE = ALIKE | {"log", "pow", "power", "floor", "datediff", "bitwise_or_agg"}
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


@cache
def _parsed(sql: str) -> tuple[exp.Expr, ...]:
    """A run asks for the tree of each of its statements up to three times."""
    return tuple(p for p in sqlglot.parse(sql, read="duckdb") if p is not None)


@cache
def _nodes(sql: str) -> Nodes:
    """The nodes of its last tree."""
    return Nodes(_parsed(sql)[-1])


@cache
def _differing(sql: str) -> tuple[tuple[exp.Expr, str], ...]:
    """What of it is refused whatever it may read; a process that audits again and again asks once."""
    return tuple(differing(_nodes(sql)))


def parse(statement: Statement) -> exp.Query:
    """The statement's one SELECT, to be read and not changed. DialectError, with the line, when it is something else or
    several.
    """
    try:
        parsed = _parsed(statement.sql)
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
    for node in _nodes(statement.sql).find_all(exp.DML, exp.DDL, exp.Command):
        if not isinstance(node, exp.Query):
            raise DialectError(f"{statement.place(line_of(statement, node))}: must be exactly one SELECT")
    return tree


def check(statement: Statement, tables: Collection[str] | None, alike: frozenset[str] = ALIKE) -> set[str]:
    """Refuse the statement unless it is one SELECT over `tables` (None: over any) in the common dialect.

    Returns the tables it reads. Raises DialectError naming file, line and function or table.
    """
    parse(statement)
    nodes = _nodes(statement.sql)
    for node in nodes.find_all(exp.Func):
        if isinstance(node, _SHAPES):
            continue
        name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
        if name not in alike:
            raise DialectError(
                f"{statement.place(line_of(statement, node))}: function {_written(statement, node, name)} "
                "is not answered alike by both engines"
            )
    for shape, why in _differing(statement.sql):
        raise DialectError(f"{statement.place(line_of(statement, shape))}: {why}")
    own = {cte.alias_or_name for cte in nodes.find_all(exp.CTE)}
    read = {t.name: t for t in nodes.find_all(exp.Table) if t.name not in own}
    if tables is not None and (unknown := sorted(set(read) - set(tables))):
        place = statement.place(line_of(statement, read[unknown[0]]))
        raise DialectError(f"{place}: unknown or undeclared table {unknown[0]}")
    return set(read)


@cache
def linkage_statements() -> list[Statement]:
    """The statements of `sql/linkage`, each checked."""
    statements = read_folder("linkage")
    for statement in statements:
        check(statement, None, LINKAGE)
    return statements
