"""One faultless row, and its faultless archive, for each roster: what the tests of the suites spoil."""

from __future__ import annotations

import datetime as dt
from typing import Any

from checks_county import DOCUMENTS, MONTH, household, id_number, items, member

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


def told_of(scheme: str, engine: DuckEngine, *present: str) -> list[tuple[str, str]]:
    """(rule_id, identity) of every finding, sorted."""
    return sorted(found_of(scheme, engine, *present).rows.select("rule_id", "identity").iter_rows())


def found_of(scheme: str, engine: DuckEngine, *present: str) -> CheckRows:
    return failing_rows(engine, MONTH, {scheme, *present})


__all__ = ["KEY", "OWN", "PAPERS", "found_of", "id_number", "member", "papers", "rows", "told_of"]
