"""`index.html`: the page people open. One file, no script, nothing fetched; counts only, nobody's name or number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.contract import COUNTY, DATASETS, TOWNS, scheme_zh
from pipeline.private import folder, private, seal
from pipeline.publish import charts, figures, heat
from pipeline.publish.publication import Publication
from pipeline.publish.quality import quality
from pipeline.publish.words import CATEGORIES, SEVERITIES, TIERS, few, month_zh, part

_HERE = Path(__file__).parent
_REJECTS_SHOWN = 40
_KINDS = {"rule": "规则", "check": "检查"}


def write_page(pub: Publication, out: Path) -> Path:
    """Write `index.html` into `out`. Links point at the files beside it."""
    engine = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    engine.filters["count"] = lambda n: f"{n:,}"
    engine.filters["yuan"] = lambda x: "" if x is None else f"{x:,.2f}"
    engine.filters["share"] = lambda x: "" if x is None else f"{x:.1f}%"
    engine.filters["part"] = part
    engine.filters["few"] = few
    engine.globals["css"] = Markup((_HERE / "page.css").read_text(encoding="utf-8"))  # our own file, not data
    text = engine.get_template("page.html").render(content(pub))
    path = folder(out) / "index.html"
    with private():
        path.write_text(text, encoding="utf-8")
    return seal(path)


def content(pub: Publication) -> dict[str, Any]:
    """Everything the template shows."""
    rules = figures.by_rule(pub)
    towns = figures.towns(pub)
    links = figures.links(pub)
    people = figures.people(pub)
    found = quality(pub)
    total = sum(r.total for r in rules)
    return {
        "county": COUNTY["county"],
        "month": month_zh(pub.month),
        "version": pub.version,
        "policy": pub.policy,
        "total": total,
        "high": sum(n for (_, severity), n in figures.severities(pub).items() if severity == "high"),
        "people": sum(sum(rosters.values()) for rosters in people.values()),
        "review": sum(row["review"] for row in links),
        "categories": [_category(pub, rules, c) for c in CATEGORIES],
        "missed": [(m.title, _KINDS.get(m.kind, m.kind), CATEGORIES.get(m.category or "", ""), m.reason)
                   for m in pub.missed],
        "ran": len(pub.rules),
        "partly": len({m.id for m in pub.partly}),
        "charts": _charts(pub, rules, towns) if total else {},
        "towns": [_town(t, rules, people) for t in towns],
        "rules": [(CATEGORIES[r.category], r.category, r.title, SEVERITIES[r.severity], r.severity, r.basis, r.total,
                   r.statuses.get("new", 0), r.before, r.false_flags, r.at_stake if r.money else None) for r in rules],
        "lists": figures.lists(pub),
        "held": figures.held(pub),
        "first_month": pub.previous is None,
        "history": _history(pub, rules),
        "inputs": _inputs(pub),
        "absent": [d.zh for d in DATASETS.values() if d.id not in {i.dataset for i in pub.inputs}],
        "told": list(pub.told),
        "rejects": figures.rejected(pub)[:_REJECTS_SHOWN],
        "rejects_total": pub.engine.count("rejects"),
        "links": [(scheme_zh(r["dataset"]), TIERS.get(r["tier"], r["tier"]), r["link"], r["review"], r["reject"])
                  for r in links],
        "quality": found,
        "weights": Markup(charts.weights(found.weights)) if found.weights else None,  # escaped by the charting library
        "completeness": [(name, unit, *_complete(figures.completeness(pub, c)), pub.nothing(c))
                         for c, name, unit in (("data", "花名册数据", "行"), ("archive", "档案材料", "户"))],
        "suites": pub.suites,
        "faults": pub.faults,
        "scores": heat.tables(pub),
        "scored": heat.totals(pub),
        "steps": heat.STEPS,
    }  # fmt: skip


def _charts(pub: Publication, rules: list[figures.Row], towns: list[str]) -> dict[str, Markup]:
    drawn = {
        "town": charts.by_town(rules, towns),
        "rule": charts.by_rule(rules),
        "heat": charts.heat(rules, towns),
        "severity": charts.severity(figures.severities(pub)),
    }
    # drawn by the charting library, which escapes the texts it is given
    return {name: Markup(svg) for name, svg in drawn.items()}


def _history(pub: Publication, rules: list[figures.Row]) -> dict[str, Any] | None:
    """The months' findings by state, and of each rule the time to settle and how many hold. None in the first month."""
    t = pub.trends
    if t is None:
        return None
    states = ("new", "continuing", "reopened", "resolved", "dismissed", "not_examined")
    told = [
        (r.title, *t.settled.get(r.id, (0, None)), *t.held(r.id))
        for r in rules if r.id in t.settled or t.held(r.id)[1]
    ]  # fmt: skip
    return {
        "chart": Markup(charts.history(t.months, t.by_status)),  # escaped by the charting library
        "months": [(month_zh(m), *(t.by_status.get((s, m), 0) for s in states)) for m in t.months],
        "rules": told,
    }


def _category(pub: Publication, rules: list[figures.Row], category: str) -> dict[str, Any]:
    return {
        "id": category,
        "name": CATEGORIES[category],
        "n": sum(r.total for r in rules if r.category == category),
        "ran": len(pub.ran(category)),
        "missed": len({m.id for m in pub.missed_in(category)}),
        "nothing": pub.nothing(category),
    }


def _town(town: str, rules: list[figures.Row], people: dict[str, dict[str, int]]) -> dict[str, Any]:
    counts = [sum(r.towns.get(town, 0) for r in rules if r.category == c) for c in CATEGORIES]
    rostered = sum(people.get(town, {}).values())
    return {
        "name": town,
        "known": town in TOWNS,
        "people": rostered,
        "counts": counts,
        "total": sum(counts),
        # the same towns as get a workbook
        "file": f"towns/{town}.xlsx" if rostered or any(counts) else "",
    }


def _inputs(pub: Publication) -> list[dict[str, Any]]:
    """The row account, dataset by dataset; the files one by one stand in county.xlsx."""
    out = []
    for dataset in DATASETS.values():
        files = [i for i in pub.inputs if i.dataset == dataset.id]
        if files:
            out.append(
                {
                    "name": dataset.zh,
                    "files": len({i.path for i in files}),
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
