"""The pairs that a person has to compare: links in review, as the rows of the sheet 待人工比对."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from pipeline.contract import DATASETS, ROSTERS, scheme_zh
from pipeline.linkage.explain import sentence_of_pattern
from pipeline.masking import mask_number
from pipeline.publish.leads import held_back, town_of
from pipeline.publish.publication import Publication
from pipeline.publish.sheets import Col
from pipeline.publish.words import TIERS, chance, place

VERDICTS: tuple[str, ...] = ("同一人", "不是同一人", "无法判断")
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
    Col("比对方式", 11, "centre"),
    Col("可能性", 7.5, "centre"),
    Col("镇核实结果", 10, "reply", choices=VERDICTS),
    Col("核实说明", 14, "reply"),
    Col("核实人/日期", 9, "reply"),
)
_SIDES = ("名册", "对方")  # as the columns are headed
# The person columns that a sentence is made more exact by: the pattern's field → the records' column.
_FIELDS: dict[str, str] = {
    "name": "name", "id": "id_number", "birth": "birth_date", "sex": "sex", "phone": "phone",
}  # fmt: skip
Row = tuple[Any, ...]
Pair = tuple[str, tuple[str, str], Row]  # group, the two records, the row


def rows(pub: Publication) -> dict[str, list[Row]]:
    """Town → the rows of its sheet (numbered, `COLUMNS`, reply columns left out), by village and household.

    The candidates of one record stand next to each other, at the place of the first. A pair of two roster rows in
    different towns stands in both towns' workbooks: either worker may know the person.
    """
    links = list(pub.engine.rows("SELECT * FROM links WHERE decision = 'review'").iter_rows(named=True))
    if not links:
        return {}
    records = _records(pub)
    group, sizes = _groups(links)
    needs = _needs(pub)
    found: dict[str, list[Pair]] = {}
    for link in links:
        ours = records.get(link["roster_record_id"], {})
        theirs = records.get(link["record_id"], {})
        sides = [(ours, theirs, link["dataset"])]
        if link["dataset"] in ROSTERS and town_of(theirs.get("town")) != town_of(ours.get("town")):
            sides.append((theirs, ours, ours.get("_dataset") or link["dataset"]))
        for here, there, dataset in sides:
            row = _row(here, there, dataset, link, sizes, needs)
            both = (link["roster_record_id"], link["record_id"])
            found.setdefault(town_of(here.get("town")), []).append((group[link["record_id"]], both, row))
    return {town: [(i, *row) for i, row in enumerate(_sorted(pairs), 1)] for town, pairs in found.items()}


def _groups(links: Iterable[dict[str, Any]]) -> tuple[dict[str, str], Counter[str]]:
    """record_id → a record that stands for all that pairs tie together, and record_id → in how many pairs it is."""
    above: dict[str, str] = {}
    sizes: Counter[str] = Counter()

    def top(record: str) -> str:
        while above.setdefault(record, record) != record:
            above[record] = above[above[record]]
            record = above[record]
        return record

    for link in links:
        sizes.update((link["roster_record_id"], link["record_id"]))
        above[top(link["record_id"])] = top(link["roster_record_id"])
    return {record: top(record) for record in sizes}, sizes


def _sorted(pairs: list[Pair]) -> list[Row]:
    """One town's rows by village and household, but what belongs together in one place, that of its first row.

    Together stand the pairs of a group, and in it the candidates of one record: the one of a pair's two records that
    has more of them.
    """
    sizes = Counter(record for _, records, _ in pairs for record in records)
    first: dict[str, tuple[str, ...]] = {}
    placed: list[tuple[str, str, tuple[str, ...], Row]] = []
    for group, (ours, theirs), row in pairs:
        key = tuple(str(v) for v in row)
        shared = theirs if sizes[theirs] > sizes[ours] else ours
        for name in (f"group {group}", f"record {shared}"):
            first[name] = min(first.get(name, key), key)
        placed.append((f"group {group}", f"record {shared}", key, row))
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


def _row(
    here: dict[str, Any],
    there: dict[str, Any],
    dataset: str,
    link: dict[str, Any],
    sizes: Counter[str],
    needs: dict[str, list[str]],
) -> Row:
    probability = link["match_probability"]
    values = {field: (_text(here.get(column)), _text(there.get(column))) for field, column in _FIELDS.items()}
    told = sentence_of_pattern(
        _pattern(link["pattern"], here, there), link["match_weight"], probability, link["decision"], values, _SIDES
    )
    return (
        here.get("village") or "",
        scheme_zh(here.get("_dataset")),
        here.get("household_no") or "",
        here.get("name") or "",
        mask_number(here.get("id_number")),
        place(here.get("record_id")),
        scheme_zh(dataset),
        there.get("name") or "",
        mask_number(there.get("id_number")),
        place(there.get("record_id")),
        told + _others(here, there, sizes) + _in_need(there, needs),
        TIERS.get(link["tier"], link["tier"] or ""),
        "" if probability is None else chance(probability),
    )


def _others(here: dict[str, Any], there: dict[str, Any], sizes: Counter[str]) -> str:
    """That a record of the pair stands in further pairs, in this workbook or in another town's."""
    counts = [(side, sizes[record.get("record_id") or ""]) for side, record in zip(_SIDES, (here, there), strict=True)]
    told = [f"{side}这条共有{n}个待比对的人选" for side, n in counts if n > 1]
    return f"{'，'.join(told)}，请一并比对。" if told else ""


def _in_need(there: dict[str, Any], needs: dict[str, list[str]]) -> str:
    """What it would mean for the other record's person not to be the one on the roster."""
    titles = list(dict.fromkeys(needs.get(there.get("record_id") or "", [])))
    name = there.get("name") or "对方"
    return f"如不是同一人，{name}有漏保线索（{'、'.join(titles)}），请一并入户。" if titles else ""


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _pattern(pattern: str | None, here: dict[str, Any], there: dict[str, Any]) -> str:
    """The link's pattern, and what the two records themselves show of the fields that it does not name at all."""
    named = {piece.partition("=")[0] for piece in (pattern or "").split()}
    more = []
    for field, column in _FIELDS.items():
        a, b = here.get(column), there.get(column)
        if field not in named and a is not None and b is not None:
            more.append(f"{field}={'equal' if a == b else 'unlike' if field == 'name' else 'other'}")
    if "place" not in named and here.get("town") and there.get("town"):
        if here["town"] != there["town"]:
            more.append("place=other")
        else:
            same = here.get("village") and here.get("village") == there.get("village")
            more.append("place=village" if same else "place=town")
    return " ".join([*(pattern or "").split(), *more])


def _records(pub: Publication) -> dict[str, dict[str, Any]]:
    """record_id → the person columns of every record that a link in review names."""
    out: dict[str, dict[str, Any]] = {}
    for dataset in DATASETS.values():
        wanted = ["record_id", *(c for c in (*_FIELDS.values(), "town", "village", "household_no") if dataset.has(c))]
        if not dataset.has("name"):
            continue
        side = "record_id" if dataset.kind != "roster" else "unnest([roster_record_id, record_id])"
        where = f"SELECT {side} FROM links WHERE decision = 'review'"
        if dataset.kind != "roster":
            where += f" AND dataset = '{dataset.id}'"
        body = ", ".join(f'"{c}"' for c in wanted)
        if dataset.has("grant_no"):
            body += ", grant_no AS household_no"
        frame = pub.engine.rows(f'SELECT {body} FROM "{dataset.id}" WHERE record_id IN ({where})')
        for row in frame.iter_rows(named=True):
            out[row["record_id"]] = row | {"_dataset": dataset.id}
    return out
