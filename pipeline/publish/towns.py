"""The towns' workbooks: each town's own people, what was found, and room for the town's answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.contract import COUNTY, DATASETS, TOWNS
from pipeline.private import folder
from pipeline.processes import Beside, Pool
from pipeline.publish import figures, gaps, lead_table, leads, review, verify
from pipeline.publish.publication import Publication
from pipeline.publish.sheets import Sheet
from pipeline.publish.words import CATEGORIES, FILED, HELD, REVIEW, SCREENED, SHARED, STATUSES, UNKNOWN_TOWN, month_zh
from pipeline.publish.workbook import Block, Book, Job, write_book

# Lines below which one process is done sooner than a second one has started.
_WORTH_A_POOL = 6_000
_WORKERS = 2
_ROW_HEIGHT = 30  # points: room to write by hand on the printed sheet

_ABOUT: dict[str, str] = {
    "ineligible": "与部门数据比对，可能不再符合救助条件的人员和家庭，每行一条",
    "missing": "可能符合条件而未纳入救助的人员，同一户的线索合为一行，请优先入户",
    SCREENED: "同上，但本人或家人另有车辆、房产、经营等排除情形，排在其后核实",
    HELD: "可能已经在册的人：先在“待人工比对”中辨认是否同一人，不是同一人的才是漏保线索",
    "payment": "发放明细与花名册、死亡等数据对不上的家庭",
    "care": "特困人员照料护理等级、评估、照料协议等方面的问题",
    "data": "花名册漏填、错填的项目，同一人的缺项合为一行，按村居排列",
    "archive": "档案目录中缺少、未签字或未注明日期的材料，同一户合为一行，按村居排列",
    FILED: "本镇报送的名册中没有写明本县镇街的人，按文件名列在这里，不计入本镇疑点数",
    SHARED: "同时涉及本镇名册上的人或家庭，由另一镇街主办，供了解，不计入本镇疑点数",
    REVIEW: "系统不能断定是否同一人的两个人，每行一问，请辨认后填写",
}
_HOW: tuple[str, ...] = (
    "一、疑点只是线索，不是结论。请逐条入户或查档核实（办法见“怎样核实”表），未经核实不得停发、不得公开。",
    "二、只填写浅黄色三列：“镇核实结果”从下拉列表中选择（属实、不属实、正在核实、已整改；"
    f"“{REVIEW}”表中为{'、'.join(review.VERDICTS)}）；“核实说明”写明核实到的情况；"
    "“核实人/日期”由核实人填写。其他各列请勿改动，“疑点编号”是回收时对号的依据。",
    "三、“把握”为“确定”的，由有效的证件号（姓名相符）或编号直接对上；为“可能”的，由修正过的证件号、姓名等信息推断，"
    "百分数是推算为同一人的可能性，先确认是不是同一人。",
    "四、“来源”是数据文件名和该文件中的行号，可以据此找到原始记录。",
    "五、本册含个人信息，只限经办人员使用，打印件用后收回。",
)


def write_workbooks(pub: Publication, out: Path, progress: Callable[[int, int], None] | None = None) -> list[Path]:
    """Write `towns/<town>.xlsx` under `out` for every town that has people or findings; returns the paths.

    Rows whose town is not on the contract's list go to 未知镇街.xlsx. `progress(done, all)` is called after each
    workbook. Each is read back: AuditError when a row is lost.
    """
    return Workbooks(pub, out, progress).finish()


class Workbooks:
    """`write_workbooks`, begun: processes write them while this one does something else, until it calls `finish`.

    `worker`: writes them where it is a process; else there are processes of their own where there is much to write.
    """

    def __init__(
        self, pub: Publication, out: Path, progress: Callable[[int, int], None] | None = None,
        worker: Beside | None = None,
    ) -> None:  # fmt: skip
        self._target, self._material, self._progress = folder(out / "towns"), Material.of(pub), progress
        found, self._own = self._material.found, None
        # the largest first, so that none is waited for at the end
        self._towns = sorted(self._material.towns, key=lambda town: -found.size(town))
        lines = sum(found.size(town) for town in self._towns)
        executor = worker.executor if worker is not None and worker.apart else None
        if executor is None and lines >= _WORTH_A_POOL:
            executor = self._own = Pool(_WORKERS)
        self._executor = executor
        self._handed: list[tuple[Future[Path], Job]] = []
        if executor is not None:
            for town in self._towns:
                self.also(self._material.job(town, self._target))

    def also(self, job: Job) -> None:
        """One more workbook: handed to whoever writes the towns', or written now."""
        if self._executor is None:
            write_book(*job)
        else:
            self._handed.append((self._executor.submit(write_book, *job), job))

    def finish(self) -> list[Path]:
        """Write what nobody has begun, the last handed over first, and wait for the rest; the towns' paths."""
        done: list[Path] = []

        def note(path: Path) -> None:
            if path.parent != self._target:
                return
            done.append(path)
            if self._progress:
                self._progress(len(done), len(self._towns))

        try:
            if not self._handed:
                for town in self._material.towns:
                    note(write_book(*self._material.job(town, self._target)))
                return done
            for future, job in reversed(self._handed):
                if future.cancel():
                    note(write_book(*job))
            for future, _ in self._handed:
                if not future.cancelled():
                    note(future.result())
            return sorted(done)
        finally:
            if self._own is not None:
                self._own.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class Material:
    """What the towns' workbooks are filled from. `towns` = those that get one, in the contract's order."""

    pub: Publication
    towns: list[str]
    found: leads.Leads
    asked: dict[str, review.Page]
    people: dict[str, dict[str, int]]
    shared: list[Block]

    @classmethod
    def of(cls, pub: Publication) -> Material:
        found, asked, people = leads.collect(pub), review.rows(pub), figures.people(pub)
        some = {*people, *found.groups, *found.held, *asked, *found.settled}  # who has `filed` alone has no people
        towns = [t for t in (*TOWNS, UNKNOWN_TOWN) if t in some]
        return cls(pub, towns, found, asked, people, [_inputs_block(pub), _missed_block(pub)])

    def book(self, town: str) -> Book:
        """One town's workbook, filled."""
        return _book(self, town, self.found.lines(town), self.asked.get(town, review.Page([], 0)))

    def job(self, town: str, folder: Path) -> Job:
        """What `write_book` needs for one town's workbook in `folder`."""
        path = folder / f"{town}.xlsx"
        return self.book(town), path, self.pub.password_of(path)


def _book(material: Material, town: str, found: dict[str, list[leads.Line]], asked: review.Page) -> Book:
    pub, people = material.pub, material.people.get(town, {})
    settled = material.found.settled.get(town, {})
    head = f"{COUNTY['county']}{town}　{month_zh(pub.month)}"
    unknown = town == UNKNOWN_TOWN
    sheets: list[Sheet] = []
    contents: list[tuple[Any, ...]] = []
    for category, name in _sheet_names():
        lines = found.get(name, [])
        columns = lead_table.columns(lines, with_town=unknown)
        rows = lead_table.table(lines, columns)
        findings = sum(line.findings for line in lines)
        sheets.append(
            Sheet(
                name=name,
                title=f"{head}　{name}",
                columns=columns,
                rows=rows,
                remark=_remark(len(rows), findings, category) + pub.caveat(category),
                empty=pub.nothing(category),
                row_height=_ROW_HEIGHT,
                hints=verify.hints(lines, pub.verify),
            )
        )
        state = "已核查" if pub.ran(category) else pub.nothing(category)
        if pub.ran(category) and pub.missed_in(category):
            state = "只核查了一部分，见本页末表"
        about = _ABOUT[SCREENED if name == SCREENED else category]
        contents.append((name, about, findings, state))
    for sheet, counted, state in _beside(material, town, head):
        sheets.append(sheet)
        contents.append((sheet.name, _ABOUT[sheet.name], counted, state))
    sheets.append(
        Sheet(
            REVIEW, f"{head}　{REVIEW}", review.COLUMNS, asked.rows, _remark_of_pairs(asked), row_height=_ROW_HEIGHT,
            hints=[verify.short(text) for text in asked.looks],
        )
    )  # fmt: skip
    contents.append(
        (REVIEW, _ABOUT[REVIEW], len(asked.rows), "已比对" if pub.engine.count("links") else "没有可比对的记录")
    )
    if how := verify.sheet(head, {name: found.get(name, []) for _, name in _sheet_names()}, pub.verify, pub.titles):
        sheets.append(how)
        contents.append((verify.NAME, verify.ABOUT, "", ""))
    facts: list[tuple[Any, ...]] = [
        ("核查月份", month_zh(pub.month)),
        ("镇街", town + ("（镇街一栏空白或不在名单内的记录）" if unknown else "")),
        ("花名册人数", "，".join(f"{DATASETS[r].zh}{n}人" for r, n in people.items()) or "没有在册人员"),
        ("政策参数", pub.policy.name),
        ("程序版本", pub.version),
    ]
    if settled:
        counts = "，".join(f"{STATUSES.get(status, status)}{n}条" for status, n in sorted(settled.items()))
        facts.append(("不再列出", f"{counts}：无需再次核实，不在各表之内"))
    blocks = [
        Block("基本情况", facts, ("项目", "内容")),
        Block("本册各表", contents, ("工作表", "内容", "疑点数", "核查情况")),
        Block("怎样填写", [(text,) for text in _HOW]),
        *material.shared,
    ]
    return Book(f"{head}　社会救助疑点核查表", pub.month, blocks, sheets, head, cover_on_one_page=True)


def _beside(material: Material, town: str, head: str) -> list[tuple[Sheet, int, str]]:
    """The sheets that only some towns have, of what does not count as theirs: the sheet, its findings, their state."""
    found, unknown = material.found, town == UNKNOWN_TOWN
    filed, shared, held = found.filed_lines(town), found.shared_lines(town), found.held_lines(town)
    out = []
    for name, lines, columns, state, told in (
        (FILED, filed, lead_table.columns(filed, with_town=True), "已核查", "请更正名册上的镇街，并核实回复"),
        (SHARED, shared, lead_table.columns(shared, with_town=True, shared=True), "由主办镇街回复",
         "如了解情况，请告知主办镇街"),
        (HELD, held, lead_table.columns(held, with_town=unknown, held=True), "待比对",
         "经辨认不是同一人的，下月列入“疑似漏保”"),
    ):  # fmt: skip
        if lines:
            rows = lead_table.table(lines, columns)
            hints = verify.hints(lines, material.pub.verify) if name == FILED else ()
            boxes = name == FILED and any(line.fields for line in lines)
            tick = f"缺项补正一项，在“{gaps.BOX}”内打勾一项。" if boxes else ""
            remark = f"共{len(rows)}行。{_ABOUT[name]}；{told}。{tick}"
            sheet = Sheet(name, f"{head}　{name}", columns, rows, remark, row_height=_ROW_HEIGHT, hints=hints)
            out.append((sheet, sum(line.findings for line in lines), state))
    return out


def _sheet_names() -> list[tuple[str, str]]:
    """(category, sheet name) in the order of the workbook."""
    names = list(CATEGORIES.items())
    return [*names[:2], ("missing", SCREENED), *names[2:]]


def _remark(rows: int, findings: int, category: str) -> str:
    if not rows:
        return ""
    joined = f"（{findings}条疑点）" if findings != rows else ""
    if category in gaps.CATEGORIES:
        whom = "同一人" if category == "data" else "同一户"
        return (
            f"共{rows}行{joined}，按村居、家庭排列；{whom}的各项合为一行，补正一项在“{gaps.BOX}”内打勾一项，"
            "全部补正后在“镇核实结果”选“已整改”。"
        )
    order = "程度高、困难项多的户在前。" if category == "missing" else ""
    return f"共{rows}行{joined}。{order}疑点是线索，不是结论；请核实后填写浅黄色各列。"


def _remark_of_pairs(asked: review.Page) -> str:
    if not asked.rows:
        return ""
    joined = f"（{asked.pairs}对记录）" if asked.pairs != len(asked.rows) else ""
    return (
        f"共{len(asked.rows)}行{joined}。同样两个人的各对记录合为一行，答一次即可；看什么、问什么见“{review.LOOK}”一列。"
        "请核实后填写浅黄色各列。"
    )


def _inputs_block(pub: Publication) -> Block:
    """What the month was audited on, dataset by dataset, the absent ones too."""
    rows: list[tuple[Any, ...]] = []
    absent: list[str] = []
    for dataset in DATASETS.values():
        files = [i for i in pub.inputs if i.dataset == dataset.id]
        if not files:
            absent.append(dataset.zh)
            continue
        rejected = sum(i.rows_rejected for i in files)
        note = f"整行退回{rejected}行" if rejected else ""
        rows.append((dataset.zh, f"全县{len({i.path for i in files})}个文件", sum(i.rows_kept for i in files), note))
    if absent:
        rows.append(("本月未收到", "、".join(absent), "", "需要这些数据的规则没有运行"))
    return Block("本月使用的数据", rows, ("数据", "文件", "行数", "备注"))


def _missed_block(pub: Publication) -> Block:
    """What was not examined: those of one sheet that were left out for one reason stand in one row."""
    heading = "本月未核查或只核查了一部分的规则和检查"
    titles: dict[tuple[str, str], list[str]] = {}
    order = list(CATEGORIES)
    for m in sorted(pub.missed, key=lambda m: order.index(m.category) if m.category in order else len(order)):
        titles.setdefault((CATEGORIES.get(m.category, ""), m.reason), []).append(m.title)
    if not titles:
        return Block(heading, [("无，全部规则和检查都已运行。",)])
    unique = {key: list(dict.fromkeys(names)) for key, names in titles.items()}
    rows: list[tuple[Any, ...]] = [
        (sheet, "、".join(names), len(names), reason) for (sheet, reason), names in unique.items()
    ]
    return Block(heading, rows, ("工作表", "规则或检查", "项数", "原因"))
