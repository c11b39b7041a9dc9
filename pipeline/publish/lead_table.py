"""The lines of a town's sheet as a table: which columns it has, and what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pipeline.publish.leads import COLUMNS, Line, town_of
from pipeline.publish.sheets import Col

# What was written in place of a town of the county.
_TOWN = Col("镇街（原文）", 9)
_OWNER = Col("主办镇街", 9)
# The sheets of gaps name the fields or documents to mend.
_FIELDS = Col("缺漏项目", 11)
_WIDE_BASIS = 24
_MONEY = "涉及金额（元）"
# One town answers for a finding. A lead that is held back has no number to answer under: the answer is given where the
# two records stand.
_NOT_SHARED = ("镇核实结果", "核实说明", "核实人/日期")
_NOT_HELD = ("疑点编号", "首次发现", "状态", *_NOT_SHARED)

_OF_LINE: dict[Col, Callable[[Line], str]] = {
    _TOWN: lambda line: line.town,
    _OWNER: lambda line: town_of(line.town),
    _FIELDS: lambda line: line.fields,
}
_AT_MONEY = next(i for i, c in enumerate(COLUMNS[1:]) if c.heading == _MONEY)


def columns(found: Sequence[Line], *, with_town: bool, held: bool = False, shared: bool = False) -> tuple[Col, ...]:
    """The columns of a sheet of these lines: money and fields only where there are any, what was written for a town on
    request. `held`: leads that are no findings yet; `shared`: another town's, which answers for them.
    """
    without = _NOT_HELD if held else _NOT_SHARED if shared else ()
    left_out = {*without, *([] if any(line.cells[_AT_MONEY] for line in found) else [_MONEY])}
    shown = [c for c in COLUMNS if c.heading not in left_out]
    if any(line.fields for line in found):
        # several clauses stand in one cell: a narrow one would make the tallest of the row
        shown = [replace(c, width=_WIDE_BASIS) if c.heading == "依据" else c for c in shown]
        shown.insert([c.heading for c in shown].index("疑点类型") + 1, _FIELDS)
    if with_town:
        shown.insert(1 if held else 2, _OWNER if shared else _TOWN)
    return tuple(shown)


def table(found: Sequence[Line], shown: Sequence[Col]) -> list[tuple[Any, ...]]:
    """The lines as numbered rows of the columns `shown`, reply columns left out."""
    at = {c.heading: i for i, c in enumerate(COLUMNS[1:]) if c.kind != "reply"}
    picked = [c for c in shown[1:] if c in _OF_LINE or c.heading in at]
    return [
        (i, *(_OF_LINE[c](line) if c in _OF_LINE else line.cells[at[c.heading]] for c in picked))
        for i, line in enumerate(found, 1)
    ]
