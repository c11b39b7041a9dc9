"""From candidates to decisions: levels, patterns, weights, probabilities, and who is merged with whom.

Leaves `person_merge(person, merged, tier, weight, probability, pattern, …)` (a loose person and who it turned out to
be) and `pair_decision` (every candidate pair of probability 0.001 and more, with its decision and reason).
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.contract import ROSTERS
from pipeline.engine.duck import DuckEngine
from pipeline.linkage.blocks import GAINED, KINDS, SOUND, find_candidates, report
from pipeline.linkage.context import Context, make
from pipeline.linkage.decide import decide, pattern_text_sql, patterns_sql
from pipeline.linkage.evidence import compare_candidates, want_records
from pipeline.linkage.records import records_sql

DECISION = {
    "left_person": "VARCHAR", "right_person": "VARCHAR", "tier": "VARCHAR", "weight": "DOUBLE",
    "probability": "DOUBLE", "runner_up": "DOUBLE", "decision": "VARCHAR", "reason": "VARCHAR", "pattern": "VARCHAR",
    "blocks": "BIGINT", "code": "BIGINT", "nobody": "DOUBLE",
}  # fmt: skip
MERGE = {"person": "VARCHAR", "merged": "VARCHAR", "tier": "VARCHAR", "weight": "DOUBLE", "probability": "DOUBLE",
         "runner_up": "DOUBLE", "pattern": "VARCHAR"}  # fmt: skip
# Records that share a name, phone … with a loose row of a roster (see contact_value.sql).
_CONTACT = {
    "name": "name", "phone": "phone", "account": "account", "birth": "strftime(birth_date, '%Y%m%d')",
    "home": "name || coalesce(address, town || village)",
}  # fmt: skip
_HOUSEHOLD = ("group_member", "mates_household", "kin", "same_household", "housed")
_LATER_PASSES = 2


def settle(engine: DuckEngine, context: Context) -> None:
    """Decide about every loose person, in passes: those who are linked lend their evidence to the rest."""
    steps, blocks = context.steps, context.spec.blocks
    first_pass(engine, context)
    report(engine, find_candidates(engine, blocks, SOUND))
    compare_candidates(engine, steps)
    engine.run(patterns_sql(context.spec), into="first_pattern")
    decide(engine, context)
    engine.run("SELECT * FROM candidate", into="earlier_candidate")
    for turn in range(_LATER_PASSES):
        if not _merge(engine):
            break
        _later_pass(engine, context)
        if not engine.count("loose_person"):
            break
        # whoever shares a key with a loose person was found the first time, under whatever name
        find_candidates(engine, blocks, GAINED, ("pairs",) if turn else KINDS)
        _with_earlier(engine)
        compare_candidates(engine, steps)
        decide(engine, context)
    else:
        _merge(engine)
    _hold_namesakes(engine, context)
    forget_settled(engine)
    _forget_listed(engine, context)
    for table in ("sound_key", "contact_record", "earlier_candidate"):  # the largest of what nobody reads later
        engine.drop(table)


def first_pass(engine: DuckEngine, context: Context) -> None:
    """Everybody loose, beside everybody who stands on a sound number."""
    for table in ("sound_description", "sound_description_of", "known_record", "known_record_of", "list_known"):
        engine.drop(table)
    engine.drop("pair_decision")
    engine.create("pair_decision", DECISION)
    make(engine, context.steps, "loose_number")
    numberless = "id_number IS NULL OR id_number IN (SELECT id_number FROM loose_number)"
    engine.run(_records(context, numberless), into="uncertain_record", view=True)
    make(engine, context.steps, "loose_record", "sound_key", "loose_description")
    _two_numbers(engine, context)
    engine.run("SELECT count(*) AS n FROM sound_key", into="sound_count")
    engine.run("SELECT DISTINCT person FROM loose_description", into="loose_person")
    engine.run(
        "SELECT name_no, count(*) AS n FROM sound_key WHERE name_no IS NOT NULL GROUP BY name_no", into="name_frequency"
    )
    make(engine, context.steps, "same_chance", "name_tells")
    engine.run(
        "SELECT surname_no, count(*) AS n FROM sound_key WHERE surname_no IS NOT NULL GROUP BY surname_no",
        into="surname_frequency",
    )
    engine.run(records_sql(ROSTERS), into="roster_record")
    _records_beside(engine, context)
    make(engine, context.steps, *_HOUSEHOLD)


def _records_beside(engine: DuckEngine, context: Context) -> None:
    """`contact_record`, `group_own`: records outside the rosters that can say something of a loose one."""
    make(engine, context.steps, "contact_value", "roster_number")
    shared = " OR ".join(f"{c} IN (SELECT value FROM contact_value WHERE kind = '{k}')" for k, c in _CONTACT.items())
    sectors = [d for d in context.datasets if d not in ROSTERS]
    engine.run(_records(context, shared, sectors) if sectors else _records(context, "false"), into="contact_record")
    ours = "id_number IN (SELECT id_number FROM roster_number)"
    engine.run(_records(context, ours), into="under_roster_number", view=True)
    make(engine, context.steps, "asked_household")
    asked = "group_no IN (SELECT group_no FROM asked_household)"
    engine.run(_records(context, asked), into="asked_household_record", view=True)
    make(engine, context.steps, "group_own")


def _records(context: Context, among: str, datasets: Sequence[str] = ()) -> str:
    return records_sql(datasets or context.datasets, among)


def _later_pass(engine: DuckEngine, context: Context) -> None:
    """Who is still loose, beside those who gained a description in the pass before, and each other."""
    for table in ("loose_description", "loose_record"):
        engine.run(f"UPDATE {table} SET person = m.merged FROM last_merge m WHERE {table}.person = m.person")
    engine.run("DELETE FROM loose_person WHERE person IN (SELECT person FROM last_merge)")
    _gained_households(engine, context)
    make(engine, context.steps, *_HOUSEHOLD)


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
        gained = _records(context, "group_no IN (SELECT group_no FROM gained_household)")
        engine.run(f"INSERT INTO group_own SELECT DISTINCT group_no, dataset, own FROM ({gained})")
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


def _hold_namesakes(engine: DuckEngine, context: Context) -> None:
    """Leave to a person what was linked by name before its namesake was known to be somebody else."""
    make(engine, context.steps, "namesake_found")
    held = "SELECT person FROM namesake_found"
    engine.run(
        f"UPDATE pair_decision SET decision = 'review', reason = 'held_namesake' WHERE left_person IN ({held}) "
        "AND decision = 'link'"
    )
    engine.run(f"DELETE FROM person_merge WHERE person IN ({held})")


def forget_settled(engine: DuckEngine) -> None:
    """Drop what was asked of two who have since turned out to be one and the same third."""
    engine.run(
        "DELETE FROM pair_decision d USING (SELECT p.left_person, p.right_person FROM pair_decision p "
        "LEFT JOIN person_merge l ON l.person = p.left_person LEFT JOIN person_merge r ON r.person = p.right_person "
        "WHERE p.decision <> 'link' "
        "AND coalesce(l.merged, p.left_person) = coalesce(r.merged, p.right_person)) AS one "
        "WHERE d.left_person = one.left_person AND d.right_person = one.right_person"
    )


def _forget_listed(engine: DuckEngine, context: Context) -> None:
    """Drop what was asked of two who have since turned out to stand side by side in one list."""
    make(engine, context.steps, "two_in_list")
    engine.run(
        "DELETE FROM pair_decision d USING two_in_list t "
        "WHERE d.left_person = t.left_person AND d.right_person = t.right_person"
    )


def _two_numbers(engine: DuckEngine, context: Context) -> None:
    """Sound numbers that nothing confirms beside another number of the same name, birth date and home.

    They come first: candidates must not compete with themselves. Leaves the view `wanted_record` (see `want_records`).
    """
    engine.drop("wanted_number")
    engine.create("wanted_number", {"id_number": "VARCHAR"})
    wanted = "id_number IN (SELECT id_number FROM wanted_number)"
    engine.run(_records(context, wanted), into="wanted_record", view=True)
    make(engine, context.steps, "namesake")
    want_records(engine, "namesake", "left_person", "right_person")
    make(engine, context.steps, "namesake_home", "two_numbers")
    pattern = pattern_text_sql(context.spec)
    engine.run(
        "INSERT INTO pair_decision SELECT left_person, right_person, 'probabilistic', NULL, NULL, NULL, decision, "
        f"'two_numbers', {pattern}, NULL, NULL, NULL FROM two_numbers"
    )
    engine.run(
        "INSERT INTO person_merge SELECT left_person, right_person, 'probabilistic', NULL, NULL, NULL, "
        f"{pattern} FROM two_numbers WHERE decision = 'link'"
    )


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
