"""A county's pages in a real browser, offline: nothing asked for, nothing complained of, every figure with its list."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

from support.months import keep_month
from support.site import Pages
from test_page import CHROMIUM

from pipeline.contract import DATASETS
from pipeline.demo import make_county
from pipeline.engine.duck import DuckEngine
from pipeline.ingest import ingest
from pipeline.masking import COMPOUND
from pipeline.publish.pages.hiding import program_words
from pipeline.run import run_audit

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: see requirements.lock")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the pages are not seen in a browser"),
    pytest.mark.xdist_group("page"),
]
FIRST, MONTH = "2022-10", "2022-11"
# The lists that give a page of every kind; the long ones among the others only lengthen the pages.
KEPT = ("audit.toml", "税务", "低保_", "特困", "档案", "发放", "死亡", "death", "服刑", "残疾", "车辆", "婚姻", "监测")


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county of 3,000 in two months, of the first what the ledger knows; in the second no vehicles came in."""
    folder = tmp_path_factory.mktemp("site")
    make_county(folder / "demo", people=3_000, seed=7, month=FIRST)
    drop = folder / "demo" / "drop"
    for path in drop.iterdir():
        if not path.name.startswith(KEPT):
            path.unlink()
    keep_month(drop, FIRST, folder / "out")
    for path in drop.glob("车辆*"):
        path.unlink()
    run_audit(drop, MONTH, folder / "out")
    return folder


@pytest.fixture(scope="module")
def run(county: Path) -> Path:
    return county / "out" / MONTH


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as p:
        made = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
        yield made
        made.close()


@pytest.fixture
def page(browser: playwright.Browser) -> Iterator[playwright.Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    yield context.new_page()
    context.close()


def test_every_figure_of_every_page_leads_to_a_list_of_its_length(run: Path) -> None:
    pages = Pages(run)
    assert not pages.wrong()
    assert [name for name, page in pages.pages.items() if len(page.root.xpath("//h1")) != 1] == []
    figures = [k for k in pages.links() if k.expected is not None]
    assert len(figures) > 1_000 and sum(k.page == "index.html" for k in figures) > 400
    assert {"new", "continuing", "not_examined"} <= {k.fragment for k in figures if k.expected}
    assert not [k.href for k in pages.links() if "//" in k.href]


def test_no_page_names_anybody_or_shows_a_whole_number(county: Path, run: Path, tmp_path: Path) -> None:
    engine = DuckEngine()
    ingest(county / "demo" / "drop", engine, scratch=tmp_path)
    names: set[str] = set()
    numbers: set[str] = set()
    for dataset in DATASETS.values():
        for column in dataset.columns:
            values = engine.rows(f'SELECT DISTINCT "{column.id}" FROM "{dataset.id}"').to_series().to_list()
            if column.type == "name":
                names.update(v for v in values if v and re.fullmatch(r"[^\x00-\x7f]{2,}", v))
            elif column.type == "id_number" or column.id in ("phone", "bank_account"):
                numbers.update(v for v in values if v and "*" not in v)
    villages = {v for (v,) in engine.rows("SELECT DISTINCT village FROM dibao UNION SELECT village FROM tekun").rows()}
    common = "\n".join((*program_words(), *(v for v in villages if v)))
    wanted = {n for n in names if n not in common} - COMPOUND  # a surname alone is what a masked name shows
    assert len(wanted) > 1_500 and len(numbers) > 3_000
    pages = sorted(run.rglob("*.html"))
    assert len(pages) > 100
    lengths = {len(n) for n in wanted}
    for path in pages:
        text = path.read_text(encoding="utf-8")
        runs = set(re.findall(r"[^\x00-\x7f。，；：、（）“”]{2,}", text))
        said = {run[i : i + n] for run in runs for n in lengths for i in range(len(run) - n + 1)}
        assert not said & wanted, (path.name, "names somebody")
        assert not set(re.findall(r"\d{6,}[Xx]?", text)) & numbers, (path.name, "shows a number")


def test_no_page_asks_for_anything_or_complains(run: Path, page: playwright.Page) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.on("console", lambda m: said.append(m.text))
    page.on("pageerror", lambda e: said.append(str(e)))
    for path in (run / "index.html", *sorted((run / "pages").rglob("*.html"))):
        page.goto(path.as_uri())
    assert not said and {url.partition("#")[0].rpartition("/")[0].partition(":")[0] for url in asked} == {"file"}
    assert len(asked) == 1 + len(list((run / "pages").rglob("*.html"))), "a page is one file"


def test_two_clicks_lead_from_a_figure_to_the_evidence(run: Path, page: playwright.Page) -> None:
    page.goto((run / "index.html").as_uri())
    cell = page.locator("#heat tbody tr:not(.sum) td a.f[href*='/town/']").first
    n = int(cell.inner_text())
    cell.click()
    shown = page.locator(".rule:target .row")
    shown.last.wait_for()  # the click only asks for the page
    assert shown.count() == n and shown.first.is_visible()
    assert not page.locator(".rule:target .proof").first.is_visible()
    page.locator(".rule:target a.open").first.click()
    proof = page.locator(".case:target .proof")
    assert proof.is_visible() and "依据" in proof.inner_text() and re.search(r"第\d+行", proof.inner_text())
    page.goto((run / "pages" / "list" / "high.html").as_uri())
    page.locator(".row a").first.click()
    page.locator(".case:target .proof").wait_for()
    assert "/pages/town/" in page.url


def test_it_works_by_keyboard(run: Path, page: playwright.Page) -> None:
    page.goto((run / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('href')"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", page.evaluate("document.activeElement.outerHTML")
    assert {"pages/list/open.html", "pages/list/high.html", "pages/about/scope.html#ran"} <= reached
    page.locator("a[href='pages/list/high.html']").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/list/high.html")


# one of every kind
PAGES = (
    "index.html", "pages/list/settled.html", "pages/rule/deceased_on_roster.html", "pages/category/payment.html",
    "pages/gaps/tekun-archive.html", "pages/links/prison.html", "pages/about/scope.html",
    "pages/town/" + quote("庆云") + ".html",
)  # fmt: skip


def test_axe_finds_no_serious_fault(run: Path, page: playwright.Page) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    brief = {"resultTypes": ["violations"]}
    faults = []
    for path in PAGES:
        page.goto(f"{run.as_uri()}/{path}")
        for found in axe.run(page, options=brief).response["violations"]:
            if found["impact"] in ("serious", "critical"):
                faults.append((path, found["id"], found["nodes"][0]["html"][:200]))
    assert not faults
    # axe sees what is there: the same page with a fault in it is not passed
    page.evaluate("document.documentElement.removeAttribute('lang')")
    assert "html-has-lang" in {v["id"] for v in axe.run(page, options=brief).response["violations"]}


def test_nothing_runs_off_a_small_laptop_s_screen(run: Path, page: playwright.Page) -> None:
    for path in PAGES:
        page.goto(f"{run.as_uri()}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366, path


def test_a_town_prints_on_a4(run: Path, page: playwright.Page, tmp_path: Path) -> None:
    page.goto(f"{run.as_uri()}/pages/town/{quote('长来')}.html")
    page.pdf(path=tmp_path / "town.pdf", prefer_css_page_size=True)
    data = (tmp_path / "town.pdf").read_bytes()
    width, height = (float(n) for n in re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", data).groups())  # type: ignore[union-attr]
    assert (round(width), round(height)) in {(595, 842), (596, 842), (595, 841)}


def test_the_policy_lets_no_script_run(run: Path, page: playwright.Page) -> None:
    page.goto((run / "index.html").as_uri())
    ran = page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
        " document.body.append(s); return window.ran === 1 }"
    )
    assert not ran
