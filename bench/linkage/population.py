"""The bench's population: a roster and a sector's register of a made-up county, as typed tables in Parquet, and truth.

`python -m bench.linkage.population OUT --roster 200000 --sector 2000000 --seed 7` makes
  OUT/roster.parquet         a row a person on the roster, in whole households; columns as `dibao`'s
  OUT/sector/part-*.parquet  a row a person in the register; columns as `household_register`'s
  OUT/truth.parquet          record_id, side (roster, sector), pid, number_kind, name_kind ('' = as it should be)
Three in five of the roster's people are in the register, mostly with their whole household. More than `PIECE` people
are made as neighbouring counties of that size, so that twenty million fit in memory: the roster is the first county's.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from bench.linkage.spoil import (
    HEAD,
    LOUD_SHARE,
    RENUMBERED,
    ROSTER,
    SECTOR,
    STRANGER,
    FieldRates,
    Flags,
    Ints,
    blanked,
    earlier_numbers,
    spoil_births,
    spoil_names,
    spoil_numbers,
)
from pipeline.demo import id_numbers
from pipeline.demo.people import RELATIONS, People, make_people

PIECE = 2_000_000
SHARED = 0.6  # of the roster's people are in the register
_AS_OF = date(2022, 10, 31)
_TRUTH = ("pid", "home", "number_kind", "name_kind")
_PROVINCES = ("44", "45", "43", "36", "35", "52", "51", "53", "42", "41", "34", "33")


@dataclass(frozen=True)
class Size:
    """Rows of the roster and of the sector's register."""

    roster: int
    sector: int


# Which person columns the register carries: all, or as one of the demonstration county's kinds of file.
CARRIED: dict[str, tuple[str, ...]] = {
    "full": ("sex", "birth_date", "town", "village", "address", "phone"),
    "register": ("sex", "birth_date", "town", "village", "address"),
    "mid": ("sex", "birth_date", "town", "village"),
    "lean": ("birth_date", "town"),
}
SIZES = {"tiny": Size(5_000, 20_000), "small": Size(20_000, 200_000), "full": Size(200_000, 2_000_000)}


def make_population(out: Path, size: Size, seed: int, carried: str = "register") -> Path:
    """Make the population in `out` unless it stands there already, and return `out`."""
    if (out / "truth.parquet").is_file():
        return out
    if out.exists():
        shutil.rmtree(out)
    (out / "sector").mkdir(parents=True)
    truth = []
    for piece in range(-(-size.sector // PIECE)):
        rng = np.random.default_rng([seed, piece])
        rows = min(PIECE, size.sector - piece * PIECE)
        away = size.roster - round(SHARED * size.roster) if piece == 0 else 0
        people = make_people(rng, rows + away, _AS_OF)
        number = _of_province(people.id_number, piece)
        loud = rng.random(len(people)) < LOUD_SHARE
        if piece == 0:
            on_roster, absent = _divide(rng, people, size.roster, away)
            frame = _written(rng, people, number, on_roster, loud, ROSTER)
            frame = frame.with_columns(
                record_id=pl.concat_str(pl.lit("roster.parquet#-#"), pl.int_range(1, pl.len() + 1)),
                household_no=pl.format("D{}", pl.col("home").cast(pl.String).str.zfill(8)),
            )
            frame.drop(_TRUTH).write_parquet(out / "roster.parquet")
            truth.append(_truth(frame, "roster"))
        else:
            absent = np.zeros(len(people), dtype=bool)
        registered = rng.permutation(np.flatnonzero(~absent))
        frame = _written(rng, people, number, registered, loud, SECTOR)
        first, county = piece * PIECE, pl.lit(str(piece) if piece else "")
        frame = frame.with_columns(
            record_id=pl.concat_str(pl.lit("register.parquet#-#"), pl.int_range(first + 1, pl.len() + first + 1)),
            hukou_no=pl.lit(_PROVINCES[piece]) + (pl.col("home") * 7 + 13).cast(pl.String).str.zfill(9),
            town=pl.col("town") + county,
            address=county + pl.col("address"),
            pid=pl.col("pid") + piece * 10 * PIECE,
        )
        absent_columns = set(CARRIED["full"]) - set(CARRIED[carried])
        frame = frame.with_columns(pl.lit(None).cast(frame.schema[c]).alias(c) for c in sorted(absent_columns))
        frame.drop(_TRUTH).write_parquet(out / "sector" / f"part-{piece:02d}.parquet")
        truth.append(_truth(frame, "sector"))
    pl.concat(truth).write_parquet(out / "truth.parquet")
    return out


def _truth(frame: pl.DataFrame, side: str) -> pl.DataFrame:
    return frame.select("record_id", pl.lit(side).alias("side"), "pid", "number_kind", "name_kind")


def _of_province(number: npt.NDArray[np.str_], piece: int) -> npt.NDArray[np.str_]:
    """The numbers moved to another province, so that no two counties share one."""
    if piece == 0:
        return number
    chars = id_numbers.letters(number, 18)
    place = {p: _PROVINCES[(i + piece) % len(_PROVINCES)] for i, p in enumerate(_PROVINCES)}
    head = [place.get(n[:2], n[:1] + str(piece % 10)) for n in number.tolist()]
    body = np.char.add(np.array(head, dtype="U2"), id_numbers.joined(chars[:, 2:17]))
    return np.char.add(body, id_numbers.check_digit(body))


def _divide(rng: np.random.Generator, p: People, wanted: int, away: int) -> tuple[Ints, Flags]:
    """Who is on the roster (whole households, as pids in order), and who of them is not in the register.

    Of those, seven in ten are missing with their whole household, three in ten alone.
    """
    homes = rng.permutation(len(p.size))
    homes = homes[: int(np.searchsorted(np.cumsum(p.size[homes]), wanted)) + 1]
    pids = np.concatenate([np.arange(p.start[h], p.start[h] + p.size[h]) for h in homes.tolist()])[:wanted]
    absent = np.zeros(len(p), dtype=bool)
    absent[pids[: round(0.7 * away)]] = True
    alone = pids[round(0.7 * away) :]
    absent[rng.choice(alone, away - round(0.7 * away), replace=False)] = True
    return np.sort(pids), absent


def _written(
    rng: np.random.Generator, p: People, number: npt.NDArray[np.str_], pid: Ints, loud: Flags, field: FieldRates
) -> pl.DataFrame:
    """The records of these people as written: the contract's person columns, `relation`, `home`, `pid`, the kinds."""
    n = len(pid)
    text, number_kind = spoil_numbers(rng, number[pid], loud[pid])
    u = rng.random(n)
    sound = number_kind == ""
    other = rng.integers(0, len(p), n)
    head = p.start[p.home[pid]]
    for kind, rows, new in (
        ("stranger", np.flatnonzero(sound & (u < STRANGER) & (other != pid)), number[other]),
        ("head", np.flatnonzero(sound & (u > 1 - HEAD) & (head != pid)), number[head]),
        ("renumbered", np.flatnonzero(sound & (u > 0.5) & (u < 0.5 + RENUMBERED)), None),
    ):
        text[rows] = new[rows] if new is not None else earlier_numbers(number[pid[rows]])
        number_kind[rows] = kind
    name, name_kind = spoil_names(rng, p.name[pid], loud[pid])
    birth = spoil_births(rng, p.birth[pid], field)
    home = np.where(rng.random(n) < field.moved, rng.integers(0, len(p.size), n), p.home[pid])
    shown = rng.random((6, n))
    male = p.male[pid] ^ (shown[0] < field.sex_wrong)
    phone = np.where(shown[1] < field.phone_other, p.phone[rng.integers(0, len(p), n)], p.phone[pid])
    frame = pl.DataFrame(
        {
            "pid": pid,
            "home": p.home[pid],
            "number_kind": pl.Series(number_kind.tolist(), dtype=pl.String),
            "name_kind": pl.Series(name_kind.tolist(), dtype=pl.String),
            "name": pl.Series(name.tolist(), dtype=pl.String),
            "id_number": pl.Series(text.tolist(), dtype=pl.String),
            "sex": np.where(male, "男", "女"),
            "birth_date": birth,
            "town": p.town[home],
            "village": p.village[home],
            "address": p.address[home],
            "phone": phone,
            "relation": p.role[pid],
        }
    )
    short = pl.lit(pl.Series(shown[2] < field.address_otherwise))
    address = pl.when(short).then(pl.col("address").str.replace("^.+?市", "")).otherwise("address")
    return frame.with_columns(
        sex=blanked(pl.col("sex"), shown[0] > 1 - field.sex_missing),
        village=blanked(pl.col("village"), shown[3] < field.village_missing),
        address=blanked(address, shown[4] < field.address_missing),
        phone=blanked(pl.col("phone"), shown[5] < field.phone_missing),
        relation=pl.col("relation").replace_strict(RELATIONS, return_dtype=pl.String),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the bench's population.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--roster", type=int, default=SIZES["full"].roster)
    parser.add_argument("--sector", type=int, default=SIZES["full"].sector)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--carried", choices=list(CARRIED), default="register", help="the register's person columns")
    options = parser.parse_args()
    make_population(options.out, Size(options.roster, options.sector), options.seed, options.carried)


if __name__ == "__main__":
    main()
