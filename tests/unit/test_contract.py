"""The contract's declaration: complete, unambiguous, and the same as its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.contract import CODES, DATASETS, ROSTERS, SECTORS, TOWNS, heading_key, heading_map
from pipeline.contract.docs import page


def test_the_datasets_are_all_there() -> None:
    kinds = [d.kind for d in DATASETS.values()]
    assert (kinds.count("roster"), kinds.count("bureau"), kinds.count("sector")) == (5, 4, 19)
    assert len(TOWNS) == 19 and len(ROSTERS) == 5 and "death" in SECTORS


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda d: d.id)
def test_a_heading_means_one_column(dataset) -> None:  # type: ignore[no-untyped-def]
    own = {heading_key(text): c.id for c in dataset.columns for text in (c.zh, c.id)}
    assert len(own) == 2 * len(dataset.columns)
    seen: dict[str, str] = {}
    for column in dataset.columns:
        for text in column.also:
            key = heading_key(text)
            assert own.get(key, column.id) == column.id, (column.id, text)
            assert seen.setdefault(key, column.id) == column.id, (column.id, text)
    assert set(heading_map(dataset.id).values()) == {c.id for c in dataset.columns}


def test_code_lists_exist_and_a_spelling_means_one_value() -> None:
    for dataset in DATASETS.values():
        for column in dataset.columns:
            assert column.codes is None or column.codes in CODES, (dataset.id, column.id)
    for name, values in CODES.items():
        spellings = [s for code, also in values.items() for s in (code.lower(), *also)]
        assert len(spellings) == len(set(spellings)), name


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("身份\n证号（必填）", "身份证号"),
        (" 性　别 ", "性别"),
        ("注册资本(万元)", "注册资本"),
        ("ＩＤ＿Number*", "id_number"),
        ("（备注）", ""),
    ],
)
def test_a_heading_is_compared_without_blanks_and_remarks(text: str, key: str) -> None:
    assert heading_key(text) == key


def test_the_page_of_datasets_is_up_to_date() -> None:
    kept = Path(__file__).parents[2] / "docs" / "datasets.md"
    assert kept.read_text(encoding="utf-8") == page(), "run: python -m pipeline.contract.docs > docs/datasets.md"
