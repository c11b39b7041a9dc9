"""Which true pairs anybody could link: whether what is written on the hard record singles its person out.

A record of a pair is *hard* where it is not clean (number or name in trouble). It carries *enough* when
  - the name as written can stand for its person's true name (see `ladder`), and
  - at least one other thing written on it fits that person: birth date, what is left of the number, town, village,
    address; or phone, bank account, household number, where the pair's other record shows the same; and
  - nobody else in the county has a name that the written one can stand for and fits all that fits the person, sex too.
A pair carries enough when each of its hard records does. A person's earlier number (renumbered) never is enough: it is
valid, and stands for nobody or for another. Only what the files show counts: a cell to be rejected shows nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.demo import id_numbers
from pipeline.demo.people import People
from pipeline.demo.sheets import WRITTEN
from pipeline.demo.truth.ladder import true_keys, written_keys

_PLAIN = ("birth_date", "town", "village", "address", "sex")  # fit where they are equal to the person's
_SHARED = ("phone", "bank_account", "household_no")  # … and where the pair's other record shows them
_COUNTED = (*_PLAIN[:4], *_SHARED, "id_number")
_PAIR = ["roster_record_id", "record_id"]


def enough(people: People, pairs: pl.DataFrame, written: pl.DataFrame) -> pl.DataFrame:
    """roster_record_id, record_id, enough for the hard `pairs` (roster_record_id, record_id, pid).

    written: record_id, pid, noise, error and `sheets.WRITTEN` of every roster row and every record that is not clean.
    """
    cases = _cases(pairs, written)
    true = _true(people)
    # many pairs ask the same of one record
    asked = cases.select("record", "pid", *WRITTEN).unique(maintain_order=True).with_row_index("case")
    fitting = _fits(asked.join(true, on="pid", how="left", maintain_order="left"), None)
    asked = asked.hstack(fitting)
    rivals = _rivals(asked, true, written)
    known = asked.filter(_reads(asked, true)).filter(pl.any_horizontal(f"fits_{k}" for k in _COUNTED))
    single = known.join(rivals, on="case", how="anti")
    cases = cases.join(
        single.select("record", *_SHARED, pl.lit(True).alias("single")),
        on=["record", *_SHARED], how="left", nulls_equal=True, maintain_order="left",
    )  # fmt: skip
    fits = pl.col("single").fill_null(False) & ~pl.col("earlier")
    return cases.group_by(_PAIR, maintain_order=True).agg(fits.all().alias("enough"))


def _cases(pairs: pl.DataFrame, written: pl.DataFrame) -> pl.DataFrame:
    """A row a pair and hard record of it: `record`, pid, WRITTEN (shared things only where both show the same)."""
    known = written.select("record_id", "noise", "error", *WRITTEN)
    parts = []
    for mine, other in (_PAIR, _PAIR[::-1]):
        seen = written.select(pl.col("record_id").alias(other), *[pl.col(k).alias(f"other_{k}") for k in _SHARED])
        side = pairs.select(*_PAIR, "pid", pl.col(mine).alias("record"))
        side = side.join(known, left_on="record", right_on="record_id").filter(pl.col("noise") != "exact")
        side = side.join(seen, on=other, how="left", maintain_order="left")
        same = [pl.when(pl.col(k) == pl.col(f"other_{k}")).then(k).alias(k) for k in _SHARED]
        earlier = pl.col("error").str.split("+").list.contains("renumbered").alias("earlier")
        parts.append(side.with_columns(*same, earlier).select(*_PAIR, "pid", "record", "earlier", *WRITTEN))
    return pl.concat(parts)


def _true(p: People) -> pl.DataFrame:
    """pid and, as `true_…`, what is so of everybody."""
    return pl.DataFrame(
        {
            "pid": np.arange(len(p)),
            "true_name": p.name,
            "true_id_number": p.id_number,
            "true_sex": np.where(p.male, "男", "女"),
            "true_birth_date": p.birth.astype("datetime64[D]"),
            "true_town": p.town[p.home],
            "true_village": p.village[p.home],
            "true_address": p.address[p.home],
            "true_phone": p.phone,
        }
    )


def _fits(beside: pl.DataFrame, rolls: dict[str, pl.DataFrame] | None) -> pl.DataFrame:
    """`fits_…` for rows of a record's WRITTEN beside somebody's `true_…`.

    rolls: whose account and household number are whose (pid, value); None where the somebody is the person, whose
    other record shows them.
    """
    out = beside.select(
        (pl.col(k) == pl.col(f"true_{k}")).fill_null(False).alias(f"fits_{k}") for k in (*_PLAIN, "phone")
    )
    for k in ("bank_account", "household_no"):
        if rolls is None:
            has = beside[k].is_not_null()
        else:
            marked = rolls[k].with_columns(pl.lit(True).alias("has"))
            has = beside.join(marked, on=["pid", k], how="left", maintain_order="left")["has"].fill_null(False)
        out = out.with_columns(has.alias(f"fits_{k}"))
    number = number_fits(beside["id_number"], beside["true_id_number"])
    return out.with_columns(pl.Series("fits_id_number", number))


def _reads(asked: pl.DataFrame, true: pl.DataFrame) -> pl.Series:
    """Whether each record's written name can stand for its person's."""
    names = asked.select("case", "name", "pid").join(true.select("pid", "true_name"), on="pid", maintain_order="left")
    mine = names.join(written_keys(names["name"]), on="name").select("case", "true_name", "kind", "key")
    keys = true_keys(names["true_name"]).rename({"name": "true_name"})
    able = mine.join(keys, on=["true_name", "kind", "key"], how="semi")
    return asked["case"].is_in(able["case"].unique().implode())


def _rivals(asked: pl.DataFrame, true: pl.DataFrame, written: pl.DataFrame) -> pl.DataFrame:
    """Cases that somebody else fits as well as their person."""
    keys = written_keys(asked["name"])
    alike = keys.join(true_keys(true["true_name"]), on=["kind", "key"], suffix="_true")
    alike = alike.select("name", pl.col("name_true").alias("true_name")).unique()
    others = true.join(alike.select("true_name").unique(), on="true_name", how="semi").rename({"pid": "rival"})
    beside = asked.join(alike, on="name").join(others, on="true_name").filter(pl.col("rival") != pl.col("pid"))
    # the cheap things first: few remain for the numbers
    plain = pl.all_horizontal(~pl.col(f"fits_{k}") | (pl.col(k) == pl.col(f"true_{k}")) for k in (*_PLAIN, "phone"))
    beside = beside.filter(plain)
    rolls = {k: written.select(pl.col("pid"), k).drop_nulls().unique() for k in ("bank_account", "household_no")}
    mine = beside.select(pl.col(f"fits_{k}") for k in (*_PLAIN, *_SHARED, "id_number"))
    theirs = _fits(beside.drop("pid", *_judged(beside)).rename({"rival": "pid"}), rolls)
    every = pl.all_horizontal(~mine[c] | theirs[c] for c in mine.columns)
    return beside.select("case").filter(pl.select(every).to_series()).unique()


def _judged(frame: pl.DataFrame) -> list[str]:
    """The columns that say what fits."""
    return [c for c in frame.columns if c.startswith("fits_")]


def number_fits(written: pl.Series, true: pl.Series) -> npt.NDArray[np.bool_]:
    """Whether what is left of each written number is left of the true one: one digit or two neighbours amiss, one too
    many or too few, the 15-digit form, or equal wherever it is not starred. Null and unreadable numbers fit nobody."""
    text = written.fill_null("").str.replace_all("[^0-9Xx*０-９Ｘ]", "").str.normalize("NFKC").str.to_uppercase()
    out = np.zeros(len(text), dtype=bool)
    at = np.flatnonzero(text.str.len_chars().is_in([15, 17, 18, 19]).to_numpy())
    if not len(at):
        return out
    mine = id_numbers.letters(text.gather(at).to_numpy().astype("U19"), 19)
    number = true.gather(at).to_numpy().astype("U18")
    theirs = id_numbers.letters(number, 19)
    length = (mine != "").sum(axis=1)
    unlike = (mine != theirs)[:, :18] & (mine[:, :18] != "*")
    count = unlike.sum(axis=1)
    first = unlike.argmax(axis=1)
    after = np.minimum(first + 1, 17)
    row = np.arange(len(at))
    crossed = (mine[row, first] == theirs[row, after]) & (mine[row, after] == theirs[row, first])
    starred = (mine == "*").any(axis=1)
    whole = (length == 18) & ((count == 0) | (~starred & ((count == 1) | ((count == 2) & crossed))))
    ahead = np.cumprod(mine == theirs, axis=1)[:, :18].sum(axis=1)
    short, long = length == 17, length == 19
    # counted from the end, a lost digit has moved the others one place to the left, a doubled one to the right
    of_short, of_long = mine[:, :17] == theirs[:, 1:18], mine[:, 1:] == theirs[:, :18]
    behind = [np.cumprod(same[:, ::-1], axis=1).sum(axis=1) for same in (of_short, of_long)]
    one_off = (short & (ahead + behind[0] >= 17)) | (long & (ahead + behind[1] >= 18))
    old = (length == 15) & (id_numbers.old_form(number).astype("U15") == text.gather(at).to_numpy().astype("U15"))
    out[at] = whole | one_off | old
    return out
