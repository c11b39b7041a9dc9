"""Identity noise: how names and numbers come to be written, and what class of noise each record then bears.

Adds to a frame `id_written`, `id_as_number` (a spreadsheet number instead of text), `name_written`, `noise`
(exact | repaired | name_noise | no_id | wrong_id), `broken` (a mistyped number), `id_lost` (the cell must be rejected).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.demo import names
from pipeline.demo.model import County
from pipeline.demo.number_noise import BROKEN, GONE, KINDS, LOST, REPAIRABLE, WrittenNumbers, write_numbers

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rates:
    """Share of records with each kind of noise."""

    slip: float = 0.007
    swap: float = 0.005
    old_form: float = 0.003
    missing: float = 0.005
    masked: float = 0.003
    scientific: float = 0.001
    placeholder: float = 0.001
    rounded: float = 0.0005
    full_width: float = 0.004
    apostrophe: float = 0.004
    spaced: float = 0.004
    lower_x: float = 0.1  # of the numbers that end in X
    by_ear: float = 0.002
    traditional: float = 0.003
    wildcard: float = 0.0012
    rare_lost: float = 0.35  # of the names with a rare character
    other_dot: float = 0.3  # of the names with a middle dot
    one_lost: float = 0.0006
    spread: float = 0.03  # of two-character names: a wide space between
    wrong_number: float = 0.0006  # in `WRONG_NUMBERS`


# For the people whose links are to be tested.
LOUD = Rates(
    slip=0.14, swap=0.08, old_form=0.08, missing=0.06, masked=0.06,
    by_ear=0.06, traditional=0.06, wildcard=0.04, one_lost=0.02,
)  # fmt: skip
WRONG_NUMBERS = ("employment", "vehicle", "property", "deposit")
_NAME_KINDS = ("by_ear", "traditional", "wildcard", "one_lost")


def add_noise(c: County, dataset: str, frame: pl.DataFrame, rates: Rates, *, has_birth: bool) -> pl.DataFrame:
    """The frame with its identities as written."""
    pid = frame["pid"].to_numpy()
    quiet = np.isin(pid, np.fromiter(sorted(c.quiet - c.loud), dtype=np.int64))
    loud = np.isin(pid, np.fromiter(sorted(c.loud), dtype=np.int64))
    kind = _draw(c, frame.height, KINDS, quiet, loud, rates)
    if "force_id" in frame.columns:
        kind[frame["force_id"].is_not_null().to_numpy()] = "old_form"
    number = frame["id_number"].to_numpy().astype("U18")
    numbers = write_numbers(number, kind, c.rng, has_birth=has_birth, lower_x=rates.lower_x)
    wrong = _wrong_numbers(c, dataset, frame, numbers, quiet | loud, rates)
    name_written, renamed = _write_names(c, frame["name"].to_list(), quiet, loud, rates)
    noise = np.select(
        [wrong, numbers.is_one_of(GONE), renamed, numbers.is_one_of(REPAIRABLE)],
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
    )


def _draw(
    c: County, n: int, kinds: tuple[str, ...], quiet: Flags, loud: Flags, rates: Rates
) -> npt.NDArray[np.object_]:
    """For each record one of `kinds`, or '' for none."""
    u = c.rng.random(n)
    names_ = np.array([*kinds, ""], dtype=object)
    out = np.full(n, "", dtype=object)
    for mask, rate in ((~loud, rates), (loud, LOUD)):
        edges = np.cumsum([getattr(rate, k) for k in kinds])
        out[mask] = names_[np.searchsorted(edges, u, side="right")][mask]
    out[quiet] = ""
    return out


def _wrong_numbers(
    c: County,
    dataset: str,
    frame: pl.DataFrame,
    numbers: WrittenNumbers,
    spared: Flags,
    rates: Rates,
) -> Flags:
    """Another person's number on a record: a stranger's in some sector files, the head's on a child's roster row."""
    n = frame.height
    wrong = np.zeros(n, dtype=bool)
    written, spared = numbers.text, spared | (numbers.kind != "")
    pid = frame["pid"].to_numpy()
    p = c.people
    if dataset in WRONG_NUMBERS:
        enrolled = np.array([k.pids[0] for k in c.cases["dibao"]])
        for i in np.flatnonzero((c.rng.random(n) < rates.wrong_number) & ~spared).tolist():
            pool = enrolled if c.rng.random() < 0.3 else np.arange(len(p))
            other = int(pool[c.rng.integers(0, len(pool))])
            if not set(str(p.name[other])) & set(str(p.name[pid[i]])):
                written[i], wrong[i] = str(p.id_number[other]), True
    if dataset == "dibao":
        child = np.isin(p.role[pid], ["C", "G"]) & ~spared
        for i in np.flatnonzero(child & (c.rng.random(n) < 0.05)).tolist():
            head = int(p.start[p.home[pid[i]]])
            unlike = not set(str(p.given[head])) & set(str(p.given[pid[i]]))
            if head in frame["pid"] and unlike and p.twin_of[pid[i]] < 0:
                written[i], wrong[i] = str(p.id_number[head]), True
    return wrong


def _write_names(c: County, true: list[str], quiet: Flags, loud: Flags, rates: Rates) -> tuple[list[str], Flags]:
    """Names as written, and where the change is more than white space."""
    n = len(true)
    kind = _draw(c, n, _NAME_KINDS, quiet, loud, rates)
    text = pl.Series(true, dtype=pl.String)
    rare = text.str.contains(f".[{names.RARE}]").to_numpy()
    dotted = text.str.contains(names.DOT, literal=True).to_numpy()
    u = c.rng.random(n)
    kind[rare & (u < rates.rare_lost) & ~quiet] = "wildcard"
    kind[dotted & (u < rates.other_dot) & ~quiet] = "dot"
    out = list(true)
    renamed = np.zeros(n, dtype=bool)
    for i in np.flatnonzero(kind != "").tolist():
        out[i] = _rename(c, true[i], str(kind[i]))
        renamed[i] = out[i] != true[i]
    short = np.flatnonzero((text.str.len_chars() == 2).to_numpy() & (kind == "") & (u > 1 - rates.spread)).tolist()
    for i in short:
        out[i] = out[i][0] + "\u3000" + out[i][1]
    return out, renamed


def _rename(c: County, name: str, kind: str) -> str:
    if names.DOT in name:
        return names.other_dot(name, c.rng)
    if kind == "by_ear":
        return names.by_ear(name, c.rng)
    if kind == "traditional":
        return names.traditional(name)
    if kind == "wildcard":
        return names.wildcard(name, c.rng)
    return names.one_lost(name, c.rng)


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
