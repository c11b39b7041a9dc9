"""Worksheets read back."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet


def table(page: Worksheet) -> list[dict[str, object]]:
    """The rows under the heading row (the third), by heading."""
    rows = list(page.iter_rows(min_row=3, values_only=True))
    return [dict(zip(rows[0], r, strict=True)) for r in rows[1:]]
