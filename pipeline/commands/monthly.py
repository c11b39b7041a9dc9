"""`audit monthly`: the month's job, for a person or for cron: one run, both ledgers, one line for the job's log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pipeline.commands.run_options import run_settings

_PATH = click.Path(path_type=Path)


@click.command()
@click.option("--drop", required=True, help="Folder with the month's files; {month} in it stands for the month.")
@click.option("--month", metavar="YYYY-MM", help="The audit month (default: the one that today is in).")
@click.option("--out", type=_PATH, required=True, help="Where OUT/<month> is written.")
@run_settings
def monthly(drop: str, month: str | None, out: Path, **settings: Any) -> None:
    """Audit a month and write the bureau's ledgers of it into OUT/<month>/monthly.

    比对台账.xlsx tells what changed by town and department, what is overdue and what did not come in;
    脱贫停救家庭走访预警台账.xlsx who is to be visited, how pressing it is and by when, and the look-back list.

    The last line sums the job up, for its log. Exit codes: 0 done; 2 bad input, or another run is at work; 1 a fault of
    the program. After 1 and 2 everything is as it was, and the job can be started again.

    Example: audit monthly --drop "files/{month}" --month 2022-10 --out out
    """
    import datetime

    from pipeline.commands.terminal import shown
    from pipeline.months import parse_month
    from pipeline.run import run_audit

    month = parse_month(month or datetime.date.today().strftime("%Y-%m"))
    with shown() as progress:
        done = run_audit(Path(drop.replace("{month}", month)), month, out, ledgers=True, progress=progress, **settings)
    assert done.ledgers is not None
    for line in (*done.told, *done.repeated, *done.ledgers.silent, *(f"doubtful data: {d}" for d in done.doubtful)):
        click.echo(line)
    states = " ".join(f"{status}={n}" for status, n in done.by_status.items())
    click.echo(
        f"audit monthly {month} done findings={done.findings} {states} overdue={done.ledgers.overdue} "
        f"visits_overdue={done.ledgers.visits_overdue} missing={len(done.ledgers.silent)} not_run={done.not_run} "
        f"seconds={done.seconds:.0f}"
    )
