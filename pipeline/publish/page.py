"""`index.html`, the page people open, and the lists behind its figures. No script, nothing fetched, all masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, log
from pathlib import Path
from typing import Any

from markupsafe import Markup

from pipeline.contract import DATASETS, scheme_zh
from pipeline.private import folder
from pipeline.processes import Beside
from pipeline.publish import figures, heat
from pipeline.publish.drawings import Drawings, Wanted
from pipeline.publish.pages.about import absent, missed_rows, reject_groups, write_about
from pipeline.publish.pages.cases import Cases, cases_of
from pipeline.publish.pages.gaps import Gaps, write_gaps
from pipeline.publish.pages.lists import LIST_NAMES, Lists, write_lists
from pipeline.publish.pages.pairs import Linked, anchor, write_pairs
from pipeline.publish.pages.shell import Site
from pipeline.publish.pages.towns import Towns
from pipeline.publish.publication import Publication, Suite
from pipeline.publish.quality import BIN, quality
from pipeline.publish.words import CATEGORIES, OPEN, SEVERITIES, STATES, TIERS, month_zh

_REJECTS_SHOWN = 12
_SHADES = 5


def write_page(pub: Publication, out: Path) -> Path:
    """Write `index.html` into `out`, and under `out`/pages a page a town, a rule and a list that its figures lead to.

    Links point at the files of the run beside them.
    """
    page = Page(pub, out)
    page.write_lists()
    return page.write_overview(pub.suites)


class Page:
    """The page and its lists under `out`. The lists do not wait for the suites' verdicts, which the overview shows.

    `worker`: draws the charts meanwhile, where it is a process.
    """

    def __init__(self, pub: Publication, out: Path, worker: Beside | None = None) -> None:
        self.pub = pub
        self.site = Site(folder(out), month=month_zh(pub.month), version=pub.version)
        self.cases = cases_of(pub)
        self.rules = figures.by_rule(pub)
        self.rules += _only_past(self.cases, {r.id for r in self.rules})
        self.lists, self.gaps = Lists(self.site, self.cases), Gaps(pub, self.cases)
        self.linked = Linked(pub, self.cases.masker)
        self.towns = Towns(pub, self.lists, self.cases, self.gaps, self.linked)
        self.quality = quality(pub)
        self.drawings = Drawings(self._charts(), worker)

    def _charts(self) -> Wanted:
        """The charts of the overview that there is something to draw of, and what they show."""
        wanted: dict[str, tuple[Any, ...]] = {}
        if any(r.total for r in self.rules):
            wanted["by_town"] = (self.rules, self.towns.names)
        if self.quality.weights:
            wanted["weights"] = (self.quality.weights,)
        if self.pub.trends is not None:
            wanted["history"] = (self.pub.trends.months, self.pub.trends.by_status)
        return wanted

    def write_lists(self) -> None:
        """Every list of cases and pairs."""
        write_lists(self.lists, self.pub, self.cases, self.rules)
        write_gaps(self.lists, self.gaps)
        write_pairs(self.site, self.linked)
        self.towns.write()

    def write_overview(self, suites: Sequence[Suite]) -> Path:
        """`index.html` and what is about the audit itself, with the verdicts on the suites."""
        pub = replace(self.pub, suites=suites)
        write_about(self.site, pub, self.cases.masker)
        return self.site.write("index.html", "index.html", **_content(self, pub))


def _only_past(cases: Cases, known: set[str]) -> list[figures.Row]:
    """The rules of which there are only last month's findings, for they did not run."""
    gone = {c.rule: c for c in cases.all if c.rule not in known}
    return [figures.Row(c.rule, c.title, c.category, c.severity, c.basis, {}, {}, None) for c in gone.values()]


def _content(page: Page, pub: Publication) -> dict[str, Any]:
    """Everything the overview shows. `pub`: the page's, with the verdicts on the suites."""
    rules, cases, gaps, towns, found = page.rules, page.cases, page.gaps, page.towns, page.quality
    charts = page.drawings.take()
    ran = [r for r in rules if r.total or r.statuses or r.id in {x.id for x in pub.rules}]
    links = figures.links(pub)
    people = towns.people
    total = sum(r.total for r in rules)
    severities = figures.severities(pub)
    rejects = reject_groups(pub)
    review = sum(row["review"] for row in links)
    listed = [_town(t, rules, people, towns) for t in towns.names]
    inputs = _inputs(pub)
    return {
        "policy": pub.policy,
        "total": total,
        "high": sum(n for (_, severity), n in severities.items() if severity == "high"),
        "at_stake": sum(c.money or 0 for c in cases.open),
        "with_money": sum(c.money is not None for c in cases.open),
        "probable": sum(not c.certain for c in cases.open),
        "wrong": sum(r.false_flags for r in rules),
        "states": _states(pub, cases),
        "people": sum(sum(rosters.values()) for rosters in people.values()),
        "review": review,
        "review_twice": sum(t["review"] for t in listed) != review,
        "categories": [_category(pub, rules, severities, c) for c in CATEGORIES],
        "severities": list(SEVERITIES.items()),
        "missed": missed_rows(pub),
        "ran": len(pub.rules),
        "partly": len({m.id for m in pub.partly}),
        "charts": {"town": charts["by_town"]} if total else {},
        "heat": _Heat(rules, towns.names),
        "towns": listed,
        "rules": [_rule(r) for r in ran],
        "lists": [(_list_id(row.name), row) for row in figures.lists(pub)],
        "held": figures.held(pub),
        "first_month": pub.previous is None,
        "history": _history(pub, rules, charts.get("history")),
        "inputs": inputs,
        "absent": absent(pub),
        "told": len(pub.told),
        "repeated": len(pub.repeated),
        "repeated_zh": pub.repeated_zh,
        "repeated_of": "、".join(dict.fromkeys(scheme_zh(i.dataset) for i in pub.repeated)),
        "rejects": [(cases.masker.text(file), reason, n) for file, reason, n in rejects[:_REJECTS_SHOWN]],
        "rejects_more": len(rejects) if len(rejects) > _REJECTS_SHOWN else 0,
        "rejects_total": pub.engine.count("rejects"),
        "links": _links(links),
        "tiers": list(TIERS.items()),
        "quality": found,
        "weights": charts.get("weights"),
        "bars": [
            ({"at": b.at, "to": b.at + BIN, "link": b.link, "review": b.review}, anchor(b.at, "link"),
             anchor(b.at, "review"))
            for b in found.weights
        ],
        "completeness": [(name, unit, *_complete(figures.completeness(pub, c)), pub.nothing(c))
                         for c, name, unit in (("data", "花名册数据", "行"), ("archive", "档案材料", "户"))],
        "suites": pub.suites,
        "faults": pub.faults,
        "scores": gaps.maps,
        "scored": heat.totals(pub),
        "steps": heat.STEPS,
    }  # fmt: skip


class _Heat:
    """Rules that found anything by category, and the shades of their cells: as the logarithm, for most are small."""

    def __init__(self, rules: Sequence[figures.Row], towns: Sequence[str]) -> None:
        shown = [r for r in rules if r.total]
        self.top = max((max(r.towns.values()) for r in shown), default=1)
        self.groups = [
            {"id": c, "name": name, "rules": mine, "n": sum(r.total for r in mine),
             "towns": {t: sum(r.towns.get(t, 0) for r in mine) for t in towns}}
            for c, name in CATEGORIES.items() if (mine := [r for r in shown if r.category == c])
        ]  # fmt: skip

    def step(self, n: int) -> int:
        return min(max(ceil(_SHADES * log(n + 1) / log(self.top + 1) - 1e-9), 1), _SHADES)

    @property
    def legend(self) -> list[str]:
        """What each shade stands for, '' for one that no count of a small county has."""
        ranges: dict[int, list[int]] = {}
        for n in range(1, self.top + 1):
            ranges.setdefault(self.step(n), []).append(n)
        found = {s: (ns[0], ns[-1]) for s, ns in ranges.items()}
        return [
            ""
            if s not in found
            else f"{found[s][0]}"
            if found[s][0] == found[s][1]
            else f"{found[s][0]}～{found[s][1]}"
            for s in range(1, _SHADES + 1)
        ]


def _states(pub: Publication, cases: Cases) -> list[tuple[str, str, int]]:
    """(state, name, findings): every open state, the resolved, and the others where there are any."""
    counts = {s: sum(c.status == s for c in cases.all) for s in STATES}
    always = () if pub.previous is None else ("resolved",)
    return [(s, name, counts[s]) for s, name in STATES.items() if s in (*OPEN, *always) or counts[s]]


def _list_id(name: str) -> str:
    return next(id for id, zh in LIST_NAMES.items() if zh == name)


def _rule(r: figures.Row) -> dict[str, Any]:
    return {
        "id": r.id, "title": r.title, "category": CATEGORIES[r.category], "severity": SEVERITIES[r.severity],
        "level": r.severity, "n": r.total, "statuses": r.statuses, "before": r.before, "wrong": r.false_flags,
        "money": r.at_stake if r.money else None,
    }  # fmt: skip


def _history(pub: Publication, rules: Sequence[figures.Row], chart: Markup | None) -> dict[str, Any] | None:
    """The months' findings by state, and of each rule the time to settle and how many hold. None in the first month."""
    t = pub.trends
    if t is None:
        return None
    told = [
        (r.title, *t.settled.get(r.id, (0, None)), *t.held(r.id))
        for r in rules if r.id in t.settled or t.held(r.id)[1]
    ]  # fmt: skip
    return {
        "chart": chart,
        "states": list(STATES.values()),
        "months": [(month_zh(m), [(s, t.by_status.get((s, m), 0)) for s in STATES], m == pub.month) for m in t.months],
        "rules": told,
    }


def _category(
    pub: Publication, rules: Sequence[figures.Row], severities: dict[tuple[str, str], int], category: str
) -> dict[str, Any]:
    return {
        "id": category,
        "name": CATEGORIES[category],
        "n": sum(r.total for r in rules if r.category == category),
        "severities": {s: severities.get((category, s), 0) for s in SEVERITIES},
        "ran": len(pub.ran(category)),
        "missed": len({m.id for m in pub.missed_in(category)}),
        "nothing": pub.nothing(category),
    }


def _town(town: str, rules: Sequence[figures.Row], people: dict[str, dict[str, int]], towns: Towns) -> dict[str, Any]:
    return {
        "name": town,
        "people": sum(people.get(town, {}).values()),
        "total": sum(r.towns.get(town, 0) for r in rules),
        "review": len(towns.review.get(town, ())),
        "file": f"towns/{town}.xlsx" if towns.has_workbook(town) else "",
    }


def _links(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A line a dataset: links by tier, reviews, rejects."""
    out: dict[str, dict[str, Any]] = {}
    for row in rows:
        line = out.setdefault(
            row["dataset"],
            {"id": row["dataset"], "name": scheme_zh(row["dataset"]), "tiers": dict.fromkeys(TIERS, 0), "review": 0,
             "reject": 0},
        )  # fmt: skip
        line["tiers"][row["tier"]] = line["tiers"].get(row["tier"], 0) + row["link"]
        line["review"] += row["review"]
        line["reject"] += row["reject"]
    return list(out.values())


def _inputs(pub: Publication) -> list[dict[str, Any]]:
    """The row account, dataset by dataset; the files one by one stand on a page of their own."""
    out = []
    for dataset in DATASETS.values():
        files = [i for i in pub.inputs if i.dataset == dataset.id]
        if files:
            out.append(
                {
                    "id": dataset.id,
                    "name": dataset.zh,
                    "files": len({i.path for i in files}),
                    "sheets": len(files),  # a file may have several, and each is a row of the list behind
                    "read": sum(i.rows_read for i in files),
                    "kept": sum(i.rows_kept for i in files),
                    "rejected": sum(i.rows_rejected for i in files),
                    "skipped": sum(i.rows_skipped for i in files),
                }
            )
    return out


def _complete(found: list[figures.Completeness]) -> tuple[int, int, float | None]:
    examined, complete = sum(c.examined for c in found), sum(c.complete for c in found)
    return examined, complete, 100 * complete / examined if examined else None
