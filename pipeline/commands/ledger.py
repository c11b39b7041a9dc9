"""`audit ledger …`: what the ledger holds, a finding's story, its tables as files, whether all is as it was kept."""

from __future__ import annotations

from pathlib import Path

import click

_PATH = click.Path(path_type=Path)
_LEDGER = click.option("--ledger", "path", type=_PATH, required=True, help="The bureau's ledger: OUT/ledger.duckdb.")


@click.group()
def ledger() -> None:
    """Look into the ledger: every run, every finding's life, what people ruled."""


@ledger.command("show")
@_LEDGER
def show_ledger(path: Path) -> None:
    """List every run with its findings by state, the months without a run, and the rulings.

    Example: audit ledger show --ledger out/ledger.duckdb
    """
    from pipeline.ledger.show import show

    for line in show(path):
        click.echo(line)


@ledger.command("history")
@click.argument("number", metavar="ID")
@_LEDGER
def tell_history(number: str, path: Path) -> None:
    """Tell a finding's whole story: every month, why its state changed, every ruling.

    ID is the 疑点编号 of a town's sheet, or a fingerprint of findings.parquet, or how it begins.

    Example: audit ledger history 3F9A2C71B0 --ledger out/ledger.duckdb
    """
    from pipeline.ledger.history import history

    for line in history(path, number):
        click.echo(line)


@ledger.command("export")
@_LEDGER
@click.option("--out", type=_PATH, required=True, help="A folder that is not there yet.")
def export_ledger(path: Path, out: Path) -> None:
    """Write every table as Parquet, and a copy of the ledger that can be put back.

    Example: audit ledger export --ledger out/ledger.duckdb --out ledger-2022-10
    """
    from pipeline.ledger.export import export

    files = export(path, out)
    click.echo(f"{len(files)} files in {out}")


@ledger.command("access")
@_LEDGER
def show_access(path: Path) -> None:
    """List who ran, ruled, wrote papers, exported and purged, and when. `audit ledger verify` checks the record.

    Example: audit ledger access --ledger out/ledger.duckdb
    """
    from pipeline.ledger.access import listed
    from pipeline.ledger.reading import read

    with read(path) as con:
        for line in listed(con):
            click.echo(line)


@ledger.command("verify")
@_LEDGER
def verify_ledger(path: Path) -> None:
    """Hold the ledger against the folders of its runs, by hash; exit code 2 where anything differs.

    Example: audit ledger verify --ledger out/ledger.duckdb
    """
    from pipeline.errors import BadInput
    from pipeline.ledger.verify import verify

    wrong, told = verify(path)
    for line in (*wrong, *told):
        click.echo(line)
    if wrong:
        raise BadInput(f"{len(wrong)} things are not as they were kept", file=path.name, remedy="each is told above")
    click.echo("all is as it was kept")
