"""Filled workbooks → the bureau's ledger: read all, judge every row, keep the good ones, send the others back.

Nothing is kept before every file has been read, and what is kept is kept in one transaction.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline.draw import certificate
from pipeline.draw.results import ADJUSTED, KEPT, UNVERIFIED
from pipeline.draw.words import DRAWS
from pipeline.errors import BadInput
from pipeline.fieldwork.answers import sentback, summary
from pipeline.fieldwork.answers.replies import (
    Asked,
    ReplySheet,
    asked_by_ledger,
    asked_by_run,
    read_replies,
    with_ledger,
)
from pipeline.fieldwork.answers.returned import PAIRS, VISITS, NoAnswers, ReturnedSheet, read_returned
from pipeline.fieldwork.answers.sentback import Back
from pipeline.fieldwork.answers.visitrows import Bad, People, VisitSheet, read_sheet
from pipeline.fieldwork.plan import Plan, check_certificates, read_plan
from pipeline.fieldwork.routing.make import read_drawn
from pipeline.ledger import opened
from pipeline.ledger.rulings import SCHEMA, add_rulings
from pipeline.ledger.visits import Added, VisitRow, add_visits, read_visits
from pipeline.private import folder, owner_only, private, write_whole
from pipeline.publish.workbook import write_book

RESULT_HEADINGS = ("单元编号", "抽查类别", "核查结论")


@dataclass(frozen=True)
class Refused:
    """A file, or a sheet of one, that could not be taken at all, and why: for the terminal and for the workbook."""

    file: str
    sheet: str
    why: str
    zh: str


@dataclass
class Outcome:
    """What a collection did. `results`: every stop of the plan with its visit."""

    visits: Added = field(default_factory=lambda: Added(0, 0, 0))
    rulings: int = 0
    visit_rows: int = 0
    unfilled: int = 0
    reply_rows: int = 0
    unanswered: int = 0
    unsigned_replies: int = 0
    backs: list[Back] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    results: list[summary.Result] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    @property
    def sent_back(self) -> int:
        return sum(len(b.rows) for b in self.backs)


@dataclass(frozen=True)
class Visits:
    """The plan and its certificates, which a visit ledger is judged against."""

    plan: Plan
    certificates: tuple[Path, ...]


def read_visit_side(plan_file: Path | None, certificates: Sequence[Path]) -> Visits | None:
    """Plan and certificates, None where neither is given. BadInput when one is, or they do not belong together."""
    if plan_file is None and not certificates:
        return None
    if plan_file is None or not certificates:
        raise BadInput("--plan and --draw go together", remedy="give the plan, and the certificates it was made for")
    plan = read_plan(plan_file)
    check_certificates(plan, [s.sha256 for s in read_drawn(certificates).sources], file=plan_file.name)
    return Visits(plan, tuple(certificates))


def collect(
    paths: Sequence[Path],
    ledger: Path,
    out: Path,
    *,
    side: Visits | None,
    run_folder: Path | None,
    today: dt.date,
) -> Outcome:
    """Take filled workbooks back. BadInput, with nothing kept, when none of them can be used at all."""
    if out.exists() and not out.is_dir():
        raise BadInput("the output is a file, not a folder", file=out.name, remedy="name a folder")
    done = Outcome()
    sheets = _read(paths, done)
    asked = asked_by_run(run_folder) if run_folder else None
    sheets = [s for s in sheets if _fits(s, side, asked, done)]
    if not sheets:
        first = done.refused[0]
        more = f" ({len(done.refused)} files or sheets in all)" if len(done.refused) > 1 else ""
        raise BadInput(
            f"nothing can be taken{more}: {first.why}",
            file=first.file,
            sheet=first.sheet,
            remedy="give it again, mended",
        )
    with opened(ledger) as con:
        visits: list[VisitRow] = []
        replies: list[tuple[ReturnedSheet, ReplySheet]] = []
        people = People(side.plan) if side else None
        for sheet in sheets:
            if sheet.kind == VISITS:
                assert side is not None and people is not None, "sheets that do not fit were refused"
                read = read_sheet(sheet, side.plan, people, today)
                visits += read.visits
                _count_visits(done, sheet, read)
            else:
                about = with_ledger(asked or asked_by_ledger(con, sheet.month), con)
                replies.append((sheet, read_replies(sheet, about, today)))
        rulings = _agreed(replies, done)
        con.execute("BEGIN")
        done.visits = add_visits(con, visits)
        done.rulings = add_rulings(con, pl.DataFrame(rulings, schema=SCHEMA))
        con.execute("COMMIT")
        if side:
            kept = read_visits(con, [c.sha256 for c in side.plan.certificates])
            done.results = summary.results_of(side.plan, kept)
    _write(done, out, side, today)
    return done


def _read(paths: Sequence[Path], done: Outcome) -> list[ReturnedSheet]:
    sheets: list[ReturnedSheet] = []
    for path in paths:
        if not path.is_file():
            raise BadInput("there is no such file", file=path.name, remedy="check the path")
        try:
            found = read_returned(path)
            if all(found[0].sha256 != s.sha256 for s in sheets):  # a file may be named twice, or copied
                sheets += found
        except NoAnswers as e:
            done.refused.append(Refused(path.name, "", e.what, "没有一张表是入户核查台账或带“镇核实结果”的表"))
        except BadInput as e:
            done.refused.append(
                Refused(path.name, e.sheet or "", e.what, "不是能打开的 .xlsx 工作簿（格式、密码或损坏）")
            )
    return sheets


def _fits(sheet: ReturnedSheet, side: Visits | None, asked: Asked | None, done: Outcome) -> bool:
    """Whether there is something to judge the sheet against: a plan of its month, an audit of its month."""
    why = zh = ""
    if sheet.kind == VISITS and side is None:
        why, zh = "a visit ledger is judged against its plan: give --plan and --draw", "没有给出入户计划，台账没有收"
    elif sheet.kind == VISITS and side and sheet.month and sheet.month != side.plan.month:
        why = f"it is a visit ledger of {sheet.month}, the plan is of {side.plan.month}"
        zh = f"是{sheet.month}的台账，计划是{side.plan.month}的"
    elif sheet.kind != VISITS and asked and sheet.month and sheet.month != asked.month:
        why = f"it holds replies of {sheet.month}, the audit given is of {asked.month}"
        zh = f"是{sheet.month}的回复，核查结果是{asked.month}的"
    if why:
        done.refused.append(Refused(sheet.file, sheet.sheet, why, zh))
    return not why


def _count_visits(done: Outcome, sheet: ReturnedSheet, read: VisitSheet) -> None:
    done.visit_rows += read.taken
    done.unfilled += read.unfilled
    if read.bad:
        done.backs.append(Back(sheet, read.bad))


def _agreed(replies: Sequence[tuple[ReturnedSheet, ReplySheet]], done: Outcome) -> list[dict[str, object]]:
    """The rulings that are kept: of pairs that two sheets answer otherwise, none."""
    verdicts: dict[str, set[str]] = {}
    for sheet, read in replies:
        for _, ruling in read.rulings if sheet.kind == PAIRS else ():
            verdicts.setdefault(ruling["subject"], set()).add(ruling["verdict"])
    kept: list[dict[str, object]] = []
    for sheet, read in replies:
        for row, ruling in read.rulings:
            if len(verdicts.get(ruling["subject"], ())) > 1:
                read.bad.append(Bad(row, reasons=["这一对记录在两处填写的结果不同，请商定后重填"]))
                read.taken -= 1
            else:
                kept.append(ruling)
        done.reply_rows += read.taken
        done.unanswered += read.unanswered
        done.unsigned_replies += read.unsigned
        if read.bad:
            done.backs.append(Back(sheet, sorted(read.bad, key=lambda b: b.row.row)))
    return kept


def _write(done: Outcome, out: Path, side: Visits | None, today: dt.date) -> None:
    """What goes back, a workbook a file; the state of the visits; the table that `audit draw estimate` reads."""
    with private():
        folder(out)
    by_file: dict[tuple[str, str], list[Back]] = {}
    for back in done.backs:
        by_file.setdefault((back.sheet.file, back.sheet.sha256), []).append(back)
    for (file, _), backs in by_file.items():
        month = next((b.sheet.month for b in backs if b.sheet.month), side.plan.month if side else f"{today:%Y-%m}")
        stem = Path(file).stem.removeprefix("退回-")
        done.files.append(_place(out, f"退回-{stem}", sentback.workbook(backs, month)))
    if side is None:
        return
    book = summary.book(side.plan, done.results, told(done), today)
    with private(), tempfile.TemporaryDirectory(prefix=".collect-", dir=out) as beside:
        path = write_book(book, Path(beside) / "汇总.xlsx")
        done.files.append(path.replace(out / f"收回汇总-{side.plan.month}.xlsx"))
        table = Path(beside) / "结论.csv"
        table.write_bytes(_conclusions(side, done.results))
        done.files.append(owner_only(table.replace(out / f"核查结论-{side.plan.month}.csv")))


def _place(out: Path, stem: str, content: bytes) -> Path:
    """Write under the first name that is free, or that has this very content: what was sent back may be half filled."""
    number = 1
    while True:
        path = out / (f"{stem}.xlsx" if number == 1 else f"{stem}-{number}.xlsx")
        if not path.exists():
            break
        if path.read_bytes() == content:
            return path
        number += 1
    return write_whole(path, content)


def told(done: Outcome) -> list[tuple[str, ...]]:
    """File, sheet, row, column, reason of everything that was not taken."""
    rows: list[tuple[str, ...]] = [(r.file, r.sheet, "", "", r.zh) for r in done.refused]
    for back in done.backs:
        for bad in back.rows:
            where = (back.sheet.file, back.sheet.sheet, str(bad.row.row))
            rows += [(*where, headings, why) for headings, why in bad.why()]
    return rows


def _conclusions(side: Visits, results: Sequence[summary.Result]) -> bytes:
    """Unit, draw, conclusion of the random draws. Of a care level: whether what was found is what the roster says."""
    by_unit = {r.stop.unit: r for r in results if r.visited}
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(RESULT_HEADINGS)
    for path in side.certificates:
        if certificate.load(path)["kind"] != certificate.RANDOM:
            continue
        for d in certificate.read(path).drawn:
            if (r := by_unit.get(d.unit)) is None:
                continue
            conclusion = r.answers["conclusion"]
            if d.draw == "care":
                found = r.answers.get("self_care")
                conclusion = UNVERIFIED if found is None else KEPT if found == d.care else ADJUSTED
            table.writerow((d.unit, DRAWS[d.draw][0], conclusion))
    return ("\ufeff" + text.getvalue()).encode()
