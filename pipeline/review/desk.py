"""The desk itself: a run, its queues and the rulings, as one reviewer has them before them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.ledger.rulings import FINDING, LINK
from pipeline.review import screens
from pipeline.review.book import Book
from pipeline.review.compared import Pairs
from pipeline.review.queues import BLIND, Item, Queue, make_queues
from pipeline.review.source import Source, read_source

_SCREENS = 64  # kept: those just seen, and the next one


class Desk:
    """A finished run on the desk. `reviewer` None: it is looked at, and nothing can be ruled."""

    def __init__(self, folder: Path, ledger: Path, reviewer: str | None, *, blind: bool = False) -> None:
        self._folder, self._blind = folder, blind
        self.source: Source = read_source(folder)
        self.book = Book(ledger, self.source.month, reviewer)
        self.book.start()
        self._lay_out()

    @property
    def read_only(self) -> bool:
        return self.book.reviewer is None

    def reload(self) -> None:
        """Take the month's new run onto the desk. BadInput when there is none that can be read."""
        self.source = read_source(self._folder)
        self._lay_out()

    def _lay_out(self) -> None:
        self.pairs = Pairs(self.source)
        self._screen = lru_cache(_SCREENS)(self._make_screen)
        self.queues: dict[str, Queue] = make_queues(self.source, self.book)
        if self._blind:
            self.queues[LINK].choose(order=BLIND)

    def rule(self, kind: str, verdict: str, reason: str | None) -> None:
        """Rule on the item before the reviewer; saying the same again is not kept a second time."""
        queue = self.queues[kind]
        item = queue.item
        assert item is not None
        mine = self.book.mine(kind, item.subject, item.evidence)
        if mine is not None and (mine.verdict, mine.reason) == (verdict, reason):
            return
        self.book.rule(kind, item.subject, verdict, item.evidence, self.told(item), reason)
        queue.changed(item.subject)

    def undo(self, kind: str) -> bool:
        """Take back the reviewer's latest ruling of this kind, and show its item. False when there is none."""
        queue = self.queues[kind]
        subject = self.book.undo(kind)
        if subject is None:
            return False
        number = queue.changed(subject)
        if number is not None:
            queue.go(number)
        return True

    def told(self, item: Item) -> float | None:
        """What the model told of a pair: what it told when it was first ruled on, if it was."""
        known = self.book.told(LINK, item.subject)
        return item.probability if known is None else known

    def shown(self, kind: str, item: Item, *, blind: bool) -> dict[str, Any]:
        """What the page shows of an item."""
        return self._screen(kind, item, self.told(item) if kind == LINK else None, blind)

    def prepare(self, kind: str) -> None:
        """Make the item ready that would come next."""
        queue = self.queues[kind]
        if (item := queue.following) is not None:
            self.shown(kind, item, blind=queue.order == BLIND and not queue.judged(item))

    def _make_screen(self, kind: str, item: Item, told: float | None, blind: bool) -> dict[str, Any]:
        if kind == LINK:
            return screens.link_screen(self.source, self.pairs, item, told, blind)
        if kind == FINDING:
            return screens.finding_screen(self.source, self.pairs, item)
        return screens.reject_screen(self.source, item)
