"""`audit run`: one month's audit, and what is said of it when it is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pipeline.commands.run_options import run_settings

_FOLDER = click.Path(path_type=Path)


@click.command()
@click.option("--drop", type=_FOLDER, required=True, help="Folder with one month's files.")
@click.option("--month", required=True, metavar="YYYY-MM", help="The audit month.")
@click.option("--out", type=_FOLDER, required=True, help="Where OUT/<month> is written.")
@run_settings
def run(drop: Path, month: str, out: Path, **settings: Any) -> None:
    """Audit one month's drop.

    Example: audit run --drop files/2022-10 --month 2022-10 --out out

    The same on Spark: audit run --drop files/2022-10 --month 2022-10 --out out --engine spark
    """
    from pipeline.commands.terminal import shown
    from pipeline.run import run_audit

    with shown() as progress:
        outcome = run_audit(drop, month, out, progress=progress, **settings)
    for line in outcome.told:
        click.echo(line)
    click.echo(
        f"{outcome.findings} findings in {outcome.towns} town workbooks, {outcome.seconds:.1f} s: {outcome.folder}"
    )
    click.echo(f"open {outcome.folder / 'index.html'}")
    for line in outcome.repeated:
        click.echo(line)
    for line in outcome.doubtful:
        click.echo(f"doubtful data: {line}")
    if not outcome.sealed:
        click.echo("no key is in use: the ledger and the month's tables lie unsealed (`audit key --help`)")
    if outcome.not_run:
        click.echo(f"{outcome.not_run} rules or checks were not run, or only in part: {outcome.folder / 'not_run.csv'}")
