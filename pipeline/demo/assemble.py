"""Clean, typed frames of every dataset: planted and background rows together, person columns filled in.

A frame holds `pid` (person of the record; null where the dataset has none), the contract's columns, and for rosters
the helper columns that later steps read. Rows stand in the order of the files.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from pipeline.contract import DATASETS, SECTORS, Dataset
from pipeline.demo.model import County, Row

POLARS_TYPES: dict[str, pl.DataType] = {
    "date": pl.Date(),
    "date_or_month": pl.Date(),
    "money": pl.Float64(),
    "number": pl.Float64(),
    "integer": pl.Int64(),
    "year": pl.Int64(),
    "boolean": pl.Boolean(),
}  # everything else is text
PERSON = ("name", "id_number", "sex", "birth_date", "town", "village", "address", "phone")
_HELPERS: dict[str, pl.DataType] = {
    "pid": pl.Int64(), "holder_pid": pl.Int64(), "holder_form": pl.String(), "carer_pid": pl.Int64(),
    "force_id": pl.String(), "spouse_pid": pl.Int64(), "payee_pid": pl.Int64(), "signer_pid": pl.Int64(),
}  # fmt: skip


_OVERRIDES = ("sex", "birth_date", "town", "village")


def column_type(kind: str) -> pl.DataType:
    return POLARS_TYPES.get(kind, pl.String())


def assemble(c: County) -> dict[str, pl.DataFrame]:
    """Every dataset's clean frame. Sector rows are shuffled; rosters keep households together, town by town."""
    out: dict[str, pl.DataFrame] = {}
    people = _person_frame(c)
    for scheme in ("dibao", "tekun", "borderline", "expenditure"):
        cases = [k for k in c.cases[scheme] + (c.cases["stopped"] if scheme == "dibao" else []) if k.scheme == scheme]
        town = [str(c.people.town[k.home]) for k in cases]
        order = sorted(range(len(cases)), key=lambda i: (town[i], cases[i].no))
        rows = [{"town": town[i]} | r for i in order for r in cases[i].rows]
        out[scheme] = _filled(DATASETS[scheme], _rows(DATASETS[scheme], rows), people)
    grants = sorted(c.grants, key=lambda r: (r["granted_on"], r["grant_no"]))
    out["temporary"] = _filled(DATASETS["temporary"], _rows(DATASETS["temporary"], grants), people)
    for name in ("payment", "archive", "patrol", "care_assessment"):
        out[name] = _bureau(c, name, people)
    for name in SECTORS:
        spec = DATASETS[name]
        parts = [_rows(spec, c.records[name])]
        if name in c.frames:
            parts.append(_typed(spec, c.frames[name]))
        frame = pl.concat(parts, how="diagonal")
        frame = frame[c.rng.permutation(frame.height)]
        out[name] = _filled(spec, frame, people)
    return out


def _person_frame(c: County) -> pl.DataFrame:
    p = c.people
    return pl.DataFrame(
        {
            "pid": np.arange(len(p)),
            "name": p.name,
            "id_number": p.id_number,
            "sex": np.where(p.male, "男", "女"),
            "birth_date": p.birth.astype("datetime64[D]"),
            "town": p.town[p.home],
            "village": p.village[p.home],
            "address": p.address[p.home],
            "phone": p.phone,
        }
    )


def _schema(spec: Dataset) -> dict[str, pl.DataType]:
    return {c.id: column_type(c.type) for c in spec.columns}


def _rows(spec: Dataset, rows: Sequence[Row]) -> pl.DataFrame:
    """Python rows as a frame: the dataset's columns and the helpers, absent ones null."""
    schema = _schema(spec) | _HELPERS
    return pl.DataFrame({k: pl.Series(k, [r.get(k) for r in rows], dtype=t) for k, t in schema.items()})


def _typed(spec: Dataset, frame: pl.DataFrame) -> pl.DataFrame:
    schema = _schema(spec) | _HELPERS
    return frame.select(pl.col(k).cast(schema[k]) for k in frame.columns)


def _filled(spec: Dataset, frame: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Person columns from `people`; what is already written (a roster household's town, a defect) stays."""
    at = frame["pid"].to_numpy()
    mine = people[at]
    columns = []
    for column in spec.columns:
        if column.id in PERSON:
            value = mine[column.id]
            if column.id in _OVERRIDES:  # '' stands for a cell left empty
                value = pl.select(pl.coalesce(frame[column.id], value)).to_series()
                value = value.replace("", None) if value.dtype == pl.String else value
            columns.append(value.alias(column.id))
    out = frame.with_columns(columns)
    if "carer_name" in out.columns:
        carer = people.select(pl.col("pid").alias("carer_pid"), _n="name", _i="id_number")
        out = out.join(carer, on="carer_pid", how="left", maintain_order="left")
        out = out.with_columns(carer_name="_n", carer_id_number="_i")
        out = out.drop("_n", "_i")
    if "spouse_name" in out.columns:
        spouse = people[out["spouse_pid"].to_numpy()]
        out = out.with_columns(spouse["name"].alias("spouse_name"), spouse["id_number"].alias("spouse_id_number"))
    return out


def _bureau(c: County, name: str, people: pl.DataFrame) -> pl.DataFrame:
    spec = DATASETS[name]
    frame = _rows(spec, c.records[name])
    if name == "payment":
        frame = frame.sort("month", "scheme", "household_no", "paid_on", "amount")
        payee = people[frame["payee_pid"].to_numpy()]
        return frame.with_columns(payee["name"].alias("payee_name"), payee["id_number"].alias("payee_id_number"))
    if name == "archive":
        signer = people.select(pl.col("pid").alias("signer_pid"), pl.col("name").alias("signed"))
        joined = frame.join(signer, on="signer_pid", how="left", maintain_order="left")
        return joined.with_columns(pl.col("signed").alias("signed_by")).drop("signed")
    frame = _filled(spec, frame, people).sort("visited_on" if name == "patrol" else "assessed_on", "household_no")
    staff = pl.Series(people["name"][c.rng.integers(0, people.height, 40)].to_list())
    worker = staff[c.rng.integers(0, 40, frame.height)]
    return frame.with_columns(worker.alias("visitor" if name == "patrol" else "assessor"))
