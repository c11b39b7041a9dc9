"""What linkage found against a roster row's ID number, as columns of `check_<roster>` (see `roster_table`).

A number that the register, or another row of the rosters, gives to an unlike name; a person who stands under another
sound number elsewhere; a person who stands under the 15-digit form here and under the 18-digit one elsewhere. All is
read from `links`, whose rejected pairs tie nobody. Each query gives one row a roster row at most, as `own`.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.catalogue import Scope
from pipeline.contract import DATASETS, ROSTERS
from pipeline.engine.duck import DuckEngine
from pipeline.engine.quoting import identifier as name
from pipeline.engine.quoting import literal

REGISTER = "household_register"
TRUSTED = ("valid", "old15")  # states of an ID number whose birth date and sex can be read
_OTHER = ("record_id", "dataset", "roster", "name", "place")
_NUMBERED = ("record_id", "dataset", "list", "number", "place")
# Fields of a link's pattern, at the level where they agree → what agrees.
_AGREEING = {
    "birth=equal": "出生日期",
    "sex=equal": "性别",
    "place=address": "地址",
    "place=village": "村居",
    "phone=equal": "联系电话",
    "account=equal": "银行账号",
}


def source_sql(alias: str = "") -> str:
    """The place of a record as a person finds it: file, sheet where there is one, row."""
    a = f"{alias}." if alias else ""
    return (
        f"concat({a}file, CASE WHEN coalesce({a}sheet, '-') = '-' THEN '' ELSE '【' || {a}sheet || '】' END, "
        f"'第', {a}\"row\", '行')"
    )


def numbers_sql(where: str) -> str:
    """What the ID numbers that satisfy `where` (over `identity_pair`) say: id_number, id_key, id_state, birth, sex."""
    return f"SELECT DISTINCT id_number, id_key, id_state, id_birth, id_sex FROM identity_pair WHERE {where}"


def register_names(engine: DuckEngine, scope: Scope, roster: str) -> str:
    """Roster rows whose ID number the register gives to another name, and to their own name nowhere: `register_…`."""
    columns = ("register_record_id", "register_name", "register_place")
    if not engine.exists("links") or REGISTER not in scope.present:
        return _nothing(columns)
    conflict = "l.tier = 'exact_id' AND l.decision = 'review'"
    return f"""
        WITH found AS (
            SELECT l.roster_record_id AS own, min(l.record_id) FILTER ({conflict}) AS register_record_id
            FROM links l JOIN {name(roster)} r ON r.record_id = l.roster_record_id
            WHERE l.dataset = '{REGISTER}' AND l.tier = 'exact_id'
            GROUP BY 1
            HAVING bool_or({conflict}) AND NOT bool_or(l.decision = 'link'))
        SELECT f.own, f.register_record_id, h.name AS register_name, {source_sql("h")} AS register_place
        FROM found f JOIN {REGISTER} h ON h.record_id = f.register_record_id"""


def other_names(engine: DuckEngine, roster: str) -> str:
    """ID numbers that the rosters give to two unlike names, on this roster's first row of each: `other_…`.

    A pair between two rosters is told by the one that comes first in the contract's order.
    """
    if not engine.exists("links"):
        return _nothing(f"other_{c}" for c in _OTHER)
    return f"""
        WITH tie AS (
            SELECT own, other FROM ({_sided(roster, "tier = 'exact_id' AND decision = 'review'", ROSTERS)})),
        everyone AS MATERIALIZED ({_everyone(ROSTERS)})
        SELECT t.own, o.record_id AS other_record_id, o.dataset AS other_dataset, o.zh AS other_roster,
            o.name AS other_name, o.place AS other_place
        FROM tie t JOIN check_{roster}_rows me ON me.record_id = t.own
        JOIN everyone o ON o.record_id = t.other
        WHERE o.rank >= {ROSTERS.index(roster)}
        QUALIFY row_number() OVER (PARTITION BY coalesce(me.id_key, me.id_number) ORDER BY t.own, o.record_id) = 1"""


def second_numbers(engine: DuckEngine, scope: Scope, roster: str) -> str:
    """Roster rows whose person seems to stand under another sound number elsewhere: `second_…`.

    Of several such records a sure one comes first, then the register's. `second_agrees` says what both records share.
    A pair between two rosters is told by the one that comes first in the contract's order. Where a person's judgement
    is waited for, a number that the register has under another name is not told (twins whose names sound alike).
    """
    nothing = _nothing((*(f"second_{c}" for c in _NUMBERED), "second_agrees"))
    if not engine.exists("links"):
        return nothing
    # a probability belongs to a link that another tie, of somebody without a sound number, made
    asked = "decision IN ('link', 'review') AND strpos(pattern, 'id=two_valid') > 0 AND match_probability IS NULL"
    # few rows have such a tie, and in few datasets: no others are searched
    own = f"dataset = '{roster}' OR roster_record_id IN (SELECT record_id FROM check_{roster}_rows)"
    found = engine.rows(f"SELECT DISTINCT dataset FROM links WHERE {asked} AND ({own})")["dataset"].to_list()
    if not found:
        return nothing
    listed = [d for d in DATASETS if d in ROSTERS or (d in found and d in scope.present and d in _WITH_NUMBER)]
    known = (
        f"SELECT 1 FROM {REGISTER} r WHERE r.id_number = n.id_number AND r.name" if REGISTER in scope.present else ""
    )
    two_people = f"EXISTS ({known} <> me.name) AND NOT EXISTS ({known} = me.name)" if known else "false"
    # the pattern speaks of two persons; of the names these two records themselves are asked
    agreeing = ["CASE WHEN o.name = me.name THEN '姓名' END"]
    agreeing += [f"CASE WHEN strpos(t.pattern, '{k}') > 0 THEN '{v}' END" for k, v in _AGREEING.items()]
    return f"""
        WITH tie AS ({_sided(roster, asked, listed)}),
        everyone AS MATERIALIZED ({_everyone(listed)}),
        number AS ({numbers_sql("id_number IN (SELECT id_number FROM everyone)")})
        SELECT t.own, o.record_id AS second_record_id, o.dataset AS second_dataset,
            concat(o.list, '中', CASE WHEN o.name <> me.name THEN '以“' || o.name || '”' END) AS second_list,
            o.id_number AS second_number, o.place AS second_place,
            concat_ws('、', {", ".join(agreeing)}) AS second_agrees
        FROM tie t JOIN check_{roster}_rows me ON me.record_id = t.own
        JOIN everyone o ON o.record_id = t.other
        JOIN number n ON n.id_number = o.id_number
        WHERE o.rank >= {ROSTERS.index(roster)} AND me.id_state IN {TRUSTED} AND n.id_state IN {TRUSTED}
            AND n.id_key <> me.id_key AND n.id_birth = me.id_birth AND n.id_sex = me.id_sex
            AND NOT (t.decision = 'review' AND {two_people})
        QUALIFY row_number() OVER (PARTITION BY t.own ORDER BY t.decision, {_FIRST}) = 1"""


def old_forms(engine: DuckEngine, scope: Scope, roster: str) -> str:
    """Roster rows under the 15-digit form of a number that a roster or the register has in its 18 digits: `long_…`."""
    old = f"SELECT record_id FROM check_{roster}_rows WHERE id_state = 'old15'"
    if not engine.exists("links") or not engine.rows(f"{old} LIMIT 1").height:
        return _nothing(f"long_{c}" for c in _NUMBERED)
    listed = [*ROSTERS, *([REGISTER] if REGISTER in scope.present else [])]
    return f"""
        WITH tie AS (
            SELECT * FROM ({_sided(roster, "decision = 'link'", listed)}) WHERE own IN ({old})),
        everyone AS MATERIALIZED ({_everyone(listed)}),
        number AS ({numbers_sql("id_number IN (SELECT id_number FROM everyone)")})
        SELECT t.own, o.record_id AS long_record_id, o.dataset AS long_dataset, o.list AS long_list,
            o.id_number AS long_number, o.place AS long_place
        FROM tie t JOIN check_{roster}_rows me ON me.record_id = t.own
        JOIN everyone o ON o.record_id = t.other
        JOIN number n ON n.id_number = o.id_number
        WHERE n.id_state = 'valid' AND n.id_key = me.id_key
        QUALIFY row_number() OVER (PARTITION BY t.own ORDER BY {_FIRST}) = 1"""


_WITH_NUMBER = tuple(d.id for d in DATASETS.values() if d.has("id_number") and d.has("name"))
# Of several records that say the same the register's is quoted, then the first in the contract's order.
_FIRST = f"o.dataset <> '{REGISTER}', o.rank, o.record_id"


def _nothing(columns: Iterable[str]) -> str:
    return f"SELECT NULL::VARCHAR AS own, {', '.join(f'NULL::VARCHAR AS {c}' for c in columns)} WHERE false"


def _sided(roster: str, where: str, others: Iterable[str]) -> str:
    """(own, other, decision, pattern): the links of `where` with `others`, whichever side the roster's row is on."""
    listed = ", ".join(literal(d) for d in others)
    return (
        f"SELECT roster_record_id AS own, record_id AS other, decision, pattern FROM links "
        f"WHERE {where} AND dataset IN ({listed}) UNION "
        f"SELECT record_id, roster_record_id, decision, pattern FROM links WHERE {where} AND dataset = '{roster}'"
    )


def _everyone(datasets: Iterable[str]) -> str:
    """The records that `tie` names as `other`: rank (the contract's order), dataset, zh, list, name, number, place."""
    order = {d: n for n, d in enumerate((*ROSTERS, *(d for d in DATASETS if d not in ROSTERS)))}
    kinds = {"roster": "名册", "sector": "数据", "bureau": ""}
    return " UNION ALL ".join(
        f"SELECT {order[d]} AS rank, '{d}' AS dataset, '{DATASETS[d].zh}' AS zh, "
        f"'{DATASETS[d].zh}{kinds[DATASETS[d].kind]}' AS list, record_id, name, id_number, {source_sql()} AS place "
        f"FROM {name(d)} WHERE record_id IN (SELECT other FROM tie)"
        for d in datasets
    )
