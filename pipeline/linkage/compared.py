"""Two records side by side, as the model saw them: what `audit explain`, the workbooks and the page are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.record_words import chance


@dataclass(frozen=True)
class FieldCompared:
    """One field: both values as text (None = empty), the level's label (None = no information), its weight in bits.

    `weight` is log2(m/u) with the term-frequency adjustment in it; 0.0 where there is no information. `notes` say of
    either value where it is from, when it does not stand on the record itself ('' = it does), in Chinese.
    """

    field: str
    left: str | None
    right: str | None
    level: str | None
    weight: float
    notes: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Other:
    """Somebody else who comes into a pair, as a record of theirs: `said` is what it says of them, by field."""

    record: str
    said: Mapping[str, str | None]


@dataclass(frozen=True)
class Weighed:
    """What linkage weighed between two persons, where that is not what two of their records say: the link's own weight,
    the level of each field that differs (None = no information), and the records of either person, the first few.
    """

    weight: float
    levels: Mapping[str, str | None]
    left: tuple[str, ...]
    right: tuple[str, ...]


@dataclass(frozen=True)
class Compared:
    """A pair of records and what speaks for and against their being one person.

    `weight` is the sum of the fields' weights (log2 Bayes factor); `prior` the log2 odds before any evidence;
    `probability` takes the rivals into account and is None where no model decided (an exact ID, two confirmed IDs);
    `runner_up` is the weight of the next best candidate for the same record, `rival` who that is. `decision` is link,
    review or reject; `reason` says what settled it: same_id, confirmed_apart, id_conflict, two_numbers, repaired_id,
    probabilistic, household, rival, held_… (see sql/linkage/82_judged.sql), below, or through where both were linked to
    a `third`. `member`: records of whoever stands in both households, in the left one's and in the right one's.
    `both_in`: a list in which a person stands once and both persons have a row, with these rows. `refused`: why an ID
    number that either record registers could not be read (Chinese, '' = it could, or none is there). `rival_chance`:
    the rival's probability, where the model told one. `weighed`: the link's own weight, where it is not this one.
    `link_at`: the probability from which the model links, where it is known. `beside`: the candidate that
    came next is, or may be, the same person's other record: no rival, and no runner-up is told.
    `towns`: of two equal addresses in different towns, where either record was registered.
    """

    left: str
    left_dataset: str
    right: str
    right_dataset: str
    fields: tuple[FieldCompared, ...]
    weight: float
    prior: float
    probability: float | None
    runner_up: float | None
    tier: str
    decision: str
    reason: str
    rival: Other | None = None
    third: Other | None = None
    member: tuple[str, str] | None = None
    both_in: tuple[str, str, str] | None = None
    refused: tuple[str, str] = ("", "")
    rival_chance: float | None = None
    weighed: Weighed | None = None
    link_at: float | None = None
    beside: bool = False
    towns: tuple[str, str] = ("", "")

    @property
    def own_weight(self) -> float:
        """The weight by which linkage decided, beside which the runner-up's stands."""
        return self.weighed.weight if self.weighed else self.weight

    @property
    def likely(self) -> str:
        """The probability in words, on the right side of the model's threshold; '' where no model decided."""
        if self.probability is None:
            return ""
        return chance(self.probability) if self.link_at is None else chance(self.probability, self.link_at)
