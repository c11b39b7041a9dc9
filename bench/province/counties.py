"""Neighbouring demonstration counties as typed tables in Parquet, made one after the other: any number fits in memory.

`python -m bench.province.counties OUT --counties 25 --seed 7` makes OUT/<dataset>/part-<county>.parquet: what ingest
would make of each county's files, names and numbers as written there. A county has `PEOPLE` people, about 40,000 rows
on its rosters and 2,000,000 in the tables of `DEPARTMENTS`; the first n counties are the same however many are made. No
two counties share a number, a household, a town or a plate; names they do.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.contract import DATASETS, ROSTERS
from pipeline.demo import id_numbers
from pipeline.demo.assemble import assemble
from pipeline.demo.county import settle
from pipeline.demo.layout import PERSON_COLUMNS
from pipeline.demo.months import AuditMonth
from pipeline.demo.noise import add_noise
from pipeline.demo.people import People, make_people
from pipeline.ingest.cells import POLARS_TYPES
from pipeline.ingest.ids import read_ids

MONTH = "2022-10"
PEOPLE = 308_000
ENROLLED = 2.7  # times the usual share is on rosters: one row there to fifty of the departments
DEPARTMENTS = (
    "death", "household_register", "marriage", "vehicle", "property", "business", "employment", "pension", "tax",
    "deposit", "disability", "medical",
)  # fmt: skip
TABLES = (*ROSTERS, "payment", "patrol", "care_assessment", *DEPARTMENTS)
_UNSPOILT = ("payment",)


def make_counties(out: Path, counties: int, seed: int, people: int = PEOPLE) -> None:
    """Make the counties that are not in `out` yet."""
    for table in TABLES:
        (out / table).mkdir(parents=True, exist_ok=True)
    for county in range(counties):
        last = part(out, TABLES[-1], county)
        if last.exists():
            continue
        frames = county_tables(county, seed, people)
        for table in TABLES:
            half_written = part(out, table, county).with_suffix(".new")
            frames[table].write_parquet(half_written, row_group_size=120_000)
            half_written.rename(part(out, table, county))
        print(f"county {county}: {sum(f.height for f in frames.values()):,} rows", flush=True)


def part(folder: Path, table: str, county: int) -> Path:
    """Where a county's rows of a table are."""
    return folder / table / f"part-{county:02d}.parquet"


def county_tables(county: int, seed: int, people: int = PEOPLE) -> dict[str, pl.DataFrame]:
    """The typed tables of one county."""
    month = AuditMonth(MONTH)
    rng = np.random.default_rng([seed, county])
    made = settle(neighbours(make_people(rng, people, month.as_of), county), rng, month, enrolled=ENROLLED)
    frames = assemble(made)
    made.frames.clear()
    out = {}
    for table in TABLES:
        frame = frames.pop(table)
        out[table] = _typed(table, frame if table in _UNSPOILT else add_noise(made, table, frame), county)
    return out


def neighbours(people: People, county: int) -> People:
    """The people as those of another county: numbers of another prefecture, towns that are told apart by a digit."""
    if not county:
        return people
    town = np.char.add(people.town, str(county))
    # the address names its town: linkage looks for it there
    address = np.char.replace(people.address, people.town, town)
    return replace(people, id_number=_moved(people.id_number, county), town=town, address=address)


def _moved(number: npt.NDArray[np.str_], county: int) -> npt.NDArray[np.str_]:
    """Numbers whose third and fourth digit, the prefecture, are `county` further on."""
    chars = id_numbers.letters(number, 18).copy()
    prefecture = (chars[:, 2:4].astype(np.int64) @ np.array([10, 1]) + county) % 100
    chars[:, 2], chars[:, 3] = (prefecture // 10).astype("U1"), (prefecture % 10).astype("U1")
    body = id_numbers.joined(np.ascontiguousarray(chars[:, :17]))
    return np.char.add(body, id_numbers.check_digit(body))


def _typed(table: str, frame: pl.DataFrame, county: int) -> pl.DataFrame:
    """One table as ingest leaves it."""
    spec = DATASETS[table]
    if "id_written" in frame.columns:
        number = read_ids(frame["id_written"])[0]
        frame = frame.with_columns(
            name=frame["name_written"].str.replace_all(r"\s", ""),
            id_number=pl.when(frame["id_lost"]).then(None).otherwise(number),
        )
    file, row = f"{spec.zh}_{county:02d}.parquet", pl.int_range(1, frame.height + 1)
    frame = frame.with_columns(
        record_id=pl.format("{}#-#{}", pl.lit(file), row), file=pl.lit(file), sheet=pl.lit("-"), row=row
    )
    if county:
        signs = [c.id for c in spec.columns if c.type == "identifier" and c.id != "phone"]
        frame = frame.with_columns(pl.format("{}-{}", pl.col(c), pl.lit(county)) for c in signs if c in frame.columns)
    carried = _carried(table)
    return frame.select(
        pl.col(c).cast(POLARS_TYPES[kind]) if c in carried else pl.lit(None, POLARS_TYPES[kind]).alias(c)
        for c, kind in spec.table_schema().items()
    )


def _carried(table: str) -> Sequence[str]:
    """The columns that the department's files carry."""
    absent = set(PERSON_COLUMNS["dibao"]) - set(PERSON_COLUMNS[table])
    return [c for c in DATASETS[table].table_schema() if c not in absent]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--counties", type=int, default=25)
    parser.add_argument("--people", type=int, default=PEOPLE, help="of each county")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    make_counties(options.out, options.counties, options.seed, options.people)


if __name__ == "__main__":
    main()
