"""The lists behind the county's figures: by state, by rule, by category and severity, by confidence, with money."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from pipeline.publish.figures import Row
from pipeline.publish.pages.cases import Case, Cases
from pipeline.publish.pages.shell import Site, chunked
from pipeline.publish.publication import Publication
from pipeline.publish.words import CATEGORIES, NOT_EXAMINED, OPEN, SCREENED, SEVERITIES, STATES

SETTLED = ("resolved", "dismissed", NOT_EXAMINED)
_ABOUT_STATE = {
    "new": "上月没有、本月新发现的。",
    "reopened": "曾经消除或排除，本月又出现的。",
    "continuing": "上月已有、本月仍在的。",
    "resolved": "上月有、本月已查不到的。",
    "dismissed": "已核实排除的，证据不变、结论未到期就不再列为疑点。",
    NOT_EXAMINED: "上月有，本月因缺少数据等原因未能核查，不等于已经消除。",
}


@dataclass(frozen=True)
class Group:
    """A part of a list: its anchor, heading and cases."""

    id: str
    heading: str
    cases: Sequence[Case]
    remark: str = ""
    chunks: Sequence[Markup] = ()

    @property
    def n(self) -> int:
        return len(self.cases)


class Lists:
    """Writes lists of cases; a case's row is rendered once and stands in every list that holds it."""

    def __init__(self, site: Site, cases: Cases) -> None:
        self.site, self.cases = site, cases
        row = site.macro("parts.html", "row")
        self._rows = {id(c): str(row(c, "../../")) for c in (*cases.all, *cases.held)}

    def row(self, case: Case) -> str:
        """The case's row, for a page two folders down."""
        return self._rows[id(case)]

    def write(
        self, path: str, title: str, intro: str, groups: Iterable[Group],
        *, more: Iterable[Group] = (), around: Sequence[tuple[str, str]] = (), notes: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """One page `pages/<path>.html`; `groups` together have the anchor `open`, `more` stands below them."""
        parts = [self._filled(groups), self._filled(more)]
        self.site.write(f"pages/{path}.html", "list.html", title=title, intro=intro, parts_of=parts, around=around,
                        notes=notes)  # fmt: skip

    def _filled(self, groups: Iterable[Group]) -> list[Group]:
        return [replace(g, chunks=chunked(self.row(c) for c in g.cases)) for g in groups]


def write_lists(lists: Lists, pub: Publication, cases: Cases, rules: Sequence[Row]) -> None:
    """Every list of cases but the towns' and those of gaps."""
    _states(lists, cases)
    _categories(lists, pub, cases)
    _severe(lists, cases)
    _probable(lists, cases)
    _money(lists, cases)
    _held(lists, cases)
    for rule in rules:
        _rule(lists, pub, rule, [c for c in cases.all if c.rule == rule.id])


def _by_state(found: Iterable[Case], states: Sequence[str], *, all_of: bool = False) -> list[Group]:
    listed = list(found)
    groups = [Group(s, STATES[s], [c for c in listed if c.status == s], _ABOUT_STATE[s]) for s in states]
    return [g for g in groups if g.n or all_of]


def _states(lists: Lists, cases: Cases) -> None:
    lists.write(
        "list/open", "全部待核实疑点", "按状态分列，程度高的在前。", _by_state(cases.open, OPEN, all_of=True),
        around=[("已消除、已排除、未核查的", "settled.html")],
    )  # fmt: skip
    lists.write(
        "list/settled", "不再列为疑点和本月未核查的", "按状态分列。",
        _by_state(cases.all, SETTLED, all_of=True), around=[("全部待核实疑点", "open.html")],
    )  # fmt: skip


def _grouped(found: Sequence[Case], of: Callable[[Case], str], names: Iterable[tuple[str, str]]) -> list[Group]:
    groups = [Group(id, name, [c for c in found if of(c) == id]) for id, name in names]
    return [g for g in groups if g.n]


def _categories(lists: Lists, pub: Publication, cases: Cases) -> None:
    for category, name in CATEGORIES.items():
        found = [c for c in cases.open if c.category == category]
        told = pub.caveat(category) if pub.ran(category) else f"{pub.nothing(category)}。"
        lists.write(
            f"category/{category}", name, "按程度分列的待核实疑点。",
            _grouped(found, lambda c: c.severity, ((s, f"程度{zh}") for s, zh in SEVERITIES.items())),
            notes=[told] if told else (),
        )  # fmt: skip


def _severe(lists: Lists, cases: Cases) -> None:
    found = [c for c in cases.open if c.severity == "high"]
    lists.write(
        "list/high", "程度为“高”的待核实疑点", "按类别分列。",
        _grouped(found, lambda c: c.category, CATEGORIES.items()),
    )  # fmt: skip


def list_of(case: Case) -> str:
    """The list of the towns' workbooks that a case stands on: screened leads have their own."""
    return "screened" if case.category == "missing" and case.screened else case.category


LIST_NAMES: dict[str, str] = {**dict(list(CATEGORIES.items())[:2]), "screened": SCREENED, **CATEGORIES}


def _probable(lists: Lists, cases: Cases) -> None:
    found = sorted(
        (c for c in cases.open if not c.certain), key=lambda c: (c.probability is None, c.probability or 0, c.key)
    )
    lists.write(
        "list/probable", "把握为“可能”的待核实疑点",
        "由比对推断是同一人的，可能性低的在前；一份清单的预计误报，是其中各条“不是同一人”的可能性之和。",
        _grouped(found, list_of, LIST_NAMES.items()),
    )  # fmt: skip


def _money(lists: Lists, cases: Cases) -> None:
    found = sorted((c for c in cases.open if c.money is not None), key=lambda c: (-(c.money or 0), c.key))
    titles = {c.rule: c.title for c in found}
    lists.write("list/money", "涉及金额的待核实疑点", "按疑点类型分列，金额大的在前。",
                _grouped(found, lambda c: c.rule, titles.items()))  # fmt: skip


def _held(lists: Lists, cases: Cases) -> None:
    lists.write(
        "list/held", "待比对的漏保线索",
        "本人可能已经在册：先辨认两条记录是否同一人，不是同一人的才是漏保线索。",
        [Group("held", "待比对的漏保线索", cases.held)] if cases.held else [],
    )  # fmt: skip


def _rule(lists: Lists, pub: Publication, rule: Row, found: Sequence[Case]) -> None:
    partly = [m.reason for m in pub.missed if m.id == rule.id]
    notes = [f"本月只核查了一部分：{'；'.join(dict.fromkeys(partly))}。"] if partly else []
    if rule.id not in {r.id for r in pub.rules}:
        notes = [f"本月没有核查{'：' if partly else ''}{'；'.join(dict.fromkeys(partly))}。没有核查不等于没有问题。"]
    elif not rule.total and not partly:
        notes.append("本月核查了，没有发现待核实的疑点。")
    intro = f"{CATEGORIES[rule.category]}，程度{SEVERITIES[rule.severity]}。依据：{rule.basis or '—'}"
    if how := pub.verify.get(rule.id):
        intro += f"　怎样核实：{how}"
    open_ones = [c for c in found if c.open]
    lists.write(
        f"rule/{rule.id}", rule.title, intro, _by_state(open_ones, OPEN),
        more=_by_state([c for c in found if not c.open], SETTLED), notes=notes,
        around=[(CATEGORIES[rule.category], f"../category/{rule.category}.html")],
    )  # fmt: skip
