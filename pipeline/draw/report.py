"""The estimate as a workbook and as JSON, and in a few lines."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.contract import COUNTY
from pipeline.draw.estimate import ALL, ANY, TOTAL, UNFLAGGED, Estimate, Line
from pipeline.draw.results import ADJUSTED, INCLUDED, STOPPED, UNVERIFIED
from pipeline.draw.words import DRAWS
from pipeline.private import folder, owner_only, private
from pipeline.publish.sheets import Col, Sheet
from pipeline.publish.words import month_zh
from pipeline.publish.workbook import Block, Book, write_book

_TOTAL_ZH = "各类救助合计"
_COLUMNS = (
    Col("抽查类别", 20), Col("范围", 10, "centre"), Col("差错种类", 12, "centre"), Col("总体单元数", 11, "number"),
    Col("抽查数", 9, "number"), Col("已核实", 9, "number"), Col("未核实", 9, "number"), Col("查出", 8, "number"),
    Col("估计差错率", 11, "percent"), Col("差错率下限", 11, "percent"), Col("差错率上限", 11, "percent"),
    Col("估计差错数", 11, "number"), Col("差错数下限", 11, "number"), Col("差错数上限", 11, "number"),
    Col("尚未查出\n至少", 10, "number"), Col("尚未查出\n至多", 10, "number"), Col("未覆盖\n单元数", 10, "number"),
)  # fmt: skip
_METHOD = (
    "一个镇街一层的随机抽查，没有放回。一层的置信区间由超几何分布反推（Clopper 和 Pearson，1934；Wright，1991）；"
    "几层合在一起的，对每个假定的差错总数，取在各层之间最不利的分布，其尾概率以 Hoeffding（1956）不等式为上界"
    "（层内差错数是独立的两点变量之和，Vatutin 和 Mikhailov，1982；分层最不利分布的做法见 Wendell 和 Schmee，1996）。"
    "抽满的层没有误差。“各类救助合计”由各类区间相加，置信水平按 Bonferroni 分配；护理等级与特困是同一批人，不计入合计。"
    "各步都取宽不取窄，区间盖住真值的机会不小于所标的置信水平。"
)

_KINDS = f"{STOPPED}：不应在册；{ADJUSTED}：金额、类别或护理等级不对；{INCLUDED}：漏了应纳入的人。"


def _row(line: Line) -> tuple[Any, ...]:
    name = _TOTAL_ZH if line.draw == TOTAL else DRAWS[line.draw][0]
    covered = line.covered or None
    return (
        name, line.domain, line.measure, line.units, line.drawn, line.verified, line.unverified, line.found,
        line.rate, line.low / covered if covered else None, line.high / covered if covered else None,
        None if line.likely is None else round(line.likely),
        line.low if covered else None, line.high if covered else None,
        line.still_low if covered else None, line.still_high if covered else None, line.units - line.covered,
    )  # fmt: skip


def write_estimate(found: Estimate, out: Path) -> list[Path]:
    """Write `estimate-<month>.xlsx` and `.json` into `out`; earlier ones give way, they follow from the results."""
    folder(out)
    stem = f"estimate-{found.month}"
    level = f"{100 * found.level:g}%"
    footer = f"{COUNTY['county']}　抽查推算　{month_zh(found.month)}"
    remark = (
        f"置信水平{level}。上下限包括已查出的；未核实的，下限按无误、上限按有误计。比率的分母是有中签单元的层的单元数；"
        "“未覆盖”的单元所在的层没有中签单元，这次抽查对它们什么也没有说。"
    )
    main = [x for x in found.lines if x.measure == ANY and x.domain == ALL]
    book = Book(
        title=f"{COUNTY['county']}　入户抽查推算总体差错　{month_zh(found.month)}",
        month=found.month,
        blocks=[
            Block("结论", [(sentence(x),) for x in main] + [(sentence(x),) for x in _unflagged(found)]),
            Block("差错种类", [(_KINDS,)]),
            Block("需要知道", [(n,) for n in found.notes] or [("没有遗漏：中签的都有结论。",)]),
            Block("方法", [(_METHOD,)]),
            Block("依据的文件", [(f"第{n}轮凭证 {name}，校验值 {digest}",) for name, n, digest in found.certificates]
                  + [(f"结果表 {found.results[0]}，校验值 {found.results[1]}",)]),
        ],
        sheets=[
            Sheet("推算", "随机抽查推算总体差错", _COLUMNS, [_row(x) for x in found.lines], remark=remark,
                  empty="没有可以推算的抽查", freeze_columns=3),
        ],
        footer=footer,
    )  # fmt: skip
    workbook = write_book(book, out / f"{stem}.xlsx")
    data = {
        "month": found.month,
        "level": found.level,
        "certificates": [{"file": f, "round": n, "sha256": h} for f, n, h in found.certificates],
        "results": {"file": found.results[0], "sha256": found.results[1]},
        "notes": list(found.notes),
        "lines": [
            asdict(x) | {"rate": x.rate, "still_low": x.still_low, "still_high": x.still_high} for x in found.lines
        ],
    }
    path = out / f"{stem}.json"
    with private():
        path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [workbook, owner_only(path)]


def _unflagged(found: Estimate) -> list[Line]:
    return [x for x in found.lines if x.measure == ANY and x.domain == UNFLAGGED]


def sentence(x: Line) -> str:
    """A line in one Chinese sentence."""
    name = _TOTAL_ZH if x.draw == TOTAL else DRAWS[x.draw][0]
    if x.domain != ALL:
        name += f"中{x.domain}的"
    head = f"{name}：共{x.units}个单元，抽查{x.drawn}个"
    if not x.verified:
        return f"{head}，没有一个有核查结论，不能推算。"
    uncovered = f"另有{x.units - x.covered}个单元所在的层没有抽到，不在此内。" if x.units > x.covered else ""
    unsure = f"，{x.unverified}个没有核实（{UNVERIFIED}或无结论）" if x.unverified else ""
    return (
        f"{head}{unsure}，查出有误{x.found}个；估计全部有误约{round(x.likely or 0)}个（{x.low}至{x.high}个），"
        f"差错率约{100 * (x.rate or 0):.1f}%（{100 * x.low / x.covered:.1f}%至{100 * x.high / x.covered:.1f}%）；"
        f"尚未查出的至少{x.still_low}个、至多{x.still_high}个。{uncovered}"
    )


def summary(found: Estimate) -> list[str]:
    """What the command line says: a line a draw of any error, the unflagged beside, and the notes' count."""
    out = []
    for x in (y for y in found.lines if y.measure == ANY and y.domain in (ALL, UNFLAGGED)):
        of = "" if x.domain == ALL else ", unflagged"
        out.append(
            f"{x.draw}{of}: {x.found} wrong of {x.verified} verified; of {x.covered} in all: {x.low} to {x.high}"
        )
    return [*out, f"{len(found.notes)} notes: what was left out or not examined"]
