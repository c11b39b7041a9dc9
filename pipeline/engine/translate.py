"""DuckDB's SQL as Spark SQL: sqlglot's translation, and what it leaves to answer differently set right.

Set right are (measured on DuckDB 2.0 and Spark 4.3, ANSI on): `/`, which DuckDB does in doubles and without an error;
`//`; casts of doubles and decimals to decimals and whole numbers, which DuckDB rounds; LIKE, which has no escape
character in DuckDB; IN (SELECT …) as a value; numbering without an order.
"""

from __future__ import annotations

import logging

import sqlglot
from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.generators.spark import SparkGenerator

# It tells of statements that it only half understands; the dialect check refuses those with a message of its own.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

# No text that was read holds it: ingest takes control characters out.
_NO_ESCAPE = "\x01"
_WHOLE = (exp.DataType.Type.TINYINT, exp.DataType.Type.SMALLINT, exp.DataType.Type.INT, exp.DataType.Type.BIGINT)


class _Generator(SparkGenerator):
    def intdiv_sql(self, expression: exp.IntDiv) -> str:
        """sqlglot would divide in doubles, which hold no whole number of 17 digits."""
        return str(self.binary(expression, "DIV"))


def parse(sql: str) -> exp.Expr:
    """One statement of DuckDB's as a tree."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    assert isinstance(tree, exp.Expr)
    return tree


def generated(tree: exp.Expr) -> str:
    """A query's tree (changed on the way) as Spark SQL; `$name` becomes `:name`."""
    for kind, right in _SET_RIGHT:
        for node in reversed(list(tree.find_all(kind))):  # the innermost first: what is outside copies it
            new = right(node)
            if new is not node:
                node.replace(new)
    return str(_Generator(dialect=Spark()).generate(tree))


def _double(node: exp.Expr) -> exp.Expr:
    return exp.cast(node.copy(), "DOUBLE")


def _divided(node: exp.Expr) -> exp.Expr:
    """In doubles; by nought gives infinity or not a number, as DuckDB does."""
    above, below = _double(node.this), _double(node.expression)
    quotient = exp.Div(this=above, expression=below, typed=False, safe=False)
    divisor = node.expression.unnest()
    if isinstance(divisor, exp.Literal) and float(divisor.this) != 0:
        return exp.paren(quotient, copy=False)
    endless = exp.Mul(this=above.copy(), expression=exp.cast(exp.Literal.string("Infinity"), "DOUBLE"))
    return exp.case().when(exp.EQ(this=below.copy(), expression=exp.Literal.number(0)), endless).else_(quotient)


def _cast(node: exp.Expr) -> exp.Expr:
    """Numbers are rounded half up, as DuckDB rounds (doubles to whole numbers to the even one), not cut off."""
    kind, value = node.args["to"], node.this
    if isinstance(value, exp.Literal) or (kind.this not in _WHOLE and kind.this is not exp.DataType.Type.DECIMAL):
        return node
    inner = value.unnest()
    if isinstance(inner, exp.Null | exp.Count | exp.Floor | exp.Substring | exp.Length | exp.Cast):
        return node
    of = exp.func("typeof", value.copy())
    if kind.this in _WHOLE:
        whole = exp.cast(exp.func("rint", _double(value)), kind.copy())
        decimal = exp.cast(exp.func("round", value.copy(), exp.Literal.number(0)), kind.copy())
        return (
            exp.case()
            .when(exp.EQ(this=of, expression=exp.Literal.string("double")), whole)
            .when(exp.Like(this=of.copy(), expression=exp.Literal.string("decimal%")), decimal)
            .else_(node.copy())
        )
    places = kind.expressions[1].this.name if len(kind.expressions) > 1 else "0"
    scale = exp.cast(exp.Literal.number(10 ** int(places)), "DOUBLE")
    scaled = exp.func("round", exp.Mul(this=_double(value), expression=scale))
    rounded = exp.cast(exp.Div(this=scaled, expression=scale.copy(), typed=False, safe=False), kind.copy())
    return exp.case().when(exp.EQ(this=of, expression=exp.Literal.string("double")), rounded).else_(node.copy())


def _like(node: exp.Expr) -> exp.Expr:
    if isinstance(node.parent, exp.Escape):
        return node
    return exp.Escape(this=node.copy(), expression=exp.Literal.string(_NO_ESCAPE))


def _numbered(node: exp.Expr) -> exp.Expr:
    """row_number() OVER (): any number that no other row has."""
    plain = isinstance(node.this, exp.RowNumber) and not node.args.get("partition_by") and not node.args.get("order")
    return exp.func("monotonically_increasing_id") if plain and not node.args.get("alias") else node


def _sought(node: exp.Expr) -> exp.Expr:
    """x IN (SELECT …) as a value: null where x is null, or is not found among values of which one is null.

    Spark says false there. In a condition that is the same, but for what stands under NOT.
    """
    query = node.args.get("query")
    if query is None or _is_condition(node):
        return node
    among = query.this if isinstance(query, exp.Subquery) else query

    def any_of(condition: exp.Expr | None = None) -> exp.Expr:
        rows = exp.Subquery(this=among.copy(), alias=exp.TableAlias(this=exp.to_identifier("_q"), columns=[_C.copy()]))
        every = exp.select("1").from_(rows)
        return exp.Exists(this=every.where(condition) if condition else every)

    unknown = exp.or_(
        any_of(exp.column("_c", "_q").is_(exp.null())),
        exp.and_(node.this.copy().is_(exp.null()), any_of()),
    )
    return exp.case().when(node.copy(), exp.true()).when(unknown, exp.null()).else_(exp.false())


_C = exp.to_identifier("_c")


def _is_condition(node: exp.Expr) -> bool:
    """Whether null and false are the same where this stands."""
    negated, above = False, node.parent
    while isinstance(above, exp.And | exp.Or | exp.Paren | exp.Not):
        if isinstance(above, exp.Not):
            negated = True
        elif negated and isinstance(above, exp.Or):
            return False
        above = above.parent
    if isinstance(above, exp.Coalesce):
        return not negated and isinstance(above.expressions[-1], exp.Boolean) and not above.expressions[-1].this
    return isinstance(above, exp.Where | exp.Having | exp.Join)


_SET_RIGHT = (
    (exp.Div, _divided),
    (exp.Cast, _cast),
    (exp.Like, _like),
    (exp.Window, _numbered),
    (exp.In, _sought),
)
