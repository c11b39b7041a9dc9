"""Identity noise: how names and numbers come to be written, and what class of noise each record then bears.

Adds to a frame `id_written`, `id_as_number` (a spreadsheet number instead of text), `name_written`, `noise`
(exact | repaired | name_noise | no_id | wrong_id), `broken` (a mistyped number) and `id_lost` (the cell must be rejected).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.demo import id_numbers, names
from pipeline.demo.model import County

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


LOUD = Rates(
    slip=0.14,
    swap=0.08,
    old_form=0.08,
    missing=0.06,
    masked=0.06,
    by_ear=0.06,
    traditional=0.06,
    wildcard=0.04,
    one_lost=0.02,
)
_PLACEHOLDERS = ("无", "000000", "暂无", "000000000000000000")
WRONG_NUMBERS = ("employment", "vehicle", "property", "deposit")
_WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
_ID_KINDS = (
    "slip",
    "swap",
    "old_form",
    "missing",
    "masked",
    "scientific",
    "placeholder",
    "full_width",
    "apostrophe",
    "spaced",
)
_NAME_KINDS = ("by_ear", "traditional", "wildcard", "one_lost")


def add_noise(c: County, dataset: str, frame: pl.DataFrame, rates: Rates, *, has_birth: bool) -> pl.DataFrame:
    """The frame with its identities as written. Without a birth date on the record, slips spare the number's own."""
    pid = frame["pid"].to_numpy()
    quiet = np.isin(pid, np.fromiter(sorted(c.quiet - c.loud), dtype=np.int64))
    loud = np.isin(pid, np.fromiter(sorted(c.loud), dtype=np.int64))
    number = frame["id_number"].to_numpy().astype("U18")
    written, lost, as_number, damage, broken = _write_numbers(c, number, quiet, loud, rates, frame, has_birth)
    wrong = _wrong_numbers(c, dataset, frame, written, damage, quiet | loud, rates)
    name_written, renamed = _write_names(c, frame["name"].to_list(), quiet, loud, rates)
    noise = np.select(
        [wrong, damage == 3, renamed, damage == 1], ["wrong_id", "no_id", "name_noise", "repaired"], default="exact"
    )
    return frame.with_columns(
        pl.Series("id_written", written.tolist(), dtype=pl.String),
        pl.Series("id_as_number", as_number),
        pl.Series("id_lost", lost),
        pl.Series("name_written", name_written, dtype=pl.String),
        pl.Series("noise", noise.tolist(), dtype=pl.String),
        pl.Series("broken", broken),
    )


def _draw(c: County, n: int, kinds: tuple[str, ...], quiet: Flags, loud: Flags, rates: Rates) -> npt.NDArray[np.int64]:
    """For each record the index of its kind of noise among `kinds`, -1 for none."""
    u = c.rng.random(n)
    out = np.full(n, -1, dtype=np.int64)
    for mask, rate in ((~loud, rates), (loud, LOUD)):
        edges = np.cumsum([getattr(rate, k) for k in kinds])
        at = np.searchsorted(edges, u, side="right")
        out[mask] = np.where(at < len(kinds), at, -1)[mask]
    out[quiet] = -1
    return out


def _write_numbers(
    c: County,
    number: npt.NDArray[np.str_],
    quiet: Flags,
    loud: Flags,
    rates: Rates,
    frame: pl.DataFrame,
    has_birth: bool,
) -> tuple[npt.NDArray[np.object_], Flags, Flags, npt.NDArray[np.int64], Flags]:
    """Numbers as written; which cells are lost, which are spreadsheet numbers; the damage (0, 1 repairable, 3 none);
    and which hold a mistyped number (two of those cannot be mended by each other)."""
    n = len(number)
    kind = _draw(c, n, _ID_KINDS, quiet, loud, rates)
    if "force_id" in frame.columns:
        kind[(frame["force_id"] == "old15").fill_null(False).to_numpy()] = _ID_KINDS.index("old_form")
    ends_x = np.char.endswith(number, "X")
    birth_year = (
        np.array([t[6:10] for t in number.tolist()], dtype="U4").astype(np.int64) if n else np.zeros(0, np.int64)
    )
    permit = np.isin(number.astype("U1"), ["8", "9"])
    old = _ID_KINDS.index("old_form")
    kind[(kind == old) & ((birth_year >= 1999) | (birth_year < 1900) | permit)] = -1
    kind[(kind == _ID_KINDS.index("scientific")) & ends_x] = -1
    lower = ends_x & (kind == -1) & (c.rng.random(n) < rates.lower_x)
    out = number.astype(object)
    as_number = np.zeros(n, dtype=bool)

    def where(name: str) -> npt.NDArray[np.int64]:
        return np.flatnonzero(kind == _ID_KINDS.index(name))

    for name, spoil in (("slip", id_numbers.slip), ("swap", id_numbers.swap)):
        at = where(name)
        if len(at):
            out[at] = spoil(number[at], c.rng, outside_birth=not has_birth).astype(object)
    for name, reshape in (
        ("old_form", id_numbers.old_form),
        ("masked", id_numbers.masked),
        ("scientific", id_numbers.scientific),
    ):
        at = where(name)
        if len(at):
            out[at] = reshape(number[at]).astype(object)
        if name != "masked":
            as_number[at] = c.rng.random(len(at)) < 0.5
    out[where("missing")] = None
    at = where("placeholder")
    out[at] = c.rng.choice(np.array(_PLACEHOLDERS, dtype=object), len(at))
    for at, write in (
        (where("full_width"), _wide),
        (where("apostrophe"), _quoted),
        (where("spaced"), _spaced),
        (np.flatnonzero(lower), str.lower),
    ):
        for i in at.tolist():
            out[i] = write(str(number[i]))
    lost = np.isin(kind, [_ID_KINDS.index("scientific"), _ID_KINDS.index("placeholder")])
    damage = np.select(
        [(kind >= 0) & (kind <= old), (kind > old) & (kind <= _ID_KINDS.index("placeholder"))], [1, 3], default=0
    )
    return out, lost, as_number, damage.astype(np.int64), (kind >= 0) & (kind < old)


def _wide(text: str) -> str:
    return text.translate(_WIDE)


def _quoted(text: str) -> str:
    return "'" + text


def _spaced(text: str) -> str:
    return f"{text[:6]} {text[6:14]} {text[14:]}"


def _wrong_numbers(
    c: County,
    dataset: str,
    frame: pl.DataFrame,
    written: npt.NDArray[np.object_],
    damage: npt.NDArray[np.int64],
    spared: Flags,
    rates: Rates,
) -> Flags:
    """Another person's number on a record: a stranger's in some sector files, the head's on a child's roster row."""
    n = frame.height
    wrong = np.zeros(n, dtype=bool)
    pid = frame["pid"].to_numpy()
    p = c.people
    if dataset in WRONG_NUMBERS:
        enrolled = np.array([k.pids[0] for k in c.cases["dibao"]])
        for i in np.flatnonzero((c.rng.random(n) < rates.wrong_number) & ~spared & (damage == 0)).tolist():
            pool = enrolled if c.rng.random() < 0.3 else np.arange(len(p))
            other = int(pool[c.rng.integers(0, len(pool))])
            if p.surname[other] != p.surname[pid[i]] and names.DOT not in str(p.name[other]) + str(p.name[pid[i]]):
                written[i], wrong[i] = str(p.id_number[other]), True
    if dataset == "dibao":
        child = np.isin(p.role[pid], ["C", "G"]) & ~spared & (damage == 0)
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
    text = np.array(true, dtype="U14")
    rare = np.zeros(n, dtype=bool)
    for char in names.RARE:
        rare |= np.char.find(text, char) > 0
    dotted = np.char.find(text, names.DOT) > 0
    u = c.rng.random(n)
    kind[rare & (u < rates.rare_lost) & ~quiet] = _NAME_KINDS.index("wildcard")
    out = list(true)
    renamed = np.zeros(n, dtype=bool)
    changed = np.flatnonzero((kind >= 0) | (dotted & (u < rates.other_dot) & ~quiet)).tolist()
    for i in changed:
        out[i] = _rename(c, true[i], _NAME_KINDS[kind[i]] if kind[i] >= 0 else "dot")
        renamed[i] = out[i] != true[i]
    short = np.flatnonzero((np.char.str_len(text) == 2) & (kind < 0) & (u > 1 - rates.spread)).tolist()
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
