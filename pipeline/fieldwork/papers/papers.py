"""The papers that follow from the visits, made and put in place: group reports, stop notices, lists."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline import vault
from pipeline.draw import files
from pipeline.draw.flags import read_audit
from pipeline.errors import BadInput
from pipeline.fieldwork.households import read_homes
from pipeline.fieldwork.papers import lists, notices
from pipeline.fieldwork.papers.cases import Case, cases_of
from pipeline.fieldwork.papers.confirmed import confirmed_findings
from pipeline.fieldwork.papers.register import Entry, entry_of
from pipeline.fieldwork.papers.render import Papers
from pipeline.fieldwork.papers.report import report_values
from pipeline.fieldwork.papers.stop_list import stop_book
from pipeline.fieldwork.papers.template_names import NOTICE, REPORT
from pipeline.fieldwork.plan import Plan, check_certificates, read_plan
from pipeline.fieldwork.progress.status import due_of
from pipeline.fieldwork.words import group_zh
from pipeline.fieldwork.workdays import Workdays
from pipeline.ledger.access import note
from pipeline.ledger.store import opened
from pipeline.policy import Policy
from pipeline.private import folder, owner_only, private
from pipeline.publish.workbook import Book, write_book

VOID = "作废-"
Progress = Callable[[str, int, int], None] | None


@dataclass(frozen=True)
class Outcome:
    """What was made. `kept`: earlier files of other content, kept beside under another name; `void`: notices of before
    that the answers no longer carry, marked so."""

    reports: int
    notices: int
    died: int
    waiting: int
    missing: int
    unverified: tuple[str, ...]
    kept: tuple[str, ...]
    void: tuple[str, ...]


def plan_of(plan_file: Path, certificates: Sequence[Path]) -> Plan:
    """The plan, checked to be of these certificates."""
    plan = read_plan(plan_file)
    check_certificates(plan, [files.sha256(c) for c in certificates], file=plan_file.name)
    return plan


def existing(ledger: Path) -> Path:
    """BadInput unless the ledger is there: without it, nothing was collected."""
    if not vault.there(ledger):
        raise BadInput(
            "there is no such ledger", file=ledger.name, remedy="give the ledger that `audit collect` filled"
        )
    return ledger


def write_papers(
    plan: Plan, drop: Path, ledger: Path, run_folder: Path | None, out: Path, *, papers: Papers, issued_on: dt.date,
    policy: Policy, workdays: Workdays, progress: Progress = None,
) -> Outcome:  # fmt: skip
    """Write every paper into `out`, and keep new notices' numbers in the ledger. All of it or nothing.

    The papers lie ready in `out` under other names until the ledger holds their numbers on the disk: a number on a
    paper that the ledger does not know would be given again.

    BadInput when an input cannot be used, or `issued_on` is earlier than a notice numbered before.
    """
    if run_folder is not None:
        read_audit(run_folder)  # refused before the drop is read
    homes = read_homes(drop, plan.month, set(plan.by_unit), progress=progress).by_unit
    if lost := len(plan.by_unit.keys() - homes.keys()):
        raise BadInput(
            f"{lost} of the plan's households are not in the drop", file=drop.name,
            remedy="give the drop that the plan was made from",
        )  # fmt: skip
    entries = {unit: entry_of(home) for unit, home in homes.items()}
    with ExitStack() as laid:
        with (
            opened(existing(ledger)) as con,
            _transaction(con),
            tempfile.TemporaryDirectory(prefix="papers-", dir=vault.room()) as scratch,
        ):
            cases = cases_of(plan, con, run_folder)
            alone = [unit for unit, entry in entries.items() if entry.persons == 1]
            stops = notices.numbered(cases, con, plan.month, issued_on, alone)
            made = Path(scratch)
            with private():
                parties = _reports(plan, cases, made, papers, policy, workdays, issued_on, run_folder is not None)
                _notices(stops, entries, made, papers, policy)
                facts = lists.Facts(
                    plan.month, cases, stops, entries, policy,
                    None if run_folder is None else confirmed_findings(con, run_folder, "missing"),
                    None if run_folder is None else confirmed_findings(con, run_folder, "care", lists.LEVEL_RULES),
                )  # fmt: skip
                for name, book in (
                    (lists.STOP_LIST, stop_book(facts)),
                    (lists.INCLUDE_LIST, lists.include_book(facts)),
                    (lists.CARE_LIST, lists.care_book(facts)),
                ):
                    write_book(book, made / f"{name}.xlsx")
            note(con, "papers", month=plan.month, folder=out.name, notices=len(stops.noticed))
            ready = laid.enter_context(_laid(made, out))
        kept = _place(ready, out)
        void = _void(stops, out)
    return Outcome(
        parties, len(stops.noticed),
        len(stops.died), len(stops.waiting), sum(c.conclusion is None for c in cases),
        tuple(policy.about[k]["zh"] for k in notices.FIGURES if not policy.verified(k)), tuple(kept), tuple(void),
    )  # fmt: skip


def write_one(book: Book, out: Path, name: str) -> Path:
    """One workbook into `out`, in place of an earlier one of that name."""
    with private():
        beside = _folder(out) / f".new-{name}"
        try:
            write_book(book, beside)
            return owner_only(beside.replace(out / name))
        finally:
            beside.unlink(missing_ok=True)


def _folder(out: Path) -> Path:
    if out.exists() and not out.is_dir():
        raise BadInput("the output is a file, not a folder", file=out.name, remedy="name a folder")
    return folder(out)


@contextmanager
def _transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    con.execute("BEGIN")
    try:
        yield
    except BaseException:
        con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")


def _reports(
    plan: Plan, cases: Sequence[Case], made: Path, papers: Papers, policy: Policy, workdays: Workdays,
    today: dt.date, looked_up: bool,
) -> int:  # fmt: skip
    parties = sorted({c.stop.party for c in cases})
    for party in parties:
        due = due_of([c for c in cases if c.stop.party == party], policy, workdays)
        values = report_values(
            plan, party, cases, due, looked_up=looked_up, days=int(policy.figures["field.report_days"]), today=today
        )
        (made / f"{REPORT}-{group_zh(party)}.docx").write_bytes(papers.paper(REPORT, values))
    return len(parties)


def _notices(stops: notices.Stops, entries: dict[str, Entry], made: Path, papers: Papers, policy: Policy) -> None:
    folder(made / NOTICE)
    for stop in stops.noticed:
        values = notices.notice_values(stop, entries[stop.case.stop.unit], policy)
        (made / NOTICE / _name(stop)).write_bytes(papers.paper(NOTICE, values))


def _name(stop: notices.Stop) -> str:
    number = stop.number
    assert number is not None
    return f"{NOTICE}-{number.year}-{number.number:03d}-{stop.case.stop.town}.docx"


@contextmanager
def _laid(made: Path, out: Path) -> Iterator[list[tuple[Path, Path]]]:
    """Every file made, where it is not there already, laid beside its place in `out`: (where it lies, its place)."""
    _folder(out)
    ready: list[tuple[Path, Path]] = []
    try:
        with private():
            for source in sorted(p for p in made.rglob("*") if p.is_file()):
                target = out / source.relative_to(made)
                content = source.read_bytes()
                if target.exists() and target.read_bytes() == content:
                    continue
                beside = folder(target.parent) / f".new-{target.name}"
                ready.append((beside, target))
                beside.write_bytes(content)
        yield ready
    finally:
        for beside, _ in ready:
            beside.unlink(missing_ok=True)


def _place(ready: Sequence[tuple[Path, Path]], out: Path) -> list[str]:
    """Give every file laid ready its name; one of the same name and other content is kept beside it."""
    kept = []
    for beside, target in ready:
        if target.exists():
            kept.append(_aside(target, "").relative_to(out).as_posix())
        owner_only(beside.replace(target))
    return kept


def _aside(path: Path, prefix: str) -> Path:
    """Give the file a name of its own beside it: '….旧1.docx', or with a prefix."""
    for n in range(1, 10_000):
        end = path.suffix if prefix and n == 1 else f".旧{n}{path.suffix}"
        other = path.with_name(f"{prefix}{path.stem}{end}")
        if not other.exists():
            return path.rename(other)
    raise BadInput("there are too many earlier ones of this file", file=path.name, remedy="give another --out")


def _void(stops: notices.Stops, out: Path) -> list[str]:
    """Mark the notices in `out` whose households' answers no longer carry them."""
    gone = [number for _, number in stops.withdrawn]
    gone += [s.number for s in stops.all if (s.lacking or s.died) and s.number]
    marked = []
    for number in gone:
        for path in sorted((out / NOTICE).glob(f"{NOTICE}-{number.year}-{number.number:03d}-*.docx")):
            marked.append(_aside(path, VOID).name)
    return marked
