"""Rules as data: one file a rule under `sql/rules/<category>/`, and a bureau's own beside them, checked and ordered.

`rule_file` says what a file holds. A bureau's folder has the same shape, `<category>/<id>.sql`, maybe with a spec
`<category>/<id>.spec` beside each; it is checked whole before anything runs.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path

from pipeline.contract import DATASETS, SCHEMES
from pipeline.engine.dialect import DialectError, check
from pipeline.engine.statements import SQL, Statement, read_folder
from pipeline.errors import BadInput
from pipeline.findings.rule_file import CATEGORIES, FIXED, SEVERITIES, STEERING, Rule
from pipeline.findings.rule_file import parse_rule as _parse_rule

__all__ = [
    "CATEGORIES", "FIXED", "SEVERITIES", "STEERING", "Rule", "catalogue", "files_of", "load_rules", "own_rules",
    "parse_rule", "reads_rosters", "shared_tables", "tables_made_elsewhere", "with_own",
]  # fmt: skip


def shared_tables() -> list[Statement]:
    """The named tables that rules read, in the order they are made (`sql/findings/`)."""
    return read_folder("findings")


@cache
def catalogue() -> list[tuple[str, str, str]]:
    """(rule id, Chinese title, category) of every rule there ought to be, in the catalogue's order."""
    data = tomllib.loads((Path(__file__).parent / "catalogue.toml").read_text(encoding="utf-8"))
    return [(id, title, category) for category, rules in data.items() for id, title in rules.items()]


def tables_made_elsewhere() -> set[str]:
    """Tables that shared statements and rules may read besides the datasets."""
    return {
        "policy_list", "policy_figure", "word", "dataset_name", "links", "reached_record", "identity_pair", "names",
    }  # fmt: skip


def parse_rule(path: Path, policy_names: Collection[str]) -> Rule:
    """One rule file. DialectError when its header or its SELECT is not as `rule_file` says."""
    return _parse_rule(path, policy_names, {s.name for s in shared_tables()} | tables_made_elsewhere())


def load_rules(policy_names: Collection[str], folder: Path | None = None) -> list[Rule]:
    """Every rule under `folder` (default `sql/rules`), in the catalogue's order, then by id.

    The shared tables are checked as well, each against the tables made before it.
    """
    made = tables_made_elsewhere() | set(DATASETS)
    for statement in shared_tables():
        check(statement, made)
        made.add(statement.name)
    shared = made - set(DATASETS)
    files = sorted((folder or SQL / "rules").glob("*/*.sql"))
    return _ordered(_parse_rule(p, policy_names, shared) for p in files)


def own_rules(folder: Path, policy_names: Collection[str]) -> list[Rule]:
    """A bureau's rules, each checked like the program's own.

    BadInput, naming file and line, for a folder that cannot be read, a file that is not well formed, a file where none
    is looked for, or two rules of one id.
    """
    if not folder.is_dir():
        raise BadInput(
            "the rules are not a folder", file=folder.name, remedy="give the folder with <category>/<id>.sql"
        )
    shared = {s.name for s in shared_tables()} | tables_made_elsewhere()
    files = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in (".sql", ".spec") and p.is_file()]
    for path in files:
        if path.parent.parent != folder or path.parent.name not in CATEGORIES:
            raise BadInput(
                "a rule file lies where none is looked for",
                file=path.relative_to(folder).as_posix(),
                remedy=f"put it into a folder {', '.join(CATEGORIES)}",
            )
        if path.suffix == ".spec" and path.with_suffix(".sql") not in files:
            raise BadInput("a spec without its rule", file=f"{path.parent.name}/{path.name}", remedy="add the rule")
    found = [p for p in files if p.suffix != ".spec"]
    if not found:
        raise BadInput("the folder has no rule", file=folder.name, remedy="put a rule into <category>/<id>.sql")
    rules: dict[str, Rule] = {}
    for path in found:
        try:
            rule = _parse_rule(path, policy_names, shared, own=True)
        except DialectError as e:
            raise BadInput(str(e), remedy="correct the rule file; docs/rules.md says how one is written") from e
        if rule.id in rules:
            raise BadInput(
                f"two rules have the id '{rule.id}'", file=rule.file.place(), remedy="give one of them another id"
            )
        rules[rule.id] = rule
    return list(rules.values())


def with_own(rules: list[Rule], own: list[Rule], checks: Iterable[str] = ()) -> list[Rule]:
    """The rules with a bureau's beside them. An id that is there already is refused, unless the file says `replaces`.

    `checks`: ids that checks of the rosters and archives bear.
    """
    builtin, checked = {r.id for r in rules}, set(checks)
    for rule in own:
        if rule.id in checked or (rule.id in builtin and not rule.replaces):
            by = "a check" if rule.id in checked else "a built-in rule"
            remedy = "give it another id" + ("" if rule.id in checked else f", or write '-- replaces: {rule.id}'")
            raise BadInput(f"{rule.file.place(1)}: the id '{rule.id}' is taken by {by}", remedy=remedy)
        if rule.replaces and rule.id not in builtin:
            place = rule.file.place(rule.file.lines["replaces"])
            raise BadInput(f"{place}: there is no built-in rule '{rule.id}'", remedy="take the line out")
    replaced = {r.id for r in own if r.replaces}
    return _ordered([*(r for r in rules if r.id not in replaced), *own])


def files_of(rules: Iterable[Rule]) -> list[dict[str, str | bool]]:
    """A bureau's rule files and specs with their hashes, for the run's record."""
    out: list[dict[str, str | bool]] = []
    for rule in (r for r in rules if r.own):
        for path in (rule.file.path, rule.file.path.with_suffix(".spec")):
            if path.is_file():
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                name = f"{path.parent.name}/{path.name}"
                out.append({"file": name, "sha256": digest, "rule": rule.id, "replaces": rule.replaces})
    return out


def reads_rosters(rule: Rule) -> tuple[str, ...]:
    """The rosters a rule speaks about: those it names, else the four schemes."""
    return rule.schemes or SCHEMES


def _ordered(rules: Iterable[Rule]) -> list[Rule]:
    order = {rule: i for i, (rule, _, _) in enumerate(catalogue())}
    return sorted(rules, key=lambda r: (order.get(r.id, len(order)), r.id))
