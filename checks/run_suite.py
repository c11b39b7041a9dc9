"""The suites over the run itself: do the files add up, did an export come out half empty, do as many people link.

What fails here is no fault of a person's row and no finding: it says that a month's data are doubtful, and so what was
not examined. Each is told as a `Fault`, in words and figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from checks import run_tables
from checks.conditions import Condition, When, at_most, not_before, same
from checks.model import Check, NotRun, Rule, Suite
from checks.run_tables import COLUMNS, FILES, LINKS, key_columns, spec
from pipeline.contract import DATASETS, column_zh
from pipeline.engine.duck import DuckEngine
from pipeline.engine.quoting import identifier as quoted
from pipeline.ingest.model import InputAccount
from pipeline.record_words import COUNTY_WIDE, part

CATEGORY = "run"
NO_MONTH_BEFORE = "没有上月可比的数据，未核查"
_COMPARED = ("rows_fallen", "column_emptier", "links_fallen")
_ORDER = {
    FILES: "dataset, file, sheet",
    COLUMNS: 'dataset, file NULLS FIRST, sheet, "column"',
    LINKS: f"dataset, town <> '{COUNTY_WIDE}', town",
}
_HEADINGS = {
    "share": "空白所占比例",
    "rejected_share": "整行退回所占比例",
    "rows_read": "读入行数",
    "rows_kept": "留用行数",
    "accounted": "留用、退回、跳过行数之和",
    "loaded": "入库行数",
    "rows": "行数",
    "rows_least": "行数下限（按上月）",
    "share_most": "空白比例上限（按上月）",
    "rate": "对上的比例",
    "rate_least": "对上比例的下限（按上月）",
    "limited": "数据",
    "compared": "可与上月相比",
    "column": "栏目",
    "judged": "退回行数足以判断",
}


@dataclass(frozen=True)
class Fault:
    """One thing doubtful about the month's data. `file` is empty where the whole dataset is meant.

    `n` of `rows` rows are blank, rejected or linked (of a dataset that shrank: `n` = `rows` now); `share` = `n`/`rows`;
    `before`: last month's share (of a dataset that shrank: its rows); `sentence` and `english` say it in words.
    """

    rule_id: str
    title: str
    dataset: str
    column: str
    file: str
    sheet: str
    town: str
    n: int
    rows: int
    share: float
    limit: float | None
    before: float | None
    sentence: str
    english: str


@dataclass(frozen=True)
class RunChecks:
    """The suites over the run, the failing rows of each expectation, the faults, the figures for the ledger."""

    suites: tuple[Suite, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    not_run: tuple[NotRun, ...] = ()
    measures: pl.DataFrame | None = None


def examine_run(
    engine: DuckEngine,
    inputs: Sequence[InputAccount],
    present: set[str],
    limits: Mapping[str, float],
    before: pl.DataFrame | None = None,
) -> RunChecks:
    """Build the tables over the run and find what fails. Reads the typed tables and `links`.

    `limits`: the figures of the policy's section [run]; `before`: `measures` of the month before, None in the first.
    """
    datasets = [d for d in DATASETS if d in present]
    known = run_tables.before_of(before) if before is not None else {}
    run_tables.prepare_files(engine, inputs, limits)
    run_tables.prepare_columns(engine, datasets, limits, known)
    run_tables.prepare_links(engine, datasets, limits, known)
    suites = _suites(datasets, limits, compared=bool(known))
    counts: dict[str, int] = {}
    for suite in suites:
        tests = ", ".join(f"count(*) FILTER ({c.condition.failing()})" for c in suite.checks)
        counts |= dict(
            zip((c.key for c in suite.checks), engine.rows(f"SELECT {tests} FROM {suite.table}").row(0), strict=True)
        )
    idle = (
        () if known else tuple((id, f"来源数据检查：{_rule(id).title}", "check", NO_MONTH_BEFORE) for id in _COMPARED)
    )
    faults = tuple(fault for suite in suites for fault in _faults(engine, suite, counts, limits))
    return RunChecks(suites, counts, faults, idle, run_tables.measures(engine))


def _rule(rule_id: str) -> Rule:
    # verified: no clause of law is named
    told = spec()["rule"][rule_id]
    return Rule(id=rule_id, category=CATEGORY, confidence="certain", verified=True, sentence="", **told)


def _suites(datasets: Sequence[str], limits: Mapping[str, float], *, compared: bool) -> tuple[Suite, ...]:
    blank, rise = part(limits["blank"]), part(limits["blank_rise"]).replace("%", "个百分点")
    files = [
        _check("file_rows", "sum", "读入行数等于留用、整行退回、跳过之和", same("rows_read", "accounted")),
        _check("file_rows", "loaded", "留用的行全部入库", same("rows_kept", "loaded")),
        _check("rows_rejected", "file", f"每个文件整行退回不超过{part(limits['rejected'])}",
               at_most("rejected_share", limits["rejected"], When("judged"))),
    ]  # fmt: skip
    columns, links = [], []
    if compared:  # once for all datasets: each expectation costs Great Expectations as much as a table
        few = f"行数比上月减少不超过{part(limits['rows_fall'])}"
        fall = f"各镇街与各类数据对上的比例比上月减少不超过{part(limits['link_fall'])}"
        columns += [
            _check("rows_fallen", "rows", few, not_before("rows", "rows_least", When("column", "record_id"))),
            _check("column_emptier", "share", f"各栏空白比上月增加不超过{rise}",
                   not_before("share_most", "share", When("compared"))),
        ]  # fmt: skip
        links.append(_check("links_fallen", "rate", fall, not_before("rate", "rate_least", When("compared"))))
    for d in datasets:
        names = "、".join(column_zh(d, c) for c in key_columns(d))
        title = f"{DATASETS[d].zh}：{names}空白各不超过{blank}"
        columns.append(_check("column_blank", d, title, at_most("share", limits["blank"], When("limited", d))))
    made = [
        ("run_files", "来源数据：行数账", "个文件", FILES, files),
        ("run_columns", "来源数据：栏目空白", "个栏目", COLUMNS, columns),
        ("run_links", "来源数据：与名册对上的比例", "个镇街", LINKS, links),
    ]
    return tuple(
        Suite(name, title, unit, "", CATEGORY, table, tuple(checks), _HEADINGS)
        for name, title, unit, table, checks in made
        if checks
    )


def _check(rule_id: str, part: str, title: str, condition: Condition) -> Check:
    rule = _rule(rule_id)
    return Check(
        key=f"run/{rule_id}/{part}", rule=rule, title=title, condition=condition, identity=part, reads={}, words={},
        severity=rule.severity, confidence=rule.confidence, basis=rule.basis, verified=rule.verified,
        about_field=False,
    )  # fmt: skip


def _faults(
    engine: DuckEngine, suite: Suite, counts: Mapping[str, int], limits: Mapping[str, float]
) -> Iterator[Fault]:
    failed = [c for c in suite.checks if counts[c.key]]
    for check in failed:
        where = check.condition.failing()
        order = _ORDER[suite.table]
        found = engine.rows(f"SELECT * FROM {quoted(suite.table)} WHERE {where} ORDER BY {order}")
        rows = list(found.iter_rows(named=True))
        if suite.table == LINKS and any(r["town"] == COUNTY_WIDE for r in rows):
            rows = rows[:1]  # the county stands for its towns
        for row in rows:
            yield _fault(check.rule, row, limits)


def _fault(rule: Rule, row: dict[str, Any], limits: Mapping[str, float]) -> Fault:
    """A failing row in words."""
    zh, said = DATASETS[row["dataset"]].zh, row["dataset"]
    file, sheet = row.get("file") or "", row.get("sheet") or ""
    if file:
        place = file if sheet in ("", "-") else f"{file}〔{sheet}〕"
        zh, said = f"{zh}（{place}）", f"{said} ({place})"
    n, rows, limit, before, town = 0, row.get("rows") or 0, None, None, ""
    match rule.id:
        case "file_rows":
            n, rows = row["loaded"], row["rows_read"]
            words = f"读入{rows:,}行，留用、退回、跳过共{row['accounted']:,}行，入库{n:,}行，账不平"
            english = f"{rows} rows read, {row['accounted']} accounted for, {n} loaded"
        case "rows_rejected":
            n, rows, limit = row["rows_rejected"], row["rows_rejected"] + row["rows_kept"], limits["rejected"]
            words = f"整行退回{_figures(n, rows)}，没有姓名和证件号"
            english = f"{_english(n, rows)} were rejected whole"
        case "rows_fallen":
            n, before, limit = rows, float(row["rows_before"]), limits["rows_fall"]
            words = f"本月{rows:,}行，上月{before:,.0f}行，少了{part(1 - rows / before)}"
            english = f"{rows} rows, last month {before:.0f}"
        case "links_fallen":
            n, town, before, limit = row["linked"], row["town"], row["rate_before"], limits["link_fall"]
            words = f"{town}名册{rows:,}人中对上{part(n / rows)}（{n:,}人），上月为{part(before)}"
            english = f"{_english(n, rows)} of the rosters of {town} link, last month {100 * before:.1f} %"
        case _:
            n, before, blank = row["blank"], row["share_before"], row["zh"]
            limit = limits["blank"] if rule.id == "column_blank" else limits["blank_rise"]
            unread = f"，其中{row['unread']:,}行填了而读不懂" if row["unread"] else ""
            words = f"{blank}为空{_figures(n, rows, unread)}"
            english = f"column {row['column']} is blank in {_english(n, rows)}"
            if rule.id == "column_emptier":
                words += f"，上月为{part(before)}"
                english += f", last month {100 * before:.1f} %"
    column = row.get("column") or "" if rule.id != "rows_fallen" else ""
    return Fault(
        rule.id, rule.title, row["dataset"], column, file, sheet, town, n, rows, n / rows if rows else 0.0, limit,
        before, f"{zh}：{words}", f"{said}: {english}",
    )  # fmt: skip


def _figures(n: int, rows: int, more: str = "") -> str:
    return f"{part(n / rows if rows else 0)}（{n:,}/{rows:,}行{more}）"


def _english(n: int, rows: int) -> str:
    return f"{100 * n / rows if rows else 0:.1f} % of the rows ({n} of {rows})"
