"""The page's charts are the same, whoever draws them."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from pipeline.processes import beside
from pipeline.publish.drawings import Drawings
from pipeline.publish.figures import Row

TOWNS = ["乐城", "长来"]
BASIS = "《广东省最低生活保障办法》"
ROWS = [Row("vehicle_owned", "名下有机动车", "ineligible", "high", BASIS, {"乐城": 3, "长来": 5}, {"new": 8}, None)]
WANTED = {"by_town": (ROWS, TOWNS), "history": (["2022-09", "2022-10"], {("new", "2022-09"): 2, ("new", "2022-10"): 8})}
# Whether a process that has its charts drawn by another loads the library that draws them.
_LOADED = """
import sys, time
from pipeline.processes import beside
from pipeline.publish.drawings import Drawings
from pipeline.publish.page import Page
if __name__ == "__main__":
    with beside(apart=True, first=int) as worker:
        drawings = Drawings({"history": (["2022-10"], {})}, worker)
        time.sleep(1)  # or it would not wait for one that has not begun
        assert "<svg " in drawings.take()["history"]
    print(sorted({"altair", "vl_convert"} & set(sys.modules)))
"""


def _nothing() -> None:
    """What the worker is first given."""


def _wait() -> None:
    time.sleep(3)


@pytest.mark.parametrize("apart", [True, False], ids=["a process", "a thread"])
def test_a_worker_draws_what_would_be_drawn_here(apart: bool) -> None:
    here = Drawings(WANTED).take()
    assert set(here) == {"by_town", "history"} and all("<svg " in chart for chart in here.values())
    with beside(apart=apart, first=_nothing) as worker:
        drawings = Drawings(WANTED, worker)
        time.sleep(1)
        assert drawings.take() == here


def test_nobody_waits_for_a_worker_that_has_not_begun() -> None:
    with beside(apart=True, first=_nothing) as worker:
        waiting = [worker.submit(_wait) for _ in range(3)]
        drawings = Drawings(WANTED, worker)
        assert "by_town" in drawings.take() and not waiting[-1].done()


def test_the_process_that_writes_the_page_does_not_load_the_library() -> None:
    said = subprocess.run([sys.executable, "-c", _LOADED], check=True, capture_output=True, text=True).stdout
    assert said.strip() == "[]"
