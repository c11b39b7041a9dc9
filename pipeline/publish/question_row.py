"""A question about two persons as one town reads it: who stands beside whom, what is said of it, what to look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.contract import ROSTERS, scheme_zh
from pipeline.linkage.explain import sentence_of_pattern
from pipeline.linkage.explain.asking import Side, how_to_look, why_asked
from pipeline.linkage.explain.wording import pattern_levels
from pipeline.masking import mask_number
from pipeline.publish.questions import Link, Question, Rival
from pipeline.publish.words import TIERS, chance, place, places

_SIDES = ("名册", "对方")  # as the columns are headed
# The person columns that a sentence is made more exact by: the pattern's field → the records' column.
FIELDS: dict[str, str] = {
    "name": "name", "id": "id_number", "birth": "birth_date", "sex": "sex", "phone": "phone",
}  # fmt: skip
Row = tuple[Any, ...]
Record = Mapping[str, Any]


class Asking:
    """A question with the records of its two persons, those of the reading town's person first."""

    def __init__(
        self, question: Question, link: Link, turned: bool, person: Mapping[str, str], records: Mapping[str, Record]
    ) -> None:
        self._question, self._link, self._records = question, link, records
        ours, theirs = link["roster_record_id"], link["record_id"]
        first, second = (theirs, ours) if turned else (ours, theirs)
        self.here, self.there = person[first], person[second]
        every = [r for k in (link, *question.links) for r in (k["roster_record_id"], k["record_id"])]
        self._mine = [first, *(r for r in dict.fromkeys(every) if person[r] == self.here and r != first)]
        self._other = [second, *(r for r in dict.fromkeys(every) if person[r] == self.there and r != second)]

    def row(self, sizes: Mapping[str, int], needs: Mapping[str, list[str]]) -> Row:
        """The cells of `COLUMNS` between the number and the reply."""
        here, there = self._of(self._mine)[0], self._of(self._other)[0]
        link, probability = self._link, self._link["match_probability"]
        pattern = _pattern(link["pattern"], here, there)
        levels = pattern_levels(pattern)
        values = {field: (_text(here.get(column)), _text(there.get(column))) for field, column in FIELDS.items()}
        values["place"] = (_text(here.get("town")), _text(there.get("town")))
        sides = (_side(_SIDES[0], here), _side(_SIDES[1], there, link["dataset"]))
        rivals = self._question.rivals
        near = sum(r.nearly for r in rivals)
        why = why_asked(levels, probability, self._question.reason, near, sides)
        told = sentence_of_pattern(pattern, link["match_weight"], probability, link["decision"], values, _SIDES, why)
        told_apart = [_side("", record) for r in rivals if (record := self._records.get(r.record))]
        mine, other = self._of(self._mine), self._of(self._other)
        return (
            here.get("village") or "",
            _lines(scheme_zh(r.get("_dataset")) for r in mine if r.get("_dataset") in ROSTERS),
            _lines(r.get("household_no") for r in mine if r.get("_dataset") in ROSTERS),
            *_people(mine),
            "\n".join(places(self._mine)),
            _lines([scheme_zh(sides[1].dataset), *(scheme_zh(r.get("_dataset")) for r in other[1:])]),
            *_people(other),
            "\n".join(places(self._other)),
            _lines([told, self._rivals(rivals), self._others(sizes), self._decides(), _in_need(other, needs)]),
            TIERS.get(link["tier"], link["tier"] or ""),
            "" if probability is None else chance(probability),
            how_to_look(levels, (sides[0], _enrolled(other) or sides[1]), told_apart),
        )

    def _of(self, ids: Sequence[str]) -> list[Record]:
        return [self._records.get(r, {"record_id": r}) for r in ids]

    def _rivals(self, rivals: Sequence[Rival]) -> str:
        """Who else it may be, each by a record, so that all are looked at together."""
        told = []
        for r in rivals:
            record = self._records.get(r.record, {})
            number = mask_number(record.get("id_number"))
            likely = "" if r.probability is None else f"可能性{chance(r.probability)}"
            said = [record.get("birth_date"), record.get("town"), number and f"证件号{number}", place(r.record), likely]
            told.append(f"{record.get('name') or '姓名不详'}（{'，'.join(str(v) for v in said if v)}）")
        return f"另有人选：{'；'.join(told)}。" if told else ""

    def _others(self, sizes: Mapping[str, int]) -> str:
        """That a person of the question stands in further ones, in this workbook or in another town's."""
        counts = [(side, sizes[who]) for side, who in zip(_SIDES, (self.here, self.there), strict=True)]
        told = [f"{side}这个人共有{n}个待比对的人选" for side, n in counts if n > 1]
        return f"{'，'.join(told)}，请一并比对。" if told else ""

    def _decides(self) -> str:
        n = len(self._question.links)
        return f"本行一次答复{n}对记录。" if n > 1 else ""


def _side(called: str, record: Record, dataset: str = "") -> Side:
    said = {c: _text(record.get(c)) for c in ("name", "id_number", "birth_date", "town")}
    return Side(
        called, record.get("_dataset") or dataset, said["name"], said["id_number"], said["birth_date"], said["town"]
    )  # fmt: skip


def _enrolled(some: Sequence[Record]) -> Side | None:
    """The first of a person's records that stands on a roster: what stands there is a town's to put right."""
    return next((_side(_SIDES[1], r) for r in some if r.get("_dataset") in ROSTERS), None)


def _people(some: Sequence[Record]) -> tuple[str, str]:
    """Names and numbers, masked, as the records write them; a name and its number keep to one line of their cells."""
    told = list(dict.fromkeys((r.get("name") or "", mask_number(r.get("id_number"))) for r in some))
    return "\n".join(name for name, _ in told), "\n".join(number for _, number in told).rstrip("\n")


def _lines(values: Iterable[str | None]) -> str:
    return "\n".join(dict.fromkeys(v for v in values if v))


def _in_need(there: Sequence[Record], needs: Mapping[str, list[str]]) -> str:
    """What it would mean for the other records' person not to be the one on the roster."""
    titles = list(dict.fromkeys(t for r in there for t in needs.get(r.get("record_id") or "", [])))
    name = there[0].get("name") or "对方"
    return f"如不是同一人，{name}有漏保线索（{'、'.join(titles)}），请一并入户。" if titles else ""


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _pattern(pattern: str | None, here: Record, there: Record) -> str:
    """The link's pattern, and what the two records themselves show of the fields that it does not name at all."""
    named = {piece.partition("=")[0] for piece in (pattern or "").split()}
    more = []
    for field, column in FIELDS.items():
        a, b = here.get(column), there.get(column)
        if field not in named and a is not None and b is not None:
            more.append(f"{field}={'equal' if a == b else 'unlike' if field == 'name' else 'other'}")
    if "place" not in named and here.get("town") and there.get("town"):
        if here["town"] != there["town"]:
            more.append("place=other")
        else:
            same = here.get("village") and here.get("village") == there.get("village")
            more.append("place=village" if same else "place=town")
    return " ".join([*(pattern or "").split(), *more])
