"""`audit collect`: filled visit ledgers and the towns' replies, taken back. Heavy imports stay in the command."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("files", type=_PATH, nargs=-1, required=True)
@click.option("--ledger", type=_PATH, required=True, help="The bureau's ledger (OUT/ledger.duckdb of a run).")
@click.option("--plan", "plan_file", type=_PATH, help="plan-….json: needed for visit ledgers.")
@click.option(
    "--draw", "certificates", type=_PATH, multiple=True, help="A certificate the plan was made for; one each."
)
@click.option(
    "--run", "run_folder", type=_PATH,
    help="The audit whose sheets were filled, OUT/<month>: needed for pairs, and keeps what replies rest on.",
)  # fmt: skip
@click.option(
    "--passwords", "passwords_file", type=_PATH, help="The TOML file of the workbooks' passwords, if they have any."
)
@click.option("--as-of", type=click.DateTime(formats=["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Default: today.")
@click.option("--out", type=_PATH, required=True, help="Folder for what goes back and the summary.")
def collect(
    files: tuple[Path, ...], ledger: Path, plan_file: Path | None, certificates: tuple[Path, ...],
    run_folder: Path | None, passwords_file: Path | None, as_of: dt.datetime | None, out: Path,
) -> None:  # fmt: skip
    """Take back filled visit ledgers (入户核查台账) and towns' workbooks with their replies.

    Every cell is checked; good rows are kept in the ledger, bad ones go back in 退回-….xlsx with the cell marked and
    the reason. The same file twice adds nothing; a changed answer keeps the earlier one. Exit code 0 also when rows
    went back.

    Example: audit collect 台账/*.xlsx out/2022-10/towns/*.xlsx --ledger out/ledger.duckdb --run out/2022-10
    --plan out/field/plan-2022-10-1a2b3c4d.json --draw out/draw/draw-2022-10-round1.json --out out/field
    """
    from pipeline.fieldwork.answers.collect import collect as take
    from pipeline.fieldwork.answers.collect import read_visit_side

    today = as_of.date() if as_of else dt.date.today()
    side = read_visit_side(plan_file, certificates)
    if passwords_file is not None:
        from pipeline.passwords import read_passwords, without_password

        passwords = read_passwords(passwords_file)
        files = tuple(without_password(path, passwords) if path.is_file() else path for path in files)
    done = take(files, ledger, out, side=side, run_folder=run_folder, today=today)
    if side:
        v = done.visits
        click.echo(
            f"visits: {done.visit_rows} rows taken; kept: {v.new} new, {v.changed} changed, {v.known} known already"
        )
        click.echo(f"not filled in: {done.unfilled} rows of visit ledgers")
    if done.reply_rows or done.unanswered:
        click.echo(
            f"replies: {done.reply_rows} rows taken, {done.rulings} rulings added, {done.unanswered} rows not answered"
        )
    if done.unsigned_replies:
        click.echo(f"replies without a name beside them: {done.unsigned_replies}")
    if done.sent_back:
        click.echo(f"sent back: {done.sent_back} rows")
    for r in done.refused:
        click.echo(f"not taken: {r.file}{f', sheet {r.sheet}' if r.sheet else ''}: {r.why}")
    if side:
        results = done.results
        missing = [r for r in results if not r.visited]
        overdue = sum(r.overdue(today) > 0 for r in missing)
        photos = sum(r.visited and "photos" not in r.answers for r in results)
        proxies, unsigned = sum(r.proxy for r in results), sum(r.unsigned for r in results)
        click.echo(f"missing: {len(missing)} of {len(results)} planned visits, {overdue} of them overdue on {today}")
        click.echo(f"signatures: {proxies} by proxy, {unsigned} unsigned; without photos: {photos}")
        if side.plan.unplanned:
            click.echo(f"not examined: {len(side.plan.unplanned)} units that were drawn and are not in the plan")
    click.echo("files: " + (", ".join(str(f) for f in done.files) or "none"))
