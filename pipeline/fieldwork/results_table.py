"""What the visits concluded, as the table that `audit draw estimate` reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from pipeline.draw.results import ADJUSTED, KEPT, STOPPED, UNVERIFIED
from pipeline.draw.words import DRAWS
from pipeline.fieldwork.cases import Case


def results_rows(cases: Sequence[Case], drawn: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """(unit, conclusion, draw in Chinese) a line for `audit draw estimate`; `drawn`: (draw, care class, unit).

    A care draw asks about the care level alone: it is wrong where the ability found is another than that drawn.
    Units without a conclusion are left out: the estimate counts them as not visited.
    """
    by_unit = {c.stop.unit: c for c in cases}
    rows = []
    for draw, care, unit in drawn:
        case = by_unit.get(unit)
        if case is None or case.visit is None or case.conclusion is None:
            continue
        conclusion = _of_care(case, care) if draw == "care" else case.conclusion
        rows.append((unit, conclusion, DRAWS[draw][0]))
    return rows


def _of_care(case: Case, care: str) -> str:
    """The conclusion about a care level."""
    assert case.visit is not None and case.conclusion is not None
    found = case.visit.said("self_care")
    if case.conclusion in (STOPPED, UNVERIFIED) or not found:
        return case.conclusion if case.conclusion in (STOPPED, UNVERIFIED) else UNVERIFIED
    return KEPT if found == care else ADJUSTED


def results_csv(rows: Sequence[tuple[str, str, str]]) -> bytes:
    """The table for `audit draw estimate`, with the mark by which spreadsheets know UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("单元编号", "核查结论", "抽查类别"))
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")
