"""The review desk in a real browser: a session by keyboard alone, a reload and a killed server in it; accessibility."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from support.desk import write_run
from support.deskserver import DeskServer, start_desk
from test_page import CHROMIUM

from pipeline.ledger import opened
from pipeline.ledger.links import ruled_pairs
from pipeline.ledger.rulings import LINK, read_rulings
from pipeline.review.desk import Desk
from pipeline.review.source import ledger_of

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the desk is not seen in a browser"),
    pytest.mark.xdist_group("desk"),
]
_SIZE = {"width": 1366, "height": 768}
Start = Callable[..., DeskServer]


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as p:
        made = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "out", pairs=34)


@pytest.fixture
def start(run: Path, tmp_path: Path) -> Iterator[Start]:
    servers: list[DeskServer] = []

    def one(*arguments: str) -> DeskServer:
        servers.append(start_desk(run, *arguments, log=tmp_path / f"{len(servers)}.txt"))
        return servers[-1]

    yield one
    for server in servers:
        server.kill()  # that one ends well is asked where it is stopped


@pytest.fixture(scope="module")
def shared(browser: playwright.Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Seat]]:
    """Sits down at one desk again and again: for tests that mind neither the item shown nor what was ruled before."""
    folder = tmp_path_factory.mktemp("desk")
    server = start_desk(write_run(folder / "out", pairs=34), "--reviewer", "李审核", log=folder / "log.txt")
    entered = browser.new_context()
    entered.new_page().goto(server.address)
    session = entered.storage_state()  # the address opens the desk once
    entered.close()
    opened: list[playwright.BrowserContext] = []

    def seat(**options: bool) -> Seat:
        opened.append(browser.new_context(viewport=_SIZE, storage_state=session, **options))
        taken = Seat(opened[-1].new_page())
        taken.page.goto(f"{server.base}/links")
        return taken

    yield seat
    for context in opened:
        context.close()
    server.kill()


class Seat:
    """A reviewer before the browser: keys go in, what is to be seen comes out."""

    def __init__(self, page: playwright.Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.faults.append(str(e)))

    def press(self, key: str) -> None:
        """One key; until its answer stands there."""
        with self.page.expect_response(lambda r: r.request.method == "POST"):
            self.page.keyboard.press(key)
        # selectors, not scripts: the page's own policy lets nobody evaluate text
        self.page.wait_for_selector("body:not(:has(.htmx-request:not(#state)))")
        self.page.wait_for_selector("#item-title:focus, .none")

    @property
    def title(self) -> str:
        return str(self.page.locator("#item-title").inner_text())

    @property
    def told(self) -> str:
        return str(self.page.locator(".progress").inner_text())

    @property
    def judged(self) -> int:
        return int(re.findall(r"我已判(\d+)", self.told)[0])

    def recorded(self) -> None:
        self.page.wait_for_selector("#state:has-text('判定都已记入台账')", timeout=20_000)


def sit(browser: playwright.Browser, address: str) -> Seat:
    seat = Seat(browser.new_page(viewport=_SIZE))
    seat.page.goto(address)
    return seat


def history(run: Path) -> pl.DataFrame:
    with opened(run.parent / "ledger.duckdb", wait=10) as con:
        return read_rulings(con, LINK, history=True)


def test_thirty_pairs_by_keyboard_with_an_undo_a_reload_and_a_killed_server(
    browser: playwright.Browser, run: Path, start: Start
) -> None:
    server = start("--reviewer", "李审核")
    seat = sit(browser, server.address)
    assert server.address not in seat.page.url and seat.page.url.endswith("/links")
    for n in range(10):
        seat.press("123"[n % 3])
    assert "我已判10对" in seat.told
    before = seat.title
    seat.press("2")
    after = seat.title
    seat.press("u")
    assert seat.title == before != after and "我已判10对" in seat.told
    seat.press("1")
    assert seat.title == after and "我已判11对" in seat.told

    seat.page.reload()
    assert seat.title == after and "我已判11对" in seat.told, "the reload is where it was"
    for n in range(7):
        seat.press("12"[n % 2])
    last = seat.title
    assert not seat.faults
    server.kill()
    seat.page.keyboard.press("1")
    seat.page.wait_for_selector("#state:has-text('程序没有应答')")
    assert seat.title == last, "what was not kept is not passed over"

    again = start("--reviewer", "李审核")
    seat.page.goto(again.address)
    assert seat.title == last and "共16对" in seat.told, "18 were kept, and none more"
    for n in range(12):
        seat.press("123"[n % 3])
    assert "我已判12对" in seat.told
    seat.recorded()
    again.stop()
    assert not [f for f in seat.faults if "Content Security Policy" in f]
    kept = history(run)
    assert kept.filter(pl.col("verdict") == "withdrawn").height == 1
    assert kept.height == 32 and kept["decided_by"].unique().to_list() == ["李审核"]
    with opened(run.parent / "ledger.duckdb") as con:
        standing = read_rulings(con, LINK)
    assert standing.height == 30 and standing["verdict"].value_counts().height == 3
    settled = ruled_pairs(run.parent / "ledger.duckdb", dt.date(2022, 10, 31))
    assert len(settled) == standing.filter(pl.col("verdict") != "unknown").height


def test_the_whole_desk_goes_by_keyboard(browser: playwright.Browser, start: Start) -> None:
    seat = sit(browser, start("--reviewer", "李审核").address)
    page = seat.page
    first = seat.title
    seat.press("ArrowRight")
    assert seat.title != first and "第2对" in seat.told
    seat.press("p")
    assert seat.title == first
    name = first.split()[0]
    page.keyboard.press("/")
    page.keyboard.type(name)
    seat.press("Enter")
    assert name in seat.title and "共34对" not in seat.told
    page.keyboard.press("r")
    page.keyboard.type("见户口簿1")
    page.keyboard.press("Escape")
    seat.press("2")
    assert "我已判1对" in seat.told, "a figure typed into the note is no answer"
    page.goto(page.url.replace("links", "findings"))
    page.keyboard.press("2")
    page.wait_for_selector("#note.wanted:focus")
    page.keyboard.type("车已报废")
    with page.expect_response(lambda r: r.url.endswith("/findings/rule")):
        page.keyboard.press("Enter")
    page.wait_for_selector(".progress:has-text('我已判1条')")
    page.goto(page.url.replace("findings", "rejects"))
    seat.press("1")
    assert "我已判1处" in seat.told
    page.get_by_role("link", name="判定情况").click()
    assert "第二意见" in page.inner_text("main") and not seat.faults


def test_a_key_held_down_is_one_answer(shared: Callable[..., Seat]) -> None:
    seat = shared()
    before = seat.judged
    seat.page.keyboard.down("1")
    for _ in range(15):
        seat.page.keyboard.down("1")  # the browser's own repeat
    seat.page.keyboard.up("1")
    time.sleep(0.5)
    assert seat.judged == before + 1


def test_a_second_reviewer_does_not_see_the_first_ones_answer_before_their_own(
    browser: playwright.Browser, run: Path, start: Start
) -> None:
    first = Desk(run, ledger_of(run), "甲某")
    for _ in range(3):
        first.rule(LINK, "same", None)
        first.queues[LINK].advance()
    assert first.book.stop() == 0
    other = sit(browser, start("--reviewer", "乙某").address)
    with other.page.expect_response(lambda r: r.url.endswith("/view")):
        other.page.select_option("#view", "second")
    other.page.wait_for_selector(".progress:has-text('共3对')")
    assert "甲某" not in other.page.inner_text("main") and "另有1人判过" in other.page.inner_text(".answers")
    other.page.locator("h1").click()
    other.press("2")
    other.press("p")
    assert "甲某判为：同一人" in other.page.inner_text(".answers")
    assert "我判为：不是同一人" in other.page.inner_text(".answers")


def test_axe_finds_no_serious_fault(shared: Callable[..., Seat]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    seat = shared(bypass_csp=True)  # axe is put into the page as a script
    seat.press("1")
    links = seat.page.url
    grave = []
    for path in ("links", "findings", "rejects", "judged"):
        seat.page.goto(links.replace("links", path))
        for found in axe.run(seat.page).response["violations"]:
            if found["impact"] in ("serious", "critical"):
                grave.append((path, found["id"], [n["target"] for n in found["nodes"]][:3]))
    assert not grave


def test_it_fits_a_small_screen(shared: Callable[..., Seat]) -> None:
    seat = shared()
    bottom = "document.querySelector('.answers').getBoundingClientRect().bottom"
    size = seat.page.evaluate(f"[document.documentElement.scrollWidth, {bottom}]")
    assert size[0] <= _SIZE["width"] and size[1] <= _SIZE["height"]
    table = seat.page.locator("table.compare").bounding_box()
    assert table and table["y"] + table["height"] < 700, "the whole comparison is seen without scrolling"
