"""A page a town: its figures, and every case of its people whole, with the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from pipeline.contract import DATASETS, TOWNS
from pipeline.publish import figures
from pipeline.publish.pages import villages
from pipeline.publish.pages.cases import Case, Cases
from pipeline.publish.pages.gaps import Gaps
from pipeline.publish.pages.lists import SETTLED, Lists
from pipeline.publish.pages.pairs import Linked, Pairs
from pipeline.publish.pages.shell import chunked, joined
from pipeline.publish.publication import Publication
from pipeline.publish.words import CATEGORIES, OPEN, STATES, STATUSES, UNKNOWN_TOWN


@dataclass(frozen=True)
class Part:
    """The cases of one rule (or state) of a town."""

    id: str
    heading: str
    cases: Sequence[Case]
    rows: Markup = field(default_factory=Markup)

    @property
    def n(self) -> int:
        return len(self.cases)

    @property
    def fresh(self) -> int:
        """Those that are new this month."""
        return sum(c.status == "new" for c in self.cases)


class Towns:
    """The towns' pages. `names`: those that have one, in the contract's order."""

    def __init__(self, pub: Publication, lists: Lists, cases: Cases, gaps: Gaps, linked: Linked) -> None:
        self.pub, self.lists, self.gaps = pub, lists, gaps
        self._case = lists.site.macro("parts.html", "case")
        self._cases = _sorted_into(cases.all)
        self._held = _sorted_into(cases.held)
        self.review: dict[str, list[Mapping[str, Any]]] = {}
        for link in linked.links:
            if link["decision"] == "review":
                for town in linked.towns(link):
                    self.review.setdefault(town, []).append(link)
        self._linked = linked
        self.people = figures.people(pub)
        some = {*self.people, *self._cases, *self._held, *self.review}
        self.names = [t for t in (*TOWNS, UNKNOWN_TOWN) if t in some or t != UNKNOWN_TOWN]
        self._villages = villages.by_town(pub)

    def has_workbook(self, town: str) -> bool:
        """As `publish.towns` gives one: to towns with people, findings or pairs to compare."""
        return bool(self.people.get(town) or self.review.get(town) or self._held.get(town)) or any(
            c.status in STATUSES for c in self._cases.get(town, ())
        )

    def write(self) -> None:
        for town in self.names:
            self._write(town)

    def _write(self, town: str) -> None:
        mine = self._cases.get(town, [])
        people = self.people.get(town, {})
        categories = [self._category(c, [x for x in mine if x.open and x.category == c]) for c in CATEGORIES]
        waiting = self.review.get(town, [])
        self.lists.site.write(
            f"pages/town/{town}.html", "town.html",
            town=town,
            workbook=f"towns/{town}.xlsx" if self.has_workbook(town) else "",
            people=sum(people.values()),
            rosters="，".join(f"{DATASETS[r].zh} {n:,}" for r, n in people.items()),
            total=sum(part.n for _, _, _, parts in categories for part in parts),
            states=[(STATES[s], sum(c.status == s for c in mine)) for s in OPEN],
            categories=categories,
            settled=[
                self._part(s, STATES[s], [c for c in mine if c.status == s], "case")
                for s in SETTLED if any(c.status == s for c in mine)
            ],
            held=self._part("held", "待比对的漏保线索", self._held.get(town, []), "case"),
            review=Pairs("review", "待人工比对", len(waiting), chunked(self._linked.row(k) for k in waiting)),
            gaps=[
                self._part(f"gap-{m.id}", m.title, self.gaps.of_town(m, town), "row")
                for m in self.gaps.maps if self.gaps.of_town(m, town)
            ],
            villages=villages.shown(self._villages.get(town, {})),
            neighbours=[t for t in self.names if t != town],
        )  # fmt: skip

    def _category(self, category: str, mine: Sequence[Case]) -> tuple[str, str, str, list[Part]]:
        """(id, name, what to say of it, a part a rule)."""
        rules = dict.fromkeys(c.rule for c in mine)
        titles = {c.rule: c.title for c in mine}
        parts = [self._part(f"rule-{r}", titles[r], [c for c in mine if c.rule == r], "case") for r in rules]
        told = self.pub.caveat(category) if self.pub.ran(category) else f"{self.pub.nothing(category)}。"
        return category, CATEGORIES[category], told, parts

    def _part(self, id: str, heading: str, cases: Sequence[Case], how: str) -> Part:
        make = self.lists.row if how == "row" else self._case
        return Part(id, heading, cases, joined(str(make(c)) for c in cases))


def _sorted_into(cases: Sequence[Case]) -> dict[str, list[Case]]:
    out: dict[str, list[Case]] = {}
    for case in cases:
        out.setdefault(case.town, []).append(case)
    return out
