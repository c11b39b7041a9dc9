"""What takes many minutes: random counties, and every scenario of every spec by itself. `make test-spark LONG=1`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from support.both import difference
from support.county import SOME, demo_drop
from support.grid import Scenario, load_tables, read_grid
from support.rule_alone import rule_on_both

from pipeline.engine.duck import DuckEngine
from pipeline.engine.spark import SparkEngine
from pipeline.errors import BadInput
from pipeline.findings import examine, load_rules
from pipeline.findings.spec.judge import policy_of
from pipeline.identity import make_comparable
from pipeline.linkage import link
from pipeline.policy import pack_for

pytestmark = pytest.mark.long
MONTH = "2022-10"
SCENARIOS = [s for p in sorted((Path(__file__).parents[1] / "spec").glob("*.spec")) for s in read_grid(p)]
OUTPUTS = (
    "links", "finding_rows", "held_rows", "person_merge", "pair_decision", "block_report", "model_drift", "link_model",
    "names", "unconfirmed", "reached_record",
)  # fmt: skip


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 10**6),
    absent=st.sets(st.sampled_from(SOME), max_size=4),
    share=st.sampled_from([0.1, 0.3]),
    few=st.sampled_from([0, 100, 5000]),
)
def test_a_random_county_comes_out_alike(
    session: Any, tmp_path_factory: pytest.TempPathFactory, seed: int, absent: set[str], share: float, few: int
) -> None:
    try:
        drop = demo_drop(seed, datasets=[d for d in SOME if d not in absent])
    except BadInput:  # too few people for all that is planted, by this seed
        reject()
    tables = {d: f.sample(fraction=share, seed=seed) for d, f in drop.tables.items()}
    work = tmp_path_factory.mktemp("county")
    duck, aside = DuckEngine(), DuckEngine(scratch=work / "spill")
    spark = SparkEngine(work, session=session, aside=aside if few else None, few=few)
    policy, present = pack_for(MONTH), set(tables)
    not_run = []
    for engine in (duck, spark):
        load_tables(engine, {})
        for dataset, frame in tables.items():
            engine.load(dataset, frame)
        make_comparable(engine, present)
        link(engine, present)
        not_run.append(examine(engine, load_rules(policy.names), MONTH, policy, present))
    wrong = {t: difference(duck.rows(f"SELECT * FROM {t}"), spark.rows(f"SELECT * FROM {t}")) for t in OUTPUTS}
    spark.close()
    aside.close()
    duck.close()
    assert not_run[0] == not_run[1]
    assert {t: told for t, told in wrong.items() if told} == {}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[f"{Path(s.file).stem}-{s.title}" for s in SCENARIOS])
def test_every_spec_by_itself(scenario: Scenario, spark: SparkEngine) -> None:
    policy = policy_of(scenario)
    (rule,) = [r for r in load_rules(policy.names) if r.id == Path(scenario.file).stem]
    assert rule_on_both(scenario, rule, policy, spark) == ""
