"""`python -m bench.linkage.county_ours DROP OUT`: a drop's rosters and all other files linked, as an audit does it.

OUT receives links.parquet (our links, as in an audit), judged.parquet (every pair of persons that was judged, whether
or not a roster has to do with it) and owners.parquet (record_id → the person of its own number, or itself); and for the
peer the same records as they were read: roster.parquet (rows of all rosters) and sector/part.parquet (all other named
records), columns as `population.py`'s.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bench.measure import told
from pipeline.contract import DATASETS, ROSTERS
from pipeline.engine.duck import DuckEngine
from pipeline.identity import PERSON_FIELDS, make_comparable, warm_up
from pipeline.ingest import ingest
from pipeline.linkage import link

_PERSON = ("sex", "birth_date", "town", "village", "address", "phone")
_NOT_LINKED = ("payment",)


def _records(datasets: list[str]) -> str:
    """One SELECT over these datasets: dataset, record_id, the person columns, household number and account."""
    parts = []
    for dataset in datasets:
        number, name = PERSON_FIELDS[dataset]
        shown = [f"{name} AS name", f"{number} AS id_number", *(_column(dataset, c, c) for c in _PERSON)]
        shown += [_column(dataset, "hukou_no", "hukou_no"), _column(dataset, "bank_account", "account")]
        shown += [_column(dataset, "household_no", as_) for as_ in ("household_no", "case_no")]
        parts.append(f"SELECT '{dataset}' AS dataset, record_id, {', '.join(shown)} FROM {dataset}")
    return " UNION ALL ".join(parts)


def _column(dataset: str, column: str, name: str) -> str:
    kind = "DATE" if column == "birth_date" else "VARCHAR"
    return f"{column if DATASETS[dataset].has(column) else f'CAST(NULL AS {kind})'} AS {name}"


if __name__ == "__main__":
    drop, out = Path(sys.argv[1]), Path(sys.argv[2])
    (out / "sector").mkdir(parents=True, exist_ok=True)
    warm_up()
    with tempfile.TemporaryDirectory() as scratch:
        engine = DuckEngine(scratch=Path(scratch) / "spill", folders=(out,))
        present = ingest(drop, engine, scratch=Path(scratch)).present
        named = [d for d in PERSON_FIELDS if d in present and d not in _NOT_LINKED]
        rosters = [d for d in named if d in ROSTERS]
        engine.write(_records(rosters), out / "roster.parquet")
        others = [d for d in named if d not in ROSTERS]
        engine.write(_records(others), out / "sector" / "part.parquet")
        begun = time.perf_counter()
        make_comparable(engine, present)
        link(engine, present)
        figures = told(seconds=time.perf_counter() - begun)
        engine.write(
            "SELECT roster_record_id, dataset, record_id, match_probability AS p, decision, tier, pattern FROM links",
            out / "links.parquet",
        )
        engine.write(
            "SELECT left_person, right_person, probability, pattern, decision FROM pair_decision",
            out / "judged.parquet",
        )
        engine.write("SELECT record_id, own FROM person_record", out / "owners.parquet")
        engine.close()
    print(figures)
