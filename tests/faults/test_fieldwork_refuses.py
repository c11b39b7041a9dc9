"""Field work through the console program: from the draw to the answers; bad input ends with one line and no trace."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from pipeline.cli import main
from tests.unit.fieldwork_sample import GOOD, STAFF, Prepared, fill, prepare, write_staff

Told = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("field"))


def audit(monkeypatch: pytest.MonkeyPatch, *args: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["audit", *map(str, args)])
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def plan_args(field: Prepared, out: Path, staff: Path) -> list[str | Path]:
    return ["field", "plan", "--draw", field.certificate, "--drop", field.drop, "--staff", staff,
            "--from", "2022-10-10", "--out", out]  # fmt: skip


def test_from_the_draw_to_the_answers(
    field: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Told
) -> None:
    out = tmp_path / "out"
    assert audit(monkeypatch, *plan_args(field, out, field.folder / "staff.csv")) == 0
    said = capsys.readouterr().out
    assert f"{len(field.plan.stops)} units on" in said and "group 2" in said
    plan = out / field.plan_file.name
    assert plan.read_bytes() == field.plan_file.read_bytes()
    assert audit(monkeypatch, "field", "ledgers", "--plan", plan, "--drop", field.drop, "--out", out) == 0
    said = capsys.readouterr().out
    assert "3 ledgers" in said and "not examined: what the audit found" in said and "no archive list" in said
    filled = fill(out / field.ledgers["长来"].name, tmp_path / "长来.xlsx", {0: GOOD, 1: GOOD | {"核查结论": "好"}})
    assert audit(
        monkeypatch, "collect", filled, "--ledger", tmp_path / "l.duckdb", "--plan", plan, "--draw", field.certificate,
        "--as-of", "2022-10-25", "--out", out,
    ) == 0  # fmt: skip
    said = capsys.readouterr().out
    assert "1 new, 0 changed, 0 known already" in said and "sent back: 1 rows" in said
    left = len(field.plan.stops) - 1
    assert f"missing: {left} of {left + 1} planned visits, {left} of them overdue on 2022-10-25" in said
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in out.rglob("*") if p.is_file())
    assert not [p for p in out.iterdir() if p.name.startswith(".")]
    assert not any(row[0] in said for row in STAFF)


@pytest.mark.parametrize("broken", ["few", "dates", "certificate", "groups"])
def test_a_plan_that_cannot_be_leaves_nothing(
    field: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Told, broken: str
) -> None:
    out = tmp_path / "out"
    args = plan_args(field, out, write_staff(tmp_path / "s.csv", STAFF[:4] if broken == "few" else STAFF))
    if broken == "dates":
        args += ["--until", "2022-10-09"]
    elif broken == "certificate":
        args[3] = field.plan_file
    elif broken == "groups":
        args += ["--groups", tmp_path / "none.toml"]
    assert audit(monkeypatch, *args) == 2
    told = capsys.readouterr()
    assert told.out == "" and len(told.err.strip().splitlines()) == 1
    assert not out.exists() and not any(row[0] in told.err for row in STAFF)


def test_collecting_what_cannot_be_used_leaves_nothing(
    field: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Told
) -> None:
    filled = fill(field.ledgers["长来"], tmp_path / "长来.xlsx", {0: GOOD})
    for more in ([], ["--plan", field.plan_file], ["--draw", field.certificate, "--plan", field.certificate]):
        args: list[str | Path] = [
            "collect",
            filled,
            "--ledger",
            tmp_path / "l.duckdb",
            "--out",
            tmp_path / "out",
            *more,
        ]
        assert audit(monkeypatch, *args) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists() and not (tmp_path / "l.duckdb").exists()


def test_every_command_shows_an_example(monkeypatch: pytest.MonkeyPatch, capsys: Told) -> None:
    for command in (["field", "staff"], ["field", "plan"], ["field", "ledgers"], ["collect"]):
        assert audit(monkeypatch, *command, "--help") == 0
        assert f"Example: audit {' '.join(command)}" in capsys.readouterr().out
