"""OUT/<month>/desk: what the review desk shows of the pairs that people are asked about, as Parquet (sealed by a key).

pair.parquet     the pairs asked about, and those that people have ruled on: `PAIR`
rival.parquet    who else either side of those pairs could be: `RIVAL` of `pipeline.publish.rivals`
record.parquet   the records of those pairs, of their rivals and of open findings, the other records of the same
                 persons, and the households around them: `RECORD`
weight.parquet   field, level, bits of the model that weighed the pairs
desk.json        month, the titles of rules and checks, the model's thresholds
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import polars as pl

from pipeline import vault
from pipeline.contract import DATASETS, ROSTERS
from pipeline.engine.duck import DuckEngine
from pipeline.identity import PERSON_FIELDS
from pipeline.linkage.county import county_spec
from pipeline.private import folder, owner_only, private
from pipeline.publish.publication import Publication
from pipeline.publish.rivals import rivals
from pipeline.publish.words import OPEN

PAIR: dict[str, Any] = {
    "roster_record_id": pl.String, "dataset": pl.String, "record_id": pl.String, "tier": pl.String,
    "match_weight": pl.Float64, "match_probability": pl.Float64, "decision": pl.String, "pattern": pl.String,
    "reason": pl.String, "runner_up": pl.Float64, "prior": pl.Float64,
}  # fmt: skip
RECORD: dict[str, Any] = {
    "record_id": pl.String, "dataset": pl.String, "person": pl.String, "name": pl.String, "id_number": pl.String,
    "sex": pl.String, "birth_date": pl.Date, "town": pl.String, "village": pl.String, "address": pl.String,
    "phone": pl.String, "account": pl.String, "group_no": pl.String, "relation": pl.String, "more": pl.String,
}  # fmt: skip
_ASKED = "SELECT * FROM links WHERE decision = 'review'"
_RULED = """
UNION
SELECT l.* FROM links l JOIN ruled_pair r
ON (l.roster_record_id = r.a AND l.record_id = r.b) OR (l.roster_record_id = r.b AND l.record_id = r.a)
"""
_REASONS = """
SELECT p.*, d.reason, d.runner_up, -coalesce(d.nobody, l.bits) AS prior
FROM desk_pair p
LEFT JOIN desk_person a ON a.record_id = p.roster_record_id
LEFT JOIN desk_person b ON b.record_id = p.record_id
LEFT JOIN (
  SELECT left_person AS one, right_person AS other, reason, runner_up, nobody FROM pair_decision
  UNION ALL SELECT right_person, left_person, reason, runner_up, nobody FROM pair_decision
) d ON d.one = a.person AND d.other = b.person
LEFT JOIN list_prior l ON l.dataset = p.dataset
QUALIFY 1 = row_number() OVER (
  PARTITION BY p.roster_record_id, p.record_id ORDER BY d.reason, d.runner_up, d.nobody DESC)
ORDER BY p.roster_record_id, p.dataset, p.record_id
"""
_COMMON = ("name", "id_number", "sex", "birth_date", "town", "village", "address", "phone", "bank_account", "relation")


def write_desk(pub: Publication, out: Path) -> None:
    """Write OUT/<month>/desk. Where linkage left less (no model, no candidates), there is less in it."""
    engine = pub.engine
    engine.run(_ASKED + (_RULED if engine.exists("ruled_pair") else ""), into="desk_pair")
    wanted = {r for pair in engine.rows("SELECT roster_record_id, record_id FROM desk_pair").rows() for r in pair}
    named = _records(engine, wanted | _of_findings(engine))
    _load_persons(engine, named)
    pairs = _with_reasons(engine)
    others = rivals(engine)
    around = _records(engine, _around(engine, named) | set(others["rival_record_id"]), more=False)
    records = pl.concat([named, around]).unique("record_id", keep="first").sort("record_id")
    weights, about = _model(engine)
    target = folder(out / "desk")
    for name, frame in (("pair", pairs), ("rival", others), ("record", records), ("weight", weights)):
        made = io.BytesIO()
        frame.rechunk().write_parquet(made, compression="zstd")
        vault.put(target / f"{name}.parquet", made.getvalue())
    with private():
        text = json.dumps(
            {"month": pub.month, "titles": pub.titles} | about, ensure_ascii=False, indent=1, sort_keys=True
        )
        (target / "desk.json").write_text(text + "\n", encoding="utf-8")
        owner_only(target / "desk.json")
    for table in ("desk_pair", "desk_person", "desk_wanted"):
        engine.drop(table)


def _of_findings(engine: DuckEngine) -> set[str]:
    """The records that open findings are about and rest on."""
    found: set[str] = set()
    statuses = ", ".join(f"'{s}'" for s in OPEN)
    for record, evidence in engine.rows(
        f"SELECT record_id, evidence FROM findings WHERE status IN ({statuses})"
    ).iter_rows():
        found.update(r for r in (record, *(i["record_id"] for i in json.loads(evidence or "[]"))) if r)
    return found


def _records(engine: DuckEngine, wanted: set[str], *, more: bool = True) -> pl.DataFrame:
    """The records of these ids that name a person, as `RECORD`; `more`: with what else stands in their rows."""
    engine.drop("desk_wanted")
    engine.load("desk_wanted", pl.DataFrame({"record_id": sorted(wanted)}, schema={"record_id": pl.String}))
    frames = [pl.DataFrame(schema=RECORD)]
    frames += [_of_dataset(engine, d, more) for d in PERSON_FIELDS if engine.exists(d)]
    return pl.concat(frames)


def _of_dataset(engine: DuckEngine, dataset: str, more: bool) -> pl.DataFrame:
    columns, (number, name) = DATASETS[dataset], PERSON_FIELDS[dataset]
    person = "person" if "person" in engine.columns(dataset) else "record_id"
    household = county_spec().household_of(dataset)
    group = f"'{household[0]}:' || {household[1]}" if household else "NULL"
    account = "bank_account" if columns.has("bank_account") else "NULL"
    plain = [f"{c if columns.has(c) else 'NULL'} AS {c}"
             for c in ("sex", "birth_date", "town", "village", "address", "phone")]  # fmt: skip
    relation = "relation" if columns.has("relation") else "NULL"
    named = {number, name, *_COMMON, household[1] if household else ""}
    rest = [c for c in columns.by_id if c not in named] if more else []
    kept = "".join(f', {_text(c, columns.by_id[c].type)} AS "rest_{c}"' for c in rest)
    frame = engine.rows(
        f"SELECT record_id, '{dataset}' AS dataset, {person} AS person, {name} AS name, {number} AS id_number, "
        f"{', '.join(plain)}, {account} AS account, {group} AS group_no, {relation} AS relation{kept} "
        f'FROM "{dataset}" WHERE record_id IN (SELECT record_id FROM desk_wanted)'
    )
    told = [
        json.dumps({columns.by_id[c].zh: row[f"rest_{c}"] for c in rest if row[f"rest_{c}"]}, ensure_ascii=False)
        for row in frame.select(f"rest_{c}" for c in rest).iter_rows(named=True)
    ] if rest else [None] * frame.height  # fmt: skip
    texts = frame.drop([f"rest_{c}" for c in rest]).with_columns(pl.Series("more", told, dtype=pl.String))
    return texts.select(pl.col(c).cast(kind) for c, kind in RECORD.items())


def _text(column: str, kind: str) -> str:
    return (
        f"CASE \"{column}\" WHEN true THEN '是' WHEN false THEN '否' END"
        if kind == "boolean"
        else f'CAST("{column}" AS VARCHAR)'
    )


def _load_persons(engine: DuckEngine, named: pl.DataFrame) -> None:
    engine.drop("desk_person")
    engine.load("desk_person", named.select("record_id", "person", "dataset", "group_no"))


def _with_reasons(engine: DuckEngine) -> pl.DataFrame:
    """The pairs as `PAIR`: why each was left to people, how near its best rival came, and the log2 odds before any
    evidence (bits)."""
    if engine.exists("pair_decision"):
        frame = engine.rows(_REASONS)
    else:
        frame = engine.rows("SELECT *, NULL AS reason, NULL AS runner_up, NULL AS prior FROM desk_pair ORDER BY ALL")
    return frame.select(pl.col(c).cast(kind) for c, kind in PAIR.items())


def _around(engine: DuckEngine, named: pl.DataFrame) -> set[str]:
    """The other records of the same persons, and whoever stands in a household with any of them."""
    if not engine.exists("reached_record"):
        return set()
    known = engine.rows(
        "SELECT record_id, group_no FROM reached_record WHERE person IN (SELECT person FROM desk_person)"
    )
    groups = sorted({g for g in [*known["group_no"], *named["group_no"]] if g})
    engine.drop("desk_group")
    engine.load("desk_group", pl.DataFrame({"group_no": groups}, schema={"group_no": pl.String}))
    found = set(known["record_id"])
    for dataset in (*ROSTERS, "household_register", "monitored"):
        household = county_spec().household_of(dataset)
        if household and engine.exists(dataset):
            found.update(
                engine.rows(
                    f"SELECT record_id FROM \"{dataset}\" WHERE '{household[0]}:' || {household[1]} "
                    "IN (SELECT group_no FROM desk_group)"
                )["record_id"]
            )
    engine.drop("desk_group")
    return found - set(named["record_id"])


def _model(engine: DuckEngine) -> tuple[pl.DataFrame, dict[str, Any]]:
    """The bits of every level, and the thresholds."""
    schema = {"field": pl.String, "level": pl.String, "weight": pl.Float64}
    about: dict[str, Any] = {"review_at": None, "link_at": None}
    rows: list[tuple[str, str, float]] = []
    if engine.exists("level_weight"):
        labels = county_spec().labels
        rows = [(f, labels[f][n], w) for f, n, w in
                engine.rows("SELECT field, level, weight FROM level_weight ORDER BY ALL").iter_rows()]  # fmt: skip
    if engine.exists("link_model"):
        about = engine.rows("SELECT review_at, link_at FROM link_model").row(0, named=True)
    return pl.DataFrame(rows, schema=schema, orient="row"), about
