"""A made county for the tests of the checks: one faultless household, which each test spoils in its own way."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from checks import CheckRows, failing_rows
from pipeline.contract import DATASETS, ROSTERS
from pipeline.engine.duck import DuckEngine

MONTH = "2022-10"
DOCUMENTS = (
    "申请书", "承诺书", "核对授权书", "身份证户口簿复印件", "核对报告", "入户调查表", "公示", "审核确认表", "银行账户",
)  # fmt: skip
LINKS = {
    "roster_record_id": "VARCHAR",
    "dataset": "VARCHAR",
    "record_id": "VARCHAR",
    "tier": "VARCHAR",
    "match_weight": "DOUBLE",
    "match_probability": "DOUBLE",
    "decision": "VARCHAR",
    "pattern": "VARCHAR",
}
IDS = {
    "id_number": "VARCHAR",
    "id_key": "VARCHAR",
    "id_state": "VARCHAR",
    "id_birth": "DATE",
    "id_sex": "VARCHAR",
    "name": "VARCHAR",
}


def id_number(birth: dt.date, order: int) -> str:
    """A well-formed number of nobody: area 440281, this birth date and order number."""
    body = f"440281{birth:%Y%m%d}{order:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]


def member(row: int, household: str = "DB1", **changes: Any) -> dict[str, Any]:
    """One faultless roster row; the first of a household is its head. Odd rows are women."""
    birth = changes.get("birth_date") or dt.date(1960 + row % 40, 5, 6 + row // 400)
    fields: dict[str, Any] = {
        "record_id": f"低保.xlsx#名册#{row:05d}",
        "file": "低保.xlsx",
        "sheet": "名册",
        "row": row,
        "household_no": household,
        "name": f"甲{chr(0x4E00 + row)}乙",
        "id_number": id_number(birth, 100 + 2 * row % 800 + row % 2 + 1),
        "sex": "女" if row % 2 else "男",
        "birth_date": birth,
        "town": "长来",
        "village": "一村",
        "address": "一村1号",
        "phone": "0000",
        "relation": "户主",
        "covered": True,
        "area": "农村",
        "category": "A",
        "monthly_amount": 600.0,
        "per_capita_income": 100.0,
        "start_month": "2020-01",
        "stop_month": None,
        "stop_reason": None,
        "last_review_on": dt.date(2022, 5, 1),
        "cause": "因病",
        "disability_type": None,
        "disability_level": None,
        "health": "健康",
        "labour_capacity": "无",
        "bank_account": "62",
        "account_holder": "某",
    }
    fields["sex"] = "男" if int(fields["id_number"][16]) % 2 else "女"
    return fields | changes


def household(*changes: dict[str, Any], no: str = "DB1", first: int = 1) -> list[dict[str, Any]]:
    """A household: its head, then a child for each further dict of changes."""
    return [
        member(first + n, no, **({"relation": "户主" if n == 0 else "子"} | change)) for n, change in enumerate(changes)
    ]


def items(no: str = "DB1", documents: tuple[str, ...] = DOCUMENTS, **changes: Any) -> list[dict[str, Any]]:
    """Archive rows, all there, signed and dated."""
    return [
        {
            "record_id": f"档案.csv#-#{no}{n:03d}",
            "file": "档案.csv",
            "sheet": "-",
            "row": n,
            "scheme": "dibao",
            "household_no": no,
            "document": document,
            "present": True,
            "signed_by": "某",
            "signed_on": dt.date(2020, 1, 5),
        }
        | changes
        for n, document in enumerate(documents, start=2)
    ]


def county(
    dibao: list[dict[str, Any]],
    archive: list[dict[str, Any]] | None = None,
    states: dict[str, str] | None = None,
    links: list[dict[str, Any]] | None = None,
    engine: DuckEngine | None = None,
    **others: list[dict[str, Any]],
) -> DuckEngine:
    """An engine with the typed tables, `identity_pair` (numbers valid unless `states` says otherwise) and `links`."""
    engine = engine or DuckEngine()
    tables = {"dibao": dibao, "archive": archive or [], **others}
    for id in dict.fromkeys((*ROSTERS, "archive", "household_register", *others)):
        engine.create(id, DATASETS[id].table_schema())
        if tables.get(id):
            engine.load(id, pl.DataFrame(tables[id], infer_schema_length=None))
    engine.create("identity_pair", IDS)
    engine.create("links", LINKS)
    seen = {(row.get("id_number"), row.get("name") or "") for rows in tables.values() for row in rows}
    read = [(*_reading(no, (states or {}).get(no, "valid")), name) for no, name in sorted(p for p in seen if p[0])]
    if read:
        engine.load("identity_pair", pl.DataFrame(read, schema=list(IDS), orient="row", infer_schema_length=None))
    if links:
        engine.load("links", pl.DataFrame(links, infer_schema_length=None))
    return engine


def _reading(number: str, state: str) -> tuple[Any, ...]:
    if len(number) == 15:
        born = dt.date(1900 + int(number[6:8]), int(number[8:10]), int(number[10:12]))
        return number, id_number(born, int(number[12:])), "old15", born, "男" if int(number[14]) % 2 else "女"
    if len(number) != 18 or state in ("masked", "birth", "other", "length"):
        return number, number, state, None, None
    born = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    return number, number, state, born, "男" if int(number[16]) % 2 else "女"


def review(own: str, dataset: str, other: str, decision: str = "review") -> dict[str, Any]:
    """A link by exact ID number that stands in review."""
    return tie(own, dataset, other, decision)


def tie(own: str, dataset: str, other: str, decision: str, tier: str = "exact_id", **more: Any) -> dict[str, Any]:
    """A row of `links`."""
    fields = {"roster_record_id": own, "dataset": dataset, "record_id": other, "tier": tier, "decision": decision}
    return dict.fromkeys(LINKS) | fields | more


def found(engine: DuckEngine, *present: str, **options: Any) -> CheckRows:
    return failing_rows(engine, MONTH, {"dibao", *present}, **options)


def told(engine: DuckEngine, *present: str, **options: Any) -> list[tuple[str, str]]:
    """(rule_id, identity) of every finding, sorted."""
    return sorted(found(engine, *present, **options).rows.select("rule_id", "identity").iter_rows())
