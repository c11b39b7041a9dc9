"""Counts by village: nobody is picked out, neither by a small count nor by what the others leave."""

from __future__ import annotations

from itertools import product

import pytest

from pipeline.publish.pages.villages import FEW, HIDDEN, LEAST, shown


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({}, []),
        ({"甲": 9, "乙": 7}, [("甲", "9"), ("乙", "7")]),
        # one alone would be the total less the rest: the next larger one is hidden with it
        ({"甲": 9, "乙": 7, "丙": 2}, [("甲", "9"), ("丙", HIDDEN), ("乙", HIDDEN)]),
        ({"甲": 9, "乙": 3, "丙": 2}, [("甲", "9"), ("丙", FEW), ("乙", FEW)]),
        # two that sum up to two can only be ones
        ({"甲": 9, "乙": 8, "丙": 1, "丁": 1}, [("甲", "9"), ("丙", HIDDEN), ("丁", HIDDEN), ("乙", HIDDEN)]),
        ({"甲": 3, "乙": 2}, []),
        ({"甲": 1234, "乙": 5}, [("甲", "1,234"), ("乙", "5")]),
    ],
)
def test_what_is_told(counts: dict[str, int], told: list[tuple[str, str]]) -> None:
    assert sorted(shown(counts)) == sorted(told)
    numbers = [n for _, n in shown(counts)]
    assert all(n in (FEW, HIDDEN) or int(n.replace(",", "")) >= LEAST for n in numbers)


def test_no_hidden_count_can_be_worked_out_from_the_total() -> None:
    """Of every small town of three villages: whatever is hidden could be at least two different sets of counts."""
    for counts in product(range(1, 8), repeat=3):
        town = dict(zip("甲乙丙", counts, strict=True))
        told = dict(shown(town))
        hidden = [v for v, n in told.items() if n in (FEW, HIDDEN)]
        if not hidden:
            continue
        rest = sum(town[v] for v in hidden)
        most = LEAST if told[hidden[0]] == FEW else rest + 1
        fitting = [some for some in product(range(1, most), repeat=len(hidden)) if sum(some) == rest]
        assert len(fitting) > 1, (town, told)
