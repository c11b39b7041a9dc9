"""What a person has to compare: the questions of links in review, as the rows of the sheet 待人工比对.

A row is one question about two persons. The records that it decides stand in its two columns of places, by which the
answer is given its pairs again (`pipeline.fieldwork.answers.replies`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.contract import DATASETS, ROSTERS
from pipeline.linkage.records import typed_table
from pipeline.publish.concerned import filed_under
from pipeline.publish.leads import held_back, town_of
from pipeline.publish.publication import Publication
from pipeline.publish.question_row import FIELDS, Asking, Record, Row
from pipeline.publish.questions import Link, Question, questions
from pipeline.publish.sheets import Col

VERDICTS: tuple[str, ...] = ("同一人", "不是同一人", "无法判断")
LOOK = "怎样核实"
COLUMNS: tuple[Col, ...] = (
    Col("序号", 4.5, "centre"),
    Col("村居", 7.5),
    Col("救助类别", 6, "centre"),
    Col("家庭编号", 16, "id"),
    Col("名册姓名", 8),
    Col("名册证件号（部分隐去）", 19.5, "id"),
    Col("名册来源", 16),
    Col("对方数据", 8, "centre"),
    Col("对方姓名", 8),
    Col("对方证件号（部分隐去）", 19.5, "id"),
    Col("对方来源", 16),
    Col("说明", 34),
    Col("比对方式", 8, "centre"),
    Col("可能性", 7.5, "centre"),
    Col(LOOK, 26),
    Col("镇核实结果", 10, "reply", choices=VERDICTS),
    Col("核实说明", 14, "reply"),
    Col("核实人/日期", 9, "reply"),
)


@dataclass(frozen=True)
class Page:
    """A town's sheet: rows (numbered, `COLUMNS`, reply columns left out), and how many pairs of records they settle."""

    rows: list[Row]
    pairs: int

    @property
    def looks(self) -> list[str]:
        """What to look at, a text a row."""
        return [row[-1] for row in self.rows]


@dataclass(frozen=True)
class _Placed:
    """A question as one town reads it: the two persons, this town's first, and its row."""

    here: str
    there: str
    pairs: int
    row: Row


def rows(pub: Publication) -> dict[str, Page]:
    """Town → its sheet, by village and household.

    The candidates of one person stand next to each other, at the place of the first. A question about two roster rows
    in different towns, or about a person on two towns' rosters, stands in both towns' workbooks: either worker may know
    the person.
    """
    asked, person = questions(pub.engine)
    if not asked:
        return {}
    records = _records(pub, {r.record for q in asked for r in q.rivals})
    sizes = Counter(p for q in asked for p in q.persons)
    group = _groups(asked)
    needs = _needs(pub)
    filed = filed_under(pub.engine)
    found: dict[str, list[_Placed]] = {}
    for question in asked:
        for town, link, turned in _towns(question, records, filed):
            asking = Asking(question, link, turned, person, records)
            row = asking.row(sizes, needs)
            found.setdefault(town, []).append(_Placed(asking.here, asking.there, len(question.links), row))
    return {
        town: Page([(i, *row) for i, row in enumerate(_sorted(some, group), 1)], sum(p.pairs for p in some))
        for town, some in found.items()
    }


def _towns(question: Question, records: Mapping[str, Record], filed: Mapping[str, str]) -> list[tuple[str, Link, bool]]:
    """The towns whose workbooks hold a question, with the pair each is shown; turned: by the other record."""
    found: dict[str, tuple[str, Link, bool]] = {}
    for link in question.links:
        both = link["roster_record_id"], link["record_id"]
        ours, theirs = (filed.get(r) or town_of(records.get(r, {}).get("town")) for r in both)
        found.setdefault(ours, (ours, link, False))
        if link["dataset"] in ROSTERS and theirs != ours:
            found.setdefault(theirs, (theirs, link, True))
    return list(found.values())


def _groups(asked: Iterable[Question]) -> dict[str, str]:
    """Person → one who stands for all that questions tie together."""
    above: dict[str, str] = {}

    def top(who: str) -> str:
        while above.setdefault(who, who) != who:
            above[who] = above[above[who]]
            who = above[who]
        return who

    for question in asked:
        one, other = question.persons
        above[top(other)] = top(one)
    return {who: top(who) for who in list(above)}


def _sorted(found: list[_Placed], group: Mapping[str, str]) -> list[Row]:
    """One town's rows by village and household, but what belongs together in one place, that of its first row.

    Together stand the questions of a group, and in it the candidates of one person: the one of a question's two who
    has more of them.
    """
    sizes = Counter(who for p in found for who in (p.here, p.there))
    first: dict[str, tuple[str, ...]] = {}
    placed: list[tuple[str, str, tuple[str, ...], Row]] = []
    for p in found:
        key = tuple(str(v) for v in p.row)
        shared = p.there if sizes[p.there] > sizes[p.here] else p.here
        names = (f"group {group[p.there]}", f"record {shared}")
        for name in names:
            first[name] = min(first.get(name, key), key)
        placed.append((*names, key, p.row))
    placed.sort(key=lambda p: (first[p[0]], p[0], first[p[1]], p[1], p[2]))
    return [row for _, _, _, row in placed]


def _needs(pub: Publication) -> dict[str, list[str]]:
    """record_id → what its person would be missing help for, were the link refused: Chinese titles of rules."""
    found: dict[str, list[str]] = {}
    for lead in held_back(pub):
        title = pub.titles.get(lead["rule_id"], lead["rule_id"])
        for record in {lead["record_id"], *(item["record_id"] for item in json.loads(lead["evidence"]))}:
            found.setdefault(record, []).append(title)
    return found


def _records(pub: Publication, also: set[str]) -> dict[str, Record]:
    """record_id → the person columns of every record that a link in review names, and of those in `also`."""
    out: dict[str, Record] = {}
    for dataset in DATASETS.values():
        wanted = ["record_id", *(c for c in (*FIELDS.values(), "town", "village", "household_no") if dataset.has(c))]
        if not dataset.has("name"):
            continue
        side = "record_id" if dataset.kind != "roster" else "unnest([roster_record_id, record_id])"
        where = f"SELECT {side} FROM links WHERE decision = 'review'"
        if dataset.kind != "roster":
            where += f" AND dataset = '{dataset.id}'"
        body = ", ".join(f'"{c}"' for c in wanted)
        if dataset.has("grant_no"):
            body += ", grant_no AS household_no"
        # past the view that says who a record is about: it would look everybody up
        frame = pub.engine.rows(
            f'SELECT {body} FROM "{typed_table(pub.engine, dataset.id)}" '
            f"WHERE record_id IN ({where} UNION ALL SELECT unnest($also))",
            {"also": sorted(also)},
        )
        for row in frame.iter_rows(named=True):
            out[row["record_id"]] = row | {"_dataset": dataset.id}
    return out
