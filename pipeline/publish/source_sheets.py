"""The sheets of `county.xlsx` on the month's data: what is doubtful about them, and how complete each scheme's are."""

from __future__ import annotations

from typing import Any

from pipeline.contract import ROSTERS, column_zh, scheme_zh
from pipeline.publish import scores
from pipeline.publish.publication import Publication
from pipeline.publish.sheets import Col, Sheet

_SUFFIX = "完整率"


def sources(pub: Publication, head: str) -> Sheet:
    """What is doubtful about the month's data, a row each."""
    columns = (
        Col("序号", 6, "centre"),
        Col("问题", 20),
        Col("数据", 12),
        Col("文件", 32),
        Col("工作表", 12),
        Col("栏目", 14),
        Col("镇街", 10),
        Col("行数", 11, "number"),
        Col("涉及行数", 11, "number"),
        Col("占比", 9, "percent"),
        Col("说明", 60),
    )
    rows: list[tuple[Any, ...]] = [
        (i, f.title, scheme_zh(f.dataset), f.file, f.sheet.removeprefix("-"), column_zh(f.dataset, f.column), f.town,
         f.rows, f.n, f.share, f.sentence)
        for i, f in enumerate(pub.faults, 1)
    ]  # fmt: skip
    remark = ""
    if rows:
        remark = (
            "这些数据可能报送不全，读这些数据的规则和检查只核查了其余部分（见“未核查”），没有查出不等于没有问题；"
            "请数据提供单位补报后重新核查。“涉及行数”是空白、退回或对上的行数。界限见“政策参数”，本单位可以另定。"
        )
    return Sheet("来源数据", f"{head}　来源数据存疑", columns, rows, remark, "本月无", freeze_columns=2)


def score_sheets(pub: Publication, head: str) -> list[Sheet]:
    """A sheet a scheme: fields and documents by town, the worst first; none where no suite ran."""
    found = scores.fields(pub)
    return [_scheme(head, r, mine) for r in ROSTERS if (mine := [f for f in found if f.scheme == r])]


def about(sheets: list[Sheet]) -> list[tuple[str, str]]:
    """What the cover says of the score sheets among these."""
    told = "各栏目、各项材料应有多少、齐全多少，按镇街；颜色越深缺漏越多"
    return [(s.name, told) for s in sheets if s.name.endswith(_SUFFIX)]


def _scheme(head: str, scheme: str, found: list[scores.Field]) -> Sheet:
    zh = scheme_zh(scheme)
    towns = list(scores.by_town(found))
    columns = (
        Col("序号", 5, "centre"),
        Col("类别", 6, "centre"),
        Col("项目", 22),
        Col("核查数", 9, "number"),
        Col("齐全数", 9, "number"),
        Col("上月", 9, "share"),
        Col("增减（百分点）", 8, "points"),
        Col("全县", 9, "share", heat=True),
        *(Col(town, 7.5, "share", heat=True) for town in towns),
    )
    rows: list[tuple[Any, ...]] = [
        (i, scores.KINDS[f.kind], f.zh, *_cells(f.county, f.towns, towns)) for i, f in enumerate(found, 1)
    ]
    sums: list[tuple[Any, ...]] = []
    for kind, name in scores.KINDS.items():
        if mine := [f for f in found if f.kind == kind]:
            whole = scores.total(f.county for f in mine)
            sums.append(("", name, "合计", *_cells(whole, scores.by_town(mine), towns)))
    remark = (
        "“核查数”是本项应填（应有）的行数，“齐全数”是其中已填（已归档）且未查出错误的行数；完整率＝齐全数÷核查数，"
        "缺漏最多的项目在前。空格为该镇街没有这一项。“增减”是与上月完整率之差。"
    )
    return Sheet(f"{zh}{_SUFFIX}", f"{head}　{zh}数据和档案完整率", columns, [*rows, *sums], remark,
                 total_rows=len(sums), freeze_columns=3)  # fmt: skip


def _cells(county: scores.Cell, by_town: Any, towns: list[str]) -> tuple[Any, ...]:
    shares = (by_town[t].share if t in by_town else None for t in towns)
    return county.asked, county.complete, county.share_before, scores.points(county.change), county.share, *shares
