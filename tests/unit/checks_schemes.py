"""One faultless row, and its faultless archive, for each roster: what the tests of the suites spoil."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from checks_county import DOCUMENTS, MONTH, county, household, id_number, items, member

from checks import CheckRows, failing_rows
from pipeline.contract import DATASETS
from pipeline.engine.duck import DuckEngine

_FAMILY = {"valid_until": dt.date(2023, 6, 30)}
OWN: dict[str, dict[str, Any]] = {
    "dibao": {},
    "tekun": {
        "support_mode": "分散", "self_care": "全自理", "care_level": "全自理", "assessed_on": dt.date(2022, 3, 1),
        "care_amount": 34.4, "monthly_amount": 1194.0,
    },
    "borderline": _FAMILY,
    "expenditure": _FAMILY | {"expenditure_kind": "医疗支出", "rigid_expenditure": 40000.0},
    "temporary": {
        "kind": "支出型", "reason": "突发重大疾病", "amount": 3000.0, "granted_on": dt.date(2022, 9, 1),
        "household_size": 3,
    },
}  # fmt: skip
PAPERS: dict[str, tuple[str, ...]] = {
    "dibao": DOCUMENTS,
    "tekun": (*DOCUMENTS, "生活自理能力评估表", "供养协议", "赡养人情况"),
    "borderline": DOCUMENTS,
    "expenditure": (*DOCUMENTS, "支出凭证"),
    "temporary": ("申请书", "核对授权书", "核对报告", "审批表", "事由证明"),
}
KEY = {scheme: "grant_no" if scheme == "temporary" else "household_no" for scheme in OWN}


def rows(scheme: str, *changes: dict[str, Any], no: str = "N1", first: int = 1) -> list[dict[str, Any]]:
    """A household (or a grant) of the scheme, a row for each dict of changes; only the roster's own columns."""
    own = {"record_id", "file", "sheet", "row", *DATASETS[scheme].by_id}
    made = household(*({} for _ in changes), no=no, first=first)
    out = []
    for row, change in zip(made, changes, strict=True):
        whole = row | OWN[scheme] | {KEY[scheme]: no, "file": f"{scheme}.csv"}
        whole["record_id"] = f"{scheme}.csv#-#{row['row']}"
        out.append({k: v for k, v in whole.items() if k in own} | change)
    return out


def papers(
    scheme: str, no: str = "N1", *, without: tuple[str, ...] = (), more: tuple[str, ...] = (), **changes: Any
) -> Any:
    """The archive of one household or grant."""
    listed = (*(d for d in PAPERS[scheme] if d not in without), *more)
    return items(no, listed, **({"scheme": scheme} | changes))


def roster_county(scheme: str, made: list[dict[str, Any]], archive: list[dict[str, Any]] | None = None) -> DuckEngine:
    """A county with this roster, and no other."""
    return county(made if scheme == "dibao" else [], archive, **({} if scheme == "dibao" else {scheme: made}))


def told_each(
    scheme: str, cases: Sequence[Sequence[dict[str, Any]]], archives: Sequence[dict[str, Any]] | None = None
) -> list[list[tuple[str, str]]]:
    """What is told of each case: (rule_id, identity), sorted. All are examined at once, each on people of its own.

    A case is a household's rows, as changes of a faultless one; `archives`: its papers, as options of `papers`.
    """
    made: list[dict[str, Any]] = []
    filed: list[dict[str, Any]] = []
    case_of: dict[str, int] = {}
    for n, changes in enumerate(cases):
        new = rows(scheme, *changes, no=f"N{n}", first=len(made) + 1)
        case_of |= {row["record_id"]: n for row in new}
        made += new
        if archives is not None:
            filed += papers(scheme, f"N{n}", **archives[n])
    present = () if archives is None else ("archive",)
    told: list[list[tuple[str, str]]] = [[] for _ in cases]
    found = found_of(scheme, roster_county(scheme, made, filed), *present).rows
    for record_id, *finding in found.select("record_id", "rule_id", "identity").iter_rows():
        told[case_of[record_id]].append((finding[0], finding[1]))
    return [sorted(findings) for findings in told]


def found_of(scheme: str, engine: DuckEngine, *present: str) -> CheckRows:
    return failing_rows(engine, MONTH, {scheme, *present})


__all__ = [
    "KEY", "OWN", "PAPERS", "found_of", "id_number", "member", "papers", "roster_county", "rows", "told_each",
]  # fmt: skip
