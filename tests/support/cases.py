"""Many small cases of linkage in one drop: what each case's records turn out to be to each other.

A case is a text, a record a line: a dataset and `column=value` pairs between blanks,

    dibao   name=NAME id_number=@~ birth_date=BORN town=乐城
    medical name=NAME id_number=@

In a value `@` stands for the number of a person of the case's own (`@b`, `@c`, `@d`: others; `@`, `@b` men, `@c`, `@d`
women), with what `people` writes behind it; BORN (BORNb …) for the birth date in it; NAME (NAMEb …) for a name that no
other case has; `#` for the case's own number. So no case has anything to do with another, and one run of linkage
decides them all. A record is called by its dataset, a second one of the case `dibao 2`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pipeline.contract import DATASETS
from pipeline.engine.duck import DuckEngine
from pipeline.identity import PERSON_FIELDS, make_comparable
from pipeline.linkage import link
from pipeline.linkage.model import Model
from support.grid import load_tables, typed_value

_PERSONS = {"": 1, "c": 2, "b": 3, "d": 4}
_SURNAMES = "赵钱孙周吴郑冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严金魏陶姜戚谢邹喻柏水窦章云苏潘葛"
_GIVEN = "德全 春桃 志远 桂花 国栋 淑芬 建业 美玲 永福 秀兰 家宝 文斌 玉珍 海燕".split()
_TOKEN = re.compile(r"@([bcd]?)(:?)")
_FIRST_BIRTH = datetime.date(1940, 1, 10)


class Found(NamedTuple):
    """What links says of a pair: `fields` are those of the pattern that say anything."""

    decision: str
    tier: str
    fields: dict[str, str]
    weight: float | None
    probability: float | None


@dataclass
class Judged:
    """One case after linkage: its number, what became of its pairs, and who each record is about.

    `records`: record id → what the record is called in `pairs` and `persons`, in the order of the case's lines.
    """

    at: int
    records: dict[str, str] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Found] = field(default_factory=dict)
    persons: dict[str, str] = field(default_factory=dict)

    @property
    def decisions(self) -> dict[tuple[str, str], str]:
        """The pairs that are linked or put to a person."""
        return {pair: found.decision for pair, found in self.pairs.items() if found.decision != "reject"}

    @property
    def linked(self) -> set[tuple[str, str]]:
        return {pair for pair, decision in self.decisions.items() if decision == "link"}


def name_of(case: int, person: str = "") -> str:
    """The name of a case's person: surname and given name of three characters in all."""
    at = case + 7 * _PERSONS[person]
    return _SURNAMES[at % len(_SURNAMES)] + _GIVEN[(case + 3 * _PERSONS[person]) % len(_GIVEN)]


def token(case: int, person: str = "") -> str:
    """The token of a case's person, as `people.number` takes it, with a birth date that nobody else has.

    The persons of a case are half a generation apart, so that no birth date is nearly another's.
    """
    at = _PERSONS[person]
    return f"@{4 * case + at}:{_FIRST_BIRTH + datetime.timedelta(days=61 * case + 6_679 * (at - 1))}"


def born(case: int, person: str = "") -> str:
    """The birth date in the number of a case's person."""
    return token(case, person).partition(":")[2]


def _value(text: str, case: int) -> str:
    text = _TOKEN.sub(lambda m: token(case, m[1]).partition(":")[0] + ":" if m[2] else token(case, m[1]), text)
    text = re.sub(r"BORN([bcd]?)", lambda found: born(case, found[1]), text)
    text = re.sub(r"NAME([bcd]?)", lambda found: name_of(case, found[1]), text)
    return text.replace("#", str(case))


def case_rows(case: int, text: str) -> list[tuple[str, dict[str, Any]]]:
    """(dataset, typed row) of every record of a case."""
    rows = []
    for line in text.strip().splitlines():
        dataset, *cells = line.split()
        columns = DATASETS[dataset].by_id
        row = {}
        for cell in cells:
            column, _, value = cell.partition("=")
            row[column] = typed_value(_value(value, case), columns[column].sql_type)
        rows.append((dataset, row))
    return rows


@dataclass
class Loaded:
    """Cases on an engine, as identity leaves them: `owner` is record id → (title, what the record is called)."""

    cases: dict[str, Judged]
    present: set[str]
    owner: dict[str, tuple[str, str]]


def load_cases(engine: DuckEngine, cases: Mapping[str, str], *, empty: tuple[str, ...] = ()) -> Loaded:
    """Put all cases on the engine as one drop. `empty`: datasets that came empty."""
    tables: dict[str, list[dict[str, Any]]] = {dataset: [] for dataset in empty}
    loaded = Loaded({title: Judged(n) for n, title in enumerate(cases, 1)}, set(), {})
    for title, text in cases.items():
        seen: dict[str, int] = {}
        for dataset, row in case_rows(loaded.cases[title].at, text):
            rows = tables.setdefault(dataset, [])
            at = len(rows) + 1
            rows.append({"record_id": f"{dataset}#{at}", "file": dataset, "sheet": "-", "row": at} | row)
            seen[dataset] = seen.get(dataset, 0) + 1
            called = dataset if seen[dataset] == 1 else f"{dataset} {seen[dataset]}"
            loaded.owner[f"{dataset}#{at}"] = (title, called)
            loaded.cases[title].records[f"{dataset}#{at}"] = called
    load_tables(engine, tables)
    loaded.present.update(tables)
    make_comparable(engine, loaded.present)
    return loaded


def judge(
    engine: DuckEngine, cases: Mapping[str, str], model: Model | None = None, *, empty: tuple[str, ...] = ()
) -> dict[str, Judged]:
    """Run linkage over all cases at once: title → what became of the case.

    A pair of two cases that is linked or put to a person is an AssertionError.
    """
    loaded = load_cases(engine, cases, empty=empty)
    judged, owner = loaded.cases, loaded.owner
    link(engine, loaded.present, model)
    for dataset in loaded.present & set(PERSON_FIELDS):
        for record, person in engine.rows(f"SELECT record_id, person FROM {dataset}").iter_rows():
            title, called = owner[record]
            judged[title].persons[called] = person
    for row in engine.rows("SELECT * FROM links ORDER BY roster_record_id, record_id").iter_rows(named=True):
        (title, left), (other, right) = owner[row["roster_record_id"]], owner[row["record_id"]]
        if title != other:
            assert row["decision"] == "reject", f"{title}: {left} has a {row['decision']} with {right} of '{other}'"
            continue
        fields = dict(part.split("=") for part in row["pattern"].split(" "))
        known = {k: v for k, v in fields.items() if v != "unknown"}
        judged[title].pairs[left, right] = Found(
            row["decision"], row["tier"], known, row["match_weight"], row["match_probability"]
        )
    return judged
