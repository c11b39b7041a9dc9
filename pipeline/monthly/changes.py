"""比对台账: the month's findings beside last month's, by town and department, and every change with its cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from pipeline.contract import COUNTY, DATASETS, ROSTERS, TOWNS, scheme_zh
from pipeline.ledger.causes import words
from pipeline.monthly.gathered import Line, Month, departments
from pipeline.months import last_day
from pipeline.publish.leads import ANSWERS
from pipeline.publish.sheets import Col, Sheet
from pipeline.publish.words import NOT_EXAMINED, OPEN, SEVERITIES, STATES, UNKNOWN_TOWN, month_zh
from pipeline.publish.workbook import Block, Book

_SHOWN = ("reopened", "new", "continuing", "resolved", NOT_EXAMINED, "dismissed")  # in the order of the changes
_SEVERITY = {s: i for i, s in enumerate(SEVERITIES)}


def changes_book(month: Month) -> Book:
    """The workbook: towns, departments, changes, what is overdue, what did not come in."""
    head = f"{COUNTY['county']}　{month_zh(month.month)}"
    sheets = [
        _towns(month, head), _departments(month, head), _changes(month, head), _overdue(month, head),
        _silent(month, head),
    ]  # fmt: skip
    before = month.comparison.previous_month
    facts: list[tuple[Any, ...]] = [
        ("核查月份", month_zh(month.month)),
        ("与之相比的月份", month_zh(before) if before else "没有（首月）"),
        ("待核实", sum(line.open for line in month.lines)),
        *((zh, sum(line.status == s for line in month.lines)) for s, zh in STATES.items()),
        ("逾期未答复", len(month.overdue)),
        ("期限计算到", month.as_of.isoformat()),
        ("程序版本", month.pub.version),
    ]
    how = [
        ("待核实＝新增＋延续＋复发。已核实排除的不再列出，除非证据有变或结论到期。",),
        ("已消除：上月有、本月核查过而不再有的。未核查：上月有，本月因数据或名册未报送等原因无法判断的，不算消除。",),
        (
            f"逾期：首次发现的当月月底起{month.days('answer_days')}天内没有答复的（答复“正在核实”的不算；本程序自定的期限，可由政策参数更改）。",
        ),
    ]
    contents = [(s.name, _ABOUT[s.name]) for s in sheets]
    blocks = [
        Block("基本情况", facts, ("项目", "内容")),
        Block("本册各表", contents, ("工作表", "内容")),
        Block("说明", how),
    ]
    return Book(f"{head}　社会救助比对台账", month.month, blocks, sheets, head)


_ABOUT = {
    "各镇街": "每个镇街的疑点：待核实、新增、延续、复发、已消除、已排除、未核查、逾期",
    "各部门": "每类部门数据是否报送，据以发现的疑点有何变化",
    "变动明细": "与上月不同的每条疑点，及其原因",
    "逾期未答复": "以前月份发现、至今没有答复的疑点（答复“正在核实”的不算）",
    "未报送": "没有核查的月份，没有报送的数据、镇街和名册",
}


def _counts(lines: Iterable[Line]) -> tuple[int, ...]:
    counted = Counter(line.status for line in lines)
    return (sum(counted[s] for s in OPEN), *(counted[s] for s in STATES))


_COUNT_COLUMNS = tuple(Col(zh, 9, "count") for zh in ("待核实", *STATES.values()))


def _sums(rows: Sequence[tuple[Any, ...]], first: int, last: int) -> tuple[Any, ...]:
    return tuple(sum(row[c] or 0 for row in rows) for c in range(first, last))


def _towns(month: Month, head: str) -> Sheet:
    columns = (
        Col("序号", 5, "centre"), Col("镇街", 12), *_COUNT_COLUMNS, Col("逾期", 9, "count"),
        Col("名册人数", 10, "count"), Col("上月人数", 10, "count"), Col("名册报送", 26),
    )  # fmt: skip
    late = Counter(line.town for line in month.overdue)
    names = [*TOWNS, *([UNKNOWN_TOWN] if any(line.town == UNKNOWN_TOWN for line in month.lines) else [])]
    rows: list[tuple[Any, ...]] = []
    for i, town in enumerate(names, 1):
        silent = [scheme_zh(s) for t, s in month.silent_rosters if t == town]
        sent = (
            "未报送任何名册" if town in month.silent_towns else f"未报送：{'、'.join(silent)}" if silent else "已报送"
        )
        before = month.people_before.get(town, 0) if month.people_before is not None else None
        mine = [line for line in month.lines if line.town == town]
        rows.append((i, town, *_counts(mine), late[town], month.people.get(town, 0), before, sent))
    sums = ("", "合计", *_sums(rows, 2, 12), "")
    return Sheet("各镇街", f"{head}　各镇街比对情况", columns, [*rows, sums], total_rows=1, freeze_columns=2)


def _departments(month: Month, head: str) -> Sheet:
    columns = (
        Col("序号", 5, "centre"), Col("数据", 14), Col("报送", 22), Col("行数", 10, "count"), *_COUNT_COLUMNS,
    )  # fmt: skip
    by: dict[str, list[Line]] = {}
    for line in month.lines:
        for dataset in departments(line):
            by.setdefault(dataset, []).append(line)
    rows: list[tuple[Any, ...]] = []
    for dataset in (d for d in DATASETS if d not in ROSTERS):
        there = dataset in month.datasets
        sent = "已报送" if there else "上月有，本月未报送" if dataset in month.silent_datasets else "未报送"
        n = month.pub.engine.count(dataset) if there else 0
        rows.append((len(rows) + 1, scheme_zh(dataset), sent, n, *_counts(by.get(dataset, []))))
    remark = "一条疑点据几类数据发现的，各类都算一次，所以各行之和可以多于疑点总数。只据名册和档案发现的疑点不在此表。"
    return Sheet("各部门", f"{head}　各部门数据比对情况", columns, rows, remark, freeze_columns=2)


_DETAIL = (
    Col("疑点类型", 13), Col("程度", 6, "severity"), Col("救助类别", 8, "centre"), Col("家庭编号", 16, "id"),
    Col("姓名", 8), Col("疑点说明", 44),
)  # fmt: skip


def _detail(month: Month, line: Line) -> tuple[Any, ...]:
    said = line.said
    rule = line.row.about.rule
    return (
        month.pub.titles.get(rule, rule), SEVERITIES.get(said["severity"], ""), scheme_zh(said["scheme"] or ""),
        said["household_no"] or "", said["name"] or "", said["summary"] or "",
    )  # fmt: skip


def _key(line: Line) -> tuple[Any, ...]:
    towns = list(TOWNS)
    place = towns.index(line.town) if line.town in towns else len(towns)
    return (place, _SHOWN.index(line.status), _SEVERITY.get(line.said["severity"], 9), line.row.about.rule,
            line.said["household_no"] or "", line.row.state.fingerprint)  # fmt: skip


def _changes(month: Month, head: str) -> Sheet:
    columns = (
        Col("序号", 5, "centre"), Col("镇街", 8), Col("疑点编号", 12, "id"), Col("状态", 7, "centre"), Col("原因", 18),
        *_DETAIL, Col("首次发现", 9, "centre"),
    )  # fmt: skip
    changed = [line for line in month.lines if line.row.state.cause not in (None, "first_month")]
    rows = [
        (i, line.town, line.number, STATES[line.status], words()[line.row.state.cause or ""]["zh"],
         *_detail(month, line), line.row.state.first_month)
        for i, line in enumerate(sorted(changed, key=_key), 1)
    ]  # fmt: skip
    first = month.comparison.previous_month is None
    empty = "首月：全部是新增，见各镇街工作簿" if first else "与上月相同"
    return Sheet("变动明细", f"{head}　变动明细", columns, rows, f"共{len(rows)}条。", empty)


def _overdue(month: Month, head: str) -> Sheet:
    columns = (
        Col("序号", 5, "centre"), Col("镇街", 8), Col("疑点编号", 12, "id"), Col("首次发现", 9, "centre"),
        Col("逾期天数", 9, "count"), *_DETAIL, Col("镇答复", 14, "reply", choices=ANSWERS),
        Col("说明", 16, "reply"),
    )  # fmt: skip
    rows = []
    for i, line in enumerate(sorted(month.overdue, key=_key), 1):
        first = line.row.state.first_month
        rows.append((i, line.town, line.number, first, overdue_days(month, first), *_detail(month, line)))
    limit = month.days("answer_days")
    remark = f"共{len(rows)}条。首次发现的当月月底起{limit}天内应有核实结论，逾期天数计算到{month.as_of.isoformat()}。"
    return Sheet("逾期未答复", f"{head}　以前月份逾期未答复的疑点", columns, rows, remark, "没有逾期的疑点")


def overdue_days(month: Month, first_month: str) -> int:
    """Days since an answer was due, at the ledger's day."""
    return (month.as_of - last_day(first_month)).days - month.days("answer_days")


def _silent(month: Month, head: str) -> Sheet:
    columns = (Col("序号", 5, "centre"), Col("情况", 30), Col("内容", 40))
    rows = [(i, what, which) for i, (what, which) in enumerate(month.silent_zh, 1)]
    remark = "没有报送的，本月没有核查，不等于没有疑点。"
    return Sheet("未报送", f"{head}　没有核查的月份和没有报送的数据", columns, rows, remark, "全部报送")
