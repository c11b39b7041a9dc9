"""What a run leaves for the review desk: the pairs asked about, their rivals, and whoever stands around them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from publish_sample import sample
from support.grid import load_tables, read_grid

from pipeline.engine.duck import DuckEngine
from pipeline.findings.rows import FINDING_SCHEMA
from pipeline.identity import make_comparable
from pipeline.ledger.compared import STATE_SCHEMA
from pipeline.linkage import link
from pipeline.linkage.ruled import RuledPair, asked_sides
from pipeline.publish.desk import PAIR, RECORD, write_desk
from pipeline.publish.rivals import RIVAL
from pipeline.publish.tables import load_not_run

# One number under two names, in a household of two and a register of two; a vehicle of the second name as well.
CASE = """
month: 2022-10
== asked
dibao
household_no | name   | id_number | town | birth_date | relation | covered | bank_account
H1           | 张小三 | @1        | 长来 |            | 户主     | 是      | 62170001
H1           | 王小妹 | @8        | 长来 |            | 配偶     | 否      |
household_register
hukou_no | name   | id_number | town | relation
K1       | 李四光 | @1        | 坪石 | 户主
K1       | 李小明 | @12       | 坪石 | 子
vehicle
name   | id_number | plate
李四光 | @1        | 粤F1
expect: nothing
"""


def left(
    engine: DuckEngine, tmp_path: Path, ruled: list[RuledPair], case: str = CASE
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The desk's pairs and records after linkage."""
    grid = tmp_path / "case.spec"
    grid.write_text(case, encoding="utf-8")
    tables = read_grid(grid)[0].tables
    load_tables(engine, tables)
    make_comparable(engine, set(tables))
    link(engine, set(tables), None, ruled)
    engine.drop("findings")
    engine.load("findings", pl.DataFrame(schema=FINDING_SCHEMA | STATE_SCHEMA))
    load_not_run(engine, [])
    write_desk(replace(sample(0), engine=engine), tmp_path)
    return pl.read_parquet(tmp_path / "desk" / "pair.parquet"), pl.read_parquet(tmp_path / "desk" / "record.parquet")


def test_the_pairs_stand_there_with_their_records_and_households(engine: DuckEngine, tmp_path: Path) -> None:
    pairs, records = left(engine, tmp_path, [])
    assert pairs.schema == PAIR and records.schema == RECORD
    assert pairs.select("roster_record_id", "record_id").rows() == [
        ("dibao#1", "household_register#1"), ("dibao#1", "vehicle#1"),
    ]  # fmt: skip
    by_id = {r["record_id"]: r for r in records.iter_rows(named=True)}
    assert set(by_id) == {"dibao#1", "dibao#2", "household_register#1", "household_register#2", "vehicle#1"}
    head = by_id["dibao#1"]
    assert (head["group_no"], head["relation"], head["account"]) == ("roster:H1", "户主", "62170001")
    assert json.loads(head["more"])["是否保障对象"] == "是" and by_id["household_register#2"]["relation"] == "子"
    assert json.loads(by_id["vehicle#1"]["more"])["号牌"] == "粤F1"
    for path in (tmp_path / "desk").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
    about = json.loads((tmp_path / "desk" / "desk.json").read_text(encoding="utf-8"))
    assert 0 < about["review_at"] <= about["link_at"] < 1
    assert pairs["prior"].max() < 0
    weights = pl.read_parquet(tmp_path / "desk" / "weight.parquet")
    assert weights.filter((pl.col("field") == "name") & (pl.col("level") == "equal"))["weight"].item() > 0


@pytest.mark.parametrize("same", [True, False])
def test_a_pair_that_was_ruled_on_stays_for_a_second_opinion(engine: DuckEngine, tmp_path: Path, same: bool) -> None:
    left(engine, tmp_path, [])
    (ours, theirs) = next((a, b) for _, d, _, a, b in asked_sides(engine) if d == "vehicle")
    pairs, _ = left(engine, tmp_path, [RuledPair(ours, theirs, same)])
    asked = dict(pairs.select("record_id", "decision").iter_rows())
    decision = "link" if same else "reject"
    assert asked == {"household_register#1": decision, "vehicle#1": decision}, "both say the same of the two"


# A certificate without a number, and two people of its name born on a like day.
TWO = """
month: 2022-10
== asked
dibao
household_no | name   | id_number     | town | birth_date
H1           | 王德全 | @5:1950-03-04 | 长来 | 1950-03-04
tekun
household_no | name   | id_number     | town | birth_date
T1           | 王德全 | @7:1950-07-29 | 长来 | 1950-07-29
disability
name   | id_number | town | birth_date | certificate_no
王德全 |           | 坪石 | 1950-03-14 | C1
expect: nothing
"""


def test_another_candidate_is_a_rival(engine: DuckEngine, tmp_path: Path) -> None:
    pairs, records = left(engine, tmp_path, [], TWO)
    rivals = pl.read_parquet(tmp_path / "desk" / "rival.parquet")
    assert rivals.schema == RIVAL and {"dibao#1", "tekun#1", "disability#1"} <= set(records["record_id"])
    assert pairs.select("roster_record_id", "record_id").rows() == [("dibao#1", "disability#1")]
    told = rivals.select("roster_record_id", "record_id", "instead_of", "rival_record_id").rows()
    assert told == [("dibao#1", "disability#1", "left", "tekun#1")]
    assert 0 < rivals["match_probability"].item() < pairs["match_probability"].item() and pairs["runner_up"].item()
