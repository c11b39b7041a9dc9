"""The staff list: who may visit, from which town, on which days, and whose relatives they are.

Relatives are names or ID numbers, several in one cell parted by 、 or a line; 张三（440281…） gives both. A name bars
every household that has a member of that name: better one visit too few than one to a relative.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from stdnum.cn import ric

from pipeline.contract import heading_key
from pipeline.draw import files
from pipeline.errors import BadInput
from pipeline.fieldwork.routing.groups import Groups
from pipeline.identity.names import name_keys
from pipeline.ingest.ids import fold_id
from pipeline.ingest.reasons import is_placeholder
from pipeline.ingest.words import read_name, read_town
from pipeline.linkage.tables.read import ROW, read_table
from pipeline.linkage.tables.spec import InputSpec

# role → headings (as `heading_key` leaves them), the first as the blank list writes it
HEADINGS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "核查人", "工作人员"),
    "town": ("单位", "镇街", "所在镇街", "乡镇", "单位名称"),
    "phone": ("电话", "联系电话", "手机", "手机号", "手机号码"),
    "group": ("组别", "组", "分组"),
    "relatives": ("在册亲属", "亲属", "申报亲属"),
    "days": ("可用日期", "可入户日期", "日期"),
}
_REQUIRED = ("name", "town")
_HEADING_ROWS = 6  # a title may stand above the headings
_GROUPS = {"1": 1, "一": 1, "2": 2, "二": 2}
_BREAK = re.compile(r"[、,，;；/\s]+")
_RELATIVE = re.compile(r"((?:(?![0-9]{5})[^()])*?)\(?([0-9]{17}[0-9X]|[0-9]{15})?\)?")
_DAY = r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:00:00:00)?"
_DAYS = re.compile(rf"{_DAY}(?:(?:至|到|~|-+|—+|–){_DAY})?")
_DAYS_REMEDY = "write days like 2022-10-18 or 2022-10-18至2022-10-21, several parted by 、"


@dataclass(frozen=True)
class Member:
    """One of the staff. `number` counts from 1; `town` is '' where the unit is no town (then `party` was given).

    `names` and `ids` are the relatives' as `name_key` and `id_key` make them; `days`: spans (first, last), () = always.
    """

    number: int
    name: str
    town: str
    party: int
    phone: str = ""
    names: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    days: tuple[tuple[dt.date, dt.date], ...] = ()

    def free_on(self, day: dt.date) -> bool:
        return not self.days or any(first <= day <= last for first, last in self.days)


def id_key(number: str | None) -> str:
    """An ID number as compared: 15 digits become 18; '' for what is none."""
    text = fold_id(number or "")
    if re.fullmatch(r"[0-9]{15}", text):
        text = f"{text[:6]}19{text[6:]}"
        text += str(ric.calc_check_digit(text + "0"))
    return text if re.fullmatch(r"[0-9]{17}[0-9X]", text) else ""


def read_staff(path: Path, groups: Groups) -> tuple[tuple[Member, ...], str]:
    """The staff list and the file's SHA-256. BadInput, with row and column, for what cannot be used."""
    frame, at = headed_table(path, HEADINGS, _REQUIRED, "`audit field staff` writes a blank list")
    members: list[Member] = []
    for row in frame.iter_rows(named=True):
        cell = {role: str(row[column] or "").strip() for role, column in at.items()}
        if any(cell.values()):
            members.append(_member(len(members) + 1, cell, row[ROW], at, groups, path.name))
    if not members:
        raise BadInput("the staff list names nobody", file=path.name, remedy="give a row a person")
    seen: dict[tuple[str, str, str], int] = {}
    for m in members:
        if (m.name, m.town, m.phone) in seen:
            raise BadInput(
                f"person {m.number} of the list is person {seen[m.name, m.town, m.phone]} again",
                file=path.name,
                remedy="name each person once, or tell them apart by their phones",
            )
        seen[m.name, m.town, m.phone] = m.number
    return tuple(members), files.sha256(path)


def headed_table(
    path: Path, headings: Mapping[str, tuple[str, ...]], required: Sequence[str], remedy: str
) -> tuple[pl.DataFrame, dict[str, str]]:
    """The table under the first row that has a heading for each required role, and role → its column.

    `headings`: role → headings as `heading_key` leaves them. BadInput where there is no such row, or a role twice.
    """
    first: BadInput | None = None
    for row in range(1, _HEADING_ROWS + 1):
        try:
            frame = read_table(path, InputSpec(header_row=row))
        except BadInput as e:
            first = first or e
            continue
        found = {role: [c for c in frame.columns if heading_key(c) in known] for role, known in headings.items()}
        if not all(found[role] for role in required):
            continue
        if twice := next((columns for columns in found.values() if len(columns) > 1), None):
            raise BadInput(f"two columns say the same: {' and '.join(twice)}", file=path.name, remedy="keep one")
        return frame, {role: columns[0] for role, columns in found.items() if columns}
    if first is not None and not path.is_file():
        raise first
    wanted = " and ".join(headings[role][0] for role in required)
    raise BadInput(f"no row of headings with {wanted} was found", file=path.name, remedy=remedy)


def _member(number: int, cell: dict[str, str], row: int, at: dict[str, str], groups: Groups, file: str) -> Member:
    def bad(what: str, role: str, remedy: str) -> BadInput:
        return BadInput(what, file=file, row=row, column=at.get(role, HEADINGS[role][0]), remedy=remedy)

    name = read_name(cell["name"])[0]
    if not name:
        raise bad("a person without a name", "name", "fill in the name, or delete the row")
    town = read_town(cell["town"])[0] or ""
    home = groups.home(town)
    given = unicodedata.normalize("NFKC", cell.get("group", "")).strip("第组 ").removesuffix(".0")
    if given and given not in _GROUPS:
        raise bad("no such group", "group", "write 1 or 2, or leave it empty")
    party = _GROUPS.get(given, home)
    if party is None:
        raise bad(f"'{town}' stands in neither group of towns" if town else "the unit is not filled in", "town",
                  "write the town; for staff of no town write the group, or give --groups")  # fmt: skip
    if home is not None and party != home:
        raise bad(f"{town} belongs to group {home}, not {party}: the person would visit the own group's towns", "group",
                  "leave the group empty: it follows from the town")  # fmt: skip
    names, ids = set(), set()
    for token in _tokens(cell.get("relatives", "")):
        found = _RELATIVE.fullmatch(token)
        if not found or not any(found.groups()):
            raise bad("a relative is neither a name nor an ID number", "relatives",
                      "write names or whole ID numbers, parted by 、")  # fmt: skip
        if found[1]:
            names.add(found[1])
        if found[2]:
            ids.add(id_key(found[2]))
    spans = _spans(cell.get("days", ""))
    if spans is None:
        raise bad("days that cannot be read", "days", _DAYS_REMEDY)
    keys = frozenset(name_keys(pl.Series(sorted(names), dtype=pl.String)).to_list()) - {""}
    phone = cell.get("phone", "").removesuffix(".0")
    return Member(number, name, town if home else "", party, phone, keys, frozenset(ids), spans)


def _tokens(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).upper()
    return [t for t in _BREAK.split(folded) if t and not is_placeholder(t)]


def _spans(text: str) -> tuple[tuple[dt.date, dt.date], ...] | None:
    """Spans of days; None where one cannot be read or ends before it begins."""
    spans = []
    folded = re.sub(r"[ \t]+", "", unicodedata.normalize("NFKC", text))
    for token in re.split(r"[、,;\n]+", folded):
        if not token or is_placeholder(token.upper()):
            continue
        found = _DAYS.fullmatch(token)
        if not found:
            return None
        y, m, d, *last = found.groups()
        try:
            first = dt.date(int(y), int(m), int(d))
            until = dt.date(*(int(part) for part in last)) if last[0] else first
        except ValueError:
            return None
        if until < first:
            return None
        spans.append((first, until))
    return tuple(spans)
