"""The table that a roster's data suite examines: `check_<roster>`, a row a roster row.

Beside the roster's own columns it holds what the expectations need and what the sentences quote:

- `active`, `stopped` (0 or 1 in the audit month), `audit_month`, `who`, `household_text`, `source`, `place`;
- `household` = 1 on the one row that speaks for its household (its head's, else its first by record_id; active rows
  before stopped ones), `household_active` = 1 where that household has an active row, and there alone the gathered
  values: `household_members`, `household_heads`, `household_<field>`, `household_<amount>_least` and its limits;
- `id_state`, and `id_birth_read`, `id_sex_read` where the ID number can be trusted;
- `repeat_by_id`, `repeat_by_name`: the first row of a person listed again in one household, on the second one;
- `register_record_id` and `other_record_id`: the record of an unlike name under the same ID number;
  `second_record_id`: the person's record under another number; `long_record_id`: under the 18 digits of this one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checks.catalogue import Scope
from checks.roster_numbers import (
    TRUSTED,
    numbers_sql,
    old_forms,
    other_names,
    register_names,
    second_numbers,
    source_sql,
)
from pipeline.contract import CODES, column_zh, dataset
from pipeline.engine.duck import DuckEngine
from pipeline.engine.quoting import identifier as name
from pipeline.engine.quoting import literal
from pipeline.errors import AuditError

HEAD = "户主"


def table_name(roster: str) -> str:
    return f"check_{roster}"


def prepare_roster(engine: DuckEngine, scope: Scope, spec: dict[str, Any]) -> None:
    """Build `check_<roster>`. AuditError when the identity stage has not read every ID number of the roster."""
    roster = spec["roster"]
    table = table_name(roster)
    engine.run(_base(scope, spec), into=f"{table}_rows")
    engine.run(_households(scope, spec), into=f"{table}_households")
    against = {
        "register_names": register_names(engine, scope, roster),
        "other_names": other_names(engine, roster),
        "second_numbers": second_numbers(engine, scope, roster),
        "old_forms": old_forms(engine, scope, roster),
    }
    for part, query in against.items():
        engine.run(query, into=f"{table}_{part}")
    engine.run(_whole(spec, against), into=table)
    for part in ("rows", "households", *against):
        engine.drop(f"{table}_{part}")
    if engine.count(table) != engine.count(roster):
        raise AuditError(f"checks: {table} and {roster} differ in rows: identity_pair or links hold a row twice")
    unread = engine.rows(f"SELECT count(*) AS n FROM {table} WHERE id_number IS NOT NULL AND id_state IS NULL")
    if unread["n"][0]:
        raise AuditError(f"checks: {unread['n'][0]} ID numbers of {roster} are not in identity_pair")


def _base(scope: Scope, spec: dict[str, Any]) -> str:
    """The roster's rows, blanks as null, with their place in the month and in the household."""
    shape = dataset(spec["roster"])
    month = literal(scope.month)
    start = "start_month IS NULL OR start_month <= " + month if shape.has("start_month") else "true"
    stop = "stop_month IS NULL OR stop_month > " + month if shape.has("stop_month") else "true"
    stopped = f"coalesce(stop_month <= {month}, false)" if shape.has("stop_month") else "false"
    head = f"coalesce(relation = '{HEAD}', false)" if shape.has("relation") else "true"
    cells = [
        f"nullif(trim({name(c.id)}), '') AS {name(c.id)}" if c.sql_type == "VARCHAR" else name(c.id)
        for c in shape.columns
    ]
    sexes = ", ".join(literal(s) for s in CODES["sex"])
    numbers = numbers_sql("id_number IN (SELECT id_number FROM cells)")
    return f"""
        WITH cells AS (SELECT record_id, file, sheet, "row", {", ".join(cells)} FROM {name(spec["roster"])}),
        dated AS (
            SELECT *, {month} AS audit_month, (({start}) AND ({stop}))::SMALLINT AS active,
                ({stopped})::SMALLINT AS stopped, {head} AS is_head, {source_sql()} AS source
            FROM cells),
        read AS (
            SELECT d.*, i.id_state, i.id_key, i.id_birth, i.id_sex,
                CASE WHEN i.id_state IN {TRUSTED} THEN i.id_birth END AS id_birth_read,
                CASE WHEN i.id_state IN {TRUSTED} AND d.sex IN ({sexes}) THEN i.id_sex END AS id_sex_read
            FROM dated d LEFT JOIN ({numbers}) i ON i.id_number = d.id_number)
        -- the order in which a household's rows speak for it
        SELECT *, concat(1 - active, CASE WHEN is_head THEN 0 ELSE 1 END, record_id) AS position FROM read"""


def _repeats(spec: dict[str, Any], by: str, also: str) -> str:
    """Active rows of one household that agree on the columns `by`: first and second place, and the first one's source.

    Told on the second row alone: one finding a person, however often it is listed.
    """
    key = name(spec["household"])
    full = " AND ".join(f"{c} IS NOT NULL" for c in by.split(", "))
    return f"""
        SELECT {key} AS hh, {by}, min(position, 2) AS places, arg_min(record_id, position) AS first_record,
            arg_min(source, position) AS first_source, arg_min(name, position) AS first_name
        FROM check_{spec["roster"]}_rows WHERE active = 1 AND {key} IS NOT NULL AND {full} AND {also}
        GROUP BY hh, {by} HAVING count(*) > 1"""


def gathered_fields(spec: dict[str, Any]) -> list[str]:
    """The fields read once a household."""
    shape = dataset(spec["roster"])
    asked = [r["field"] for r in spec.get("required", ()) if r["grain"] == "household"]
    asked += [a["field"] for a in spec.get("amount", ())]
    asked += [spec["review"][k] for k in ("field", "by") if k in spec.get("review", {})]
    asked += ["start_month"] if shape.has("start_month") else []
    return [f for f in dict.fromkeys(asked) if shape.has(f)]


def _households(scope: Scope, spec: dict[str, Any]) -> str:
    """A row a household: what its active rows say together, the head's word first."""
    key = name(spec["household"])
    shape = dataset(spec["roster"])
    heads = "NULL::BIGINT"
    if shape.has("relation"):
        # a relation left blank may be the head's: that household is judged once the blank is filled
        unknown = "count(*) FILTER (active = 1 AND relation IS NULL)"
        heads = f"CASE WHEN {unknown} = 0 THEN count(*) FILTER (active = 1 AND is_head) END"
    columns = [
        "min(position) AS first_position, max(active) AS active, sum(active)::BIGINT AS household_members",
        f"{heads} AS household_heads",
        *(
            f"min_by({name(f)}, position) FILTER (active = 1 AND {name(f)} IS NOT NULL) AS {name('household_' + f)}"
            for f in gathered_fields(spec)
        ),
        *(f"min({name(a['field'])}) AS {name('household_' + a['field'] + '_least')}" for a in spec.get("amount", ())),
    ]
    if "review" in spec:
        date = name(spec["review"]["field"])
        columns.append(
            f"max({date}) FILTER (active = 1 AND {date} <= DATE {literal(scope.as_of)}) AS household_reviewed_on"
        )
    rows = f"check_{spec['roster']}_rows WHERE {key} IS NOT NULL"
    gathered = f"SELECT {key} AS gathered_key, {', '.join(columns)} FROM {rows} GROUP BY 1"
    more = []
    if "review" in spec:
        review = spec["review"]
        by, cycle = "NULL", str(int(review["otherwise"]))
        if "by" in review:  # the policy pack's cycles are by category
            by = name("household_" + review["by"])
            months = {**review["months"], **scope.review_months}
            cases = " ".join(f"WHEN {literal(k)} THEN {int(v)}" for k, v in months.items())
            cycle = f"CASE {by} {cases} ELSE {cycle} END"
        due = f"(DATE {literal(scope.as_of)} - to_months({cycle}))::DATE"
        more += [
            f"{cycle} AS review_months, {due} AS review_due_before, strftime({due}, '%Y-%m') AS review_due_month",
            f"coalesce('为' || {by} || '类家庭', '') AS review_class",
        ]
    for amount in (a for a in spec.get("amount", ()) if "above" in a):
        field = amount["field"]
        value, limit = name(f"household_{field}"), name(f"household_{field}_limit")
        heads = "1" if amount.get("per") == "value" else "household_members"
        median = f"median({value} / {heads}) FILTER (active = 1 AND {value} > 0) OVER ()"
        more += [
            f"round({median}, 2)::DECIMAL(18,2) AS {name(field + '_median')}",
            f"round({amount['above']} * {median} * {heads}, 2)::DECIMAL(18,2) AS {limit}",
            f"round({value} / nullif({heads}, 0), 2)::DECIMAL(18,2) AS {name(field + '_per_head')}",
        ]
    return f"SELECT *{''.join(', ' + m for m in more)} FROM ({gathered})"


def _whole(spec: dict[str, Any], against: Iterable[str]) -> str:
    """Rows and households brought together; a household's values stand on its own row alone."""
    table, key = table_name(spec["roster"]), name(spec["household"])
    whens = "".join(
        f", coalesce(({w['sql']}), false)::SMALLINT AS {name('when_' + k)}" for k, w in spec["when"].items()
    )
    number = f"'（{column_zh(spec['roster'], spec['household'])}' || coalesce(r.{key}, '空') || '）'"
    derived = "".join(f", {sql} AS {name(k)}" for k, sql in spec.get("derived", {}).items())
    more = "".join(f", {part}.* EXCLUDE (own)" for part in against)
    joins = " ".join(f"LEFT JOIN {table}_{part} {part} ON {part}.own = r.record_id" for part in against)
    return f"""
        WITH by_id AS ({_repeats(spec, "id_number", "id_state <> 'masked'")}),
        by_name AS ({_repeats(spec, "name, birth_date", "true")}),
        whole AS (
            SELECT r.* EXCLUDE (is_head, position),
                coalesce(r.name, '（姓名为空）') || {number} AS who,
                coalesce(r.name, '（姓名为空）') || {literal(spec["household_zh"])} || {number} AS household_text,
                (h.gathered_key IS NOT NULL)::SMALLINT AS household,
                coalesce(h.active, 0)::SMALLINT AS household_active,
                CASE WHEN r.position = i.places[2] THEN i.first_record END AS repeat_by_id,
                i.first_source AS first_id_source,
                -- two names on one number are rather a number given to the wrong person than a person listed twice
                CASE WHEN r.name = i.first_name THEN '，疑为重复登记，请核实删并'
                    ELSE '而姓名不同，疑为号码错填，请核实各人的号码' END AS repeat_advice,
                CASE WHEN r.position = m.places[2] AND coalesce(r.position = i.places[1], true)
                    THEN m.first_record END AS repeat_by_name,
                m.first_source AS first_name_source,
                h.* EXCLUDE (gathered_key, active, first_position){more}
            FROM {table}_rows r
            LEFT JOIN {table}_households h ON h.gathered_key = r.{key} AND h.first_position = r.position
            LEFT JOIN by_id i ON i.hh = r.{key} AND i.id_number = r.id_number AND r.active = 1
            LEFT JOIN by_name m ON m.hh = r.{key} AND m.name = r.name AND m.birth_date = r.birth_date AND r.active = 1
            {joins})
        SELECT *{derived}{whens} FROM whole"""
