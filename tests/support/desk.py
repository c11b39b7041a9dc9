"""A finished run as the review desk reads it, made without an audit: pairs, findings and rejects of made-up people."""

from __future__ import annotations

import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.contract import TOWNS
from pipeline.findings.spec.people import check_character
from pipeline.ledger import opened
from pipeline.linkage.model import Model, default_model
from pipeline.linkage.ruled import side
from pipeline.publish.desk import PAIR, RECORD
from pipeline.publish.rivals import RIVAL

MONTH = "2022-10"
_SURNAMES, _GIVEN = "黄李陈张罗邓谭丘欧白骆沈", "秀英国强桂兰志明水生丽华建军春梅金福"
_PRIOR = -12.0
_FINDING: dict[str, Any] = {
    "fingerprint": pl.String, "rule_id": pl.String, "category": pl.String, "severity": pl.String,
    "confidence": pl.String, "scheme": pl.String, "town": pl.String, "village": pl.String, "household_no": pl.String,
    "name": pl.String, "id_number": pl.String, "record_id": pl.String, "evidence": pl.String, "summary": pl.String,
    "basis": pl.String, "status": pl.String, "first_month": pl.String, "match_probability": pl.Float64,
    "money": pl.Decimal(18, 2),
}  # fmt: skip
_REJECT = {"file": pl.String, "sheet": pl.String, "row": pl.Int64, "column": pl.String, "raw": pl.String,
           "reason": pl.String}  # fmt: skip


def write_run(out: Path, pairs: int = 40, findings: int = 12, rejects: int = 9, seed: int = 5) -> Path:
    """OUT/<month> with so many of each, and the ledger OUT/ledger.duckdb that asked for the pairs. The month's folder.

    Every pair is a roster row and a record without a sound number, in households of three; every fifth has a rival.
    """
    rng = random.Random(seed)
    model = default_model()
    folder = out / MONTH
    (folder / "desk").mkdir(parents=True)
    records: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    for n in range(pairs):
        records += _household(rng, n)
        told.append(_pair(rng, model, n))
    made = _findings(findings, records)
    _write(folder / "desk" / "pair.parquet", told, PAIR)
    _write(folder / "desk" / "record.parquet", records, RECORD)
    _write(folder / "desk" / "rival.parquet", [_rival(p, n) for n, p in enumerate(told) if n % 5 == 0], RIVAL)
    bits = [(f.id, v.label, v.weight) for f in model.fields for v in f.levels]
    schema = {"field": pl.String, "level": pl.String, "weight": pl.Float64}
    pl.DataFrame(bits, schema=schema, orient="row").write_parquet(folder / "desk" / "weight.parquet")
    about = {"month": MONTH, "review_at": 0.5, "link_at": 0.999, "titles": {"vehicle_owned": "有车"}}
    (folder / "desk" / "desk.json").write_text(json.dumps(about), encoding="utf-8")
    _write(folder / "findings.parquet", made, _FINDING)
    spoilt = [
        {"file": "车辆.csv", "sheet": "-", "row": n + 2, "column": "registered_on", "raw": f"2022-13-{n + 1:02d}",
         "reason": "日期不存在"} for n in range(rejects)
    ]  # fmt: skip
    _write(folder / "rejects.parquet", spoilt, _REJECT)
    run = {"month": MONTH, "inputs": [{"path": "车辆.csv", "dataset": "vehicle"}]}
    (folder / "run.json").write_text(json.dumps(run, ensure_ascii=False), encoding="utf-8")
    manifest = {"month": MONTH, "run": 1, "ledger": "ledger.duckdb", "files": []}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    _ledger(out / "ledger.duckdb", told, records)
    return folder


def _household(rng: random.Random, n: int) -> list[dict[str, Any]]:
    """The records of pair n: both sides, the rival, and the people around the roster row."""
    surname = rng.choice(_SURNAMES)
    given = "".join(rng.sample(_GIVEN, 2))
    town = list(TOWNS)[n % len(TOWNS)]
    born = dt.date(1940, 1, 1) + dt.timedelta(days=rng.randrange(25_000))
    digits = f"440281{born:%Y%m%d}{n % 1000:03d}"
    sound = digits + check_character(digits)
    wrong = sound[:-1] + ("1" if sound[-1] != "1" else "2")

    def record(file: str, dataset: str, name: str, number: str | None, **more: Any) -> dict[str, Any]:
        return {
            "record_id": f"{file}#-#{n + 2}", "dataset": dataset, "person": number or f"{file}{n}", "name": name,
            "id_number": number, "sex": "男", "birth_date": born, "town": town, "village": "塘头村",
            "address": f"{town}镇塘头村{n}号", "phone": f"138{n:08d}", "more": json.dumps({"备注": "有"}),
        } | more  # fmt: skip

    household = {"group_no": f"roster:DB{n:06d}", "account": f"62170000{n:08d}"}
    return [
        record("低保.csv", "dibao", surname + given, sound, relation="户主", **household),
        record("低保.csv配偶", "dibao", "丘小妹", None, relation="配偶", **household),
        record("低保.csv子", "dibao", surname + "小", None, relation="子", **household),
        record("车辆.csv", "vehicle", surname + given[0] + "丽", wrong, phone=None, address=None),
        record("医保.csv", "medical", surname + given, None, birth_date=None),
    ]


def _pair(rng: random.Random, model: Model, n: int) -> dict[str, Any]:
    """Pair n as linkage left it."""
    levels = {
        "name": rng.choice(("one_more_or_less", "homophone", "lookalike")), "id": rng.choice(("one_off", "swap")),
        "birth": "equal", "sex": "equal", "place": "town", "phone": None, "account": None, "household": None,
        "once": "free",
    }  # fmt: skip
    bits = {f.id: {v.label: v.weight for v in f.levels} for f in model.fields}
    weight = sum(bits[f][level] for f, level in levels.items() if level)
    return {
        "roster_record_id": f"低保.csv#-#{n + 2}", "dataset": "vehicle", "record_id": f"车辆.csv#-#{n + 2}",
        "tier": "repaired_id", "match_weight": round(weight, 3), "decision": "review", "reason": "below",
        "match_probability": round(rng.uniform(0.5, 0.999), 6),
        "pattern": " ".join(f"{f}={level or 'unknown'}" for f, level in levels.items()),
        "runner_up": None if n % 5 else round(weight - 3, 3), "prior": _PRIOR,
    }  # fmt: skip


def _rival(pair: dict[str, Any], n: int) -> dict[str, Any]:
    """Another candidate for pair n's roster row."""
    return {
        "roster_record_id": pair["roster_record_id"], "record_id": pair["record_id"], "instead_of": "right",
        "rival_record_id": f"医保.csv#-#{n + 2}", "match_probability": 0.2, "decision": "reject",
    }  # fmt: skip


def _findings(count: int, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for n in range(count):
        ours, theirs = records[5 * n], records[5 * n + 3]
        evidence = [{"dataset": "vehicle", "record_id": theirs["record_id"], "values": {"plate": f"粤F{n:05d}"}}]
        rows.append(
            {
                "fingerprint": f"{n:032x}",
                "rule_id": "vehicle_owned",
                "category": "ineligible",
                "severity": "high",
                "confidence": "probable",
                "scheme": "dibao",
                "town": ours["town"],
                "village": ours["village"],
                "household_no": ours["group_no"].partition(":")[2],
                "name": ours["name"],
                "id_number": ours["id_number"],
                "record_id": ours["record_id"],
                "evidence": json.dumps(evidence, ensure_ascii=False),
                "summary": f"{ours['name']}名下有车粤F{n:05d}。",
                "basis": "某办法第一条",
                "status": "new",
                "first_month": MONTH,
                "match_probability": 0.99,
                "money": None,
            }
        )
    return rows


def _write(path: Path, rows: list[dict[str, Any]], schema: dict[str, Any]) -> None:
    pl.DataFrame([{c: row.get(c) for c in schema} for row in rows], schema=schema).write_parquet(path)


def _ledger(path: Path, pairs: list[dict[str, Any]], records: list[dict[str, Any]]) -> None:
    by_id = {r["record_id"]: r for r in records}
    asked = [
        ("|".join((*sorted((p["roster_record_id"], p["record_id"])), p["dataset"])),
         side(_whole(by_id[p["roster_record_id"]])), side(_whole(by_id[p["record_id"]])))
        for p in pairs
    ]  # fmt: skip
    with opened(path) as con:
        con.execute(
            "INSERT INTO run (run_no, month, standing, recorded_at) VALUES (1, ?, true, TIMESTAMP '2022-11-01')",
            [MONTH],
        )
        con.register("asked", pl.DataFrame(asked, schema=["subject", "ours", "theirs"], orient="row").to_arrow())
        con.execute("INSERT INTO link_asked SELECT 1, subject, ours, theirs FROM asked")


def _whole(record: dict[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(RECORD) | record
