"""Noise in the other person columns: birth dates mistyped, people who have moved, old, missing and shared phones.

It changes the frame itself, so that the truth reads what the files say.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from pipeline.contract import ROSTERS
from pipeline.demo.layout import PERSON_COLUMNS, has_birth
from pipeline.demo.model import County
from pipeline.demo.people import phones
from pipeline.demo.rates import Flags, Objects, Rows

_BIRTH_KINDS = ("day_month", "birth_digit", "birth_day")
_PLACES = ("town", "village", "address")
_TRIES = 20


def misdate(c: County, dataset: str, frame: pl.DataFrame, rows: Rows, lame: Flags) -> tuple[pl.DataFrame, Objects]:
    """The frame with some birth dates wrong, and how ('' = right); more of them where the number is `lame`."""
    kind = np.full(frame.height, "", dtype=object)
    if not has_birth(dataset):
        return frame, kind
    kind = rows.draw(c.rng, _BIRTH_KINDS)
    also, what = rows.draw_more(c.rng, _BIRTH_KINDS, lame & (kind == ""), "also_birth")
    kind[also] = what
    if dataset == "household_register":  # the police's own file: ages are read from it
        kind[~rows.loud] = ""
    at = np.flatnonzero(kind != "")
    born = frame["birth_date"].gather(at).to_list()
    for n, i in enumerate(at.tolist()):
        wrong = _wrong_birth(born[n], kind[i], c) if born[n] else None
        if wrong is None:
            kind[i] = ""
        else:
            born[n] = wrong
    return frame.with_columns(frame["birth_date"].scatter(at, pl.Series(born, dtype=pl.Date))), kind


def _wrong_birth(born: date, kind: str, c: County) -> date | None:
    """Another date before the audit month's end that the slip may have made of this one; None where there is none."""
    if kind == "day_month":
        swapped = born.replace(month=born.day, day=born.month) if born.day <= 12 else born
        return swapped if swapped != born and swapped <= c.month.as_of else None
    for _ in range(_TRIES):
        if kind == "birth_day":
            wrong: date | None = date(born.year, 1, 1) + timedelta(days=c.between(0, 364))
        else:
            digits = list(f"{born:%Y%m%d}")
            digits[c.between(2, 7)] = str(c.between(0, 9))
            wrong = _read("".join(digits))
        if wrong is not None and wrong != born and wrong <= c.month.as_of:
            return wrong
    return None


def _read(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def misplace(c: County, dataset: str, frame: pl.DataFrame, rows: Rows) -> tuple[pl.DataFrame, list[Objects]]:
    """The frame with places and phones that are out of date or left out, and what was done to each row."""
    columns, n, p = PERSON_COLUMNS[dataset], frame.height, c.people
    moved, lost, phone = (np.full(n, "", dtype=object) for _ in range(3))
    places = [k for k in _PLACES if k in columns]
    roster = dataset in ROSTERS
    if places and not roster:  # the bureau knows where its own people live
        at = np.flatnonzero(rows.draw(c.rng, ("moved",)) == "moved")
        home = c.rng.integers(0, len(p.size), len(at))
        for name in places:
            there = {"town": p.town, "village": p.village, "address": p.address}[name][home]
            frame = frame.with_columns(frame[name].scatter(at, pl.Series(there.tolist(), dtype=pl.String)))
        moved[at] = "moved"
    mislaid = [k for k in places if not (roster and k == "town")]
    if mislaid:
        at = np.flatnonzero(rows.draw(c.rng, ("place_missing",)) == "place_missing")
        which = c.rng.integers(0, len(mislaid), len(at))
        for i, name in enumerate(mislaid):
            frame = frame.with_columns(frame[name].scatter(at[which == i], None))
        lost[at] = "place_missing"
    if "phone" in columns:
        phone[p.phone_shared[rows.pid]] = "phone_family"
        drawn = rows.draw(c.rng, ("phone_old", "phone_missing"))
        old, none = np.flatnonzero(drawn == "phone_old"), np.flatnonzero(drawn == "phone_missing")
        shown = frame["phone"].scatter(old, pl.Series(phones(c.rng, len(old)).tolist(), dtype=pl.String))
        frame = frame.with_columns(shown.scatter(none, None))
        phone[old], phone[none] = "phone_old", "phone_missing"
    return frame, [moved, lost, phone]
