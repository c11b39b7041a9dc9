"""The mutants of one statement: each differs from it in one condition.

Comparisons are loosened and turned round, and shifted by one where they hold a parameter or a number; conjuncts,
alternatives, WHERE and HAVING are dropped, NOT taken away; lists and CASEs are shortened; left joins made inner;
branches of a UNION left out; max and min exchanged; count(DISTINCT …) counts all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import expressions as exp

from pipeline.engine.dialect import line_of, parse
from pipeline.engine.statements import Statement

# Parameters that are no number → what one step later and earlier is called (see `trial.shifted`).
STEPPED = ("month", "as_of")
_TURNED: dict[type[exp.Expression], tuple[type[exp.Expression], ...]] = {
    exp.LT: (exp.LTE, exp.GTE),
    exp.LTE: (exp.LT, exp.GT),
    exp.GT: (exp.GTE, exp.LTE),
    exp.GTE: (exp.GT, exp.LT),
    exp.EQ: (exp.NEQ,),
    exp.NEQ: (exp.EQ,),
}


@dataclass(frozen=True)
class Mutant:
    """`what`: the change in words, which names it in `equivalent.toml`."""

    line: int
    what: str
    sql: str


def mutants(statement: Statement) -> list[Mutant]:
    """All mutants of a statement, in the order of its text."""
    tree = parse(statement)
    out: list[Mutant] = []
    seen: set[str] = {_text(tree)}
    for at, node in enumerate(tree.walk()):
        for change, new in _changes(node):
            copy = tree.copy()
            target = next(n for i, n in enumerate(copy.walk()) if i == at)
            sql = _text(_replaced(copy, target, new))
            if sql not in seen:
                seen.add(sql)
                out.append(Mutant(line_of(statement, node), change, sql))
    return sorted(out, key=lambda m: m.line)


def _text(node: exp.Expression) -> str:
    return node.sql(dialect="duckdb")


def _replaced(tree: exp.Expression, target: exp.Expression, new: exp.Expression | None) -> exp.Expression:
    """The tree with `new` in the target's place, which may be the tree itself."""
    if new is None:
        target.pop()
    elif target is tree:
        return new
    else:
        target.replace(new)
    return tree


def _changes(node: exp.Expression) -> Iterator[tuple[str, exp.Expression | None]]:
    """(the change in words, what stands in the node's place; None = nothing)."""
    was = _text(node)
    if type(node) in _TURNED:
        for other in _TURNED[type(node)]:
            new = other(this=node.this.copy(), expression=node.expression.copy())
            yield f"{was} → {_text(new)}", new
        for new in _shifted(node):
            yield f"{was} → {_text(new)}", new
    elif isinstance(node, exp.And | exp.Or | exp.Union):
        for kept, dropped in ((node.this, node.expression), (node.expression, node.this)):
            if not isinstance(dropped, type(node)):
                new = kept.copy()
                if tables := node.args.get("with_"):  # before a UNION they are for all of its branches
                    new.set("with_", tables.copy())
                yield f"without {_text(dropped)}", new
    elif isinstance(node, exp.Where | exp.Having) and not isinstance(node.this, exp.And):
        yield f"without {was}", None
    elif isinstance(node, exp.Not):
        yield f"{was} → {_text(node.this)}", node.this.copy()
    elif isinstance(node, exp.Is):
        if not isinstance(node.parent, exp.Not):
            new = exp.Not(this=node.copy())
            yield f"{was} → {_text(new)}", new
    elif isinstance(node, exp.In) and len(node.expressions) > 1:
        for i, item in enumerate(node.expressions):
            new = node.copy()
            new.set("expressions", [e.copy() for k, e in enumerate(node.expressions) if k != i])
            yield f"{was} without {_text(item)}", new
    elif isinstance(node, exp.Case) and len(node.args["ifs"]) > 1:
        for i, branch in enumerate(node.args["ifs"]):
            new = node.copy()
            new.set("ifs", [e.copy() for k, e in enumerate(node.args["ifs"]) if k != i])
            yield f"CASE without {_text(branch)}", new
    elif isinstance(node, exp.Join) and node.side == "LEFT":
        new = node.copy()
        new.set("side", None)
        yield f"{was} → inner", new
    elif isinstance(node, exp.Max | exp.Min):
        new = (exp.Min if isinstance(node, exp.Max) else exp.Max)(this=node.this.copy())
        yield f"{was} → {_text(new)}", new
    elif isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct):
        new = exp.Count(this=node.this.expressions[0].copy())
        yield f"{was} → {_text(new)}", new


def _shifted(node: exp.Expression) -> Iterator[exp.Expression]:
    """The comparison with its parameter or number one more, and one less."""
    for side in ("this", "expression"):
        for step in (1, -1):
            new = node.copy()
            inner = new.args[side]
            for found in [inner] if isinstance(inner, exp.Parameter | exp.Placeholder | exp.Literal) else []:
                if isinstance(found, exp.Literal):
                    if not found.is_string:
                        found.replace(exp.Literal.number(str(float(found.this) + step).removesuffix(".0")))
                        yield new
                else:
                    name = _text(found).removeprefix("$")
                    stepped = f"${name}_{'later' if step > 0 else 'earlier'}" if name in STEPPED else None
                    found.replace(
                        exp.Parameter(this=exp.Var(this=stepped.removeprefix("$")))
                        if stepped
                        else exp.Paren(this=exp.Add(this=found.copy(), expression=exp.Literal.number(str(step))))
                    )
                    yield new
