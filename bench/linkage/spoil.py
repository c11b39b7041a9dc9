"""How the bench's records come to differ from the truth: the demonstration county's own slips, at the rates below.

Numbers and names are spoilt by `pipeline.demo` itself; the other fields get errors of their own here, because a linkage
that leans on them must meet them. A record whose number or name is spoilt is *hard*, and its kind says how; errors in
the other fields alone do not make it hard (its number and name still say who it is).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.demo import id_numbers, names
from pipeline.demo.number_noise import KINDS, LOST, UNTIDY, write_numbers
from pipeline.demo.rates import LOUD, ORDINARY, Rates

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]

LOUD_SHARE = 0.03  # of the people, whose records are spoilt at the demonstration's LOUD rates
STRANGER = 0.001  # records under the number of somebody else in the county
HEAD = 0.002  # records under the number of the head of the household
RENUMBERED = 0.0004  # records under another valid number that the person once had

_NUMBER_KINDS = tuple(k for k in KINDS if k not in UNTIDY)  # ingest takes untidiness away
_NAME_KINDS = tuple(k for k in names.KINDS if k != "other_dot")  # dots befall only the names that have one
_EARLIER_AREA = "440200"  # nobody else's numbers begin so


@dataclass(frozen=True)
class FieldRates:
    """Share of records with an error in a field beside number and name."""

    sex_missing: float
    sex_wrong: float
    birth_missing: float
    birth_wrong: float
    moved: float  # another town, village and address
    village_missing: float
    address_missing: float
    address_otherwise: float  # without the county's name before it
    phone_missing: float
    phone_other: float


ROSTER = FieldRates(0.005, 0.001, 0.01, 0.003, 0.01, 0.03, 0.05, 0.1, 0.1, 0.05)
SECTOR = FieldRates(0.02, 0.002, 0.02, 0.004, 0.03, 0.05, 0.1, 0.1, 0.35, 0.2)


def draw(rng: np.random.Generator, loud: Flags, kinds: tuple[str, ...]) -> Objects:
    """For each record one of `kinds`, or '' for none."""
    u = rng.random(len(loud))
    labels = np.array([*kinds, ""], dtype=object)
    out = np.full(len(loud), "", dtype=object)
    rates: tuple[tuple[Flags, Rates], ...] = ((~loud, ORDINARY), (loud, LOUD))
    for mask, rate in rates:
        edges = np.cumsum([getattr(rate, k) for k in kinds])
        out[mask] = labels[np.searchsorted(edges, u[mask], side="right")]
    return out


def spoil_numbers(rng: np.random.Generator, number: npt.NDArray[np.str_], loud: Flags) -> tuple[Objects, Objects]:
    """Numbers as ingest would leave them (None = nothing readable), and what was done to each ('' = nothing)."""
    written = write_numbers(number, draw(rng, loud, _NUMBER_KINDS), rng, lower_x=0.0)
    text, kind = written.text, written.kind
    lost = np.isin(kind.astype("U16"), LOST)
    text[lost] = None
    kind[lost] = "missing"
    return text, kind


def earlier_numbers(number: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
    """Valid numbers with the same birth date and sequence, given out in another district."""
    body = np.char.add(_EARLIER_AREA, np.array([n[6:17] for n in number.tolist()], dtype="U11"))
    return np.char.add(body, id_numbers.check_digit(body))


def spoil_names(rng: np.random.Generator, name: npt.NDArray[np.str_], loud: Flags) -> tuple[Objects, Objects]:
    """Names as written, and what was done to each ('' = nothing)."""
    kind = draw(rng, loud, _NAME_KINDS)
    text = pl.Series(name)
    u = rng.random(len(name))
    kind[text.str.contains(f".[{names.RARE}]").to_numpy() & (u < ORDINARY.rare_lost)] = "wildcard"
    dotted = text.str.contains(names.DOT, literal=True).to_numpy()
    kind[dotted & ((kind != "") | (u < ORDINARY.other_dot))] = "other_dot"
    out = name.astype(object)
    for i in np.flatnonzero(kind != "").tolist():
        out[i] = names.misspelt(str(name[i]), str(kind[i]), rng)
        if out[i] == name[i]:
            kind[i] = ""
    return out, kind


def spoil_births(
    rng: np.random.Generator, birth: npt.NDArray[np.datetime64], rates: FieldRates
) -> npt.NDArray[np.datetime64]:
    """Birth dates as written: day and month exchanged, another day of the month, a year off, or none (NaT)."""
    out = birth.astype("datetime64[D]").copy()
    u, how = rng.random(len(out)), rng.random(len(out))
    month = out.astype("datetime64[M]")
    day = (out - month).astype(np.int64)
    of_year = month.astype(np.int64) % 12
    wrong = u < rates.birth_wrong
    swapped = wrong & (how < 0.4) & (day < 12)
    at = np.flatnonzero(swapped)
    year = out[at].astype("datetime64[Y]")
    out[at] = (year.astype("datetime64[M]") + day[at]).astype("datetime64[D]") + of_year[at]
    otherwise = np.flatnonzero(wrong & ~swapped & (how < 0.8))
    out[otherwise] = month[otherwise].astype("datetime64[D]") + (day[otherwise] + 10) % 28
    year_off = np.flatnonzero(wrong & ~swapped & (how >= 0.8))
    out[year_off] -= np.timedelta64(365, "D")
    out[u > 1 - rates.birth_missing] = np.datetime64("NaT")
    return out


def blanked(values: pl.Expr, empty: Flags) -> pl.Expr:
    """The values, null where `empty`."""
    return pl.when(pl.lit(pl.Series(empty))).then(None).otherwise(values)
