"""Draws over whole arrays of people: who has a record, and its values. Shared by the general population's modules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.demo.model import County
from pipeline.demo.people import Days, Flags, Ints, Strings

Objects = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
Made = Iterator[tuple[str, pl.DataFrame]]


def some(c: County, mask: Flags, rate: float | Floats) -> Ints:
    """pids under the mask, each with probability `rate`."""
    return np.flatnonzero(mask & (c.rng.random(len(mask)) < rate))


def several(c: County, *draws: tuple[Flags, float]) -> Ints:
    """pids of several draws together, in order: a person may come more than once."""
    return np.sort(np.concatenate([some(c, mask, rate) for mask, rate in draws]))


def one_of(c: County, options: tuple[Any, ...], n: int, weights: tuple[float, ...] | None = None) -> Objects:
    """`n` of the options, by weight; None is an empty cell."""
    p = None if weights is None else np.array(weights) / sum(weights)
    return c.rng.choice(np.array(options, dtype=object), n, p=p)


def days(c: County, n: int, first: int, last: int) -> Days:
    """Dates `first` to `last` days before as_of."""
    return np.datetime64(c.month.as_of, "D") - c.rng.integers(first, last + 1, n).astype("timedelta64[D]")


def months(values: Days) -> Strings:
    """The dates' months, YYYY-MM."""
    return np.datetime_as_string(values, unit="M")


def yuan(c: County, n: int, middle: float, spread: float, step: float = 0.01) -> Floats:
    """Sums around `middle`, log-normal, in whole steps."""
    raw = np.exp(c.rng.normal(np.log(middle), spread, n))
    return np.round(np.round(raw / step) * step, 2)


def numbered(c: County, n: int, text: str) -> list[str]:
    """`n` running numbers through a format text."""
    first = c.serial + 1
    c.serial += n
    return [text.format(i) for i in range(first, first + n)]


def table(pid: Ints, **columns: Any) -> pl.DataFrame:
    """A frame of pid and columns; one value stands for all rows, object arrays become text."""
    made: dict[str, Any] = {"pid": pid}
    for name, values in columns.items():
        if np.isscalar(values):
            values = np.full(len(pid), values)
        if isinstance(values, np.ndarray) and values.dtype == object:
            values = pl.Series(name, values.tolist(), dtype=pl.String)
        made[name] = values
    return pl.DataFrame(made)
