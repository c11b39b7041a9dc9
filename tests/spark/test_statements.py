"""Every statement of identity, linkage and rules on both engines, in step, over a county and the specs' scenarios."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.both import BothEngines
from support.county import demo_drop
from support.grid import load_tables, read_grid
from support.spec_county import areas, as_one

from pipeline.contract import DATASETS
from pipeline.engine.dialect import linkage_statements
from pipeline.engine.duck import DuckEngine
from pipeline.engine.spark import SparkEngine
from pipeline.findings import examine, load_rules
from pipeline.findings.rules import shared_tables
from pipeline.findings.spec.people import check_character, number
from pipeline.identity import make_comparable
from pipeline.linkage import link
from pipeline.policy import pack_for

MONTH = "2022-10"
SPECS = sorted((Path(__file__).parents[1] / "spec").glob("*.spec"))
SCENARIOS = [s for p in SPECS for s in read_grid(p)]
# Those of one month under the pack's own figures run as one county; test_long runs each by itself.
TOGETHER = [s for s in SCENARIOS if s.month == MONTH and not s.policy]


@pytest.fixture(scope="module")
def both(session: object, tmp_path_factory: pytest.TempPathFactory) -> BothEngines:
    """The whole way over the demonstration county's rows and the specs' rows; every answer was compared."""
    engines = BothEngines(DuckEngine(), SparkEngine(tmp_path_factory.mktemp("both"), session=session))
    tables = as_one(TOGETHER)
    load_tables(engines, tables)
    county = demo_drop(seed=3, people=3000)
    for dataset, frame in county.tables.items():
        engines.load(dataset, frame.sample(fraction=0.3, seed=1) if frame.height > 500 else frame)
    present = set(DATASETS)
    policy = pack_for(MONTH)
    make_comparable(engines, present)
    link(engines, present)
    examine(engines, load_rules(policy.names), MONTH, policy, present)
    return engines


def test_every_statement_is_answered_alike(both: BothEngines) -> None:
    assert both.differ == []


def test_every_statement_was_compared(both: BothEngines) -> None:
    views = {"standing"}
    tables = {s.name for s in (*linkage_statements(), *shared_tables())} - views
    compared = set(both.compared)
    # findings are made in Python from the rules' rows, which were compared
    assert {*tables, "names", "identity_pair", "links", "pair_decision"} - compared <= {
        # of the descriptions' and records' rows, under the names of the tables that they are kept in
        "description", "near_record",
    }  # fmt: skip
    assert {r.sql for r in load_rules(pack_for(MONTH).names)} <= compared


def test_the_county_has_something_for_every_rule(both: BothEngines) -> None:
    found = set(both.duck.rows("SELECT DISTINCT rule_id FROM finding_rows")["rule_id"])
    assert found == {r.id for r in load_rules(pack_for(MONTH).names)}


def test_a_moved_number_keeps_its_check_character() -> None:
    for token in ("@1", "@2", "@7:1950-02-01"):
        for area, _ in zip(areas(), range(50), strict=False):
            moved = area + number(token)[6:]
            assert check_character(moved[:17]) == moved[17]
