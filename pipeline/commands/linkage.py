"""`audit link`, `audit explain`, `audit model …`: who is who, in any two tables, of one pair, and by which model."""

from __future__ import annotations

from pathlib import Path

import click

_FOLDER = click.Path(path_type=Path)


@click.command()
@click.option("--left", type=_FOLDER, required=True, help="A table: .csv, .tsv, .txt, .xlsx, .xls or .parquet.")
@click.option("--right", type=_FOLDER, help="The table to link it with (none: find duplicates within --left).")
@click.option("--spec", type=_FOLDER, required=True, help="What is compared and how: a TOML file.")
@click.option("--out", type=_FOLDER, required=True, help="The pairs: .csv, .parquet or .xlsx; a report stands beside.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads of the engine (default: all there are).")
def link(left: Path, right: Path | None, spec: Path, out: Path, threads: int | None) -> None:
    """Link any two tables, or find the duplicates within one.

    Example: audit link --left a.xlsx --right b.csv --spec docs/link_example.toml --out links.xlsx
    """
    from pipeline.commands.terminal import shown
    from pipeline.linkage.tables import link_tables

    with shown() as progress:
        o = link_tables(left, right, spec, out, threads=threads, progress=progress)
    click.echo(
        f"{o.links} links and {o.reviews} for review among {o.compared} pairs compared, {o.seconds:.1f} s: {out}"
    )
    if o.clusters is not None:
        click.echo(f"{o.clusters} groups of duplicates")
    for line in o.not_examined:
        click.echo(f"not examined: {line}")
    click.echo("files: " + ", ".join(str(f) for f in o.files))


@click.command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--drop", type=_FOLDER, required=True, help="Folder with one month's files.")
@click.option(
    "--out", type=_FOLDER, help="A page of both records and the picture (.html), or the picture (.svg, .png)."
)
@click.option("--model", type=_FOLDER, help="A linkage model (default: the one that comes with the program).")
@click.option("--masked", is_flag=True, help="In the page, hide part of ID numbers, phones and accounts.")
def explain(a: str, b: str, drop: Path, out: Path | None, model: Path | None, masked: bool) -> None:
    """Say why records A and B were taken for one person, or were not.

    A and B are record ids as in links.parquet: the path inside the drop, the sheet, the row.

    Example: audit explain "低保_长来.xlsx#名册#12" "死亡.csv#-#88" --drop files/2022-10 --out pair.html
    """
    from pipeline.commands.terminal import shown
    from pipeline.linkage.asked import explain_pair

    with shown() as progress:
        click.echo(explain_pair(drop, a, b, out=out, model_file=model, masked=masked, progress=progress))
    if out:
        click.echo(f"wrote {out}")


@click.group()
def model() -> None:
    """Train, show and compare linkage models."""


@model.command()
@click.option("--drop", type=_FOLDER, required=True, help="Folder with one month's files.")
@click.option("--out", type=_FOLDER, required=True, help="The model: a JSON file.")
@click.option("--name", "version", required=True, help="What the model is called, e.g. lechang-2022-10.")
def train(drop: Path, out: Path, version: str) -> None:
    """Learn a model from a drop; nobody has to say which pairs are true.

    Example: audit model train --drop files/2022-10 --name lechang-2022-10 --out model.json
    """
    from pipeline.commands.terminal import shown
    from pipeline.linkage.asked import train_model

    with shown() as progress:
        click.echo(train_model(drop, out, version, progress=progress))
    click.echo(f"wrote {out}")


@model.command()
@click.argument("file", type=_FOLDER, required=False)
def show(file: Path | None) -> None:
    """Show a model's levels and weights (without FILE: the one that comes with the program).

    Example: audit model show model.json
    """
    from pipeline.linkage.model import DEFAULT, read
    from pipeline.linkage.model_text import show as text

    click.echo(text(read(file or DEFAULT)))


@model.command()
@click.argument("a", type=_FOLDER)
@click.argument("b", type=_FOLDER)
def compare(a: Path, b: Path) -> None:
    """Compare two models level by level.

    Example: audit model compare old.json new.json
    """
    from pipeline.linkage.model import read
    from pipeline.linkage.model_text import compare as text

    click.echo(text(read(a), read(b)))
