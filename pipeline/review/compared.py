"""A pair as the desk shows it: the fields with their levels and weights, the waterfall's bars, rivals and households.

Nothing is weighed here: levels and sum are the run's own; the name's adjustment for how common it is, is what the sum
leaves over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.contract import DATASETS, ROSTERS
from pipeline.linkage.compared import Compared, FieldCompared
from pipeline.linkage.county import county_spec
from pipeline.linkage.explain.wording import pattern_levels
from pipeline.review.source import Record, Source

_MOST = 40  # people of a household: more are told by number
Pair = dict[str, Any]


@dataclass(frozen=True)
class Mate:
    """Somebody in the household around a record; `self_`: the record's own person."""

    record: Record
    self_: bool


@dataclass(frozen=True)
class Household:
    """The household around a record: in whose list it stands, its number, its people; `own`: the record's own list."""

    dataset: str
    number: str
    mates: tuple[Mate, ...]
    more: int
    own: bool


@dataclass(frozen=True)
class Rival:
    """Another candidate: the record that takes the place of one side (`instead_of`: left or right)."""

    record: Record
    instead_of: str
    probability: float | None
    decision: str


class Pairs:
    """The pairs of a run, and what stands around each."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._frame = source.pairs
        self._rivals: dict[tuple[str, str], list[int]] = {}
        for n, pair in enumerate(source.rivals.select("roster_record_id", "record_id").iter_rows()):
            self._rivals.setdefault(pair, []).append(n)

    def get(self, at: int) -> Pair:
        """A pair by its row."""
        return self._frame.row(at, named=True)

    def compared(self, at: int, told: float | None) -> Compared:
        """A pair as `audit explain` has it, undecided as it is. `told`: the probability the model told."""
        pair = self.get(at)
        left, right = self.records(pair)
        fields = self._fields(pair, left, right)
        conflict = pair["tier"] == "exact_id" and pair["reason"] is None
        return Compared(
            left=pair["roster_record_id"],
            left_dataset=left["dataset"],
            right=pair["record_id"],
            right_dataset=right["dataset"],
            fields=fields,
            weight=round(sum(f.weight for f in fields), 3),
            prior=pair["prior"] or 0.0,
            probability=None if conflict else told,
            runner_up=pair["runner_up"],
            tier=pair["tier"] or "probabilistic",
            decision="review",
            reason="id_conflict" if conflict else pair["reason"] or "below",
        )

    def records(self, pair: Pair) -> tuple[Record, Record]:
        """Both records of a pair."""
        left, right = (self._source.records.get(pair[c]) for c in ("roster_record_id", "record_id"))
        assert left is not None and right is not None  # the queue holds no other pair
        return left, right

    def rivals(self, at: int) -> list[Rival]:
        """The other candidates of either record, the likeliest first."""
        pair = self.get(at)
        found = []
        for n in self._rivals.get((pair["roster_record_id"], pair["record_id"]), ()):
            r = self._source.rivals.row(n, named=True)
            if (record := self._source.records.get(r["rival_record_id"])) is not None:
                found.append(Rival(record, r["instead_of"], r["match_probability"], r["decision"]))
        return found

    def household(self, record: Record) -> Household | None:
        """The household a record stands in; else the one in which the same person stands elsewhere: on a roster, in the
        register.
        """
        records = self._source.records
        group, owner, own = record["group_no"], record["dataset"], True
        if not group or len(records.in_household(group)) < 1:
            elsewhere = [r for r in records.of_person(record["person"]) if r["group_no"]]
            elsewhere.sort(key=lambda r: (_rank(r["dataset"]), r["record_id"]))
            if not elsewhere:
                return None
            group, owner, own = elsewhere[0]["group_no"], elsewhere[0]["dataset"], False
        people = [r for r in records.in_household(group) if r["dataset"] == owner]
        mates = tuple(Mate(r, r["person"] == record["person"]) for r in people[:_MOST])
        return Household(owner, group.partition(":")[2], mates, max(0, len(people) - _MOST), own)

    def elsewhere(self, record: Record, other: Record) -> list[tuple[Record, tuple[str, ...]]]:
        """What the other records taken for the same person say, rosters first: one of those that say the same, and the
        lists they stand in.
        """
        both = {record["record_id"], other["record_id"]}
        found = [r for r in self._source.records.of_person(record["person"]) if r["record_id"] not in both]
        said: dict[tuple[Any, ...], list[Record]] = {}
        for r in sorted(found, key=lambda r: (_rank(r["dataset"]), r["record_id"])):
            said.setdefault((r["name"], r["id_number"], r["birth_date"], r["phone"]), []).append(r)
        return [(some[0], tuple(dict.fromkeys(r["dataset"] for r in some))) for some in said.values()]

    def _fields(self, pair: Pair, left: Record, right: Record) -> tuple[FieldCompared, ...]:
        levels = pattern_levels(pair["pattern"])
        a, b = values(left), values(right)
        for field in ("name", "id", "birth", "sex", "phone", "place"):
            if field not in levels:
                levels[field] = _seen(field, left, right, a[field], b[field])
        bits = {f: self._source.bits.get((f, level or ""), 0.0) for f, level in levels.items()}
        if pair["match_weight"] is not None and levels.get("name"):
            bits["name"] += pair["match_weight"] - sum(bits.values())
        return tuple(
            FieldCompared(f.id, a[f.id], b[f.id], levels.get(f.id), round(bits.get(f.id, 0.0), 3))
            for f in county_spec().fields
        )


def values(record: Record) -> dict[str, str | None]:
    """What stands on a record, by the comparison's fields."""
    place = record["address"] or "".join(v for v in (record["town"], record["village"]) if v) or None
    group, birth = record["group_no"], record["birth_date"]
    return {
        "name": record["name"] or None, "id": record["id_number"], "birth": birth.isoformat() if birth else None,
        "sex": record["sex"], "place": place, "phone": record["phone"], "account": record["account"],
        "household": group.partition(":")[2] if group else None, "once": DATASETS[record["dataset"]].zh,
    }  # fmt: skip


def borrowed(f: FieldCompared) -> bool:
    """Whether a level cannot be seen in the two values: other records of the same person spoke for it."""
    if f.level is None or f.field in ("household", "once"):
        return False
    if not f.left or not f.right:
        return True
    if f.field == "place" or f.level in ("old_form", "masked"):
        return False
    return (f.level == "equal") != (f.left == f.right)


def _seen(field: str, left: Record, right: Record, a: str | None, b: str | None) -> str | None:
    """The level of a field that the run did not weigh, as far as the two values show it."""
    if field == "place":
        if not left["town"] or not right["town"]:
            return None
        if left["town"] != right["town"]:
            return "other"
        return "village" if left["village"] and left["village"] == right["village"] else "town"
    if not a or not b:
        return None
    return "equal" if a == b else "unlike" if field == "name" else "other"


def _rank(dataset: str) -> int:
    order: Sequence[str] = (*ROSTERS, "household_register")
    return order.index(dataset) if dataset in order else len(order)
