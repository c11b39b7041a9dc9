"""`python -m bench.linkage.recordlinkage_peer POPULATION PAIRS`: recordlinkage in pandas, as its manual does it.

Index by equal number, name, sound and town, birth date; compare; ECM on binary features. It is meant for small tables:
a figure beside. PAIRS (Parquet) receives roster_record_id, record_id, p.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pandas as pd
import polars as pl
import recordlinkage
from recordlinkage.index import Block

from bench.measure import told
from pipeline.identity import warm_up
from pipeline.identity.id_numbers import describe
from pipeline.identity.names import name_keys, sound_keys

_COMPARED = ("name_key", "mandarin", "id_key", "birth", "sex", "town", "village", "address")
_BLOCKS = (["id_key"], ["name_key"], ["mandarin", "town"], ["birth"])


def prepared(files: Path) -> pd.DataFrame:
    """The records by record_id, with the columns compared."""
    frame = pl.read_parquet(files)
    frame = frame.with_columns(name_key=name_keys(frame["name"]))
    frame = frame.join(sound_keys(frame["name_key"]), on="name_key", how="left")
    frame = frame.join(describe(frame["id_number"].drop_nulls()), on="id_number", how="left")
    frame = frame.with_columns(birth=pl.coalesce("birth_date", "id_birth").cast(pl.String))
    return frame.select("record_id", *_COMPARED).to_pandas().set_index("record_id")


def candidates(roster: pd.DataFrame, sector: pd.DataFrame) -> pd.MultiIndex:
    """Pairs that share one of the blocking keys."""
    found = [Block(on).index(roster.dropna(subset=on), sector.dropna(subset=on)) for on in _BLOCKS]
    pairs = found[0]
    for more in found[1:]:
        pairs = pairs.union(more)
    return pairs


if __name__ == "__main__":
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    warm_up()
    begun = time.perf_counter()
    roster, sector = prepared(folder / "roster.parquet"), prepared(folder / "sector" / "*.parquet")
    ready = time.perf_counter()
    pairs = candidates(roster, sector)
    compare = recordlinkage.Compare()
    for column in _COMPARED:
        compare.exact(column, column, label=column)
    compare.string("id_key", "id_key", method="levenshtein", threshold=0.88, label="id_near")
    compare.string("name_key", "name_key", method="levenshtein", threshold=0.6, label="name_near")
    features = compare.compute(pairs, roster, sector)
    model = recordlinkage.ECMClassifier()
    model.fit(features)
    p = model.prob(features)
    print(told(seconds=time.perf_counter() - ready, prepare=ready - begun, pairs=len(pairs)))
    frame = p[p >= 0.001].rename("p").rename_axis(["roster_record_id", "record_id"]).reset_index()
    pl.from_pandas(frame).write_parquet(out)
