"""Two records side by side: the levels and weights of any pair, whether linkage ever asked about it or not.

The statements that compare candidates (sql/linkage/) are run on an engine of their own that holds these two records
only, so that an explanation can never say anything else than linkage did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import macro_statements, read_folder
from pipeline.errors import BadInput
from pipeline.linkage.compare_others import best_known, both_in, member_of_both, not_set_apart, refused_number, rival_of
from pipeline.linkage.compare_settled import asked_from, settled_as, weighed
from pipeline.linkage.compare_values import (
    LEFT,
    RIGHT,
    Told,
    seen_in,
    tell_agreeing,
    tell_home,
    tell_number,
    tell_others,
    tell_towns,
    values_of,
)
from pipeline.linkage.compare_weights import weights
from pipeline.linkage.compared import Compared, FieldCompared
from pipeline.linkage.county import county_spec
from pipeline.linkage.model import Model
from pipeline.linkage.stage import once_frame


@dataclass(frozen=True)
class _Record:
    """A record as `person_record` has it, and what its number and name say."""

    row: dict[str, Any]
    described: dict[str, Any]
    number_in: dict[str, Any] | None = None  # the record of the same person whose number speaks for this one

    @property
    def sound(self) -> bool:
        return bool(self.described["sound"])

    def known_beside(self, other: _Record) -> bool:
        """Whether linkage took its person for certain beside the other: by the number, or linked to a third already."""
        linked = self.row["person"] not in (self.row["own"], other.row["person"])
        return self.sound or linked


def compare_records(engine: DuckEngine, model: Model, a: str, b: str) -> Compared:
    """Compare two records of a drop after `link` has run on `engine`. BadInput for a record id that is not there."""
    left, right = _record(engine, a), _record(engine, b)
    certain = left.known_beside(right), right.known_beside(left)
    # linkage asks who the uncertain one is
    if certain == (True, False) or (certain[0] == certain[1] and asked_from(engine, right.row, left.row)):
        left, right = right, left
    left, right = _as_person(engine, left, right), _as_person(engine, right, left)
    around = {LEFT: _around(engine, left, right), RIGHT: _around(engine, right, left)}
    levels = _levels(engine, left, right, around)
    bits = weights(engine, model, left.described, right.described, levels, str(left.row["own"]))
    told = {LEFT: Told(values_of(left.row)), RIGHT: Told(values_of(right.row))}
    for side, other in ((LEFT, RIGHT), (RIGHT, LEFT)):
        tell_others(told[side], told[other], around[side])
    tell_home(told[LEFT], told[RIGHT], levels["place"], around)
    towns = tell_towns(told[LEFT], told[RIGHT], levels["place"], around)
    for name, label in (("phone", "equal"), ("account", "equal"), ("household", "same")):
        if levels[name] == county_spec().labels[name].index(label):
            tell_agreeing(told[LEFT], told[RIGHT], name, around)
    key = left.described["id_key"]
    same_key = key is not None and key == right.described["id_key"]
    for side, record in ((LEFT, left), (RIGHT, right)):
        if record.sound and not same_key:  # two rows on one number are compared as they stand
            tell_number(told[side], record.described)
        if record.number_in:
            wrong = "，本行所登号码有误" if record.row["id_number"] else ""
            told[side].tell("id", record.number_in["id_number"], seen_in(record.number_in) + wrong)
        inside = record.described["number_birth"]
        if inside and levels["birth"] is not None and told[side].values["birth"] is None:
            told[side].tell("birth", inside.isoformat(), "据所登号码")
        if record.described["another"] and levels["id"] is None:
            told[side].notes["id"] = "此号码或是别人的，不作依据"
    refused = refused_number(engine, str(left.row["record_id"])), refused_number(engine, str(right.row["record_id"]))
    for side, reason in ((LEFT, refused[0]), (RIGHT, refused[1])):
        if reason and not told[side].notes.get("id"):
            told[side].notes["id"] = f"所登号码不能用：{reason}"
    spec = county_spec()
    fields = tuple(
        FieldCompared(
            f.id, told[LEFT].values.get(f.id), told[RIGHT].values.get(f.id),
            None if (level := levels[f.id]) is None else f.levels[level], round(bits[f.id], 3),
            (told[LEFT].notes.get(f.id, ""), told[RIGHT].notes.get(f.id, "")),
        )
        for f in spec.fields
    )  # fmt: skip
    kin = levels["household"] == spec.labels["household"].index("kin")
    settled = settled_as(engine, left.row, right.row, same_key)
    weight = round(sum(f.weight for f in fields), 3)
    linked_by = weighed(engine, left.row, right.row, weight, {f.field: f.level for f in fields})
    beside = not_set_apart(engine, left.row, right.row, settled, linked_by.weight if linked_by else weight)
    if beside:
        settled["runner_up"] = None
    rival, rival_chance = (None, None) if settled["runner_up"] is None else rival_of(engine, left.row, right.row)
    return Compared(
        left=str(left.row["record_id"]),
        left_dataset=str(left.row["dataset"]),
        right=str(right.row["record_id"]),
        right_dataset=str(right.row["dataset"]),
        fields=fields,
        weight=weight,
        prior=_prior(engine, left.row, right.row),
        rival=rival,
        rival_chance=rival_chance,
        weighed=linked_by,
        beside=beside,
        towns=towns,
        member=member_of_both(engine, left.row, right.row) if kin else None,
        both_in=both_in(around) if levels["once"] == spec.labels["once"].index("taken") else None,
        refused=refused,
        link_at=model.link_at,
        **settled,
    )


def _as_person(engine: DuckEngine, record: _Record, other: _Record) -> _Record:
    """The record with the sound number of the person it was linked to, where that person stood beside the other."""
    key = record.described["id_key"]
    if record.sound or not record.known_beside(other) or (key and key == other.described["id_key"]):
        return record
    both = {"a": record.row["own"], "o": other.row["own"], "p": other.row["person"]}
    alone = engine.rows(
        "SELECT 1 FROM pair_decision WHERE (left_person = $a AND right_person IN ($o, $p)) "
        "OR (right_person = $a AND left_person IN ($o, $p)) LIMIT 1",
        both,
    )
    row = (
        None if alone.height else best_known(engine, "own = $p AND id_number IS NOT NULL", {"p": record.row["person"]})
    )
    whole = _record(engine, str(row["record_id"])) if row else record
    if not whole.sound:
        return record
    names = {k: record.described[k] for k in _OF_NAME}
    return _Record(record.row, whole.described | names, row)


def _prior(engine: DuckEngine, left: dict[str, Any], right: dict[str, Any]) -> float:
    """Log2 odds, before any evidence, that the one's person is the other: by the list of the one that was asked about.

    Of two uncertain records that is the one with which linkage weighed the pair; unasked, the left one.
    """
    found = engine.rows(
        "SELECT nobody AS bits FROM pair_decision WHERE nobody IS NOT NULL "
        "AND ((left_person IN ($l, $lp) AND right_person IN ($r, $rp)) "
        "OR (left_person IN ($r, $rp) AND right_person IN ($l, $lp))) "
        "ORDER BY decision = 'link' DESC, probability DESC NULLS LAST LIMIT 1",
        {"l": left["own"], "r": right["own"], "lp": left["person"], "rp": right["person"]},
    )["bits"].to_list()
    found += engine.rows("SELECT bits FROM nobody WHERE person = $own", {"own": left["own"]})["bits"].to_list()
    found += engine.rows("SELECT bits FROM list_prior WHERE dataset = $d", {"d": left["dataset"]})["bits"].to_list()
    return -float(found[0]) if found else 0.0


def _around(engine: DuckEngine, record: _Record, other: _Record) -> list[dict[str, Any]]:
    """The records that speak for a record's person beside the other: its own first, then those under the same number;
    where the record's person is certain, all of that person's but the other's own."""
    rows = engine.rows(
        "SELECT * FROM person_record WHERE (own = $own OR ($certain AND person = $person)) AND own <> $other "
        "ORDER BY record_id = $id DESC, record_id",
        {
            "own": record.row["own"], "certain": record.known_beside(other), "person": record.row["person"],
            "other": other.row["own"], "id": record.row["record_id"],
        },
    )  # fmt: skip
    return list(rows.iter_rows(named=True)) or [record.row]


def _record(engine: DuckEngine, record_id: str) -> _Record:
    rows = engine.rows("SELECT * FROM person_record WHERE record_id = $id", {"id": record_id})
    if not rows.height:
        raise BadInput(
            "no record of this id names a person",
            file=record_id,
            remedy="give a record id as it stands in links.parquet: path in the drop#sheet#row",
        )
    row = rows.row(0, named=True)
    described = engine.rows(
        "SELECT p.*, coalesce(n.name_key, '') AS name_key, n.* EXCLUDE (name, name_key), "
        "birth_inside(p.id_number) AS number_birth, "
        "p.no IN (SELECT no FROM key_conflict) OR p.id_key IN (SELECT person FROM unconfirmed WHERE loose) AS another "
        "FROM identity_pair p LEFT JOIN names n ON n.name = p.name "
        "WHERE p.name = $name AND p.id_number IS NOT DISTINCT FROM $number",
        {"name": row["name"], "number": row["id_number"]},
    ).row(0, named=True)
    described["sound"] = described["id_state"] in ("valid", "old15") and not described["another"]
    return _Record(row, described)


def _levels(
    engine: DuckEngine, left: _Record, right: _Record, around: dict[str, list[dict[str, Any]]]
) -> dict[str, int | None]:
    """The level of each field, by the statements that linkage runs; an ID number's own cases on top."""
    steps = {s.name: s for s in read_folder("linkage")}
    small = DuckEngine()
    try:
        for statement in macro_statements(small.name):
            small.run(statement)
        small.load("candidate", pl.DataFrame({"left_person": [LEFT], "right_person": [RIGHT], "blocks": [0]}))
        described = pl.DataFrame([_description(left, LEFT), _description(right, RIGHT)], schema=_DESCRIPTION)
        sound = pl.Series([False, right.sound])  # the left one is compared as somebody loose, whatever it is
        small.load("loose_description", described.filter(~sound))
        small.load("sound_description", described.filter(sound))
        columns = ("dataset", "town", "village", "address", "phone", "account", "group_no")
        types = {"person": pl.String} | dict.fromkeys(columns, pl.String)
        for table, side in (("loose_record", LEFT), ("known_record", RIGHT)):
            values = [{"person": side} | {c: r[c] for c in columns} for r in around[side]]
            small.load(table, pl.DataFrame(values, schema=types))
        small.load("once_dataset", once_frame(county_spec()))
        pairs = {"left_person": pl.String, "right_person": pl.String}
        kin = [(LEFT, RIGHT)] if member_of_both(engine, left.row, right.row) else []
        small.load("kin", pl.DataFrame(kin, orient="row", schema=pairs))
        small.load(
            "housed",
            pl.DataFrame({"person": [LEFT]} if _housed(engine, left) else {"person": pl.Series([], dtype=pl.String)}),
        )
        small.run(steps["key_level"].sql, {"anybody": True}, into="key_level")
        for name in ("record_level", "pair_level"):
            small.run(steps[name].sql, into=name)
        found = small.rows("SELECT * FROM pair_level").row(0, named=True)
    finally:
        small.close()
    levels: dict[str, int | None] = {f.id: found[f.id] for f in county_spec().fields}
    labels = county_spec().labels["id"]
    a, b = left.row["id_number"], right.row["id_number"]
    key_a, key_b = left.described["id_key"], right.described["id_key"]
    if key_a is not None and key_a == key_b:
        levels["id"] = labels.index("equal" if a == b else "old_form")
        levels["birth"] = _birth(engine, left.row["birth_date"], right.row["birth_date"])
        sexes = left.row["sex"], right.row["sex"]
        levels["sex"] = int(sexes[0] == sexes[1]) if {*sexes} <= {"男", "女"} else None
    elif left.sound and right.sound:
        levels["id"] = labels.index("two_valid")
    if left.row["record_id"] == right.row["record_id"]:
        levels["once"] = None
    return levels


def _birth(engine: DuckEngine, a: Any, b: Any) -> int | None:
    level = engine.rows("SELECT birth_level(CAST($a AS DATE), CAST($b AS DATE)) AS level", {"a": a, "b": b}).item()
    return None if level is None else int(level)


_DESCRIPTION = {
    "person": pl.String, "name": pl.String, "name_no": pl.Int64, "surname_no": pl.Int64, "wild": pl.Boolean,
    "name_key": pl.String, "mandarin_no": pl.Int64, "cantonese_no": pl.Int64, "shape_no": pl.Int64,
    "id_text": pl.String, "birth": pl.Date, "number_birth": pl.Date, "sex": pl.String,
}  # fmt: skip
_OF_NAME = ("name", "name_no", "surname_no", "wild", "name_key", "mandarin_no", "cantonese_no", "shape_no")


def _description(record: _Record, person: str) -> dict[str, Any]:
    """As loose_description.sql and description.sql describe a record."""
    d, number = record.described, record.row["id_number"] or ""
    text = None
    if record.sound:
        text = d["id_key"]
    elif not d["another"] and d["id_state"] in ("checksum", "birth", "length", "masked") and 15 <= len(number) <= 20:
        text = number
    inside = d["id_state"] in ("checksum", "length", "masked") and not d["another"]
    return {k: d[k] for k in _OF_NAME} | {
        "person": person,
        "id_text": text,
        "birth": d["id_birth"] if record.sound else record.row["birth_date"],
        "number_birth": d["number_birth"] if inside else None,
        "sex": d["id_sex"] if record.sound else record.row["sex"],
    }


def _housed(engine: DuckEngine, record: _Record) -> bool:
    return bool(engine.rows("SELECT count(*) FROM housed WHERE person = $p", {"p": record.row["own"]}).item())
