"""A small made-up county for the publish tests: names, numbers and firms are invented, no rule is computed here."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

import polars as pl

from checks import Fault
from pipeline.contract import DATASETS, TOWNS
from pipeline.engine.duck import DuckEngine
from pipeline.publish import Publication
from pipeline.publish.tables import FINDINGS, LINKS, NOT_RUN, REJECTS

MONTH = "2022-10"
_FLOATS = {"match_weight": pl.Float64, "match_probability": pl.Float64}
_TYPES = dict.fromkeys((*FINDINGS, "hukou_no"), pl.String) | {
    "screened": pl.Boolean, "match_probability": pl.Float64, "money": pl.Decimal(18, 2),
}  # fmt: skip
_SQL_TYPES = {"screened": "BOOLEAN", "match_probability": "DOUBLE", "money": "DECIMAL(18,2)"}
_SURNAMES, _GIVEN = "黄李陈张罗邓谭丘欧白骆沈", "秀英国强桂兰志明水生丽华建军春梅金福"
_VILLAGES = ("塘头", "大坪", "新村", "下坑", "河背", "山口", "联平")


@dataclass(frozen=True)
class Input:
    path: str
    sheet: str
    dataset: str
    sha256: str
    rows_read: int
    rows_kept: int
    rows_rejected: int
    rows_skipped: int


@dataclass(frozen=True)
class Rule:
    id: str
    title: str
    category: str
    severity: str
    basis: str


@dataclass(frozen=True)
class Policy:
    name: str = "广东省社会救助政策参数 2022"
    source: str = "pipeline/policy/2022.toml"
    sha256: str = "ab" * 32
    unverified: tuple[str, ...] = ("城镇低保标准每人每月 900 元：未见文件原文", "住房套数上限 1 套：未见文件原文")


@dataclass(frozen=True)
class Expectation:
    title: str
    unexpected: int
    percent: float
    success: bool


@dataclass(frozen=True)
class Suite:
    title: str
    rows: int
    expectations: tuple[Expectation, ...] = field(default_factory=tuple)


_CLAUSE = "《社会救助暂行办法》第十二条"
RULES: tuple[Rule, ...] = (
    Rule("deceased_on_roster", "已死亡仍在册", "ineligible", "high", "《最低生活保障审核确认办法》第三十二条"),
    Rule("vehicle_owned", "名下有机动车", "ineligible", "high", "粤府办〔2022〕3号"),
    Rule("homes_over_limit", "住房超过规定套数", "ineligible", "high", "粤府办〔2022〕3号"),
    Rule("business_registered", "有工商登记", "ineligible", "medium", "粤府办〔2022〕3号"),
    Rule("severe_disability_uncovered", "重度残疾未纳入", "missing", "high", "《最低生活保障审核确认办法》第八条"),
    Rule("monitored_uncovered", "监测对象未纳入", "missing", "high", _CLAUSE),
    Rule("paid_after_death", "死亡后仍发放", "payment", "high", _CLAUSE),
    Rule("paid_after_stop", "停保后仍发放", "payment", "high", _CLAUSE),
    Rule("care_level_mismatch", "护理等级与评估不符", "care", "high", "《特困人员认定办法》第二十二条"),
    Rule("required_field_empty", "必填项为空", "data", "medium", _CLAUSE),
    Rule("id_number_invalid", "身份证号有误", "data", "medium", _CLAUSE),
    Rule("document_missing", "缺少材料", "archive", "medium", _CLAUSE),
    Rule("document_unsigned", "材料未签字", "archive", "low", _CLAUSE),
)
_SENTENCES = {
    "deceased_on_roster": "{n}（低保在册）2022-03-05 死亡，来源为公安，至 2022-10 仍在册",
    "vehicle_owned": "户主{n}名下有小型轿车粤F00001，2019-05-03 登记，状态正常",
    "homes_over_limit": "{n}一家有住宅 2 套，超过 1 套的规定，最近一套 2020-06-01 登记，建筑面积 128.5 平方米",
    "business_registered": "{n}是乐昌市某某种养个体工商户的经营者，2018-11-20 成立，状态存续",
    "severe_disability_uncovered": "{n}持肢体一级残疾证，2016-04-12 发证，未纳入低保、特困、低保边缘或支出型",
    "monitored_uncovered": "{n}一家是突发严重困难户，2022-02 纳入监测，风险未消除，未纳入任何救助",
    "paid_after_death": "{n}2022-03 死亡，此后仍发放 7 个月共 4,830.00 元",
    "paid_after_stop": "{n}一户 2022-06 停保，此后仍发放 2 个月共 1,200.00 元",
    "care_level_mismatch": "{n}2022-05-11 评估有 4 项不能自理，应为全护理，登记为半护理",
    "required_field_empty": "{n}的救助分类为空",
    "id_number_invalid": "{n}的身份证号校验位不对",
    "document_missing": "{n}一户档案中没有核对授权书",
    "document_unsigned": "{n}一户的入户调查表没有签字",
}
SECTOR = {
    "ineligible": "vehicle", "missing": "disability", "payment": "payment", "care": "care_assessment",
    "data": "dibao", "archive": "archive",
}  # fmt: skip


def finding(i: int, rule: Rule, town: str | None, rng: random.Random, **changes: object) -> dict[str, object]:
    """One made-up finding. `changes` replace columns."""
    name = rng.choice(_SURNAMES) + "".join(rng.sample(_GIVEN, 2))
    missing = rule.category == "missing"
    record = f"低保/低保_{town}.xlsx#名册#{i + 4}"
    other = f"部门/{DATASETS[SECTOR[rule.category]].zh}.csv#-#{rng.randint(2, 9000)}"
    made: dict[str, object] = {
        "fingerprint": sha256(f"{rule.id}{i}{town}".encode()).hexdigest()[:32],
        "rule_id": rule.id,
        "category": rule.category,
        "severity": rule.severity,
        "confidence": "certain" if i % 5 else "probable",
        "scheme": None if missing else ("tekun" if rule.category == "care" else "dibao"),
        "town": town,
        "village": rng.choice(_VILLAGES),
        "household_no": None if missing else f"DB{i // 2:06d}",
        "name": name,
        "id_number": f"440281{rng.randint(1940, 2010)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{i % 1000:03d}X",
        "record_id": other if missing else record,
        "screened": missing and i % 4 == 0,
        "evidence": json.dumps([{"dataset": "dibao", "record_id": record, "values": {}},
                                {"dataset": SECTOR[rule.category], "record_id": other, "values": {"n": 1}}],
                               ensure_ascii=False),
        "summary": _SENTENCES[rule.id].format(n=name),
        "basis": rule.basis,
        "status": "new" if i % 3 else "continuing",
        "first_month": MONTH if i % 3 else "2022-08",
        "match_probability": 1.0 if i % 5 else (None if rule.category in ("data", "archive") else 0.97),
        "money": Decimal(600 + i) if rule.category == "payment" else None,
        "hukou_no": None,
    }  # fmt: skip
    return made | changes


def sample(
    count: int = 400, *, seed: int = 7, extra: list[dict[str, object]] | None = None, threads: int | None = None
) -> Publication:
    """A publication with `count` findings over all categories and 18 towns (白石 has people and no findings)."""
    rng = random.Random(seed)
    towns = [t for t in TOWNS if t != "白石"]
    rows = [finding(i, RULES[i % len(RULES)], rng.choice(towns), rng) for i in range(count)]
    rows += extra or []
    engine = DuckEngine(threads=threads)
    for dataset in DATASETS.values():
        engine.create(dataset.id, dataset.table_schema())
    engine.load("findings", pl.DataFrame(rows, schema=_TYPES), dict.fromkeys(_TYPES, "VARCHAR") | _SQL_TYPES)
    engine.create("links", {c: "DOUBLE" if c.startswith("match_") else "VARCHAR" for c in LINKS})
    engine.create("rejects", {c: "BIGINT" if c == "row" else "VARCHAR" for c in REJECTS})
    engine.create("not_run", dict.fromkeys(NOT_RUN, "VARCHAR"))
    _people(engine, towns, rng)
    engine.load("rejects", pl.DataFrame({
        "file": ["低保/低保_长来.xlsx", "部门/死亡.csv", "部门/车辆.xlsx"], "sheet": ["名册", "-", "Sheet1"],
        "row": [17, 230, 5], "column": ["id_number", "", "registered_on"],
        "raw": ["4.40281E+17", "", "=1+1"], "reason": ["科学计数法，位数已丢失", "没有姓名和身份证号", "不是日期"],
    }))  # fmt: skip
    engine.load("not_run", pl.DataFrame({
        "id": ["in_prison", "patrol_missing"], "title": ["在服刑仍在册", "未按期巡访"],
        "category": ["ineligible", "care"], "kind": ["rule", "rule"],
        "reason": ["缺少服刑数据", "缺少巡访记录"],
    }))  # fmt: skip
    return Publication(
        month=MONTH,
        engine=engine,
        inputs=[
            Input(f"低保/低保_{t}.xlsx", "名册", "dibao", sha256(t.encode()).hexdigest(), 66, 60, 1, 5) for t in TOWNS
        ]
        + [Input("部门/死亡.csv", "-", "death", "cd" * 32, 901, 899, 1, 1),
           Input("部门/车辆.xlsx", "Sheet1", "vehicle", "ef" * 32, 1501, 1500, 0, 1),
           Input("档案目录.csv", "-", "archive", "aa" * 32, 9001, 9000, 0, 1)],
        told=["低保/低保_长来.xlsx：工作表“备注”没有可识别的表头，未读取"],
        rules=RULES,
        policy=Policy(),
        suites=[
            Suite("低保花名册数据检查", 1140, (Expectation("身份证号有效", 31, 2.7, False),
                                           Expectation("镇街在名单内", 0, 0.0, True))),
            Suite("低保档案检查", 570, (Expectation("有核对授权书", 30, 5.3, False),)),
        ],
        version="0.1.0",
        previous=pl.DataFrame({"rule_id": ["vehicle_owned", "deceased_on_roster"], "town": ["长来", "长来"],
                               "status": ["new", "new"], "n": [30, 12]}),
    )  # fmt: skip


def _number(row: int) -> str:
    return f"44028119600101{row:03d}X"


def _people(engine: DuckEngine, towns: list[str], rng: random.Random) -> None:
    people = []
    for town in TOWNS:
        file = f"低保/低保_{town}.xlsx"
        for r in range(4, 64):
            person = {"record_id": f"{file}#名册#{r}", "file": file, "sheet": "名册", "row": r, "village": "塘头"}
            name = rng.choice(_SURNAMES) + "春兰"
            people.append(
                person | {"household_no": f"{town}{r:04d}", "name": name, "id_number": _number(r), "town": town}
            )
    engine.load("dibao", pl.DataFrame(people).with_columns(sex=pl.lit("女")))
    dead = pl.DataFrame({"row": list(range(2, 12)), "id_number": [_number(r) for r in range(4, 14)]})
    engine.load("death", dead.with_columns(
        pl.format("部门/死亡.csv#-#{}", "row").alias("record_id"), file=pl.lit("部门/死亡.csv"), sheet=pl.lit("-"),
        name=pl.lit("黄春花"), sex=pl.lit("男"),
    ))  # fmt: skip
    review = [
        {"roster_record_id": f"低保/低保_{t}.xlsx#名册#{r}", "dataset": "death",
         "record_id": f"部门/死亡.csv#-#{r - 2}", "tier": "exact_id", "match_weight": None, "match_probability": None,
         "decision": "review", "pattern": "id=equal name=unlike birth=unknown sex=other"}
        for t in towns[:6] for r in (4, 5, 6)
    ]  # fmt: skip
    engine.load("links", pl.DataFrame(review, schema_overrides=_FLOATS))
    sure = [row | {"roster_record_id": str(row["roster_record_id"]) + "0", "decision": "link"} for row in review]
    engine.load("links", pl.DataFrame(sure, schema_overrides=_FLOATS))


def with_linkage(pub: Publication) -> Publication:
    """The same county, whose linkage also used a model and left its report: 120 links, 9 pairs in review, 3 refused.

    In 长来 one register row has three candidates in two villages; in 北乡 one roster row has two.
    """
    engine = pub.engine
    roster, register = "低保/低保_{}.xlsx#名册#{}", "部门/户籍.csv#-#{}"
    engine.run("UPDATE dibao SET village = '新村', name = '黄丽珍', birth_date = DATE '1972-03-15' "
               "WHERE town = '长来' AND row = 40")  # fmt: skip
    engine.load("household_register", pl.DataFrame({
        "record_id": [register.format(n) for n in (2, 3, 4)], "file": "部门/户籍.csv", "sheet": "-", "row": [2, 3, 4],
        "name": ["王丽珍", "谭建军", "谭建华"], "id_number": [None, "440281197203151427", "440281197203151437"],
        "birth_date": [date(1972, 3, 15)] * 3, "sex": "女", "town": ["长来", "北乡", "北乡"], "village": "塘头",
    }))  # fmt: skip
    near = "name=homophone id=unknown birth=equal sex=equal place=town phone=unknown once=free"
    off = "name=equal id=one_off birth=equal sex=equal place=village"
    pairs = [
        (roster.format("长来", r), register.format(2), 18.2 + r / 10, p) for r, p in ((40, 0.41), (5, 0.37), (41, 0.2))
    ]
    pairs += [(roster.format("北乡", 7), register.format(r), 21.5, 0.48) for r in (3, 4)]
    pairs += [(roster.format("五山", r), register.format(3), 17.0, 0.3) for r in (10, 11, 12, 13)]
    review = [_link(a, b, "review", w, p, near) for a, b, w, p in pairs]
    sure = []
    for n in range(120):
        ours, theirs = roster.format("廊田", 4 + n % 60), register.format(100 + n)
        sure.append(_link(ours, theirs, "link", 20 + n * 0.33, 0.999, off))
    refused = [_link(roster.format("长来", r), register.format(2), "reject", 5.0, 0.001, near) for r in (50, 51, 52)]
    engine.load("links", pl.DataFrame(review + sure + refused))
    engine.load("link_model", pl.DataFrame({
        "version": ["2022.1"], "trained_on": ["demonstration"], "sha256": ["5a" * 32], "link_at": [0.98],
        "review_at": [0.05], "matched_share": [0.634], "reach": [0.9987],
    }))  # fmt: skip
    engine.load("model_drift", pl.DataFrame({
        "field": ["name", "id", "birth", "place"], "psi": [0.021, 0.312, 0.004, 0.14],
        "word": ["稳定", "明显偏移", "稳定", "有变化"],
    }))  # fmt: skip
    engine.load("block_report", pl.DataFrame({
        "block": ["id_tail", "name_birth", "birth_sex_town", "phone"], "pairs": [5210, 61_224, 88_031, 812],
        "largest": [6, 12, 1870, 9], "alone": [301, 1290, 22_480, 44], "dropped": [0, 0, 3_120, 0],
    }))  # fmt: skip
    return pub


def _link(ours: str, theirs: str, decision: str, weight: float, probability: float, pattern: str) -> dict[str, object]:
    return {
        "roster_record_id": ours, "dataset": "household_register", "record_id": theirs, "tier": "probabilistic",
        "match_weight": weight, "match_probability": probability, "decision": decision, "pattern": pattern,
    }  # fmt: skip


_FIELDS = {"data": ("id_number", "phone", "village"), "archive": ("申请书", "核对授权书")}


def with_scores(pub: Publication) -> Publication:
    """The same county, whose suites left scores of two schemes, and last month's (not of 核对授权书, which is new).

    A town's n-th field lacks n rows of 10 + its number; last month one more was complete in 长来. 白石 is asked nothing
    of 特困. One file of the month is doubtful.
    """
    scores, before = [], []
    for scheme in ("dibao", "tekun"):
        for kind, fields in _FIELDS.items():
            for n, item in enumerate(fields):
                for t, town in enumerate(TOWNS):
                    if scheme == "tekun" and town == "白石":
                        continue
                    asked, zh = (
                        10 + t,
                        {"id_number": "身份证号", "phone": "联系电话", "village": "村居"}.get(item, item),
                    )
                    scores.append((kind, scheme, town, item, zh, asked, asked - n))
                    if item != "核对授权书":
                        before.append((kind, scheme, town, item, asked, min(asked - n + (town == "长来"), asked)))
    head = ("kind", "scheme", "town", "field", "zh", "asked", "complete")
    measures = ("kind", "subject", "town", "item", "rows", "good")
    sentence = "车辆：身份证号为空40.2%（402/1,000行）"
    doubtful = Fault("column_blank", "关键栏目大量空白", "vehicle", "id_number", "", "-", "", 402, 1000, 0.402, 0.2,
                     None, sentence, "")  # fmt: skip
    return replace(
        pub,
        scores=pl.DataFrame(scores, schema=list(head), orient="row"),
        before=pl.DataFrame(before, schema=list(measures), orient="row"),
        faults=(doubtful,),
    )
