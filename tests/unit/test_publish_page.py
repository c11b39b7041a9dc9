"""The overview's text: counts, links, honesty about what was not examined, nobody's name."""

from __future__ import annotations

import base64
import hashlib
import html
import random
import re
import stat
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from publish_sample import MONTH, RULES, Publication, finding, sample, with_linkage
from support.site import Page

from pipeline.contract import TOWNS
from pipeline.publish import write_page, write_workbooks
from pipeline.publish.words import few


@pytest.fixture(scope="module")
def pub() -> Publication:
    return sample()


@pytest.fixture(scope="module")
def text(pub: Publication, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = write_page(pub, tmp_path_factory.mktemp("page") / MONTH)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return path.read_text(encoding="utf-8")


def test_nobody_is_named(pub: Publication, text: str) -> None:
    people = "SELECT name, id_number FROM findings UNION SELECT name, id_number FROM dibao"
    for name, number in pub.engine.rows(people).iter_rows():
        assert name not in text and number not in text
    assert not re.search(r"\d{17}[\dX]", re.sub(r'[dx]="[^"]*"', "", text))


def test_nothing_is_fetched_and_nothing_runs(text: str) -> None:
    assert not re.findall(r'(?:src|href|action)\s*=\s*"(?:https?:)?//', text)
    assert "<script" not in text and "@import" not in text and not re.search(r"url\((?!#)", text)
    assert not re.search(r"<[^>]+\s(?:on\w+|style)=", text), "no handler, no style beside the style sheet"
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1])  # type: ignore[index]
    style = text.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_charts_are_drawn_with_names_of_their_own(text: str) -> None:
    assert text.count("<svg role=") == 1 and text.count("各镇街疑点数，按类别分段") == 1
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(ids)


def test_each_list_states_its_expected_false_flags(pub: Publication, text: str) -> None:
    table = re.sub(r"</?a\b[^>]*>", "", text.split("各清单待核实疑点的把握")[1].split("</table>")[0])
    cells = re.findall(r'<tr><th scope="row">(疑似漏保|资金发放|档案缺件)</th>(.*?)</tr>', table)
    shown = {name: re.findall(r'<td class="n">([^<]*)', row) for name, row in cells}
    query = """SELECT count(*), count(*) FILTER (confidence = 'certain'), sum(1 - match_probability), sum(money)
               FROM findings WHERE category = 'payment'"""
    n, certain, wrong, money = pub.engine.rows(query).row(0)
    assert shown["资金发放"] == [str(n), str(certain), str(n - certain), few(wrong), f"{money:,.2f}"]
    assert shown["疑似漏保"][4] == "" and shown["档案缺件"][3] == "0"
    assert re.search(r"档案缺件.*?\d+ 条未推算", table.replace("\n", ""))
    assert "可能已经在册" not in text


def test_leads_that_wait_are_counted(tmp_path: Path) -> None:
    pub = sample(40)
    pub.engine.run("CREATE TABLE held_rows AS SELECT * FROM findings LIMIT 2")
    text = write_page(pub, tmp_path).read_text(encoding="utf-8")
    assert re.search(r'另有 <a class="f" href="pages/list/held.html">2</a> 条漏保线索，本人可能已经在册', text)
    assert Page(tmp_path / "pages/list/held.html").ids[""] == 2


def test_links_to_town_workbooks_lead_somewhere(pub: Publication, text: str, tmp_path: Path) -> None:
    write_workbooks(pub, tmp_path)
    links = {unquote(h) for h in re.findall(r'href="(towns/[^"]+)"', text)}
    assert links == {f"towns/{t}.xlsx" for t in TOWNS} and all((tmp_path / link).exists() for link in links)


def test_what_was_not_examined_is_said(pub: Publication, text: str) -> None:
    assert "缺少服刑数据" in text and "未按期巡访" in text and "没有核查不等于没有问题" in text
    assert all(sentence in text for sentence in pub.policy.unverified)
    without_care = replace(pub, rules=[r for r in pub.rules if r.category != "care"])
    assert without_care.nothing("care").startswith("未核查")


def test_a_month_without_findings_is_not_called_clean(tmp_path: Path) -> None:
    pub = sample(0)
    text = write_page(pub, tmp_path).read_text(encoding="utf-8")
    assert "本月没有待核实的疑点" in text and "<svg" not in text and "缺少服刑数据" in text


def test_quality_of_the_linkage_is_told_where_there_is_something_to_tell(text: str, tmp_path: Path) -> None:
    assert "比对模型" not in text
    told = write_page(with_linkage(sample(0)), tmp_path).read_text(encoding="utf-8")
    assert told.count('<svg role="img"') == 1 and "比对结果按证据分量的分布" in told
    for said in ("其中预计认错", "用示范数据训练；可能性 98% 以上认定为同一人，5% 以上留待人工比对", "63.4%", "99.9%",
                 '<td class="high">明显偏移</td>', "身份证号地区码、校验位前六位与姓的读音", "88,031"):  # fmt: skip
        assert said in told
    assert "王丽珍" not in told and "440281197203151427" not in told


def test_texts_from_files_stay_texts(tmp_path: Path) -> None:
    pub = replace(sample(3), told=["<script>alert(1)</script>"])
    write_page(pub, tmp_path)
    text = (tmp_path / "pages/about/inputs.html").read_text(encoding="utf-8")
    assert "<script" not in text and "&lt;script&gt;alert(1)" in text


def test_an_unknown_town_is_counted_apart(tmp_path: Path) -> None:
    rng = random.Random(5)
    pub = sample(5, extra=[finding(900, RULES[1], None, rng), finding(901, RULES[1], "<b>", rng)])
    text = write_page(pub, tmp_path).read_text(encoding="utf-8")
    assert "未知镇街" in text and "<b></td>" not in text


def test_the_same_audit_gives_the_same_page(pub: Publication, text: str, tmp_path: Path) -> None:
    assert write_page(pub, tmp_path).read_text(encoding="utf-8") == text
