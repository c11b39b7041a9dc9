"""Who else could be the other side of a pair that people are asked about: candidates that linkage weighed beside it.

A rival is told by a record of its person: the register's, else a roster's, else any.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from pipeline.contract import ROSTERS
from pipeline.engine.duck import DuckEngine
from pipeline.identity import PERSON_FIELDS
from pipeline.linkage.records import typed_table

RIVAL: dict[str, Any] = {
    "roster_record_id": pl.String, "record_id": pl.String, "instead_of": pl.String, "rival_record_id": pl.String,
    "match_probability": pl.Float64, "decision": pl.String,
}  # fmt: skip
_MOST = 12  # a pair: the likeliest
# `instead_of`: which side of the pair the rival would take the place of (left: the roster's).
_WEIGHED = f"""
WITH either AS (
  SELECT left_person AS one, right_person AS other, probability, decision FROM pair_decision
  UNION ALL SELECT right_person, left_person, probability, decision FROM pair_decision
),
sides AS (
  SELECT p.roster_record_id, p.record_id, a.person AS l, b.person AS r
  FROM desk_pair p
  JOIN desk_person a ON a.record_id = p.roster_record_id
  JOIN desk_person b ON b.record_id = p.record_id
),
rival AS (
  SELECT s.roster_record_id, s.record_id, 'right' AS instead_of, e.other AS person, e.probability, e.decision
  FROM sides s JOIN either e ON e.one = s.l AND e.other NOT IN (s.l, s.r)
  UNION ALL
  SELECT s.roster_record_id, s.record_id, 'left', e.other, e.probability, e.decision
  FROM sides s JOIN either e ON e.one = s.r AND e.other NOT IN (s.l, s.r)
)
SELECT * FROM rival
QUALIFY row_number() OVER (
  PARTITION BY roster_record_id, record_id, instead_of ORDER BY probability DESC NULLS LAST, person) <= {_MOST}
ORDER BY ALL
"""


def rivals(engine: DuckEngine) -> pl.DataFrame:
    """The rivals of the pairs in `desk_pair` (`RIVAL`), by pair, the likeliest first."""
    if not engine.exists("pair_decision"):
        return pl.DataFrame(schema=RIVAL)
    weighed = engine.rows(_WEIGHED)
    told_by = records_of(engine, weighed["person"].unique().sort())
    found = weighed.join(told_by, on="person").rename({"probability": "match_probability"})
    order = ("roster_record_id", "record_id", "match_probability", "rival_record_id")
    kept = found.select(pl.col(c).cast(kind) for c, kind in RIVAL.items())
    return kept.sort(order, descending=[False, False, True, False], nulls_last=True)


def records_of(engine: DuckEngine, persons: pl.Series, table: str = "desk_rival") -> pl.DataFrame:
    """person → rival_record_id: a person is known by a sound number, or (loose) by the record itself.

    `table`: what they stand in meanwhile; who asks beside somebody else takes another one.
    """
    engine.drop(table)
    engine.load(table, pl.DataFrame({"person": persons}, schema={"person": pl.String}))
    order = ["household_register", *ROSTERS, *sorted(PERSON_FIELDS)]
    # all datasets in one: the persons asked about are hashed twice, not twice a dataset. And past the views that say
    # who a record is about: each of them looks that up.
    rows = " UNION ALL ".join(
        f'SELECT {number} AS number, record_id, {order.index(dataset)} AS place FROM "{typed_table(engine, dataset)}"'
        for dataset, (number, _) in PERSON_FIELDS.items()
        if engine.exists(dataset)
    )
    some = [
        f"SELECT r.person, d.record_id, d.place FROM ({rows}) d JOIN {table} r ON r.person = d.{column}"
        for column in ("number", "record_id")
    ]
    query = (
        f"SELECT person, record_id AS rival_record_id FROM ({' UNION ALL '.join(some)}) "
        "QUALIFY row_number() OVER (PARTITION BY person ORDER BY place, record_id) = 1"
    )
    found = engine.rows(query)
    engine.drop(table)
    return found
