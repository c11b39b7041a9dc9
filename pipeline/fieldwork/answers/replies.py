"""The towns' replies → rulings: what a town answered to findings, and to pairs that the program could not decide."""

from __future__ import annotations

import bisect
import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipeline.fieldwork.answers.cells import folded, read_day
from pipeline.fieldwork.answers.returned import (
    EXPLAINED,
    LEADS,
    OURS,
    SHORT,
    THEIRS,
    VERDICT,
    WHO,
    ReturnedRow,
    ReturnedSheet,
)
from pipeline.fieldwork.answers.visitrows import Bad
from pipeline.ingest.words import tidy
from pipeline.ledger.finished import Finished
from pipeline.ledger.history import open_since
from pipeline.ledger.rulings import FINDING, FINDING_VERDICTS, LINK, LINK_VERDICTS, LONGEST, link_subject
from pipeline.publish.leads import ANSWERS
from pipeline.publish.review import VERDICTS
from pipeline.record_words import each_place, place

_OF_FINDING = dict(zip(ANSWERS, FINDING_VERDICTS, strict=True))
_OF_LINK = dict(zip(VERDICTS, LINK_VERDICTS, strict=True))
_DISMISSED = ANSWERS[1]
_FIRST_DAYS = 400  # a reply without an audit month may be so many days old
_SHORTEST = 8  # hex digits of a finding's number by which it is looked up
_DAY = re.compile(
    r"[0-9]{4}\s*[-/.年]\s*[0-9]{1,2}\s*[-/.月]\s*[0-9]{1,2}\s*[日号]?|(?<![0-9])(?:19|20)[0-9]{6}(?![0-9])"
    r"|(?<![0-9.])[0-9]{1,2}[-/.月][0-9]{1,2}[日号]?(?![0-9])"
)


@dataclass(frozen=True)
class Asked:
    """What was asked of the towns: `numbers`: fingerprints, sorted; `evidence`: fingerprint → SHA-256 of its evidence;
    `pairs`: the two places of a pair, as a sheet writes them → (record id, record id, dataset);
    `told`: subject of a pair → the model's probability. `month`: '' = any. `open_since`: fingerprint of a continuing
    finding → YYYY-MM since which it has been open.
    """

    month: str
    numbers: list[str]
    evidence: dict[str, str]
    pairs: dict[tuple[str, str], list[tuple[str, str, str]]] | None
    told: dict[str, float | None] = field(default_factory=dict)
    open_since: dict[str, str] = field(default_factory=dict)

    def of(self, short: str) -> list[str]:
        """The fingerprints that begin with a finding's short number."""
        text = short.strip().lower()
        if len(text) < _SHORTEST:
            return []
        at = bisect.bisect_left(self.numbers, text)
        found = []
        while at < len(self.numbers) and self.numbers[at].startswith(text):
            found.append(self.numbers[at])
            at += 1
        return found


@dataclass
class ReplySheet:
    """What a sheet gave: rulings (rows of `rulings.SCHEMA`) with the row each came from, and rows that go back."""

    rulings: list[tuple[ReturnedRow, dict[str, Any]]] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    taken: int = 0
    unanswered: int = 0
    unsigned: int = 0  # taken, but nobody's name stands beside the answer


def asked_by_run(folder: Path) -> Asked:
    """What a finished audit asked, OUT/<month>. BadInput when the folder holds none."""
    audit = Finished(folder)
    findings = audit.table("findings", ("fingerprint", "evidence", "status", "first_month"))
    links = audit.table("links").filter(pl.col("decision") == "review")
    evidence = {f: hashlib.sha256((e or "").encode()).hexdigest() for f, e, _, _ in findings.iter_rows()}
    since = {f: first for f, _, status, first in findings.iter_rows() if status == "continuing" and first}
    pairs: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    told: dict[str, float | None] = {}
    asked = ("roster_record_id", "record_id", "dataset", "match_probability")
    for a, b, dataset, probability in links.select(asked).iter_rows():
        pairs.setdefault(_both(place(a), place(b)), []).append((a, b, dataset))
        told[link_subject(a, b, dataset)] = probability
    return Asked(audit.month, sorted(evidence), evidence, pairs, told, since)


def asked_by_ledger(con: duckdb.DuckDBPyConnection, month: str) -> Asked:
    """What the ledger knows to have been found in a month ('' = in any): findings only, without their evidence."""
    where, given = ("WHERE month = ?", [month]) if month else ("", [])
    rows = con.execute(f"SELECT DISTINCT fingerprint FROM finding {where} ORDER BY fingerprint", given).fetchall()
    return Asked(month, sorted(str(r[0]) for r in rows), {}, None)


def with_ledger(asked: Asked, con: duckdb.DuckDBPyConnection) -> Asked:
    """The same, with what the ledger knows of the months since which findings are open: it saw them come back."""
    return replace(asked, open_since=asked.open_since | open_since(con, asked.month)) if asked.month else asked


def read_replies(sheet: ReturnedSheet, asked: Asked, today: dt.date) -> ReplySheet:
    """Judge every row of a sheet of replies. Rows without any reply are counted and left alone."""
    out = ReplySheet()
    first = dt.date.fromisoformat(f"{asked.month}-01") if asked.month else today - dt.timedelta(days=_FIRST_DAYS)
    for row in sheet.rows:
        if not any(row.text(h) for h in (VERDICT, EXPLAINED, WHO)):
            out.unanswered += bool(row.text(SHORT) or row.text(OURS))
            continue
        bad = Bad(row)
        verdict = _verdict(sheet.kind, row, bad)
        reason = tidy(str(row.cells.get(EXPLAINED) or "")) or None
        if reason and len(reason) > LONGEST:
            bad.cells[EXPLAINED] = f"超过{LONGEST}字，请写简短"
        if verdict == "dismissed" and not reason:
            bad.cells[EXPLAINED] = f"选“{_DISMISSED}”的要写明核实到的情况"
        subjects = _subjects(sheet.kind, row, asked, bad)
        who, day = _who(row.cells.get(WHO), (first, _open_from(subjects, asked, first)), today, bad)
        if bad.cells or bad.reasons:
            out.bad.append(bad)
            continue
        out.taken += 1
        out.unsigned += who is None
        for kind, subject in subjects:
            ruling = {
                "kind": kind, "subject": subject, "verdict": verdict, "reason": reason, "decided_by": who,
                "decided_on": day, "valid_until": None, "month": asked.month or None,
                "evidence": asked.evidence.get(subject), "probability": asked.told.get(subject),
                "source": sheet.source(row.row),
            }  # fmt: skip
            out.rulings.append((row, ruling))
    return out


def _verdict(kind: str, row: ReturnedRow, bad: Bad) -> str | None:
    words = _OF_FINDING if kind == LEADS else _OF_LINK
    text = re.sub(r"\s", "", row.text(VERDICT))
    if not text:
        bad.cells[VERDICT] = "没有选核实结果"
    elif text not in words:
        bad.cells[VERDICT] = f"只能填写：{'、'.join(words)}"
    return words.get(text)


def _open_from(subjects: list[tuple[str, str]], asked: Asked, first: dt.date) -> dt.date:
    """The first day on which all that a row answers for was open: `first`, earlier where every lead continues."""
    since = [asked.open_since.get(subject) if kind == FINDING else None for kind, subject in subjects]
    known = [dt.date.fromisoformat(f"{month}-01") for month in since if month]
    return min(first, max(known)) if known and len(known) == len(since) else first


def _who(
    value: Any, first: tuple[dt.date, dt.date], today: dt.date, bad: Bad
) -> tuple[str | None, dt.date | None]:  # fmt: skip
    """The person and the day in one cell; either may be missing. `first`: as in `_day`."""
    if value is None or not str(value).strip():
        return None, None
    if isinstance(value, dt.date | int | float):
        return None, _day(value, first, today, bad)
    text = folded(value)
    found = _DAY.search(text)
    if not found:
        return tidy(text), None
    day = _day(found[0], first, today, bad)
    who = tidy(text[: found.start()] + " " + text[found.end() :]).strip("/、,，;； ")
    return who or None, day


def _day(value: Any, first: tuple[dt.date, dt.date], today: dt.date, bad: Bad) -> dt.date | None:
    """A day of the month's visits, else of an earlier one. `first`: the audit month's first day, and that on which all
    that is answered for was open. A day without a year is one of the month's where it can be.
    """
    day, why = read_day(value, first[0], today)
    if why and first[1] < first[0]:
        day, why = read_day(value, first[1], today, before="本条疑点发现或复发的月份")
    if why:
        bad.cells[WHO] = why
    return day


def _subjects(kind: str, row: ReturnedRow, asked: Asked, bad: Bad) -> list[tuple[str, str]]:
    """What the row is about: every finding of its numbers, or its pair."""
    if kind == LEADS:
        found: list[tuple[str, str]] = []
        numbers = row.text(SHORT).split()
        if not numbers:
            bad.cells[SHORT] = "没有疑点编号，无法对号"
        for number in numbers:
            some = asked.of(number)
            if len(some) != 1:
                bad.cells[SHORT] = f"没有编号为 {number} 的疑点" if not some else f"编号 {number} 对应多条疑点"
            found += [(FINDING, f) for f in some]
        return found
    if asked.pairs is None:
        bad.reasons.append("比对的结论要与当月核查结果一起收（--run），才能对号")
        return []
    return [(LINK, link_subject(*pair)) for pair in _pairs(row, asked.pairs, bad)]


def _pairs(
    row: ReturnedRow, asked: Mapping[tuple[str, str], list[tuple[str, str, str]]], bad: Bad
) -> list[tuple[str, str, str]]:
    """The pairs that a row answers: of every place on its one side with every place on the other those asked about."""
    ours, theirs = each_place(row.text(OURS)), each_place(row.text(THEIRS))
    found = {(a, b): asked.get(_both(a, b), []) for a in ours for b in theirs}
    met = {spot for both, some in found.items() if some for spot in both}
    if not found or any(spot not in met for spot in (*ours, *theirs)):
        bad.cells[THEIRS] = "核查结果中没有这一对待比对的记录"
    elif any(len(some) > 1 for some in found.values()):
        bad.cells[THEIRS] = "这两处对应多对记录，无法对号"
    return list(dict.fromkeys(pair for some in found.values() for pair in some))


def _both(a: str, b: str) -> tuple[str, str]:
    """Two places as one key, whichever stands first: a pair of two roster rows stands in two towns' workbooks."""
    one, other = sorted(re.sub(r"\s", "", unicodedata.normalize("NFKC", p)) for p in (a, b))
    return one, other
