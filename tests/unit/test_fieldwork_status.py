"""`audit status` and what goes with it: due, done and late, by group and town, on a day that is given."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from papers_sample import Field, small_field

from pipeline.cli import main
from pipeline.fieldwork.papers.cases import cases_of
from pipeline.fieldwork.papers.notices import stops_of
from pipeline.fieldwork.progress.deadlines import AHEAD, DONE, DONE_LATE, LATE
from pipeline.fieldwork.progress.status import Group, Status, status_of
from pipeline.fieldwork.progress.status_words import status_book, status_text
from pipeline.fieldwork.workdays import Workdays
from pipeline.ledger.notices import hand_in, handed_in
from pipeline.ledger.store import opened
from pipeline.policy import pack_for
from pipeline.publish.workbook import write_book

D = dt.date
POLICY = pack_for("2022-10")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Field:
    return small_field(tmp_path_factory.mktemp("field"))


@pytest.fixture
def field(base: Field, tmp_path: Path) -> Field:
    return Field(Path(shutil.copytree(base.folder, tmp_path / "field")))


def status(field: Field, today: dt.date) -> Status:
    with opened(field.ledger) as con:
        cases = cases_of(field.plan, con)
        handed = handed_in(con, [c.sha256 for c in field.plan.certificates])
        return status_of(field.plan, cases, stops_of(cases, con, field.plan.month), handed, today, POLICY, Workdays())


def group(field: Field, today: dt.date, party: int = 1) -> Group:
    return next(g for g in status(field, today).groups if g.line.party == party)


def test_visits_are_ahead_due_and_late_by_their_planned_day(field: Field) -> None:
    own = [s for s in field.plan.stops if s.party == 1]
    days = sorted({s.day for s in own})
    assert len(days) > 1
    on = [sum(s.day == d for s in own) for d in days]
    line = group(field, days[0] - dt.timedelta(days=1)).line
    assert (line.planned, line.done, line.late, line.today, line.ahead) == (len(own), 0, 0, 0, len(own))
    line = group(field, days[0]).line
    assert (line.late, line.today, line.ahead) == (0, on[0], len(own) - on[0])
    line = group(field, days[1]).line
    assert (line.late, line.today, line.ahead) == (on[0], on[1], len(own) - on[0] - on[1])
    done = next(s for s in own if s.day == days[0])
    field.visit(done, "无法核实", met="否", note="无人")
    after = group(field, days[1])
    assert (after.line.done, after.line.unverified, after.line.late) == (1, 1, on[0] - 1)
    assert [t.done for t in after.towns if t.town == done.town] == [1]
    for line in (after.line, *after.towns):
        assert line.planned == line.done + line.late + line.today + line.ahead


def test_the_report_is_counted_from_the_last_visit_once_all_are_made(field: Field) -> None:
    own = [s for s in field.plan.stops if s.party == 1]
    last = max(s.day for s in own)
    open_yet = group(field, last)
    assert (open_yet.due.counted_from, open_yet.due.final, open_yet.state) == (last, False, AHEAD)
    early = next(s for s in own if s.day < last)
    field.visit(early, "继续保障")
    assert group(field, last).due.counted_from == last
    # a visit made after the plan's last day puts the day off; one that is not made does not
    field.visits(own[:-1], "继续保障")
    field.visit(own[0], "继续保障", D(2022, 10, 17), note="复核")
    assert group(field, last).due.counted_from == D(2022, 10, 17)
    field.visit(own[-1], "继续保障", D(2022, 10, 14))
    found = group(field, D(2022, 10, 27))
    assert (found.due.counted_from, found.due.final, found.due.due) == (D(2022, 10, 17), True, D(2022, 10, 26))
    assert (found.state, found.late_by) == (LATE, 1)
    assert group(field, D(2022, 11, 1)).late_by == 4  # working days: the weekend does not count


def test_handing_in_is_noted_and_a_later_note_stands(field: Field) -> None:
    draws = [c.sha256 for c in field.plan.certificates]
    field.visits(field.plan.stops, "继续保障", D(2022, 10, 17))
    with opened(field.ledger) as con:
        hand_in(con, draws, 1, D(2022, 10, 28))
        hand_in(con, ["another draw"], 2, D(2022, 10, 20))
    late = group(field, D(2022, 11, 5))
    assert (late.handed_on, late.state, late.late_by) == (D(2022, 10, 28), DONE_LATE, 2)
    assert group(field, D(2022, 11, 5), party=2).handed_on is None
    with opened(field.ledger) as con:
        hand_in(con, draws, 1, D(2022, 10, 26))
    assert (group(field, D(2022, 11, 5)).state, group(field, D(2022, 11, 5)).late_by) == (DONE, 0)


def test_stops_are_counted_with_their_notices(field: Field) -> None:
    own = [s for s in field.plan.stops if s.party == 1]
    field.visit(own[0], "停保", note="有车")
    field.visit(own[1], "停保", signature="未签", signed_by="", note="有车")
    line = group(field, D(2022, 10, 20)).line
    assert (line.stops, line.noticed, line.lacking) == (2, 0, 1)
    field.papers()
    line = group(field, D(2022, 10, 20)).line
    assert (line.stops, line.noticed, line.lacking) == (2, 1, 1)


def test_what_does_not_fit_is_told(field: Field) -> None:
    assert not status(field, D(2022, 10, 12)).notes
    field.visit(field.plan.stops[0], "继续保障", D(2022, 10, 20))
    assert any("1户（人）的入户日期晚于今天" in text for text in status(field, D(2022, 10, 12)).notes)


def test_the_workbook_says_the_same(field: Field, tmp_path: Path) -> None:
    import polars as pl

    found = status(field, D(2022, 10, 12))
    path = write_book(status_book(found), tmp_path / "status.xlsx")
    rows = pl.read_excel(path, sheet_name="入户进度", has_header=False, engine="calamine", infer_schema_length=0).rows()
    towns = [line for g in found.groups for line in (*g.towns, g.line)]
    assert [(r[1], int(r[2])) for r in rows[3:]] == [(line.town or "合计", line.planned) for line in towns]
    text = status_text(found)
    assert "report of group 1: due 2022-10-21 (counted from 2022-10-12, visits are outstanding): not due yet" in text
    assert "stage 入户核查: to 2022-10-31 (19 days left)" in text and "not verified: 核查各阶段" in text


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The console program, in this process: a process of its own for every command is mostly its start."""

    def ended(*args: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["audit", *map(str, args)])
        code = 0
        try:
            main()
        except SystemExit as e:
            code = e.code if isinstance(e.code, int) else int(e.code is not None)
        return Done(code, *capsys.readouterr())

    return ended


def test_the_command_line(field: Field, run: Run) -> None:
    given = ["--ledger", field.ledger, "--plan", field.plan_file, "--draw", field.certificate_file]
    out = field.folder / "status"
    done = run("status", *given, "--today", "2022-10-12", "--out", out)
    assert done.returncode == 0 and "field work of 2022-10, on 2022-10-12" in done.stdout
    assert (out / "入户进度-2022-10.xlsx").is_file()
    field.visit(field.stops("dibao")[0], "停保", note="有车")
    made = run("field", "papers", *given, "--drop", field.drop, "--run", field.run, "--out", field.out, "--issued",
               "2022-10-26")  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert "2 group reports, 1 stop notices" in made.stdout and "not verified" in made.stdout
    assert run("field", "handed-in", *given, "--group", "1", "--on", "2022-10-20").returncode == 0
    assert "handed in on 2022-10-20" in run("status", *given, "--today", "2022-10-21").stdout
    refused = run("field", "handed-in", *given, "--group", "3", "--on", "2022-10-20")
    assert refused.returncode == 2 and "the plan has no group 3" in refused.stderr
    wrong = run("status", "--ledger", out / "none.duckdb", *given[2:])
    assert wrong.returncode == 2 and "no such ledger" in wrong.stderr and not (out / "none.duckdb").exists()


def test_the_templates_can_be_copied_and_an_edited_one_is_not_written_over(tmp_path: Path, run: Run) -> None:
    out = tmp_path / "own"
    assert run("field", "templates", "--out", out).returncode == 0
    assert {p.name for p in out.iterdir()} == {"停救通知书.docx", "小组核查报告.docx", "说明.txt"}
    assert run("field", "templates", "--out", out).returncode == 0  # the same again
    (out / "停救通知书.docx").write_bytes(b"edited")
    again = run("field", "templates", "--out", out)
    assert again.returncode == 2 and "停救通知书.docx" in again.stderr
    assert (out / "停救通知书.docx").read_bytes() == b"edited"
