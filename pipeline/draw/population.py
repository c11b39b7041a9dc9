"""A drop's rosters → the units that may be drawn. Files are read as the audit reads them; nothing is linked."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from stdnum.cn import ric

from pipeline.contract import SCHEMES
from pipeline.draw.words import CARE_FIGURES, NO_CARE, NO_NUMBER, NO_START, REJECTED, UNASSESSED, unit_id
from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import read_folder
from pipeline.errors import BadInput
from pipeline.ingest import IngestReport, ingest
from pipeline.private import private
from pipeline.record_words import UNKNOWN_TOWN

NEW, ALL = "new", "all"

_SCHEMA = {
    "draw": pl.String, "town": pl.String, "care": pl.String, "unit": pl.String, "scheme": pl.String,
    "household_no": pl.String, "record_id": pl.String,
}  # fmt: skip
_DAY = "(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_LONG_NUMBER = re.compile(rf"[0-9]{{6}}(?:18|19|20)[0-9]{{2}}{_DAY}[0-9]{{3}}[0-9Xx]")
_OLD_NUMBER = re.compile(rf"[0-9]{{8}}{_DAY}[0-9]{{3}}")
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Population:
    """`units`: draw, town, care, unit, scheme, household_no, record_id (of the head's or the person's row), a row a
    unit and draw. `left_out`: (roster, reason, how many) of what could not become a unit. `absent`: rosters that are
    not in the drop.
    """

    units: pl.DataFrame
    left_out: tuple[tuple[str, str, int], ...]
    absent: tuple[str, ...]


def units_of(
    drop: Path, month: str, dibao: str = NEW, *, progress: Callable[[str, int, int], None] | None = None
) -> Population:
    """The units of a drop's active rosters in `month`; `dibao` = 'new' takes the households that came in that year.

    BadInput when the drop cannot be read, or holds none of the four rosters.
    """
    with opened_drop(drop, progress=progress) as (engine, report):
        return population_of(engine, report, month, dibao)


@contextmanager
def opened_drop(
    drop: Path, *, progress: Callable[[str, int, int], None] | None = None
) -> Iterator[tuple[DuckEngine, IngestReport]]:
    """A drop's tables in an engine of their own, and the account of its files. BadInput when none of it is a roster."""
    if not drop.is_dir():
        raise BadInput(
            "the drop is not a folder", file=drop.name, remedy="give the folder that holds the month's files"
        )
    with private(), tempfile.TemporaryDirectory(prefix="draw-") as scratch:
        engine = DuckEngine(scratch=Path(scratch) / "spill")
        try:
            report = ingest(drop, engine, scratch=Path(scratch), progress=progress, rosters_only=True)
            if not any(s in report.present for s in SCHEMES):
                raise BadInput(
                    "the drop holds no roster to draw from", file=drop.name, remedy=f"one of: {', '.join(SCHEMES)}"
                )
            yield engine, report
        finally:
            engine.close()


def population_of(engine: DuckEngine, report: IngestReport, month: str, dibao: str = NEW) -> Population:
    """The units of an opened drop; leaves the tables `active_row`, `active_household`, `supported_person`."""
    present = [s for s in SCHEMES if s in report.present]
    rejected = {s: sum(i.rows_rejected for i in report.inputs if i.dataset == s) for s in present}
    return _population(engine, month, dibao, rejected)


def _population(engine: DuckEngine, month: str, dibao: str, rejected: dict[str, int]) -> Population:
    for statement in read_folder("draw"):
        engine.run(statement.sql, {"month": month}, into=statement.name)
    numberless = engine.rows("SELECT scheme, count(*) FROM active_row WHERE household_no IS NULL GROUP BY scheme")
    lost = {(str(s), NO_NUMBER): int(n) for s, n in numberless.iter_rows()}
    lost |= {(s, REJECTED): n for s, n in rejected.items()}
    year = month[:4]
    rows: list[tuple[str, str, str, str, str, str, str]] = []
    found = engine.rows("SELECT scheme, household_no, record_id, town, started FROM active_household")
    for scheme, number, record, town, started in found.iter_rows():
        draw = scheme
        if scheme == "dibao" and dibao == NEW:
            draw = "new_dibao"
            if started is None:
                lost[scheme, NO_START] = lost.get((scheme, NO_START), 0) + 1
            if started is None or started[:4] != year:
                continue
        rows.append((draw, town or UNKNOWN_TOWN, NO_CARE, unit_id(scheme, number), scheme, number, record))
    found = engine.rows("SELECT household_no, record_id, town, care, sharing, place FROM supported_person")
    for number, record, town, care, sharing, place in found.iter_rows():
        unit = unit_id("tekun", number, place if sharing > 1 else None)
        care = care if care in CARE_FIGURES else UNASSESSED
        for draw, of in (("tekun", NO_CARE), ("care", care)):
            rows.append((draw, town or UNKNOWN_TOWN, of, unit, "tekun", number, record))
    units = pl.DataFrame(rows, schema=_SCHEMA, orient="row").sort("draw", "town", "care", "unit")
    left_out = tuple((s, reason, n) for (s, reason), n in sorted(lost.items()) if n)
    return Population(units, left_out, tuple(s for s in SCHEMES if s not in rejected))


def unfit(units: pl.DataFrame) -> int:
    """How many household numbers, or towns, hold a character that no line of text can hold."""
    return sum(bool(_UNFIT.search(value)) for row in units.select("unit", "town").iter_rows() for value in row)


def like_id_numbers(units: pl.DataFrame) -> int:
    """How many household numbers hold an ID number: 18 characters with the right check, or 15 with a birth date."""
    numbers = units["household_no"].unique().to_list()
    # only the check character is python-stdnum's: its list of areas lacks some that there are
    return sum(
        any(ric.calc_check_digit(part) == part[17].upper() for part in _LONG_NUMBER.findall(n))
        or bool(_OLD_NUMBER.fullmatch(n))
        for n in numbers
    )
