"""This month beside the ledger: the engine's `finding_rows` → `findings`, with state, cause and age.

Leaves on the engine
  findings     the contract's rows: those found, and those resolved since the month before, as they were last told
               (without record ids, for the rows they stood on are another month's)
  unexamined   in the same shape, those of the month before of which this month can say nothing
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.findings.rows import FINDING_SCHEMA
from pipeline.ledger.causes import Side, Subject
from pipeline.ledger.facts import Facts, Rosters, contents_of, rosters_of, still_there
from pipeline.ledger.past import DETAIL, History
from pipeline.ledger.states import State, states
from pipeline.months import last_day
from pipeline.record_words import NOT_EXAMINED

STATE_SCHEMA = {"status": pl.String, "first_month": pl.String, "cause": pl.String}
_ORDER = "rule_id, scheme, household_no, record_id, fingerprint"


@dataclass(frozen=True)
class Row:
    """A finding and run, as the ledger keeps it. `said`: `DETAIL` of a finding of this month; else `detail`, its
    number in the ledger.
    """

    state: State
    about: Subject
    said: Mapping[str, Any] | None = None
    text: str | None = None  # hash of the evidence as written
    detail: int | None = None


@dataclass(frozen=True)
class Comparison:
    """One run beside the ledger."""

    month: str
    rows: Sequence[Row]
    facts: Facts | None
    rosters: Rosters | None
    compared_with: int | None
    previous_month: str | None
    facts_before: Facts | None = None
    rosters_before: Rosters | None = None
    verdicts: Mapping[str, str] = field(default_factory=dict)  # life → what was last ruled about it

    @property
    def by_status(self) -> dict[str, int]:
        """State → findings."""
        return dict(sorted(Counter(row.state.status for row in self.rows).items()))

    @property
    def same_files(self) -> frozenset[str]:
        """SHA-256 of this run's inputs that the month before had byte for byte."""
        now, before = (
            {sha256 for _, _, sha256, _ in facts.counts.get("inputs", ())} if facts else set()
            for facts in (self.facts, self.facts_before)
        )  # fmt: skip
        return frozenset(now & before)

    @property
    def found(self) -> int:
        """How many findings this month has, those dismissed included."""
        return sum(row.said is not None for row in self.rows)


def compared(engine: DuckEngine, month: str, facts: Facts | None, history: History) -> Comparison:
    """Give every finding its state (see the module); `history`: what the ledger knows of the months before."""
    found = engine.rows("SELECT * FROM finding_rows").to_dicts()
    pieces = {f["fingerprint"]: json.loads(f["evidence"] or "[]") for f in found}
    about = _subjects(engine, found, pieces)
    past = history.past
    gone: dict[str, set[int]] = defaultdict(set)
    for fingerprint, seen in past.last.items():
        if fingerprint not in about:
            for dataset, content in seen.about.records:
                gone[dataset].add(content)
    rosters = rosters_of(engine) if facts else None
    now = Side(facts, rosters, frozenset(still_there(engine, gone)) if facts else frozenset())
    found_by = {f["fingerprint"]: f for f in found}
    rows = []
    for state in states(about, past, now, month, last_day(month)):
        if said := found_by.get(state.fingerprint):
            evidence = _without_ids(pieces[state.fingerprint])
            text = half_hash(said["evidence"] or "")
            row = Row(state, about[state.fingerprint], {c: said[c] for c in DETAIL} | {"evidence": evidence}, text)
        else:
            assert state.before is not None
            row = Row(state, state.before.about, detail=history.said[state.fingerprint]["detail"])
        rows.append(row)
    _leave(engine, rows, history)
    verdicts = {life: ruling.verdict for life, ruling in past.rulings.items()}
    then = past.then or Side(None)
    return Comparison(month, rows, facts, rosters, history.run_no, history.month, then.facts, then.rosters, verdicts)


def half_hash(text: str) -> str:
    """The first half of a text's SHA-256, as a UUID is written."""
    return str(uuid.UUID(hashlib.sha256(text.encode()).hexdigest()[:32]))


def _subjects(
    engine: DuckEngine, found: Sequence[Mapping[str, Any]], pieces: Mapping[str, list[dict[str, Any]]]
) -> dict[str, Subject]:
    wanted: dict[str, set[str]] = defaultdict(set)
    for items in pieces.values():
        for item in items:
            wanted[item["dataset"]].add(item["record_id"])
    contents = contents_of(engine, wanted)
    out = {}
    for f in found:
        items = pieces[f["fingerprint"]]
        records = {(i["dataset"], contents[i["record_id"]]) for i in items if i["record_id"] in contents}
        out[f["fingerprint"]] = Subject(
            f["rule_id"], f["category"], f["scheme"], f["town"], f["household_no"], f["name"], f["id_number"],
            _values_hash(items), frozenset(records),
        )  # fmt: skip
    return out


def _values_hash(items: list[dict[str, Any]]) -> str:
    """What the rule read, whatever the rows' numbers: the same next month where nothing changed."""
    values = sorted(json.dumps([i["dataset"], i["values"]], ensure_ascii=False, sort_keys=True) for i in items)
    return half_hash("\x1f".join(values))


def _without_ids(items: list[dict[str, Any]]) -> str:
    """The evidence as JSON, without the rows of this month's files."""
    return json.dumps(
        sorted(({"dataset": i["dataset"], "record_id": None, "values": i["values"]} for i in items), key=str),
        ensure_ascii=False,
    )


def _leave(engine: DuckEngine, rows: Sequence[Row], history: History) -> None:
    """`findings`, `unexamined`."""
    fields = {"fingerprint": pl.String, **STATE_SCHEMA}
    now = [(r.state.fingerprint, r.state.status, r.state.first_month, r.state.cause) for r in rows if r.said]
    engine.drop("finding_state")
    engine.load("finding_state", pl.DataFrame(now, schema=fields, orient="row"))
    engine.run(
        "SELECT f.*, s.status, s.first_month, s.cause FROM finding_rows f JOIN finding_state s USING (fingerprint) "
        f"ORDER BY {_ORDER}",
        into="findings",
    )
    engine.drop("finding_state")
    told: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for row in rows:
        if row.said is None and row.detail is not None:
            told[row.state.status == NOT_EXAMINED].append(_as_told(row, history))
    schema = FINDING_SCHEMA | STATE_SCHEMA
    engine.load("findings", pl.DataFrame(told[False], schema=schema))
    engine.drop("unexamined")
    engine.load("unexamined", pl.DataFrame(told[True], schema=schema))


def _as_told(row: Row, history: History) -> dict[str, Any]:
    said = history.said[row.state.fingerprint]
    state = row.state
    return {
        "fingerprint": state.fingerprint, "rule_id": said["rule_id"], "town": said["town"], "record_id": None,
        "hukou_no": None, "status": state.status, "first_month": state.first_month, "cause": state.cause,
    } | {c: said[c] for c in DETAIL}  # fmt: skip
