"""The suites' pages and the completeness maps in a real browser without a network: styled, complete, printed on A4."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

from checks_county import MONTH, county, household, items
from publish_sample import sample, with_scores
from test_page import CHROMIUM

from checks import examine_run, failing_rows, validate
from pipeline.contract import TOWNS
from pipeline.policy import pack_for
from pipeline.publish import write_page

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: see requirements.lock")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the pages are not seen in a browser"),
    pytest.mark.xdist_group("page"),
]
PRESENT = {"dibao", "archive"}
EMPTY = "dibao_data/required_field_empty/village"
_OUTSIDE = re.compile(r"https?:|(?:src|href)=[\"']?//|<script|<link|<img|<iframe|@import|url\(", re.I)


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    engine = county(household({"village": None}, {"sex": None}), items(signed_by=None))
    run = examine_run(engine, [], PRESENT, pack_for(MONTH).run_limits)
    checked = failing_rows(engine, MONTH, PRESENT)
    # one expectation of each kind: a page with all of them looks no different
    kinds = [{c.condition.expectation: c for c in reversed(s.checks)} | {c.key: c for c in s.checks if c.key == EMPTY}
             for s in checked.suites]  # fmt: skip
    suites = tuple(replace(s, checks=tuple(k.values())) for s, k in zip(checked.suites, kinds, strict=True))
    folder = tmp_path_factory.mktemp("docs") / "checks"
    few = replace(checked, suites=suites)
    validate(engine, MONTH, PRESENT, folder, checked.counts, run=run, prepared=few)
    return folder


@pytest.fixture(scope="module")
def browser_page() -> Iterator[playwright.Page]:
    """A page of a browser that is offline; every test opens in it what it looks at."""
    with playwright.sync_playwright() as p:
        made = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
        yield made.new_context(viewport={"width": 1280, "height": 900}, offline=True).new_page()
        made.close()


def seen(dom: str) -> str:
    return html.unescape(re.sub(r"<style.*?</style>", "", dom, flags=re.S))


def test_no_page_asks_for_anything_from_outside(docs: Path) -> None:
    pages = sorted(docs.rglob("*.html"))
    # an index; for each of four suites a page of its expectations and one of its verdicts
    assert len(pages) == 1 + 2 * 4 and [p for p in docs.rglob("*") if p.is_file()] != []
    assert {p.suffix for p in docs.rglob("*") if p.is_file()} == {".html"}
    for page in pages:
        assert not _OUTSIDE.search(page.read_text(encoding="utf-8")), page
        for target in re.findall(r'href="([^"#]+)"', page.read_text(encoding="utf-8")):
            assert (page.parent / target).resolve().is_file(), (page, target)


@pytest.mark.parametrize(
    ("page", "texts"),
    [
        ("index.html", ("数据校验报告", "低保系统数据", "低保档案清单", "来源数据：栏目空白", "村居")),
        (
            "pages/validations/dibao_data/**/*.html",
            ("校验结果", "低保系统数据", "在保人员的“村居”已填写", "有不符合项"),
        ),
        ("pages/validations/run_columns/**/*.html", ("来源数据：栏目空白", "空白各不超过20%", "全部符合")),
    ],
)
def test_a_page_opens_styled(docs: Path, browser_page: playwright.Page, page: str, texts: tuple[str, ...]) -> None:
    (path,) = docs.glob(page)
    browser_page.goto(path.as_uri())
    dom = seen(browser_page.content())
    assert not [text for text in texts if text not in dom]
    # what is drawn differs from the same page without its style sheet: the sheet is there and the browser applied it
    bare = path.with_name("bare.html")
    bare.write_text(re.sub(r"<style>.*?</style>", "", path.read_text(encoding="utf-8"), flags=re.S), encoding="utf-8")
    shots = [browser_page.screenshot()]
    browser_page.goto(bare.as_uri())
    shots.append(browser_page.screenshot())
    bare.unlink()
    assert all(len(s) > 20_000 for s in shots) and shots[0] != shots[1]


def test_the_maps_show_a_number_in_every_cell_and_print_across(browser_page: playwright.Page, tmp_path: Path) -> None:
    page = write_page(with_scores(sample(20)), tmp_path)
    browser_page.goto((tmp_path / "pages/gaps/dibao-data.html").as_uri())
    table = browser_page.content().split('<table class="heat">')[1].split("</table>")[0]
    cells = re.findall(r'<td class="h\d">([^<]+)', table)
    assert len(cells) == 4 * (1 + len(TOWNS)) and all(re.fullmatch(r"100|\d\d?\.\d", c) for c in cells)
    browser_page.goto(page.as_uri())
    dom = browser_page.content()
    assert "本月来源数据存疑：1 处" in seen(dom) and not _OUTSIDE.search(re.sub(r"url\(#|http://www\.w3\.org", "", dom))
    printed = browser_page.pdf(prefer_css_page_size=True)
    sizes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", printed)
    across = [float(w) > float(h) for w, h in sizes]
    assert 1 <= sum(across) <= 4 < len(across), "the maps lie across, the rest stands"
