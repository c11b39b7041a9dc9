"""Gaps about numbers and names, read from what the files show: numbers unsound, or two names on one.

What hangs on a spoilt name, or on a person's earlier number, is optional: whether it is seen depends on the linkage.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from pipeline.contract import ROSTERS
from pipeline.demo import id_numbers, names
from pipeline.demo.months import AuditMonth
from pipeline.demo.number_noise import GONE, REPAIRABLE
from pipeline.demo.truth.gap_fields import by_row, told

_NUMBERS = (*REPAIRABLE, *GONE, "excel_lost", "others_number", "renumbered")
_NAMES = tuple(k for k in names.KINDS if k != "other_dot")


def cleaned(written: pl.Series) -> pl.Series:
    """Written ID numbers without apostrophes and blanks, in plain digits and a capital X."""
    return written.str.normalize("NFKC").str.replace_all(r"[\s'’]", "").str.to_uppercase()


def read_numbers(number: pl.Series) -> pl.DataFrame:
    """number → sound (18 or 15 digits that can be a person's), key (its 18 digits), old, born, male."""
    out = [_read(n) for n in number.to_list()]
    schema = {"sound": pl.Boolean, "key": pl.String, "old": pl.Boolean, "born": pl.Date, "male": pl.Boolean}
    return pl.DataFrame(out, schema=schema, orient="row")


def _read(number: str | None) -> tuple[bool, str | None, bool, date | None, bool | None]:
    if number is None:
        return False, None, False, None, None
    old = len(number) == 15 and number.isdigit()
    body = number[:6] + "19" + number[6:] if old else number[:17]
    if not old and (len(number) != 18 or not body.isdigit() or number[17] not in "0123456789X"):
        return False, None, False, None, None
    whole = body + str(id_numbers.check_digit(np.array([body]))[0])
    if not old and whole != number:
        return False, None, False, None, None
    try:
        born = date(int(body[6:10]), int(body[10:12]), int(body[12:14]))
    except ValueError:
        return False, None, old, None, None
    return True, whole, old, born, int(body[16]) % 2 == 1


def number_gaps(scheme: str, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Numbers that are not sound or in their old form; birth date and sex that are not the number's."""
    filled = rows.filter(pl.col("number").is_not_null())
    yield told("id_number_invalid", scheme, by_row(filled.filter(~pl.col("sound") | pl.col("old"))), "id_number")
    sound = filled.filter("sound")
    born = sound.filter(pl.col("birth_date") != pl.col("born"))
    yield told("birth_date_conflict", scheme, by_row(born), "birth_date")
    sex = sound.filter(pl.col("sex").is_in(["男", "女"]), (pl.col("sex") == "男") != pl.col("male"))
    yield told("sex_conflict", scheme, by_row(sex), "sex")


def name_gaps(rosters: pl.DataFrame, register: pl.DataFrame, renumbered: set[int]) -> Iterator[pl.DataFrame]:
    """Register and rosters that give one number to two names, and 15 digits whose 18 are in the register.

    Both frames have pid, key, error and name, the rosters' also scheme, household_no, record_id and old.
    """
    there = register.select("key", "pid", "name", "error", "clean")
    on_register = rosters.join(there, on="key", suffix="_there")
    others = pl.col("pid") != pl.col("pid_there")
    unlike = others & _unlike("name", "name_there")
    unsure = _spoilt("error") | _spoilt("error_there")
    met = on_register.group_by("scheme", "household_no", "record_id", maintain_order=True).agg(
        (unlike & ~unsure & pl.col("clean")).any().alias("sure"), (others | unsure).any().alias("may"),
        (pl.col("pid") == pl.col("pid_there")).any().alias("own"),
    )  # fmt: skip
    for sure in (True, False):
        of = met.filter((pl.col("sure") & ~pl.col("own")) == sure, pl.col("may"))
        yield from _by_scheme("name_conflict", of, "name", optional=not sure)
    pairs = rosters.join(rosters, on="key", suffix="_there").filter(pl.col("record_id") != pl.col("record_id_there"))
    pairs = pairs.with_columns(unlike=unlike, unsure=unsure)
    groups = pairs.filter("unlike").group_by("key", maintain_order=True).agg(
        pl.col("scheme").first(), pl.col("household_no").first(), pl.col("record_id").unique().alias("record_ids"),
        pl.col("unsure").any(), pl.col("scheme").n_unique().alias("schemes"),
    )  # fmt: skip
    plain = ~pl.col("unsure") & (pl.col("record_ids").list.len() == 2)
    for sure in (True, False):
        for roster in ROSTERS:
            of = groups.filter(plain == sure, pl.col("scheme") == roster)
            yield told("identity_conflict", roster, of, None, optional=not sure)
    here = on_register.filter("old", "clean", pl.col("pid") == pl.col("pid_there"), ~unsure).unique(
        "record_id", maintain_order=True
    )
    yield from _by_scheme("identity_conflict", here, None, optional=False)
    # optional: a person under another number somewhere; an old form whose 18 digits are known
    again = rosters.filter(pl.col("pid").is_in(list(renumbered)) | pl.col("old") | pl.col("key").is_null())
    yield from _by_scheme("identity_conflict", again, None, optional=True)
    yield from _by_scheme(
        "identity_conflict",
        pairs.filter(pl.col("unsure") | (others & ~pl.col("unlike"))).unique("record_id", maintain_order=True),
        None,
        optional=True,
    )


def _by_scheme(rule: str, frame: pl.DataFrame, item: str | None, *, optional: bool) -> Iterator[pl.DataFrame]:
    for roster in ROSTERS:
        yield told(rule, roster, by_row(frame.filter(pl.col("scheme") == roster)), item, optional)


def _unlike(name: str, other: str) -> pl.Expr:
    """Names that share no character of the given name: unlike beyond doubt; whether others are is for the ladder."""
    given, others = (_given(c) for c in (name, other))
    return given.str.split("").list.set_intersection(others.str.split("")).list.len() == 0


def _given(name: str) -> pl.Expr:
    """The name without dots and surname, be it of one character or two."""
    plain = pl.col(name).str.replace_all(f"[{names.DOT}{names.DOTS}\\s]", "")
    return plain.str.replace(f"^({'|'.join(names.LONG_SURNAMES)}|.)", "")


def _spoilt(error: str) -> pl.Expr:
    return pl.col(error).str.split("+").list.set_intersection(list(_NAMES)).list.len() > 0


def sound_register(register: pl.DataFrame) -> pl.DataFrame:
    """The register's rows: key, pid, name, error, and `clean` where their person's number stands there as it is."""
    clean = (
        pl.col("noise").is_in(["exact", "name_noise"])
        & ~pl.col("broken")
        & pl.col("number_pid").is_null()
        & pl.col("error").str.split("+").list.set_intersection(list(_NUMBERS)).list.len().eq(0)
    )
    return register.select(
        pl.col("id_number").alias("key"), "pid", pl.col("name_written").alias("name"), "error", clean=clean
    )


__all__ = ["AuditMonth", "cleaned", "name_gaps", "number_gaps", "read_numbers", "sound_register"]
