"""From levels to decisions: patterns, weights, probabilities of one pass's candidates (`pair_level` → `settled`)."""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.context import Context
from pipeline.linkage.county import CountySpec
from pipeline.linkage.known import measure_known
from pipeline.linkage.model import Model, weights_frame

# A drop may hold a roster and little else; the people it could be about are a county's.
_FEWEST_PEOPLE = 20_000
_WILD = 5  # the level of a name with a lost character
FREE = 1  # the candidate has no row in a list where a person stands once


def _code_sql(spec: CountySpec) -> str:
    """A pattern as one whole number: each field a digit in its own base, 0 = no information."""
    parts, radix = [], 1
    for field in spec.fields:
        parts.append(f"CAST(coalesce({field.id} + 1, 0) AS BIGINT) * {radix}")
        radix *= len(field.levels) + 1
    return " + ".join(parts)


def patterns_sql(spec: CountySpec, where: str = "true") -> str:
    fields = ", ".join(f.id for f in spec.fields)
    return f"SELECT {fields}, count(*) AS n FROM pair_level WHERE {where} GROUP BY {fields} ORDER BY ALL"


def pattern_text_sql(spec: CountySpec) -> str:
    """SQL for the pattern as text: 'name=equal id=one_off …'."""
    parts = []
    for field in spec.fields:
        whens = " ".join(f"WHEN {n} THEN '{label}'" for n, label in enumerate(field.levels))
        parts.append(f"'{field.id}=' || CASE {field.id} {whens} ELSE 'unknown' END")
    return " || ' ' || ".join(parts)


def decide(engine: DuckEngine, context: Context) -> None:
    """`pair_level` → `settled`: weights, probabilities, decisions of this pass's loose persons."""
    steps, spec, model = context.steps, context.spec, context.model
    engine.run(
        f"SELECT p.*, {_code_sql(spec)} AS code FROM pair_level p",
        into="pair_code",
    )
    patterns = engine.rows(
        patterns_sql(spec)
        .replace("FROM pair_level", "FROM pair_code")
        .replace("count(*) AS n", "min(code) AS code, count(*) AS n")
    )
    engine.drop("pattern_weight")
    engine.load("pattern_weight", weights_frame(model, patterns).select("code", "weight"))
    engine.drop("level_weight")
    engine.load("level_weight", _level_weights(model))
    engine.run(steps["wild_frequency"].sql, into="wild_frequency")
    params = _figures(engine, model)
    engine.run(steps["once_share"].sql, params, into="once_share")
    engine.run(steps["weighed"].sql, params, into="weighed")
    if not engine.exists("list_known"):  # what the first pass has shown holds for the others
        measure_known(engine, steps["list_evidence"], model, params["people"])
    for name in ("list_prior", "nobody", "competed", "twinned", "judged", "settled"):
        engine.run(steps[name].sql, params, into=name)
    engine.run("DELETE FROM pair_decision WHERE left_person IN (SELECT left_person FROM candidate)")
    engine.run(
        "INSERT INTO pair_decision SELECT left_person, right_person, tier, weight, probability, runner_up, decision, "
        f"reason, {pattern_text_sql(spec)} AS pattern, blocks, code, nobody FROM settled"
    )


def _level_weights(model: Model) -> pl.DataFrame:
    rows = [(f.id, n, f.weight(n)) for f in model.fields for n in range(len(f.levels))]
    return pl.DataFrame(rows, orient="row", schema={"field": pl.String, "level": pl.Int64, "weight": pl.Float64})


def people(engine: DuckEngine) -> int:
    """How many people a loose person could be: those known by a sound number, or a small county's."""
    return max(int(engine.rows("SELECT n FROM sound_count").item()), _FEWEST_PEOPLE)


def wild_u(model: Model) -> float:
    """The share of people whose names fit a name with a lost character, such that the level's bits are log2(m'/it).

    The level's own m and u hold for any two records: both count how seldom a character is lost. Where one is lost, that
    says nothing of who it is, and what is left agrees as often as a whole name does (m').
    """
    name = model.by_id["name"]
    wild, equal = name.levels[_WILD], name.levels[-1]
    return wild.u * equal.m / wild.m


def _figures(engine: DuckEngine, model: Model) -> dict[str, Any]:
    """The parameters of the weighing and judging statements."""
    surnames = engine.rows("SELECT n FROM surname_frequency ORDER BY n")["n"].to_list()
    total = sum(surnames) or 1
    number = people(engine)
    return {
        "people": float(number),
        "known": float(total),
        "surname_square": math.fsum((n / total) ** 2 for n in surnames) or 1.0,
        "name_equal_u": model.by_id["name"].levels[-1].u,
        "name_wild_u": wild_u(model),
        "free_u": model.by_id["once"].levels[FREE].u,
        "link_at": model.link_at,
        "review_at": model.review_at,
        "link_odds": math.log2(model.link_at / (1 - model.link_at)),
    }
