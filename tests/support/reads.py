"""Which policy figures a rule's answer hangs on: those its SQL names, and those of the shared tables it reads."""

from __future__ import annotations

import re
from functools import cache

import sqlglot
from sqlglot import exp

from pipeline.findings.rules import Rule, shared_tables
from pipeline.policy.packs import SECTIONS, every_pack

_PARAMETER = re.compile(r"\$(" + "|".join(SECTIONS) + r")_(\w+)")
_LIST = re.compile(r"\blist = '(\w+)'")
_SECTION = re.compile(r"\bsection = '(\w+)'")


def named(sql: str) -> set[str]:
    """The figures that a statement itself names."""
    known = set(every_pack()[0].values)
    code = re.sub(r"--.*", "", sql)
    found = {f"{section}.{name}" for section, name in _PARAMETER.findall(code)}
    found |= {f"lists.{name}" for name in _LIST.findall(code)} & known
    return found | {k for k in known for section in _SECTION.findall(code) if k.startswith(f"{section}.")}


def tables(sql: str) -> set[str]:
    return {t.name for t in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Table)}


@cache
def _shared(without: frozenset[str]) -> dict[str, set[str]]:
    """Shared table → the figures it hangs on, whatever the tables in `without` say."""
    out: dict[str, set[str]] = {}
    for statement in shared_tables():
        below = set().union(*(out.get(t, set()) for t in tables(statement.sql)))
        out[statement.name] = set() if statement.name in without else named(statement.sql) | below
    return out


def figures_read(rule: Rule, *, without: frozenset[str] = frozenset()) -> set[str]:
    """All figures the rule's rows hang on, those of shared tables included."""
    shared = _shared(without)
    return named(rule.sql).union(*(shared.get(t, set()) for t in tables(rule.sql)))
