"""Shares with their 95 % intervals: what a count out of a count says of the share behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from scipy.special import betaincinv

_TAIL = 0.025


@dataclass(frozen=True)
class Share:
    """`count` of `of`; `low` and `high` are the exact (Clopper-Pearson) 95 % interval. All None where `of` is 0."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        return self.count / self.of if self.of else None

    @cached_property
    def low(self) -> float | None:
        if not self.of:
            return None
        return float(betaincinv(self.count, self.of - self.count + 1, _TAIL)) if self.count else 0.0

    @cached_property
    def high(self) -> float | None:
        if not self.of:
            return None
        missed = self.of - self.count
        return float(betaincinv(self.count + 1, missed, 1 - _TAIL)) if missed else 1.0

    def as_dict(self) -> dict[str, float | int | None]:
        return {"count": self.count, "of": self.of, **_rounded(self.value, self.low, self.high)}


@dataclass(frozen=True)
class Agreement:
    """One group of pairs: true pairs `right`ly linked and `missed`, `wrong` links, missed pairs left `in_review`.

    `wrong` is None for a group that only true pairs belong to (it has no precision), `missed` for one that only links
    belong to (it has no recall).
    """

    group: str
    right: int
    missed: int | None
    wrong: int | None
    in_review: int

    @property
    def true(self) -> int | None:
        return None if self.missed is None else self.right + self.missed

    @property
    def precision(self) -> Share:
        return Share(0, 0) if self.wrong is None else Share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> Share:
        return Share(self.right, self.true) if self.true is not None else Share(0, 0)

    @property
    def with_review(self) -> Share:
        """Recall where a person accepts every true pair in review."""
        return Share(self.right + self.in_review, self.true) if self.true is not None else Share(0, 0)

    @property
    def f1(self) -> tuple[float | None, float | None, float | None]:
        """F1 and its interval: F1 = 2J / (1 + J), J the share of right links among all pairs linked or true."""
        if self.wrong is None or self.missed is None:
            return None, None, None
        together = Share(self.right, self.right + self.wrong + self.missed)
        value, low, high = (
            None if j is None else 2 * j / (1 + j) for j in (together.value, together.low, together.high)
        )
        return value, low, high

    def as_dict(self) -> dict[str, object]:
        return {
            "group": self.group, "true": self.true, "right": self.right, "wrong": self.wrong, "missed": self.missed,
            "in_review": self.in_review, "precision": self.precision.as_dict(), "recall": self.recall.as_dict(),
            "recall_with_review": self.with_review.as_dict(), "f1": _rounded(*self.f1),
        }  # fmt: skip


def _rounded(value: float | None, low: float | None, high: float | None) -> dict[str, float | None]:
    return {k: None if v is None else round(v, 6) for k, v in (("value", value), ("low", low), ("high", high))}
