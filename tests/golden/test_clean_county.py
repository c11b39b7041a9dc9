"""The whole audit on the clean form of a county: with nothing wrong about who is who, every rule is exactly right."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.demo import make_county
from pipeline.run import run_audit
from pipeline.score import score


@pytest.mark.parametrize(("seed", "month"), [(17, "2022-10"), pytest.param(18, "2023-03", marks=pytest.mark.long)])
def test_every_rule_is_exactly_right(seed: int, month: str, tmp_path: Path) -> None:
    make_county(tmp_path / "demo", people=4_000, seed=seed, month=month, clean=True)
    run_audit(tmp_path / "demo" / "drop", month, tmp_path / "out")
    result = score(tmp_path / "out" / month, tmp_path / "demo" / "truth")
    assert len(result.rules) == 38
    for rule in result.rules:
        assert rule.run and rule.truth and rule.precision == rule.recall == 1.0, rule
        assert not rule.duplicates and not rule.near_misses_hit and not rule.harder, rule
        assert rule.severity_agrees == rule.severity_sure, rule
    assert result.rejects == result.rejects_unplanned == 0 and not result.differing
