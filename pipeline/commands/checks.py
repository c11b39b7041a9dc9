"""`audit checks …`: what the validation suites ask, in words or as JSON. Imports what is heavy inside the command."""

from __future__ import annotations

import json
from pathlib import Path

import click

_PATH = click.Path(path_type=Path)


@click.group()
def checks() -> None:
    """List what is asked of system data and archives."""


@checks.command("list")
@click.option("--scheme", metavar="S", help="One scheme alone: dibao, tekun, borderline, expenditure or temporary.")
@click.option("--checks", "folder", type=_PATH, help="A folder with documents and expectations of one's own.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_checks(scheme: str | None, folder: Path | None, as_json: bool) -> None:
    """List every expectation: what it asks, rule id, severity, clause and whether it was verified, condition.

    Example: audit checks list --scheme temporary
    """
    from checks import read_own_checks
    from checks.reference import as_data, every_suite, listing
    from pipeline.contract import ROSTERS, scheme_zh
    from pipeline.errors import BadInput

    named = {scheme_zh(r): r for r in ROSTERS} | {r: r for r in ROSTERS}
    if scheme is not None and scheme not in named:
        raise BadInput(f"there is no scheme '{scheme}'", remedy=f"one of {', '.join(ROSTERS)}")
    own = read_own_checks(folder).specs if folder else {}
    suites = every_suite([named[scheme]] if scheme else ROSTERS, own)
    if as_json:
        click.echo(json.dumps([as_data(s, own) for s in suites], ensure_ascii=False, indent=1))
    else:
        click.echo(listing(suites, own))
