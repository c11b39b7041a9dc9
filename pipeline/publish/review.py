"""The pairs that a person has to compare: links in review, as the rows of the sheet 待人工比对."""

from __future__ import annotations

from typing import Any

from pipeline.contract import DATASETS, ROSTERS, column_zh, scheme_zh
from pipeline.publish.leads import town_of
from pipeline.publish.publication import Publication
from pipeline.publish.sheets import Col
from pipeline.publish.words import TIERS, mask, place

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
    Col("相符", 13),
    Col("不符", 13),
    Col("比对方式", 11, "centre"),
    Col("镇核实结果", 10, "reply", choices=VERDICTS),
    Col("核实说明", 14, "reply"),
    Col("核实人/日期", 9, "reply"),
)
# Columns that both sides may carry: what is said to agree or differ when the pattern does not say it.
_COMPARED = ("name", "id_number", "sex", "birth_date", "town", "village", "phone")
# The pattern's fields, and its levels as a town worker would put them. A level not listed is shown as it is.
_FIELDS: dict[str, str] = {"id": "id_number", "birth": "birth_date"}
_AGREE = frozenset({"equal", "exact", "same"})
_DIFFER = frozenset({"other", "unlike", "different"})
_SILENT = frozenset({"", "unknown", "missing", "null"})
_NEAR: dict[str, str] = {
    "repaired": "修正后一致", "masked": "隐去的位之外一致", "one_off": "差一位", "swap": "两位颠倒",
    "old_form": "旧15位号码", "wildcard": "缺字外一致", "homophone": "同音",
    "one_more_or_less": "多一字或少一字", "variant": "写法相近", "lookalike": "形近", "near": "相近",
}  # fmt: skip
_FAR: dict[str, str] = {"surname": "只有姓相同"}


def rows(pub: Publication) -> dict[str, list[tuple[Any, ...]]]:
    """Town → the rows of its sheet (numbered, `COLUMNS`, reply columns left out), by village and household.

    A pair of two roster rows in different towns stands in both towns' workbooks: either worker may know the person.
    """
    links = list(pub.engine.rows("SELECT * FROM links WHERE decision = 'review'").iter_rows(named=True))
    if not links:
        return {}
    records = _records(pub)
    out: dict[str, list[tuple[Any, ...]]] = {}
    for link in links:
        ours = records.get(link["roster_record_id"], {})
        theirs = records.get(link["record_id"], {})
        sides = [(ours, theirs, link["dataset"])]
        if link["dataset"] in ROSTERS and town_of(theirs.get("town")) != town_of(ours.get("town")):
            sides.append((theirs, ours, ours.get("_dataset") or link["dataset"]))
        for here, there, dataset in sides:
            out.setdefault(town_of(here.get("town")), []).append(_row(here, there, dataset, link))
    return {
        town: [(i, *row) for i, row in enumerate(sorted(found, key=lambda r: tuple(str(v) for v in r)), 1)]
        for town, found in out.items()
    }


def _row(here: dict[str, Any], there: dict[str, Any], dataset: str, link: dict[str, Any]) -> tuple[Any, ...]:
    agree, differ = compare(here, there, link["pattern"], dataset)
    return (
        here.get("village") or "",
        scheme_zh(here.get("_dataset")),
        here.get("household_no") or "",
        here.get("name") or "",
        mask(here.get("id_number")),
        place(here.get("record_id")),
        scheme_zh(dataset),
        there.get("name") or "",
        mask(there.get("id_number")),
        place(there.get("record_id")),
        "、".join(agree),
        "、".join(differ),
        _way(link),
    )


def _way(link: dict[str, Any]) -> str:
    probability = link["match_probability"]
    tier = TIERS.get(link["tier"], link["tier"] or "")
    return tier if probability is None else f"{tier}\n可能性{probability:.0%}"


def compare(
    here: dict[str, Any], there: dict[str, Any], pattern: str | None, dataset: str
) -> tuple[list[str], list[str]]:
    """(what agrees, what differs) in Chinese: the two records' shared columns, made finer by what the pattern says."""
    agree: dict[str, str] = {}
    differ: dict[str, str] = {}
    for column in _COMPARED:
        a, b = here.get(column), there.get(column)
        if a is not None and b is not None:
            (agree if str(a) == str(b) else differ)[column] = column_zh("dibao", column)
    for column, level in levels(pattern).items():
        if level in _SILENT:
            continue
        zh = column_zh("dibao" if DATASETS["dibao"].has(column) else dataset, column)
        agree.pop(column, None)
        differ.pop(column, None)
        if level in _DIFFER or level in _FAR:
            differ[column] = zh + (f"（{_FAR[level]}）" if level in _FAR else "")
        else:
            agree[column] = zh if level in _AGREE else f"{zh}（{_NEAR.get(level, level)}）"
    return list(agree.values()), list(differ.values())


def levels(pattern: str | None) -> dict[str, str]:
    """A pattern such as 'id=equal name=unlike birth=unknown' as column → level."""
    pieces = (piece.partition("=") for piece in (pattern or "").split() if "=" in piece)
    return {_FIELDS.get(field, field): level for field, _, level in pieces}


def _records(pub: Publication) -> dict[str, dict[str, Any]]:
    """record_id → the person columns of every record that a link in review names."""
    out: dict[str, dict[str, Any]] = {}
    for dataset in DATASETS.values():
        wanted = ["record_id", *(c for c in (*_COMPARED, "household_no") if dataset.has(c))]
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
