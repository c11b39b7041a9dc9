"""Shapes of SQL that DuckDB and Spark answer differently, or one of them not at all (DuckDB 2.0, Spark 4.3, ANSI on).

Types are not known here: what depends on them is refused where the text alone shows the type, by a cast, a division, or
a column's name in the contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TypeVar

from sqlglot import exp

from pipeline.contract import DATASETS

_Found = Iterator[tuple[exp.Expr, str]]
_Node = TypeVar("_Node", bound=exp.Expr)
_BETWEEN = "differs between the engines"
# Whatever stands in a statement of this kind is refused, by the words.
_NEVER: tuple[tuple[type[exp.Expr], str], ...] = (
    (exp.Bracket, f"bracket {_BETWEEN}: use substr"),
    (exp.Interval, f"interval {_BETWEEN}: use months_before or days_before"),
    (exp.TryCast, f"try_cast {_BETWEEN}: use date_of or whole_number"),
    (exp.ILike, f"ilike {_BETWEEN}"),
    (exp.SimilarTo, f"similar to {_BETWEEN}"),
    (exp.Glob, f"glob {_BETWEEN}"),
    (exp.Lambda, "a lambda is written differently on the engines"),
    (exp.TableSample, f"a sample {_BETWEEN}"),
    (exp.Pivot, f"pivot {_BETWEEN}"),
    (exp.Lateral, f"lateral {_BETWEEN}"),
    (exp.Collate, f"collate {_BETWEEN}"),
    (exp.Cube, f"cube {_BETWEEN}"),
    (exp.Rollup, f"rollup {_BETWEEN}"),
    (exp.GroupingSets, f"grouping sets {_BETWEEN}"),
)
_FORMATS = {"%Y", "%m", "%d", "%Y-%m", "%Y%m", "%m%d", "%Y-%m-%d", "%Y%m%d"}
_KINDS = {"TEXT", "VARCHAR", "DATE", "DECIMAL", "DOUBLE", "BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT"}
_PASSED_ON = (exp.Paren, exp.Neg, exp.Max, exp.Min, exp.Sum, exp.Coalesce, exp.Greatest, exp.Least)
_DATES = {"months_before", "days_before", "date_of", "birth_inside"}
_ORDERED = (exp.RowNumber, exp.Lag, exp.Lead, exp.FirstValue)


class Nodes:
    """A statement's nodes, gone through once for all that is asked of them."""

    def __init__(self, tree: exp.Expr) -> None:
        self._all = tuple(tree.walk())

    def find_all(self, *kinds: type[_Node]) -> Iterator[_Node]:
        return (node for node in self._all if isinstance(node, kinds))


def differing(nodes: Nodes) -> _Found:
    """The parts of a statement that are refused, each with the reason in words."""
    for kind, why in _NEVER:
        for node in nodes.find_all(kind):
            yield node, why
    for check in (_arithmetic, _casts, _functions, _windows, _rows):
        yield from check(nodes)


@cache
def _named(sql_type: str) -> frozenset[str]:
    """The columns that have this type in every dataset that has them."""
    held: dict[str, set[str]] = {}
    for dataset in DATASETS.values():
        for column in dataset.columns:
            held.setdefault(column.id, set()).add(column.sql_type)
    return frozenset(c for c, kinds in held.items() if kinds == {sql_type})


def _is(kind: str, node: exp.Expr | None) -> bool:
    """Whether a value is plainly of this type: DOUBLE or DATE."""
    match node:
        case exp.Cast():
            return bool(node.args["to"].this.name == kind)
        case exp.Column():
            return node.name in _named(kind)
        case exp.Placeholder():
            return kind == "DATE" and node.name == "as_of"
        case exp.Anonymous():
            return kind == "DATE" and node.name.lower() in _DATES
        case exp.Div() | exp.Pow() | exp.Log():
            return kind == "DOUBLE"
        case exp.Mul() | exp.Add() | exp.Sub():
            return kind == "DOUBLE" and (_is(kind, node.this) or _is(kind, node.expression))
    if isinstance(node, _PASSED_ON):
        return any(_is(kind, part) for part in (node.this, *node.expressions))
    return False


def _arithmetic(nodes: Nodes) -> _Found:
    for division in nodes.find_all(exp.Div, exp.IntDiv, exp.Mod):
        divisor = division.expression
        if isinstance(divisor, exp.Literal) and not divisor.is_string and float(divisor.this) == 0:
            yield division, f"division by zero {_BETWEEN}"
    for division in nodes.find_all(exp.IntDiv):
        if _is("DOUBLE", division.this) or _is("DOUBLE", division.expression):
            yield division, f"// of other than whole numbers {_BETWEEN}"
    for difference in nodes.find_all(exp.Sub):
        if _is("DATE", difference.this) and _is("DATE", difference.expression):
            yield difference, f"date minus date {_BETWEEN}: compare with days_before"


def _casts(nodes: Nodes) -> _Found:
    for cast in nodes.find_all(exp.Cast):
        kind = cast.args["to"].this.name
        if kind not in _KINDS:
            yield cast, f"a cast to {kind.lower()} {_BETWEEN}"
        if kind in ("TEXT", "VARCHAR") and _is("DOUBLE", cast.this):
            yield cast, f"a double as text {_BETWEEN}: cast it to DECIMAL first"


def _functions(nodes: Nodes) -> _Found:
    for node in nodes.find_all(exp.Round, exp.TimeToStr, exp.Substring, exp.DateDiff, exp.GroupConcat):
        match node:
            case exp.Round() if node.args.get("decimals") is not None:
                yield node, f"the last digit of round(x, n) {_BETWEEN}: use rounded(x, n)"
            case exp.TimeToStr() if node.text("format") not in _FORMATS:
                yield node, f"strftime with this format {_BETWEEN}; alike are {', '.join(sorted(_FORMATS))}"
            case exp.Substring() if node.text("start") == "0":
                yield node, f"substr from 0 {_BETWEEN}: the first character is 1"
            case exp.DateDiff() if node.text("unit").upper() not in ("DAY", "DAYS"):
                yield node, f"date_diff of other than days {_BETWEEN}"
            case exp.GroupConcat() if not node.find(exp.Order):
                yield node, f"string_agg without ORDER BY {_BETWEEN}"


def _windows(nodes: Nodes) -> _Found:
    for window in nodes.find_all(exp.Window):
        function = window.this.this if isinstance(window.this, exp.IgnoreNulls) else window.this
        if isinstance(function, _ORDERED) and not window.args.get("order") and not window.args.get("alias"):
            yield window, f"a numbered window without ORDER BY {_BETWEEN}"


def _rows(nodes: Nodes) -> _Found:
    for distinct in nodes.find_all(exp.Distinct):
        if distinct.args.get("on"):
            yield distinct, "DISTINCT ON is DuckDB's alone: use row_number"
    for join in nodes.find_all(exp.Join):
        if join.args.get("method"):
            yield join, f"a {join.args['method'].lower()} join {_BETWEEN}"
    for star in nodes.find_all(exp.Star):
        if star.args.get("replace") or star.args.get("rename"):
            yield star, "* REPLACE and * RENAME are DuckDB's alone"
    for union in nodes.find_all(exp.SetOperation):
        if union.args.get("by_name"):
            yield union, f"UNION BY NAME {_BETWEEN}"
    for with_ in nodes.find_all(exp.With):
        if with_.args.get("recursive"):
            yield with_, f"a recursive query {_BETWEEN}"
    for query in nodes.find_all(exp.Query):
        if (query.args.get("limit") or query.args.get("offset")) and not query.args.get("order"):
            yield query, f"LIMIT without ORDER BY {_BETWEEN}"
