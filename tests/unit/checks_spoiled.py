"""A county with every fault that the suites of the five rosters know, each on people of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from checks_county import MONTH, county, tie
from checks_schemes import KEY, PAPERS, papers, rows

from checks.catalogue import load
from pipeline.contract import CODES, ROSTERS, dataset
from pipeline.engine.duck import DuckEngine

PRESENT = {*ROSTERS, "archive", "household_register", "patrol", "care_assessment"}
MANY = 230  # more than any sample that Great Expectations keeps of failing rows
_GIVEN = {
    "disability_declared": {"disability_type": "肢体", "disability_level": "2"},
    "stopped": {"stop_month": "2022-05", "stop_reason": "某"},
    "in_institution": {"support_mode": "集中", "institution": "某"},
    "with_carer": {"carer_name": "某", "carer_id_number": "x"},
}


def _faults(scheme: str) -> Iterator[dict[str, Any]]:
    """One fault each, as changes of a faultless household's only row."""
    spec = load(scheme)
    for entry in spec["required"]:
        yield _GIVEN.get(entry["when"], {}) | {entry["field"]: None}
    for column in dataset(scheme).columns:
        if column.codes in CODES and column.type != "boolean":
            yield {column.id: "某"}
        if column.type == "town":
            yield {column.id: "外镇"}
    yield {"birth_date": dt.date(1931, 3, 4)}
    yield {"sex": "相反"}
    for entry in spec.get("order", ()):
        later = {"stop_month": "2019-01", "valid_until_month": dt.date(2019, 1, 31)}.get(entry["later"])
        yield {"start_month": "2022-12"} if later is None else {entry["later"].replace("until_month", "until"): later}
    for entry in spec["amount"]:
        yield {entry["field"]: -1.0}
        yield {entry["field"]: 0.0}
        yield {entry["field"]: 9_000_000.0}
    if "review" in spec:
        yield {"last_review_on": dt.date(2019, 1, 1)}
    if dataset(scheme).has("relation"):
        yield {"relation": "配偶"}


def spoiled(engine: DuckEngine | None = None) -> DuckEngine:
    """Each roster with its faults by turns, `MANY` rows without a village, broken numbers, gaps in each archive."""
    tables: dict[str, list[dict[str, Any]]] = {
        "archive": [],
        "household_register": [],
        "patrol": [],
        "care_assessment": [],
    }
    states: dict[str, str] = {}
    links: list[dict[str, Any]] = []
    at = 0
    for scheme in ROSTERS:
        made: list[dict[str, Any]] = []

        def add(
            *changes: dict[str, Any], scheme: str = scheme, made: list[dict[str, Any]] = made
        ) -> list[dict[str, Any]]:
            nonlocal at
            at += len(changes)
            made += (new := rows(scheme, *changes, no=f"{scheme}{at}", first=at - len(changes) + 1))
            return new

        for fault in _faults(scheme):
            (row,) = add(fault)
            if row.get("sex") == "相反":
                row["sex"] = "女" if int(row["id_number"][16]) % 2 else "男"
        if dataset(scheme).has("start_month"):
            add({"start_month": MONTH})  # neither before nor after: no fault, and both readings must say so
        for _ in range(MANY):
            add({"village": None})
        for state in ("checksum", "length", "birth", "masked", "old15"):
            (row,) = add({})
            if state == "old15":  # the 18 digits stand in the register
                long, row["id_number"] = row["id_number"], row["id_number"][:6] + row["id_number"][8:17]
                links.append(_tie(tables, row, {"id_number": long}, "link", "name=equal id=old_form"))
            else:
                states[row["id_number"]] = state
        first, second, third, fourth = add({}, {}, {}, {})
        second |= {k: first[k] for k in ("name", "id_number", "birth_date", "sex")}
        fourth |= {k: third[k] for k in ("name", "birth_date")}
        if dataset(scheme).has("relation"):
            add({}, {"relation": "户主"})
        (named,), (twice,) = add({}), add({})
        links.append(_tie(tables, named, {"name": "张三丰", "id_number": named["id_number"]}, "review", ""))
        other = twice["id_number"][:14] + twice["id_number"][14:17].replace(twice["id_number"][14], "9", 1) + "0"
        new = {"name": twice["name"], "id_number": other, "birth_date": twice["birth_date"]}
        links.append(_tie(tables, twice, new, "review", "name=equal id=two_valid"))
        (mine,), (theirs,) = add({}), add({})
        links.append(tie(mine["record_id"], scheme, theirs["record_id"], "review"))
        tables["archive"] += _archive(scheme, made)
        tables[scheme] = made
    for n, (dataset_id, on) in enumerate((("patrol", "visited_on"), ("care_assessment", "assessed_on"))):
        place = {
            "record_id": f"{dataset_id}.csv#-#2",
            "file": f"{dataset_id}.csv",
            "sheet": "-",
            "row": 2,
            "name": "无名",
        }
        tables[dataset_id] = [place | {"household_no": f"无{n}", "id_number": f"x{n}", on: dt.date(2022, 10, 1)}]
    return county(tables.pop("dibao"), tables.pop("archive"), states, links, engine, **tables)


def _tie(
    tables: dict[str, Any], row: dict[str, Any], known: dict[str, Any], decision: str, pattern: str
) -> dict[str, Any]:
    """A link with a new row of the register."""
    register = tables["household_register"]
    place = {"record_id": f"户籍.tsv#-#{len(register)}", "file": "户籍.tsv", "sheet": "-", "row": len(register)}
    register.append(place | known)
    return tie(row["record_id"], "household_register", place["record_id"], decision, pattern=pattern)


def _archive(scheme: str, made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Whole files, all but for one gap each by turns; one household without any, one that nobody knows."""
    gaps: list[dict[str, Any]] = [{"without": (d,)} for d in PAPERS[scheme]]
    gaps += [{"signed_by": None}, {"signed_on": None}]
    numbers = dict.fromkeys(r[KEY[scheme]] for r in made if r[KEY[scheme]])
    out = [item for n, no in enumerate(list(numbers)[1:]) for item in papers(scheme, no, **gaps[n % len(gaps)])]
    return out + papers(scheme, f"无{scheme}")
