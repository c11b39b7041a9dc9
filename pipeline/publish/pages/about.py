"""The pages about the run itself: what was examined and what not, what came in, what could not be read, the suites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.contract import DATASETS, column_zh, scheme_zh
from pipeline.masking import Masker
from pipeline.publish import figures
from pipeline.publish.pages.shell import Site
from pipeline.publish.publication import Publication
from pipeline.publish.words import CATEGORIES, NOT_RUN_KINDS, SEVERITIES, part


@dataclass(frozen=True)
class Table:
    """A part of such a page: anchor, heading, columns (`counts`: those of figures), rows; what is said without rows."""

    id: str
    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    remark: str = ""
    counts: Sequence[str] = ()
    empty: str = "无。"


def write_about(site: Site, pub: Publication, masker: Masker) -> None:
    """Write them."""
    _scope(site, pub)
    _inputs(site, pub, masker)
    _rejects(site, pub, masker)
    _checks(site, pub)


def reject_groups(pub: Publication) -> list[tuple[str, str, int]]:
    """(file, reason, cells or rows), most first: as the page numbers them."""
    return figures.rejected(pub)


def missed_rows(pub: Publication) -> list[tuple[str, str, str, str]]:
    """Title, kind, category and reason of what did not run, or ran on a part."""
    return [
        (m.title, NOT_RUN_KINDS.get(m.kind, m.kind), CATEGORIES.get(m.category or "", ""), m.reason) for m in pub.missed
    ]


def absent(pub: Publication) -> list[str]:
    """The datasets that did not come in."""
    return [d.zh for d in DATASETS.values() if d.id not in {i.dataset for i in pub.inputs}]


def _scope(site: Site, pub: Publication) -> None:
    partly = {m.id for m in pub.partly}
    ran = [
        (CATEGORIES[r.category], r.title, SEVERITIES[r.severity], "只核查了一部分" if r.id in partly else "已核查",
         r.basis or "—")
        for c in CATEGORIES for r in pub.ran(c)
    ]  # fmt: skip
    tables = [
        Table("missed", "没有核查，或只核查了一部分", ("规则或检查", "性质", "类别", "原因"), missed_rows(pub),
              "没有核查不等于没有问题，补齐数据后请重新核查。", empty="全部规则和检查都已运行。"),
        Table("absent", "本月未收到的数据", ("数据",), [(zh,) for zh in absent(pub)], empty="各类数据都已收到。"),
        Table("faults", "来源数据存疑", ("情况",), [(f.sentence,) for f in pub.faults], empty="没有发现。"),
        Table("ran", "运行了的规则和检查", ("类别", "疑点类型", "程度", "核查情况", "依据"), ran),
        Table("unverified", "未见文件原文的政策参数", ("参数",), [(t,) for t in pub.policy.unverified],
              "请对照当地文件核对后再据以认定。", empty="全部参数都有文件依据。"),
    ]  # fmt: skip
    site.write("pages/about/scope.html", "tables.html", title="核查范围", tables=tables,
               intro="哪些核查了，哪些没有核查，为什么。", around=[("输入数据", "inputs.html")])  # fmt: skip


def _inputs(site: Site, pub: Publication, masker: Masker) -> None:
    columns = ("文件", "工作表", "读入行数", "留用", "整行退回", "跳过")
    tables = []
    for dataset in DATASETS.values():
        files = [i for i in pub.inputs if i.dataset == dataset.id]
        if files:
            rows = [
                (masker.text(i.path), "" if i.sheet == "-" else i.sheet, i.rows_read, i.rows_kept, i.rows_rejected,
                 i.rows_skipped)
                for i in files
            ]  # fmt: skip
            heading = f"{dataset.zh}：{len({i.path for i in files})} 个文件"  # of several sheets maybe, a row each
            tables.append(Table(dataset.id, heading, columns, rows, counts=columns[2:]))
    if pub.repeated:
        same = [(scheme_zh(i.dataset), masker.text(i.path)) for i in pub.repeated]
        remark = "只是提示，照常核查。该项数据本应逐月变动的，请向提供单位核对是否报错了月份。"
        tables.append(Table("repeated", pub.repeated_zh, ("数据", "文件"), same, remark))
    tables.append(Table("told", "读数时的提示", ("提示",), [(masker.text(t),) for t in pub.told]))
    site.write("pages/about/inputs.html", "tables.html", title="输入数据", tables=tables,
               intro="读入行数＝留用＋整行退回＋跳过（标题、表头、合计、签章、空行）。校验值见 county.xlsx“输入文件”。",
               around=[("核查范围", "scope.html"), ("退回的单元格", "rejects.html")])  # fmt: skip


def _rejects(site: Site, pub: Publication, masker: Masker) -> None:
    """Where each was, not what stood there: a cell that could not be read may hold a name."""
    query = 'SELECT file, reason, sheet, "row", "column" FROM rejects ORDER BY ALL'
    found: dict[tuple[str, str], list[Any]] = {}
    datasets = {i.path: i.dataset for i in pub.inputs}
    for file, reason, sheet, row, column in pub.engine.rows(query).iter_rows():
        where = column_zh(datasets.get(file, ""), column) if column else "整行"
        found.setdefault((file, reason), []).append(("" if sheet == "-" else sheet, row, where))
    tables = [
        Table(f"r{i}", f"{masker.text(file)}：{reason}，{n:,} 处", ("工作表", "行", "栏目"), found[file, reason],
              counts=("行",))
        for i, (file, reason, n) in enumerate(reject_groups(pub), 1)
    ]  # fmt: skip
    site.write("pages/about/rejects.html", "tables.html", title="退回的单元格和整行", tables=tables,
               intro="读不出来的单元格按空处理；没有姓名和证件号的整行退回。原文见 county.xlsx“退回单元格”。",
               around=[("输入数据", "inputs.html")])  # fmt: skip


def _checks(site: Site, pub: Publication) -> None:
    columns = ("检查项", "不符", "占比", "结果")
    tables = []
    for n, suite in enumerate(pub.suites, 1):
        # what holds of the month's files as such is told in a sentence: a line a dataset would bury the rest
        brief = getattr(suite, "category", "") == "run"
        shown = [e for e in suite.expectations if not (brief and e.success)]
        rows = [(e.title, e.unexpected, part(e.percent / 100), "通过" if e.success else "有不符") for e in shown]
        heading = f"{suite.title}（{suite.rows:,} {getattr(suite, 'unit', '行')}）"
        failed = sum(not e.success for e in suite.expectations)
        remark = f"{len(suite.expectations)} 项要求，{f'{failed} 项有不符' if failed else '全部通过'}。"
        tables.append(Table(f"s{n}", heading, columns, rows, remark, counts=("不符", "占比"), empty=""))
    site.write("pages/about/checks.html", "tables.html", title="数据与档案检查", tables=tables,
               intro="各花名册的系统数据和档案清单的逐项检查。",
               around=[("检查的完整文档", "../../checks/index.html")] if pub.suites else [])  # fmt: skip
