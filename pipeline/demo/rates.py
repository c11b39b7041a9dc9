"""How often records bear each kind of trouble: believable shares for all, high ones for the people to be tested."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Rates:
    """Share of records with each kind of trouble, or of those that it can befall."""

    # numbers
    slip: float = 0.007
    swap: float = 0.005
    digit_lost: float = 0.0006
    digit_doubled: float = 0.0006
    old_form: float = 0.003
    missing: float = 0.005
    masked: float = 0.003
    scientific: float = 0.001
    placeholder: float = 0.001
    rounded: float = 0.0005
    strangers_number: float = 0.0006  # in `WRONG_NUMBERS`
    heads_number: float = 0.08  # of children's dibao rows
    full_width: float = 0.004
    apostrophe: float = 0.004
    spaced: float = 0.004
    lower_x: float = 0.1  # of the numbers that end in X
    # names
    by_ear: float = 0.0014
    by_ear_cantonese: float = 0.0008
    traditional: float = 0.003
    variant: float = 0.0006
    wildcard: float = 0.0012
    rare_lost: float = 0.35  # of the names with a rare character
    other_dot: float = 0.3  # of the names with a middle dot
    one_lost: float = 0.0006
    one_added: float = 0.0003
    lookalike: float = 0.0008
    spread: float = 0.03  # of two-character names: a wide space between
    # birth dates, where the file has the column
    day_month: float = 0.001
    birth_digit: float = 0.001
    birth_day: float = 0.001
    # the other columns
    moved: float = 0.015
    phone_old: float = 0.03
    phone_missing: float = 0.03
    place_missing: float = 0.005
    # another trouble beside a broken or missing number
    also_name: float = 0.03
    also_birth: float = 0.03


# For the people whose links are to be tested.
LOUD = Rates(
    slip=0.12, swap=0.07, digit_lost=0.025, digit_doubled=0.025, old_form=0.07, missing=0.06, masked=0.06,
    scientific=0.01, placeholder=0.02, rounded=0.01,
    by_ear=0.04, by_ear_cantonese=0.03, traditional=0.04, variant=0.06, wildcard=0.03, one_lost=0.02, one_added=0.015,
    lookalike=0.05, day_month=0.015, birth_digit=0.02, birth_day=0.015, moved=0.1, phone_old=0.15, phone_missing=0.08,
    place_missing=0.06, also_name=0.1, also_birth=0.1,
)  # fmt: skip
ORDINARY = Rates()

RENUMBERED = 0.003  # of all people: another valid number in older files


@dataclass(frozen=True)
class Rows:
    """Whose records a frame's rows are: their pids, and which of them are spared, or spoilt more than usual."""

    pid: Ints
    quiet: Flags
    loud: Flags

    def draw(self, rng: np.random.Generator, kinds: tuple[str, ...]) -> Objects:
        """For each row one of `kinds` by their rates, or '' for none."""
        n = len(self.pid)
        u = rng.random(n)
        labels = np.array([*kinds, ""], dtype=object)
        out = np.full(n, "", dtype=object)
        for mask, rates in ((~self.loud, ORDINARY), (self.loud, LOUD)):
            edges = np.cumsum([getattr(rates, k) for k in kinds])
            rows = np.flatnonzero(mask & (u < edges[-1]))
            out[rows] = labels[np.searchsorted(edges, u[rows], side="right")]
        out[self.quiet] = ""
        return out

    def draw_more(
        self, rng: np.random.Generator, kinds: tuple[str, ...], among: Flags, rate: str
    ) -> tuple[Ints, Objects]:
        """Rows `among` these that get one of `kinds`, each as likely, at the rate of that name; and which."""
        rows = np.flatnonzero(among & ~self.quiet)
        share = np.where(self.loud[rows], getattr(LOUD, rate), getattr(ORDINARY, rate))
        rows = rows[rng.random(len(rows)) < share]
        return rows, rng.choice(np.array(kinds, dtype=object), len(rows))
