"""Identity noise: how the person columns of each record come to be written, and what trouble the record then bears.

Adds to a frame `id_written`, `id_as_number` (a spreadsheet number instead of text), `id_lost` (the cell must be
rejected), `name_written`; for the truth `error` (kinds of trouble joined by '+', or 'none'), `noise` (their coarse
class: exact | repaired | name_noise | no_id | wrong_id), `broken` (a mistyped number) and `number_pid` (whose number
it is, where it is another person's). Birth dates, places and phones are changed in place.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipeline.demo import names
from pipeline.demo.model import County
from pipeline.demo.number_noise import BROKEN, GONE, KINDS, LOST, REPAIRABLE, UNTIDY, WrittenNumbers, write_numbers
from pipeline.demo.rates import ORDINARY, Flags, Ints, Objects, Rows
from pipeline.demo.row_noise import misdate, misplace

NONE = "none"
WRONG_NUMBERS = ("employment", "vehicle", "property", "deposit")
# Departments whose files are older than most changes of a number.
OLDER = ("employment", "vehicle", "property", "deposit", "marriage", "business", "machinery", "housing_fund")
_NAME_KINDS = tuple(k for k in names.KINDS if k != "other_dot")
# What the truth calls a kind, where it is not its own name; untidy numbers are no trouble.
_CALLED = {
    "scientific": "excel_lost", "rounded": "excel_lost", "stranger": "others_number", "head": "others_number",
    "renumbered": "renumbered", **dict.fromkeys(UNTIDY, ""),
}  # fmt: skip


def add_noise(c: County, dataset: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame of a dataset with its identities as written."""
    rows = _rows(c, frame)
    kind = rows.draw(c.rng, KINDS)
    if "force_id" in frame.columns:
        forced = frame["force_id"].fill_null("").to_numpy()
        if c.clean:  # an old number that a rule's case is about stays
            forced[np.isin(forced, GONE)] = ""
        kind[forced != ""] = forced[forced != ""]
    numbers = write_numbers(frame["id_number"].to_numpy().astype("U18"), kind, c.rng, lower_x=ORDINARY.lower_x)
    other, owner = _other_numbers(c, dataset, frame, numbers, rows)
    lame = numbers.is_one_of((*BROKEN, *GONE))
    name_written, name_error = _write_names(c, frame["name"].to_list(), rows, lame)
    number_error = numbers.kind.copy()
    for i in np.flatnonzero((number_error != "") | (other != "")).tolist():
        number_error[i] = _CALLED.get(other[i] or number_error[i], number_error[i])
    frame, birth_error = misdate(c, dataset, frame, rows, lame)
    frame, place_errors = misplace(c, dataset, frame, rows)
    noise = np.select(
        [other != "", numbers.is_one_of(GONE), name_error != "", numbers.is_one_of(REPAIRABLE)],
        ["wrong_id", "no_id", "name_noise", "repaired"],
        default="exact",
    )
    return frame.with_columns(
        pl.Series("id_written", numbers.text.tolist(), dtype=pl.String),
        pl.Series("id_as_number", numbers.as_number),
        pl.Series("id_lost", numbers.is_one_of(LOST)),
        pl.Series("name_written", name_written, dtype=pl.String),
        pl.Series("noise", noise.tolist(), dtype=pl.String),
        pl.Series("broken", numbers.is_one_of(BROKEN)),
        _joined(number_error, name_error, birth_error, *place_errors),
        pl.when(pl.lit(pl.Series(owner)) >= 0).then(pl.lit(pl.Series(owner))).alias("number_pid"),
    )


def spare_everybody(c: County) -> None:
    """Leave noise nobody to befall: the county's clean form."""
    c.quiet = set(range(len(c.people)))
    c.loud.clear()
    c.earlier.clear()


def _rows(c: County, frame: pl.DataFrame) -> Rows:
    pid = frame["pid"].to_numpy()
    flags = np.zeros((2, len(c.people)), dtype=bool)
    flags[0, sorted(c.quiet - c.loud)] = True
    flags[1, sorted(c.loud)] = True
    return Rows(pid, flags[0][pid], flags[1][pid])


def _joined(*errors: Objects) -> pl.Series:
    """`error`: what each row bears, joined by '+'."""
    out = np.full(len(errors[0]), NONE, dtype=object)
    bearing = np.zeros(len(out), dtype=bool)
    for kind in errors:
        bearing |= kind != ""
    for i in np.flatnonzero(bearing).tolist():
        out[i] = "+".join(kind[i] for kind in errors if kind[i])
    return pl.Series("error", out.tolist(), dtype=pl.String)


def _other_numbers(
    c: County, dataset: str, frame: pl.DataFrame, numbers: WrittenNumbers, rows: Rows
) -> tuple[Objects, Ints]:
    """Another valid number on a record: a stranger's or the own earlier one in some sector files, the head's on a
    child's roster row. Changes `numbers.text`; returns stranger, head, renumbered or '', and the owner's pid or -1."""
    n = frame.height
    other, owner = np.full(n, "", dtype=object), np.full(n, -1, dtype=np.int64)
    written, pid, p = numbers.text, rows.pid, c.people
    spared = rows.quiet | (numbers.kind != "")
    if dataset in WRONG_NUMBERS:
        enrolled = np.array([k.pids[0] for k in c.cases["dibao"]])
        wanted = c.rng.random(n) < ORDINARY.strangers_number
        for i in np.flatnonzero(wanted & ~spared & ~rows.loud).tolist():
            pool = enrolled if c.rng.random() < 0.3 else np.arange(len(p))
            stranger = int(pool[c.rng.integers(0, len(pool))])
            if not set(str(p.name[stranger])) & set(str(p.name[pid[i]])):
                written[i], other[i], owner[i] = str(p.id_number[stranger]), "stranger", stranger
    if dataset == "dibao":
        listed = set(frame["pid"].to_list())
        child = np.isin(p.role[pid], ["C", "G"]) & ~spared & ~rows.loud
        for i in np.flatnonzero(child & (c.rng.random(n) < ORDINARY.heads_number)).tolist():
            head = int(p.start[p.home[pid[i]]])
            unlike = not set(str(p.given[head])) & set(str(p.given[pid[i]]))
            if head in listed and unlike and p.twin_of[pid[i]] < 0:
                written[i], other[i], owner[i] = str(p.id_number[head]), "head", head
    if dataset in OLDER:
        earlier = np.zeros(len(p), dtype=bool)
        earlier[sorted(c.earlier)] = True
        for i in np.flatnonzero(earlier[pid] & ~spared & (other == "") & (c.rng.random(n) < 0.8)).tolist():
            written[i], other[i] = c.earlier[int(pid[i])], "renumbered"
    return other, owner


def _write_names(c: County, true: list[str], rows: Rows, lame: Flags) -> tuple[list[str], Objects]:
    """Names as written, and the kind of change where it is more than white space ('' = none)."""
    n = len(true)
    kind = rows.draw(c.rng, _NAME_KINDS)
    text = pl.Series(true, dtype=pl.String)
    rare = text.str.contains(f".[{names.RARE}]").to_numpy()
    dotted = text.str.contains(names.DOT, literal=True).to_numpy()
    u = c.rng.random(n)
    also, what = rows.draw_more(c.rng, _NAME_KINDS, lame & (kind == ""), "also_name")
    kind[also] = what
    kind[rare & (u < ORDINARY.rare_lost) & ~rows.quiet] = "wildcard"
    kind[dotted & (kind != "")] = "other_dot"
    kind[dotted & (u < ORDINARY.other_dot) & ~rows.quiet] = "other_dot"
    out = list(true)
    for i in np.flatnonzero(kind != "").tolist():
        out[i] = names.misspelt(true[i], str(kind[i]), c.rng)
        if out[i] == true[i]:
            kind[i] = ""
    two = (text.str.len_chars() == 2).to_numpy()
    for i in np.flatnonzero(two & (kind == "") & (u > 1 - ORDINARY.spread)).tolist():
        out[i] = out[i][0] + "\u3000" + out[i][1]
    return out, kind


def write_holders(c: County, frame: pl.DataFrame) -> pl.DataFrame:
    """Account holders as written: the holder's name as it stands on the roster, unless planted otherwise."""
    written = dict(
        zip(
            zip(frame["household_no"].to_list(), frame["pid"].to_list(), strict=True),
            frame["name_written"].to_list(),
            strict=True,
        )
    )
    out: list[str | None] = []
    for number, holder, form, text in frame.select(
        "household_no", "holder_pid", "holder_form", "account_holder"
    ).iter_rows():
        name = text
        if holder is not None:
            name = str(written[(number, holder)]).replace("\u3000", "")
            if form == "traditional":
                name = names.traditional(str(c.people.name[holder]))
            elif form == "wildcard":
                name = names.wildcard(str(c.people.name[holder]), c.rng)
        out.append(name)
    return frame.with_columns(pl.Series("account_holder", out, dtype=pl.String))
