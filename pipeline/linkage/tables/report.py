"""What was compared, by which keys, with what model, and what was not examined: as data and as Chinese lines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.linkage.drift import drift, shares
from pipeline.linkage.model import Model
from pipeline.linkage.tables.blocks import BlockReport, right_of
from pipeline.linkage.tables.decide import Decided
from pipeline.linkage.tables.levels import Levels
from pipeline.linkage.tables.spec import LinkSpec


def block_rows(engine: DuckEngine, blocks: Sequence[BlockReport], pairs: pl.DataFrame) -> list[dict[str, Any]]:
    """A dictionary each key: its pairs, those no other key reaches, and the same of links."""
    masks = engine.rows("SELECT mask, sum(n) AS n FROM pattern GROUP BY mask ORDER BY mask")
    links = pairs.filter(pl.col("decision") == "link").group_by("mask").agg(pl.len().alias("n"))
    out = []
    for bit, block in enumerate(blocks):
        row: dict[str, Any] = {
            "id": block.id,
            "values": block.values,
            "largest_block_pairs": block.largest,
            "cap": block.cap,
            "over": block.how,
            "values_over_cap": block.over,
            "pairs_over_cap": block.over_pairs,
            "pairs_kept_of_those": block.kept_of_over,
        }
        for name, frame in (("pairs", masks), ("links", links)):
            row[name] = int(frame.filter(pl.col("mask") & (1 << bit) > 0)["n"].sum())
            row[f"{name}_by_this_key_alone"] = int(frame.filter(pl.col("mask") == 1 << bit)["n"].sum())
        out.append(row)
    return out


def reach(pairs: pl.DataFrame, blocks: int) -> float | None:
    """The share of true pairs that some key reaches, estimated from how the keys overlap on links.

    A key's own reach is the share it has of what the other keys link; keys are taken as independent, so this is a rough
    figure, and rather too high. None where there are no links or only one key.
    """
    links = pairs.filter(pl.col("decision") == "link").group_by("mask").agg(pl.len().alias("n")).sort("mask")
    if blocks < 2 or links.is_empty():
        return None
    missed = 1.0
    for bit in range(blocks):
        others = links.filter(pl.col("mask") & ~(1 << bit) > 0)
        if total := int(others["n"].sum()):
            both = int(others.filter(pl.col("mask") & (1 << bit) > 0)["n"].sum())
            missed *= 1 - both / total
    return round(1 - missed, 4)


def blockless(engine: DuckEngine, blocks: int, *, two: bool) -> dict[str, int]:
    """Records a side that no key has a value for, or whose values nobody on the other side shares."""
    none = " AND ".join(f"b{n} IS NULL" for n in range(blocks))
    sides = {"left": "left_side"} | ({"right": right_of(two)} if two else {})
    return {
        s: int(engine.con.execute(f"SELECT count(*) FROM {t} WHERE {none}").fetchall()[0][0]) for s, t in sides.items()
    }


def not_examined(blocks: Sequence[BlockReport], alone: Mapping[str, int]) -> list[str]:
    """One English sentence each for what a cap or missing keys left out."""
    out = [
        f"key '{b.id}': {b.over} values would make {b.over_pairs:,} pairs, more than the cap of {b.cap:,} each; "
        f"{'dropped' if b.how == 'drop' else b.how + f', {b.kept_of_over:,} pairs kept'}"
        for b in blocks
        if b.over
    ]
    out += [f"{n:,} records of the {side} table share no key with anybody" for side, n in alone.items() if n]
    return out


def drift_rows(model: Model, levels: Levels, engine: DuckEngine) -> list[dict[str, Any]]:
    """How far this run's candidates are from those a saved model was trained on."""
    patterns = levels.decoded(engine.rows("SELECT code, sum(n) AS n FROM pattern GROUP BY code ORDER BY code"))
    now = shares(levels.labels, patterns.with_columns(pl.col("n").cast(pl.Float64)))
    return [{"field": d.field, "psi": d.psi, "word": d.word} for d in drift(model, now)]


def result(decided: Decided, rows: tuple[int, int], *, two: bool) -> dict[str, Any]:
    """Counts and the expected number of false links."""
    counts = dict(decided.pairs.group_by("decision").len().iter_rows())
    links = decided.pairs.filter(pl.col("decision") == "link")
    out: dict[str, Any] = {
        "links": counts.get("link", 0),
        "reviews": counts.get("review", 0),
        "expected_false_links": round(math.fsum((1 - links["p"]).to_list()), 3),
        "left_records": rows[0],
        "left_linked": links["i"].n_unique(),
    }
    if two:
        out |= {"right_records": rows[1], "right_linked": links["j"].n_unique()}
    return out


def notes_zh(data: Mapping[str, Any], spec: LinkSpec) -> list[tuple[str, str]]:
    """The report as lines of a workbook's second sheet."""
    found, model = data["result"], data["model"]
    lines = [
        ("说明", "本表由程序按比对方案自动生成；“匹配”表示两条记录很可能属于同一人，“待核”须人工核实。"),
        ("比对方案", f"{spec.file}（SHA-256 {spec.sha256[:16]}…）"),
        ("左表", f"{data['left']['file']}，{found['left_records']:,} 条记录，其中 {found['left_linked']:,} 条有匹配"),
    ]
    if "right" in data:
        lines.append(
            (
                "右表",
                f"{data['right']['file']}，{found['right_records']:,} 条记录，其中 {found['right_linked']:,} 条有匹配",
            )
        )
    lines += [
        ("比对的记录对", f"{data['pairs_compared']:,} 对（全部可能的 {data['pairs_of_all']:,} 对中）"),
        ("匹配", f"{found['links']:,} 对，预计误配 {found['expected_false_links']:.1f} 对"),
        ("待核", f"{found['reviews']:,} 对"),
        ("阈值", f"概率 {model['link_at']:.6g} 起为匹配，{model['review_at']:.6g} 起为待核"),
        ("模型", f"版本 {model['version']}，训练数据：{model['trained_on']}"),
    ]
    for b in data["blocks"]:
        said = (
            f"{b['pairs']:,} 对，最大一组 {b['largest_block_pairs']:,} 对；"
            f"只有此键找到 {b['pairs_by_this_key_alone']:,} 对，其中匹配 {b['links_by_this_key_alone']:,} 对"
        )
        if b["values_over_cap"]:
            said += (
                f"；{b['values_over_cap']:,} 个键值超过上限（共 {b['pairs_over_cap']:,} 对），"
                f"保留 {b['pairs_kept_of_those']:,} 对，其余未比对"
            )
        lines.append((f"分组键 {b['id']}", said))
    for side, zh in (("left", "左表"), ("right", "右表")):
        if n := data["records_without_shared_key"].get(side):
            lines.append((f"{zh}未比对", f"{n:,} 条记录的键值为空，或对方表中没有相同的键值"))
    return lines
