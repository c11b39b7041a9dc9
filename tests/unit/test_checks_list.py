"""The expectations in words: all of them, the same in the page, and a bureau's own beside them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from checks.catalogue import CHECK_RULES, OWN_RULE
from checks.reference import every_suite, listing, page
from pipeline.cli import main
from pipeline.contract import ROSTERS

ROOT = Path(__file__).parents[2]


def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    monkeypatch.setattr(sys, "argv", ["audit", "checks", "list", *arguments])
    main()
    return capsys.readouterr().out


def test_the_page_is_up_to_date() -> None:
    assert page() == (ROOT / "docs" / "checks.md").read_text(encoding="utf-8"), (
        "python -m checks.reference > docs/checks.md"
    )


def test_every_expectation_has_a_line() -> None:
    suites = every_suite()
    assert len(suites) == 2 * len(ROSTERS) + 2
    text = listing(suites)
    for suite in suites:
        titles = [c.title for c in suite.checks]
        assert len(set(titles)) == len(titles), suite.name
        assert all(f"  {c.title}　{c.rule.id}　" in text and c.basis in text for c in suite.checks)
    assert {c.rule.id for s in suites for c in s.checks} == set(CHECK_RULES) - {OWN_RULE}


def test_conditions_and_marks_are_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = told(monkeypatch, capsys, "--scheme", "temporary")
    assert (
        "低保" not in text.split("\n")[0]
        and "条件：非急难型救助" in text
        and "（未核对）" in text
        and "（已核对）" in text
    )
    assert "不适用：review_overdue 复核超期：临时救助一次办结" in text
    assert "材料名称含：事由证明／诊断证明" in text and "须签字、注明日期" in text


def test_as_data_and_with_a_bureau_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ours.toml").write_text('document = [{ scheme = "tekun", zh = "照片" }]', encoding="utf-8")
    found = json.loads(told(monkeypatch, capsys, "--json", "--scheme", "特困", "--checks", str(tmp_path)))
    (mine,) = [e for s in found for e in s["expectations"] if "照片" in e["title"]]
    assert mine["rule_id"] == "document_missing" and mine["verified"] is False and "ours.toml" in mine["basis"]
    assert [s["suite"] for s in found] == ["tekun_data", "tekun_archive", "patrol_people", "care_assessment_people"]


def test_an_unknown_scheme(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        told(monkeypatch, capsys, "--scheme", "nothing")
    assert done.value.code == 2 and "there is no scheme" in capsys.readouterr().err
