"""`audit policy …` and `audit rules …`: the figures of the law and the rules, in words or as JSON.

Like `cli`, of which they are a part, they import what is heavy inside the commands.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.errors import BadInput

if TYPE_CHECKING:
    from pipeline.findings import Rule
    from pipeline.policy import Policy

_PATH = click.Path(path_type=Path)
_MONTH = click.option("--month", metavar="YYYY-MM", help="Whose figures are shown (default: this month's).")
_POLICY = click.option("--policy", "policy_file", type=_PATH, help="A TOML file whose figures take the pack's place.")
_RULES = click.option("--rules", "folder", type=_PATH, help="A folder with rules of one's own.")
_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.group()
def policy() -> None:
    """Show the figures of the law."""


@policy.command("show")
@click.option("--month", required=True, metavar="YYYY-MM", help="The audit month, which chooses the pack.")
@_POLICY
@_JSON
def show_policy(month: str, policy_file: Path | None, as_json: bool) -> None:
    """Show the pack of a month in words: every figure with unit, clause, source and whether it was verified.

    Example: audit policy show --month 2022-10 --policy ours.toml
    """
    from pipeline.policy.words import as_data, as_text

    found = _policy(month, policy_file)
    click.echo(_json({"month": month} | as_data(found)) if as_json else as_text(found))


@click.group()
def rules() -> None:
    """List, show and test rules."""


@rules.command("list")
@_MONTH
@_POLICY
@_RULES
@_JSON
def list_rules(month: str | None, policy_file: Path | None, folder: Path | None, as_json: bool) -> None:
    """List every rule: id, title, severity, what it needs, clause.

    Example: audit rules list --month 2022-10
    """
    from pipeline.findings.reference import as_data, listing

    found, every = _rules(month, policy_file, folder)
    click.echo(_json([as_data(r, found) for r in every]) if as_json else listing(every))


@rules.command("show")
@click.argument("rule_id", metavar="ID")
@_MONTH
@_POLICY
@_RULES
@_JSON
def show_rule(rule_id: str, month: str | None, policy_file: Path | None, folder: Path | None, as_json: bool) -> None:
    """Show one rule in words: what it flags and what not, clause, needs, and the policy figures with their values.

    Example: audit rules show homes_over_limit --month 2022-10
    """
    import difflib

    from pipeline.findings.reference import as_data, show

    found, every = _rules(month, policy_file, folder)
    rule = next((r for r in every if r.id == rule_id), None)
    if rule is None:
        near = difflib.get_close_matches(rule_id, [r.id for r in every], n=3)
        hint = f"nearest: {', '.join(near)}" if near else "`audit rules list` names them"
        raise BadInput(f"there is no rule '{rule_id}'", remedy=hint)
    click.echo(_json(as_data(rule, found)) if as_json else show(rule, found))


@rules.command("test")
@click.option("--rules", "folder", type=_PATH, required=True, help="A folder with rules and their specs.")
@_MONTH
@_POLICY
def try_rules(folder: Path, month: str | None, policy_file: Path | None) -> None:
    """Run the specs that stand beside a bureau's own rules: <category>/<id>.spec beside <category>/<id>.sql.

    Example: audit rules test --rules our-rules
    """
    from pipeline.findings.spec import try_specs

    told, ran = try_specs(folder, _policy(_this(month), policy_file))
    for text in told:
        click.echo(text)
    if told:
        raise BadInput(f"{len(told)} of the specs' claims do not hold", remedy="correct the rule or its spec")
    click.echo(f"{ran} scenarios, all as expected")


def _this(month: str | None) -> str:
    import datetime

    return month or f"{datetime.date.today():%Y-%m}"


def _policy(month: str, override: Path | None) -> Policy:
    from pipeline.months import parse_month
    from pipeline.policy import pack_for

    return pack_for(parse_month(month), override)


def _rules(month: str | None, override: Path | None, folder: Path | None) -> tuple[Policy, list[Rule]]:
    from pipeline.given import rules_for

    month = _this(month)
    found = _policy(month, override)
    return found, rules_for(month, found, folder)


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)
