"""Candidates: the pairs that share a blocking key, each pair once, and a report of what every key brought.

All keys of a kind are formed in one statement, joined in one: a pass costs the same dozen statements for any number of
keys. Leaves `candidate(left_person, right_person, blocks)`, left a loose person, `blocks` the keys that reached the
pair, a bit each, and `block_report`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.county import Block

REPORT = {
    "block": "VARCHAR", "zh": "VARCHAR", "pairs": "BIGINT", "largest": "BIGINT", "alone": "BIGINT", "dropped": "BIGINT",
}  # fmt: skip
_RULE = {"block": "BIGINT", "bit": "BIGINT", "cap": "BIGINT"}
KINDS = ("key", "record", "pairs")
_LOOSE = "person IN (SELECT person FROM loose_person)"


@dataclass(frozen=True)
class Side:
    """Who may stand on the right: SQL conditions, and where the columns of the blocking keys are found.

    `keys`: the table for keys on numbers and names; `numbered`: (person, table) that its `no` stands for. `tables`:
    where records are found: (table, whether they are a roster's, which of the left are asked there). `records`,
    `pairs`: who is right among records (over `person`), and in ready-made pairs (over `right_person`).
    """

    keys: str
    numbered: tuple[str, str]
    tables: tuple[tuple[str, str, str], ...]
    records: str
    pairs: str


# First everybody who stands on a sound number; then those who gained a description, and the loose among themselves.
SOUND = Side(
    "sound_key",
    ("id_key", "identity_pair"),
    (("roster_record", "true", ""), ("contact_record", "false", "chosen")),
    f"NOT {_LOOSE}",
    "right_person NOT IN (SELECT person FROM loose_person)",
)
GAINED = Side(
    "loose_description",
    ("person", "loose_description"),
    (("loose_record", "roster_order > 0", ""),),
    "true",
    "true",
)


# A block and its number; SQL for one side's keys of many blocks: block, subject or other, key, part, chosen.
Numbered = tuple[int, Block]
Keys = Callable[[Sequence[Numbered], Side], str]


@dataclass(frozen=True)
class Made:
    """What a key brought: the largest number of pairs of one key value, and the pairs that were not formed."""

    block: Block
    largest: int
    dropped: int


def find_candidates(
    engine: DuckEngine, blocks: Sequence[Block], side: Side, kinds: Sequence[str] = KINDS
) -> list[Made]:
    """Fill `candidate`: every `loose_person` with those of `side` who share a key (of these kinds) with them."""
    numbered = [(n, b) for n, b in enumerate(blocks) if b.on in kinds]
    engine.drop("block_rule")
    engine.load("block_rule", pl.DataFrame([(n, 1 << n, b.cap) for n, b in numbered], orient="row", schema=list(_RULE)))
    keys = _pairs(engine, [(n, b) for n, b in numbered if b.on == "key"], _keys_left, _keys_right, side, "key_pair")
    records = _pairs(
        engine, [(n, b) for n, b in numbered if b.on == "record"], _records_left, _records_right, side, "record_pair"
    )
    found = [f"SELECT left_person, right_person, {1 << n} FROM {b.key} WHERE {side.pairs}"
             for n, b in numbered if b.on == "pairs"]  # fmt: skip
    if keys is not None:
        person, table = side.numbered
        found.append(
            f"SELECT p.subject, coalesce(m.merged, k.{person}), p.bit FROM key_pair p "
            f"JOIN {table} k ON k.no = p.other LEFT JOIN person_merge m ON m.person = k.{person}"
        )
    if records is not None:
        found.append("SELECT subject, other, bit FROM record_pair")
    nothing = "SELECT CAST(NULL AS VARCHAR) AS left_person, CAST(NULL AS VARCHAR) AS right_person, 0 AS bit"
    engine.run(
        "SELECT left_person, right_person, CAST(bit_or(bit) AS BIGINT) AS blocks FROM ("
        + " UNION ALL ".join([nothing, *found])
        + ") WHERE left_person <> right_person GROUP BY left_person, right_person",
        into="candidate",
    )
    for table in ("key_pair", "record_pair", "block_left", "block_right", "block_size", "block_skewed", "block_rule"):
        engine.drop(table)
    told = (keys or {}) | (records or {})
    return [Made(b, *told.get(n, (0, 0))) for n, b in numbered]


def _keys_left(blocks: Sequence[Numbered], side: Side) -> str:
    asked = f"WITH asked AS (SELECT * FROM loose_description WHERE {_LOOSE}) "
    return asked + " UNION ALL ".join(
        f"SELECT {n} AS block, person AS subject, {b.key} AS key, {_part(b)} AS part, {b.one_of or 'true'} AS chosen "
        f"FROM asked WHERE {b.key} IS NOT NULL"
        for n, b in blocks
    )


def _keys_right(blocks: Sequence[Numbered], side: Side) -> str:
    return " UNION ALL ".join(
        f"SELECT {n} AS block, no AS other, {b.key} AS key, {_part(b)} AS part, {b.one_of or 'true'} AS chosen "
        f"FROM {side.keys} WHERE {b.key} IN (SELECT key FROM block_left WHERE block = {n})"
        for n, b in blocks
    )


def _records_left(blocks: Sequence[Numbered], side: Side) -> str:
    return " UNION ALL ".join(
        f"SELECT {n} AS block, person AS subject, {b.key} AS key, {_part(b)} AS part, "
        f"{'roster_order > 0' if b.one_of else 'true'} AS chosen FROM loose_record "
        f"WHERE {_LOOSE} AND {b.key} IS NOT NULL AND ({b.left or 'true'})"
        for n, b in blocks
    )


def _records_right(blocks: Sequence[Numbered], side: Side) -> str:
    return " UNION ".join(
        f"SELECT {n} AS block, person AS other, {b.key} AS key, {_part(b)} AS part, "
        f"{chosen if b.one_of else 'true'} AS chosen FROM {table} "
        f"WHERE {b.key} IN (SELECT key FROM block_left WHERE block = {n}"
        f"{f' AND {only}' if only and b.one_of else ''}) AND {side.records}"
        for n, b in blocks
        for table, chosen, only in side.tables
    )


def _part(block: Block) -> str:
    return f"CAST({block.split} AS VARCHAR)" if block.split else "CAST(NULL AS VARCHAR)"


def _pairs(
    engine: DuckEngine, blocks: Sequence[Numbered], left: Keys, right: Keys, side: Side, into: str
) -> dict[int, tuple[int, int]] | None:
    """`into`: subject, other, bit of every pair that shares a key, but for values that would bring more than the cap.

    Block number → (largest, dropped); None where nobody has a key.
    """
    if not blocks:
        return None
    engine.run(left(blocks, side), into="block_left")
    if not engine.count("block_left"):
        return None
    engine.run(right(blocks, side), into="block_right")
    engine.run(
        "SELECT l.block, l.key, l.n * r.n AS pairs, l.n * r.n > b.cap AS over FROM "
        "(SELECT block, key, count(*) AS n FROM block_left GROUP BY block, key) l "
        "JOIN (SELECT block, key, count(*) AS n FROM block_right GROUP BY block, key) r "
        "ON r.block = l.block AND r.key = l.key JOIN block_rule b ON b.block = l.block",
        into="block_size",
    )
    sizes = engine.rows(
        "SELECT block, max(pairs) AS largest, coalesce(sum(pairs) FILTER (over), 0) AS over FROM block_size "
        "GROUP BY block"
    )
    skewed = bool(sizes["over"].sum())
    sides, slot = ("block_left", "block_right"), ""
    if skewed:
        # within a key that brings too many the part is a part of the key: what is not to meet never does
        engine.run("SELECT block, key FROM block_size WHERE over", into="block_skewed")
        sides, slot = (_slotted(sides[0]), _slotted(sides[1])), " AND r.slot = l.slot"
    joined = (
        f"FROM {sides[0]} l JOIN {sides[1]} r ON r.block = l.block AND r.key = l.key{slot} "
        "JOIN block_rule b ON b.block = l.block WHERE (l.chosen OR r.chosen)"
    )
    engine.run(f"SELECT l.subject, r.other, b.bit {joined}", into=into)
    kept: dict[int, int] = {}
    if skewed and any(b.split for _, b in blocks):
        split = engine.rows(f"SELECT l.block, count(*) AS n {joined} AND l.skewed GROUP BY l.block")
        kept = {int(block): int(n) for block, n in split.rows()}
    return {int(n): (int(largest), int(over) - kept.get(int(n), 0)) for n, largest, over in sizes.rows()}


def _slotted(side: str) -> str:
    """One side's keys with `skewed` (whether the key brings too many) and `slot`, what must agree beside the key."""
    return (
        "(SELECT k.*, s.key IS NOT NULL AS skewed, CASE WHEN s.key IS NULL THEN '' ELSE k.part END AS slot "
        f"FROM {side} k LEFT JOIN block_skewed s ON s.block = k.block AND s.key = k.key)"
    )


def report(engine: DuckEngine, made: Sequence[Made]) -> None:
    """Fill `block_report` from the candidates that `made` tells of: a row a key, what it brought, alone, and lost."""
    counts = ", ".join(
        f"count(*) FILTER (blocks & {1 << n} > 0) AS pairs_{n}, count(*) FILTER (blocks = {1 << n}) AS alone_{n}"
        for n in range(len(made))
    )
    row = engine.rows(f"SELECT {counts} FROM candidate").row(0, named=True)
    rows = [
        (m.block.id, m.block.zh, row[f"pairs_{n}"], m.largest, row[f"alone_{n}"], m.dropped) for n, m in enumerate(made)
    ]
    engine.drop("block_report")
    engine.load("block_report", pl.DataFrame(rows, orient="row", schema=list(REPORT)), REPORT)
