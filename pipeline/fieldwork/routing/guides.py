"""The towns' guides (向导): who leads a route, from a table of town, name, phone and, if there are several, village."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.errors import BadInput
from pipeline.fieldwork.plan import Guide, Stop
from pipeline.fieldwork.routing.staff import headed_table
from pipeline.ingest.words import read_name, read_town
from pipeline.linkage.tables.read import ROW

HEADINGS: dict[str, tuple[str, ...]] = {
    "town": ("镇街", "乡镇", "单位"),
    "name": ("向导", "姓名"),
    "phone": ("电话", "联系电话", "向导电话", "手机"),
    "village": ("村居", "村", "村社区"),
}


def read_guides(path: Path, towns: Iterable[str]) -> tuple[Guide, ...]:
    """Read the guides. BadInput, with the row, for one without a name, or of a town that is in no group."""
    known = set(towns)
    frame, at = headed_table(path, HEADINGS, ("town", "name"), "give a table with 镇街, 向导 and 电话")
    found: list[Guide] = []
    for row in frame.iter_rows(named=True):
        cell = {role: str(row[column] or "").strip() for role, column in at.items()}
        town, name = read_town(cell["town"])[0] or "", read_name(cell["name"])[0]
        if town not in known:
            raise BadInput("a town that stands in no group", file=path.name, row=row[ROW], column=at["town"],
                           remedy="write the town as the groups do")  # fmt: skip
        if not name:
            raise BadInput("a guide without a name", file=path.name, row=row[ROW], column=at["name"],
                           remedy="fill in the name, or delete the row")  # fmt: skip
        found.append(Guide(town, cell.get("village", ""), name, cell.get("phone", "").removesuffix(".0")))
    return tuple(found)


def guides_of(route: Sequence[Stop], guides: Sequence[Guide]) -> list[Guide]:
    """Who leads a route: the guides of its villages; of its town where there are none; often nobody is known."""
    own = [g for g in guides if g.town == route[0].town]
    villages = {s.village for s in route if s.village}
    return [g for g in own if g.village in villages] or [g for g in own if not g.village]
