"""`python -m bench.workbooks DROP MONTH N`: the town workbooks of a county whose findings are repeated up to N."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bench.measure import figure
from pipeline import __version__
from pipeline.engine.duck import DuckEngine
from pipeline.findings import load_rules
from pipeline.findings.stage import runnable
from pipeline.ingest import ingest
from pipeline.ledger import Ledger
from pipeline.policy import pack_for
from pipeline.publish import Publication, load_not_run, write_workbooks
from pipeline.run import find

# Each repetition is about another household and person, so that no two lines are joined into one.
_REPEAT = """
INSERT INTO findings BY NAME
SELECT substr(sha256(fingerprint || i), 1, 32) AS fingerprint,
       f.* EXCLUDE (fingerprint, household_no, id_number),
       household_no || '-' || i AS household_no, id_number || '-' || i AS id_number
FROM findings f, range(1, $times) AS t(i)
"""

if __name__ == "__main__":
    drop, month, wanted = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    policy = pack_for(month)
    rules = load_rules(policy.names)
    with tempfile.TemporaryDirectory() as scratch:
        engine = DuckEngine(scratch=Path(scratch) / "spill")
        report = ingest(drop, engine, scratch=Path(scratch))
        found = find(engine, rules, month, policy, report.present)
        Ledger(Path(scratch) / "ledger.duckdb").compare(engine, month)
        times = -(-wanted // engine.count("findings"))
        engine.run(_REPEAT, {"times": times})
        engine.run(f"DELETE FROM findings WHERE rowid >= {wanted}")
        load_not_run(engine, found.not_run)
        pub = Publication(
            month=month,
            engine=engine,
            inputs=report.inputs,
            told=report.told,
            rules=runnable(rules, report.present),
            policy=policy,
            suites=[],
            version=__version__,
            previous=None,
        )
        begun = time.perf_counter()
        write_workbooks(pub, Path(scratch) / "out")
        seconds = time.perf_counter() - begun
        print(engine.count("findings"), "findings")
        print(figure(seconds))
        engine.close()
