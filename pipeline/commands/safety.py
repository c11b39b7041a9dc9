"""`audit purge` and `audit doctor`: what is kept no longer, and what lies in the clear."""

from __future__ import annotations

from pathlib import Path

import click

_PATH = click.Path(path_type=Path)


@click.command()
@click.option("--before", metavar="YYYY-MM", help="The first month to keep (default: what the policy keeps).")
@click.option("--out", type=_PATH, required=True, help="Where the runs are: OUT.")
@click.option("--ledger", type=_PATH, help="The bureau's ledger (default: OUT/ledger.duckdb).")
@click.option("--policy", "policy_file", type=_PATH, help="A TOML file whose figures take the place of the pack's.")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def purge(before: str | None, out: Path, ledger: Path | None, policy_file: Path | None, dry_run: bool) -> None:
    """Remove old months' sector data and workbooks; counts, findings' states, rulings and the access record stay.

    The policy says how long data are kept (limits.kept_months); a later month is refused.

    Example: audit purge --before 2021-01 --out out
    """
    import datetime

    from pipeline.ledger.purge import purge as remove
    from pipeline.months import months_before, parse_month
    from pipeline.policy import pack_for

    today = datetime.date.today().strftime("%Y-%m")
    first = months_before(today, int(pack_for(today, policy_file).figures["limits.kept_months"]))
    before = parse_month(before) if before else first
    gone = remove(ledger or out / "ledger.duckdb", out, before, keep_from=first, dry=dry_run)
    click.echo(
        f"{'would be removed' if dry_run else 'removed'}: of {gone.runs} runs before {before}, {gone.files} files of "
        f"{gone.bytes} bytes and {gone.rows} rows of the ledger"
    )


@click.command()
@click.option("--out", type=_PATH, help="Where the runs are: OUT.")
@click.option("--ledger", type=_PATH, help="The bureau's ledger (default: OUT/ledger.duckdb).")
@click.option("--cache", type=_PATH, help="The cache's folder, where it is not in OUT.")
def doctor(out: Path | None, ledger: Path | None, cache: Path | None) -> None:
    """Say what lies in the clear, who else could read it, what killed runs left, and whether all libraries are there.

    Example: audit doctor --out out
    """
    from pipeline.doctor import examine

    for line in examine(out, ledger or (out / "ledger.duckdb" if out else None), cache):
        click.echo(line)
