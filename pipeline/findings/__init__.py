"""Findings: the rules of `sql/rules/` run over linked records, each with evidence, sentence and clause.

rules = load_rules()                      refuses a rule that is not well formed
examine(engine, rules, month, policy, present)   leaves `finding_rows` and says what was not run
"""

from pipeline.findings.checked import record_checks
from pipeline.findings.rules import Rule, load_rules
from pipeline.findings.stage import NotRun, examine

__all__ = ["NotRun", "Rule", "examine", "load_rules", "record_checks"]
