"""`audit key …`: the key with which ledger and tables are sealed between runs."""

from __future__ import annotations

from pathlib import Path

import click

_PATH = click.Path(path_type=Path)


@click.group()
def key() -> None:
    """Make, change and use the key that seals the ledger and the tables of every run.

    A key is in use where AUDIT_KEY_FILE names its file, AUDIT_KEY holds its text, or `audit --ask-key` asks for it.
    Without one everything lies unsealed, and every output says so.
    """


@key.command("new")
@click.option("--out", type=_PATH, required=True, help="The key's file, which must not be there yet.")
def new_key(out: Path) -> None:
    """Write a new key. Keep it off this machine's backups, and a copy in a safe: what it sealed is lost without it.

    Example: audit key new --out ~/audit.key
    """
    from pipeline import vault

    vault.write_new_key(out)
    click.echo(f"wrote {out}; take it into use: export {vault.KEY_FILE}={out}")


@key.command("rotate")
@click.option("--out", type=_PATH, required=True, help="Where the runs are: OUT.")
@click.option("--ledger", type=_PATH, help="The bureau's ledger, where it is not in OUT.")
@click.option("--cache", type=_PATH, help="The cache's folder, where it is not in OUT.")
def rotate_key(out: Path, ledger: Path | None, cache: Path | None) -> None:
    """Seal everything again for a new key: the first line of the key's file, with the old key below it.

    Stopped in between, it goes on when it is started again. Then the old key can be taken out of the file.

    Example: audit key rotate --out out
    """
    from pipeline.ledger.journal import waited_for
    from pipeline.ledger.store import opened
    from pipeline.vault.rotate import rotate

    places = [place for place in (out, ledger, cache) if place is not None]
    for path in waited_for(*places):  # rulings that wait are sealed too, each for itself: into the ledger with them
        with opened(path):
            pass
    todo, done = rotate(*places)
    click.echo(f"{todo} files sealed again, {done} were already")


@key.command("open")
@click.argument("files", type=_PATH, nargs=-1, required=True)
@click.option("--to", "folder", type=_PATH, required=True, help="A folder: the clear copies are written there.")
def open_files(files: tuple[Path, ...], folder: Path) -> None:
    """Write clear copies of sealed files, for a program that cannot open them. They stay until somebody removes them.

    Example: audit key open out/2022-10/findings.parquet.age --to /dev/shm/mine
    """
    from pipeline import vault
    from pipeline.errors import BadInput
    from pipeline.private import private

    for path in files:
        clear = path.with_name(path.name.removesuffix(vault.SUFFIX))
        if not vault.sealed_name(clear).is_file():
            raise BadInput("there is no such sealed file", file=path.name, remedy="name a file that ends in .age")
        target = folder / clear.name
        if target.exists():
            raise BadInput("it is there already", file=target.name, remedy="name another folder")
        with private():
            folder.mkdir(parents=True, exist_ok=True)
            target.write_bytes(vault.opened(vault.sealed_name(clear), vault.needed(clear)))
        click.echo(f"{target} lies in the clear")
