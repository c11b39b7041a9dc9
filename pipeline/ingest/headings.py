"""Finding the header row: the row, or the merged pair of rows, whose cells are the most recognised headings.

Cells come as lists of text; nothing here reads a file. Rows are counted from 1.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal

from pipeline.contract import Column, heading_key, heading_map
from pipeline.errors import BadInput
from pipeline.ingest.model import Layout, Source

SEARCH_ROWS = 30  # a header lies within these first rows
_MOST_SHOWN = 60  # cells of a row that a message looks at
MIN_HEADINGS = 2  # fewer recognised headings are chance

_UNITS = {"元": Decimal(1), "千元": Decimal(1000), "万元": Decimal(10000), "亿元": Decimal(100_000_000)}
_REMARK = re.compile(r"[(\[{【〔〈《]([^)\]}】〕〉》]*)[)\]}】〕〉》]")

Row = Sequence[str | None]


def find_layout(rows: Sequence[Row], source: Source, *, numbers: Sequence[int] | None = None) -> Layout | None:
    """The layout of a table from its first rows, None when no row has recognised headings.

    `numbers` are the rows' own numbers (text records span lines); by default 1, 2, …
    """
    numbers = numbers or range(1, len(rows) + 1)
    known = _known(source)
    best: tuple[int, int, int] | None = None  # headings, -rows used, -index
    for index in range(min(len(rows), SEARCH_ROWS)):
        if source.header_row is not None and numbers[index] != source.header_row:
            continue
        single = _score(rows[index], known)
        candidates = [(single, -1, -index)]
        if index + 1 < len(rows):
            below = _score(rows[index + 1], known)
            merged = _score(_merge(rows[index], rows[index + 1], known), known)
            if merged > max(single, below) and below:
                candidates.append((merged, -2, -index))
        best = max(candidates if best is None else [best, *candidates])
    least = 1 if source.header_row is not None else MIN_HEADINGS
    if best is None or best[0] < least:
        return None
    used, index = -best[1], -best[2]
    texts = rows[index] if used == 1 else _merge(rows[index], rows[index + 1], known)
    return _layout(
        [cell or "" for cell in texts],
        source,
        known,
        last=numbers[index + used - 1],
        header_rows=tuple(tuple((c or "").strip() for c in rows[i]) for i in range(index, index + used)),
        titles=frozenset(t for i in range(index) if (t := _lone(rows[i]))),
    )


def named_layout(headings: Sequence[str], source: Source) -> Layout:
    """The layout of a table whose columns bear names of their own (Parquet, databases): no header row."""
    return _layout(list(headings), source, _known(source), last=0)


def missing_columns(layout: Layout, source: Source) -> list[Column]:
    """Required columns that neither a heading nor a constant supplies."""
    return [
        source.dataset.by_id[c]
        for c in source.dataset.required
        if c not in layout.positions and c not in source.constants
    ]


def is_data_sheet(layout: Layout, source: Source) -> bool:
    """Whether a sheet looks like the dataset's rows, not a summary: something in it says who or which household."""
    identity = {"name", "id_number", "household_no", "grant_no"}
    return any(c in layout.positions for c in source.dataset.required if c in identity)


def check_required(layout: Layout | None, source: Source, sheet: str | None, rows: Sequence[Row] = ()) -> Layout:
    """The layout, when every required column is there; else BadInput with headings found and nearest candidates."""
    if layout is not None:
        absent = missing_columns(layout, source)
        if not absent:
            return layout
        found = [h for h in layout.headings if h.strip()][:_MOST_SHOWN]
        used = set(layout.positions.values())
        free = [h for i, h in enumerate(layout.headings) if h.strip() and i not in used][:_MOST_SHOWN]
    else:
        absent = [source.dataset.by_id[c] for c in source.dataset.required if c not in source.constants]
        widest = max(rows[:SEARCH_ROWS], key=lambda r: sum(bool(c and c.strip()) for c in r), default=())
        found = free = _like_headings(widest, source)
    what = "required columns are absent: " if layout else "no header row was recognised; these columns are required: "
    near = _nearest(absent, free)
    raise BadInput(
        f"{what}{', '.join(f'{c.zh} ({c.id})' for c in absent)}; "
        f"headings found: {', '.join(_tidy(h) for h in found) or 'none'}",
        file=source.name,
        sheet=sheet,
        row=layout.last or None if layout else None,
        remedy=f"{near}add the column, or name it with renames (or header_row) in audit.toml",
    )


def _like_headings(row: Row, source: Source) -> list[str]:
    """The cells of a row that resemble a heading of the dataset: a message must not show people's names and numbers."""
    words = {heading_key(w) for c in source.dataset.columns for w in (c.zh, c.id, *c.also)}
    cells = [c.strip()[:20] for c in row[:_MOST_SHOWN] if c and c.strip()]
    return [
        cell for cell in cells
        if not re.search(r"\d{4,}", unicodedata.normalize("NFKC", cell))
        and difflib.get_close_matches(heading_key(cell), words, n=1, cutoff=0.5)
    ]  # fmt: skip


def _nearest(absent: list[Column], free: list[str]) -> str:
    hints = []
    keys = {heading_key(h): h for h in free if heading_key(h)}
    for column in absent:
        words = {heading_key(w) for w in (column.zh, column.id, *column.also)}
        near = [k for k in keys if any(difflib.SequenceMatcher(None, k, w).ratio() >= 0.5 for w in words)]
        if near:
            hints.append(f"{column.zh} may be {' or '.join(_tidy(keys[k]) for k in near[:3])}")
    return f"nearest: {'; '.join(hints)} — " if hints else ""


def _known(source: Source) -> dict[str, str]:
    renamed = {heading_key(heading): column for heading, column in source.renames.items()}
    return {**heading_map(source.dataset_id), **renamed}


def _score(row: Row, known: Mapping[str, str]) -> int:
    return len({known[key] for cell in row if cell and (key := heading_key(cell)) in known})


def _merge(upper: Row, lower: Row, known: Mapping[str, str]) -> list[str | None]:
    """Two header rows as one: under a group heading, or under nothing, the lower row's cell counts."""
    width = max(len(upper), len(lower))
    top = [*upper, *[None] * (width - len(upper))]
    low = [*lower, *[None] * (width - len(lower))]
    out: list[str | None] = []
    for above, below in zip(top, low, strict=True):
        if not (below and below.strip()):
            out.append(above)
        elif not (above and above.strip()) or heading_key(below) in known or heading_key(above) not in known:
            out.append(below)
        else:
            out.append(above)
    return out


def _layout(
    texts: list[str],
    source: Source,
    known: Mapping[str, str],
    *,
    last: int,
    header_rows: tuple[tuple[str, ...], ...] = (),
    titles: frozenset[str] = frozenset(),
) -> Layout:
    positions: dict[str, int] = {}
    told: list[str] = []
    strange: list[str] = []
    for position, text in enumerate(texts):
        key = heading_key(text)
        if not key:
            continue
        column_id = known.get(key)
        if column_id is None:
            strange.append(_tidy(text))
        elif column_id not in positions:
            positions[column_id] = position
        else:
            column = source.dataset.by_id[column_id]
            exact = (heading_key(column.zh), heading_key(column.id))
            old = positions[column_id]
            if key in exact and heading_key(texts[old]) not in exact:
                positions[column_id] = position
            lost = old if positions[column_id] == position else position
            told.append(
                f"表头“{_tidy(texts[old])}”和“{_tidy(text)}”都是{column.zh}（{column.id}），"
                f"第 {lost + 1} 列“{_tidy(texts[lost])}”未读取"
            )
    if strange:
        told.append(f"不认识的表头，未读取：{'、'.join(strange)}")
    unused = [h for h in source.renames if heading_key(h) not in {heading_key(t) for t in texts}]
    if unused:
        told.append(f"audit.toml 的 renames 所列表头不存在：{'、'.join(unused)}")
    scales: dict[str, Decimal] = {}
    for column_id, position in positions.items():
        column = source.dataset.by_id[column_id]
        factor = _scale(texts[position], column)
        if factor is not None and factor != 1:
            scales[column_id] = factor
            told.append(f"表头“{_tidy(texts[position])}”的单位不是{column.unit}，已换算")
    return Layout(
        last=last,
        positions=positions,
        headings=tuple(text.strip() for text in texts),
        header_rows=header_rows,
        titles=titles,
        scales=scales,
        told=tuple(told),
    )


def _scale(heading: str, column: Column) -> Decimal | None:
    """The factor from the unit in a heading's brackets to the column's own; None when neither speaks of money."""
    if column.unit not in _UNITS:
        return None
    for remark in _REMARK.findall(unicodedata.normalize("NFKC", heading)):
        unit = re.sub(r"\s|单位|:|/.*", "", remark)
        if unit in _UNITS:
            return _UNITS[unit] / _UNITS[column.unit]
    return None


def _lone(row: Row) -> str:
    cells = [c.strip() for c in row if c and c.strip()]
    return cells[0] if len(cells) == 1 else ""


def _tidy(heading: str) -> str:
    return re.sub(r"\s+", " ", heading).strip()[:30]
