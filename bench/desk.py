"""`python -m bench.desk [pairs] [keys]`: how soon the review desk answers a key, as the browser sees it.

A made run with so many pairs queued (default 50,000) is laid on the desk; Chromium, driven by Playwright, presses every
key of the page in turn. A key's time runs, in the browser, from the key to the frame after the new item stands there:
request, ruling on the disk, page, swap, layout. Needs Chromium and PYTHONPATH=.:tests.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from support.desk import write_run
from support.deskserver import start_desk

_KEYS = ("1", "2", "3", "ArrowRight", "ArrowLeft", "u")
# Set before the page's own scripts: the time from a key to the second frame after the swap that answers it.
_WATCH = """
window.answered = [];
let pressed = 0;
addEventListener("keydown", () => { pressed = performance.now(); }, true);
addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "desk") return;
  requestAnimationFrame(() => requestAnimationFrame(() => window.answered.push(performance.now() - pressed)));
});
"""


def main() -> None:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("no Chromium on this machine")
    with tempfile.TemporaryDirectory() as scratch:
        run = write_run(Path(scratch) / "out", pairs=pairs, findings=200, rejects=200)
        begun = time.perf_counter()
        server = start_desk(run, "--reviewer", "bench", log=Path(scratch) / "log.txt")
        print(f"{pairs:,} pairs laid on the desk in {time.perf_counter() - begun:.1f} s")
        try:
            with sync_playwright() as p:
                browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                page = browser.new_page(viewport={"width": 1366, "height": 768})
                page.add_init_script(_WATCH)
                page.goto(server.address)
                before = _processor(server.process.pid)
                keys = _measure(page, rounds)
                used = (_processor(server.process.pid) - before) / keys
                print(f"the desk's processor time: {used:.1f} ms a key, the next item and the ledger included")
                browser.close()
            print(f"the desk's peak memory: {_peak(server.process.pid):.0f} MiB")
        finally:
            server.stop()


def _measure(page: Page, rounds: int) -> int:
    """Press every key so often, and tell the times; how many keys were pressed."""
    told: dict[str, list[float]] = {key: [] for key in _KEYS}
    for n in range(rounds + 1):
        for key in _KEYS:
            page.keyboard.press(key)
            page.wait_for_selector("body:not(:has(.htmx-request:not(#state)))")
            page.wait_for_timeout(120)
            ms = page.evaluate("window.answered.splice(0)")
            if n:  # the first round warms up
                told[key] += ms
    everything = sorted(ms for times in told.values() for ms in times)
    for key, times in told.items():
        print(f"  {key:10s} median {statistics.median(times):5.1f} ms, slowest {max(times):5.1f} ms of {len(times)}")
    at, slowest = everything[int(len(everything) * 0.95)], everything[-1]
    print(f"all keys: median {statistics.median(everything):.1f} ms, 95 % within {at:.1f} ms, slowest {slowest:.1f} ms")
    return (rounds + 1) * len(_KEYS)


def _processor(pid: int) -> float:
    """Milliseconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") * 1000


def _peak(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main()
