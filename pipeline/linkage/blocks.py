"""Candidates: the pairs that share a blocking key, each pair once, and a report of what every key brought.

Leaves `candidate(left_person, right_person, blocks)`, left a loose person, `blocks` the keys that reached the pair, a
bit each, and `block_report`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.county import Block

REPORT = {
    "block": "VARCHAR", "zh": "VARCHAR", "pairs": "BIGINT", "largest": "BIGINT", "alone": "BIGINT", "dropped": "BIGINT",
}  # fmt: skip
_LOOSE = "person IN (SELECT person FROM loose_person)"


@dataclass(frozen=True)
class Side:
    """Who may stand on the right: SQL conditions, and where the columns of the blocking keys are found.

    `keys`: the table for keys on numbers and names. `tables`: where records are found: (table, whether they are a
    roster's, which of the left are asked there). `records`, `pairs`: who is right among records (over `person`), and in
    ready-made pairs (over `right_person`).
    """

    keys: str
    tables: tuple[tuple[str, str, str], ...]
    records: str
    pairs: str


# First everybody who stands on a sound number; then those who gained a description, and the loose among themselves.
SOUND = Side(
    "sound_key",
    (("roster_record", "true", ""), ("contact_record", "false", " WHERE chosen")),
    f"NOT {_LOOSE}",
    "right_person NOT IN (SELECT person FROM loose_person)",
)
GAINED = Side("loose_description", (("loose_record", "roster_order > 0", ""),), "true", "true")


@dataclass(frozen=True)
class Made:
    """What a key brought: the largest number of pairs of one key value, and the pairs that were not formed."""

    block: Block
    largest: int
    dropped: int


def find_candidates(engine: DuckEngine, blocks: Sequence[Block], side: Side) -> list[Made]:
    """Fill `candidate`: every `loose_person` with those of `side` who share a key with them."""
    engine.drop("numbered_pair")
    engine.create("numbered_pair", {"left_person": "VARCHAR", "right_no": "BIGINT", "bit": "BIGINT"})
    engine.drop("person_pair")
    engine.create("person_pair", {"left_person": "VARCHAR", "right_person": "VARCHAR", "bit": "BIGINT"})
    made = [_OF[block.on](engine, block, side, 1 << n) for n, block in enumerate(blocks)]
    person, table = ("id_key", "identity_pair") if side.keys == "sound_key" else ("person", "loose_description")
    engine.run(
        "SELECT left_person, right_person, bit_or(bit) AS blocks FROM ("
        f"SELECT p.left_person, k.{person} AS right_person, p.bit FROM numbered_pair p "
        f"JOIN {table} k ON k.no = p.right_no UNION ALL SELECT * FROM person_pair) "
        "WHERE left_person <> right_person GROUP BY left_person, right_person",
        into="candidate",
    )
    engine.drop("numbered_pair")
    engine.drop("person_pair")
    return made


def _by_key(engine: DuckEngine, block: Block, side: Side, bit: int) -> Made:
    """Pairs of a loose person and a description, by whole-number keys."""
    split = f", {block.split} AS part" if block.split else ""
    engine.run(
        f"SELECT no, person, {block.key} AS key{split}, {block.one_of or 'true'} AS chosen FROM loose_description "
        f"WHERE {_LOOSE} AND {block.key} IS NOT NULL",
        into="block_left",
    )
    engine.run(
        f"SELECT no, {block.key} AS key{split}, {block.one_of or 'true'} AS chosen FROM {side.keys} "
        f"WHERE {block.key} IN (SELECT key FROM block_left)",
        into="block_right",
    )
    return _pairs(engine, block, f"INSERT INTO numbered_pair SELECT l.person, r.no, {bit}")


def _by_record(engine: DuckEngine, block: Block, side: Side, bit: int) -> Made:
    """Pairs of persons by what their records say."""
    engine.run(
        f"SELECT person, {block.key} AS key, roster_order > 0 AS chosen FROM loose_record "
        f"WHERE {_LOOSE} AND {block.key} IS NOT NULL AND ({block.left or 'true'})",
        into="block_left",
    )
    if not engine.count("block_left"):
        return Made(block, 0, 0)
    wanted = (
        "SELECT DISTINCT person, {0} AS key, {1} AS chosen FROM {2} "
        "WHERE {0} IN (SELECT key FROM block_left{3}) AND {4}"
    )
    parts = [
        wanted.format(block.key, chosen, table, only if block.one_of else "", side.records)
        for table, chosen, only in side.tables
    ]
    engine.run(" UNION ".join(parts), into="block_right")
    return _pairs(engine, block, f"INSERT INTO person_pair SELECT l.person, r.person, {bit}")


def _ready(engine: DuckEngine, block: Block, side: Side, bit: int) -> Made:
    """Pairs that SQL has made already."""
    engine.run(f"INSERT INTO person_pair SELECT left_person, right_person, {bit} FROM {block.key} WHERE {side.pairs}")
    return Made(block, 0, 0)


_OF = {"key": _by_key, "record": _by_record, "pairs": _ready}
_SIZE = (
    "SELECT l.key, l.n * r.n AS pairs FROM (SELECT key, count(*) AS n FROM block_left GROUP BY key) l "
    "JOIN (SELECT key, count(*) AS n FROM block_right GROUP BY key) r ON r.key = l.key"
)


def _pairs(engine: DuckEngine, block: Block, insert: str) -> Made:
    """`block_left` × `block_right` on the key, but for values that would bring more than the cap."""
    size = engine.rows(
        "SELECT coalesce(max(pairs), 0) AS largest, coalesce(sum(pairs) FILTER (pairs > $cap), 0) AS over "
        f"FROM ({_SIZE})",
        {"cap": block.cap},
    ).row(0, named=True)
    over, kept = int(size["over"]), 0
    conditions = ["l.chosen OR r.chosen"] if block.one_of else []
    if over:
        engine.run(f"SELECT key FROM ({_SIZE}) WHERE pairs > {block.cap}", into="block_skewed")
        few = "l.key NOT IN (SELECT key FROM block_skewed)"
        conditions.append(f"{few} OR l.part = r.part" if block.split else few)
    where = " AND ".join(f"({c})" for c in conditions) or "true"
    joined = f"FROM block_left l JOIN block_right r ON r.key = l.key WHERE {where}"
    engine.run(f"{insert} {joined}")
    if over and block.split:
        kept = int(engine.rows(f"SELECT count(*) {joined} AND l.key IN (SELECT key FROM block_skewed)").item())
    return Made(block, int(size["largest"]), over - kept)


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
