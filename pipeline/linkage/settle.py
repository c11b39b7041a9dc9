"""From candidates to decisions: levels, patterns, weights, probabilities, and who is merged with whom.

Leaves `person_merge(person, merged, tier, weight, probability, pattern, …)` (a loose person and who it turned out to
be) and `pair_decision` (every candidate pair of probability 0.001 and more, with its decision and reason).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.contract import ROSTERS
from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import Statement
from pipeline.linkage.blocks import GAINED, SOUND, find_candidates, report
from pipeline.linkage.county import CountySpec
from pipeline.linkage.model import Model, weights_frame
from pipeline.linkage.records import records_sql

DECISION = {
    "left_person": "VARCHAR", "right_person": "VARCHAR", "tier": "VARCHAR", "weight": "DOUBLE",
    "probability": "DOUBLE", "runner_up": "DOUBLE", "decision": "VARCHAR", "reason": "VARCHAR", "pattern": "VARCHAR",
    "blocks": "BIGINT", "code": "BIGINT",
}  # fmt: skip
MERGE = {"person": "VARCHAR", "merged": "VARCHAR", "tier": "VARCHAR", "weight": "DOUBLE", "probability": "DOUBLE",
         "runner_up": "DOUBLE", "pattern": "VARCHAR"}  # fmt: skip
_HOUSEHOLD = ("group_member", "mates_household", "kin", "same_household", "housed")
# A drop may hold a roster and little else; the people it could be about are a county's.
_FEWEST_PEOPLE = 20_000
_LATER_PASSES = 2


@dataclass(frozen=True)
class Context:
    """What a pass needs beside the tables."""

    steps: Mapping[str, Statement]
    spec: CountySpec
    model: Model


def settle(engine: DuckEngine, context: Context) -> None:
    """Decide about every loose person, in passes: those who are linked lend their evidence to the rest."""
    steps, blocks = context.steps, context.spec.blocks
    first_pass(engine, context)
    report(engine, find_candidates(engine, blocks, SOUND))
    compare_candidates(engine, steps)
    engine.run(patterns_sql(context.spec), into="first_pattern")
    decide(engine, context)
    engine.run("SELECT * FROM candidate", into="earlier_candidate")
    for _ in range(_LATER_PASSES):
        if not _merge(engine):
            break
        _later_pass(engine, context)
        if not engine.count("loose_person"):
            break
        find_candidates(engine, blocks, GAINED)
        _with_earlier(engine)
        compare_candidates(engine, steps)
        decide(engine, context)
    else:
        _merge(engine)
    _two_numbers(engine, context)


def first_pass(engine: DuckEngine, context: Context) -> None:
    """Everybody loose, beside everybody who stands on a sound number."""
    for table in ("sound_description", "sound_description_of", "known_record", "known_record_of"):
        engine.drop(table)
    engine.drop("pair_decision")
    engine.create("pair_decision", DECISION)
    _make(engine, context.steps, "loose_record", "loose_description", "sound_key")
    engine.run("SELECT DISTINCT person FROM loose_description", into="loose_person")
    engine.run(
        "SELECT name_no, count(*) AS n FROM sound_key WHERE name_no IS NOT NULL GROUP BY name_no", into="name_frequency"
    )
    engine.run(
        "SELECT surname_no, count(*) AS n FROM sound_key WHERE surname_no IS NOT NULL GROUP BY surname_no",
        into="surname_frequency",
    )
    engine.run(records_sql(context.spec, ROSTERS), into="roster_record")
    _make(engine, context.steps, "contact_record", "group_own", *_HOUSEHOLD)


def _later_pass(engine: DuckEngine, context: Context) -> None:
    """Who is still loose, beside those who gained a description in the pass before, and each other."""
    for table in ("loose_description", "loose_record"):
        engine.run(
            f"SELECT t.* REPLACE (coalesce(m.merged, t.person) AS person) FROM {table} t "
            "LEFT JOIN person_merge m ON m.person = t.person",
            into="moved",
        )
        engine.run("SELECT * FROM moved", into=table)
    engine.drop("moved")
    engine.run(
        "SELECT person FROM loose_person WHERE person NOT IN (SELECT person FROM person_merge)",
        into="still_loose",
    )
    engine.run("SELECT * FROM still_loose", into="loose_person")
    engine.drop("still_loose")
    _gained_households(engine, context)
    _make(engine, context.steps, *_HOUSEHOLD)


def _gained_households(engine: DuckEngine, context: Context) -> None:
    """Add to `group_own` the households of those who have just turned out to be on a roster."""
    engine.run(
        "SELECT DISTINCT group_no FROM (SELECT person, group_no FROM known_record UNION ALL "
        "SELECT person, group_no FROM loose_record) "
        "WHERE person IN (SELECT merged FROM last_merge WHERE person IN (SELECT own FROM roster_record)) "
        "AND group_no NOT IN (SELECT group_no FROM group_own)",
        into="gained_household",
    )
    if engine.count("gained_household"):
        engine.run(
            "INSERT INTO group_own SELECT DISTINCT group_no, dataset, own FROM person_record "
            "WHERE group_no IN (SELECT group_no FROM gained_household)"
        )
    engine.drop("gained_household")


def _with_earlier(engine: DuckEngine) -> None:
    """Leave in `candidate` whatever can have changed: everything about a loose person for whom there is a new pair, or
    whose candidate gained a description; with the pairs that were found before, under the names they have now."""
    engine.run(
        "SELECT e.left_person, coalesce(m.merged, e.right_person) AS right_person, e.blocks FROM earlier_candidate e "
        "LEFT JOIN person_merge m ON m.person = e.right_person "
        "WHERE e.left_person IN (SELECT person FROM loose_person)",
        into="standing_candidate",
    )
    engine.run(
        "SELECT n.left_person FROM candidate n LEFT JOIN standing_candidate e "
        "ON e.left_person = n.left_person AND e.right_person = n.right_person WHERE e.left_person IS NULL "
        "UNION SELECT left_person FROM standing_candidate WHERE right_person IN (SELECT merged FROM last_merge)",
        into="affected",
    )
    engine.run(
        "SELECT left_person, right_person, bit_or(blocks) AS blocks FROM ("
        "SELECT * FROM candidate UNION ALL SELECT * FROM standing_candidate) "
        "WHERE left_person <> right_person GROUP BY left_person, right_person",
        into="earlier_candidate",
    )
    engine.run(
        "SELECT * FROM earlier_candidate WHERE left_person IN (SELECT left_person FROM affected)", into="candidate"
    )
    engine.drop("standing_candidate")


def _two_numbers(engine: DuckEngine, context: Context) -> None:
    """Sound numbers that nothing confirms beside another number of the same name, birth date and home."""
    _make(engine, context.steps, "two_numbers")
    pattern = pattern_text_sql(context.spec)
    engine.run(
        "INSERT INTO pair_decision SELECT left_person, right_person, 'probabilistic', NULL, NULL, NULL, decision, "
        f"'two_numbers', {pattern}, NULL, NULL FROM two_numbers"
    )
    engine.run(
        "INSERT INTO person_merge SELECT left_person, right_person, 'probabilistic', NULL, NULL, NULL, "
        f"{pattern} FROM two_numbers WHERE decision = 'link'"
    )
    engine.run(
        "UPDATE person_merge SET merged = t.right_person FROM two_numbers t "
        "WHERE t.decision = 'link' AND person_merge.merged = t.left_person"
    )


def _make(engine: DuckEngine, steps: Mapping[str, Statement], *names: str) -> None:
    for name in names:
        engine.run(steps[name].sql, {"anybody": False}, into=name)


def compare_candidates(engine: DuckEngine, steps: Mapping[str, Statement], *, anybody: bool = False) -> None:
    """`candidate` → `pair_level`; with `anybody` pairs of unlike names as well."""
    _fetch(engine, steps["description"], "sound_description", "candidate")
    engine.run(steps["key_level"].sql, {"anybody": anybody}, into="key_level")
    _fetch(engine, steps["near_record"], "known_record", "key_level")
    _make(engine, steps, "record_level", "pair_level")


def _fetch(engine: DuckEngine, step: Statement, known: str, pairs: str) -> None:
    """Add to the table `known` what `step` says of the right persons of `pairs` that were not asked about before."""
    asked = f"{known}_of"
    if not engine.exists(asked):
        engine.create(asked, {"person": "VARCHAR"})
    engine.run(
        f"SELECT DISTINCT right_person AS person FROM {pairs} WHERE right_person NOT IN (SELECT person FROM {asked})",
        into="wanted_person",
    )
    if engine.exists(known):
        if engine.count("wanted_person"):
            engine.run(f"INSERT INTO {known} {step.sql}")
    else:
        engine.run(step.sql, into=known)
    engine.run(f"INSERT INTO {asked} SELECT person FROM wanted_person")


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


def pattern_text_sql(spec: CountySpec, table: str = "") -> str:
    """SQL for the pattern as text: 'name=equal id=one_off …'."""
    dot = f"{table}." if table else ""
    parts = []
    for field in spec.fields:
        whens = " ".join(f"WHEN {n} THEN '{label}'" for n, label in enumerate(field.levels))
        parts.append(f"'{field.id}=' || CASE {dot}{field.id} {whens} ELSE 'unknown' END")
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
    _make(engine, steps, "wild_frequency")
    params = _figures(engine, model)
    for name in ("weighed", "competed", "judged", "settled"):
        engine.run(steps[name].sql, params, into=name)
    engine.run("DELETE FROM pair_decision WHERE left_person IN (SELECT left_person FROM candidate)")
    engine.run(
        "INSERT INTO pair_decision SELECT left_person, right_person, tier, weight, probability, runner_up, decision, "
        f"reason, {pattern_text_sql(spec)} AS pattern, blocks, code FROM settled"
    )


def _level_weights(model: Model) -> pl.DataFrame:
    rows = [(f.id, n, f.weight(n)) for f in model.fields for n in range(len(f.levels))]
    return pl.DataFrame(rows, orient="row", schema={"field": pl.String, "level": pl.Int64, "weight": pl.Float64})


def people(engine: DuckEngine) -> int:
    """How many people a loose person could be: those known by a sound number, or a small county's."""
    return max(engine.count("sound_key"), _FEWEST_PEOPLE)


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
        "name_wild_u": model.by_id["name"].levels[5].u,
        "nobody": nobody(number, model.matched_share),
        "link_at": model.link_at,
        "review_at": model.review_at,
        "link_odds": math.log2(model.link_at / (1 - model.link_at)),
    }


def nobody(number: int, matched_share: float) -> float:
    """The weight (bits) of there being no record of the person among `number`: what a candidate has to beat."""
    return round(math.log2(number * (1 - matched_share) / matched_share), 3)


def _merge(engine: DuckEngine) -> int:
    """Turn this pass's links into merges; two loose persons merge where each is the other's best. How many."""
    engine.run(
        "SELECT s.left_person AS person, s.right_person AS merged, s.tier, s.weight, s.probability, s.runner_up, "
        "d.pattern FROM settled s "
        "JOIN pair_decision d ON d.left_person = s.left_person AND d.right_person = s.right_person "
        "WHERE s.decision = 'link'",
        into="new_merge",
    )
    engine.run(
        "SELECT n.* FROM new_merge n LEFT JOIN loose_person l ON l.person = n.merged "
        "LEFT JOIN new_merge back ON back.person = n.merged AND back.merged = n.person "
        "WHERE l.person IS NULL OR (back.person IS NOT NULL AND n.merged < n.person)",
        into="last_merge",
    )
    count = engine.count("last_merge")
    engine.run("INSERT INTO person_merge SELECT * FROM last_merge")
    # who had been merged with somebody who now turns out to be a third follows
    engine.run("UPDATE person_merge SET merged = s.merged FROM last_merge s WHERE person_merge.merged = s.person")
    engine.drop("new_merge")
    return count
