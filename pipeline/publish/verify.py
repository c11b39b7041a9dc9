"""How a town finds out whether a lead holds: beside the cell of the answer, and on a sheet of its own to print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pipeline.publish.leads import Line
from pipeline.publish.sheets import Col, Sheet
from pipeline.publish.words import numbered

NAME = "怎样核实"
ABOUT = "本册各类疑点看什么、问什么、要什么凭据；选中“镇核实结果”一格时也会显示"
_COLUMNS = (
    Col("序号", 6, "centre"),
    Col("工作表", 24),
    Col("疑点类型", 26),
    Col("本册行数", 9, "count"),
    Col(NAME, 110),
)
_LONGEST = 255  # characters, the most that a spreadsheet shows beside a cell
_MORE = f"……其余见“{NAME}”表"


def hints(lines: Sequence[Line], verify: Mapping[str, str]) -> list[str]:
    """What is shown beside the answer of each line; '' where its rules say nothing."""
    return [short(numbered(texts)) if texts else "" for texts in (_texts(line, verify) for line in lines)]


def _texts(line: Line, verify: Mapping[str, str]) -> list[str]:
    return [verify[rule] for rule in line.rules if rule in verify]


def short(text: str) -> str:
    """The text, cut to what a spreadsheet shows beside a cell."""
    if len(text) <= _LONGEST:
        return text
    whole = text[: _LONGEST - len(_MORE)].rpartition("\n")[0]
    return whole + _MORE


def sheet(
    head: str, found: Mapping[str, Sequence[Line]], verify: Mapping[str, str], titles: Mapping[str, str]
) -> Sheet | None:
    """A row a sheet and kind of lead of a workbook; None where nothing is said. `found`: sheet → its lines."""
    rows = []
    for name, lines in found.items():
        counts = Counter(rule for line in lines for rule in line.rules if rule in verify)
        rows += [(name, titles.get(rule, rule), counts[rule], verify[rule]) for rule in verify if rule in counts]
    if not rows:
        return None
    numbered_rows = [(i, *row) for i, row in enumerate(rows, 1)]
    remark = "核实到的情况写入“核实说明”。数据缺项、档案缺件照其说明补正；待人工比对看该表的同名一列。"
    return Sheet(NAME, f"{head}　{NAME}", _COLUMNS, numbered_rows, remark)
