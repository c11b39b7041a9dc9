"""Rules as data: one file a rule under `sql/rules/<category>/`, read, checked and ordered here.

A file's header says: id (= file name), title (Chinese), category (= folder), severity, basis, summary, item, identity
(the columns that make one piece of evidence the same from month to month), and where they apply schemes, needs,
partly (datasets without which the rule says less), policy (the figures it reads), identified (datasets of which a
record without a usable ID number cannot be judged), `item_<dataset>` (other words for the evidence of one dataset).
The SELECT's first columns are `FIXED`; `severity` and `person` are understood where present; all further columns are
the values that the evidence keeps and the sentence may quote.
"""

from __future__ import annotations

import re
import string
import tomllib
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp

from pipeline.contract import DATASETS, SCHEMES
from pipeline.engine.dialect import DialectError, check
from pipeline.engine.statements import SQL, Statement, read_folder, read_statement

CATEGORIES = ("ineligible", "missing", "payment", "care")
SEVERITIES = ("high", "medium", "low")
FIXED = (
    "subject",
    "subject_dataset",
    "record_id",
    "scheme",
    "household_no",
    "evidence_dataset",
    "evidence_record_id",
)
# What a sentence may quote besides the rule's own values.
AROUND = ("name", "month", "scheme_zh", "household_no", "town", "items")
# Bind parameters that are no policy figure.
_ALWAYS = ("month", "as_of", "last_year")
_REQUIRED = ("id", "title", "category", "severity", "basis", "identity", "summary", "item")
_KEYS = (*_REQUIRED, "schemes", "needs", "partly", "policy", "identified")


@dataclass(frozen=True)
class Rule:
    """One rule, ready to run."""

    id: str
    title: str
    category: str
    severity: str
    basis: str
    summary: str
    item: str
    items: dict[str, str]  # dataset → the words for its evidence, where they are not `item`
    identity: tuple[str, ...]
    schemes: tuple[str, ...]
    needs: tuple[str, ...]
    partly: tuple[str, ...]
    identified: tuple[str, ...]
    policy: tuple[str, ...]
    sql: str


def shared_tables() -> list[Statement]:
    """The named tables that rules read, in the order they are made (`sql/findings/`)."""
    return read_folder("findings")


def catalogue() -> list[tuple[str, str, str]]:
    """(rule id, Chinese title, category) of every rule there ought to be, in the catalogue's order."""
    data = tomllib.loads((Path(__file__).parent / "catalogue.toml").read_text(encoding="utf-8"))
    return [(id, title, category) for category, rules in data.items() for id, title in rules.items()]


def tables_made_elsewhere() -> set[str]:
    """Tables that shared statements and rules may read besides the datasets."""
    return {
        "policy_list", "word", "dataset_name", "links", "reached_record", "identity_pair",
    }  # fmt: skip


def _words(text: str) -> tuple[str, ...]:
    return tuple(w.strip() for w in text.split(",") if w.strip())


def _fail(statement: Statement, what: str) -> DialectError:
    return DialectError(f"{statement.path.parent.name}/{statement.path.name}: {what}")


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _check_columns(statement: Statement, policy: tuple[str, ...]) -> None:
    """Refuse parameters that are not declared, and sentences over columns that the SELECT does not give."""
    declared = {*_ALWAYS, *(name.replace(".", "_") for name in policy)}
    if unknown := sorted(set(re.findall(r"\$(\w+)", statement.sql)) - declared):
        raise _fail(statement, f"parameter ${unknown[0]} is not declared under policy")
    tree = sqlglot.parse_one(statement.sql, read="duckdb")
    assert isinstance(tree, exp.Query)
    columns = tree.named_selects
    if tuple(columns[: len(FIXED)]) != FIXED:
        raise _fail(statement, f"the first columns must be {', '.join(FIXED)}")
    values = set(columns) - set(FIXED) - {"severity", "person"}
    items = [key for key in statement.header if key == "item" or key.startswith("item_")]
    for key, known in (("summary", values | set(AROUND)), ("identity", set(columns)), *((k, values) for k in items)):
        named = set(_words(statement.header[key])) if key == "identity" else _fields(statement.header[key])
        if unknown := sorted(named - known):
            raise _fail(statement, f"{key} names '{unknown[0]}', which is no column of the SELECT")


def parse_rule(path: Path, policy_names: set[str]) -> Rule:
    """One rule file. DialectError when its header or its SELECT is not as the module says."""
    statement = read_statement(path)
    header = statement.header
    if missing := [k for k in _REQUIRED if not header.get(k)]:
        raise _fail(statement, f"the header lacks '{missing[0]}'")
    items = {k.removeprefix("item_"): v for k, v in header.items() if k.startswith("item_")}
    if unknown := [k for k in header if k not in _KEYS and k.removeprefix("item_") not in DATASETS]:
        raise _fail(statement, f"unknown header line '{unknown[0]}'")
    if header["id"] != path.stem or header["category"] != path.parent.name:
        raise _fail(statement, "id and category must be the file's name and folder")
    if header["category"] not in CATEGORIES or header["severity"] not in SEVERITIES:
        raise _fail(statement, f"category is one of {CATEGORIES}, severity one of {SEVERITIES}")
    needs, partly = _words(header.get("needs", "")), _words(header.get("partly", ""))
    schemes, policy = _words(header.get("schemes", "")), _words(header.get("policy", ""))
    identified = _words(header.get("identified", ""))
    for name in (*needs, *partly, *schemes, *identified, *items):
        if name not in DATASETS:
            raise _fail(statement, f"unknown dataset '{name}'")
    for name in policy:
        if name not in policy_names:
            raise _fail(statement, f"unknown policy figure '{name}'")
    shared = {s.name for s in shared_tables()} | tables_made_elsewhere()
    check(statement, shared | set(needs) | set(partly) | set(schemes))
    _check_columns(statement, policy)
    return Rule(
        **{k: header[k] for k in ("id", "title", "category", "severity", "basis", "summary", "item")},
        items=items,
        identity=_words(header["identity"]),
        schemes=schemes or (),
        needs=needs,
        partly=partly,
        identified=identified,
        policy=policy,
        sql=statement.sql,
    )


def load_rules(policy_names: set[str], folder: Path | None = None) -> list[Rule]:
    """Every rule under `folder` (default `sql/rules`), in the catalogue's order, then by id.

    The shared tables are checked as well, each against the tables made before it.
    """
    made = tables_made_elsewhere() | set(DATASETS)
    for statement in shared_tables():
        check(statement, made)
        made.add(statement.name)
    order = {rule: i for i, (rule, _, _) in enumerate(catalogue())}
    rules = [parse_rule(p, policy_names) for p in sorted((folder or SQL / "rules").glob("*/*.sql"))]
    return sorted(rules, key=lambda r: (order.get(r.id, len(order)), r.id))


def reads_rosters(rule: Rule) -> tuple[str, ...]:
    """The rosters a rule speaks about: those it names, else the four schemes."""
    return rule.schemes or SCHEMES
