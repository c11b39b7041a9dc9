"""The rulings that the desk knows, and how it keeps new ones.

A ruling is on the disk, beside the ledger, before the reviewer sees the next item (`pipeline.ledger.journal`). A thread
of its own brings it into the ledger at once; while a run holds the ledger it waits, and the reviewer is told.
Taking back is a further ruling.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import BadInput, Held
from pipeline.ledger.journal import append, waiting
from pipeline.ledger.judgements import Agreement, Tenth, agreements, calibration
from pipeline.ledger.lock import at_work
from pipeline.ledger.rulings import FINDING, LINK, REJECT, WITHDRAWN
from pipeline.ledger.store import opened

_SOURCE = "audit review "
_FRESH = 0.5  # seconds
_PAUSE = 0.2  # seconds
_RETRY, _LOOK = 1.0, 20.0  # seconds: while something waits; to see what others ruled meanwhile
_NAMES = (
    "kind", "subject", "verdict", "decided_by", "decided_on", "reason", "month", "evidence", "probability",
    "withdraws", "source",
)  # fmt: skip
_READ = (
    f"SELECT ruling_no, {', '.join(_NAMES)} FROM ruling WHERE ruling_no > ? "
    f"AND (kind = '{FINDING}' OR (kind IN ('{LINK}', '{REJECT}') AND month = ?)) "
    "ORDER BY ruling_no"
)


@dataclass(frozen=True, slots=True)
class Opinion:
    """One ruling, as the desk shows it."""

    verdict: str
    by: str | None
    on: dt.date | None
    reason: str | None
    month: str | None
    evidence: str | None
    probability: float | None
    source: str | None
    order: int  # in which the desk came to know it

    def about(self, evidence: str) -> bool:
        """Whether it was made on this evidence (where it does not say on which, yes)."""
        return self.evidence is None or self.evidence == evidence


class Book:
    """What was ruled on a month's outputs (on findings: in any month). `reviewer` None: only looked at."""

    def __init__(self, ledger: Path, month: str, reviewer: str | None) -> None:
        self.ledger, self.month, self.reviewer = ledger, month, reviewer
        self._opinions: dict[tuple[str, str], list[Opinion]] = {}
        self._aliases: dict[tuple[str, str], str] = {}
        self._sources: set[str] = set()
        self._own: dict[str, list[tuple[str, str]]] = {}  # kind → (subject, source) of own rulings, in order
        self._last = 0
        self._session = f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        self._count = 0
        self._taken = 0
        self._kept_back = 0
        self._lock = threading.RLock()
        self._opening = threading.Lock()  # two threads that connect to one DuckDB file at once get in each other's way
        self._wake = threading.Event()
        self._stopped = False
        self._asked, self._held = -_FRESH, False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Read the ledger, and (with a reviewer) begin to bring rulings into it. BadInput when it cannot be opened."""
        with opened(self.ledger, read_only=self.reviewer is None, wait=30) as con:
            self._look(con)
        if self.reviewer is not None:
            self._thread = threading.Thread(target=self._work, daemon=True)
            self._thread.start()

    def stop(self) -> int:
        """Bring in what waits; how many rulings still wait beside the ledger."""
        if self._thread is not None:
            self._stopped = True
            self._wake.set()
            self._thread.join(timeout=30)
        return self.waiting

    @property
    def waiting(self) -> int:
        """How many rulings are kept beside the ledger and are not in it yet."""
        return self._kept_back

    @property
    def held(self) -> bool:
        """Whether a run is at work on the ledger, as it was not long ago."""
        now = time.monotonic()
        if now - self._asked > _FRESH:
            self._asked, self._held = now, at_work(self.ledger.parent)
        return self._held

    def judgements(self) -> tuple[list[Tenth], list[Agreement]] | None:
        """What all rulings of the ledger say of the model and of each other. None while another program holds it."""
        try:  # opened as it is opened for writing: the two kinds of connection do not mix in one process
            with self._opening, opened(self.ledger, read_only=self.reviewer is None) as con:
                return calibration(con), agreements(con)
        except Held:
            return None

    def knows(self, kind: str, subject: str) -> bool:
        """Whether anybody ruled on this very subject, and did not take it back."""
        return bool(self._opinions.get((kind, subject)))

    def same_as(self, kind: str, subject: str, representative: str) -> None:
        """Rulings about `subject` are rulings about `representative`."""
        with self._lock:
            if moved := self._opinions.pop((kind, subject), None):
                here = self._opinions.setdefault((kind, representative), [])
                here.extend(moved)
                here.sort(key=lambda o: o.order)
            self._aliases[kind, subject] = representative

    def opinions(self, kind: str, subject: str, evidence: str) -> list[Opinion]:
        """The latest opinion of each person, the one that stands last."""
        latest: dict[str | None, Opinion] = {}
        for o in self._opinions.get((kind, subject), ()):
            if o.about(evidence):
                latest.pop(o.by, None)
                latest[o.by] = o
        return list(latest.values())

    def mine(self, kind: str, subject: str, evidence: str) -> Opinion | None:
        """What the reviewer ruled."""
        for o in reversed(self._opinions.get((kind, subject), ())):
            if o.by == self.reviewer and o.about(evidence) and self.reviewer is not None:
                return o
        return None

    def told(self, kind: str, subject: str) -> float | None:
        """What the model had told when the subject was first ruled on."""
        known = (o.probability for o in self._opinions.get((kind, subject), ()) if o.probability is not None)
        return next(known, None)

    def rule(
        self, kind: str, subject: str, verdict: str, evidence: str, probability: float | None, reason: str | None
    ) -> None:
        """Keep a ruling of the reviewer's. It is on the disk when this returns."""
        self._keep(
            {"kind": kind, "subject": subject, "verdict": verdict, "reason": reason, "evidence": evidence,
             "probability": probability if kind == LINK else None}
        )  # fmt: skip

    def undo(self, kind: str) -> str | None:
        """Take back the reviewer's latest ruling of this kind made at a desk. Its subject; None: there is none."""
        with self._lock:
            if not (own := self._own.get(kind)):
                return None
            subject, source = own[-1]
            self._keep({"kind": kind, "subject": subject, "verdict": WITHDRAWN, "withdraws": source})
            return self._aliases.get((kind, subject), subject)

    def _keep(self, given: Mapping[str, Any]) -> None:
        assert self.reviewer is not None
        with self._lock:
            self._count += 1
            row = dict(given) | {
                "decided_by": self.reviewer, "decided_on": dt.date.today(), "month": self.month,
                "source": f"{_SOURCE}{self._session} no. {self._count}",
            }  # fmt: skip
            append(self.ledger, [row])
            self._kept_back += 1
            self._take(row)
        self._wake.set()

    def _take(self, row: Mapping[str, Any]) -> None:
        """Note a ruling, own or read, once."""
        source = row.get("source")
        if source and source.startswith(_SOURCE):
            if source in self._sources:
                return
            self._sources.add(source)
        kind, subject = row["kind"], row["subject"]
        key = (kind, self._aliases.get((kind, subject), subject))
        if row["verdict"] == WITHDRAWN:
            gone = row.get("withdraws")
            self._opinions[key] = [
                o for o in self._opinions.get(key, []) if o.source != gone or o.by != row["decided_by"]
            ]
            if row["decided_by"] == self.reviewer:
                self._own[kind] = [pair for pair in self._own.get(kind, []) if pair[1] != gone]
            return
        self._taken += 1
        self._opinions.setdefault(key, []).append(
            Opinion(row["verdict"], row.get("decided_by"), row.get("decided_on"), row.get("reason"), row.get("month"),
                    row.get("evidence"), row.get("probability"), source, self._taken)
        )  # fmt: skip
        own = self.reviewer is not None and row.get("decided_by") == self.reviewer
        if own and source and source.startswith(_SOURCE) and row.get("month") == self.month:
            self._own.setdefault(kind, []).append((subject, source))

    def _look(self, con: duckdb.DuckDBPyConnection) -> None:
        """Take over what is new in the ledger."""
        rows = con.execute(_READ, [self._last, self.month]).fetchall()
        with self._lock:
            for number, *values in rows:
                self._last = number
                self._take(dict(zip(_NAMES, values, strict=True)))

    def _work(self) -> None:
        while not self._stopped:
            self._wake.wait(_RETRY if self._kept_back else _LOOK)
            if not self._stopped:
                time.sleep(_PAUSE)  # the reviewer's page goes first; the ruling is on the disk already
            self._wake.clear()
            self._bring_in()
        self._bring_in()

    def _bring_in(self) -> None:
        """What waits into the ledger (opening it does that), unless a run holds it; and what others ruled out of it."""
        if at_work(self.ledger.parent):
            return  # the run takes it in itself when it next opens the ledger
        # held, or no room on the disk: what waits is kept, and tried again
        with self._opening, suppress(BadInput, duckdb.Error, OSError), opened(self.ledger, wait=0) as con:
            self._look(con)
        with self._lock:
            self._kept_back = len(waiting(self.ledger))
