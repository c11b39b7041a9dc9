"""Gaps about who somebody is: numbers mistyped, given to another; records of people on no roster."""

from __future__ import annotations

import numpy as np

from pipeline.contract import CARE_INDICATORS
from pipeline.demo import id_numbers
from pipeline.demo.gaps.case import GapCase
from pipeline.demo.gaps.registry import FAMILIES, near_miss, positive
from pipeline.demo.model import Row

_WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


@positive("id_number_invalid", "a digit mistyped", item="id_number")
def mistyped(g: GapCase) -> None:
    row = g.last
    number = np.array([row["id_number"]], dtype="U18")
    wrong = str(id_numbers.slip(number, g.county.rng)[0])
    while wrong.endswith("000"):  # a spreadsheet would have left that
        wrong = str(id_numbers.slip(number, g.county.rng)[0])
    row.update(id_written=wrong, noise="repaired", error="slip", broken=True)


@positive("id_number_invalid", "starred", item="id_number", stars=8)
def starred(g: GapCase, stars: int) -> None:
    number = str(g.last["id_number"])
    g.last.update(id_written=number[:6] + "*" * stars + number[6 + stars :], noise="no_id", error="masked")


@near_miss("id_number_invalid", "in full-width digits", item="id_number", how="wide")
@near_miss("id_number_invalid", "behind an apostrophe", item="id_number", how="apostrophe")
@near_miss("id_number_invalid", "in groups", item="id_number", how="spaced")
def untidy(g: GapCase, how: str) -> None:
    number = str(g.last["id_number"])
    spaced = f"{number[:6]} {number[6:14]} {number[14:]}"
    g.last["id_written"] = {"wide": number.translate(_WIDE), "apostrophe": "'" + number, "spaced": spaced}[how]


@near_miss("birth_date_conflict", "the 15-digit form says the same", item="birth_date")
@near_miss("sex_conflict", "the 15-digit form says the same", item="sex")
@positive("id_number_invalid", "the 15-digit form", item="id_number")
def old_form(g: GapCase) -> None:
    row = next((r for r in g.rows if str(r["id_number"])[6:8] == "19" and r["birth_date"].year < 1999), g.head)
    number = np.array([row["id_number"]], dtype="U18")
    row.update(id_written=str(id_numbers.old_form(number)[0]), noise="repaired", error="old_form")


@positive("name_conflict", "a stranger's number", item="name")
def strangers_number(g: GapCase) -> None:
    """The number of somebody whom the register has, and nobody else."""
    row, owner = g.last, _stranger(g, str(g.last["name"]))
    _give(row, str(g.county.people.id_number[owner]), owner)


@positive("identity_conflict", "one number on two people", alone=True)
def shared_number(g: GapCase) -> None:
    """Another person of the same roster bears the same number: a second row that belongs to nobody of the household."""
    other = dict(g.head)
    stranger = _stranger(g, str(other["name"]))
    p = g.county.people
    home = p.home[stranger]
    other |= {
        "pid": stranger, "name": str(p.name[stranger]), "name_written": str(p.name[stranger]),
        "id_number": str(p.id_number[stranger]), "sex": "男" if p.male[stranger] else "女",
        "birth_date": p.birth[stranger].astype("datetime64[D]").item(), "village": str(p.village[home]),
        "address": str(p.address[home]), "phone": str(p.phone[stranger]), "relation": "其他",
    }  # fmt: skip
    if "relation" not in g.head:
        del other["relation"]
    _give(other, str(g.head["id_written"]), int(g.head["pid"]))
    g.rows.append(other)


@near_miss("person_repeated", "twins: one birth date, two names", schemes=FAMILIES)
@near_miss("identity_conflict", "two people, two numbers")
@near_miss("name_conflict", "the register's own name", item="name")
def as_it_is(g: GapCase) -> None:
    pass


def _give(row: Row, number: str, owner: int) -> None:
    row.update(id_written=number, noise="wrong_id", error="others_number", number_pid=owner)


def _stranger(g: GapCase, name: str) -> int:
    """Somebody with a record in the register alone, whose name shares no character with this one; of the household's
    own town where there is one, since a roster is kept by towns."""
    p, pool = g.county.people, g.county.strangers
    unlike = [i for i, pid in enumerate(pool) if not set(str(p.name[pid])) & set(name)]
    town = p.town[p.home[int(g.head["pid"])]]
    return pool.pop(next((i for i in unlike if p.town[p.home[pool[i]]] == town), unlike[0]))


@positive("patrol_unmatched", "visits to nobody on a roster", schemes=("tekun",), dataset="patrol")
@positive("assessment_unmatched", "an assessment of nobody on a roster", schemes=("tekun",), dataset="care_assessment")
def about_a_stranger(g: GapCase, dataset: str) -> None:
    stranger = _stranger(g, str(g.head["name"]))
    g.lists[dataset] = [_record(g, dataset, stranger, number=f"TK440299{g.county.next_serial():06d}")]
    if dataset == "patrol":
        g.lists[dataset] *= 2


@near_miss("patrol_unmatched", "a number mistyped, the person known", schemes=("tekun",), dataset="patrol")
@near_miss("assessment_unmatched", "a number mistyped, the person known", schemes=("tekun",), dataset="care_assessment")
def number_mistyped(g: GapCase, dataset: str) -> None:
    wrong = f"TK440298{g.county.next_serial():06d}"
    g.lists[dataset] = [_record(g, dataset, int(g.head["pid"]), number=wrong)]


def _record(g: GapCase, dataset: str, pid: int, number: str) -> Row:
    p, c = g.county.people, g.county
    who: Row = {
        "pid": pid, "name": str(p.name[pid]), "id_number": str(p.id_number[pid]), "town": str(p.town[p.home[pid]]),
        "household_no": number, "id_as_number": False, "id_lost": False, "noise": "exact", "error": "none",
        "broken": False,
    }  # fmt: skip
    who |= {"id_written": who["id_number"], "name_written": who["name"]}
    if dataset == "patrol":
        return who | {"visited_on": c.month.day(0, 12), "condition": "正常", "visitor": str(g.head["name"])}
    able: Row = dict.fromkeys(CARE_INDICATORS, True)
    return who | able | {"assessed_on": c.month.day(2, 7), "result": "全自理", "assessor": "某某"}
