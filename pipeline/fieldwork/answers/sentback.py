"""Rows that go back (退回-….xlsx): as they were sent in, the cells that were not taken in red, the reasons beside them.

Laid out like what was sent in, so that they are corrected there and sent in again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from pipeline.contract import COUNTY
from pipeline.fieldwork.answers.returned import LEADS, VISITS, ReturnedSheet
from pipeline.fieldwork.answers.visitrows import Bad
from pipeline.fieldwork.columns import ANSWERS
from pipeline.fieldwork.ledgers.ledgersheet import BAD_FILL, KNOWN, REASON, LedgerSheet, Line
from pipeline.publish import leads, review
from pipeline.publish.sheets import BODY_FONT, RULE_LINE, Col, Formats, Sheet, lay
from pipeline.publish.words import month_zh
from pipeline.publish.workbook import in_memory

_REMARK = "退回{n}行：标红的格子没有收，原因见“退回原因”一栏；改正后交回本表即可，其他行已收，不用再交。"


@dataclass(frozen=True)
class Back:
    """The rows of a sheet that go back."""

    sheet: ReturnedSheet
    rows: Sequence[Bad]


def workbook(backs: Sequence[Back], month: str) -> bytes:
    """One workbook for what goes back of one file; `month` YYYY-MM, as its title says it."""
    with in_memory("退回", month) as (book, content):
        formats = Formats(book)
        red = book.add_format({"bg_color": BAD_FILL, "border": 1, "border_color": RULE_LINE, "text_wrap": True,
                               "valign": "vcenter", "font_name": BODY_FONT, "font_size": 10.5})  # fmt: skip
        ledgers = [b for b in backs if b.sheet.kind == VISITS]
        if ledgers:
            lines = [_line(bad) for back in ledgers for bad in back.rows]
            title = f"{COUNTY['county']}　{month_zh(month)}　入户核查台账　退回"
            LedgerSheet(book, formats, month).lay(
                title, lines, "退回", remark=_REMARK.format(n=len(lines)), sent_back=True
            )
        for back in backs:
            if back.sheet.kind != VISITS:
                _replies(book, formats, back, month, red)
    return content.getvalue()


def _line(bad: Bad) -> Line:
    cells = bad.row.cells
    known = [_known(cells.get(heading)) for heading, _ in KNOWN]
    answers = {a.id: cells.get(a.zh) for a in ANSWERS}
    marked = {next((a.id for a in ANSWERS if a.zh == heading), heading): why for heading, why in bad.cells.items()}
    return Line(known, answers, bad.stop is None or "care" in bad.stop.draws, marked, bad.told())


def _known(value: Any) -> Any:
    return value if value is None or (isinstance(value, int) and not isinstance(value, bool)) else str(value)


def _replies(
    book: xlsxwriter.Workbook, formats: Formats, back: Back, month: str, red: xlsxwriter.format.Format
) -> None:
    ours = leads.COLUMNS if back.sheet.kind == LEADS else review.COLUMNS
    by_heading = {c.heading: c for c in ours}
    lacking = [c for c in ours if c.kind == "reply" and c.heading not in back.sheet.letters]
    columns = [by_heading.get(h, Col(h, 12)) for h in back.sheet.letters if h != REASON] + lacking
    rows = [(*(_cell(bad.row.cells.get(c.heading)) for c in columns), bad.told()) for bad in back.rows]
    title = f"{COUNTY['county']}　{month_zh(month)}　{back.sheet.sheet}　退回"
    sheet = Sheet(
        back.sheet.sheet, title, (*columns, Col(REASON, 30)), rows, _REMARK.format(n=len(rows)), row_height=30
    )
    page = lay(book, formats, sheet, "退回")
    at = {c.heading: i for i, c in enumerate(columns)}
    for r, (bad, cells) in enumerate(zip(back.rows, rows, strict=True), 3):
        for heading in bad.cells:
            page.write_string(r, at[heading], str(cells[at[heading]] or ""), red)


def _cell(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value
