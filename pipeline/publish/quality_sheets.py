"""The county workbook's sheets on the linkage: 比对质量, 候选查找, 比对校准. Only where there is something to tell."""

from __future__ import annotations

from typing import Any

from pipeline.publish.publication import Publication
from pipeline.publish.quality import BIN, Quality, Tenth, quality
from pipeline.publish.sheets import Col, Sheet
from pipeline.publish.words import DECISIONS, few, part

_DRIFT_TOLD = {
    "稳定": "与训练时相称",
    "有变化": "与训练时有出入，留意该项数据的填写",
    "明显偏移": "与训练时很不相同：先查该项数据是否填写有误，再考虑重新训练模型",
}


def quality_sheets(pub: Publication, head: str) -> list[Sheet]:
    """No sheet, or up to three."""
    q = quality(pub)
    return [
        *([_quality(q, head)] if q.told else []),
        *([_blocks(q, head)] if q.blocks else []),
        *([_calibration(q, head)] if q.calibration else []),
    ]


def _quality(q: Quality, head: str) -> Sheet:
    lines: list[tuple[str, str, Any, str]] = [
        ("比对结果", zh, f"{q.decisions.get(decision, 0):,}", "对记录") for decision, zh in DECISIONS.items()
    ]
    if q.modelled:
        lines += [
            ("预计认错", "由模型认定为同一人", f"{q.modelled:,}", "对记录；其余由证件号直接认定"),
            ("预计认错", "其中预计认错", few(q.false_links), "对记录，由各对“不是同一人”的可能性相加"),
        ]
    if q.model:
        lines += _model_lines(q)
    for bar in q.weights:
        told = f"认定{bar.link:,}对，待人工比对{bar.review:,}对"
        lines.append(("证据分量", f"{bar.at}至{bar.at + BIN}", f"{bar.link + bar.review:,}", told))
    lines += [("数据变化", d.zh, d.word, f"偏移指数{d.psi:.3f}；{_DRIFT_TOLD.get(d.word, '')}") for d in q.drift]
    columns = (Col("序号", 6, "centre"), Col("方面", 14), Col("项目", 34), Col("数值", 24, "centre"), Col("说明", 62))
    remark = (
        "证件号不能直接认定的记录，由比对模型按姓名、出生日期、住址等信息推算可能性。"
        "证据分量每加1，是同一人与不是同一人之比翻一倍。"
    )
    rows: list[tuple[Any, ...]] = [(i, *line) for i, line in enumerate(lines, 1)]
    return Sheet("比对质量", f"{head}　比对质量", columns, rows, remark)


def _model_lines(q: Quality) -> list[tuple[str, str, Any, str]]:
    m = q.model
    assert m
    out = [
        ("比对模型", "版本", m.version, ""),
        ("比对模型", "校验码（前16位）", m.sha256[:16], "SHA-256，全文见 run.json"),
        ("比对模型", "训练所用数据", m.trained_on, "与本县数据是否相称，见“数据变化”"),
    ]
    parts = (
        ("认定为同一人的可能性", m.link_at, "达到即认定"),
        ("待人工比对的可能性", m.review_at, "达到而未认定的，留待人工比对"),
        ("本人能在其他记录中找到", m.matched_share, "证件号存疑的记录中所占比例（估计）"),
        ("查找线索的覆盖", m.reach, "号码不一致而确为同一人的，被“候选查找”找到的比例（由各线索的重合推算）"),
    )
    return out + [("比对模型", what, part(x), told) for what, x, told in parts if x is not None]


def _blocks(q: Quality, head: str) -> Sheet:
    counts = ("找到（对）", "独有（对）", "最大一组（条）", "放弃（对）")
    columns = (Col("序号", 6, "centre"), Col("查找依据", 40), *(Col(zh, 18, "number") for zh in counts))
    rows: list[tuple[Any, ...]] = [(i, b.zh, b.pairs, b.alone, b.largest, b.dropped) for i, b in enumerate(q.blocks, 1)]
    remark = (
        "查找依据相同的两条记录才进入比对；一对可由几种依据找到，故不合计。"
        "“独有”是只靠这一种找到的；“放弃”是同值的记录太多、没有逐对比较的。"
    )
    return Sheet("候选查找", f"{head}　候选查找", columns, rows, remark)


def _calibration(q: Quality, head: str) -> Sheet:
    columns = (
        Col("序号", 6, "centre"), Col("模型给出的可能性", 22, "centre"), Col("已判定（对）", 14, "number"),
        Col("判为同一人（对）", 16, "number"), Col("实际比例", 12, "percent"), Col("比例的95%区间", 22, "centre"),
        Col("平均可能性", 12, "percent"), Col("无法判断（对）", 16, "number"), Col("说明", 40),
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (
            n, f"{t.low:.0%}至{t.high:.0%}", t.judged, t.same, t.share,
            "" if t.share_low is None else f"{t.share_low:.1%}至{t.share_high:.1%}", t.mean, t.unknown, _fits(t),
        )
        for n, t in enumerate(q.calibration, 1)
    ]  # fmt: skip
    agreed = "；".join(
        f"{a.one}与{a.other}都判过{a.both:,}对，一致{a.agree:,}对（{a.agree / a.both:.1%}）"
        + ("" if a.kappa is None else f"，Kappa系数{a.kappa:.2f}")
        for a in q.agreements
    )
    remark = (
        "人工判定过的各对，按判定时模型给出的可能性分为十档：模型若准，实际比例应与平均可能性相近。"
        "只有待人工比对的才会判到，不代表全部比对；由证件号直接认定的没有可能性，不在其中。"
        "可能性很高仍留给人判的，是另有疑点的（姓名不符、疑似同胞等），判为同一人的自然偏少。"
    )
    return Sheet("比对校准", f"{head}　比对校准", columns, rows, remark + (f"两人判定：{agreed}。" if agreed else ""))


def _fits(t: Tenth) -> str:
    if t.share_low is None or t.share_high is None or t.mean is None:
        return "没有判定过"
    if t.mean < t.share_low:
        return "实际比例高于模型所给，模型偏严"
    return "实际比例低于模型所给，模型偏松" if t.mean > t.share_high else "与模型所给相称"
