"""Households that never authorised the check of their means: may they be held against what departments know?

Who they are is what the archives lack. The policy says what follows (limits.match_unauthorised): 1 = they are compared
like everybody, and counted; 0 = nothing that a department sent about them is reported, as finding or as link.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.contract import DATASETS, ROSTERS, SECTORS
from pipeline.engine.duck import DuckEngine
from pipeline.policy import Policy

_ARCHIVE = "archive"
_FIGURE = "limits.match_unauthorised"
_HOUSEHOLDS = """
SELECT DISTINCT scheme, household_no FROM finding_rows
WHERE rule_id = 'authorisation_missing' AND household_no IS NOT NULL
"""
# Runs on DuckDB whichever engine found them, as the checks do. A finding that stands under one household may be about
# others as well (household_split): their rows are among its evidence.
_FINDINGS = """
category NOT IN ('data', 'archive')
AND (EXISTS (FROM unauthorised u WHERE u.scheme = t.scheme AND u.household_no = t.household_no)
     OR EXISTS (FROM unnest(json_extract_string(evidence, '$[*].record_id')) e(record_id) WHERE e.record_id IN (
       SELECT r.record_id FROM unauthorised_record r JOIN unauthorised u USING (scheme, household_no))))
AND EXISTS (FROM unnest(json_extract_string(evidence, '$[*].dataset')) e(dataset)
            WHERE e.dataset IN (SELECT unnest($sectors)))
"""
_LINKS = """
dataset IN (SELECT unnest($sectors)) AND roster_record_id IN (
  SELECT r.record_id FROM unauthorised_record r JOIN unauthorised u USING (scheme, household_no))
"""


@dataclass(frozen=True)
class Unauthorised:
    """How many households lack the authorisation (None: no archive came in), and what was therefore held back."""

    households: int | None
    compared: bool
    findings: int = 0
    links: int = 0

    @property
    def sentence(self) -> str | None:
        """For the people who read the outputs; None where there is nothing to say."""
        if self.households is None:
            return "没有档案目录，不知道哪些家庭未签核对授权书，全部参加了比对"
        if not self.households:
            return None
        if self.compared:
            return f"{self.households} 户的档案中没有核对授权书，按政策参数（{_FIGURE}）仍参加了比对，请补签"
        return (
            f"{self.households} 户的档案中没有核对授权书，按政策参数（{_FIGURE}）未与部门数据比对："
            f"{self.findings} 条疑点、{self.links} 条比对结果未列出"
        )


def hold_unauthorised(engine: DuckEngine, policy: Policy, present: set[str]) -> Unauthorised:
    """Count the households without an authorisation; where the policy says so, take out what departments say of them.

    Reads and changes `finding_rows` and `links`.
    """
    compared = bool(policy.figures[_FIGURE])
    if _ARCHIVE not in present:
        return Unauthorised(None, True)
    engine.run(_HOUSEHOLDS, into="unauthorised")
    households = engine.count("unauthorised")
    if compared or not households:
        return Unauthorised(households, compared)
    rows = " UNION ALL ".join(
        f"SELECT '{r}' AS scheme, {DATASETS[r].household} AS household_no, record_id FROM {r}" for r in ROSTERS
    )
    engine.run(rows, into="unauthorised_record", view=True)
    findings = _take_out(engine, "finding_rows", _FINDINGS)
    links = _take_out(engine, "links", _LINKS)
    engine.drop("unauthorised_record")
    return Unauthorised(households, False, findings, links)


def _take_out(engine: DuckEngine, table: str, theirs: str) -> int:
    """Leave these rows out of a table (or of a view over another engine's files); how many there were."""
    params, before = {"sectors": list(SECTORS)}, engine.count(table)
    engine.run(f"SELECT * FROM {table} t WHERE ({theirs}) IS NOT TRUE", params, into="allowed")
    engine.drop(table)
    engine.run(f"ALTER TABLE allowed RENAME TO {table}")
    return before - engine.count(table)
