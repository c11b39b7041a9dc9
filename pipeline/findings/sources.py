"""What doubtful data mean for the rules and checks that read them: run in part, and why, in words and figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from pipeline.findings.columns import Columns, columns_read
from pipeline.findings.rules import Rule, reads_rosters
from pipeline.findings.stage import PARTLY, NotRun

if TYPE_CHECKING:
    from checks import Fault
    from checks.model import Check, Suite

_SHOWN = 4  # faults named in one reason; nineteen towns' files would drown it
_EMPTY = "required_field_empty"  # the check that tells every blank row by row: a blank is what it looks for
# A fault of the whole dataset (rows, links) concerns whoever needs the dataset at all.
_WHOLE = ("rows_fallen", "links_fallen", "rows_rejected", "file_rows")


def partly_run(rules: Sequence[Rule], suites: Iterable[Suite], faults: Sequence[Fault]) -> list[NotRun]:
    """The faults themselves, then each rule and check that reads what is doubtful. `rules`, `suites`: those that ran.

    A rule is concerned by a column where it declares the dataset and its SQL reads the column, directly or through
    shared tables; by a dataset that shrank where it declares it.
    """
    if not faults:
        return []
    out = [NotRun(f.rule_id, f.title, "run", "check", f.sentence) for f in faults]
    reads = columns_read(rules)
    for rule in rules:
        if told := [f for f in faults if _concerns_rule(rule, reads[rule.id], f)]:
            out.append(NotRun(rule.id, rule.title, rule.category, "rule", _reason(rule, told)))
    for suite in suites:
        for rule_id, title in dict.fromkeys((c.rule.id, c.rule.title) for c in suite.checks):
            mine = [c for c in suite.checks if c.rule.id == rule_id]
            if told := [f for f in faults if any(_concerns_check(suite, c, f) for c in mine)]:
                out.append(NotRun(rule_id, f"{suite.title}：{title}", suite.category, "check", _reason(None, told)))
    return out


def _core(rule: Rule) -> set[str]:
    """The datasets whose records a rule judges; the others it declares only spare somebody."""
    return {*rule.needs, *(d for group in rule.one_of for d in group)} or set(reads_rosters(rule))


def _concerns_rule(rule: Rule, reads: Columns, fault: Fault) -> bool:
    declared = {*_core(rule), *reads_rosters(rule), *rule.partly}
    if fault.dataset not in declared:
        return False
    return fault.rule_id in _WHOLE or (fault.dataset, fault.column) in reads


def _concerns_check(suite: Suite, check: Check, fault: Fault) -> bool:
    """Whether a check reads the column: of its roster, of the archive, or of another dataset held against it."""
    others = {check.evidence[0].strip("'")} if check.evidence else set()
    if suite.category == "archive" and fault.dataset == "archive":
        return True
    if fault.dataset not in {suite.scheme, *others} or check.rule.id == _EMPTY:
        return False
    return fault.rule_id in _WHOLE or fault.column in check.reads


def _reason(rule: Rule | None, faults: Sequence[Fault]) -> str:
    core = [f for f in faults if rule is None or f.dataset in {*_core(rule), *reads_rosters(rule)}]
    beside = [f for f in faults if f not in core]
    parts = [_told(core) + "，本月只核查了其余部分"] if core else []
    parts += [_told(beside) + "，只按其余部分作了排除"] if beside else []
    return PARTLY + "；".join(parts)


def _told(faults: Sequence[Fault]) -> str:
    """The faults in words; a column told of for the whole dataset is not told again file by file."""
    whole = {(f.dataset, f.column) for f in faults if not f.file}
    shown = [f.sentence for f in faults if not f.file or (f.dataset, f.column) not in whole]
    more = f"等共{len(shown)}处" if len(shown) > _SHOWN else ""
    return "；".join(shown[:_SHOWN]) + more
