"""`python -m bench.linkage.ours POPULATION PAIRS [--threads N] [--shuffle SEED]`: the project's linkage.

Roster and register stand as typed tables, as ingest leaves them; then identity and linkage run as in an audit. PAIRS
(Parquet) receives the links between roster and register: roster_record_id, record_id, tier, p, weight, decision,
pattern. `--shuffle` loads the rows in another order, under the record ids they have.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from bench.measure import told
from pipeline.contract import DATASETS
from pipeline.engine.duck import DuckEngine
from pipeline.identity import make_comparable, warm_up
from pipeline.linkage import link

ROSTER, SECTOR = "dibao", "household_register"


def load(engine: DuckEngine, folder: Path, shuffle: int | None) -> None:
    """The two typed tables filled, all others empty."""
    for dataset in DATASETS.values():
        engine.create(dataset.id, dataset.table_schema())
    order = "" if shuffle is None else f"ORDER BY md5(record_id || '{shuffle}')"
    for table, files in ((ROSTER, "roster.parquet"), (SECTOR, "sector/*.parquet")):
        engine.run(
            f"INSERT INTO {table} BY NAME SELECT *, split_part(record_id, '#', 1) AS file, '-' AS sheet, "
            f"CAST(split_part(record_id, '#', 3) AS BIGINT) AS row FROM read_parquet('{folder / files}') {order}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("population", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--shuffle", type=int)
    options = parser.parse_args()
    warm_up()  # in an audit the reading tables load while files are read
    with tempfile.TemporaryDirectory() as scratch:
        folders = (options.population, options.pairs.parent)
        engine = DuckEngine(scratch=Path(scratch) / "spill", threads=options.threads, folders=folders)
        begun = time.perf_counter()
        load(engine, options.population, options.shuffle)
        loaded = time.perf_counter()
        present = {ROSTER, SECTOR}
        make_comparable(engine, present)
        comparable = time.perf_counter()
        link(engine, present)
        linked = time.perf_counter()
        figures = told(
            seconds=linked - begun, load=loaded - begun, identity=comparable - loaded, linkage=linked - comparable
        )
        engine.write(
            "SELECT roster_record_id, record_id, tier, match_probability AS p, match_weight AS weight, decision, "
            f"pattern FROM links WHERE dataset = '{SECTOR}' ORDER BY ALL",
            options.pairs,
        )
        engine.close()
    print(figures)
