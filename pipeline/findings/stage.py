"""The findings stage: shared tables, then every rule whose datasets are there; rows grouped into findings.

Leaves the table `finding_rows` (the contract's finding columns without ledger state) and returns what was not run.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.contract import DATASETS, scheme_zh
from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.findings.around import look_around
from pipeline.findings.own_rows import check_rows, check_subjects
from pipeline.findings.rows import FINDING_SCHEMA, findings_of, split_held
from pipeline.findings.rules import Rule, catalogue, reads_rosters, shared_tables
from pipeline.months import last_day
from pipeline.policy import Policy

PARTLY = "部分核查："  # how the reason begins of a rule that ran, and not in full


@dataclass(frozen=True)
class NotRun:
    """A rule or check that was not run, or not in full: `kind` is rule or check, `reason` Chinese.

    `schemes`: of a rule that ran, the rosters of which it can say nothing this month.
    """

    id: str
    title: str
    category: str
    kind: str
    reason: str
    schemes: tuple[str, ...] = ()


def parameters(month: str, policy: Policy) -> dict[str, Any]:
    """The bind parameters every statement may name: the month, its last day, and the policy's figures."""
    as_of: datetime.date = last_day(month)
    return {"month": month, "as_of": as_of, "last_year": as_of.year - 1} | policy.params()


def load_lists(engine: DuckEngine, policy: Policy, present: set[str]) -> None:
    """The small tables rules compare with: policy_list, policy_figure, word, dataset_name."""
    items = [
        (name.split(".")[1], *(value if isinstance(value, list) else (value, None)))
        for name, values in policy.lists.items()
        for value in values
    ]
    words = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
    tables = {
        "policy_list": (["list", "item", "other"], items),
        "policy_figure": (["section", "name", "value"], [(*k.split(".", 1), v) for k, v in policy.figures.items()]),
        "word": (["list", "word"], [(k, w) for k, ws in words.items() for w in ws]),
        "dataset_name": (["id", "zh", "present"], [(d.id, d.zh, d.id in present) for d in DATASETS.values()]),
    }
    kinds = {"present": pl.Boolean, "value": pl.Float64}
    for name, (columns, rows) in tables.items():
        schema = {c: kinds.get(c, pl.String) for c in columns}
        engine.drop(name)
        engine.load(name, pl.DataFrame(rows, schema=schema, orient="row"))


def not_run_of(rules: list[Rule], present: set[str]) -> list[NotRun]:
    """What cannot be said of this drop: rules unbuilt, rules without their datasets, rules run only in part."""
    built = {r.id for r in rules}
    out = [NotRun(*entry, "rule", "本版本尚未实现") for entry in catalogue() if entry[0] not in built]
    for rule in rules:
        if wanting := [_zh([d]) for d in rule.needs if d not in present]:
            out.append(_not_run(rule, f"缺少{'、'.join(wanting)}，未核查"))
            continue
        if none := [g for g in rule.one_of if not set(g) & present]:
            out.append(_not_run(rule, f"缺少{_zh(none[0], '或')}，未核查"))
            continue
        if rule.schemes and not set(rule.schemes) & present:
            out.append(_not_run(rule, f"缺少{_zh(rule.schemes)}，未核查"))
        elif absent := [s for s in rule.schemes if s not in present]:
            out.append(_not_run(rule, f"{PARTLY}缺少{_zh(absent)}名册"))
        if absent := [d for g in rule.one_of for d in g if d not in present]:
            out.append(_not_run(rule, f"{PARTLY}缺少{_zh(absent)}数据"))
        if absent := [d for d in rule.partly if d not in present]:
            out.append(_not_run(rule, f"{PARTLY}缺少{_zh(absent)}数据，未作排除"))
    return out


def _not_run(rule: Rule, reason: str) -> NotRun:
    return NotRun(rule.id, rule.title, rule.category, "rule", reason)


def _zh(ids: Sequence[str], between: str = "、") -> str:
    return between.join(f"{scheme_zh(i)}（{i}）" for i in ids)


def runnable(rules: list[Rule], present: set[str]) -> list[Rule]:
    """The rules whose datasets are all there."""
    return [r for r in rules if r.runs_on(present)]


def examine(
    engine: DuckEngine,
    rules: list[Rule],
    month: str,
    policy: Policy,
    present: set[str],
    progress: Callable[[str, int, int], None] | None = None,
) -> list[NotRun]:
    """Run the rules; returns what was not run and why.

    Leaves `finding_rows`, and in the same shape `held_rows`: leads about people who may be enrolled after all, until a
    person has judged the link.
    """
    load_lists(engine, policy, present)
    params = parameters(month, policy)
    for statement in shared_tables():
        engine.run(statement.sql, params, into=statement.name)
    chosen = runnable(rules, present)
    rows: dict[str, pl.DataFrame] = {}
    for i, rule in enumerate(chosen):
        if progress:
            progress(rule.title, i, len(chosen))
        rows[rule.id] = _rows(engine, rule, params)
    around = look_around(engine, list(rows.values()))
    for rule in chosen:
        if rule.own:
            check_subjects(rule, rows[rule.id], around.subjects)
    parts = [(rule, split_held(rows[rule.id], around)) for rule in chosen]
    for table, which in (("finding_rows", 0), ("held_rows", 1)):
        found = [findings_of(rule, both[which], month, around) for rule, both in parts]
        engine.drop(table)
        engine.load(table, pl.concat([pl.DataFrame(schema=FINDING_SCHEMA), *found]))
    return [
        *not_run_of(rules, present),
        *_unidentified(engine, chosen),
        *_without_month(engine, chosen, month, present),
    ]


def _rows(engine: DuckEngine, rule: Rule, params: dict[str, Any]) -> pl.DataFrame:
    """A rule's rows. BadInput where a bureau's own rule cannot be worked out on this month's data."""
    try:
        rows = engine.rows(rule.sql, params)
    except engine.failure as e:
        if not rule.own:
            raise
        # the engine's own words may hold what stood in a cell
        what = f"{rule.file.place()}: the rule fails on this month's data ({type(e).__name__})"
        raise BadInput(
            what, remedy="see what it divides, casts or reads as a number; date_of and whole_number give null instead"
        ) from e
    if rule.own:
        check_rows(rule, rows)
    return rows


def _unidentified(engine: DuckEngine, rules: list[Rule]) -> list[NotRun]:
    """How many records a rule could not judge, for want of an ID number that tells who they are about."""
    unknown = {
        dataset_id: engine.rows(
            f"SELECT count(*) AS n FROM {dataset_id} WHERE person NOT IN (SELECT person FROM known_person)"
        )["n"][0]
        for dataset_id in sorted({d for rule in rules for d in rule.identified})
    }
    out = []
    for rule in rules:
        for dataset_id in rule.identified:
            if n := unknown[dataset_id]:
                reason = f"{PARTLY}{DATASETS[dataset_id].zh}中有{n}条记录没有可用的身份证号，无法判断是否在册"
                out.append(NotRun(rule.id, rule.title, rule.category, "rule", reason))
    return out


def _without_month(engine: DuckEngine, rules: list[Rule], month: str, present: set[str]) -> list[NotRun]:
    """Rules that judge the audit month's records of a dataset, and the schemes that have none of them.

    Asked are the schemes whose households are due a sum every month, and those that the dataset knows of other months:
    of the others nobody expects a record.
    """
    asked = {dataset_id for rule in rules for dataset_id in rule.monthly}
    due = set(engine.rows("SELECT DISTINCT scheme FROM household_due")["scheme"]) if asked else set()
    known: dict[str, set[str]] = {}
    told: dict[str, set[str]] = {}
    for dataset_id in sorted(asked):
        rows = engine.rows(f"SELECT DISTINCT scheme, month FROM {dataset_id}").rows()
        known[dataset_id] = due | {scheme for scheme, _ in rows}
        told[dataset_id] = {scheme for scheme, of in rows if of == month}
    out = []
    for rule in rules:
        for dataset_id in rule.monthly:
            expected = [s for s in reads_rosters(rule) if s in present and s in known[dataset_id]]
            if absent := tuple(s for s in expected if s not in told[dataset_id]):
                zh = DATASETS[dataset_id].zh
                reason = f"{zh}没有{month}的记录，未核查"
                if len(absent) < len(expected):
                    names = "、".join(map(scheme_zh, absent))
                    reason = f"{PARTLY}{zh}没有{month}的{names}记录，没有核查{names}"
                out.append(NotRun(rule.id, rule.title, rule.category, "rule", reason, absent))
    return out
