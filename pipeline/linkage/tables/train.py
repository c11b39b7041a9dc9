"""The model of two tables, trained on themselves: u from random pairs, m in strict blocks.

Random pairs hold a few matches, and for a telling field they are most of the equal ones: after a first fit the
expected matches are taken out of the random pairs and of the exact u of equal values, and the model is fitted again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.linkage.fit import StrictBlock, fit_model
from pipeline.linkage.model import Model, weights_frame
from pipeline.linkage.tables.blocks import key_sql, right_of
from pipeline.linkage.tables.levels import Levels
from pipeline.linkage.tables.prepare import parts_of
from pipeline.linkage.tables.spec import FieldSpec, LinkSpec, TrainSpec
from pipeline.linkage.thresholds import pair_probability

_ROUNDS = 2
_MOST_RECORDS = 20_000  # records a side that random pairs are made of
_TEXT = re.compile(r"'(?:[^']|'')*'")


def train(engine: DuckEngine, spec: LinkSpec, levels: Levels, rows: tuple[int, int], *, two: bool) -> Model:
    """A model trained on `left_side`, `right_side` and `pair`. BadInput when there is nothing to learn from."""
    random = levels.decoded(_random_pairs(engine, levels, spec.model.random_pairs, rows, two=two))
    candidates = levels.decoded(
        engine.rows("SELECT code, sum(n) AS n FROM pattern GROUP BY code ORDER BY code").cast({"n": pl.Float64})
    )
    strict = [_strict(engine, spec, t, levels, two=two) for t in spec.train or default_blocks(engine, spec)]
    if not any(b.patterns["n"].sum() for b in strict):
        raise BadInput(
            "no two records agree on a training key: there is nothing to learn from",
            file=spec.file,
            remedy="give [[train]] a key that many matching records share, or a saved model",
        )
    right_rows = float(rows[1]) if two else (rows[0] - 1) / 2
    equal = {f.id: n for f, c in zip(spec.fields, levels.compared, strict=True)
             if c.top_is_equality and (n := _equal_pairs(engine, f.id, two=two)) is not None}  # fmt: skip
    matched: dict[str, float] = {}
    u_pairs = random.with_columns(pl.col("n").cast(pl.Float64))
    model: Model | None = None
    for _ in range(_ROUNDS + 1):
        model = fit_model(
            levels.labels,
            u_pairs,
            strict,
            candidates,
            rows[0],
            right_rows,
            version=spec.model.version,
            trained_on=f"{rows[0]} records" + (f" and {rows[1]} records" if two else "") + f", by {spec.file}",
            known_u=_known_u(levels, equal, matched),
            monotone=[f for f, c in zip(levels.ids, levels.compared, strict=True) if c.rising],
            link_rate=spec.decide.link_rate,
            missed_rate=spec.decide.missed_rate,
        )
        matched = _matched_at_top(model, candidates, levels, right_rows)
        u_pairs = _without_matches(model, random, right_rows)
    assert model is not None
    return model


def _random_pairs(engine: DuckEngine, levels: Levels, wanted: int, rows: tuple[int, int], *, two: bool) -> pl.DataFrame:
    """Codes of random pairs with counts: records in the order of their digests, each met at several distances."""
    right = right_of(two)
    left_n, right_n = (min(n, _MOST_RECORDS) for n in (rows if two else (rows[0], rows[0])))
    shifts = max(1, min(right_n, -(-wanted // max(left_n, 1))))
    step = right_n / shifts
    for side, table, salt, most in (("l", "left_side", "left", left_n), ("r", right, "right", right_n)):
        engine.run(
            "SELECT row_number() OVER (ORDER BY draw, _n) - 1 AS place, * "
            f"FROM (SELECT md5('{salt}' || _id) AS draw, * FROM {table}) ORDER BY draw, _n LIMIT {most}",
            into=f"drawn_{side}",
        )
    apart = "" if two else "WHERE l._n <> r._n"
    codes = engine.rows(
        f"SELECT {levels.outer()} AS code, CAST(count(*) AS BIGINT) AS n FROM (SELECT {levels.inner()} "
        f"FROM (SELECT *, unnest(range({shifts})) AS s FROM drawn_l) l "
        f"JOIN drawn_r r ON r.place = (l.place + CAST(floor(l.s * {step!r}) AS BIGINT)) % {right_n} {apart}) "
        "GROUP BY code ORDER BY code"
    )
    engine.drop("drawn_l")
    engine.drop("drawn_r")
    return codes


def _equal_pairs(engine: DuckEngine, field: str, *, two: bool) -> tuple[float, float] | None:
    """(pairs of equal values, pairs with both values known) of a field over all pairs; None where nothing is known."""
    column = '"' + field + '"'
    sides = [
        f"(SELECT {column} AS v, count(*) AS n FROM {t} WHERE {column} IS NOT NULL GROUP BY {column})"
        for t in ("left_side", right_of(two))
    ]
    counted = "l.n * r.n" if two else "l.n * (l.n - 1) // 2"
    equal = engine.con.execute(f"SELECT sum({counted}) FROM {sides[0]} l JOIN {sides[1]} r ON l.v = r.v").fetchall()
    known = [
        int(engine.con.execute(f"SELECT count({column}) FROM {t}").fetchall()[0][0])
        for t in ("left_side", right_of(two))
    ]
    pairs = float(known[0] * known[1]) if two else known[0] * (known[0] - 1) / 2
    return (float(equal[0][0] or 0), pairs) if pairs else None


def _known_u(
    levels: Levels, equal: Mapping[str, tuple[float, float]], matched: Mapping[str, float]
) -> dict[str, dict[int, float]]:
    """The exact u of equal values: equal pairs that are not expected matches, over the pairs with both known."""
    out = {}
    for f, (pairs, known) in equal.items():
        top = len(levels.labels[f]) - 1
        out[f] = {top: max(pairs - matched.get(f, 0.0), 0.5) / max(known, 1.0)}
    return out


def _probability(model: Model, patterns: pl.DataFrame, right_rows: float) -> pl.Series:
    weights = weights_frame(model, patterns)["weight"].to_numpy()
    return pl.Series("p", pair_probability(weights, model.matched_share, right_rows)).round(6)


def _matched_at_top(model: Model, candidates: pl.DataFrame, levels: Levels, right_rows: float) -> dict[str, float]:
    """Expected matches among the candidates at each field's strongest level."""
    weighed = candidates.with_columns(_probability(model, candidates, right_rows)).sort("code")
    return {
        f: float(
            weighed.filter(pl.col(f) == len(levels.labels[f]) - 1).select((pl.col("p") * pl.col("n")).sum()).item()
        )
        for f in levels.ids
    }


def _without_matches(model: Model, random: pl.DataFrame, right_rows: float) -> pl.DataFrame:
    # to 1/1024 pair: sums of such numbers are exact, in whatever order
    rest = pl.col("n") * (1 - _probability(model, random, right_rows))
    return random.with_columns((rest * 1024).round() / 1024)


# --- strict blocks --------------------------------------------------------------------------------------------------


def mentioned(fields: tuple[FieldSpec, ...], keys: tuple[str, ...]) -> tuple[str, ...]:
    """The fields whose values a key is made of: named by id, helper column or source column."""
    words = _words(" ".join(keys))
    out = []
    for f in fields:
        names = {p.casefold() for p in parts_of(f)} | {c.casefold() for c in f.columns or ()} | _words(f.sql or "")
        for _, condition in f.options.get("levels", ()):
            names |= {w.casefold() for w in re.findall(r"\b[lr]\.\"?(\w+)", condition)}
        if names & words:
            out.append(f.id)
    return tuple(out)


def _words(sql: str) -> set[str]:
    """The names in an expression that are not functions."""
    return {w.casefold() for w in re.findall(r"\w+\b(?!\s*\()", _TEXT.sub(" ", sql)) if not w.isdigit()}


def default_blocks(engine: DuckEngine, spec: LinkSpec) -> tuple[TrainSpec, ...]:
    """The two strictest blocks (fewest pairs) that together leave no field untrained, or nearly none."""
    sizes = [
        int(engine.con.execute(f"SELECT coalesce(sum(n), 0) FROM pattern WHERE mask & {1 << n} > 0").fetchall()[0][0])
        for n in range(len(spec.blocks))
    ]
    order = sorted((n for n in range(len(sizes)) if sizes[n]), key=lambda n: (sizes[n], n))
    if not order:
        return ()
    first = order[0]
    used = set(mentioned(spec.fields, spec.blocks[first].keys))
    rest = sorted(order[1:], key=lambda n: (len(used & set(mentioned(spec.fields, spec.blocks[n].keys))), sizes[n], n))
    return tuple(TrainSpec(spec.blocks[n].id, block=spec.blocks[n].id) for n in (first, *rest[:1]))


def _strict(engine: DuckEngine, spec: LinkSpec, block: TrainSpec, levels: Levels, *, two: bool) -> StrictBlock:
    if block.block is not None:
        n = next(n for n, b in enumerate(spec.blocks) if b.id == block.block)
        keys = spec.blocks[n].keys
        counted = engine.rows(
            f"SELECT code, sum(n) AS n FROM pattern WHERE mask & {1 << n} > 0 GROUP BY code ORDER BY code"
        )
    else:
        keys = block.keys
        apart = "" if two else " AND l._n < r._n"
        engine.run(f"SELECT *, {key_sql(keys)} AS _key FROM left_side", into="strict_left")
        engine.run(f"SELECT *, {key_sql(keys)} AS _key FROM {right_of(two)}", into="strict_right")
        counted = engine.rows(
            f"SELECT {levels.outer()} AS code, count(*) AS n FROM (SELECT {levels.inner()} "
            f"FROM strict_left l JOIN strict_right r ON l._key = r._key{apart}) GROUP BY code ORDER BY code"
        )
        engine.drop("strict_left")
        engine.drop("strict_right")
    patterns = levels.decoded(counted.with_columns(pl.col("n").cast(pl.Float64)))
    left_out = mentioned(spec.fields, keys) if block.left_out is None else block.left_out
    return StrictBlock(block.id, patterns, left_out)
