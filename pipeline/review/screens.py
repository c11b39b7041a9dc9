"""What the templates show of an item: plain values, no markup."""

from __future__ import annotations

import json
from typing import Any

from pipeline.contract import DATASETS, ROSTERS, column_zh, scheme_zh
from pipeline.linkage.compared import Compared, FieldCompared
from pipeline.linkage.county import county_spec
from pipeline.linkage.explain import sentence
from pipeline.linkage.explain.differences import Mark, marks, pieces
from pipeline.linkage.explain.wording import field_zh, level_zh, signed
from pipeline.record_words import CATEGORIES, CONFIDENCES, DECISIONS, SEVERITIES, STATUSES, TIERS, chance, place
from pipeline.review.bars import Bars, bars
from pipeline.review.compared import Household, Pairs, borrowed, values
from pipeline.review.queues import Item
from pipeline.review.source import Record, Source

_NUMBERS = frozenset({"id", "phone", "account", "birth"})
_SHOWN_FURTHER = 8
_EVIDENCE = 8
_ALIKE = 12
_SIDES = {"left": "名册", "right": "对方"}
Shown = dict[str, Any]


def list_zh(dataset: str) -> str:
    """'dibao' → '低保名册', 'death' → '死亡'."""
    return scheme_zh(dataset) + ("名册" if dataset in ROSTERS else "")


def link_screen(source: Source, pairs: Pairs, item: Item, told: float | None, blind: bool) -> Shown:
    """A pair: both records, field by field; the model's word (`blind`: not until it is asked for)."""
    pair = pairs.get(item.at)
    left, right = pairs.records(pair)
    c = pairs.compared(item.at, told)
    drawn = bars(c, source.link_at)
    rivals = pairs.rivals(item.at)
    further = [pairs.get(n) for n in item.further]
    return {
        "title": f"{left['name'] or '（无姓名）'}　与　{right['name'] or '（无姓名）'}",
        "sides": [_side("名册", left), _side("对方", right)],
        "rows": [r for r in _rows(c, drawn) if any(r["cells"])],
        "absent": [field_zh(f.field) for f in c.fields if not f.left and not f.right],
        "waterfall": drawn,
        "sentence": sentence(c) if not blind else "",
        "chance": None if c.probability is None else chance(c.probability),
        "tier": TIERS.get(c.tier, c.tier),
        "by_number": c.probability is None,
        "households": [_household(pairs.household(left)), _household(pairs.household(right))],
        "rivals": [
            {
                "instead_of": _SIDES[r.instead_of],
                **_person(r.record),
                "chance": "" if r.probability is None or blind else chance(r.probability),
                "decision": "" if blind else DECISIONS.get(r.decision, ""),
            }
            for r in rivals
        ],
        "elsewhere": [
            [_person(r) | {"lists": "、".join(map(list_zh, lists))} for r, lists in pairs.elsewhere(one, other)]
            for one, other in ((left, right), (right, left))
        ],
        "borrowed": any(borrowed(f) for f in c.fields),
        "further": [
            f"{list_zh(p['dataset'])}　{place(p['record_id'])}" for p in further[:_SHOWN_FURTHER]
        ],
        "more_further": max(0, len(further) - _SHOWN_FURTHER),
        "more": [_more(left), _more(right)],
    }  # fmt: skip


def finding_screen(source: Source, pairs: Pairs, item: Item) -> Shown:
    """A finding: its sentence and clause, the evidence as the rule read it, the records beside each other."""
    f = source.findings.row(item.at, named=True)
    evidence = json.loads(f["evidence"] or "[]")
    subject = source.records.get(f["record_id"])
    others = [r for i in evidence if (r := source.records.get(i["record_id"])) and r["record_id"] != f["record_id"]]
    other = next((r for r in others if subject is None or r["dataset"] != subject["dataset"]), None)
    both = [r for r in (subject, other) if r]
    households = [pairs.household(r) for r in both]
    if len(households) == 2 and None not in households and len({(h.dataset, h.number) for h in households if h}) == 1:
        households.pop()  # one and the same
    return {
        "title": source.titles.get(f["rule_id"], f["rule_id"]),
        "summary": f["summary"],
        "facts": [
            ("类别", CATEGORIES.get(f["category"], f["category"])),
            ("程度", SEVERITIES.get(f["severity"], f["severity"])),
            ("把握", CONFIDENCES.get(f["confidence"], f["confidence"] or "")),
            ("救助类别", scheme_zh(f["scheme"]) if f["scheme"] else "（未在册）"),
            ("镇街、村居", "".join(v for v in (f["town"], f["village"]) if v) or "不明"),
            ("家庭编号", f["household_no"] or ""),
            ("姓名", f["name"] or ""),
            ("身份证号", f["id_number"] or ""),
            ("状态", f"{STATUSES.get(f['status'], f['status'])}，首次发现{f['first_month']}"),
            ("涉及金额", f"{f['money']:,.2f}元" if f["money"] is not None else ""),
            ("依据的比对", "" if f["match_probability"] is None else f"可能性{chance(f['match_probability'])}"),
            ("依据条款", f["basis"] or ""),
            ("疑点编号", f["fingerprint"][:10].upper()),
        ],
        "more_evidence": max(0, len(evidence) - _EVIDENCE),
        "evidence": [
            {"dataset": list_zh(i["dataset"]), "place": place(i["record_id"]), "row": _evidence(i, source)}
            for i in evidence[:_EVIDENCE]
        ],
        "sides": [_side("疑点对象", both[0]), _side("另一记录", both[1])] if len(both) == 2 else [],
        "rows": _plain_rows(*both) if len(both) == 2 else [],
        "households": [_household(h) for h in households],
    }  # fmt: skip


def reject_screen(source: Source, item: Item) -> Shown:
    """A cell or row that could not be read, and how often the same happened."""
    r = source.rejects.row(item.at, named=True)
    frame = source.rejects
    alike = frame.filter((frame["file"] == r["file"]) & frame["column"].eq_missing(r["column"]))
    same_row = frame.filter((frame["file"] == r["file"]) & (frame["sheet"] == r["sheet"]) & (frame["row"] == r["row"]))
    dataset = source.datasets.get(r["file"], "")
    column = column_zh(dataset, r["column"]) if r["column"] else "整行"
    return {
        "title": r["reason"],
        "facts": [
            ("文件", r["file"]), ("数据", list_zh(dataset) if dataset in DATASETS else ""),
            ("工作表", "" if r["sheet"] in (None, "", "-") else r["sheet"]), ("行号", f"第{r['row']}行"),
            ("栏目", column),
        ],
        "raw": r["raw"] or "",
        "reason": r["reason"],
        "alike_head": "本文件整行退回的" if not r["column"] else f"本文件“{column}”一栏退回的",
        "alike_count": alike.height,
        "alike": list(alike.select("sheet", "row", "raw", "reason").head(_ALIKE).iter_rows()),
        "row": r["row"],
        "beside": [
            (column_zh(dataset, c) if c else "整行", raw, reason)
            for c, raw, reason in same_row.select("column", "raw", "reason").iter_rows() if c != r["column"]
        ],
    }  # fmt: skip


def _rows(c: Compared, drawn: Bars) -> list[Shown]:
    rows, through = [], drawn.first.leave
    for f in c.fields:
        bar = drawn.by_field.get(f.field)
        through = bar.leave if bar else through
        rows.append(
            {
                "field": field_zh(f.field),
                "number": f.field in _NUMBERS,
                "cells": _cells(f),
                "level": _level(f),
                "borrowed": borrowed(f),
                "weight": "" if f.level is None else signed(f.weight),
                "against": f.level is not None and f.weight < 0,
                "bar": bar,
                "through": through,
            }
        )
    return rows


def _plain_rows(left: Record, right: Record) -> list[Shown]:
    """Two records without a model's word: the same fields, what differs marked."""
    a, b = values(left), values(right)
    both = [(f.id, a[f.id], b[f.id]) for f in county_spec().fields if f.id != "once" and (a[f.id] or b[f.id])]
    fields = [FieldCompared(*texts, None, 0.0) for texts in both]
    return [{"field": field_zh(f.field), "number": f.field in _NUMBERS, "cells": _cells(f)} for f in fields]


def _cells(f: FieldCompared) -> list[list[tuple[str, str]]]:
    """Both values in runs of characters: same, differs, explained."""
    seen = f
    if f.level is None and f.left and f.right and f.left != f.right:
        seen = FieldCompared(f.field, f.left, f.right, "other", 0.0)  # not weighed, and yet to be seen
    of: tuple[list[Mark], list[Mark]] = marks(seen)
    if seen.level == "masked" and f.left and f.right and len(f.left) == len(f.right):
        hidden = ["*" in both for both in zip(f.left, f.right, strict=True)]  # only that is explained
        one: list[Mark] = ["differs" if m == "explained" and not h else m for m, h in zip(of[0], hidden, strict=True)]
        of = one, one
    return [list(pieces(text or "", side)) for text, side in zip((f.left, f.right), of, strict=True)]


def _level(f: FieldCompared) -> str:
    if f.level is not None:
        return level_zh(f.field, f.level)
    return "不计入" if f.left and f.right else "没有信息"


def _side(role: str, record: Record) -> Shown:
    return {"role": role, "dataset": list_zh(record["dataset"]), "place": place(record["record_id"])}


def _person(record: Record) -> Shown:
    return {
        "name": record["name"] or "（无姓名）",
        "id_number": record["id_number"] or "",
        "birth": record["birth_date"].isoformat() if record["birth_date"] else "",
        "phone": record["phone"] or "",
        "home": record["address"] or "".join(v for v in (record["town"], record["village"]) if v),
        "dataset": list_zh(record["dataset"]),
    }


def _household(h: Household | None) -> Shown | None:
    if h is None:
        return None
    return {
        "dataset": list_zh(h.dataset), "number": h.number, "own": h.own, "more": h.more,
        "mates": [_person(m.record) | {"relation": m.record["relation"] or "", "self": m.self_} for m in h.mates],
    }  # fmt: skip


def _more(record: Record) -> list[tuple[str, str]]:
    """What else stands in the record's row."""
    return list(json.loads(record["more"]).items()) if record["more"] else []


def _evidence(item: dict[str, Any], source: Source) -> list[tuple[str, str, bool]]:
    """The row that the rule read: heading, value, whether the rule read it. Of a row that the desk has not, those."""
    known = DATASETS.get(item["dataset"])
    told = (item.get("values") or {}).items()
    read = {column_zh(item["dataset"], k): str(v) for k, v in told if known and known.has(k) and v not in (None, "")}
    record = source.records.get(item["record_id"])
    if record is None:
        return [(zh, v, True) for zh, v in read.items()]
    row = [(zh, v) for zh, v in (("姓名", record["name"]), ("身份证号", record["id_number"])) if v] + _more(record)
    beside = [(zh, v, True) for zh, v in read.items() if zh not in dict(row)]
    return [*beside, *((zh, v, zh in read) for zh, v in row)]
