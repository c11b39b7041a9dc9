"""The suites that exist and those that do not yet: read from the data files beside this module.

A roster's data suite is `data/<roster>.toml`, its archive checklist `data/<roster>_archive.toml`. Another roster is
another file; a suite without its file is reported as not run, by name.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from checks.model import NotRun, Rule, SuiteResult
from pipeline.contract import DATASETS, ROSTERS, dataset
from pipeline.errors import AuditError
from pipeline.months import last_day

_DATA = Path(__file__).parent / "data"

NOT_BUILT = "本版本尚未建成此项检查，未核查"
NO_REVIEW_LINKS = "没有人员比对结果，未核查"

DATA_RULES = (
    "required_field_empty",
    "id_number_invalid",
    "birth_date_conflict",
    "sex_conflict",
    "code_unknown",
    "household_without_head",
    "household_head_repeated",
    "person_repeated",
    "month_order",
    "amount_out_of_range",
    "town_unknown",
    "review_overdue",
    "name_conflict",
    "identity_conflict",
)
ARCHIVE_RULES = (
    "archive_absent",
    "document_missing",
    "document_unsigned",
    "document_undated",
    "authorisation_missing",
)


@dataclass(frozen=True)
class Scope:
    """What a run of the checks is about: the month, its last day, the datasets present, review cycles in months."""

    month: str
    present: frozenset[str]
    review_months: Mapping[str, int] = field(default_factory=dict, hash=False)

    @property
    def as_of(self) -> dt.date:
        return last_day(self.month)


def reason_absent(*datasets: str) -> str:
    """Why a check did not run: the datasets it wants, by Chinese name and id."""
    return "缺少" + "、".join(f"{DATASETS[d].zh}（{d}）" for d in datasets) + "，未核查"


def load(name: str) -> dict[str, Any]:
    """One data file as a dict. FileNotFoundError when there is none."""
    return tomllib.loads((_DATA / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def rules() -> dict[str, Rule]:
    """Every check id's rule."""
    out = {id: Rule(id=id, **spec) for id, spec in load("rules").items()}
    if missing := [r for r in (*DATA_RULES, *ARCHIVE_RULES) if r not in out]:
        raise AuditError(f"checks/data/rules.toml: no entry for {', '.join(missing)}")
    return out


def built(name: str) -> bool:
    """True where the suite has its data file."""
    return (_DATA / f"{name}.toml").exists()


def suites_to_run(present: frozenset[str]) -> tuple[list[tuple[str, str]], list[NotRun]]:
    """The (roster, 'data' | 'archive') suites that can run on these datasets, and why the others do not."""
    run: list[tuple[str, str]] = []
    idle: list[NotRun] = []
    for roster in ROSTERS:
        zh = dataset(roster).zh
        for kind, name, title, ids, wants in (
            ("data", roster, f"{zh}系统数据", DATA_RULES, [roster]),
            ("archive", f"{roster}_archive", f"{zh}档案清单", ARCHIVE_RULES, [roster, "archive"]),
        ):
            absent = [d for d in wants if d not in present]
            if not built(name):
                idle.append((f"{roster}_{kind}", f"{title}检查", "check", NOT_BUILT))
            elif absent:
                idle += [(id, f"{title}：{rules()[id].title}", "check", reason_absent(*absent)) for id in ids]
            else:
                run.append((roster, kind))
    return run, idle


def rules_of(suites: Iterable[SuiteResult]) -> list[Rule]:
    """The rules that the suites' expectations speak for, in the catalogue's order."""
    ran = {e.rule_id for suite in suites for e in suite.expectations}
    return [rule for rule in rules().values() if rule.id in ran]
