"""What the suites found, among the findings: every failing row as a row of `finding_rows`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.engine.duck import DuckEngine
from pipeline.findings.stage import NotRun

if TYPE_CHECKING:
    from checks import CheckRows

# The subject of a data or archive gap is a person of a household, by number or else by name, or the household itself.
# Checks always run on DuckDB, so its own JSON functions may be used.
_FINDINGS = """
INSERT INTO finding_rows
SELECT substr(sha256(concat_ws(chr(31), rule_id,
         concat_ws('|', scheme, household_no, coalesce(id_number, name)), identity)), 1, 32) AS fingerprint,
       rule_id, category, severity, confidence, scheme, town, village, household_no, name, id_number, record_id,
       false AS screened,
       '[{"dataset": ' || to_json(evidence_dataset) || ', "record_id": ' || to_json(evidence_record_id)
         || ', "values": ' || "values" || '}]' AS evidence,
       summary, basis,
       -- a check reads one record, or says of two that they do not go together: no link's probability is behind it
       CASE WHEN confidence = 'certain' THEN 1.0 END AS match_probability,
       CAST(NULL AS DECIMAL(18, 2)) AS money, CAST(NULL AS VARCHAR) AS hukou_no
FROM check_rows
"""


def record_checks(engine: DuckEngine, checked: CheckRows) -> list[NotRun]:
    """Add the failing rows to `finding_rows`; return the checks that did not run."""
    engine.drop("check_rows")
    engine.load("check_rows", checked.rows)
    engine.run(_FINDINGS)
    engine.drop("check_rows")
    return [
        NotRun(id, title, "archive" if "档案" in title else "data", kind, reason)
        for id, title, kind, reason in checked.not_run
    ]
