"""Candidates: the pairs that share a blocking key, each once, with a bit for every key it shares; and their report.

Each key's values are numbered once over both tables; a value that would make more pairs than its cap is dropped, split
by a second key, or limited to so many records of each side. A record without a value is not in that block.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.tables.levels import Levels
from pipeline.linkage.tables.spec import BlockSpec

_JOINT = "chr(31)"


@dataclass(frozen=True)
class BlockReport:
    """What one key brought. `values`: shared by both sides and kept; `largest`: pairs of the largest of them.

    `over`: values beyond the cap, and `over_pairs`: the pairs they would have made; `kept_of_over`: those that
    splitting or limiting kept.
    """

    id: str
    cap: int
    how: str
    values: int
    pairs: int
    largest: int
    over: int
    over_pairs: int
    kept_of_over: int


def key_sql(keys: tuple[str, ...]) -> str:
    """Several expressions as one text, null where any is null or empty."""
    parts = [f"nullif(CAST(({k}) AS VARCHAR), '')" for k in keys]
    return f" || {_JOINT} || ".join(parts)


def prepare_blocks(engine: DuckEngine, blocks: tuple[BlockSpec, ...], *, two: bool) -> list[BlockReport]:
    """`left_side` (and `right_side`) from `left_record` and `right_record`: the records with b0, b1, … each block's
    value as a number, null where the record is in none."""
    sides = ("left", "right") if two else ("left",)
    for side in sides:
        columns = []
        for n, block in enumerate(blocks):
            columns.append(f"{key_sql(block.keys)} AS k{n}")
            if block.over == "split":
                columns.append(f"{key_sql((*block.keys, *block.split))} AS s{n}")
        engine.run(f"SELECT _n, _id, {', '.join(columns)} FROM {side}_record", into=f"{side}_key")
    reports = [_number_values(engine, n, block, sides) for n, block in enumerate(blocks)]
    for side in sides:
        joins, columns = [], []
        for n, block in enumerate(blocks):
            value = f"v{n}.id"
            joins.append(f"LEFT JOIN value_{n} v{n} ON v{n}.k = q.k{n}")
            if block.over == "split":
                joins.append(f"LEFT JOIN value_{n} w{n} ON w{n}.k = q.s{n} AND v{n}.id IS NULL")
                value = f"coalesce(v{n}.id, w{n}.id)"
            elif block.over == "limit":
                joins.append(f"LEFT JOIN {side}_beyond_{n} o{n} ON o{n}._n = q._n")
                value = f"CASE WHEN o{n}._n IS NULL THEN v{n}.id END"
            columns.append(f"{value} AS b{n}")
        engine.run(
            f"SELECT p.*, {', '.join(columns)} FROM {side}_record p JOIN {side}_key q ON q._n = p._n {' '.join(joins)}",
            into=f"{side}_side",
        )
        engine.drop(f"{side}_key")
        engine.drop(f"{side}_record")
    for n, block in enumerate(blocks):
        engine.drop(f"value_{n}")
        if block.over == "limit":
            for side in sides:
                engine.drop(f"{side}_beyond_{n}")
    return reports


def _counts(key: str, sides: tuple[str, ...], where: str = "") -> str:
    """Values of a key that make pairs: k, l, r (records a side), pairs."""
    if len(sides) == 1:
        return (
            f"SELECT {key} AS k, count(*) AS l, count(*) AS r, count(*) * (count(*) - 1) // 2 AS pairs "
            f"FROM left_key WHERE {key} IS NOT NULL {where} GROUP BY {key} HAVING count(*) > 1"
        )
    left, right = (
        f"(SELECT {key} AS k, count(*) AS n FROM {side}_key WHERE {key} IS NOT NULL {where} GROUP BY {key})"
        for side in sides
    )
    return f"SELECT l.k, l.n AS l, r.n AS r, l.n * r.n AS pairs FROM {left} l JOIN {right} r ON r.k = l.k"


def _number_values(engine: DuckEngine, n: int, block: BlockSpec, sides: tuple[str, ...]) -> BlockReport:
    """Make `value_<n>` (k, id) of the values that are kept, and the records beyond a limit."""
    engine.run(_counts(f"k{n}", sides), into="value_all")
    over, over_pairs = engine.con.execute(
        f"SELECT count(*), coalesce(sum(pairs), 0) FROM value_all WHERE pairs > {block.cap}"
    ).fetchall()[0]
    kept = f"SELECT k, l, r, pairs FROM value_all WHERE pairs <= {block.cap}"
    kept_of_over = 0
    if over and block.over == "split":
        split = _counts(f"s{n}", sides, f"AND k{n} IN (SELECT k FROM value_all WHERE pairs > {block.cap})")
        engine.run(f"SELECT * FROM ({split}) WHERE pairs <= {block.cap}", into="value_split")
        kept_of_over = int(engine.con.execute("SELECT coalesce(sum(pairs), 0) FROM value_split").fetchall()[0][0])
        kept += " UNION ALL SELECT k, l, r, pairs FROM value_split"
    elif block.over == "limit":
        kept_of_over = _limit(engine, n, block, sides)
        kept += " UNION ALL SELECT k, ml, mr, pairs FROM value_limited"
    engine.run(f"SELECT k, row_number() OVER () AS id, pairs FROM ({kept})", into=f"value_{n}")
    values, pairs, largest = engine.con.execute(
        f"SELECT count(*), coalesce(sum(pairs), 0), coalesce(max(pairs), 0) FROM value_{n}"
    ).fetchall()[0]
    for table in ("value_all", "value_split", "value_limited"):
        engine.drop(table)
    return BlockReport(
        block.id, block.cap, block.over, int(values), int(pairs), int(largest), int(over), int(over_pairs), kept_of_over
    )


def _limit(engine: DuckEngine, n: int, block: BlockSpec, sides: tuple[str, ...]) -> int:
    """`value_limited` and `<side>_beyond_<n>`: which records of a skewed value are left out, drawn by their ids."""
    root = math.isqrt(block.cap)
    if len(sides) == 1:
        most = (1 + math.isqrt(1 + 8 * block.cap)) // 2
        kept, pairs = (str(most), str(most)), f"{most * (most - 1) // 2}"
    else:
        kept = (
            f"CASE WHEN l <= {root} THEN l WHEN r <= {root} THEN {block.cap} // r ELSE {root} END",
            f"CASE WHEN r <= {root} THEN r WHEN l <= {root} THEN {block.cap} // l ELSE {root} END",
        )
        pairs = "ml * mr"
    engine.run(
        f"SELECT k, ml, mr, {pairs} AS pairs FROM (SELECT k, {kept[0]} AS ml, {kept[1]} AS mr FROM value_all "
        f"WHERE pairs > {block.cap})",
        into="value_limited",
    )
    for side, most_of in zip(sides, ("ml", "mr"), strict=False):
        engine.run(
            f"SELECT _n FROM (SELECT q._n, v.{most_of} AS most, "
            f"row_number() OVER (PARTITION BY q.k{n} ORDER BY md5(q._id), q._id) AS place "
            f"FROM {side}_key q JOIN value_limited v ON v.k = q.k{n}) WHERE place > most",
            into=f"{side}_beyond_{n}",
        )
    return int(engine.con.execute("SELECT coalesce(sum(pairs), 0) FROM value_limited").fetchall()[0][0])


def make_pairs(engine: DuckEngine, blocks: int, levels: Levels, *, two: bool) -> None:
    """`pair` (i, j, mask, code): left and right record, the keys they share as bits, their levels.

    Deduplicating, i < j. A pair is made by the first key it shares, so no pair stands twice.
    """
    mask = " + ".join(f"CASE WHEN l.b{n} = r.b{n} THEN {1 << n} ELSE 0 END" for n in range(blocks))
    parts = []
    for n in range(blocks):
        earlier = "".join(f" AND coalesce(l.b{k} <> r.b{k}, true)" for k in range(n))
        apart = "" if two else " AND l._n < r._n"
        parts.append(
            f"SELECT l._n AS i, r._n AS j, {mask} AS mask, {levels.inner()} "
            f"FROM left_side l JOIN {right_of(two)} r ON l.b{n} = r.b{n}{apart}{earlier}"
        )
    engine.run(
        f"SELECT i, j, CAST(mask AS INTEGER) AS mask, {levels.outer()} AS code FROM ({' UNION ALL '.join(parts)})",
        into="pair",
    )


def right_of(two: bool) -> str:
    """The table that stands for r.: deduplicating, a record is compared within its own table."""
    return "right_side" if two else "left_side"
