"""The county's workbook: totals by rule and town, completeness, month on month, and the account of what went in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.contract import COUNTY, ROSTERS, column_zh, scheme_zh
from pipeline.private import folder
from pipeline.publish import figures
from pipeline.publish.publication import Publication
from pipeline.publish.quality_sheets import quality_sheets
from pipeline.publish.sheets import Col, Sheet
from pipeline.publish.source_sheets import about, score_sheets, sources
from pipeline.publish.trend_sheets import ABOUT as TRENDS
from pipeline.publish.trend_sheets import trend_sheets
from pipeline.publish.words import CATEGORIES, NOT_RUN_KINDS, SEVERITIES, STATUSES, TIERS, few, month_zh
from pipeline.publish.workbook import Block, Book, Job, write_book
from pipeline.record_words import veiled

_ABOUT: tuple[tuple[str, str], ...] = (
    ("总览", "各类疑点按镇街汇总，颜色越深疑点越多"),
    ("涉及金额", "多发、错发等疑点涉及的金额，按镇街汇总"),
    ("数据完整", "花名册各行是否有缺项、错项，按镇街"),
    ("档案完整", "各户档案材料是否齐全、签字，按镇街"),
    ("环比", "与上月相比，每类疑点增减"),
    *TRENDS,
    ("来源数据", "本月哪些数据可能报送不全：关键栏目大量空白、行数或对上的人大减"),
    ("输入文件", "每个文件读了多少行，留用、退回、跳过多少行"),
    ("退回单元格", "读不懂、不能用的单元格和整行，请数据提供单位更正"),
    ("未核查", "因缺少数据等原因本月没有运行的规则和检查"),
    ("政策参数", "尚未见到文件原文、需要核对的政策参数"),
    ("比对情况", "花名册与各部门数据认出同一人的数量"),
    ("比对质量", "按推算有多少对可能认错，比对模型是否还合用"),
    ("候选查找", "用哪些信息查找可能是同一人的记录，各找到多少对"),
    ("比对校准", "人工判定过的各对，模型给出的可能性与实际是否相称，两人判定是否一致"),
)


def write_county(pub: Publication, out: Path) -> Path:
    """Write `county.xlsx` into `out` and read it back; AuditError when a row is lost."""
    folder(out)
    return write_book(*county_job(pub, out))


def county_job(pub: Publication, out: Path) -> Job:
    """What `write_book` needs for `county.xlsx` in `out`."""
    head = f"{COUNTY['county']}　{month_zh(pub.month)}"
    rules = figures.by_rule(pub)
    sheets = [
        _overview(pub, head, rules),
        *_money(pub, head, rules),
        _completeness(pub, head, "data", "数据完整", "行"),
        _completeness(pub, head, "archive", "档案完整", "户"),
        *score_sheets(pub, head),
        _monthly(pub, head, rules),
        *trend_sheets(pub, head, rules),
        sources(pub, head),
        _inputs(pub, head),
        _rejects(pub, head),
        _missed(pub, head),
        _policy(pub, head),
        _links(pub, head),
        *quality_sheets(pub, head),
    ]
    facts: list[tuple[Any, ...]] = [
        ("核查月份", month_zh(pub.month)),
        ("疑点总数", sum(r.total for r in rules)),
        ("待人工比对", sum(row["review"] for row in figures.links(pub))),
        ("待比对后才能认定的漏保线索", figures.held(pub)),
        ("来源数据存疑", len(pub.faults)),
        ("未核查的规则和检查", len(pub.missed)),
        ("政策参数", f"{pub.policy.name}（{pub.policy.source}）"),
        ("政策参数校验码", pub.policy.sha256),
        ("程序版本", pub.version),
    ]
    blocks = [
        Block("基本情况", facts, ("项目", "内容")),
        *_lists(pub),
        Block("本册各表", _contents(sheets), ("工作表", "内容")),
        Block("读数时的提示", [(text,) for text in pub.told] or [("无",)]),
    ]
    book = Book(f"{head}　社会救助专项核查汇总", pub.month, blocks, sheets, head)
    path = out / "county.xlsx"
    return book, path, pub.password_of(path)


def _contents(sheets: Sequence[Sheet]) -> list[tuple[Any, ...]]:
    """What each sheet holds, in the order of the workbook."""
    told = {**dict(_ABOUT), **dict(about(list(sheets)))}
    return [(s.name, told[s.name]) for s in sheets]


def _overview(pub: Publication, head: str, rules: Sequence[figures.Row]) -> Sheet:
    towns = figures.towns(pub)
    columns = (
        Col("序号", 5, "centre"),
        Col("类别", 15),
        Col("疑点类型", 22),
        Col("程度", 6, "severity"),
        Col("合计", 9, "number"),
        Col("预计误报", 9, "centre"),
        Col("涉及金额（元）", 13, "money"),
        *(Col(town, 7, "count", heat=True) for town in towns),
    )
    rows: list[tuple[Any, ...]] = [
        (
            i,
            CATEGORIES[r.category],
            r.title,
            SEVERITIES[r.severity],
            r.total,
            few(r.false_flags),
            r.at_stake if r.money else None,
            *(r.towns.get(t, 0) for t in towns),
        )
        for i, r in enumerate(rules, 1)
    ]
    sums: list[tuple[Any, ...]] = []
    for label, picked in [*((f"{zh}小计", [r for r in rules if r.category == c]) for c, zh in CATEGORIES.items()),
                          ("合计", list(rules))]:  # fmt: skip
        if picked:
            by_town = [sum(r.towns.get(t, 0) for r in picked) for t in towns]
            money = sum(r.at_stake for r in picked) if any(r.money for r in picked) else None
            false = few(sum(r.false_flags for r in picked))
            sums.append(("", "", label, "", sum(by_town), false, money, *by_town))
    remark = (
        "数字为尚待核实的疑点条数（新增、延续、复发）；已消除、已排除的见“环比”。"
        "“预计误报”是认错了人的疑点预计有几条，由各条所依据的比对“不是同一人”的可能性相加；不含情况变化等其他原因。"
        "未运行的规则见“未核查”，没有运行不等于没有问题。"
    )
    return Sheet("总览", f"{head}　疑点总览", columns, [*rows, *sums], remark, total_rows=len(sums), freeze_columns=5)


def _money(pub: Publication, head: str, rules: Sequence[figures.Row]) -> list[Sheet]:
    """The yuan at stake by rule and town; no sheet where there are none."""
    picked = [r for r in rules if r.money]
    if not picked:
        return []
    towns = figures.towns(pub)
    columns = (Col("序号", 5, "centre"), Col("类别", 12), Col("疑点类型", 22), Col("合计（元）", 14, "money"),
               *(Col(town, 11, "money") for town in towns))  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (i, CATEGORIES[r.category], r.title, r.at_stake, *(r.money.get(t) for t in towns))
        for i, r in enumerate(picked, 1)
    ]
    by_town = [sum(r.money.get(t, 0) for r in picked) or None for t in towns]
    sums = [("", "", "合计", sum(r.at_stake for r in picked), *by_town)]
    remark = "各条疑点说明中的金额按镇街相加；同一笔发放可能涉及几类疑点，合计有重复。金额待核实，不是应追回的数额。"
    return [Sheet("涉及金额", f"{head}　涉及金额", columns, [*rows, *sums], remark, total_rows=1, freeze_columns=4)]


def _lists(pub: Publication) -> list[Block]:
    """For each list of the towns' workbooks how many flags are expected to be false."""
    rows: list[tuple[Any, ...]] = []
    for one in figures.lists(pub):
        probable = one.total - one.certain
        told = f"确定{one.certain:,}条，可能{probable:,}条"
        told += f"（其中{one.unrated:,}条不靠比对，未推算）" if one.unrated else ""
        told += f"；涉及金额{one.money:,.2f}元" if one.money is not None else ""
        rows.append((one.name, told, one.total, f"预计误报{few(one.false_flags)}条"))
    head = ("清单", "把握和金额", "疑点数", "认错了人的预计条数")
    return [Block("各清单的把握", rows, head)] if rows else []


def _completeness(pub: Publication, head: str, category: str, name: str, unit: str) -> Sheet:
    found = figures.completeness(pub, category)
    columns = (
        Col("序号", 6, "centre"),
        Col("救助类别", 14),
        Col("镇街", 14),
        Col(f"核查{unit}数", 14, "number"),
        Col(f"齐全{unit}数", 14, "number"),
        Col(f"有缺漏{unit}数", 14, "number"),
        Col("齐全率", 12, "percent"),
    )
    rows: list[tuple[Any, ...]] = [
        (
            i,
            scheme_zh(c.roster),
            c.town,
            *_completeness_cells(c.examined, c.complete),
        )
        for i, c in enumerate(found, 1)
    ]
    sums = []
    for roster in dict.fromkeys(c.roster for c in found):
        examined = sum(c.examined for c in found if c.roster == roster)
        complete = sum(c.complete for c in found if c.roster == roster)
        sums.append(("", scheme_zh(roster), "全县", *_completeness_cells(examined, complete)))
    absent = [scheme_zh(r) for r in ROSTERS if r not in pub.examined(category)]
    remark = f"本月未作此项检查的花名册：{'、'.join(absent)}。" if absent else ""
    empty = pub.nothing(category)
    if empty == "本月无":
        empty = "花名册没有记录"
    return Sheet(name, f"{head}　{name}情况", columns, [*rows, *sums], remark + pub.caveat(category), empty, len(sums))


def _completeness_cells(examined: int, complete: int) -> tuple[float | None, ...]:
    return examined, complete, examined - complete, complete / examined if examined else None


def _monthly(pub: Publication, head: str, rules: Sequence[figures.Row]) -> Sheet:
    columns = (
        Col("序号", 6, "centre"),
        Col("类别", 16),
        Col("疑点类型", 26),
        Col("上月待核实", 12, "number"),
        Col("本月待核实", 12, "number"),
        Col("增减", 10, "number"),
        *(Col(zh, 10, "number") for zh in STATUSES.values()),
    )
    rows: list[tuple[Any, ...]] = []
    for i, r in enumerate(rules, 1):
        change = None if r.before is None else r.total - r.before
        states = (r.statuses.get(s, 0) for s in STATUSES)
        rows.append((i, CATEGORIES[r.category], r.title, r.before, r.total, change, *states))
    remark = (
        "首月：没有上月数据，“上月待核实”“增减”两列为空。" if pub.previous is None else "增减＝本月待核实－上月待核实。"
    )
    sums = []
    if rows:
        cells = [[row[c] for row in rows if row[c] is not None] for c in range(3, 11)]
        sums = [("", "合计", "", *(sum(values) if values else None for values in cells))]
    return Sheet("环比", f"{head}　疑点环比", columns, [*rows, *sums], remark, "没有运行任何规则", len(sums))


def _inputs(pub: Publication, head: str) -> Sheet:
    columns = (
        Col("序号", 6, "centre"),
        Col("文件", 36),
        Col("工作表", 12),
        Col("数据", 12),
        *(Col(zh, 10, "number") for zh in ("读入行数", "留用", "整行退回", "跳过")),
        Col("提示", 20),
        Col("校验码（SHA-256）", 36, "id"),
    )
    rows: list[tuple[Any, ...]] = [
        (n, i.path, i.sheet, scheme_zh(i.dataset), i.rows_read, i.rows_kept, i.rows_rejected, i.rows_skipped,
         pub.repeated_zh if i.sha256 in pub.same_files else "", i.sha256)
        for n, i in enumerate(pub.inputs, 1)
    ]  # fmt: skip
    sums = [("", "合计", "", "", *(sum(row[c] for row in rows) for c in range(4, 8)), "", "")] if rows else []
    remark = "读入行数＝留用＋整行退回＋跳过（标题、表头、合计、签章、空行）。"
    if pub.repeated:
        remark += f"“{pub.repeated_zh}”只是提示：该项数据本应逐月变动的，请向提供单位核对是否报错了月份。"
    return Sheet("输入文件", f"{head}　输入文件", columns, [*rows, *sums], remark, "没有读入文件", len(sums))


def _rejects(pub: Publication, head: str) -> Sheet:
    columns = (
        Col("序号", 7, "centre"),
        Col("文件", 32),
        Col("工作表", 12),
        Col("行号", 9, "centre"),
        Col("栏目", 16),
        Col("原文", 26, "id"),
        Col("原因", 36),
    )
    datasets = {i.path: i.dataset for i in pub.inputs}
    query = (
        'SELECT file, sheet, row, "column", raw, reason FROM rejects ORDER BY file, sheet, row, "column", raw, reason'
    )
    rows: list[tuple[Any, ...]] = [
        (n, file, sheet, row, column_zh(datasets.get(file, ""), column) if column else "整行", veiled(raw), reason)
        for n, (file, sheet, row, column, raw, reason) in enumerate(pub.engine.rows(query).iter_rows(), 1)
    ]
    remark = (
        "这些单元格按空白处理；“整行”是没有姓名和证件号而整行退回的。请数据提供单位更正后重新报送。" if rows else ""
    )
    return Sheet("退回单元格", f"{head}　退回单元格", columns, rows, remark, "本月无")


def _missed(pub: Publication, head: str) -> Sheet:
    columns = (Col("序号", 6, "centre"), Col("名称", 30), Col("性质", 10, "centre"), Col("类别", 18), Col("原因", 50),
               Col("编号", 30))  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (i, m.title, NOT_RUN_KINDS.get(m.kind, m.kind), CATEGORIES.get(m.category or "", ""), m.reason, m.id)
        for i, m in enumerate(pub.missed, 1)
    ]
    remark = "下列规则和检查本月没有运行，或只核查了一部分；没有核查不等于没有问题。" if rows else ""
    return Sheet("未核查", f"{head}　未核查的规则和检查", columns, rows, remark, "全部规则和检查都已运行")


def _policy(pub: Publication, head: str) -> Sheet:
    columns = (Col("序号", 6, "centre"), Col("需要核对的政策参数", 110))
    rows: list[tuple[Any, ...]] = list(enumerate(pub.policy.unverified, 1))
    remark = f"所用政策参数：{pub.policy.name}（{pub.policy.source}）。"
    if rows:
        remark += "下列参数未见文件原文，请对照当地文件核对后再据以认定。"
    return Sheet("政策参数", f"{head}　政策参数", columns, rows, remark, "全部参数都有文件依据")


def _links(pub: Publication, head: str) -> Sheet:
    columns = (Col("序号", 6, "centre"), Col("数据", 18), Col("比对方式", 24),
               *(Col(zh, 14, "number") for zh in ("同一人", "待人工比对", "不是同一人", "合计")))  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for i, row in enumerate(figures.links(pub), 1):
        counts = (row["link"], row["review"], row["reject"])
        rows.append((i, scheme_zh(row["dataset"]), TIERS.get(row["tier"], row["tier"]), *counts, sum(counts)))
    sums = [("", "合计", "", *(sum(row[c] for row in rows) for c in range(3, 7)))] if rows else []
    remark = "花名册与各类数据（含花名册之间）两两记录的比对结果。疑点只依据“同一人”。"
    return Sheet("比对情况", f"{head}　比对情况", columns, [*rows, *sums], remark, "没有比对出相同的人", len(sums))
