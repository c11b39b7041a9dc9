"""Findings: the rules of `sql/rules/` run over linked records, each with evidence, sentence and clause.

rules = load_rules(policy.names)          refuses a rule that is not well formed
rules = with_own(rules, own_rules(folder, policy.names))   a bureau's own beside them
examine(engine, rules, month, policy, present)   leaves `finding_rows` and says what was not run
"""

from pipeline.findings.checked import record_checks
from pipeline.findings.own import try_out
from pipeline.findings.rules import Rule, files_of, load_rules, own_rules, with_own
from pipeline.findings.stage import NotRun, examine

__all__ = [
    "NotRun", "Rule", "examine", "files_of", "load_rules", "own_rules", "record_checks", "try_out", "with_own",
]  # fmt: skip
