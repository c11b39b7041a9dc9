"""Training the county's model on a drop: u from random pairs, m inside the strict blocks, thresholds from target rates.

Nobody says which pairs are true: the model is learnt from how the candidates' patterns fall (see `fit`). The draw of
random pairs goes by the MD5 of the persons, so that the same drop gives the same model.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import read_folder
from pipeline.errors import BadInput
from pipeline.linkage.blocks import SOUND, find_candidates
from pipeline.linkage.context import Context
from pipeline.linkage.county import county_spec
from pipeline.linkage.decide import decide, patterns_sql, people
from pipeline.linkage.evidence import compare_candidates
from pipeline.linkage.fit import StrictBlock, fit_model, share_over_rows
from pipeline.linkage.model import Model
from pipeline.linkage.settle import first_pass
from pipeline.linkage.stage import persons_in, prepare
from pipeline.linkage.thresholds import thresholds

RANDOM_PAIRS = 2_000_000
FEWEST_LOOSE = 20
# Of the links one in so many may be false by the model's own account, and of the true pairs one in so many may be
# neither linked nor put to a person: a wrong link takes bread, an unasked question leaves a family without.
LINK_RATE = 1 / 20_000
MISSED_RATE = 1 / 5_000
# No single link may be likelier false than this, however sure the many others are.
LINK_FLOOR = 0.999
REVIEW_FLOOR = 0.01
# Fields whose stronger levels never speak less for one person than their weaker ones.
_RISING = ("name", "birth", "sex", "place", "phone", "account", "once")


def train(
    engine: DuckEngine, present: set[str], *, version: str, trained_on: str, random_pairs: int = RANDOM_PAIRS
) -> Model:
    """A model from the typed and identity tables on `engine` (as `link` reads them); linkage tables are left over.

    BadInput where too few records are uncertain to learn from.
    """
    spec = county_spec()
    steps = {s.name: s for s in read_folder("linkage")}
    blank = Context(steps, spec, Model(version, trained_on, (), 0.5, 0.5, 0.05), persons_in(present))
    prepare(engine, blank)
    first_pass(engine, blank)
    if engine.count("loose_person") < FEWEST_LOOSE or not engine.count("sound_key"):
        raise _too_little()
    _random_candidates(engine, random_pairs)
    compare_candidates(engine, steps, anybody=True)
    random = engine.rows(patterns_sql(spec))
    find_candidates(engine, spec.blocks, SOUND)
    compare_candidates(engine, steps)
    strict = [
        StrictBlock(b.id, engine.rows(patterns_sql(spec, f"blocks & {1 << n} > 0")), b.blind)
        for n, b in enumerate(spec.blocks)
        if b.strict
    ]
    candidates = engine.rows(patterns_sql(spec))
    if not candidates.height or not any(b.patterns.height for b in strict):
        raise _too_little()
    loose = engine.count("loose_person")
    model = fit_model(
        spec.labels,
        random,
        strict,
        candidates,
        loose,
        people(engine),
        version=version,
        trained_on=trained_on,
        monotone=_RISING,
    )
    return _with_thresholds(engine, replace(blank, model=model))


def _too_little() -> BadInput:
    return BadInput(
        "the drop has too few records of uncertain identity to learn a model from",
        remedy="train on a month with all its files, or use the model that comes with the program",
    )


def _random_candidates(engine: DuckEngine, pairs: int) -> None:
    """`candidate`: about `pairs` pairs of a loose person and a sound one, every loose person as often."""
    each = max(1, pairs // max(1, engine.count("loose_person")))
    engine.run(
        "SELECT person, row_number() OVER (ORDER BY md5(person), person) - 1 AS at FROM loose_person", into="drawn_left"
    )
    engine.run(
        "SELECT person, row_number() OVER (ORDER BY md5(person || 'right'), person) - 1 AS at FROM "
        "(SELECT DISTINCT id_key AS person FROM identity_pair WHERE no IN (SELECT no FROM sound_key))",
        into="drawn_right",
    )
    right = max(1, engine.count("drawn_right"))
    engine.run(
        "SELECT l.person, (l.at * $each + t.turn * 7919) % $right AS at FROM drawn_left l "
        "CROSS JOIN (SELECT unnest(generate_series(0, $each - 1)) AS turn) t",
        {"each": each, "right": right},
        into="drawn",
    )
    engine.run(
        "SELECT DISTINCT l.person AS left_person, r.person AS right_person, CAST(0 AS BIGINT) AS blocks "
        "FROM drawn l JOIN drawn_right r ON r.at = l.at WHERE l.person <> r.person",
        into="candidate",
    )
    for table in ("drawn", "drawn_left", "drawn_right"):
        engine.drop(table)


def _with_thresholds(engine: DuckEngine, context: Context) -> Model:
    """The model with the share of loose persons that are somebody known, and thresholds for competing candidates.

    The share is learnt from those whose records say enough to be found: who cannot be found is not thereby nobody.
    """
    decide(engine, context)
    engine.run(
        "SELECT person FROM loose_description GROUP BY person "
        "HAVING bool_or(name_no IS NOT NULL AND (born IS NOT NULL OR id_ends IS NOT NULL))",
        into="findable",
    )
    sums = engine.rows(
        "SELECT sum(pow(2.0, weight) / $people) AS s FROM weighed "
        "WHERE left_person IN (SELECT person FROM findable) GROUP BY left_person",
        {"people": people(engine)},
    )["s"]
    share = share_over_rows(sums.to_numpy(), engine.count("findable"))
    engine.drop("findable")
    model = replace(context.model, matched_share=min(share, 0.999))
    engine.drop("list_known")
    decide(engine, replace(context, model=model))
    found = engine.rows("SELECT probability, count(*) AS n FROM competed GROUP BY probability ORDER BY probability")
    at = thresholds(
        found["probability"].to_numpy(),
        found["n"].to_numpy(),
        LINK_RATE,
        MISSED_RATE,
        link_floor=LINK_FLOOR,
        review_floor=REVIEW_FLOOR,
    )
    return replace(model, link_at=at.link_at, review_at=at.review_at, expected_false=at.expected)
