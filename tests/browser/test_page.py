"""The page in a real browser, without a network: what a person sees."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

from publish_sample import MONTH, sample

from pipeline.publish import write_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the page is not seen in a browser"),
    pytest.mark.xdist_group("page"),
]

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    # no address but this file's can be reached
    "--proxy-server=127.0.0.1:9", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip


def chromium(profile: Path, *arguments: str) -> str:
    assert CHROMIUM
    done = subprocess.run(
        [CHROMIUM, *_FLAGS, f"--user-data-dir={profile}", *arguments],
        capture_output=True, text=True, timeout=90, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(sample(), tmp_path_factory.mktemp("browser") / MONTH)


def test_the_page_shows_its_figures_without_a_network(page: Path, tmp_path: Path) -> None:
    dom = chromium(tmp_path / "profile", "--dump-dom", page.as_uri())
    seen = html.unescape(re.sub(r"<style.*?</style>", "", dom, flags=re.S))
    for text in ("乐昌市社会救助专项核查", "2022年10月", "待核实疑点", "镇街与疑点类型对照", "核查范围", "缺少服刑数据",
                 "数据与档案检查", "政策参数"):  # fmt: skip
        assert text in seen
    assert dom.count("<svg") == 1 and not re.search(r'(?:src|href)="https?:', dom)


def test_the_page_is_drawn(page: Path, tmp_path: Path) -> None:
    shot = tmp_path / "page.png"
    chromium(tmp_path / "profile", f"--screenshot={shot}", "--window-size=1280,2000", page.as_uri())
    data = shot.read_bytes()
    assert data.startswith(b"\x89PNG") and int.from_bytes(data[16:20]) == 1280
    assert len(data) > 100_000  # a blank or unstyled page compresses to far less


def test_the_page_prints_on_a4(page: Path, tmp_path: Path) -> None:
    pdf = tmp_path / "page.pdf"
    chromium(tmp_path / "profile", "--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri())
    data = pdf.read_bytes()
    pages = len(re.findall(rb"/Type\s*/Page\b", data))
    width, height = (float(n) for n in re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", data).groups())  # type: ignore[union-attr]
    assert 3 <= pages <= 9 and (round(width), round(height)) in {(595, 842), (596, 842), (595, 841)}
