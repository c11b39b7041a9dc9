"""The suites, read from the data files beside this module, and which of them a drop lets run.

A roster's data suite is `data/<roster>.toml`, its archive checklist `data/<roster>_archive.toml`.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from checks.model import NotRun, Rule, Suite
from pipeline.contract import DATASETS, ROSTERS
from pipeline.errors import AuditError
from pipeline.months import last_day

_DATA = Path(__file__).parent / "data"

NO_LINKS = "没有人员比对结果，未核查"

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
    "archive_unmatched",
)
# The bureau's own records of tekun people, and the id under which one about nobody on a roster is told.
PEOPLE_RULES = {"patrol": "patrol_unmatched", "care_assessment": "assessment_unmatched"}
PEOPLE_ROSTER = "tekun"
OWN_RULE = "own_check"  # a bureau's own expectations
CHECK_RULES = (*DATA_RULES, *ARCHIVE_RULES, *PEOPLE_RULES.values(), OWN_RULE)


@dataclass(frozen=True)
class Scope:
    """What a run of the checks is about: the month, its last day, the datasets present, review cycles in months."""

    month: str
    present: frozenset[str]
    review_months: Mapping[str, int] = field(default_factory=dict, hash=False)
    own: Mapping[str, dict[str, Any]] = field(default_factory=dict, hash=False)  # suites as a bureau changed them

    @property
    def as_of(self) -> dt.date:
        return last_day(self.month)

    def spec(self, name: str) -> dict[str, Any]:
        """A suite's data file, with a bureau's own lines in it."""
        return self.own[name] if name in self.own else load(name)


def reason_absent(*datasets: str) -> str:
    """Why a check did not run: the datasets it wants, by Chinese name and id."""
    return "缺少" + "、".join(f"{DATASETS[d].zh}（{d}）" for d in datasets) + "，未核查"


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_DATA / f"{name}.toml").read_text(encoding="utf-8"))


def load(name: str) -> dict[str, Any]:
    """One suite's data file, what all suites of its kind share put in. FileNotFoundError when there is none."""
    spec = dict(_read(name))
    if name.endswith("_archive"):
        return spec | {"part": _read("archive_parts")["part"] | spec.get("part", {})}
    return spec | {"id_fault": _read("id_faults")["id_fault"]} if name in ROSTERS else spec


@cache
def rules() -> dict[str, Rule]:
    """Every check id's rule."""
    out = {id: Rule(id=id, **spec) for id, spec in load("rules").items()}
    if missing := [r for r in CHECK_RULES if r not in out]:
        raise AuditError(f"checks/data/rules.toml: no entry for {', '.join(missing)}")
    return out


def asked(scope: Scope, roster: str) -> list[str]:
    """The ids of the data suite that this roster's columns give something to ask about."""
    return [id for id in DATA_RULES if id not in scope.spec(roster).get("not_asked", {})]


def suites_to_run(scope: Scope) -> tuple[list[tuple[str, str]], list[NotRun]]:
    """The suites that can run on this drop, as (dataset, data | archive | people), and why the others do not."""
    run: list[tuple[str, str]] = []
    idle: list[NotRun] = []
    wanted: list[tuple[str, str, str, Iterable[str], list[str]]] = []
    for roster in ROSTERS:
        title = scope.spec(roster)["title"]
        wanted.append((roster, "data", title, asked(scope, roster), [roster]))
        title = scope.spec(f"{roster}_archive")["title"]
        wanted.append((roster, "archive", title, ARCHIVE_RULES, [roster, "archive"]))
    for dataset_id, id in PEOPLE_RULES.items():
        wanted.append((dataset_id, "people", people_title(dataset_id), [id], [dataset_id, PEOPLE_ROSTER]))
    for dataset_id, kind, title, ids, wants in wanted:
        if absent := [d for d in wants if d not in scope.present]:
            idle += not_run(title, ids, reason_absent(*absent))
        else:
            run.append((dataset_id, kind))
    return run, idle


def not_run(title: str, ids: Iterable[str], reason: str) -> list[NotRun]:
    """Ids of one suite that do not run, each under the suite's title."""
    return [(id, f"{title}：{rules()[id].title}", "check", reason) for id in ids]


def people_title(dataset_id: str) -> str:
    return f"{DATASETS[dataset_id].zh}对名册"


def rules_of(suites: Iterable[Suite]) -> list[Rule]:
    """The rules that the suites' checks speak for, in the catalogue's order."""
    ran = {check.rule.id for suite in suites for check in suite.checks}
    return [rule for rule in rules().values() if rule.id in ran]
