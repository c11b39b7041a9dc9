"""What a row under the header is: data, or a blank, total, signature or repeated heading row to be skipped.

Cheap vectorised tests find the few suspects; only those are looked at one by one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

import polars as pl

from pipeline.ingest.model import Layout

# Either begins the first cell of a row that is no record. Unicode white space may stand between the two characters.
_TOTAL = r"(?:本页|本表|本月|全镇|全市|全县|全村|总共|各项)?\s*(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计)"
_TOTAL_ROW = rf"^{_TOTAL}\s*(?:$|[:：,，(（\d]|户|人|金额|数|总额|元)|^共\s*\d+\s*(?:户|人|条|笔)"
_SIGNATURE_ROW = (
    r"^[(（]?\s*(?:制\s*表|填\s*表|填\s*报|审\s*核|复\s*核|审\s*批|经\s*办|经\s*手|报\s*送|统\s*计|单\s*位\s*负\s*责|负\s*责|主\s*管|分\s*管|联\s*系)"
    r"\s*(?:人|领\s*导|单\s*位|日\s*期|时\s*间|部\s*门|负\s*责\s*人|电\s*话|员)?\s*(?:签\s*字|签\s*名|盖\s*章|[(（]\s*(?:签|盖))?[^:：]{0,6}[:：]"
    r"|^(?:日\s*期|时\s*间|制表日期|填表日期|打印日期|导出时间|数据来源|备\s*注|说\s*明|附\s*注|注)\s*[0-9]?\s*[:：]"
    r"|^[(（]\s*(?:公|盖)\s*章\s*[)）]|^(?:制表人|填表人|审核人|单位负责人|填报单位|填表日期|填报日期)\s*$"
)
_SUSPECT = f"{_TOTAL_ROW}|{_SIGNATURE_ROW}"
_ANY_SUSPECT = r"计|[:：]|人|章|期|位|^共"  # what every total or signature begins with holds one of these

_total = re.compile(_TOTAL_ROW)
# a total's count or sum may stand in the ID column; it has fewer digits than any ID number
_ID_LIKE = re.compile(r"[0-9*Xx]{8,}")


def mark_skipped(cells: pl.DataFrame, layout: Layout) -> tuple[pl.Series, pl.Series]:
    """(blank, skipped) masks over the rows of `cells` (stripped text, null where empty); blank rows are in both."""
    height = cells.height
    text = cells.select(pl.col(pl.String))
    if text.width < cells.width:
        blank = cells.select(pl.all_horizontal(pl.all().is_null())).to_series()
        if text.width == 0:
            return blank, blank
        first = text.select(pl.coalesce(pl.all())).to_series()
    else:
        first = text.select(pl.coalesce(pl.all())).to_series()
        blank = first.is_null()
    suspects = first.str.contains(_ANY_SUSPECT) & first.str.contains(_SUSPECT)
    openings = {cell for row in layout.header_rows for cell in row if cell}
    suspects |= first.is_in(list(openings | layout.titles)) if openings or layout.titles else False
    indices = suspects.fill_null(False).arg_true()
    if indices.is_empty():
        return blank, blank
    rows = cells[indices].select(pl.all().cast(pl.String)).rows()
    skipped = [i for i, row in zip(indices.to_list(), rows, strict=True) if _is_furniture(row, layout)]
    marks = pl.Series([False]).new_from_index(0, height).scatter(skipped, True) if skipped else blank
    return blank, blank | marks


def _is_furniture(row: Sequence[str | None], layout: Layout) -> bool:
    """Whether a suspect is a total, signature, title or heading row: it must not name a person beside."""
    filled = [(i, c) for i, c in enumerate(row) if c]
    if _repeats_header(filled, layout):
        return True
    if len(filled) == 1 and filled[0][1] in layout.titles:
        return True
    first = filled[0][1]
    if any(_has_id(row, layout.positions, column) for column in ("id_number", "payee_id_number")):
        return False
    if _total.search(unicodedata.normalize("NFKC", first)):
        return not _named_member(row, layout.positions, first)
    if not re.search(_SIGNATURE_ROW, first):
        return False
    return len(filled) <= max(4, len(row) // 2) and not _named_member(row, layout.positions, first)


def _repeats_header(filled: list[tuple[int, str]], layout: Layout) -> bool:
    for header in layout.header_rows:
        same = sum(1 for i, cell in filled if i < len(header) and header[i] == cell)
        if same >= 2 and same * 2 > len(filled):
            return True
    return False


def _has_id(row: Sequence[str | None], positions: Mapping[str, int], column: str) -> bool:
    position = positions.get(column)
    cell = row[position] if position is not None and position < len(row) else None
    return cell is not None and _ID_LIKE.search(unicodedata.normalize("NFKC", cell)) is not None


def _named_member(row: Sequence[str | None], positions: Mapping[str, int], first: str) -> bool:
    """A row with a name and a household number is a person's, whatever its first cell says."""
    name, household = positions.get("name"), positions.get("household_no", positions.get("grant_no"))
    if name is None or household is None or name >= len(row) or household >= len(row):
        return False
    return bool(row[name]) and bool(row[household]) and first not in (row[name], row[household])
