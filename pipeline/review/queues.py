"""The three queues: what is to be judged, in which order, and which of it a reviewer has before them.

An item of the queue of links is all the pairs that say the same of the same two persons: one answer settles them all,
in this run and in the next (see `pipeline.linkage.ruled`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipeline.ledger.rulings import FINDING, LINK, REJECT, link_subject, reject_subject
from pipeline.linkage.ruled import side
from pipeline.review.book import Book, Opinion
from pipeline.review.source import Source

UNJUDGED, SECOND, DISAGREE, MINE, ALL = "todo", "second", "disagree", "mine", "all"
VIEWS = (UNJUDGED, SECOND, DISAGREE, MINE, ALL)
BY_SCORE, BLIND = "score", "blind"
_SIDE = ("dataset", "id_number", "name", "birth_date", "town", "group_no")
_GRAVE = {"high": 0, "medium": 1, "low": 2}
_SHORTEST_TAIL = 3  # characters of an ID number's end that are looked for


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to judge. `at`: its row in the run's table, `further` those that the same answer settles; `evidence`:
    hash of what it rests on (a ruling on other evidence is not about it); `probability`: what the model told.
    """

    subject: str
    at: int
    towns: tuple[str, ...]
    text: str
    numbers: tuple[str, ...]
    evidence: str
    probability: float | None = None
    further: tuple[int, ...] = ()
    rank: tuple[Any, ...] = ()
    blind: bytes = b""  # its place in an order that says nothing about it

    def answers(self, words: Sequence[str]) -> bool:
        """Whether every word of a search is in a name, a town or a household's number, or ends an ID number."""
        return all(
            w in self.text or (len(w) >= _SHORTEST_TAIL and any(n.endswith(w) for n in self.numbers)) for w in words
        )


@dataclass
class Queue:
    """One kind's items and where the reviewer stands in them. `shown`: the items of the view chosen, by number."""

    kind: str
    items: list[Item]
    book: Book
    month: str
    view: str = UNJUDGED
    order: str = BY_SCORE
    town: str = ""
    words: str = ""
    shown: list[int] = field(default_factory=list)
    at: int | None = None  # number of the item before the reviewer

    def __post_init__(self) -> None:
        self._numbers = {item.subject: n for n, item in enumerate(self.items)}
        self._place_of: dict[int, int] = {}
        self._done: set[int] = set()
        self._open: set[int] = set()
        self.choose()

    def choose(
        self, *, view: str | None = None, order: str | None = None, town: str | None = None, words: str | None = None
    ) -> None:
        """Change what is shown, and begin with its first item that is not judged yet."""
        self.view = view if view in VIEWS else self.view
        self.order = order if order in (BY_SCORE, BLIND) else self.order
        self.town = self.town if town is None else town
        self.words = self.words if words is None else words
        asked = self.words.upper().split()
        wanted = self._of_view()
        found = [
            n for n, item in enumerate(self.items)
            if wanted(item) and (not self.town or self.town in item.towns) and item.answers(asked)
        ]  # fmt: skip
        found.sort(key=lambda n: (self.items[n].blind if self.order == BLIND else self.items[n].rank, n))
        self.shown = found
        self._place_of = {n: place for place, n in enumerate(found)}
        self._done = {n for n in found if self.judged(self.items[n])}
        self._open = {n for n, item in enumerate(self.items) if not self._opinions(item)}
        self.at = next(self._unjudged(0), found[0] if found else None)

    @property
    def item(self) -> Item | None:
        """The item before the reviewer."""
        return None if self.at is None else self.items[self.at]

    def changed(self, subject: str) -> int | None:
        """A ruling on this subject was made or taken back. The item's number; None: it is not in the queue."""
        number = self._numbers.get(subject)
        if number is None:
            return None
        item = self.items[number]
        (self._open.discard if self._opinions(item) else self._open.add)(number)
        if number in self._place_of:
            (self._done.add if self.judged(item) else self._done.discard)(number)
        return number

    @property
    def left(self) -> int:
        """How many items of the whole queue nobody has judged."""
        return len(self._open)

    def move(self, by: int) -> None:
        """To the next item shown (+1) or the one before (-1); the ends stay."""
        if self.shown:
            self.at = self.shown[max(0, min(len(self.shown) - 1, self.position - 1 + by))]

    def go(self, number: int) -> bool:
        """To an item by its number, shown or not. False when there is none of that number."""
        if not 0 <= number < len(self.items):
            return False
        self.at = number
        return True

    def advance(self) -> bool:
        """To the next item that the reviewer has not judged, from here on and round. False when all are judged."""
        following = self._next()
        if following is None:
            return False
        self.at = following
        return True

    @property
    def following(self) -> Item | None:
        """The item to which `advance` would go."""
        number = self._next()
        return None if number is None else self.items[number]

    def _next(self) -> int | None:
        return next((n for n in self._unjudged(self.position) if n != self.at), None)

    def judged(self, item: Item) -> bool:
        """Whether the reviewer has judged it."""
        return self.book.mine(self.kind, item.subject, item.evidence) is not None

    @property
    def done(self) -> int:
        """How many of the items shown the reviewer has judged."""
        return len(self._done)

    @property
    def position(self) -> int:
        """The place of the item before the reviewer among those shown, from 1; 0 where it is not among them."""
        return self._place_of[self.at] + 1 if self.at in self._place_of else 0

    def _unjudged(self, start: int) -> Iterator[int]:
        return (n for n in (*self.shown[start:], *self.shown[:start]) if n not in self._done)

    def _opinions(self, item: Item) -> list[Opinion]:
        return self.book.opinions(self.kind, item.subject, item.evidence)

    def _of_view(self) -> Callable[[Item], bool]:
        return {
            UNJUDGED: lambda item: not self._opinions(item),
            SECOND: lambda item: not self.judged(item) and bool(self._opinions(item)),
            DISAGREE: lambda item: len({o.verdict for o in self._opinions(item)}) > 1,
            MINE: self.judged,
            ALL: lambda item: True,
        }[self.view]


def make_queues(source: Source, book: Book) -> dict[str, Queue]:
    """Kind → its queue. The book is told which rulings are about which item."""
    made = {LINK: _links(source, book), FINDING: _findings(source), REJECT: _rejects(source)}
    return {kind: Queue(kind, items, book, source.month) for kind, items in made.items()}


def _links(source: Source, book: Book) -> list[Item]:
    wanted = {*source.pairs["roster_record_id"], *source.pairs["record_id"]}
    facts = {r: row for r, row in source.records.rows(*_SIDE, "village") if r in wanted}
    sides = {r: side(dict(zip(_SIDE, row, strict=False))) for r, row in facts.items()}
    groups: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    columns = ("roster_record_id", "record_id", "dataset", "pattern", "match_probability", "decision")
    rows = source.pairs.select(pl.int_range(pl.len()).alias("at"), *columns).iter_rows()
    for at, a, b, dataset, pattern, probability, decision in rows:
        if a in sides and b in sides:
            one, other = sorted((sides[a], sides[b]))
            told = probability if decision != "link" else None  # what people said of it is no longer the model's word
            groups.setdefault((one, other), []).append((at, a, b, dataset, pattern or "", told))
    items = []
    for key, pairs in groups.items():
        # shown is the pair that was ruled on (a further ruling has to be on what a run asked), else the one whose two
        # records say most
        ruled = {p[0] for p in pairs if book.knows(LINK, link_subject(p[1], p[2], p[3]))}
        pairs.sort(key=lambda p: (p[0] not in ruled, p[4].count("=unknown"), p[3] != "household_register", p[1], p[2]))
        at, a, b, dataset, _, told = pairs[0]
        subject = link_subject(a, b, dataset)
        for _, x, y, d, *_ in pairs[1:]:
            book.same_as(LINK, link_subject(x, y, d), subject)
        both = [facts[r] for r in (a, b)]
        items.append(
            Item(
                subject=subject,
                at=at,
                towns=tuple(dict.fromkeys(f[4] for f in both if f[4])),
                text="\n".join(str(v) for f in both for v in (f[2], f[4], f[6], f[5]) if v).upper(),
                numbers=tuple(f[1] for f in both if f[1]),
                evidence=_hash(key),
                probability=told,
                further=tuple(p[0] for p in pairs[1:]),
                rank=(told is None, -(told or 0.0), subject),
                blind=_blind(source.month, subject),
            )
        )
    return items


def _findings(source: Source) -> list[Item]:
    items = []
    for at, f in enumerate(source.findings.iter_rows(named=True)):
        told = (f["name"], f["town"], f["village"], f["household_no"], source.titles.get(f["rule_id"]))
        items.append(
            Item(
                subject=f["fingerprint"],
                at=at,
                towns=(f["town"],) if f["town"] else (),
                text="\n".join(v for v in told if v).upper(),
                numbers=(f["id_number"],) if f["id_number"] else (),
                evidence=hashlib.sha256((f["evidence"] or "").encode()).hexdigest(),
                probability=f["match_probability"],
                rank=(_GRAVE.get(f["severity"], 3), f["rule_id"], f["town"] or "", f["household_no"] or ""),
                blind=_blind(source.month, f["fingerprint"]),
            )
        )
    return items


def _rejects(source: Source) -> list[Item]:
    items = []
    for at, r in enumerate(source.rejects.iter_rows(named=True)):
        subject = reject_subject(source.month, r["file"], r["sheet"], r["row"], r["column"])
        items.append(
            Item(
                subject=subject,
                at=at,
                towns=(),
                text="\n".join(str(v) for v in (r["file"], r["sheet"], r["raw"], r["reason"]) if v).upper(),
                numbers=(),
                evidence=_hash((r["raw"] or "", r["reason"] or "")),
                rank=(r["file"], r["sheet"] or "", r["column"] or "", r["row"] or 0),
                blind=_blind(source.month, subject),
            )
        )
    return items


def _blind(month: str, subject: str) -> bytes:
    return hashlib.sha256(f"{month}|{subject}".encode()).digest()


def _hash(values: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(values), ensure_ascii=False).encode()).hexdigest()
