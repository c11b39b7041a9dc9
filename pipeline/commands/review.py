"""`audit review`: the desk where people judge uncertain links, open findings and rejected rows."""

from __future__ import annotations

from pathlib import Path

import click

_PATH = click.Path(path_type=Path)
_LONGEST = 40


@click.command()
@click.option("--run", "run_folder", type=_PATH, required=True, help="A finished audit: OUT/<month>.")
@click.option("--reviewer", help="Who judges: the name that every ruling bears.")
@click.option("--ledger", "ledger_file", type=_PATH, help="The bureau's ledger (default: the one that keeps the run).")
@click.option("--blind", is_flag=True, help="Pairs in an order that says nothing of them, without the model's word.")
@click.option("--read-only", is_flag=True, help="Only look: no rulings, and no --reviewer.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port (default: any that is free).")
def review(
    run_folder: Path, reviewer: str | None, ledger_file: Path | None, blind: bool, read_only: bool, port: int
) -> None:
    """Judge uncertain links, open findings and rejected rows on a local web page.

    Open the address it prints in a browser on this machine; it works once. Every ruling is kept at once. Stop it with
    Ctrl-C, then run the month again: `audit run` takes the rulings in and says how often the model was right.

    Example: audit review --run out/2022-10 --reviewer 张三
    """
    from pipeline import vault
    from pipeline.errors import BadInput
    from pipeline.review.serve import serve
    from pipeline.review.source import ledger_of

    name = (reviewer or "").strip()
    if not name and not read_only:
        raise BadInput("there is no reviewer", remedy="give --reviewer NAME, or --read-only to look only")
    if len(name) > _LONGEST or not name.isprintable():
        raise BadInput("this is no name of a reviewer", remedy=f"give up to {_LONGEST} printable characters")
    ledger = ledger_file or ledger_of(run_folder)
    if not vault.there(ledger):
        raise BadInput("there is no such ledger", file=ledger.name, remedy="give the --ledger of the run")
    left = serve(
        run_folder, ledger, None if read_only else name, port=port, blind=blind,
        tell=lambda address: click.echo(f"open {address}\nthe address works once; Ctrl-C stops the desk"),
    )  # fmt: skip
    if left:
        click.echo(f"{left} rulings wait beside the ledger and are taken in when it is next opened")
