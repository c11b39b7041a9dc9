"""A bureau's own documents and expectations: a line each, picked up without touching anything else, or refused."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from checks_county import MONTH, county
from checks_schemes import papers, rows

from checks import failing_rows, read_own_checks
from checks.catalogue import load
from pipeline.errors import BadInput
from pipeline.run import run_audit

OURS = """# 本单位的检查
document = [
  { scheme = "dibao", zh = "收入证明", words = ["收入证明", "收入声明"], basis = "本局档案管理办法第三条" },
  { scheme = "dibao", zh = "病历", where = { health = "重病" } },
]
change = [
  { scheme = "dibao", zh = "公示", drop = true },
  { scheme = "tekun", zh = "供养协议或照料协议", also = ["托养合同"], basis = "本局特困供养办法" },
]
expectation = [
  { scheme = "dibao", field = "employment_status", check = "filled", severity = "low" },
  { scheme = "tekun", field = "monthly_amount", check = "at_least", value = 1194, when = "active" },
  { scheme = "dibao", field = "cause", check = "one_of", values = ["因病", "因残"], zh = "致贫原因只填两种" },
]
"""


def folder(tmp_path: Path, text: str | bytes = OURS, name: str = "本局.toml") -> Path:
    made = tmp_path / "own"
    made.mkdir(exist_ok=True)
    (made / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return made


def told(tmp_path: Path, scheme: str, change: dict[str, Any], **archive: Any) -> list[tuple[str, str]]:
    own = read_own_checks(folder(tmp_path))
    tables = {scheme: rows(scheme, {"employment_status": "务农"} | change if scheme == "dibao" else change)}
    engine = county(tables.pop("dibao", []), papers(scheme, **archive), **tables)
    found = failing_rows(engine, MONTH, {scheme, "archive"}, own=own).rows
    return sorted(found.select("rule_id", pl.col("values").str.extract(r'"(?:field|document)":"([^"]+)"')).iter_rows())


def test_an_added_document(tmp_path: Path) -> None:
    assert told(tmp_path, "dibao", {}) == [("document_missing", "收入证明")]
    assert told(tmp_path, "dibao", {}, more=("家庭收入声明",)) == []
    assert told(tmp_path, "dibao", {"health": "重病"}, more=("收入证明",)) == [("document_missing", "病历")]


def test_a_changed_document(tmp_path: Path) -> None:
    assert told(tmp_path, "dibao", {}, without=("公示",), more=("收入证明",)) == []
    rich = {"monthly_amount": 1194.0}
    assert told(tmp_path, "tekun", rich, without=("供养协议",), more=("托养合同",)) == []
    assert told(tmp_path, "tekun", rich, without=("供养协议",), more=("照料协议",)) == []
    assert told(tmp_path, "tekun", rich, without=("供养协议",)) == [("document_missing", "供养协议或照料协议")]


def test_an_added_expectation(tmp_path: Path) -> None:
    more = ("收入证明",)
    assert told(tmp_path, "dibao", {"employment_status": None}, more=more) == [
        ("required_field_empty", "employment_status")
    ]
    assert told(tmp_path, "dibao", {"cause": "因学"}, more=more) == [("own_check", "cause")]
    assert told(tmp_path, "tekun", {"monthly_amount": 1193.99}) == [("own_check", "monthly_amount")]
    assert told(tmp_path, "tekun", {"monthly_amount": 1194.0}) == []
    stopped = {"monthly_amount": 5.0, "stop_month": "2022-01", "stop_reason": "死亡"}
    assert told(tmp_path, "tekun", stopped, more=("停救通知书",)) == []


def test_the_program_s_own_checklists_stay_as_they_are(tmp_path: Path) -> None:
    before = json.dumps([load("dibao_archive"), load("dibao")], default=str)
    read_own_checks(folder(tmp_path))
    assert json.dumps([load("dibao_archive"), load("dibao")], default=str) == before


def test_they_are_seen_in_everything_that_comes_out(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    number = rows("dibao", {})[0]["id_number"]
    (drop / "低保.csv").write_text(
        f"家庭编号,姓名,身份证号,镇街,村居,与户主关系,致贫原因\nDB1,张三,{number},长来,一村,户主,因学\n",
        encoding="utf-8",
    )
    listed = "\n".join(f"低保,DB1,{d},是,张三,2022-01-05" for d in ("申请书", "承诺书"))
    (drop / "档案目录.csv").write_text(
        f"救助类别,家庭编号,材料名称,是否归档,签字人,签字日期\n{listed}\n", encoding="utf-8"
    )
    own = folder(tmp_path)
    run_audit(drop, MONTH, tmp_path / "out", checks_folder=own)
    out = tmp_path / "out" / MONTH
    found = pl.read_parquet(out / "findings.parquet")
    about = found.filter(pl.col("summary").str.contains("收入证明|致贫原因|就业状况"))
    assert sorted(about["rule_id"]) == ["document_missing", "own_check", "required_field_empty"]
    assert set(about.filter(rule_id="document_missing")["basis"]) == {"本局档案管理办法第三条"}
    assert found.filter(pl.col("summary").str.contains("“公示”")).is_empty()
    book = openpyxl.load_workbook(out / "towns" / "长来.xlsx")
    cells = " ".join(str(c.value) for sheet in ("数据缺项", "档案缺件") for row in book[sheet] for c in row if c.value)
    assert "收入证明" in cells and "致贫原因" in cells and "就业状况" in cells
    pages = " ".join(p.read_text(encoding="utf-8") for p in (out / "checks").rglob("*.html"))
    assert "“收入证明”已归档" in pages and "致贫原因只填两种" in pages
    raw = (own / "本局.toml").read_bytes()
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["own_checks"] == [
        {
            "file": "本局.toml", "sha256": hashlib.sha256(raw).hexdigest(), "documents": 2, "changes": 2,
            "expectations": 3,
        }
    ]  # fmt: skip


EXPECT, PAPER = 'expectation = [{ scheme = "dibao", ', 'document = [{ scheme = "dibao", zh = "甲", '
BROKEN: list[tuple[str, str]] = [
    ("document = [", "本局.toml: is not TOML"),
    ("documents = []", "本局.toml:1: unknown key 'documents'"),
    ('document = [\n{ scheme = "dibao", zh = "甲", word = ["甲"] }]', "本局.toml:2: document: unknown key 'word'"),
    ('document = [{ scheme = "低保", zh = "甲" }]', "unknown scheme '低保' — one of dibao"),
    ('document = [{ scheme = "dibao", zh = "公示" }]', "has '公示' already — write it under `change`"),
    ('document = [{ zh = "甲" }]', "'scheme' is missing"),
    (PAPER + 'words = "甲" }]', "'words' must be a list of texts"),
    (PAPER + 'when = "sick" }]', "unknown condition 'sick'"),
    ('document = [{ scheme = "tekun", zh = "甲", where = { health = "重病" } }]', "tekun has no column 'health'"),
    ('change = [{ scheme = "dibao", zh = "甲" }]', "the checklist has no '甲'"),
    ('change = [{ scheme = "dibao", zh = "身份证户口簿复印件", also = ["甲"] }]', "is made of several papers"),
    (EXPECT + 'field = "income", check = "filled" }]', "has no column 'income'"),
    (EXPECT + 'field = "village", check = "filled" }]', "is asked for already"),
    (EXPECT + 'field = "cause", check = "is" }]', "unknown check 'is'"),
    (EXPECT + 'field = "cause", check = "one_of" }]', "'values' is missing"),
    (EXPECT + 'field = "cause", check = "at_least", value = 3 }]', "cannot be asked of 'cause'"),
    (EXPECT + 'field = "last_review_on", check = "not_before", other = "start_month" }]', "not of one kind"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), BROKEN, ids=[b[1][:40] for b in BROKEN])
def test_a_broken_file_is_refused_before_the_run(tmp_path: Path, text: str, says: str) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    with pytest.raises(BadInput) as told:
        run_audit(drop, MONTH, tmp_path / "out", checks_folder=folder(tmp_path, text))
    assert says in str(told.value) and "—" in str(told.value)
    assert not (tmp_path / "out").exists()


def test_a_program_is_never_run_from_the_folder(tmp_path: Path) -> None:
    own = folder(tmp_path)
    (own / "more.py").write_text("raise SystemExit(9)", encoding="utf-8")
    with pytest.raises(BadInput, match=r"more\.py: a program is not read"):
        read_own_checks(own)


def test_no_folder_and_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a folder"):
        read_own_checks(tmp_path / "none")
    with pytest.raises(BadInput, match="no checks"):
        read_own_checks(tmp_path)
    with pytest.raises(BadInput, match="UTF-8"):
        read_own_checks(folder(tmp_path, OURS.encode("gb18030")))


def test_every_kind_of_check_counts_alike_in_both_readings(tmp_path: Path) -> None:
    from checks import validate

    lines = [
        'field = "cause", check = "none_of", values = ["因病"]',
        'field = "monthly_amount", check = "at_most", value = 500.5',
        'field = "name", check = "same", other = "account_holder"',
        'field = "stop_month", check = "not_before", other = "start_month", where = { area = ["农村", "城市"] }',
        'field = "employment_status", check = "filled", grain = "household"',
    ]
    text = "expectation = [" + ",\n".join(f'{{ scheme = "dibao", {line} }}' for line in lines) + "]"
    own = read_own_checks(folder(tmp_path, text))
    engine = county(rows("dibao", {"last_review_on": dt.date(2022, 5, 1), "stop_month": "2023-01"}))
    checked = failing_rows(engine, MONTH, {"dibao"}, own=own)
    (suite,) = validate(engine, MONTH, {"dibao"}, tmp_path / "checks", checked.counts, own=own)
    failed = {e.key.split("/", 1)[1] for e in suite.expectations if not e.success}
    assert failed == {
        "own_check/cause/none_of_0", "own_check/monthly_amount/at_most_1", "own_check/name/same_2",
        "required_field_empty/employment_status",
    }  # fmt: skip
