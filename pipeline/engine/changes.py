"""INSERT, DELETE, UPDATE and RENAME for an engine whose tables are files: the SELECT that gives the changed table.

An UPDATE's FROM may meet a row of the table once at most where its values come from there; where it only says which
rows are changed, as often as it likes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

_HIT = "_hit"


@dataclass(frozen=True)
class Change:
    """`query` gives the rows that `table` gets (`adds`: beside those it has, else instead of them), or its new name."""

    table: str
    query: exp.Expr | None = None
    adds: bool = False
    renamed: str = ""


def change_of(tree: exp.Expr, columns: Sequence[str]) -> Change | None:
    """What a statement changes; None for one that changes nothing. `columns`: those of the table, in order."""
    match tree:
        case exp.Insert():
            return Change(changed_table(tree), tree.expression, adds=True)
        case exp.Delete():
            return Change(changed_table(tree), _kept(tree))
        case exp.Update():
            return Change(changed_table(tree), _updated(tree, columns))
        case exp.Alter():
            new = tree.args["actions"][0]
            assert isinstance(new, exp.AlterRename), tree.sql()
            return Change(changed_table(tree), renamed=new.this.name)
    return None


def changed_table(tree: exp.Expr) -> str:
    """The table that a changing statement is about, '' for any other."""
    return str(tree.this.name) if isinstance(tree, exp.Insert | exp.Delete | exp.Update | exp.Alter) else ""


def _surely(condition: exp.Expr) -> exp.Expr:
    return exp.func("coalesce", exp.paren(condition.copy()), exp.false())


def _kept(tree: exp.Delete) -> exp.Expr:
    """The rows that a DELETE leaves."""
    table: exp.Table = tree.this.copy()
    condition = tree.args["where"].this if tree.args.get("where") else exp.true()
    if not tree.args.get("using"):
        return exp.select("*").from_(table).where(exp.not_(_surely(condition)))
    (other,) = tree.args["using"]
    everything = exp.Column(this=exp.Star(), table=exp.to_identifier(table.alias_or_name))
    return exp.select(everything).from_(table).join(other.copy(), on=condition.copy(), join_type="anti")


def _updated(tree: exp.Update, columns: Sequence[str]) -> exp.Expr:
    """All rows of the table, with the new values where the condition holds."""
    table: exp.Table = tree.this.copy()
    name = table.alias_or_name
    condition = tree.args["where"].this if tree.args.get("where") else exp.true()
    new = {e.this.name: e.expression for e in tree.expressions}
    query = exp.select().from_(table)
    if not (source := tree.args.get("from_")):
        hit = _surely(condition)
    else:
        other: exp.Expr = source.this.copy()
        alias = other.alias_or_name
        if any(c.table == alias for value in new.values() for c in value.find_all(exp.Column)):
            marked = exp.select("*", exp.alias_(exp.true(), _HIT)).from_(other).subquery(alias)
            query = query.join(marked, on=condition.copy(), join_type="left")
            hit = exp.func("coalesce", exp.column(_HIT, alias), exp.false())
        else:
            hit = exp.Exists(this=exp.select("1").from_(other).where(condition.copy()))
    held = {c: exp.column(c, name, quoted=True) for c in columns}
    values = [exp.case().when(hit.copy(), new[c].copy()).else_(held[c]) if c in new else held[c] for c in columns]
    return query.select(*(exp.alias_(v, c, quoted=True) for v, c in zip(values, columns, strict=True)))
