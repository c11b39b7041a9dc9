"""The lists behind the figures: every link of every page, what a case shows, what no page says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from pages_sample import county
from publish_sample import MONTH, sample
from support.site import Page, Pages

from pipeline.publish import write_county, write_page, write_tables, write_workbooks
from pipeline.publish.pages.picture import Weights, bars, picture
from pipeline.publish.pages.shell import chunked
from pipeline.publish.publication import Publication


def second_month() -> Publication:
    """A month of which some files came in the month before as well."""
    pub = county()
    return replace(pub, month_before="2022-09", same_files=frozenset(i.sha256 for i in pub.inputs[:3]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pub, out = second_month(), tmp_path_factory.mktemp("pages") / MONTH
    write_page(pub, out)
    write_tables(pub, out)
    write_county(pub, out)
    write_workbooks(pub, out)
    (out / "run.json").write_text("{}", encoding="utf-8")
    (out / "checks").mkdir()
    (out / "checks" / "index.html").write_text("", encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def pages(folder: Path) -> Pages:
    return Pages(folder)


def test_every_figure_leads_to_a_list_of_its_length(pages: Pages) -> None:
    assert not pages.wrong()
    figures = [k for k in pages.links() if k.expected is not None]
    assert len(figures) > 250 and {k.expected for k in figures} > {1, 2, 3}
    on_index = {k.target.split("/")[1] for k in figures if k.page == "index.html" and k.target}
    assert on_index == {"list", "category", "rule", "town", "links", "about"}


def test_a_wrong_figure_would_be_noticed(folder: Path, pages: Pages, tmp_path: Path) -> None:
    text = (folder / "pages/list/open.html").read_text(encoding="utf-8")
    shorter = tmp_path / "pages" / "list" / "open.html"
    shorter.parent.mkdir(parents=True)
    shorter.write_text(text.replace('<tr class="row">', "<tr>", 1), encoding="utf-8")
    (tmp_path / "index.html").write_bytes((folder / "index.html").read_bytes())
    assert any("open.html says" in w for w in Pages(tmp_path).wrong())


def test_no_anchor_stands_twice_on_a_page(pages: Pages) -> None:
    for name, page in pages.pages.items():
        assert len(page.all_ids()) == len(set(page.all_ids())), name


def test_a_list_row_leads_to_its_case_with_the_evidence(pages: Pages) -> None:
    rows = [k for k in pages.links() if k.page == "pages/rule/vehicle_owned.html" and "/town/" in k.target]
    assert rows and all(k.fragment == k.text for k in rows)
    town = pages.pages["pages/town/长来.html"]
    (case,) = town.root.xpath("//tbody[@id='FEEDC0FFEE']")
    said = case.text_content()
    for text in (
        "黄**（4402**********1234）与谭**登记结婚", "婚姻.csv第7行", "配偶姓名谭**", "登记日期1980-05-01",
        "低保_长来.xlsx〔名册〕第4行", "怎样认定为同一人", "姓名等信息综合比对，可能性 99.900%", "名下有机动车",
    ):  # fmt: skip
        assert text in re.sub(r"\s*\n\s*", "", said), text
    assert case.xpath(".//svg[@role='img']/@aria-label")[0].startswith("各项信息的证据分量：姓名：相同 +12.0")


def test_nobody_is_named_on_any_page(folder: Path, pages: Pages) -> None:
    pub = county()
    names: set[str] = {"谭秀英", "黄春花"}
    numbers: set[str] = {"440281195504052345", "13800138000", "塘头村12号"}
    for table in ("findings", "dibao", "death", "household_register"):
        for name, number in pub.engine.rows(f"SELECT name, id_number FROM {table}").iter_rows():
            names.add(name)
            numbers.add(number)
    for name, page in pages.pages.items():
        for text in (names | numbers) - {None}:
            assert text not in page.text, (name, text)


def test_a_village_with_few_cases_is_not_counted_out(pages: Pages) -> None:
    shown = pages.pages["pages/town/长来.html"].root.xpath("//ul[@class='villages'][1]/li")
    counts = [li.text_content().split()[-1] for li in shown]
    assert sum(c.isdigit() for c in counts) == 2 and all(not c.isdigit() or int(c) >= 5 for c in counts)
    assert counts.count("不显示") == 2, "that of 塘头, and another one, or the total would tell it"
    for name, page in pages.pages.items():
        for td in page.root.xpath("//tr[contains(@class, 'row')]/td"):
            assert "塘头" not in td.text_content(), (name, "a row tells its village")


def test_what_is_resolved_or_not_examined_has_its_list(pages: Pages) -> None:
    settled = pages.pages["pages/list/settled.html"]
    assert (settled.ids["resolved"], settled.ids["dismissed"], settled.ids["not_examined"]) == (6, 6, 2)
    assert "不等于已经消除" in settled.text and "部门数据有变动" not in settled.text
    assert pages.pages["pages/list/open.html"].ids["reopened"] == 6


def test_money_of_a_list_sums_up_to_the_figure(folder: Path, pages: Pages) -> None:
    rows = pages.pages["pages/list/money.html"].root.xpath("//tr[@class='row']/td[9]")
    total = sum(float(td.text_content().replace(",", "")) for td in rows)
    (said,) = pages.pages["index.html"].root.xpath("//a[@href='pages/list/money.html']")
    assert float(said.text_content().replace(",", "")) == pytest.approx(total) and total > 0


def test_the_histogram_s_figures_lead_to_their_pairs(pages: Pages) -> None:
    assert pages.pages["pages/links/weights.html"].ids[""] == 120 + 9
    review = pages.pages["pages/list/review.html"]
    assert review.ids[""] == 18 + 9 and "<details>" in review.text


def test_a_rule_that_did_not_run_is_not_called_clean(tmp_path: Path) -> None:
    pub = sample(20)
    pub.engine.run("SELECT * FROM findings LIMIT 1", into="unexamined")
    pub.engine.run("UPDATE unexamined SET rule_id = 'in_prison', status = 'not_examined', fingerprint = 'ab'")
    write_page(pub, tmp_path)
    page = Page(tmp_path / "pages/rule/in_prison.html")
    assert "本月没有核查：缺少服刑数据。没有核查不等于没有问题。" in page.text and page.ids["not_examined"] == 1
    assert "没有发现待核实的疑点" in (tmp_path / "pages/rule/homes_over_limit.html").read_text(encoding="utf-8") or (
        Page(tmp_path / "pages/rule/homes_over_limit.html").ids["open"] > 0
    )


def test_texts_of_files_stay_texts_on_every_page(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>"
    pub = county(10)
    pub.engine.run(f"UPDATE findings SET summary = '{bad}', household_no = '{bad}' WHERE fingerprint LIKE 'feed%'")
    pub.engine.run(f"UPDATE dibao SET name = '{bad}' WHERE town = '长来'")
    pub.engine.run(f"UPDATE rejects SET file = '{bad}' || file, reason = '{bad}'")
    write_page(replace(pub, told=[bad]), tmp_path)
    for path in tmp_path.rglob("*.html"):
        assert "<script" not in path.read_text(encoding="utf-8"), path


def test_the_same_audit_gives_the_same_pages(folder: Path, tmp_path: Path) -> None:
    write_page(second_month(), tmp_path)
    first, again = (
        {p.relative_to(where): p.read_bytes() for p in where.rglob("*.html")} for where in (folder, tmp_path)
    )
    del first[Path("checks/index.html")]  # the suites', which the folder only stands in for
    assert again and first.keys() == again.keys()
    assert [name for name, page in first.items() if page != again[name]] == []


def test_the_picture_of_a_pair_adds_up() -> None:
    weights = Weights((("birth", (("other", -6.0),)), ("name", (("equal", 12.0),))))
    found = bars("name=equal birth=other sex=unknown", 4.5, weights)
    assert [(b.label, b.end - b.start) for b in found] == [
        ("姓名：相同", 12.0), ("出生日期：不同", -6.0), ("其他（如姓名是否常见）", -1.5), ("合计", 4.5),
    ]  # fmt: skip
    drawn = picture("name=equal birth=other sex=unknown", 4.5, weights)
    assert drawn.count("<rect") == 4 and 'class="against"' in drawn and "style=" not in drawn
    assert bars("name=equal", None, weights) == [] and picture("name=equal", 3.0, Weights()) == ""


def test_a_long_list_is_laid_out_in_pieces() -> None:
    rows = [f"<tr>{n}</tr>" for n in range(9)]
    assert [c.count("<tr>") for c in chunked(rows, 4)] == [4, 4, 1] and "".join(chunked(rows, 4)) == "".join(rows)
    assert chunked([], 4) == []
