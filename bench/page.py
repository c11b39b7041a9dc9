"""`python -m bench.page OUT/2022-10 --rounds 5`: how long the page takes to open in Chromium, and what it weighs.

Every round is a fresh browser context without a cache, offline, at 1366×768. Seconds are the browser's own: from the
start of the navigation to the first paint of contents, and to the end of the load event.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

_PAINTED = "performance.getEntriesByName('first-contentful-paint').length > 0"
_TIMES = """() => {
  const load = performance.getEntriesByType('navigation')[0].loadEventEnd;
  return [performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? load, load];
}"""


def opened(browser: Browser, path: Path) -> tuple[float, float]:
    """Seconds to the first paint of contents and to the end of the load event."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    page = context.new_page()
    page.goto(path.resolve().as_uri())
    while not page.evaluate(_PAINTED):  # the page's own policy lets nothing be polled from within
        page.wait_for_timeout(5)
    paint, load = page.evaluate(_TIMES)
    context.close()
    return paint / 1000, load / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a run's folder, OUT/<month>")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    lists = sorted((args.folder / "pages").rglob("*.html"), key=lambda p: -p.stat().st_size)
    total = sum(p.stat().st_size for p in lists) / 2**20
    print(f"{len(lists)} list pages, {total:.1f} MiB together")
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        for path in (args.folder / "index.html", *lists[:3]):
            rounds = [opened(browser, path) for _ in range(args.rounds)]
            paint, load = (statistics.median(r[i] for r in rounds) for i in (0, 1))
            size = path.stat().st_size / 2**20
            name = path.relative_to(args.folder).as_posix()
            worst = max(load for _, load in rounds)
            print(f"{name}: {size:.2f} MiB, first paint {paint:.2f} s, loaded {load:.2f} s (slowest {worst:.2f} s)")
        browser.close()


if __name__ == "__main__":
    main()
