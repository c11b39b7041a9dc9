"""`python -m bench.mutation`: a condition that a spec holds in place is noticed when it breaks, and no other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.mutation.__main__ import main
from bench.mutation.mutants import mutants
from bench.mutation.trial import SPECS, Trial, rules_by_id
from pipeline.engine.statements import Statement


def changes(sql: str) -> set[str]:
    return {m.what for m in mutants(Statement("x", Path("folder/x.sql"), {}, sql))}


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """(exit code, what was printed)"""
    monkeypatch.setattr(sys, "argv", ["bench.mutation", *map(str, arguments), "--jobs", "1"])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0), capsys.readouterr().out


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a FROM t WHERE a < 3", {"a < 3 → a <= 3", "a < 3 → a >= 3", "a < 3 → a < 4", "a < 3 → a < 2"}),
        ("SELECT a FROM t WHERE a = $month", {"a = $month → a = $month_later", "a = $month → a <> $month"}),
        ("SELECT a FROM t WHERE b AND c", {"without b", "without c"}),
        ("SELECT a FROM t WHERE b OR c", {"without b", "without c"}),
        ("SELECT a FROM t WHERE NOT b", {"NOT b → b", "without WHERE NOT b"}),
        ("SELECT a FROM t WHERE b IS NULL", {"b IS NULL → NOT b IS NULL"}),
        ("SELECT a FROM t WHERE b IN ('x', 'y')", {"b IN ('x', 'y') without 'x'", "b IN ('x', 'y') without 'y'"}),
        ("SELECT a FROM t LEFT JOIN u ON a = b", {"LEFT JOIN u ON a = b → inner", "a = b → a <> b"}),
        ("SELECT a FROM t UNION SELECT b FROM u", {"without SELECT a FROM t", "without SELECT b FROM u"}),
        ("SELECT max(a), count(DISTINCT b) FROM t", {"MAX(a) → MIN(a)", "COUNT(DISTINCT b) → COUNT(b)"}),
    ],
)
def test_a_statement_is_broken_in_every_condition(sql: str, expected: set[str]) -> None:
    assert expected <= changes(sql)


def test_the_tables_before_a_union_stay_with_the_branch_that_is_left() -> None:
    statement = Statement("x", Path("x.sql"), {}, "WITH x AS (SELECT 1 AS a) SELECT a FROM x UNION SELECT b FROM u")
    (found,) = (m for m in mutants(statement) if m.what == "without SELECT b FROM u")
    assert found.sql == "WITH x AS (SELECT 1 AS a) SELECT a FROM x"


def test_a_statement_without_a_condition_has_no_mutant() -> None:
    assert changes("SELECT a, b + 1 AS c FROM t") == set()


@pytest.fixture(scope="module")
def whole() -> Iterator[Trial]:
    """The rule with the whole of its spec."""
    trial = Trial(rules_by_id()["carer_missing"])
    yield trial
    trial.close()


def test_a_whole_spec_notices_every_mutant(whole: Trial) -> None:
    broken = mutants(whole.rule.file)
    assert len(broken) > 10
    assert [m.what for m in broken if whole.kills_rule(m.sql) is not True] == []


def test_a_mutant_of_a_shared_table_is_noticed_where_the_rule_shows_its_condition(whole: Trial) -> None:
    (roster,) = (s for s in whole.shared if s.name == "roster")
    killed = {m.what: whole.kills_shared("roster", m.sql) for m in mutants(roster) if m.line == 9}
    assert killed["stop_month > $month → stop_month >= $month"] is True  # the row of T6
    assert killed["stop_month > $month → stop_month > $month_later"] is False  # no row stops in the month after
    assert whole.kills_rule(whole.rule.sql) is False  # the tables are as they were again


def test_a_condition_that_no_row_shows_any_more_survives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = (SPECS / "carer_missing.spec").read_text(encoding="utf-8")
    kept = [line for line in spec.splitlines() if not line.startswith(("T2 | 李四 | @2 | 乐城 | 集中", "T5 |"))]
    assert len(kept) == len(spec.splitlines()) - 2
    (tmp_path / "carer_missing.spec").write_text("\n".join(kept), encoding="utf-8")
    code, told = run(monkeypatch, capsys, "carer_missing", "--specs", tmp_path)
    assert code == 1
    assert [line for line in told.splitlines() if "survives" in line] == [
        "care/carer_missing, line 23: survives: without t.support_mode = '分散'"
    ]


def test_an_unknown_rule_or_table_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, capsys, "no_such_rule")[0] == 2
    assert run(monkeypatch, capsys, "--only-shared", "no_such_table")[0] == 2
