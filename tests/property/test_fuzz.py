"""Readers, normalisers and settings on what nobody would write: never an unforeseen error, never a wrong row count.

A small budget here; `python -m bench.fuzz` gives the same judges 20,000 files and 500 workbooks.
"""

from __future__ import annotations

import random
import zlib

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.fuzz import CASES, judge_book, judge_cells, judge_file, judge_policy, judge_settings

FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)  # a case is quick to find again and slow to shrink

_TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
_CELL = st.one_of(
    _TEXT, st.from_regex(r"[0-9０-９Xx*. ]{0,20}"), st.from_regex(r"[0-9]{4}[年/.-][0-9]{1,2}([月/.-][0-9]{0,2}日?)?")
)


@FEW
@given(st.binary(max_size=300))
def test_any_bytes_as_a_text_file(content: bytes) -> None:
    judge_file(content, "死亡.csv")


@FEW
@given(st.lists(st.lists(_CELL, min_size=1, max_size=6), max_size=8), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_any_rows_under_a_heading(rows: list[list[str]], encoding: str) -> None:
    text = "姓名,身份证号,死亡日期\n" + "\n".join(",".join(row) for row in rows)
    judge_file(text.encode(encoding), "死亡.csv")


@FEW
@given(st.lists(_CELL, min_size=1, max_size=8))
def test_any_cells(texts: list[str]) -> None:
    judge_cells(texts)


@FEW
@given(st.binary(max_size=200))
def test_any_bytes_as_settings(content: bytes) -> None:
    judge_settings(content)
    judge_policy(content)


@pytest.mark.parametrize("kind", CASES)
def test_good_ones_gone_wrong(kind: str) -> None:
    ends = {CASES[kind][1](random.Random(zlib.crc32(f"{kind} {n}".encode()))) for n in range(15)}
    assert ends <= {"read", "refused"}


def test_workbooks_gone_wrong() -> None:
    assert {judge_book(random.Random(n)) for n in range(25)} == {"read", "refused"}
