"""One rule file: its header and its SELECT, read and checked.

The header says: id (= file name), title (Chinese), category (= folder), severity, logic (Chinese: what is flagged and
what is not; `{section.name}` stands for a policy figure with its unit), basis, summary, item, identity (the columns
that make one piece of evidence the same from month to month), and where they apply schemes, needs (`a|b`: one of them
is enough), partly (datasets without which the rule says less), policy (the figures it reads), identified (datasets of
which a record without a usable ID number cannot be judged), monthly (datasets by month and scheme whose records of the
audit month it judges: a scheme that has none of them is not examined), money (the column with what is at stake),
`item_<dataset>` (other words for the evidence of one dataset), verify (Chinese, one line: how a town finds out whether
the lead holds), replaces (the built-in rule of its own id that a bureau's file puts by).
The SELECT's first columns are `FIXED`; `STEERING` ones are understood where present; all further columns are the
values that the evidence keeps and the sentence may quote.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pipeline.contract import DATASETS
from pipeline.engine.dialect import DialectError, check, parse
from pipeline.engine.statements import Statement, read_statement

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
# Columns that steer the finding instead of being quoted: its severity; whom a lead is about; a further record that ties
# the evidence to the finding's subject.
STEERING = ("severity", "person", "via_dataset", "via_record_id")
# What a sentence may quote besides the rule's own values.
AROUND = ("name", "month", "scheme_zh", "household_no", "town", "items")
# Bind parameters that are no policy figure.
_ALWAYS = ("month", "as_of", "last_year")
_REQUIRED = ("id", "title", "category", "severity", "logic", "basis", "identity", "summary", "item")
_KEYS = (*_REQUIRED, "schemes", "needs", "partly", "policy", "identified", "monthly", "money", "verify", "replaces")
_ID = re.compile(r"[a-z][a-z0-9_]*")
_FIGURE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Rule:
    """One rule, ready to run. `one_of`: of each group of datasets one is enough; `file`: where it was read."""

    id: str
    title: str
    category: str
    severity: str
    logic: str
    basis: str
    summary: str
    item: str
    items: dict[str, str]  # dataset → the words for its evidence, where they are not `item`
    identity: tuple[str, ...]
    schemes: tuple[str, ...]
    needs: tuple[str, ...]
    one_of: tuple[tuple[str, ...], ...]
    partly: tuple[str, ...]
    identified: tuple[str, ...]
    monthly: tuple[str, ...]
    policy: tuple[str, ...]
    sql: str
    file: Statement
    money: str | None = None  # the column that holds what is at stake in the whole finding, yuan
    verify: str = ""  # how a town finds out whether it holds
    replaces: bool = False
    own: bool = False  # a bureau's own, not one that comes with the program

    def runs_on(self, present: Collection[str]) -> bool:
        """Whether the datasets that it cannot do without are there."""
        return (
            all(d in present for d in self.needs)
            and all(any(d in present for d in group) for group in self.one_of)
            and (not self.schemes or any(s in present for s in self.schemes))
        )


def parse_rule(path: Path, policy_names: Collection[str], shared: Collection[str], *, own: bool = False) -> Rule:
    """One rule file; `shared`: the tables that any rule may read besides the datasets it declares.

    DialectError, with file and line, when its header or its SELECT is not as the module says.
    """
    try:
        statement = read_statement(path)
    except (OSError, UnicodeDecodeError) as e:
        raise DialectError(f"{path.parent.name}/{path.name}: cannot be read as UTF-8 text") from e
    header = statement.header
    _check_header(statement, own)
    needs = _words(header.get("needs", ""))
    groups = tuple(tuple(w.strip() for w in n.split("|")) for n in needs if "|" in n)
    needs = tuple(n for n in needs if "|" not in n)
    partly, schemes, identified, monthly = (
        _words(header.get(k, "")) for k in ("partly", "schemes", "identified", "monthly")
    )
    items = {k.removeprefix("item_"): v for k, v in header.items() if k.startswith("item_")}
    named = {
        "needs": (*needs, *(d for group in groups for d in group)),
        "partly": partly,
        "schemes": schemes,
        "identified": identified,
    }
    for key, names in named.items():
        for name in names:
            if name not in DATASETS:
                raise _fail(statement, f"unknown dataset '{name}'", key)
    for name in monthly:
        if name not in needs or not all(DATASETS[name].has(c) for c in ("month", "scheme")):
            raise _fail(statement, f"'{name}' is not needed, or not by month and scheme", "monthly")
    policy = _words(header.get("policy", ""))
    for name in policy:
        if name not in policy_names:
            raise _fail(statement, f"unknown policy figure '{name}'", "policy")
    for name in _FIGURE.findall(header["logic"]):
        if name not in policy:
            raise _fail(statement, f"logic names '{name}', which is not declared under policy", "logic")
    check(statement, {*shared, *named["needs"], *partly, *schemes})
    _check_columns(statement, policy)
    return Rule(
        **{k: header[k] for k in _REQUIRED if k != "identity"},
        items=items,
        identity=_words(header["identity"]),
        schemes=schemes,
        needs=needs,
        one_of=groups,
        partly=partly,
        identified=identified,
        monthly=monthly,
        policy=policy,
        sql=statement.sql,
        file=statement,
        money=header.get("money"),
        verify=header.get("verify", ""),
        replaces="replaces" in header,
        own=own,
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(w.strip() for w in text.split(",") if w.strip())


def _fail(statement: Statement, what: str, key: str = "") -> DialectError:
    """The error, at the line of header line `key`, else of the SELECT; of the file's first where there is none."""
    return DialectError(
        f"{statement.place(statement.lines.get(key, statement.body if key == 'select' else 1))}: {what}"
    )


def _check_header(statement: Statement, own: bool) -> None:
    header = statement.header
    if missing := [k for k in _REQUIRED if not header.get(k)]:
        raise _fail(statement, f"the header lacks '{missing[0]}'", missing[0])
    if unknown := [k for k in header if k not in _KEYS and k.removeprefix("item_") not in DATASETS]:
        raise _fail(statement, f"unknown header line '{unknown[0]}'", unknown[0])
    if not _ID.fullmatch(header["id"]):
        raise _fail(statement, "the id is made of a-z, 0-9 and _", "id")
    for key, is_so in (("id", statement.path.stem), ("category", statement.path.parent.name)):
        if header[key] != is_so:
            raise _fail(statement, "id and category must be the file's name and folder", key)
    for key, known in (("category", CATEGORIES), ("severity", SEVERITIES)):
        if header[key] not in known:
            raise _fail(statement, f"{key} is one of {', '.join(known)}", key)
    if "replaces" in header and (not own or header["replaces"] != header["id"]):
        raise _fail(statement, "only a bureau's own rule replaces, and only the built-in one of its own id", "replaces")


def _fields(template: str) -> set[str]:
    """The columns that a sentence quotes. ValueError where braces hold more: no format fits all that may be there."""
    parts = [(name, spec, turned) for _, name, spec, turned in string.Formatter().parse(template) if name is not None]
    if more := next((name for name, spec, turned in parts if spec or turned), None):
        raise ValueError(f"write {{{more}}} alone")
    return {name for name, *_ in parts}


def _check_columns(statement: Statement, policy: tuple[str, ...]) -> None:
    """Refuse parameters that are not declared, and sentences over columns that the SELECT does not give."""
    declared = {*_ALWAYS, *(name.replace(".", "_") for name in policy)}
    for number, line in enumerate(statement.sql.splitlines(), statement.body):
        if unknown := sorted(set(re.findall(r"\$(\w+)", line.partition("--")[0])) - declared):
            raise DialectError(f"{statement.place(number)}: parameter ${unknown[0]} is not declared under policy")
    columns = parse(statement).named_selects
    if tuple(columns[: len(FIXED)]) != FIXED:
        raise _fail(statement, f"the first columns must be {', '.join(FIXED)}", "select")
    header = statement.header
    values = set(columns) - set(FIXED) - set(STEERING)
    items = [key for key in header if key == "item" or key.startswith("item_")]
    for key, known in (
        ("summary", values | set(AROUND)),
        ("identity", set(columns)),
        ("money", values),
        *((k, values) for k in items),
    ):
        try:
            named = set(_words(header.get(key, ""))) if key in ("identity", "money") else _fields(header[key])
        except ValueError as e:
            raise _fail(statement, f"{key} is no sentence with columns in braces ({e})", key) from e
        if unknown := sorted(named - known):
            raise _fail(statement, f"{key} names '{unknown[0]}', which is no column of the SELECT", key)
